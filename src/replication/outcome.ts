/** What became of entries that were taken in. */
import type { PeerId } from '../kernel/ids.ts';
import type { Entry } from './entry.ts';
import type { ForkProof } from './forks.ts';
import type { AuthorityRefusal } from './ports.ts';
import type { DecodedUpdate, UpdateRefusal } from './update-rules.ts';

export type EntryRefusal =
  | AuthorityRefusal
  | UpdateRefusal
  | 'badSequence' // its previous entry is not the author's entry before it
  | 'badHeads' // it names a head twice, or not in their order
  | 'buildsOnRefused' // a predecessor was refused
  | 'missesCheckpoint' // does not build on all that a checkpoint replaced
  | 'updateCutShort' // the end of an update whose beginning lies before the checkpoint
  | 'buildsOnCut' // builds on what had no effect for anybody who held its causal past
  | 'sessionUnclaimed' // no claim opened its session
  | 'sessionSkipped' // a claim of a session that is not the author's first or next one
  | 'tooManyAuthors'
  | 'updateTooLarge'; // over all its parts

export interface Refused {
  readonly author: PeerId;
  readonly seq: number;
  readonly code: EntryRefusal;
}

/** What a batch of entries led to. */
export interface IntakeOutcome {
  /** Took effect, in this order. */
  readonly applied: readonly Entry[];
  readonly refused: readonly Refused[];
  /** Proofs that say something new. */
  readonly forks: readonly ForkProof[];
  /** Had effect, and have none any more. */
  readonly removed: readonly Entry[];
  /** Replaced by a checkpoint that is in place now: their effect is in it. */
  readonly settled: readonly Entry[];
  /** Number of the checkpoint that was put in place. */
  readonly installed: number | undefined;
  /** Could neither be applied nor kept waiting (bounds); to be fetched again. */
  readonly dropped: number;
}

/** The same while a batch is being taken in. */
export interface Progress {
  readonly applied: Entry[];
  readonly refused: Refused[];
  readonly forks: ForkProof[];
  readonly removed: Entry[];
  readonly settled: Entry[];
  installed: number | undefined;
  dropped: number;
}

/** What an entry that may take effect writes. */
export interface Judged {
  /** Its update, in this document's names; undefined when it writes nothing. Becomes part of the document when it is applied, so once. */
  readonly update: DecodedUpdate | undefined;
  /** How many elements it adds. */
  readonly elements: number;
}

export const NOTHING_WRITTEN: Judged = { update: undefined, elements: 0 };

/** How much an intake keeps that has no effect; each has a bound in limits.ts. */
export interface Footprint {
  readonly waiting: number;
  readonly waitingBytes: number;
  readonly refused: number;
  /** Statements of refused entries. */
  readonly statements: number;
  /** Proofs that authors forked. */
  readonly proofs: number;
}
