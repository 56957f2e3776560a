/**
 * The mesh as announcements show it, and the shortest-path tree of any source in it. Every peer that has heard the same announcements
 * computes the same tree, so each payload crosses exactly one link per peer without any message about trees. A link counts when
 * both its ends announce it: nobody can claim to be somebody's neighbour alone. Rules OVL-20 to OVL-22.
 */
import type { PeerId } from '../kernel/ids.ts';
import type { Directory } from './directory.ts';
import { MAX_TREES } from './limits.ts';
import { originOf } from './messages.ts';

const UNREACHED = -1;

interface Graph {
  readonly indexOf: ReadonlyMap<PeerId, number>;
  readonly peers: readonly PeerId[];
  readonly links: readonly (readonly number[])[];
  /** A number per peer that orders parents: from the peer's key, which nobody chooses freely. */
  readonly lots: readonly number[];
}

export class Topology {
  readonly #self: PeerId;
  readonly #directory: Directory;
  readonly #links: ReadonlySet<PeerId>;
  #graph: Graph | undefined;
  #graphVersion = -1;
  /** Our branches by source, oldest first. */
  readonly #branches = new Map<string, ReadonlySet<PeerId> | undefined>();

  constructor(self: PeerId, directory: Directory, links: ReadonlySet<PeerId>) {
    this.#self = self;
    this.#directory = directory;
    this.#links = links;
  }

  /**
   * The neighbours that are our children in the tree of the source with the short name `origin`, or undefined when no tree is
   * known: the source is unknown, not connected with us by announced links, or the table is too small for the swarm.
   */
  childrenIn(origin: string, now: number): ReadonlySet<PeerId> | undefined {
    if (this.#directory.isFull) return undefined;
    if (this.#graphVersion !== this.#directory.version) {
      this.#branches.clear();
      this.#graph = undefined;
      this.#graphVersion = this.#directory.version;
    }
    if (this.#branches.has(origin)) return this.#branches.get(origin);
    this.#graph ??= this.#build(now);
    const children = this.#children(this.#graph, origin);
    this.#branches.set(origin, children);
    for (const oldest of this.#branches.keys()) {
      if (this.#branches.size <= MAX_TREES) break;
      this.#branches.delete(oldest);
    }
    return children;
  }

  #children(graph: Graph, origin: string): ReadonlySet<PeerId> | undefined {
    // Everybody whom we are linked with is one hop away from us, whatever they have announced by now.
    if (origin === originOf(this.#self)) return this.#links;
    const source = graph.indexOf.get(this.#directory.byOrigin(origin) ?? this.#self);
    const self = graph.indexOf.get(this.#self);
    if (source === undefined || self === undefined || source === self) return undefined;
    const distances = distancesFrom(graph, source);
    if (distances[self] === UNREACHED) return undefined;
    const children = new Set<PeerId>();
    for (const child of graph.links[self] ?? []) {
      if (parentOf(graph, distances, child, source) === self) children.add(graph.peers[child] ?? this.#self);
    }
    return children;
  }

  #build(now: number): Graph {
    const peers: PeerId[] = [this.#self];
    const lists = new Map<PeerId, ReadonlySet<PeerId>>([[this.#self, this.#links]]);
    for (const entry of this.#directory.all()) {
      if (entry.announcement === undefined || !this.#directory.isFresh(entry, now)) continue;
      peers.push(entry.peer);
      lists.set(entry.peer, new Set(entry.announcement.neighbours));
    }
    const indexOf = new Map(peers.map((peer, index) => [peer, index]));
    const links = peers.map((peer) => {
      const found: number[] = [];
      for (const other of lists.get(peer) ?? []) {
        const index = indexOf.get(other);
        if (index !== undefined && lists.get(other)?.has(peer) === true) found.push(index);
      }
      return found;
    });
    return { indexOf, peers, links, lots: peers.map((peer) => parseInt(peer.slice(-8), 16) | 0) };
  }
}

/** Hops from `source` by index; UNREACHED where no announced links lead. */
function distancesFrom(graph: Graph, source: number): Int16Array {
  const distances = new Int16Array(graph.peers.length).fill(UNREACHED);
  distances[source] = 0;
  const queue = [source];
  for (const at of queue) {
    for (const next of graph.links[at] ?? []) {
      if (distances[next] !== UNREACHED) continue;
      distances[next] = (distances[at] ?? 0) + 1;
      queue.push(next);
    }
  }
  return distances;
}

/** The neighbour of `child` that hands it what comes from `source`: one of those nearest to the source, by lot. */
function parentOf(graph: Graph, distances: Int16Array, child: number, source: number): number | undefined {
  const distance = distances[child] ?? UNREACHED;
  if (distance <= 0) return undefined;
  let best: number | undefined;
  let bestLot = 0;
  for (const candidate of graph.links[child] ?? []) {
    if (distances[candidate] !== distance - 1) continue;
    const lot = mix(graph.lots[source] ?? 0, graph.lots[candidate] ?? 0, graph.lots[child] ?? 0);
    if (best === undefined || lot < bestLot) {
      best = candidate;
      bestLot = lot;
    }
  }
  return best;
}

/** A number from three that looks drawn; the finalizer of MurmurHash3 (Appleby 2011). */
function mix(a: number, b: number, c: number): number {
  let h = a ^ Math.imul(b, 0x9e37_79b1) ^ Math.imul(c, 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
