/**
 * Writing our own journal: header, signature, then disk, then the world. Positions and hashes are fixed when the edit happens, so
 * later edits never wait for an earlier signature; nothing leaves before it is on disk, so a crash cannot make us sign
 * two entries for one place (rule REP-3).
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { BoardId, Hash, PeerId } from '../kernel/ids.ts';
import type { Effect } from '../kernel/machine.ts';
import {
  entryToSign,
  hashEntry,
  NO_HASH,
  sealEntry,
  type Entry,
  type EntryKind,
  type UnsignedEntry,
} from './entry.ts';
import type { Journals } from './journals.ts';

type SignEffect = Extract<Effect<never, never>, { kind: 'sign' }>;

const TAG = 'replication/sign/';

export interface Draft {
  readonly kind: EntryKind;
  readonly payload: Bytes;
  readonly wallMs: number;
}

export class OwnJournal {
  readonly #board: BoardId;
  readonly #self: PeerId;
  readonly #journals: Journals;
  readonly session = 1;
  /** Composed and being signed, oldest first. */
  readonly #unsigned: UnsignedEntry[] = [];
  #tail: { seq: number; hash: Hash } | undefined;

  constructor(board: BoardId, self: PeerId, journals: Journals) {
    this.#board = board;
    this.#self = self;
    this.#journals = journals;
  }

  /** Place of the newest composed entry; 0 before the first. */
  get seq(): number {
    return Math.max(this.#tail?.seq ?? 0, this.#journals.seqOf(this.#self));
  }

  /** Entries composed and not signed yet: the document has what they changed, the journals do not have them. */
  get isSigning(): boolean {
    return this.#unsigned.length > 0;
  }

  compose(draft: Draft): { readonly entry: UnsignedEntry; readonly effect: SignEffect } {
    const held = this.#journals.seqOf(this.#self);
    const tail =
      this.#tail !== undefined && this.#tail.seq > held
        ? this.#tail
        : { seq: held, hash: held === 0 ? NO_HASH : this.#journals.headOf(this.#self) };
    const header = {
      author: this.#self,
      session: this.session,
      seq: tail.seq + 1,
      previous: tail.hash,
      heads: this.#journals.headsFor(this.#self),
      epoch: 0,
      wallMs: draft.wallMs,
      kind: draft.kind,
    };
    const hash = hashEntry(this.#board, header, draft.payload);
    const entry: UnsignedEntry = { ...header, payload: draft.payload, hash };
    this.#tail = { seq: entry.seq, hash };
    this.#unsigned.push(entry);
    return { entry, effect: { kind: 'sign', tag: `${TAG}${entry.seq}`, body: entryToSign(hash) } };
  }

  /** The entry that `signature` completes; undefined when the tag is not ours. */
  signed(tag: string, signature: Bytes): Entry | undefined {
    const next = this.#unsigned[0];
    if (next === undefined || tag !== `${TAG}${next.seq}`) return undefined;
    this.#unsigned.shift();
    return sealEntry(next, signature);
  }
}
