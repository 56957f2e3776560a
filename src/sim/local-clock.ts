/** What time it is for one participant: its monotonic clock runs at a rate of its own, and its timers may be held up. */
import type { Instant } from '../kernel/machine.ts';

/** Timers of a hidden tab fire once in so many ms (Chrome: "Heavy throttling of chained JS timers", 2021; pages with WebRTC are spared worse). */
const THROTTLED_MS = 1_000;

export interface LocalClockOptions {
  readonly driftPpm: number;
  readonly startMs: number;
  /** When within a second throttled timers fire, 0 to 999. */
  readonly phaseMs: number;
  readonly isThrottled: boolean;
}

export class LocalClock {
  readonly #rate: number;
  readonly #startMs: number;
  readonly #phaseMs: number;
  isThrottled: boolean;

  constructor({ driftPpm, startMs, phaseMs, isThrottled }: LocalClockOptions) {
    this.#rate = 1 + driftPpm / 1_000_000;
    this.#startMs = startMs;
    this.#phaseMs = phaseMs;
    this.isThrottled = isThrottled;
  }

  /** What the clock shows at the world's time `worldMs`. */
  at(worldMs: number): Instant {
    return (this.#startMs + worldMs * this.#rate) as Instant;
  }

  /** How long a timer of `afterMs` takes in the world, begun at `worldMs`. */
  worldDelay(afterMs: number, worldMs: number): number {
    const delayMs = afterMs / this.#rate;
    if (!this.isThrottled) return delayMs;
    const dueAt = worldMs + delayMs - this.#phaseMs;
    return Math.ceil(dueAt / THROTTLED_MS) * THROTTLED_MS + this.#phaseMs - worldMs;
  }
}
