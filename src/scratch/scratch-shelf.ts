/** The scratch boards of this device: their records in memory and on disk. Damaged records are left where they are. */
import type { Bytes } from '../kernel/bytes.ts';
import {
  boardIdCodec,
  decodeWith,
  encodeWith,
  fixedBytes,
  optional,
  record,
  text,
  whole,
} from '../kernel/codec.ts';
import type { BoardId } from '../kernel/ids.ts';
import type { StoreFailure } from '../kernel/machine.ts';
import type { StorePort } from '../kernel/ports.ts';
import { ok, type Result } from '../kernel/result.ts';
import { SCRATCH_KEY_BYTES, scratchId, type ScratchKeys } from './scratch-link.ts';

/** Scratch boards on one device. Guess; Home lists them all. */
export const MAX_SCRATCH_BOARDS = 200;
/** Collection of the records, and what their keys begin with. */
const RECORD_STORE = 'meta';
const RECORD_PREFIX = 'scratch/';
/** Collection of the updates. */
export const SCRATCH_STORE = 'scratch';
const VERSION = 1;
/** Longest title kept for Home, UTF-8 bytes (500 characters of 4 bytes). */
const MAX_RECORD_TITLE_BYTES = 2000;

/** What this device keeps of a scratch board besides its document. */
export interface ScratchRecord extends ScratchKeys {
  readonly title: string;
  /** This device's clock at the last change seen here, milliseconds since 1970. */
  readonly updatedAt: number;
  readonly cardCount: number;
  /** The full board that was made from it here. */
  readonly fullBoard: BoardId | undefined;
}

const codec = record<ScratchRecord & { readonly version: number }>({
  version: whole(255),
  room: fixedBytes(SCRATCH_KEY_BYTES),
  secret: fixedBytes(SCRATCH_KEY_BYTES),
  title: text(MAX_RECORD_TITLE_BYTES),
  updatedAt: whole(),
  cardCount: whole(),
  fullBoard: optional(boardIdCodec),
});

export class ScratchShelf {
  readonly #store: StorePort;
  readonly #records = new Map<string, ScratchRecord>();

  constructor(store: StorePort) {
    this.#store = store;
  }

  /** Reads the records again: another tab may have made or left boards. */
  async reload(): Promise<Result<undefined, StoreFailure>> {
    const found = new Map<string, ScratchRecord>();
    const scanned = await this.#store.scan(RECORD_STORE, RECORD_PREFIX, (batch) => {
      for (const [key, bytes] of batch) {
        const read = readRecord(key.slice(RECORD_PREFIX.length), bytes);
        if (read !== undefined) found.set(scratchId(read), read);
      }
    });
    if (!scanned.ok) return scanned;
    this.#records.clear();
    for (const [id, read] of found) this.#records.set(id, read);
    return ok(undefined);
  }

  get size(): number {
    return this.#records.size;
  }

  get(id: string): ScratchRecord | undefined {
    return this.#records.get(id);
  }

  all(): readonly (readonly [string, ScratchRecord])[] {
    return [...this.#records];
  }

  async put(next: ScratchRecord): Promise<Result<undefined, StoreFailure>> {
    const id = scratchId(next);
    this.#records.set(id, next);
    const value = encodeWith(codec, { version: VERSION, ...next });
    return this.#store.write([{ op: 'put', store: RECORD_STORE, key: RECORD_PREFIX + id, value }]);
  }

  /** Erases the document, then the record: a board that is no longer listed has left nothing behind. */
  async erase(id: string): Promise<Result<undefined, StoreFailure>> {
    const cleared = await this.#store.clear(SCRATCH_STORE, `${id}/`);
    if (!cleared.ok) return cleared;
    const gone = await this.#store.write([{ op: 'delete', store: RECORD_STORE, key: RECORD_PREFIX + id }]);
    if (gone.ok) this.#records.delete(id);
    return gone;
  }
}

function readRecord(id: string, bytes: Bytes): ScratchRecord | undefined {
  const decoded = decodeWith(codec, bytes);
  if (!decoded.ok || decoded.value.version !== VERSION) return undefined;
  const { version: _version, ...read } = decoded.value;
  return scratchId(read) === id ? read : undefined;
}
