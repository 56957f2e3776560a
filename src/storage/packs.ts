/**
 * Small entries of a journal that lie side by side share one record, a *pack*: IndexedDB takes a request, an event and an index entry for
 * each record, which for entries of 250 bytes was more work than hashing and applying them (docs/benchmarks.md, "Verification").
 * Whoever uses the byte store sees single pairs. Rules STO-25 to STO-28 of docs/spec/storage.md.
 */
import { fromUtf8, utf8, type Bytes } from '../kernel/bytes.ts';
import { Reader, Writer } from '../kernel/codec.ts';
import { keepsFirst } from './schema.ts';

/** Fewest new pairs of one shelf in one transaction that are packed. Origin: guess; below it, reading the pack first costs more than it saves. */
export const MIN_PACKED_PAIRS = 8;
/** Pairs and bytes of the largest pack: a pack is written anew whenever one is added. Origin: guess; a batch of a copy. */
export const MAX_PACK_PAIRS = 256;
export const MAX_PACK_BYTES = 256 * 1024;
/** Largest value that is packed. Origin: guess; a larger one costs more to copy again than a record of its own. */
export const MAX_PACKED_VALUE_BYTES = 4 * 1024;

/** Keys whose third part is a number of 12 digits, of which the last two are left out: hundred places of one journal. */
const SHELVED_KEY = /^([^/]+\/[^/]+\/\d{10})\d\d\/[^/]+$/;
const SHELF_KEY = /^[^/]+\/[^/]+\/\d{10}$/;
const INSIDE_SHELF = /^([^/]+\/[^/]+\/\d{10})./;

/** Bytes and name of a pair beside its value, about. */
const PAIR_OVERHEAD_BYTES = 64;

/** The shelf on which a pair may be packed, which is the key of its pack; undefined when it has a record of its own in any case. */
export function shelfOf(store: string, key: string): string | undefined {
  return keepsFirst(store) ? SHELVED_KEY.exec(key)?.[1] : undefined;
}

/** The shelf of all pairs whose keys start with `prefix`; undefined when they may lie on several, or on none. */
export function shelfAround(store: string, prefix: string): string | undefined {
  return keepsFirst(store) ? INSIDE_SHELF.exec(prefix)?.[1] : undefined;
}

/** Whether a record under this key is a pack. */
export function isPack(store: string, key: string): boolean {
  return keepsFirst(store) && SHELF_KEY.test(key);
}

/** The pairs of one shelf that share a record. */
export class Pack {
  readonly #shelf: string;
  readonly #pairs: Map<string, Bytes>;
  #bytes = 0;
  #isChanged = false;

  /** `record`: what lies on disk. What cannot be read of it, and all behind that, is not there. */
  constructor(shelf: string, record: unknown) {
    this.#shelf = shelf;
    this.#pairs = new Map(record instanceof Uint8Array ? unpack(shelf, record as Bytes) : []);
    for (const value of this.#pairs.values()) this.#bytes += value.length + PAIR_OVERHEAD_BYTES;
  }

  get isChanged(): boolean {
    return this.#isChanged;
  }

  has(key: string): boolean {
    return this.#pairs.has(key);
  }

  get(key: string): Bytes | undefined {
    return this.#pairs.get(key);
  }

  /** Adds a pair that is not there yet; false when it has to have a record of its own. */
  add(key: string, value: Bytes): boolean {
    const bytes = this.#bytes + value.length + PAIR_OVERHEAD_BYTES;
    if (value.length > MAX_PACKED_VALUE_BYTES || this.#pairs.size >= MAX_PACK_PAIRS) return false;
    if (bytes > MAX_PACK_BYTES) return false;
    this.#pairs.set(key, value);
    this.#bytes = bytes;
    this.#isChanged = true;
    return true;
  }

  delete(key: string): void {
    const value = this.#pairs.get(key);
    if (value === undefined) return;
    this.#pairs.delete(key);
    this.#bytes -= value.length + PAIR_OVERHEAD_BYTES;
    this.#isChanged = true;
  }

  deleteAll(prefix: string): void {
    for (const key of [...this.#pairs.keys()]) if (key.startsWith(prefix)) this.delete(key);
  }

  /** The record; undefined when there is nothing to be kept. */
  record(): Bytes | undefined {
    if (this.#pairs.size === 0) return undefined;
    const writer = new Writer();
    for (const [key, value] of [...this.#pairs].sort(byKey)) {
      for (const part of [utf8(key.slice(this.#shelf.length)), value]) {
        writer.varint(part.length);
        writer.raw(part);
      }
    }
    return writer.finish();
  }
}

/** The pairs of a pack in the order of their keys, as far as they can be read. */
export function unpack(shelf: string, record: Bytes): (readonly [key: string, value: Bytes])[] {
  const reader = new Reader(record);
  const pairs: (readonly [string, Bytes])[] = [];
  while (reader.remaining > 0) {
    const rest = fromUtf8(reader.view(reader.varint()));
    const value = reader.raw(reader.varint());
    if (reader.failure !== undefined) break;
    pairs.push([shelf + rest, value]);
  }
  return pairs;
}

/**
 * Turns records in the order of their keys into pairs in the order of theirs: a pack's key comes before those of all pairs on its shelf. A pair that
 * is packed and has a record of its own was packed first, and counts so (STO-26).
 */
export class Unpacking {
  readonly #store: string;
  /** What the latest pack holds that was not given out yet, the next one last. */
  #held: (readonly [key: string, value: Bytes])[] = [];

  constructor(store: string) {
    this.#store = store;
  }

  /** The pairs up to the record. */
  take(key: string, value: Bytes): (readonly [key: string, value: Bytes])[] {
    if (isPack(this.#store, key)) {
      const before = this.rest();
      this.#held = unpack(key, value).reverse();
      return before;
    }
    if (this.#held.length === 0) return [[key, value]];
    const pairs: (readonly [string, Bytes])[] = [];
    for (let next = this.#held.at(-1); next !== undefined && next[0] < key; next = this.#held.at(-1)) {
      pairs.push(next);
      this.#held.pop();
    }
    if (this.#held.at(-1)?.[0] !== key) pairs.push([key, value]);
    return pairs;
  }

  /** What is left when no further record comes. */
  rest(): (readonly [key: string, value: Bytes])[] {
    const pairs = this.#held.reverse();
    this.#held = [];
    return pairs;
  }
}

function byKey([a]: readonly [string, Bytes], [b]: readonly [string, Bytes]): number {
  return a < b ? -1 : 1;
}
