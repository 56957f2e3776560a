/** At most so many events within so many milliseconds. Pure. */
import type { Instant } from '../kernel/machine.ts';

export class SlidingWindow {
  readonly #max: number;
  readonly #lengthMs: number;
  #at: Instant[] = [];

  constructor(max: number, lengthMs: number) {
    this.#max = max;
    this.#lengthMs = lengthMs;
  }

  /** Whether there is room for one more. */
  has(now: Instant): boolean {
    this.#at = this.#at.filter((at) => now - at < this.#lengthMs);
    return this.#at.length < this.#max;
  }

  /** Counts one more event, or says that it is one too many (and counts nothing). */
  take(now: Instant): boolean {
    if (!this.has(now)) return false;
    this.#at.push(now);
    return true;
  }
}
