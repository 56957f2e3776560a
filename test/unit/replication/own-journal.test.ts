import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { utf8, type Bytes } from '../../../src/kernel/bytes.ts';
import { MAX_PAYLOAD_BYTES } from '../../../src/replication/limits.ts';
import { journalKey } from '../../../src/replication/commands.ts';
import { Author, BOARD, openAuthor } from './author.ts';
import { Holder } from './holder.ts';
import { join, Replica, type ReplicaWorld } from './replicas.ts';
import { SmallWorld } from './small-world.ts';

function alone(disk?: ReadonlyMap<string, Bytes>): { world: ReplicaWorld; me: Replica } {
  const world: ReplicaWorld = new SmallWorld();
  return { world, me: new Replica(world, 'me', disk === undefined ? {} : { disk }) };
}

describe('writing', () => {
  it('[REP-3, REP-9] fixes places at once and lets nothing out before it is on disk', () => {
    const { world, me } = alone();
    me.tenant.diskHangs = true;
    me.claim();
    const tokens = [me.set('a', 1), me.set('b', 2)];
    expect(me.replication.unsavedCount).toBe(3);
    world.run(1000);
    expect(me.replication.journals.seqOf(me.peer)).toBe(3);
    expect(me.events('broadcast')).toEqual([]);
    expect(me.events('appended')).toEqual([]);
    expect(me.replication.journals.frontier()).toEqual([]);
    expect(tokens.length).toBe(2);
  });

  it('[REP-7, REP-9] reports and broadcasts entries in order when they are durable', () => {
    const { world, me } = alone();
    me.claim();
    const tokens = [me.set('a', 1), me.set('b', 2), me.set('c', 3)];
    world.run(100);
    expect(me.events('appended').map(({ token }) => token)).toEqual(['token 1', ...tokens]);
    expect(me.events('broadcast').map(({ entry }) => entry.seq)).toEqual([1, 2, 3, 4]);
    expect(me.stored().map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    const holder = new Holder();
    expect(holder.take(...me.stored()).applied.length).toBe(4);
    expect(holder.state).toEqual(me.state);
  });

  it('[REP-3] goes on after a crash where the disk ends, so that nobody can see two entries for one place', () => {
    const { world, me } = alone();
    me.claim();
    me.set('saved', 1);
    world.run(100);
    me.tenant.diskHangs = true;
    me.set('lost', 1);
    world.run(100);
    const seen = me.events('broadcast').map(({ entry }) => entry);
    const next = alone(me.tenant.disk);
    expect(next.me.board).toEqual({ saved: 1 });
    next.me.set('after', 1);
    next.world.run(100);
    const holder = new Holder();
    const outcome = holder.take(...seen, ...next.me.stored());
    expect(outcome.forks).toEqual([]);
    expect(outcome.refused).toEqual([]);
    expect(holder.document.doc.getMap('board').toJSON()).toEqual({ saved: 1, after: 1 });
  });

  it('[REP-3] restores what the disk holds in any order', () => {
    const { world, me } = alone();
    me.claim();
    for (let i = 0; i < 20; i++) me.set(`k${i}`, i);
    world.run(100);
    const again = new Replica(new SmallWorld(), 'me', { start: false });
    for (const entry of me.stored().reverse())
      again.command({ type: 'restore', entries: [entry], proofs: [] });
    again.command({ type: 'start' });
    expect(again.state).toEqual(me.state);
    expect(again.digest).toBe(me.digest);
    expect(again.replication.claimed).toBe(true);
  });

  it('[REP-3] writes nothing into a journal with a hole, until a neighbour has filled it', () => {
    const { world, me } = alone();
    me.claim();
    for (let i = 0; i < 5; i++) me.set(`k${i}`, i);
    world.run(100);
    const damaged = new Map(me.tenant.disk);
    const third = me.stored()[2];
    if (third === undefined) throw new Error('three entries');
    damaged.delete(`journal/${journalKey(BOARD, third)}`);
    const next = alone(damaged);
    expect(next.me.replication.isDamaged).toBe(true);
    expect(next.me.replication.claimed).toBe(false);
    expect(() => next.me.append('claim', utf8('x'))).toThrow('hole');
    const friend = new Replica(next.world, 'friend', { disk: me.tenant.disk });
    join(next.world, next.me, friend);
    next.world.run(10_000);
    expect(next.me.replication.isDamaged).toBe(false);
    expect(next.me.replication.claimed).toBe(true);
    next.me.set('after', 1);
    next.world.run(10_000);
    expect(friend.board).toEqual({ k0: 0, k1: 1, k2: 2, k3: 3, k4: 4, after: 1 });
  });

  it('[REP-3] keeps own entries that come back from others out of the middle of what is being written', () => {
    const { world, me } = alone();
    me.claim();
    me.set('a', 1);
    world.run(100);
    const whole = me.stored();
    const { me: older } = alone();
    older.command({ type: 'restore', entries: whole.slice(0, 1), proofs: [] });
    older.command({ type: 'start' });
    older.set('b', 1);
    const second = whole[1];
    if (second === undefined) throw new Error('two entries');
    older.command({ type: 'delivered', entry: second, from: openAuthor('other').peer });
    expect(older.replication.journals.seqOf(older.peer)).toBe(1);
  });

  it('[REP-8] keeps what cannot be saved, tells why, and saves it when it can', () => {
    const { world, me } = alone();
    me.tenant.diskFailure = 'quota';
    me.claim();
    const token = me.set('a', 1);
    world.run(4000);
    expect(me.replication.storeFailure).toBe('quota');
    expect(me.replication.unsavedCount).toBe(2);
    expect(me.tenant.writesUnderWay).toBe(0);
    me.tenant.diskFailure = undefined;
    world.run(2000);
    expect(me.replication.storeFailure).toBeUndefined();
    expect(me.events('appended').at(-1)?.token).toBe(token);
  });

  it("[REP-6] captures local changes under the author's client id, even after Yjs changed it", () => {
    const { world, me } = alone();
    me.claim();
    me.set('a', 1);
    world.run(100);
    me.document.doc.clientID = 99;
    me.set('b', 2);
    world.run(100);
    expect(new Holder().take(...me.stored()).refused).toEqual([]);
  });

  it('[REP-6] stops when the document is changed outside a local action', () => {
    const { me } = alone();
    expect(() => me.document.doc.getMap('board').set('x', 1)).toThrow('outside a local action');
  });

  it('[REP-29] stops before it signs an update that others would refuse', () => {
    const { me } = alone();
    me.claim();
    expect(() => me.edit((doc) => doc.getMap('elsewhere').set('x', 1))).toThrow('updateUnknownRoot');
    const formatted = alone().me;
    formatted.claim();
    formatted.edit((doc) => doc.getMap('cards').set('t', new Y.Text()));
    expect(() =>
      formatted.edit((doc) => (doc.getMap('cards').get('t') as Y.Text).insert(0, 'x', { bold: true })),
    ).toThrow('updateContent');
  });
});

describe('large updates', () => {
  const large = 'x'.repeat(MAX_PAYLOAD_BYTES * 3);

  it('[REP-4] are cut into parts, answered once, and whole elsewhere', () => {
    const { world, me } = alone();
    me.claim();
    const token = me.set('large', large);
    me.set('next', 1);
    world.run(100);
    expect(me.stored().map(({ kind }) => kind)).toEqual([
      'claim',
      'part',
      'part',
      'part',
      'update',
      'update',
    ]);
    expect(me.events('appended').filter((event) => event.token === token).length).toBe(1);
    const holder = new Holder();
    expect(holder.take(...me.stored()).refused).toEqual([]);
    expect(holder.state).toEqual(me.state);
  });

  it('[REP-4] cut short by a crash are discarded by the claim that has to come first', () => {
    const { world, me } = alone();
    me.claim();
    me.set('small', 1);
    me.set('large', large);
    world.run(100);
    for (let parts = 1; parts <= 3; parts++) {
      const last = me.stored()[1 + parts];
      if (last === undefined) throw new Error('more entries');
      const left = [...me.tenant.disk].filter(([key]) => key <= `journal/${journalKey(BOARD, last)}`);
      const next = alone(new Map(left));
      expect(next.me.replication.claimed).toBe(false);
      expect(next.me.board).toEqual({ small: 1 });
      next.me.claim();
      expect(next.me.replication.claimed).toBe(true);
      next.me.set('after', 1);
      next.world.run(100);
      const holder = new Holder();
      expect(holder.take(...next.me.stored()).refused).toEqual([]);
      expect(holder.document.doc.getMap('board').toJSON()).toEqual({ small: 1, after: 1 });
      expect(alone(next.me.tenant.disk).me.state).toEqual(next.me.state);
    }
  });

  it('[REP-4] of another author that lack their end change nothing', () => {
    const author = new Author('cut short');
    author.claim();
    author.write('part', new Uint8Array(100));
    const { me } = alone();
    me.command({ type: 'restore', entries: author.entries, proofs: [] });
    me.command({ type: 'start' });
    expect(me.board).toEqual({});
    expect(me.replication.journals.seqOf(author.peer)).toBe(2);
  });
});
