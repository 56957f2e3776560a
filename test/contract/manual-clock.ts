/** A clock that only a test moves. */
import type { Instant } from '../../src/kernel/machine.ts';
import type { ClockPort } from '../../src/kernel/ports.ts';

interface Alarm {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

export class ManualClock implements ClockPort {
  #now = 1000;
  #order = 0;
  #alarms: Alarm[] = [];
  /** Added to `now` only: a platform whose clock jumps. */
  skewMs = 0;
  /** How much time every look at the clock takes; lets a test use up a slice. */
  lookMs = 0;

  now(): Instant {
    this.#now += this.lookMs;
    return (this.#now + this.skewMs) as Instant;
  }

  wallMs(): number {
    return 1_893_456_000_000 + this.#now;
  }

  after(afterMs: number, callback: () => void): () => void {
    const alarm: Alarm = { at: this.#now + afterMs, order: this.#order++, callback };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
  }

  get armed(): number {
    return this.#alarms.length;
  }

  /** Runs what falls due on the way, each at its time. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let alarm = this.#takeDue(until); alarm !== undefined; alarm = this.#takeDue(until)) {
      this.#now = Math.max(this.#now, alarm.at);
      alarm.callback();
    }
    this.#now = Math.max(this.#now, until);
  }

  /** Nothing runs for `ms`; then everything that was due runs, late. */
  freeze(ms: number): void {
    this.#now += ms;
    this.advance(0);
  }

  #takeDue(until: number): Alarm | undefined {
    const due = this.#alarms.filter((alarm) => alarm.at <= until);
    const [first] = due.sort((a, b) => a.at - b.at || a.order - b.order);
    this.#alarms = this.#alarms.filter((alarm) => alarm !== first);
    return first;
  }
}
