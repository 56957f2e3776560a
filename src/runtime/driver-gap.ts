/**
 * Notices that this tab did not run for a while: the machine slept, the tab was frozen, or the browser starved its timers. A
 * node must then ask everybody before it suspects anybody, because the silence was its own (DESIGN section 7).
 */
import type { ClockPort } from '../kernel/ports.ts';

/** Milliseconds between two beats. Origin: the 1 s to which browsers throttle timers of hidden tabs, so throttling alone is no gap. */
export const GAP_BEAT_MS = 1_000;
/** Lateness of a beat above which it was a sleep. Origin: guess, well below the 10 s after which links count as silent. */
export const GAP_LATE_MS = 4_000;

export class GapWatch {
  readonly #clock: ClockPort;
  readonly #onGap: (sleptMs: number) => void;
  #cancel: (() => void) | undefined;

  constructor(clock: ClockPort, onGap: (sleptMs: number) => void) {
    this.#clock = clock;
    this.#onGap = onGap;
  }

  start(): void {
    this.stop();
    const dueAt = this.#clock.now() + GAP_BEAT_MS;
    const dueWallMs = this.#clock.wallMs() + GAP_BEAT_MS;
    this.#cancel = this.#clock.after(GAP_BEAT_MS, () => {
      // Some systems stop the monotonic clock while they sleep, so the wall clock has a say: a false gap costs a few probes.
      const lateMs = Math.max(this.#clock.now() - dueAt, this.#clock.wallMs() - dueWallMs);
      this.start();
      if (lateMs > GAP_LATE_MS) this.#onGap(lateMs);
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
