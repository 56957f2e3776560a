/**
 * What carries the messages of a committee: virtual time, and a network that loses, doubles, delays and reorders. It knows nothing of
 * consensus. Messages stand on their own wherever they come from, so nobody is told who handed one on.
 */
import { randomFrom, type Random } from '../kernel/random.ts';
import type { Instant } from '../kernel/machine.ts';
import type { WorldEvent } from './event-heap.ts';
import { EventQueue } from './event-queue.ts';
import { SimulationFailure } from './failure.ts';
import { WorldTrace } from './world-trace.ts';

/** How messages travel. */
export interface Weather {
  /** Delay of one message, ms. */
  readonly delayMs: readonly [min: number, max: number];
  readonly lossPerMille: number;
  readonly twicePerMille: number;
  /** Per thousand messages that come again much later, as a relay may repeat them. */
  readonly replayPerMille: number;
}

export const FAIR_WEATHER: Weather = {
  delayMs: [5, 60],
  lossPerMille: 0,
  twicePerMille: 0,
  replayPerMille: 0,
};

/** How often a run looks whether it is done, ms. */
const LOOK_MS = 50;
/** How much later a message may be repeated, ms. */
const REPLAY_WITHIN_MS = 20_000;

export class ConsensusNetwork {
  readonly random: Random;
  readonly trace = new WorldTrace();
  readonly counters = { events: 0, sentMessages: 0 };
  weather: Weather = FAIR_WEATHER;
  /** Participants that reach only those of their own group, by name; whoever is missing reaches all. */
  groups = new Map<string, number>();
  readonly #queue = new EventQueue();
  readonly #replay: { readonly seed: string; readonly command: string };
  readonly #faults: readonly string[];
  readonly #paths: Random;
  #now = 0;

  constructor(seed: string, command: string, faults: readonly string[]) {
    this.random = randomFrom(`consensus ${seed}`);
    this.#paths = this.random.fork('paths');
    this.#replay = { seed, command };
    this.#faults = faults;
  }

  get now(): Instant {
    return this.#now as Instant;
  }

  after(ms: number, run: () => void): WorldEvent {
    return this.#queue.push(this.#now + ms, run);
  }

  cancel(event: WorldEvent): void {
    this.#queue.cancel(event);
  }

  /** Brings a message from one participant to another, or not. */
  carry(from: string, to: string, deliver: () => void): void {
    this.counters.sentMessages += 1;
    const random = this.#paths;
    const { lossPerMille, twicePerMille, replayPerMille } = this.weather;
    const isCut =
      this.groups.has(from) && this.groups.has(to) && this.groups.get(from) !== this.groups.get(to);
    if (isCut || random.below(1000) < lossPerMille) return;
    this.after(this.#delay(), deliver);
    if (random.below(1000) < twicePerMille) this.after(this.#delay(), deliver);
    if (random.below(1000) < replayPerMille) this.after(random.below(REPLAY_WITHIN_MS), deliver);
  }

  #delay(): number {
    const [min, max] = this.weather.delayMs;
    return min + this.#paths.below(max - min + 1);
  }

  /** Lets time pass until `isDone`, which is asked every {@link LOOK_MS}, at most `ms`; whether it was. */
  runUntil(ms: number, isDone: () => boolean): boolean {
    const until = this.#now + ms;
    while (!isDone()) {
      if (this.#now >= until) return false;
      this.run(LOOK_MS);
    }
    return true;
  }

  /** Lets `ms` pass. */
  run(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const at = this.#queue.nextAt();
      if (at === undefined || at > until) break;
      const event = this.#queue.pop();
      this.#now = Math.max(this.#now, at);
      this.counters.events += 1;
      if (event?.cancelled === false) event.run();
    }
    this.#now = until;
  }

  fail(what: string, cause?: unknown): never {
    throw new SimulationFailure(what, this.#replay, this.#faults, this.trace.lines(), cause);
  }
}
