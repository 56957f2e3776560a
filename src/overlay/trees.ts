/**
 * Which neighbours get the payloads of a source at once (eager) and which only hear of them (lazy). The choice starts from the shortest-path
 * tree that announcements show (topology.ts); prunes and grafts correct it where views differ. Where no tree can be computed it is the
 * one shared tree of Plumtree (Leitão, Pereira and Rodrigues, "Epidemic broadcast trees", 2007, section 3), which prunes and grafts alone
 * shape. Rules OVL-20 to OVL-24.
 */
import type { PeerId } from '../kernel/ids.ts';
import type { Directory } from './directory.ts';
import { MAX_TREES } from './limits.ts';
import type { Topology } from './topology.ts';

/** Corrections of one tree. */
interface Corrections {
  readonly eager: Set<PeerId>;
  readonly lazy: Set<PeerId>;
  /** Neighbours that were told that we have it from elsewhere. */
  readonly pruned: Set<PeerId>;
}

const none: Corrections = { eager: new Set(), lazy: new Set(), pruned: new Set() };

export class Trees {
  readonly #directory: Directory;
  readonly #topology: Topology;
  readonly #isSlow: (peer: PeerId) => boolean;
  /** By source, oldest first; void when the topology changes, since the trees do too. */
  readonly #corrections = new Map<string, Corrections>();
  #version = -1;
  /** Of the tree that all sources share where none can be computed. */
  readonly #shared: Corrections = { eager: new Set(), lazy: new Set(), pruned: new Set() };

  constructor(directory: Directory, topology: Topology, isSlow: (peer: PeerId) => boolean) {
    this.#directory = directory;
    this.#topology = topology;
    this.#isSlow = isSlow;
  }

  /** Whether the neighbour `to` gets the payloads of `origin` unasked. */
  isEager(origin: string, to: PeerId, now: number): boolean {
    if (this.#isSlow(to)) return false;
    const children = this.#topology.childrenIn(origin, now);
    if (children === undefined) return !this.#shared.lazy.has(to);
    const { eager, lazy } = this.#corrected(origin) ?? none;
    return eager.has(to) || (children.has(to) && !lazy.has(to));
  }

  /** The neighbour has what comes from `origin` from elsewhere. */
  pruned(origin: string, by: PeerId, now: number): void {
    const corrections = this.#of(origin, now);
    corrections.eager.delete(by);
    corrections.lazy.add(by);
  }

  /** The neighbour lacks what comes from `origin`. */
  grafted(origin: string, by: PeerId, now: number): void {
    const corrections = this.#of(origin, now);
    corrections.lazy.delete(by);
    corrections.eager.add(by);
  }

  /** We asked `peer` for what comes from `origin`: what we told it before is void. */
  wanted(origin: string, peer: PeerId, now: number): void {
    const corrections = this.#of(origin, now);
    corrections.pruned.delete(peer);
    corrections.lazy.delete(peer);
    corrections.eager.add(peer);
  }

  /**
   * It brought a payload of `origin` that we had: true when it should be told, once per tree. The relation is symmetric: we send it
   * nothing of that source either, except what it asks for.
   */
  redundant(origin: string, by: PeerId, now: number): boolean {
    const corrections = this.#of(origin, now);
    if (corrections.pruned.has(by)) return false;
    corrections.pruned.add(by);
    corrections.eager.delete(by);
    corrections.lazy.add(by);
    return true;
  }

  /** A link came up or went down: it starts without corrections. */
  forget(peer: PeerId): void {
    for (const { eager, lazy, pruned } of [this.#shared, ...this.#corrections.values()]) {
      eager.delete(peer);
      lazy.delete(peer);
      pruned.delete(peer);
    }
  }

  #of(origin: string, now: number): Corrections {
    if (this.#topology.childrenIn(origin, now) === undefined) return this.#shared;
    const known = this.#corrected(origin);
    if (known !== undefined) return known;
    const fresh: Corrections = { eager: new Set(), lazy: new Set(), pruned: new Set() };
    this.#corrections.set(origin, fresh);
    for (const oldest of this.#corrections.keys()) {
      if (this.#corrections.size <= MAX_TREES) break;
      this.#corrections.delete(oldest);
    }
    return fresh;
  }

  #corrected(origin: string): Corrections | undefined {
    if (this.#version !== this.#directory.version) {
      this.#version = this.#directory.version;
      this.#corrections.clear();
    }
    return this.#corrections.get(origin);
  }
}
