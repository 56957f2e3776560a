/** Stored journals, cut into pieces that are read one at a time, so that input and painting get their turn in between (rule STO-24). */
import type { Bytes } from '../kernel/bytes.ts';

/** Entries that one piece may bring into effect, about. Measured: 256 of 1 kB take 30 ms on a busy machine. */
export const MAX_PIECE_ENTRIES = 256;
/** Fewest entries of a piece. Guess: it takes more than 64 authors to exceed 256, and a queue of pieces holds 260,000 entries. */
export const MIN_PIECE_ENTRIES = 4;
/** Bytes of one piece, unless one entry has more. Origin: what one batch of a copy has. */
export const MAX_PIECE_BYTES = 256 * 1024;

/**
 * Cuts what a scan of one board's journals gives, in its order, which is author by author. Entries wait for what they build on: where all
 * authors wrote in turns, each entry of the last one sets one of every other author free. So pieces get shorter with each author.
 */
export class RestorePieces {
  readonly #prefixChars: number;
  readonly #authors = new Set<string>();

  /** `prefix`: what all keys start with, before the author's id. */
  constructor(prefix: string) {
    this.#prefixChars = prefix.length;
  }

  cut(batch: readonly (readonly [key: string, value: Bytes])[]): readonly (readonly Bytes[])[] {
    const pieces: Bytes[][] = [];
    let piece: Bytes[] = [];
    let bytes = 0;
    for (const [key, value] of batch) {
      this.#authors.add(key.slice(this.#prefixChars).split('/', 1)[0] ?? '');
      const most = Math.max(MIN_PIECE_ENTRIES, Math.floor(MAX_PIECE_ENTRIES / this.#authors.size));
      if (piece.length > 0 && (piece.length >= most || bytes + value.length > MAX_PIECE_BYTES)) {
        pieces.push(piece);
        [piece, bytes] = [[], 0];
      }
      piece.push(value);
      bytes += value.length;
    }
    return piece.length === 0 ? pieces : [...pieces, piece];
  }
}
