/** Which numbers of which senders were delivered: nothing routed is delivered twice. Rule OVL-38. */
import type { PeerId } from '../kernel/ids.ts';
import { MAX_ROUTED_NUMBERS, MAX_ROUTED_SENDERS } from './limits.ts';

export class NumbersSeen {
  readonly #bySender = new Map<PeerId, Set<number>>();

  /** Remembers a number; false when it was there, or may have been: it is lower than all that are remembered. */
  add(sender: PeerId, number: number): boolean {
    const numbers = this.#bySender.get(sender) ?? new Set<number>();
    this.#bySender.delete(sender);
    this.#bySender.set(sender, numbers);
    for (const oldest of this.#bySender.keys()) {
      if (this.#bySender.size <= MAX_ROUTED_SENDERS) break;
      this.#bySender.delete(oldest);
    }
    if (numbers.has(number)) return false;
    if (numbers.size >= MAX_ROUTED_NUMBERS) {
      const lowest = Math.min(...numbers);
      if (number < lowest) return false;
      numbers.delete(lowest);
    }
    numbers.add(number);
    return true;
  }
}
