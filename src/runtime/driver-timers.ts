/**
 * Named timers. Arming a name again replaces what was armed; an expiry that was already queued when its timer was disarmed or
 * armed again is recognised by its generation and dropped, so that machines never see a stale one (DRV-5 to DRV-7).
 */
import { invariant } from '../kernel/invariant.ts';
import type { ClockPort } from '../kernel/ports.ts';

/** Names armed at one time. Origin: guess; a few per neighbour, per open request and per component. More is our own mistake. */
export const MAX_TIMERS = 4096;

interface Armed {
  readonly generation: number;
  readonly cancel: () => void;
}

export class DriverTimers {
  readonly #clock: ClockPort;
  readonly #onExpiry: (timer: string, generation: number) => void;
  readonly #armed = new Map<string, Armed>();
  #generation = 0;

  constructor(clock: ClockPort, onExpiry: (timer: string, generation: number) => void) {
    this.#clock = clock;
    this.#onExpiry = onExpiry;
  }

  arm(timer: string, afterMs: number): void {
    invariant(Number.isFinite(afterMs) && afterMs >= 0, `timer ${timer} needs a delay of 0 ms or more`);
    this.disarm(timer);
    invariant(this.#armed.size < MAX_TIMERS, `more than ${MAX_TIMERS} timers`);
    const generation = ++this.#generation;
    const cancel = this.#clock.after(afterMs, () => this.#onExpiry(timer, generation));
    this.#armed.set(timer, { generation, cancel });
  }

  disarm(timer: string): void {
    this.#armed.get(timer)?.cancel();
    this.#armed.delete(timer);
  }

  /** Whether this expiry is the one that counts; if so the timer is spent. */
  take(timer: string, generation: number): boolean {
    if (this.#armed.get(timer)?.generation !== generation) return false;
    this.#armed.delete(timer);
    return true;
  }

  stop(): void {
    for (const { cancel } of this.#armed.values()) cancel();
    this.#armed.clear();
  }
}
