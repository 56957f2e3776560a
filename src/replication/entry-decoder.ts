/** Decodes entries of one board, each only once however often its bytes are looked at: decoding hashes the whole payload. */
import type { Bytes } from '../kernel/bytes.ts';
import type { DecodeCode } from '../kernel/codec.ts';
import type { BoardId } from '../kernel/ids.ts';
import { ok, type Result } from '../kernel/result.ts';
import { decodeEntry, type Entry } from './entry.ts';

export class EntryDecoder {
  readonly #board: BoardId;
  readonly #known = new WeakMap<Bytes, Entry>();

  constructor(board: BoardId) {
    this.#board = board;
  }

  decode(bytes: Bytes): Result<Entry, DecodeCode> {
    const known = this.#known.get(bytes);
    if (known !== undefined) return ok(known);
    const decoded = decodeEntry(this.#board, bytes);
    if (decoded.ok) this.#known.set(bytes, decoded.value);
    return decoded;
  }
}
