import { describe, expect, it } from 'vitest';
import { randomFrom } from '../../../src/kernel/random.ts';
import type { Entry } from '../../../src/replication/entry.ts';
import { reportFigure } from '../../support/report-figure.ts';
import { join, Replica, type ReplicaWorld } from './replicas.ts';
import { SmallWorld } from './small-world.ts';

const NODES = 16;
const PACE_MS = 20;
const EDITS = 400;
/** A broadcast takes up to this long: three hops of a busy machine. */
const SLOWEST_MS = 120;

interface Swarm {
  readonly world: ReplicaWorld;
  readonly nodes: readonly Replica[];
  /** Edits for `EDITS * PACE_MS`, each by one of the first `writers` nodes, all of which reach everybody by broadcast. */
  readonly stream: (writers: number) => void;
  /** Messages of replication sent so far. */
  readonly sent: () => number;
}

/** Nodes in a ring with chords, four neighbours each. */
function swarmOf(): Swarm {
  const world: ReplicaWorld = new SmallWorld();
  const random = randomFrom('traffic');
  const nodes = Array.from({ length: NODES }, (_, i) => new Replica(world, `node ${i}`));
  const at = (i: number): Replica => {
    const node = nodes[i % NODES];
    if (node === undefined) throw new Error('no such node');
    return node;
  };
  for (let i = 0; i < NODES; i++) for (const step of [1, 5]) join(world, at(i), at(i + step));
  const due: { readonly at: number; readonly to: number; readonly entry: Entry }[] = [];
  const told = new Map<Replica, number>();
  const deliver = (): void => {
    for (const [from, node] of nodes.entries()) {
      const broadcasts = node.events('broadcast');
      for (const { entry } of broadcasts.slice(told.get(node) ?? 0))
        for (let to = 0; to < NODES; to++)
          if (to !== from) due.push({ at: world.now + 5 + random.below(SLOWEST_MS), to, entry });
      told.set(node, broadcasts.length);
    }
    due.sort((a, b) => a.at - b.at);
    while ((due[0]?.at ?? Infinity) <= world.now) {
      const next = due.shift();
      if (next === undefined) return;
      at(next.to).command({ type: 'delivered', entry: next.entry, from: at(next.to + 1).peer });
    }
  };
  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 5) {
      world.run(5);
      deliver();
    }
  };
  for (const node of nodes) node.claim();
  pass(8000);
  return {
    world,
    nodes,
    stream: (writers) => {
      for (let i = 0; i < EDITS; i++) {
        at(i % writers).set(`key ${i % 20}`, i);
        pass(PACE_MS);
      }
    },
    sent: () => nodes.reduce((sum, { tenant }) => sum + tenant.sent.length, 0),
  };
}

describe('the traffic of replication', () => {
  it.each([1, 16])('[REP-43] stays small in a stream of edits by %i nodes', (writers) => {
    const { world, nodes, stream, sent } = swarmOf();
    const before = sent();
    stream(writers);
    const perEdit = (sent() - before) / EDITS;
    reportFigure(`messages of replication per edit, 16 nodes, ${writers} writing`, perEdit, '');
    expect(perEdit).toBeLessThan(0.1 * NODES);
    world.run(10_000);
    expect(new Set(nodes.map(({ digest }) => digest)).size).toBe(1);
  });
});
