/** A clock that only moves when a test says so, with its timers in order and the promises between them settled. */
import type { Instant } from '../../src/kernel/machine.ts';
import type { ClockPort } from '../../src/kernel/ports.ts';

/** Promise steps granted after each timer: more than the longest chain between two timers in the code under test. */
const SETTLING_STEPS = 100;

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

export class VirtualTime implements ClockPort {
  #now = 1000;
  #order = 0;
  #timers: Timer[] = [];

  now(): Instant {
    return this.#now as Instant;
  }

  wallMs(): number {
    return 1_700_000_000_000 + this.#now;
  }

  after(afterMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, afterMs), order: this.#order++, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  /** Runs what is due within the next `ms`, in order. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.#due(end); next !== undefined; next = this.#due(end)) {
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await settle();
    }
    this.#now = end;
  }

  /** Time passes while nothing runs, as when a laptop sleeps; what is due runs afterwards, late. */
  sleep(ms: number): void {
    this.#now += ms;
  }

  #due(end: number): Timer | undefined {
    const [first] = this.#timers
      .filter((timer) => timer.at <= end)
      .sort((a, b) => a.at - b.at || a.order - b.order);
    this.#timers = this.#timers.filter((timer) => timer !== first);
    return first;
  }
}

/** Lets promises that wait for no timer settle. */
export async function settle(): Promise<void> {
  for (let i = 0; i < SETTLING_STEPS; i++) await Promise.resolve();
}
