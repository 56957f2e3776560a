/** Joins the pieces of large messages. At most one message per lane is incomplete, so a link holds at most 3 MiB of pieces. */
import type { Bytes } from '../kernel/bytes.ts';
import type { Lane } from '../kernel/machine.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { MAX_FRAME_BYTES, type PiecePart, type WholePart } from './frames.ts';

export type ReassemblyCode =
  | 'interleaved' // another message of the lane before the last one was complete
  | 'misplaced' // a piece that does not follow on, or overruns its message
  | 'needless'; // an empty piece, or a message cut up that would have fitted into one frame

interface Partial {
  readonly id: number;
  readonly message: Bytes;
  filled: number;
}

/** Smallest message that a sender cuts up: anything shorter fits into a frame of its own. */
export const MIN_CUT_BYTES = MAX_FRAME_BYTES / 2;

export class Reassembly {
  readonly #partial = new Map<Lane, Partial>();
  readonly #nextId = new Map<Lane, number>();

  /** The message that `part` completes, or undefined while pieces are missing. */
  take(part: WholePart | PiecePart): Result<Bytes | undefined, ReassemblyCode> {
    const partial = this.#partial.get(part.lane);
    if (part.kind === 'whole') return partial === undefined ? ok(part.message) : refuse('interleaved');
    return partial === undefined ? this.#begin(part) : this.#continue(partial, part);
  }

  #begin(piece: PiecePart): Result<Bytes | undefined, ReassemblyCode> {
    const id = this.#nextId.get(piece.lane) ?? 0;
    if (piece.id !== id || piece.offset !== 0) return refuse('misplaced');
    if (piece.total < MIN_CUT_BYTES) return refuse('needless');
    const partial: Partial = { id, message: new Uint8Array(piece.total), filled: 0 };
    this.#nextId.set(piece.lane, id + 1);
    this.#partial.set(piece.lane, partial);
    return this.#continue(partial, piece);
  }

  #continue(partial: Partial, piece: PiecePart): Result<Bytes | undefined, ReassemblyCode> {
    const { message } = partial;
    if (piece.id !== partial.id) return refuse('interleaved');
    if (piece.total !== message.length || piece.offset !== partial.filled) return refuse('misplaced');
    if (piece.bytes.length === 0) return refuse('needless');
    if (partial.filled + piece.bytes.length > message.length) return refuse('misplaced');
    message.set(piece.bytes, partial.filled);
    partial.filled += piece.bytes.length;
    if (partial.filled < message.length) return ok(undefined);
    this.#partial.delete(piece.lane);
    return ok(message);
  }
}
