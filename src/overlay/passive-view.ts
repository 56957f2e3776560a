/**
 * HyParView's passive view: up to 30 peers whom we would dial next (Leitão, Pereira and Rodrigues, "HyParView", 2007). It is filled by
 * discoveries, by what busy peers and shuffles name, and from the directory, and it loses whoever is gone. Rules OVL-12, OVL-13.
 */
import type { PeerId } from '../kernel/ids.ts';
import { pick, shuffled, type Random } from '../kernel/random.ts';
import type { Directory, KnownPeer } from './directory.ts';
import { MAX_PASSIVE } from './limits.ts';

/** A peer that failed so often makes room for others. Guess. */
const HOPELESS_FAILURES = 5;

export class PassiveView {
  readonly #self: PeerId;
  readonly #directory: Directory;
  readonly #links: ReadonlySet<PeerId>;
  readonly #random: Random;
  readonly #peers = new Set<PeerId>();

  constructor(self: PeerId, directory: Directory, links: ReadonlySet<PeerId>, random: Random) {
    this.#self = self;
    this.#directory = directory;
    this.#links = links;
    this.#random = random;
  }

  get size(): number {
    return this.#peers.size;
  }

  has(peer: PeerId): boolean {
    return this.#peers.has(peer);
  }

  /** The entries of those whom the directory still knows. */
  *candidates(): Generator<KnownPeer> {
    for (const peer of this.#peers) {
      const entry = this.#directory.get(peer);
      if (entry !== undefined) yield entry;
    }
  }

  /**
   * Takes in a peer that showed itself or was named; a full view gives up one of `unneeded` (what a shuffle sent away), else
   * one by lot. Nobody can fill it with inventions alone, since links are made only with who answers.
   */
  add(peer: PeerId, now: number, unneeded: readonly PeerId[] = []): void {
    if (peer === this.#self || this.#links.has(peer) || this.#peers.has(peer)) return;
    if (this.#directory.touch(peer, now, true) === undefined) return;
    if (this.#peers.size >= MAX_PASSIVE) {
      const victim = unneeded.find((other) => this.#peers.has(other)) ?? pick(this.#random, [...this.#peers]);
      if (victim !== undefined) this.#peers.delete(victim);
    }
    this.#peers.add(peer);
  }

  remove(peer: PeerId): void {
    this.#peers.delete(peer);
  }

  /** Drops who is gone or hopeless, and fills up with reachable peers of the directory. */
  maintain(): void {
    for (const peer of this.#peers) {
      const entry = this.#directory.get(peer);
      const isUseless =
        entry === undefined ||
        entry.gone !== undefined ||
        (entry.failures >= HOPELESS_FAILURES && !entry.reachable);
      if (isUseless) this.#peers.delete(peer);
    }
    if (this.#peers.size >= MAX_PASSIVE) return;
    const others: PeerId[] = [];
    for (const { peer, reachable } of this.#directory.all())
      if (reachable && !this.#links.has(peer) && !this.#peers.has(peer)) others.push(peer);
    for (const peer of shuffled(this.#random, others).slice(0, MAX_PASSIVE - this.#peers.size))
      this.#peers.add(peer);
  }

  /** Up to `count` of them by lot, but `not`. */
  sample(count: number, not: PeerId): PeerId[] {
    const others = [...this.#peers].filter((peer) => peer !== not);
    return shuffled(this.#random, others).slice(0, count);
  }
}
