/** The trees that broadcasts travel along: computed from announcements, corrected by prunes and grafts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PeerId } from '../../../src/kernel/ids.ts';
import { Directory } from '../../../src/overlay/directory.ts';
import { MAX_KNOWN_PEERS, MAX_TREES } from '../../../src/overlay/limits.ts';
import { originOf } from '../../../src/overlay/messages.ts';
import { Topology } from '../../../src/overlay/topology.ts';
import { Trees } from '../../../src/overlay/trees.ts';
import { adjacency, announcement, connectedGraphs, peer, SELF } from './overlay-fixture.ts';

/** What the peer `self` computes after it has heard everybody's neighbours. */
function topologyOf(self: number, lists: readonly (readonly number[])[]): Topology {
  const directory = new Directory(peer(self));
  for (const [n, list] of lists.entries())
    if (n !== self) directory.heard(announcement(peer(n), 1, list.map(peer)), peer(n), 0);
  return new Topology(peer(self), directory, new Set((lists[self] ?? []).map(peer)));
}

/** Hops by which each peer gets what `source` broadcasts, along what each computes for itself, and the payloads sent. */
function spread(source: number, lists: readonly (readonly number[])[]): { hops: number[]; payloads: number } {
  const topologies = lists.map((_, n) => topologyOf(n, lists));
  const hops = lists.map(() => -1);
  hops[source] = 0;
  let payloads = 0;
  const queue: { to: number; from: number }[] = [{ to: source, from: -1 }];
  const numberOf = new Map(lists.map((_, n) => [peer(n), n]));
  for (const { to, from } of queue) {
    for (const child of topologies[to]?.childrenIn(originOf(peer(source)), 0) ?? []) {
      const next = numberOf.get(child) ?? -1;
      if (next === from) continue; // never back to where it came from
      payloads += 1;
      if (hops[next] !== -1) continue;
      hops[next] = (hops[to] ?? 0) + 1;
      queue.push({ to: next, from: to });
    }
  }
  return { hops, payloads };
}

function distances(source: number, lists: readonly (readonly number[])[]): number[] {
  const found = lists.map(() => -1);
  found[source] = 0;
  const queue = [source];
  for (const at of queue) {
    for (const next of lists[at] ?? []) {
      if (found[next] !== -1) continue;
      found[next] = (found[at] ?? 0) + 1;
      queue.push(next);
    }
  }
  return found;
}

describe('trees from announcements', () => {
  it('[OVL-21] one payload per peer, along shortest paths, whoever is the source', () => {
    const property = fc.property(connectedGraphs(2, 60), fc.nat(), ({ size, pairs }, from) => {
      const lists = adjacency(size, pairs);
      const source = from % size;
      const { hops, payloads } = spread(source, lists);
      expect(hops).toEqual(distances(source, lists));
      expect(payloads).toBe(size - 1);
    });
    fc.assert(property, { seed: 3, numRuns: 15 });
  });

  it('[OVL-21] different sources have different trees, so that work is shared', () => {
    // A complete bipartite core: many shortest paths between the two outer peers.
    const lists = adjacency(6, [
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 4],
      [2, 4],
      [3, 4],
      [4, 5],
    ]);
    const middles = new Set<number>();
    for (let salt = 0; salt < 40; salt++) {
      const moved = lists.map((list) => list.map((n) => n + salt * 10));
      for (const middle of [1, 2, 3]) {
        const directory = new Directory(peer(middle + salt * 10));
        for (const [n, list] of moved.entries())
          if (n !== middle) directory.heard(announcement(peer(n + salt * 10), 1, list.map(peer)), peer(0), 0);
        const self = peer(middle + salt * 10);
        const topology = new Topology(self, directory, new Set((moved[middle] ?? []).map(peer)));
        if (topology.childrenIn(originOf(peer(salt * 10)), 0)?.size === 1) middles.add(middle);
      }
    }
    expect(middles).toEqual(new Set([1, 2, 3]));
  });

  it('[OVL-20] a link that only one end announces does not count', () => {
    const property = fc.property(connectedGraphs(3, 30), fc.nat(), fc.nat(), ({ size, pairs }, a, b) => {
      const lists = adjacency(size, pairs);
      const [liar, victim] = [a % size, b % size];
      fc.pre(liar !== victim && lists[liar]?.includes(victim) !== true);
      const lying = lists.map((list, n) => (n === liar ? [...list, victim] : list));
      for (let n = 0; n < size; n++) {
        if (n === liar) continue; // it may believe what it likes
        const [honest, deceived] = [topologyOf(n, lists), topologyOf(n, lying)];
        for (const source of [liar, victim, (liar + 1) % size])
          expect(deceived.childrenIn(originOf(peer(source)), 0)).toEqual(
            honest.childrenIn(originOf(peer(source)), 0),
          );
      }
    });
    fc.assert(property, { seed: 4, numRuns: 20 });
  });

  it('[OVL-21] our own broadcasts go to everybody whom we are linked with, announced or not', () => {
    const topology = new Topology(SELF, new Directory(SELF), new Set([peer(1), peer(2)]));
    expect(topology.childrenIn(originOf(SELF), 0)).toEqual(new Set([peer(1), peer(2)]));
  });

  it('[OVL-22] no tree is known of strangers, of sources that no links lead to, and in a table that is full', () => {
    const directory = new Directory(SELF);
    const links = new Set([peer(1)]);
    const topology = new Topology(SELF, directory, links);
    directory.heard(announcement(peer(1), 1, [SELF, peer(2)]), peer(1), 0);
    directory.heard(announcement(peer(2), 1, [peer(1)]), peer(1), 0);
    directory.heard(announcement(peer(3), 1, [peer(4)]), peer(1), 0);
    expect(topology.childrenIn(originOf(peer(2)), 0)).toEqual(new Set());
    expect(topology.childrenIn(originOf(peer(3)), 0)).toBeUndefined();
    expect(topology.childrenIn(originOf(peer(9)), 0)).toBeUndefined();
    expect(topology.childrenIn('00'.repeat(8), 0)).toBeUndefined();
    for (let n = 1_000; directory.size < MAX_KNOWN_PEERS; n++) directory.touch(peer(n), 0);
    expect(topology.childrenIn(originOf(peer(2)), 0)).toBeUndefined();
  });

  it('[OVL-21] a new announcement changes the tree at once', () => {
    const directory = new Directory(SELF);
    const topology = new Topology(SELF, directory, new Set([peer(1), peer(2)]));
    directory.heard(announcement(peer(1), 1, [SELF]), peer(1), 0);
    directory.heard(announcement(peer(2), 1, [SELF]), peer(2), 0);
    expect(topology.childrenIn(originOf(peer(1)), 0)).toEqual(new Set([peer(2)]));
    directory.heard(announcement(peer(1), 2, [SELF, peer(2)]), peer(1), 1);
    directory.heard(announcement(peer(2), 2, [SELF, peer(1)]), peer(2), 1);
    expect(topology.childrenIn(originOf(peer(1)), 1)).toEqual(new Set());
  });
});

describe('corrections', () => {
  const [A, B, C] = [peer(1), peer(2), peer(3)] as const;

  function trees(isSlow: (peer: PeerId) => boolean = () => false) {
    const directory = new Directory(SELF);
    const links = new Set([A, B, C]);
    for (const each of links) directory.heard(announcement(each, 1, [SELF]), each, 0);
    return { directory, trees: new Trees(directory, new Topology(SELF, directory, links), isSlow) };
  }

  it('[OVL-23] a prune makes a child lazy, a graft makes anybody eager, for that source only', () => {
    const { trees: made } = trees();
    const [a, b] = [originOf(A), originOf(B)];
    expect([made.isEager(a, B, 0), made.isEager(a, A, 0)]).toEqual([true, false]);
    made.pruned(a, B, 0);
    expect(made.isEager(a, B, 0)).toBe(false);
    expect(made.isEager(b, C, 0)).toBe(true);
    made.grafted(a, B, 0);
    expect(made.isEager(a, B, 0)).toBe(true);
    made.grafted(a, A, 0);
    expect(made.isEager(a, A, 0)).toBe(true);
  });

  it('[OVL-23] whoever brings duplicates is told once, and again after we asked it for something', () => {
    const { trees: made } = trees();
    const origin = originOf(A);
    expect(made.redundant(origin, B, 0)).toBe(true);
    expect(made.redundant(origin, B, 0)).toBe(false);
    expect(made.isEager(origin, B, 0)).toBe(false);
    made.wanted(origin, B, 0);
    expect(made.isEager(origin, B, 0)).toBe(true);
    expect(made.redundant(origin, B, 0)).toBe(true);
  });

  it('[OVL-23] corrections are void when the links that are announced change, and when a link is new', () => {
    const { directory, trees: made } = trees();
    const origin = originOf(A);
    made.pruned(origin, B, 0);
    made.forget(B);
    expect(made.isEager(origin, B, 0)).toBe(true);
    made.pruned(origin, B, 0);
    made.grafted(origin, A, 0);
    directory.disturb();
    expect([made.isEager(origin, B, 0), made.isEager(origin, A, 0)]).toEqual([true, false]);
  });

  it('[OVL-22] without a tree all links are eager until they are pruned, and the pruning is shared by all sources', () => {
    const { trees: made } = trees();
    const [one, other] = ['11'.repeat(8), '22'.repeat(8)];
    expect(made.isEager(one, A, 0)).toBe(true);
    made.pruned(one, A, 0);
    expect(made.isEager(other, A, 0)).toBe(false);
    made.grafted(other, A, 0);
    expect(made.isEager(one, A, 0)).toBe(true);
    expect(made.isEager(originOf(B), A, 0)).toBe(true);
  });

  it('[OVL-23] corrections are kept for the latest sources only', () => {
    const directory = new Directory(SELF);
    const sources = Array.from({ length: MAX_TREES + 1 }, (_, i) => peer(1_000 + i));
    directory.heard(announcement(A, 1, [SELF, ...sources]), A, 0);
    for (const source of sources) directory.heard(announcement(source, 1, [A]), A, 0);
    const made = new Trees(directory, new Topology(SELF, directory, new Set([A])), () => false);
    for (const source of sources) made.grafted(originOf(source), A, 0);
    const corrected = sources.filter((source) => made.isEager(originOf(source), A, 0));
    expect(corrected).toEqual(sources.slice(1));
  });

  it('[OVL-24] a neighbour whose link is slow gets nothing unasked', () => {
    const { trees: made } = trees((each) => each === B);
    expect([made.isEager(originOf(A), B, 0), made.isEager(originOf(A), C, 0)]).toEqual([false, true]);
    made.grafted(originOf(A), B, 0);
    expect(made.isEager(originOf(A), B, 0)).toBe(false);
  });
});
