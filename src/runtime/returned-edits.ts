/**
 * Edits of this device's person that were not taken over: kept on disk with reason and text, board by board, until they are done again or
 * dismissed. Rules of docs/spec/returned.md. Their content is JSON that app/ checks when it is read.
 */
import { toHex } from '../kernel/bytes.ts';
import { decodeWith, encodeWith, optional, record, text, whole } from '../kernel/codec.ts';
import { isIdText, type BoardId, type Hash } from '../kernel/ids.ts';
import type { StoreFailure, Write } from '../kernel/machine.ts';
import type { StorePort } from '../kernel/ports.ts';
import type { WrittenEdit } from '../node/events.ts';
import { randomBytes } from './crypto.ts';

/** Returned edits kept of one board; the oldest make room. Guess: more than anybody looks through. */
export const MAX_RETURNED = 200;
/** Longest of them, bytes of JSON. Origin: the longest notes of a card (src/board/limits.ts) in bytes of three, with its comments. */
export const MAX_RETURNED_BYTES = 512 * 1024;
/** All of one board together, bytes; the oldest make room (guess: what a small device can spare). */
export const MAX_RETURNED_TOTAL_BYTES = 4 * 1024 * 1024;
const MAX_CODE_BYTES = 64;
const META_STORE = 'meta';
const KEY_BYTES = 8;

/** One of them as kept. */
export interface ReturnedEdit {
  readonly id: string;
  /** Why it was not taken over; a code of docs/errors.md. */
  readonly code: string;
  /** When it was made, milliseconds since 1970 by this device's clock. */
  readonly at: number;
  /** The entry that wrote it, in hex, if it was written; should that get its effect back, nothing has to come back. */
  readonly entry: string | undefined;
  /** A WrittenEdit as JSON. */
  readonly edit: string;
}

const returnedCodec = record<Omit<ReturnedEdit, 'id'>>({
  code: text(MAX_CODE_BYTES),
  at: whole(),
  entry: optional(text(MAX_CODE_BYTES)),
  edit: text(MAX_RETURNED_BYTES),
});

/** What is kept in place of an edit that was dismissed: of as many as edits are kept. */
const DISMISSED = '';
const TOMBSTONE = encodeWith(returnedCodec, { code: '', at: 0, entry: undefined, edit: DISMISSED });

/** Prefix of a board's keys in the collection `meta`. */
export function returnedPrefix(boardId: string): string {
  return `returned/${boardId}/`;
}

/** What is to be kept. */
export interface EditToKeep {
  readonly code: string;
  readonly at: number;
  readonly edit: WrittenEdit;
  readonly entry?: Hash;
}

export interface ReturnedEvents {
  /** The list is another one; `isOurs`: because of this tab, not of another one of the profile. */
  changed(isOurs: boolean): void;
  /** The disk does not take it: it is kept as long as this tab lives. */
  failed(code: StoreFailure): void;
}

export class ReturnedEdits {
  readonly #store: StorePort;
  readonly #boardId: BoardId;
  readonly #events: ReturnedEvents;
  #list: readonly ReturnedEdit[] = [];
  /** Losses that were dismissed: told again (a restart, another tab), they stay dismissed. */
  #dismissed: readonly string[] = [];

  constructor(store: StorePort, boardId: BoardId, events: ReturnedEvents) {
    this.#store = store;
    this.#boardId = boardId;
    this.#events = events;
  }

  /** Oldest first; the same array until something changed. */
  all(): readonly ReturnedEdit[] {
    return this.#list;
  }

  /** Reads what the disk has; what cannot be read is left out. Another tab of this profile may have added or dismissed some. */
  async load(): Promise<void> {
    const found: ReturnedEdit[] = [];
    const dismissed: string[] = [];
    const prefix = returnedPrefix(this.#boardId);
    const scanned = await this.#store.scan(META_STORE, prefix, (batch) => {
      for (const [key, bytes] of batch) {
        const read = decodeWith(returnedCodec, bytes);
        const id = key.slice(prefix.length);
        if (!read.ok) continue;
        if (read.value.edit === DISMISSED) dismissed.push(id);
        else found.push({ id, ...read.value });
      }
    });
    if (!scanned.ok) return;
    this.#dismissed = dismissed;
    this.#become(
      found.sort((a, b) => a.at - b.at),
      false,
    );
  }

  /** Keeps edits: on disk before anything that is written after this call. One that is too long to keep is not. How many are kept. */
  add(edits: readonly EditToKeep[]): number {
    const writes: Write[] = [];
    const added: ReturnedEdit[] = [];
    for (const [index, { code, at, edit, entry }] of edits.entries()) {
      const kept = { code, at, entry, edit: JSON.stringify(edit) };
      if (bytesOf(kept.edit) > MAX_RETURNED_BYTES) continue;
      const ofSame = edits.slice(0, index).filter((each) => each.entry === entry).length;
      const id = idOf(entry, ofSame);
      if (this.#dismissed.includes(id)) continue;
      added.push({ id, ...kept });
      writes.push({
        op: 'put',
        store: META_STORE,
        key: this.#key(id),
        value: encodeWith(returnedCodec, kept),
      });
    }
    if (added.length === 0) return 0;
    const ids = new Set(added.map(({ id }) => id));
    const all = [...this.#list.filter(({ id }) => !ids.has(id)), ...added];
    const first = firstToKeep(all);
    for (const { id } of all.slice(0, first))
      writes.push({ op: 'delete', store: META_STORE, key: this.#key(id) });
    void this.#write(writes);
    this.#become(all.slice(first), true);
    return added.length;
  }

  /** Another edit in place of one that is kept: what is left of it to be done. */
  replace(id: string, { code, at, edit }: EditToKeep): void {
    void this.remove([id]);
    this.add([{ code, at, edit }]);
  }

  /** Forgets edits for good, by id; unknown ones are no mistake. Resolves when the disk has forgotten them, too. */
  remove(ids: readonly string[]): Promise<void> {
    return this.#forget(
      this.#list.filter(({ id }) => ids.includes(id)),
      true,
    );
  }

  #forget(gone: readonly ReturnedEdit[], isForGood: boolean): Promise<void> {
    if (gone.length === 0) return Promise.resolve();
    const losses = gone.filter(({ entry }) => isForGood && entry !== undefined).map(({ id }) => id);
    const all = [...this.#dismissed, ...losses];
    this.#dismissed = all.slice(-MAX_RETURNED);
    const forgotten = [...all.slice(0, -MAX_RETURNED), ...gone.map(({ id }) => id)];
    const written = this.#write([
      ...forgotten.map((id) => ({ op: 'delete', store: META_STORE, key: this.#key(id) }) as const),
      ...losses.map(
        (id) => ({ op: 'put', store: META_STORE, key: this.#key(id), value: TOMBSTONE }) as const,
      ),
    ]);
    this.#become(
      this.#list.filter((each) => !gone.includes(each)),
      true,
    );
    return written;
  }

  /** What got its effect back does not have to come back. */
  settle(holds: (entry: Hash) => boolean): void {
    if (this.#list.length === 0) return;
    const isBack = ({ entry }: ReturnedEdit): boolean =>
      entry !== undefined && isIdText(entry) && holds(entry as Hash);
    void this.#forget(this.#list.filter(isBack), false);
  }

  #become(list: readonly ReturnedEdit[], isOurs: boolean): void {
    this.#list = list;
    this.#events.changed(isOurs);
  }

  async #write(writes: readonly Write[]): Promise<void> {
    const written = await this.#store.write(writes);
    if (!written.ok) this.#events.failed(written.code);
  }

  #key(id: string): string {
    return returnedPrefix(this.#boardId) + id;
  }
}

/** The same loss, told to two tabs of a profile or twice over a crash, has the same id. */
function idOf(entry: Hash | undefined, ofSame: number): string {
  if (entry === undefined) return toHex(randomBytes(KEY_BYTES));
  return `${entry.slice(0, 2 * KEY_BYTES)}-${ofSame}`;
}

function bytesOf(words: string): number {
  return new TextEncoder().encode(words).length;
}

/** Index of the oldest edit that has room together with all later ones. */
function firstToKeep(edits: readonly ReturnedEdit[]): number {
  let first = edits.length;
  for (let bytes = 0; first > 0 && edits.length - first < MAX_RETURNED; first--) {
    bytes += bytesOf(edits[first - 1]?.edit ?? '');
    if (bytes > MAX_RETURNED_TOTAL_BYTES) break;
  }
  return first;
}
