/**
 * Notices that others speak of an epoch that is not known here. Their words cannot be judged, so they pass by; but whoever handed one on has judged it, and
 * can tell what is missing. Without this a tab hears of it with its next status, which is 20 s away while nothing of its own is under way. Rule NOD-54.
 */
import type { Instant } from '../kernel/machine.ts';

/** Time between two questions, ms (guess: a round trip and the work of a few epochs). */
const CATCH_UP_MS = 500;

export class CouncilLag {
  #hasHeard = false;
  #askedAt: Instant | undefined;

  /** A message names `epoch`, of which the newest known is `newest`. */
  noticed(epoch: number, newest: number): void {
    if (epoch > newest) this.#hasHeard = true;
  }

  /** Whether to ask now whoever brought the last message. Whatever anybody claims, that is at most twice a second. */
  isDue(now: Instant): boolean {
    if (!this.#hasHeard) return false;
    this.#hasHeard = false;
    if (this.#askedAt !== undefined && now - this.#askedAt < CATCH_UP_MS) return false;
    this.#askedAt = now;
    return true;
  }
}
