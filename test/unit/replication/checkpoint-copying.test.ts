/** Checkpoints between neighbours and on disk: made, fetched in pieces, put in place, and what a crash leaves. Rules REP-58 to REP-61. */
import { describe, expect, it } from 'vitest';
import { decodeWith, encodeWith } from '../../../src/kernel/codec.ts';
import type { Bytes } from '../../../src/kernel/bytes.ts';
import { randomFrom } from '../../../src/kernel/random.ts';
import { PULL_DEADLINE_MS } from '../../../src/replication/limits.ts';
import { replicationMessageCodec } from '../../../src/replication/messages.ts';
import { join, part, Replica, type ReplicaWorld } from './replicas.ts';
import { SmallWorld } from './small-world.ts';

function newWorld(): ReplicaWorld {
  return new SmallWorld();
}

/** A replica that wrote `count` values. */
function writer(world: ReplicaWorld, name: string, count: number): Replica {
  const replica = new Replica(world, name);
  replica.claim();
  for (let i = 0; i < count; i++) replica.set(`key ${i % 5}`, `value ${i} of ${name}`);
  world.run(200);
  return replica;
}

/** Text that nothing compresses. */
function noise(length: number, seed: string): string {
  const random = randomFrom(seed);
  return Array.from({ length }, () => String.fromCharCode(33 + random.below(90))).join('');
}

/** A writer whose checkpoint has several pieces. */
function large(world: ReplicaWorld): Replica {
  const replica = writer(world, 'large', 3);
  for (let i = 0; i < 8; i++) replica.set(`large ${i}`, noise(120_000, `noise ${i}`));
  world.run(500);
  return replica;
}

describe('a checkpoint that was certified', () => {
  it('[REP-58] is on disk before the entries that it replaced are deleted, and nothing else is left of them', () => {
    const world = newWorld();
    const alice = writer(world, 'alice', 20);
    const before = { state: alice.board, digest: alice.digest };
    expect(alice.stored()).toHaveLength(21);
    alice.checkpoint(1);
    alice.set('during', 1);
    world.run(1000);
    expect(alice.board).toEqual({ ...before.state, during: 1 });
    expect(alice.stored().map(({ seq }) => seq)).toEqual([22]);
    expect(alice.left('checkpoints/')).toHaveLength(2);
    const writes = alice.tenant.effects.flatMap(({ effect }) =>
      effect.kind === 'persist' ? effect.writes : [],
    );
    const put = writes.findLastIndex(({ op, store }) => op === 'put' && store === 'checkpoints');
    expect(writes.findIndex(({ op }) => op === 'delete')).toBeGreaterThan(put);
  });

  it('[REP-58] replaces an older one, and is replaced by none that is older or has its number', () => {
    const world = newWorld();
    const alice = writer(world, 'alice', 5);
    const other = writer(world, 'alice', 4);
    const first = other.checkpoint(1);
    alice.checkpoint(1);
    world.run(500);
    alice.certify(first);
    expect(alice.events('checkpointConflict')).toEqual([{ type: 'checkpointConflict', number: 1 }]);
    alice.set('more', 1);
    world.run(500);
    const third = alice.checkpoint(3);
    world.run(500);
    alice.certify(first);
    expect(alice.replication.checkpoint?.hash).toBe(third.hash);
    expect(alice.events('checkpointConflict')).toHaveLength(1);
    expect(alice.left('checkpoints/')).toHaveLength(2);
    expect(alice.stored()).toHaveLength(0);
  });

  it('[REP-58] survives a crash after any write', () => {
    const world = newWorld();
    const alice = writer(world, 'alice', 12);
    const states: ReadonlyMap<string, Bytes>[] = [];
    const watch = (): void => {
      if (alice.tenant.writesUnderWay >= 0) states.push(new Map(alice.tenant.disk));
    };
    alice.checkpoint(1);
    for (let ms = 0; ms < 250; ms++) {
      watch();
      world.run(1);
    }
    alice.set('tail', 1);
    world.run(50);
    alice.checkpoint(2);
    for (let ms = 0; ms < 250; ms++) {
      watch();
      world.run(1);
    }
    const kinds = new Set(states.map((disk) => [...disk.keys()].join()));
    // The journal; with the first checkpoint; without what that replaced; with a tail; with the second; without that.
    expect(kinds.size).toBeGreaterThanOrEqual(6);
    for (const [at, disk] of states.entries()) {
      const again = new Replica(newWorld(), 'alice', { disk });
      const expected = { ...alice.board };
      if (!('tail' in again.board)) delete expected['tail'];
      expect([at, again.board]).toEqual([at, expected]);
      expect(again.replication.claimed).toBe(true);
      expect(again.replication.barred).toBeUndefined();
    }
  });

  it('[REP-58] is deleted bit by bit after a crash too', () => {
    const world = newWorld();
    const alice = writer(world, 'alice', 12);
    const entries = new Map([...alice.tenant.disk].filter(([key]) => key.startsWith('journal/')));
    alice.checkpoint(1);
    world.run(500);
    const disk = new Map([...entries, ...alice.tenant.disk]);
    const later = newWorld();
    const again = new Replica(later, 'alice', { disk });
    later.run(500);
    expect(again.digest).toBe(alice.digest);
    expect(again.stored()).toHaveLength(0);
  });

  it('[REP-57] ends the journal of an author who wrote without it, after a restart as well', () => {
    const world = newWorld();
    const [alice, bob] = [writer(world, 'alice', 2), writer(world, 'bob', 2)];
    join(world, alice, bob);
    world.run(6000);
    part(world, alice, bob);
    const checkpoint = alice.checkpoint(1);
    alice.set('after', 1);
    world.run(100);
    const second = alice.checkpoint(2);
    bob.set('apart', 1);
    world.run(500);
    expect(checkpoint.hash).not.toBe(second.hash);
    join(world, alice, bob);
    world.run(10_000);
    expect(bob.board).toEqual(alice.board);
    expect(bob.events('removed').flatMap(({ entries }) => entries.map(({ author }) => author))).toEqual([
      bob.peer,
    ]);
    expect(bob.replication.barred).toBe('cut');
    const again = new Replica(newWorld(), 'bob', { disk: bob.tenant.disk });
    expect(again.board).toEqual(alice.board);
    expect(again.replication.barred).toBe('cut');
  });
});

describe('fetching a checkpoint', () => {
  it('[REP-59] gives a newcomer the state and then the tail, and no entry that was replaced', () => {
    const world = newWorld();
    const alice = writer(world, 'alice', 50);
    alice.checkpoint(1);
    world.run(500);
    for (let i = 0; i < 5; i++) alice.set('tail', i);
    world.run(200);
    const newcomer = new Replica(world, 'newcomer');
    join(world, alice, newcomer);
    world.run(1500);
    expect(newcomer.state).toEqual(alice.state);
    expect(newcomer.digest).toBe(alice.digest);
    expect(newcomer.replication.caughtUp).toBe(true);
    expect(newcomer.stored()).toHaveLength(5);
    expect(newcomer.left('checkpoints/')).toEqual(alice.left('checkpoints/'));
    newcomer.claim();
    newcomer.set('by', 'the newcomer');
    world.run(8000);
    expect(alice.board).toEqual(newcomer.board);
    expect(alice.board['by']).toBe('the newcomer');
  });

  it('[REP-59] costs whoever holds the entries nothing but the certificate', () => {
    const world = newWorld();
    const [alice, bob] = [writer(world, 'alice', 20), new Replica(world, 'bob')];
    join(world, alice, bob);
    world.run(6000);
    alice.checkpoint(1);
    world.run(8000);
    expect(bob.replication.checkpoint?.hash).toBe(alice.replication.checkpoint?.hash);
    expect(bob.stored()).toHaveLength(0);
    expect(alice.sent('chunk')).toEqual([]);
    expect(bob.state).toEqual(alice.state);
  });

  it('[REP-59] takes an old copy to the newest state in place, with its observers', () => {
    const world = newWorld();
    const [alice, bob] = [writer(world, 'alice', 5), new Replica(world, 'bob')];
    join(world, alice, bob);
    world.run(6000);
    part(world, alice, bob);
    const seen: unknown[] = [];
    bob.document.doc.getMap('board').observe((event) => seen.push(...event.keysChanged));
    alice.set('key 1', 'changed');
    alice.set('new', 1);
    world.run(100);
    alice.checkpoint(1);
    alice.set('tail', 1);
    world.run(500);
    join(world, alice, bob);
    world.run(6000);
    expect(bob.state).toEqual(alice.state);
    expect(seen).toEqual(expect.arrayContaining(['key 1', 'new', 'tail']));
  });

  it('[REP-60] goes on with another neighbour where it was, and tells how far it is', () => {
    const world = newWorld();
    const alice = large(world);
    const made = alice.checkpoint(1);
    world.run(500);
    const bob = new Replica(world, 'bob', { disk: alice.tenant.disk });
    const newcomer = new Replica(world, 'newcomer');
    join(world, alice, newcomer);
    world.run(26);
    const { copying } = newcomer.replication;
    expect(copying?.totalBytes).toBe(made.manifest.size);
    expect(copying?.receivedBytes).toBeGreaterThan(0);
    expect(copying?.receivedBytes).toBeLessThan(made.manifest.size);
    part(world, alice, newcomer);
    world.run(1000);
    expect(newcomer.board).toEqual({});
    join(world, bob, newcomer);
    world.run(3000);
    expect(newcomer.board).toEqual(alice.board);
    const fromBob = bob.sent('chunk').map(({ chunk }) => chunk);
    expect(fromBob.length).toBeLessThan(made.manifest.chunks.length);
    expect(fromBob.length).toBeGreaterThan(0);
    expect(newcomer.replication.copying).toBeUndefined();
  });

  it('[REP-60] takes no piece that was changed on its way, and asks another neighbour', () => {
    const world = newWorld();
    const alice = large(world);
    const made = alice.checkpoint(1);
    world.run(500);
    const liar = new Replica(world, 'liar', { disk: alice.tenant.disk });
    const newcomer = new Replica(world, 'newcomer');
    world.tamper = (from, _to, bytes) => {
      const decoded = decodeWith(replicationMessageCodec, bytes);
      if (from !== liar.peer || !decoded.ok || decoded.value.kind !== 'chunk') return bytes;
      const changed = decoded.value.bytes.slice();
      changed[7] = (changed[7] ?? 0) ^ 1;
      return encodeWith(replicationMessageCodec, { ...decoded.value, bytes: changed });
    };
    join(world, liar, newcomer);
    world.run(2000);
    expect(newcomer.board).toEqual({});
    expect(newcomer.replication.checkpoint).toBeUndefined();
    join(world, alice, newcomer);
    world.run(8000);
    expect(newcomer.board).toEqual(alice.board);
    expect(newcomer.replication.checkpoint?.hash).toBe(made.hash);
  });

  it('[REP-60] ends when nobody gives it, and what neighbours hold is taken as it is meanwhile', () => {
    const world = newWorld();
    const alice = writer(world, 'alice', 3);
    const bob = new Replica(world, 'bob');
    const boast = { number: 9, hash: 'ab'.repeat(32) };
    world.tamper = (from, to, bytes) => {
      const decoded = decodeWith(replicationMessageCodec, bytes);
      if (from !== alice.peer || to !== bob.peer || !decoded.ok || decoded.value.kind !== 'digest')
        return bytes;
      return encodeWith(replicationMessageCodec, {
        ...decoded.value,
        checkpoint: boast,
      } as typeof decoded.value);
    };
    join(world, alice, bob);
    world.run(3000);
    expect(bob.board).toEqual({});
    world.run(PULL_DEADLINE_MS);
    expect(bob.board).toEqual(alice.board);
    const asked = bob.sent('ask').length;
    world.run(30_000);
    expect(bob.sent('ask')).toHaveLength(asked);
  });

  it('[REP-60] is for neighbours that may be served', () => {
    const world = newWorld();
    const alice = writer(world, 'alice', 3);
    const made = alice.checkpoint(1);
    world.run(500);
    const stranger = new Replica(world, 'stranger');
    join(world, alice, stranger, false);
    stranger.command({ type: 'neighbourUp', peer: alice.peer, served: true });
    world.run(5000);
    expect(alice.sent('digest').every(({ checkpoint }) => checkpoint.number === 0)).toBe(true);
    const ask = encodeWith(replicationMessageCodec, { kind: 'ask', hash: made.hash, chunk: 1 });
    world.inject(stranger.peer, alice.tenant, ask);
    world.inject(
      stranger.peer,
      alice.tenant,
      encodeWith(replicationMessageCodec, { kind: 'ask', hash: made.hash, chunk: 0 }),
    );
    world.run(100);
    expect(alice.sent('chunk')).toEqual([]);
    expect(alice.sent('checkpoint')).toEqual([]);
  });

  it('[REP-59] goes on in a crowd over links that lose and reorder, with writers and new checkpoints meanwhile', () => {
    for (let seed = 0; seed < 6; seed++) {
      const world: ReplicaWorld = new SmallWorld(`crowd ${seed}`);
      const replicas = [writer(world, 'alice', 10)];
      const [alice] = replicas;
      if (alice === undefined) return;
      world.weather = { lossPercent: 10, minMs: 5, maxMs: 120 };
      for (let round = 0; round < 4; round++) {
        const newcomer = new Replica(world, `newcomer ${round}`);
        for (const other of replicas) join(world, other, newcomer);
        replicas.push(newcomer);
        world.run(20_000);
        newcomer.claim();
        newcomer.set(`from ${round}`, round);
        alice.set(`alice ${round}`, round);
        world.run(20_000);
        alice.checkpoint(round + 1);
        world.run(10_000);
      }
      world.weather = { lossPercent: 0, minMs: 5, maxMs: 20 };
      world.run(60_000);
      for (const replica of replicas) {
        expect(replica.board).toEqual(alice.board);
        expect(replica.digest).toBe(alice.digest);
        expect(replica.replication.checkpoint?.manifest.number).toBe(4);
      }
      expect(Object.keys(alice.board)).toEqual(expect.arrayContaining(['from 0', 'from 3', 'alice 3']));
    }
  });
});
