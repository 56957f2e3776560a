/**
 * How busy this tab is, measured and not assumed (DESIGN section 11): how late its timers come. Told in our announcements, for whoever
 * chooses among peers.
 */
import type { ClockPort } from '../kernel/ports.ts';

/** Between two measurements, ms. Origin: guess; announcements are rarer. */
export const LOAD_EVERY_MS = 2_000;
/** A timer so late, in ms, means that the tab has no time left. Origin: what people take for a hang (Nielsen 1993: 1 s). */
export const FULL_LOAD_MS = 1_000;
/** Weight of a new measurement in the mean. Origin: guess, the last ten seconds or so. */
const WEIGHT = 1 / 4;

export class LoadMeter {
  readonly #clock: ClockPort;
  readonly #onLoad: (load: number) => void;
  #lateMs = 0;
  #cancel: (() => void) | undefined;

  /** `onLoad` hears the load, 0 (idle) to 100, after every measurement. */
  constructor(clock: ClockPort, onLoad: (load: number) => void) {
    this.#clock = clock;
    this.#onLoad = onLoad;
  }

  start(): void {
    const dueAt = this.#clock.now() + LOAD_EVERY_MS;
    this.#cancel = this.#clock.after(LOAD_EVERY_MS, () => {
      const lateMs = Math.min(FULL_LOAD_MS, Math.max(0, this.#clock.now() - dueAt));
      this.#lateMs += (lateMs - this.#lateMs) * WEIGHT;
      this.start();
      this.#onLoad(Math.round((100 * this.#lateMs) / FULL_LOAD_MS));
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
