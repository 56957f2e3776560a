/** What the application is shown of the committee: values to look at. */
import type { MemberId, PeerId } from '../kernel/ids.ts';
import type { Genesis } from '../identity/genesis.ts';
import { certify } from '../consensus/certificates.ts';
import type { Chain } from '../consensus/chain.ts';
import { primaryOf } from '../consensus/committee.ts';
import type { LieProof } from '../consensus/lies.ts';
import { isOver, isPrimary, seatKey, type Parts } from '../consensus/parts.ts';
import { certificateFile } from '../governance/certificate-file.ts';
import type { Operation } from '../governance/operations.ts';
import type { GovernanceState } from '../governance/state.ts';
import type { Archived, CouncilDecision } from './council-archive.ts';
import type { Leader } from './council-mail.ts';

/** For the runtime, which speaks to the node only. */
export type { CouncilDecision, GovernanceState, LieProof, Operation };

/** Why a tab's key has no say in the group: what it signed is gone, so it must not sign again, or it voted twice. */
export type Muted = 'keyLost' | 'convicted';

export interface CommitteeStatus {
  readonly epoch: number;
  readonly view: number;
  /** Seats. */
  readonly n: number;
  /** Seats that may lie or be gone. */
  readonly f: number;
  readonly quorum: number;
  /** The tab that leads. */
  readonly primary: PeerId;
  /** Whether this tab has a seat. */
  readonly seated: boolean;
  readonly lastExecuted: number;
  readonly stableCheckpoint: number;
  /** Whether a quorum of the seats is reachable now. */
  readonly hasQuorum: boolean;
  /** How often the board's maker began the committee anew. */
  readonly resets: number;
  /** Why this tab's key has no say; null when it may have one. */
  readonly muted: Muted | null;
}

/** A committee that the board's maker began anew, for ever in the chain. */
export interface NewBeginning {
  readonly epoch: number;
  /** The last place in the order before it. */
  readonly seq: number;
  readonly owner: MemberId;
  /** Seats of the committee before, and of this one. */
  readonly before: number;
  readonly seats: number;
}

/** To whom a request of ours goes. */
export function leaderOf(parts: Parts): Leader {
  const { committee, reach, views } = parts;
  const primary = seatKey(committee, primaryOf(committee, views.view));
  const isReached = primary !== undefined && (isPrimary(parts) || reach.has(primary));
  return { primary, leads: isReached && reach.hasQuorum && views.isActive && !isOver(parts) };
}

export function beginningsOf(chain: Chain): readonly NewBeginning[] {
  if (chain.tip.committee.resets === 0) return [];
  return chain.links(0, chain.tip.committee.epoch + 1).flatMap(({ committee, proof }): NewBeginning[] => {
    if (proof.kind !== 'reset') return [];
    const { epoch, seats, start } = committee;
    const before = chain.at(epoch - 1)?.committee.keys.length ?? 0;
    return [{ epoch, seq: start, owner: proof.owner, before, seats: seats.length }];
  });
}

/** Keys of the seats whose statements are held here; a tab that only got the certificate holds no prepares. */
export interface DecisionEvidence {
  readonly seq: number;
  readonly epoch: number;
  readonly view: number;
  readonly n: number;
  readonly f: number;
  readonly quorum: number;
  readonly primary: PeerId;
  readonly prepared: readonly PeerId[];
  readonly committed: readonly PeerId[];
}

export function statusOf(parts: Parts, muted: Muted | undefined): CommitteeStatus {
  const { checkpoints, committee, execution, reach, seat, views } = parts;
  return {
    epoch: committee.epoch,
    view: views.view,
    n: committee.keys.length,
    f: committee.faults,
    quorum: committee.quorum,
    primary: keyOf(committee.keys, primaryOf(committee, views.view)),
    seated: seat !== undefined,
    lastExecuted: execution.executed,
    stableCheckpoint: checkpoints.stable.seq,
    hasQuorum: reach.hasQuorum,
    resets: committee.resets,
    muted: muted ?? null,
  };
}

/** The file that proves the request at `place`, from 1, of a decision; undefined when its committee is not known, or there is no such request. */
export function certificateOf(
  genesis: Genesis,
  chain: Chain,
  archived: Archived,
  place: number,
): string | undefined {
  const { batch, certificate, epoch } = archived;
  const committee = chain.at(epoch)?.committee;
  const proof = committee && certify(committee, certificate, batch, place - 1);
  return proof && certificateFile(genesis, chain.links(0, epoch + 1), proof);
}

/** Who stands behind a decision; undefined when its committee is not known. */
export function evidenceOf(
  chain: Chain,
  { certificate, epoch, prepared }: Archived,
): DecisionEvidence | undefined {
  const committee = chain.at(epoch)?.committee;
  if (committee === undefined) return undefined;
  const { seq, signatures, view } = certificate;
  return {
    seq,
    epoch,
    view,
    n: committee.keys.length,
    f: committee.faults,
    quorum: committee.quorum,
    primary: keyOf(committee.keys, primaryOf(committee, view)),
    prepared,
    committed: signatures.flatMap(({ seat }) => seatKey(committee, seat) ?? []),
  };
}

function keyOf(keys: readonly PeerId[], seat: number): PeerId {
  return keys[seat] ?? ('' as PeerId);
}

/** Seats whose statements of a place are held, by key. */
export function preparedBy(
  { committee, log }: Parts,
  { seq, view }: { readonly seq: number; readonly view: number },
): readonly PeerId[] {
  const seats = [...log.votesOf('prePrepare', view, seq), ...log.votesOf('prepare', view, seq)];
  return seats.flatMap(({ seat }) => seatKey(committee, seat) ?? []).sort();
}
