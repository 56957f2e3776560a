/** The wall clock, known from a command and counted on by the monotonic one. Only proposals carry it (docs/spec/consensus.md, CON-28). */
import type { Instant } from '../kernel/machine.ts';

export class Clock {
  #said: { readonly time: number; readonly at: Instant } | undefined;

  set(time: number, at: Instant): void {
    this.#said = { time: Math.max(0, Math.floor(time)), at };
  }

  /** Ms since 1970; undefined until it was said. */
  time(now: Instant): number | undefined {
    return this.#said === undefined ? undefined : this.#said.time + Math.floor(now - this.#said.at);
  }
}
