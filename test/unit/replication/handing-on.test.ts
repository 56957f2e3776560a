import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { peerIdFrom, type Hash, type PeerId } from '../../../src/kernel/ids.ts';
import type { Entry } from '../../../src/replication/entry.ts';
import { proveFork, type ForkProof } from '../../../src/replication/forks.ts';
import {
  DIGEST_JITTER_MS,
  DIGEST_MAX_MS,
  MAX_HANDED_BYTES,
  MAX_HANDED_ENTRIES,
} from '../../../src/replication/limits.ts';
import { BOARD, KEYS, openAuthor } from './author.ts';
import { join, part, Replica, type ReplicaWorld } from './replicas.ts';
import { SmallWorld } from './small-world.ts';

const LIAR = peerIdFrom(KEYS.publicKey('liar'));
const ROUND_MS = DIGEST_MAX_MS + DIGEST_JITTER_MS;
/** Waits for ever. */
const NOBODYS = 'ab'.repeat(32) as Hash;

/** Replicas in a row, each the neighbour of the next, and of a liar over a link through which they get nothing. */
function rowOf(count: number): { readonly world: ReplicaWorld; readonly row: readonly Replica[] } {
  const world: ReplicaWorld = new SmallWorld();
  const row = Array.from({ length: count }, (_, at) => new Replica(world, `member ${at}`));
  for (const [at, replica] of row.entries()) {
    const next = row[at + 1];
    if (next !== undefined) join(world, replica, next);
    replica.command({ type: 'neighbourUp', peer: LIAR, served: false });
  }
  row[0]?.claim();
  world.run(3 * ROUND_MS);
  return { world, row };
}

function give(world: ReplicaWorld, to: Replica | undefined, ...entries: readonly Entry[]): void {
  if (to === undefined) throw new Error('no such member');
  const batch = { kind: 'batch', pull: 0, remainingBytes: 0, more: false } as const;
  const message = { ...batch, entries: entries.map(({ bytes }) => bytes) };
  world.give(to.tenant, { kind: 'received', from: LIAR, message });
}

/** Somebody who forked, one of the two branches, and what others wrote on it who say that they did not know. */
function plot(): {
  readonly known: readonly Entry[];
  readonly proof: ForkProof;
  readonly contested: Entry;
  readonly vouching: Entry;
} {
  const [forger, friend] = [openAuthor('forger'), openAuthor('friend')];
  const known = [...forger.entries, ...friend.entries];
  const other = forger.draft(
    'update',
    forger.change((doc) => doc.getMap('board').set('other', 1)),
  );
  const twin = openAuthor('forger');
  const contested = twin.set('contested', 1);
  friend.receive(contested);
  const vouching = friend.set('vouching', 1, contested);
  return { known, proof: proveFork(BOARD, contested, other), contested, vouching };
}

/** Batches that nobody asked for, which one member sent to another. */
function handed(
  from: Replica | undefined,
  to: PeerId | undefined,
): readonly { readonly at: number; readonly count: number }[] {
  return (from?.tenant.sent ?? []).flatMap(({ to: whom, message, at }) =>
    whom === to && message.kind === 'batch' && message.pull === 0
      ? [{ at, count: message.entries.length }]
      : [],
  );
}

describe('what waits', () => {
  it('[REP-77] is handed on, so that members who give it in pieces to several give it to all', () => {
    const { world, row } = rowOf(4);
    const { known, proof, contested, vouching } = plot();
    for (const replica of row) {
      give(world, replica, ...known);
      replica.command({ type: 'proved', proof });
    }
    world.run(ROUND_MS);
    give(world, row[0], contested);
    give(world, row[3], vouching);
    expect(row.map(({ board }) => board)).toEqual([{}, {}, {}, {}]);
    world.run(1000);
    for (const { board } of row) expect(board).toEqual({ contested: 1, vouching: 1 });
    expect(new Set(row.map(({ digest }) => digest)).size).toBe(1);
  });

  it('[REP-77] reaches who comes later, whatever came first', () => {
    const { world, row } = rowOf(2);
    const [a, b] = row as [Replica, Replica];
    const { known, proof, contested, vouching } = plot();
    part(world, a, b);
    for (const replica of row) {
      give(world, replica, ...known);
      replica.command({ type: 'proved', proof });
    }
    give(world, a, contested);
    give(world, b, vouching);
    world.run(3 * ROUND_MS);
    expect(b.board).toEqual({});
    join(world, a, b);
    world.run(2 * ROUND_MS);
    for (const { board } of row) expect(board).toEqual({ contested: 1, vouching: 1 });
  });

  it('[REP-77] crosses each link once, and not back', () => {
    const { world, row } = rowOf(3);
    const hoarder = openAuthor('hoarder');
    const first = hoarder.draft('update', utf8(''), { heads: [NOBODYS] });
    for (const replica of row) give(world, replica, ...hoarder.entries);
    give(world, row[0], first);
    world.run(10 * ROUND_MS);
    expect(row.map(({ replication }) => replication.footprint.waiting)).toEqual([1, 1, 1]);
    expect(handed(row[0], row[1]?.peer).length).toBe(1);
    expect(handed(row[1], row[2]?.peer).length).toBe(1);
    expect([...handed(row[1], row[0]?.peer), ...handed(row[2], row[1]?.peer)]).toEqual([]);
  });

  it('[REP-77] trickles when it is much, and nobody who lets much wait keeps back what others do', () => {
    const { world, row } = rowOf(2);
    const [a, b] = row as [Replica, Replica];
    const [hoarder, other] = [openAuthor('hoarder'), openAuthor('other')];
    for (const replica of row) give(world, replica, ...hoarder.entries, ...other.entries);
    const hoard = Array.from({ length: 6 * MAX_HANDED_ENTRIES }, (_, at) =>
      hoarder.write('update', utf8(`${at}`), ...(at === 0 ? [{ hash: NOBODYS } as Entry] : [])),
    );
    give(world, a, ...hoard);
    give(world, a, other.draft('update', utf8(''), { heads: [NOBODYS] }));
    world.run(ROUND_MS);
    for (let round = 0; round < 2; round++) world.run(ROUND_MS);
    const batches = handed(a, b.peer);
    expect(Math.max(...batches.map(({ count }) => count))).toBe(MAX_HANDED_ENTRIES);
    const total = batches.reduce((sum, { count }) => sum + count, 0);
    expect(total).toBeLessThan(hoard.length);
    expect(b.replication.footprint.waiting).toBe(total);
    expect(b.replication.knows(other.draft('update', utf8(''), { heads: [NOBODYS] }).hash)).toBe(true);
    world.run(10 * ROUND_MS);
    expect(b.replication.footprint.waiting).toBe(hoard.length + 1);
  });

  it('[REP-77] goes in messages of few bytes', () => {
    const { world, row } = rowOf(2);
    const [a, b] = row as [Replica, Replica];
    const author = openAuthor('author of much');
    for (const replica of row) give(world, replica, ...author.entries);
    const size = MAX_HANDED_BYTES / 2;
    const hoard = Array.from({ length: 5 }, (_, at) =>
      author.write('update', utf8('x'.repeat(size)), ...(at === 0 ? [{ hash: NOBODYS } as Entry] : [])),
    );
    give(world, a, ...hoard);
    world.run(6 * ROUND_MS);
    expect(handed(a, b.peer).every(({ count }) => count === 1)).toBe(true);
    expect(b.replication.footprint.waiting).toBe(hoard.length);
  });

  it('[REP-36, REP-77] is for those only who may be served', () => {
    const world: ReplicaWorld = new SmallWorld();
    const [a, b] = ['a', 'b'].map((name) => new Replica(world, name)) as [Replica, Replica];
    a.claim();
    world.connect(a.tenant, b.tenant, true);
    a.command({ type: 'neighbourUp', peer: b.peer, served: false });
    a.command({ type: 'neighbourUp', peer: LIAR, served: false });
    give(world, a, openAuthor('x').draft('update', utf8(''), { heads: [NOBODYS] }));
    world.run(4 * ROUND_MS);
    expect(a.replication.footprint.waiting).toBe(1);
    expect(handed(a, b.peer)).toEqual([]);
  });

  it('[REP-77] costs nothing when nothing waits', () => {
    const { world, row } = rowOf(3);
    row[0]?.set('key', 1);
    world.run(10 * ROUND_MS);
    expect(row.flatMap((from) => row.flatMap((to) => handed(from, to.peer)))).toEqual([]);
  });
});
