/**
 * Since when each entry that no checkpoint replaced has been here. Of those that were read from the disk, or were put into another order, that is told by their
 * authors' clocks: an entry is as old as the newest of those before it and itself.
 */
import type { Instant } from '../kernel/machine.ts';
import type { Journals } from '../replication/journals.ts';

export class HistoryAges {
  readonly #journals: Journals;
  /** For each entry in the order of the journals, never falling. */
  #since: number[] = [];
  #generation: number | undefined;

  constructor(journals: Journals) {
    this.#journals = journals;
  }

  /** Takes note of what has come. `wallMs`: our clock at `now`, ms since 1970. */
  look(now: Instant, wallMs: number): void {
    const { generation, order } = this.#journals;
    if (this.#generation !== generation) {
      this.#generation = generation;
      let newest = 0;
      this.#since = order.map((entry) => {
        newest = Math.max(newest, Math.min(entry.wallMs, wallMs));
        return now - (wallMs - newest);
      });
    }
    while (this.#since.length < order.length) this.#since.push(now);
  }

  /** How many entries, from the first, have been here for `ms`. */
  olderThan(ms: number, now: Instant): number {
    let [low, high] = [0, this.#since.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#since[middle] ?? Infinity) <= now - ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
