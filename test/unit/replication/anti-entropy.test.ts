import { describe, expect, it } from 'vitest';
import { encodeWith } from '../../../src/kernel/codec.ts';
import { randomFrom } from '../../../src/kernel/random.ts';
import type { Entry } from '../../../src/replication/entry.ts';
import { proveFork } from '../../../src/replication/forks.ts';
import {
  DIGEST_MAX_MS,
  DIGEST_MIN_MS,
  MAX_BATCH_ENTRIES,
  MAX_SECOND_PULL_BYTES,
  MAX_SHOWN_HEADS,
  PULL_BUDGET_BYTES,
  PULL_DEADLINE_MS,
  PULL_GRACE_MS,
  PULL_PATIENCE_MS,
  QUIET_ASK_MS,
} from '../../../src/replication/limits.ts';
import { replicationMessageCodec, type ReplicationMessage } from '../../../src/replication/messages.ts';
import { roundAfter } from '../../../src/replication/rounds.ts';
import { updateOf } from '../../../src/sim/attacks/update-bytes.ts';
import { BOARD, openAuthor, type Author } from './author.ts';
import { join, part, Replica, type ReplicaWorld } from './replicas.ts';
import { SmallWorld } from './small-world.ts';

const SETTLED_MS = 60_000;

function worldOf(...names: string[]): { world: ReplicaWorld; replicas: Replica[] } {
  const world: ReplicaWorld = new SmallWorld();
  return { world, replicas: names.map((name) => new Replica(world, name)) };
}

function two(): { world: ReplicaWorld; a: Replica; b: Replica } {
  const world: ReplicaWorld = new SmallWorld();
  return { world, a: new Replica(world, 'a'), b: new Replica(world, 'b') };
}

function give(replica: Replica, entries: readonly Entry[], from: Author): void {
  for (const entry of entries) replica.command({ type: 'delivered', entry, from: from.peer });
}

/** Says to `to` what `from` never said. */
function say(world: ReplicaWorld, from: Replica, to: Replica, message: ReplicationMessage): void {
  world.inject(from.peer, to.tenant, encodeWith(replicationMessageCodec, message));
}

describe('digests', () => {
  it('[REP-32] are sent at once to a new neighbour, then to up to five every 2 to 5 s', () => {
    const { world, replicas } = worldOf('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
    const [a, ...others] = replicas;
    if (a === undefined) return;
    for (const other of others) join(world, a, other);
    expect(a.sent('digest').length).toBe(7);
    world.run(100_000);
    const rounds = new Map<number, number>();
    for (const { message, at } of a.tenant.sent)
      if (message.kind === 'digest' && at > 0) rounds.set(at, (rounds.get(at) ?? 0) + 1);
    expect([...rounds.values()].every((count) => count === 5)).toBe(true);
    const times = [...rounds.keys()];
    const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(DIGEST_MIN_MS);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(DIGEST_MAX_MS);
    expect(new Set(a.tenant.sent.slice(7).map(({ to }) => to)).size).toBe(7);
  });

  it('[REP-32] show the heads from which all can be reached, to those who may be served', () => {
    const { world, a, b } = two();
    a.claim();
    a.set('key', 1);
    world.run(100);
    world.connect(a.tenant, b.tenant, true);
    a.command({ type: 'neighbourUp', peer: b.peer, served: false });
    expect(a.sent('digest').map(({ heads }) => heads)).toEqual([[]]);
    a.command({ type: 'neighbourUp', peer: b.peer, served: true });
    const { journals } = a.replication;
    expect(a.sent('digest').at(-1)?.heads).toEqual([
      { author: a.peer, seq: 2, head: journals.headOf(a.peer) },
    ]);
  });

  it('[REP-32] that are equal, or show nothing new, are answered by nothing', () => {
    const { world, a, b } = two();
    a.claim();
    world.run(100);
    join(world, a, b);
    world.run(1000);
    expect(b.digest).toBe(a.digest);
    const before = [a, b].map((one) => one.sent('frontier').length + one.sent('pull').length);
    part(world, a, b);
    a.set('ahead', 1);
    world.run(100);
    world.tamper = (from, _to, bytes) => (from === a.peer ? undefined : bytes); // b never hears of it
    join(world, a, b);
    world.run(QUIET_ASK_MS);
    expect([a, b].map((one) => one.sent('frontier').length + one.sent('pull').length)).toEqual(before);
    expect(b.board).toEqual({});
  });

  it('[REP-32] with too many heads to show are compared by frontiers', () => {
    const { world, a, b } = two();
    const writers = Array.from({ length: MAX_SHOWN_HEADS + 1 }, (_, i) => openAuthor(`writer ${i}`));
    for (const writer of writers) give(a, writer.entries, writer);
    b.claim();
    world.run(100);
    join(world, a, b);
    expect(a.sent('digest').at(-1)?.heads).toEqual([]);
    world.run(1000);
    expect(a.sent('frontier').length + b.sent('frontier').length).toBeGreaterThan(0);
    world.run(SETTLED_MS);
    expect(b.digest).toBe(a.digest);
    expect(a.replication.journals.entryCount).toBe(MAX_SHOWN_HEADS + 2);
  });

  it('[REP-32] come sooner in a small swarm with news than in a large or a quiet one', () => {
    const random = randomFrom('rounds');
    const mean = (peers: number, isRestless: boolean): number => {
      const waits = Array.from({ length: 200 }, () => roundAfter(peers, isRestless, random));
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(DIGEST_MIN_MS);
      expect(Math.max(...waits)).toBeLessThanOrEqual(DIGEST_MAX_MS);
      return waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
    };
    expect(mean(2, true)).toBeLessThan(2600);
    expect(mean(8, true)).toBeLessThan(mean(32, true));
    expect(mean(32, true)).toBeLessThan(mean(64, true));
    for (const [peers, isRestless] of [
      [2, false],
      [64, true],
      [10_000, true],
    ] as const)
      expect(mean(peers, isRestless)).toBeGreaterThan(4400);
  });
});

describe('pulls', () => {
  it('[REP-33] of a newcomer begin at once, those of others after a broadcast had its time', () => {
    const { world, a, b } = two();
    a.claim();
    world.run(100);
    join(world, a, b);
    world.run(25);
    expect(b.sent('pull').length).toBe(1);
    world.run(1000);
    part(world, a, b);
    a.set('late', 1);
    world.run(100);
    join(world, a, b);
    const before = b.sent('pull').length;
    world.run(PULL_GRACE_MS);
    expect(b.sent('pull').length).toBe(before);
    world.run(30);
    expect(b.sent('pull').length).toBe(before + 1);
    world.run(100);
    expect(b.board).toEqual({ late: 1 });
  });

  it('[REP-33] are not needed for what a broadcast brings within the grace', () => {
    const { world, a, b } = two();
    a.claim();
    world.run(100);
    join(world, a, b);
    world.run(1000);
    const before = b.sent('pull').length;
    a.set('quick', 1);
    world.run(10);
    a.flush(b);
    world.run(SETTLED_MS);
    expect(b.board).toEqual({ quick: 1 });
    expect(b.sent('pull').length).toBe(before);
  });

  it('[REP-33] go to one neighbour at a time', () => {
    const { world, replicas } = worldOf('a', 'b', 'c', 'd');
    const [newcomer, ...others] = replicas;
    const author = openAuthor('author');
    for (let i = 0; i < 3000; i++) author.set('key', i);
    for (const other of others) give(other, author.entries, author);
    world.run(1000);
    if (newcomer === undefined) return;
    for (const other of others) join(world, newcomer, other);
    world.run(SETTLED_MS);
    const batches = others.reduce((sum, other) => sum + other.sent('batch').length, 0);
    expect(newcomer.replication.journals.entryCount).toBe(3001);
    expect(batches).toBe(Math.ceil(3001 / MAX_BATCH_ENTRIES));
  });

  it('[REP-34] are answered by batches within their bounds', () => {
    const { world, a, b } = two();
    const author = openAuthor('author');
    for (let i = 0; i < 40; i++) author.set(`key ${i}`, 'x'.repeat(20_000));
    for (let i = 0; i < 1200; i++) author.set('key', i);
    give(a, author.entries, author);
    world.run(1000);
    join(world, a, b);
    world.run(SETTLED_MS);
    expect(b.digest).toBe(a.digest);
    const batches = a.sent('batch').filter(({ entries }) => entries.length > 0);
    expect(batches.length).toBeGreaterThan(3);
    for (const { entries } of batches) {
      expect(entries.length).toBeLessThanOrEqual(MAX_BATCH_ENTRIES);
      expect(entries.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(PULL_BUDGET_BYTES);
    }
  });

  it.each([
    { what: 'little is lacking', title: 'x', afterMs: PULL_PATIENCE_MS },
    { what: 'much is lacking', title: 'x'.repeat(MAX_SECOND_PULL_BYTES), afterMs: PULL_DEADLINE_MS },
  ])(
    '[REP-35] that bring nothing for some time are given to another neighbour: $what',
    ({ title, afterMs }) => {
      const { world, replicas } = worldOf('a', 'b', 'c');
      const [newcomer, ...others] = replicas;
      if (newcomer === undefined) return;
      const author = openAuthor('author');
      author.set('a', title);
      for (const other of others) give(other, author.entries, author);
      world.run(200);
      // Whoever is asked first does not answer.
      let silent: string | undefined;
      world.tamper = (from, to, bytes) => {
        if (from === newcomer.peer && newcomer.sent('pull').length === 1) silent ??= to;
        return from === silent && bytes[0] === 4 ? undefined : bytes;
      };
      for (const other of others) join(world, newcomer, other);
      world.run(afterMs - 100);
      expect(newcomer.board).toEqual({});
      world.run(200);
      expect(newcomer.board).toEqual({ a: title });
      const asked = newcomer.tenant.sent.filter(({ message }) => message.kind === 'pull').map(({ to }) => to);
      expect(new Set(asked.slice(0, 2)).size).toBe(2);
    },
  );

  it('[REP-35] end with a batch of which nothing takes effect, so that nobody keeps us busy with promises', () => {
    const { world, replicas } = worldOf('newcomer', 'liar', 'honest');
    const [newcomer, liar, honest] = replicas;
    if (newcomer === undefined || liar === undefined || honest === undefined) return;
    const author = openAuthor('author');
    author.set('a', 1);
    give(honest, author.entries, author);
    world.run(200);
    join(world, newcomer, liar);
    const junk = openAuthor('junk').draft('update', updateOf([]), { seq: 9 });
    const promise = { author: junk.author, seq: 9, head: junk.hash };
    world.tamper = (from, _to, bytes) => (from === liar.peer ? undefined : bytes);
    say(world, liar, newcomer, { kind: 'frontier', frontier: [promise] });
    expect(newcomer.sent('pull').length).toBe(1);
    join(world, newcomer, honest);
    world.run(20);
    for (let i = 0; i < 50; i++) {
      say(world, liar, newcomer, {
        kind: 'batch',
        pull: 1,
        entries: [junk.bytes],
        remainingBytes: 10,
        more: true,
      });
      world.run(10);
    }
    expect(newcomer.board).toEqual({ a: 1 });
    expect(
      newcomer.tenant.sent.filter(({ to, message }) => to === liar.peer && message.kind === 'pull').length,
    ).toBe(1);
  });

  it('[REP-35] end when their neighbour is lost', () => {
    const { world, replicas } = worldOf('newcomer', 'one', 'two');
    const [newcomer, one, another] = replicas;
    if (newcomer === undefined || one === undefined || another === undefined) return;
    const author = openAuthor('author');
    for (let i = 0; i < 3000; i++) author.set('key', i);
    for (const other of [one, another]) give(other, author.entries, author);
    world.run(1000);
    join(world, newcomer, one);
    world.run(30);
    expect(newcomer.replication.journals.entryCount).toBeLessThan(3001);
    join(world, newcomer, another);
    part(world, newcomer, one);
    world.run(5000);
    expect(newcomer.replication.journals.entryCount).toBe(3001);
  });

  it('[REP-36] of a neighbour that may not be served wait until it may', () => {
    const { world, a, b } = two();
    a.claim();
    a.set('secret', 1);
    world.run(100);
    world.connect(a.tenant, b.tenant, true);
    a.command({ type: 'neighbourUp', peer: b.peer, served: false });
    b.command({ type: 'neighbourUp', peer: a.peer, served: true });
    say(world, b, a, { kind: 'pull', pull: 1, have: [] });
    world.run(20_000);
    expect(a.sent('batch')).toEqual([]);
    expect(a.sent('frontier')).toEqual([]);
    expect(b.replication.journals.entryCount).toBe(0);
    b.claim();
    world.run(10_000);
    expect(a.replication.journals.seqOf(b.peer)).toBe(1);
    a.command({ type: 'neighbourUp', peer: b.peer, served: true });
    expect(a.sent('batch').length).toBe(1);
    world.run(10_000);
    expect(b.board).toEqual({ secret: 1 });
  });

  it('[REP-38] tell how far a copy is, and when the first one is complete', () => {
    const { world, a, b } = two();
    const author = openAuthor('author');
    for (let i = 0; i < 5000; i++) author.set('key', i);
    give(a, author.entries, author);
    world.run(1000);
    const total = author.entries.reduce((sum, { bytes }) => sum + bytes.length, 0);
    join(world, a, b);
    const seen: number[] = [];
    for (let i = 0; i < 500; i++) {
      world.run(1);
      const { copying } = b.replication;
      if (copying === undefined) continue;
      expect(b.replication.caughtUp).toBe(false);
      expect(copying.totalBytes).toBe(total);
      if (copying.receivedBytes !== seen.at(-1)) seen.push(copying.receivedBytes);
    }
    expect(seen.length).toBeGreaterThan(2);
    expect([...seen].sort((x, y) => x - y)).toEqual(seen);
    expect(b.replication.caughtUp).toBe(true);
    expect(b.replication.copying).toBeUndefined();
  });

  it('[REP-38] do not call a node caught up that holds nothing', () => {
    const { world, a, b } = two();
    join(world, a, b);
    world.run(SETTLED_MS);
    expect(a.replication.caughtUp).toBe(false);
    expect(b.replication.caughtUp).toBe(false);
  });
});

describe('forks between neighbours', () => {
  function forked(): {
    world: ReplicaWorld;
    a: Replica;
    b: Replica;
    first: Entry;
    second: Entry;
    author: Author;
  } {
    const { world, a, b } = two();
    const author = openAuthor('author');
    const second = author.draft('update', updateOf([]), { wallMs: 1 });
    const first = author.set('a', 1);
    give(a, author.entries, author);
    give(b, [...author.entries.slice(0, 1), second], author);
    world.run(100);
    return { world, a, b, first, second, author };
  }

  it('[REP-37] are found by comparing heads, at equal heights', () => {
    const { world, a, b, first, second, author } = forked();
    join(world, a, b);
    world.run(SETTLED_MS);
    const proof = proveFork(BOARD, first, second);
    for (const each of [a, b]) {
      expect(each.events('fork').map((event) => event.proof)).toEqual([proof]);
      expect(each.replication.journals.seqOf(author.peer)).toBe(first.seq - 1);
    }
    expect(a.digest).toBe(b.digest);
    expect(a.replication.neighboursInStep()).toEqual([b.peer]);
  });

  it('[REP-37] are found by the side that is behind', () => {
    const { world, a, b, author } = forked();
    give(a, [author.set('b', 1), author.set('c', 1)], author);
    world.run(100);
    join(world, a, b);
    world.run(SETTLED_MS);
    expect(b.events('fork').length).toBe(1);
    for (const each of [a, b]) expect(each.replication.journals.seqOf(author.peer)).toBe(1);
    expect(a.digest).toBe(b.digest);
  });

  it('[REP-37] do not keep two nodes busy', () => {
    const { world, a, b } = forked();
    join(world, a, b);
    world.run(SETTLED_MS);
    const before = a.tenant.sent.length + b.tenant.sent.length;
    world.run(SETTLED_MS);
    const perSecond = (a.tenant.sent.length + b.tenant.sent.length - before) / (SETTLED_MS / 1000);
    expect(perSecond).toBeLessThan(2);
  });
});

describe('bad links', () => {
  it.each(['one', 'two', 'three', 'four', 'five', 'six'])(
    '[REP-41] end in the same document everywhere (seed %s)',
    (seed) => {
      const world: ReplicaWorld = new SmallWorld(`bad links ${seed}`);
      const random = randomFrom(`edits ${seed}`);
      const replicas = ['a', 'b', 'c', 'd'].map((name) => new Replica(world, `${name} ${seed}`));
      world.weather = { lossPercent: 25, minMs: 1, maxMs: 900 };
      for (const [i, one] of replicas.entries()) {
        const next = replicas[(i + 1) % replicas.length];
        if (next !== undefined) join(world, one, next);
        one.claim();
      }
      for (let i = 0; i < 60; i++) {
        const one = replicas[random.below(4)];
        one?.set(`key ${random.below(8)}`, i);
        world.run(random.below(400));
        // Some broadcasts arrive, in whatever order.
        if (random.below(3) === 0) one?.flush(...replicas.filter(() => random.below(2) === 0));
      }
      world.run(10 * SETTLED_MS);
      const [first, ...others] = replicas;
      expect(first?.replication.journals.entryCount).toBe(64);
      for (const other of others) {
        expect(other.digest).toBe(first?.digest);
        expect(other.state).toEqual(first?.state);
        expect(other.replication.neighboursInStep().length).toBe(2);
      }
    },
  );
});
