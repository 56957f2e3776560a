/**
 * Shuffles: now and then two peers that a random walk brings together exchange samples of their views (HyParView, section 4.3). The answer
 * goes back along the path of the walk instead of over a link of its own, which would cost a second. Rule OVL-14.
 */
import type { PeerId } from '../kernel/ids.ts';
import { pick, shuffled, type Random } from '../kernel/random.ts';
import type { Outbox } from './commands.ts';
import { SHUFFLE_MAX_MS, SHUFFLE_MIN_MS, SHUFFLE_SAMPLE, SHUFFLE_TTL } from './limits.ts';
import type { MessageOf } from './messages.ts';
import type { PassiveView } from './passive-view.ts';

export interface ShufflesOptions {
  readonly self: PeerId;
  readonly links: ReadonlySet<PeerId>;
  readonly passive: PassiveView;
  readonly random: Random;
}

export class Shuffles {
  readonly #o: ShufflesOptions;
  #nextAt = 0;
  /** What we sent last: when answers come it may make room for them. */
  #sent: readonly PeerId[] = [];

  constructor(options: ShufflesOptions) {
    this.#o = options;
  }

  start(now: number): void {
    this.#nextAt = now + this.#pauseMs();
  }

  maintain(now: number, out: Outbox): void {
    if (now < this.#nextAt) return;
    this.#nextAt = now + this.#pauseMs();
    const to = this.#anyBut([]);
    if (to === undefined) return;
    this.#sent = this.#sample(to);
    out.send(to, { kind: 'shuffle', path: [this.#o.self], ttl: SHUFFLE_TTL, sample: this.#sent }, 'control');
  }

  received(from: PeerId, message: MessageOf<'shuffle'>, now: number, out: Outbox): void {
    const { path, ttl, sample } = message;
    if (!this.#o.links.has(from) || path.at(-1) !== from || path.includes(this.#o.self)) return;
    const next = ttl > 1 && path.length < SHUFFLE_TTL ? this.#anyBut(path) : undefined;
    if (next !== undefined) {
      out.send(next, { kind: 'shuffle', path: [...path, this.#o.self], ttl: ttl - 1, sample }, 'control');
      return;
    }
    const [origin] = path;
    if (origin === undefined) return;
    const ours = this.#sample(origin);
    out.send(from, { kind: 'shuffleReply', path: path.slice(0, -1), sample: ours }, 'control');
    for (const peer of [origin, ...sample]) this.#o.passive.add(peer, now, ours);
  }

  replied(from: PeerId, message: MessageOf<'shuffleReply'>, now: number, out: Outbox): void {
    const { path, sample } = message;
    if (!this.#o.links.has(from)) return;
    const back = path.at(-1);
    if (back === undefined) {
      for (const peer of sample) this.#o.passive.add(peer, now, this.#sent);
    } else if (this.#o.links.has(back)) {
      out.send(back, { kind: 'shuffleReply', path: path.slice(0, -1), sample }, 'control');
    }
  }

  /** Half of our neighbours, the rest from the passive view. */
  #sample(not: PeerId): PeerId[] {
    const neighbours = shuffled(this.#o.random, [...this.#o.links]).filter((peer) => peer !== not);
    const some = neighbours.slice(0, SHUFFLE_SAMPLE / 2 - 1);
    return [...some, ...this.#o.passive.sample(SHUFFLE_SAMPLE - some.length, not)];
  }

  #anyBut(path: readonly PeerId[]): PeerId | undefined {
    return pick(
      this.#o.random,
      [...this.#o.links].filter((peer) => !path.includes(peer)),
    );
  }

  #pauseMs(): number {
    return SHUFFLE_MIN_MS + this.#o.random.below(SHUFFLE_MAX_MS - SHUFFLE_MIN_MS);
  }
}
