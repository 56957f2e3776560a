/**
 * How long the primary is given (section 4.4 and 4.5.2). The clock is that of the oldest request that waits, and progress of others does
 * not set it back: a primary that serves one request per timeout, or all but one, is replaced all the same (research: P27). Every
 * view in a row gets twice the time of the one before, until a request is executed in one.
 */
import type { Instant } from '../kernel/machine.ts';
import { MAX_DOUBLINGS, PATIENCE_MS } from './limits.ts';

export class Patience {
  #doublings = 0;
  /** Since when the present view had its chance: entered, started, awake again, or reachable again. */
  #since: Instant;
  /** When a quorum had left for the view that we wait for; undefined until then. */
  #quorumAt: Instant | undefined;

  constructor(now: Instant) {
    this.#since = now;
  }

  get limitMs(): number {
    return PATIENCE_MS * (1 << this.#doublings);
  }

  /** The view begins, or gets a new chance through no merit of its own. */
  begin(now: Instant): void {
    this.#since = now;
    if (this.#quorumAt !== undefined) this.#quorumAt = now;
  }

  /** We leave for another view. */
  leave(): void {
    this.#quorumAt = undefined;
    this.#doublings = Math.min(this.#doublings + 1, MAX_DOUBLINGS);
  }

  /** A quorum left for the view that we wait for: from now on it may be late. */
  quorumLeft(now: Instant): void {
    this.#quorumAt ??= now;
  }

  entered(now: Instant): void {
    this.#quorumAt = undefined;
    this.#since = now;
  }

  /** A request was executed in this view. */
  satisfied(): void {
    this.#doublings = 0;
  }

  /** When an active view is over if the work that has waited since `oldest` is not done; undefined without work. */
  deadline(oldest: Instant | undefined): Instant | undefined {
    return oldest === undefined ? undefined : plus(later(oldest, this.#since), this.limitMs);
  }

  /** When the view that we wait for is over, if it does not begin. */
  newViewDeadline(): Instant | undefined {
    return this.#quorumAt === undefined ? undefined : plus(this.#quorumAt, this.limitMs);
  }

  /** When the view began, as work that it has to finish has waited since then. */
  get since(): Instant {
    return this.#since;
  }
}

function plus(at: Instant, ms: number): Instant {
  return (at + ms) as Instant;
}

function later(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}
