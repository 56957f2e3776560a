/**
 * How much one author may push at us. A broadcast comes unasked, entry by entry, each a step and a write of its own; whoever broadcasts without
 * end is taken in by batches instead, which we ask for when we are ready for them. Local backpressure, no rule: what is put off takes effect
 * a little later, the same everywhere. A token bucket that is filled at each round of digests, so that it needs no clock (rule REP-72).
 */
import type { PeerId } from '../kernel/ids.ts';
import { ALLOWED_BYTES, ALLOWED_ENTRIES } from './limits.ts';

interface Spent {
  entries: number;
  bytes: number;
}

export class Allowance {
  readonly #spent = new Map<PeerId, Spent>();

  /** Takes one entry of `author` out of its bucket; false when there is no room in it: the entry is to be left for a pull. */
  take(author: PeerId, bytes: number): boolean {
    const spent = this.#spent.get(author) ?? { entries: 0, bytes: 0 };
    if (spent.entries >= ALLOWED_ENTRIES || spent.bytes + bytes > ALLOWED_BYTES) return false;
    spent.entries += 1;
    spent.bytes += bytes;
    this.#spent.set(author, spent);
    return true;
  }

  /** A round of digests begins: all buckets are full again. */
  refill(): void {
    this.#spent.clear();
  }
}
