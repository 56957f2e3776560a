/** What replication needs from its surroundings; `node/` supplies it. */
import type { Bytes } from '../kernel/bytes.ts';
import type { BoardId, Hash, MemberId, PeerId } from '../kernel/ids.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import type { Result } from '../kernel/result.ts';
import type { Past } from './causal-past.ts';
import type { Entry, EntryKind } from './entry.ts';
import type { FrontierItem } from './journals.ts';

/** Why an entry has no effect, beyond what replication itself judges. */
export type AuthorityRefusal =
  | 'authorUnknown' // its member was not admitted in its causal past
  | 'authorEvicted' // its member was evicted there
  | 'authorRole' // its role does not allow this kind of entry
  | 'claimInvalid' // the certificate is for another peer
  | 'admissionInvalid' // the admission does not hold
  | 'decreeInvalid'; // an owner's entry that says nothing an owner may say

/** What an entry takes away from a member: the right to write some kinds of entries, or all. */
export interface Restriction {
  readonly member: MemberId;
  /** Whether the member may still write entries of this kind. */
  permits(kind: EntryKind): boolean;
  /**
   * The last entry that stays of each of the member's journals. One that is not named stays as far as the restricting entry's causal
   * past has it.
   */
  readonly cuts: readonly FrontierItem[];
}

/** What a checkpoint says about members. */
export interface SettledStandings {
  /** As {@link Authority.standings} gave it. */
  readonly standings: Bytes;
  /** Of each line what stands for its last entry, with the newest claim as payload. */
  readonly roots: readonly Entry[];
}

/** Whether a certificate holds. Filled by the committee (node/attesting.ts); a board without one is never compacted. */
export interface CheckpointVerifier {
  /**
   * The signatures that all have to hold for `certificate` to certify the checkpoint; undefined when it certifies nothing whatever they are, and `unknown`
   * when those who would have signed are not known here (yet), so that nobody can tell.
   */
  checksOf(
    checkpoint: CertifiedCheckpoint,
    certificate: Bytes,
  ): readonly SignatureCheck[] | 'unknown' | undefined;
}

export interface CertifiedCheckpoint {
  readonly board: BoardId;
  readonly epoch: number;
  readonly number: number;
  readonly hash: Hash;
}

/** Who may write what. Asked in causal order, so its answers may build on what it heard through `applied`. */
export interface Authority {
  /**
   * The answer must depend on the entry, on entries in its `past` and on `opening` alone: nodes hold different things at different
   * times. `opening`: the entry that opened its journal, which may be itself.
   */
  judge(entry: Entry, past: Past, opening: Entry): Result<undefined, AuthorityRefusal>;
  /** `entry` took effect. `past`: what lay behind it. */
  applied(entry: Entry, past: Past): void;
  /** Nothing took effect but what a checkpoint settled, if there is one: all else that has is told anew. */
  forget(settled?: SettledStandings): void;
  /** An authority of the same board to which nothing was told. */
  blank(): Authority;
  /** All that was told, in the one encoding that those entries lead to in that order. Undefined when it is too much for a checkpoint. */
  standings(): Bytes | undefined;
  /** Members whom entries admitted that a checkpoint replaced. */
  settled(): Iterable<MemberId>;
  /** Whom the board began with; whatever others may do goes back to its word. Undefined where there are no members. */
  founder(): MemberId | undefined;
  /** Whose journal `opening` opened. */
  ownerOf(opening: Entry): MemberId | undefined;
  /** Whom the entry admits, if it is an admission. */
  admits(entry: Entry): MemberId | undefined;
  /** What the entry takes from a member, if it does. */
  restrictionOf(entry: Entry): Restriction | undefined;
  /** Whether the journal was written on this device (by any tab of our member). */
  isOurs(author: PeerId): boolean;
  /** Whether what `neighbour` stores is stored on another device than ours. */
  isElsewhere(neighbour: PeerId): boolean;
}
