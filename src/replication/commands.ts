/** What replication is told and what it reports, and under which keys it keeps entries and proofs. */
import type { Bytes } from '../kernel/bytes.ts';
import type { BoardId, Hash, PeerId } from '../kernel/ids.ts';
import type { Effect, Write } from '../kernel/machine.ts';
import type { Manifest } from './checkpoint.ts';
import type { Entry } from './entry.ts';
import { encodeForkProof, type ForkProof } from './forks.ts';
import type { Journals } from './journals.ts';
import type { ReplicationMessage } from './messages.ts';
import type { Refused } from './outcome.ts';
import type { Draft } from './own-journal.ts';

export type ReplicationCommand =
  | { readonly type: 'start' }
  /** Entries from our own disk, in any order; their signatures were checked when they were first taken in. */
  | {
      readonly type: 'restore';
      readonly entries: readonly Entry[];
      readonly proofs: readonly ForkProof[];
    }
  /** Our own checkpoint's records, before any entries. */
  | { readonly type: 'restoreCheckpoint'; readonly records: readonly Bytes[] }
  /** The group certified a checkpoint; the certificate holds. */
  | { readonly type: 'certify'; readonly manifest: Manifest; readonly certificate: Bytes }
  /** Who may certify is known now of whom it was not: what could not be judged is asked for again. */
  | { readonly type: 'judgeAnew' }
  /** Delivery counts kept from earlier runs. */
  | {
      readonly type: 'restoreAcks';
      readonly acked: readonly { readonly author: PeerId; readonly seq: number }[];
    }
  /** Adds an entry of our own; `token` comes back in `appended` when it is durable. */
  | { readonly type: 'append'; readonly draft: Draft; readonly token: string }
  | { readonly type: 'neighbourUp'; readonly peer: PeerId; readonly served: boolean }
  | { readonly type: 'neighbourDown'; readonly peer: PeerId }
  /** An entry that arrived by broadcast. */
  | { readonly type: 'delivered'; readonly entry: Entry; readonly from: PeerId }
  /** A proof that arrived by broadcast; its signatures hold. */
  | { readonly type: 'proved'; readonly proof: ForkProof }
  /** Sends a held entry to a peer that is not a neighbour any more. */
  | { readonly type: 'show'; readonly peer: PeerId; readonly hash: Hash }
  /** The group decided where a journal ends: with this entry, or with none (place 0, zero bytes). See effect.ts. */
  | { readonly type: 'decideCut'; readonly author: PeerId; readonly seq: number; readonly head: Hash };

export type ReplicationEvent =
  | { readonly type: 'broadcast'; readonly entry: Entry }
  | { readonly type: 'appended'; readonly token: string; readonly seq: number }
  | { readonly type: 'applied'; readonly entries: readonly Entry[] }
  /** Entries that had effect have none any more: all that follows from entries was built anew. */
  | { readonly type: 'removed'; readonly entries: readonly Entry[] }
  /** Somebody forked: news here. `isToldOn`: others may not know it yet. */
  | { readonly type: 'fork'; readonly proof: ForkProof; readonly isToldOn: boolean }
  /** Entries were replaced by a checkpoint. */
  | { readonly type: 'compacted'; readonly number: number }
  /** Another checkpoint than ours was certified under the same number: more of the group lie than may. Ours stays. */
  | { readonly type: 'checkpointConflict'; readonly number: number }
  /** A neighbour lives and keeps to itself what it holds. */
  | { readonly type: 'keepsBack'; readonly peer: PeerId }
  | { readonly type: 'entryRefused'; readonly refused: Refused; readonly from: PeerId }
  | { readonly type: 'statusChanged' };

export type ReplicationEffect = Effect<ReplicationMessage, ReplicationEvent>;

const SEQ_DIGITS = 12;

/** Digits of an entry's hash in its key: enough to tell the branches of a fork apart. */
const HASH_DIGITS = 16;

/** Key of an entry in the journal store: sorts by author, then place. */
export function journalKey(
  board: BoardId,
  { author, seq, hash }: Pick<Entry, 'author' | 'seq' | 'hash'>,
): string {
  return `${board}/${author}/${String(seq).padStart(SEQ_DIGITS, '0')}/${hash.slice(0, HASH_DIGITS)}`;
}

/** Key of a proof in the journal store: after the author's entries. */
function proofKey({ board, author, seq }: ForkProof): string {
  return `${board}/${author}/fork/${String(seq).padStart(SEQ_DIGITS, '0')}`;
}

/** Collection of storage/schema.ts for entries and proofs. */
const JOURNAL_STORE = 'journal';

/** Writes an entry to disk. */
export function putEntry(board: BoardId, entry: Entry): Write {
  return { op: 'put', store: JOURNAL_STORE, key: journalKey(board, entry), value: entry.bytes };
}

/** Takes an entry off the disk. */
export function deleteEntry(board: BoardId, entry: Entry): Write {
  return { op: 'delete', store: JOURNAL_STORE, key: journalKey(board, entry) };
}

/** Writes a proof to disk. */
export function putProof(proof: ForkProof): Write {
  return { op: 'put', store: JOURNAL_STORE, key: proofKey(proof), value: encodeForkProof(proof) };
}

/** Number of a batch that nobody asked for; pulls count from 1. */
export const UNASKED = 0;

/** Sends one entry that nobody asked for, if it is held, behind the one that opened its journal, which says whose it is. */
export function showEntry(to: PeerId, hash: Hash, journals: Journals): readonly ReplicationEffect[] {
  const entry = journals.get(hash);
  // Of what a checkpoint replaced nothing is left to be shown.
  if (entry === undefined || entry.bytes.length === 0) return [];
  const entries = [journals.openingOf(entry), entry]
    .map(({ bytes }) => bytes)
    .filter(({ length }) => length > 0);
  const message = { kind: 'batch', entries, pull: UNASKED, remainingBytes: 0, more: false } as const;
  return [{ kind: 'send', to, message, lane: 'control' }];
}

export function emit(event: ReplicationEvent): ReplicationEffect {
  return { kind: 'emit', event };
}

export const changed = emit({ type: 'statusChanged' });

export function emitApplied(entries: readonly Entry[]): ReplicationEffect {
  return emit({ type: 'applied', entries });
}
