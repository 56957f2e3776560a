/** What the application needs of an open board's committee. A session's council desk fits it. */
import type { LieProof } from '../consensus/lies.ts';
import type { Operation } from '../governance/operations.ts';
import type { Decision } from '../governance/outcomes.ts';
import type { GovernanceState } from '../governance/state.ts';
import type { Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { CommitteeStatus, DecisionEvidence, NewBeginning } from '../node/council-view.ts';

/** A decision with its place in its batch, from 1. */
export interface PlacedDecision extends Decision {
  readonly place: number;
}

/** An operation that this tab asked for. */
export interface Submitted {
  /** Which of this tab's requests it is. */
  readonly number: number;
  /** Resolves with what came of it, whenever that is. */
  readonly decided: Promise<Decision>;
}

export interface CouncilPort {
  /** What was executed here, to look at only; undefined while the committee is not known. */
  readonly state: GovernanceState | undefined;
  status(): CommitteeStatus | undefined;
  /** Agreed time as far as it can be told now, ms since 1970; 0 while nothing is known of it. */
  readonly time: number;
  /** Whether the mesh reaches that tab now, our own included. */
  isReachable(seat: PeerId): boolean;
  /** Resolves once the request is signed and on this device's disk. Rejects with a CodedError. */
  submit(operation: Operation): Promise<Submitted>;
  /** Our own operations that are not decided yet, oldest first. */
  readonly waiting: readonly { readonly number: number; readonly operation: Operation }[];
  /** What was executed and is kept here, in order, from a place in the order on. */
  decisions(since?: number): readonly PlacedDecision[];
  /** The file that proves the request at this place of a batch. Rejects with a CodedError. */
  certificate(seq: number, place: number): Promise<string>;
  evidence(seq: number): DecisionEvidence | undefined;
  /** Committees that the board's maker began anew, the first first. */
  beginnings(): readonly NewBeginning[];
  /** Proofs of double votes that the group has not decided on. */
  lies(): readonly LieProof[];
  /** For how long no quorum has been reached, ms; undefined while one is. */
  lostForMs(): number | undefined;
  /** Begins the committee anew with the seats that are there; `sign` signs with the member key. Rejects with a CodedError. */
  beginAnew(sign: (toSign: Bytes) => Promise<Bytes>): Promise<void>;
}
