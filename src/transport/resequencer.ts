/**
 * Puts frames back into the order they were sent in. An ordered channel should make this idle, but Firefox may deliver small
 * messages out of order (bugzilla 1983831; research/mesh.md 2, row 22), and a repeated frame must never be read twice.
 */
import { ok, refuse, type Result } from '../kernel/result.ts';
import type { Frame } from './frames.ts';

/** Most frames held back while an earlier one is missing: 1 MiB at 16 KiB each (guess; real reordering is by one or two). */
export const REORDER_WINDOW = 64;

export type OrderCode =
  | 'replayed' // a sequence number for the second time
  | 'gap'; // further ahead than the window

export class Resequencer {
  readonly #held = new Map<number, Frame>();
  #next = 0;

  /** Frames that wait for an earlier one. */
  get held(): number {
    return this.#held.size;
  }

  /** The frames that may now be read, in order; none while one is missing. */
  accept(frame: Frame): Result<readonly Frame[], OrderCode> {
    const { sequence } = frame;
    if (sequence < this.#next || this.#held.has(sequence)) return refuse('replayed');
    if (sequence >= this.#next + REORDER_WINDOW) return refuse('gap');
    if (sequence > this.#next) {
      this.#held.set(sequence, frame);
      return ok([]);
    }
    const inOrder = [frame];
    this.#next += 1;
    for (;;) {
      const following = this.#held.get(this.#next);
      if (following === undefined) return ok(inOrder);
      this.#held.delete(this.#next);
      this.#next += 1;
      inOrder.push(following);
    }
  }
}
