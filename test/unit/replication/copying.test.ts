import { describe, expect, it } from 'vitest';
import { decodeEntry } from '../../../src/replication/entry.ts';
import { Journals, type Frontier } from '../../../src/replication/journals.ts';
import {
  MAX_COPY_BACKLOG_BYTES,
  MAX_EARLY_PULLS,
  PULL_GRACE_MS,
  PULL_WINDOW,
} from '../../../src/replication/limits.ts';
import { Serving } from '../../../src/replication/serving.ts';
import { updateOf } from '../../../src/sim/attacks/update-bytes.ts';
import { BOARD, openAuthor, type Author } from './author.ts';
import { join, part, Replica, type ReplicaWorld } from './replicas.ts';
import { SmallWorld } from './small-world.ts';

const NOTE_BYTES = 60_000;

/** Somebody who wrote `notes` notes of 60 kB. */
function writer(notes: number): Author {
  const author = openAuthor('author');
  for (let i = 0; i < notes; i++) author.set(`note ${i}`, `${i} `.repeat(NOTE_BYTES).slice(0, NOTE_BYTES));
  return author;
}

function worldOf(author: Author, ...givers: string[]): { world: ReplicaWorld; givers: Replica[] } {
  const world: ReplicaWorld = new SmallWorld();
  const replicas = givers.map((name) => new Replica(world, name));
  for (const replica of replicas)
    for (const entry of author.entries) replica.command({ type: 'delivered', entry, from: author.peer });
  world.run(1000);
  return { world, givers: replicas };
}

/** Hashes of the entries that replicas sent in batches, in order. */
function batched(...givers: readonly Replica[]): string[] {
  return givers.flatMap((giver) =>
    giver.sent('batch').flatMap(({ entries }) =>
      entries.flatMap((bytes) => {
        const entry = decodeEntry(BOARD, bytes);
        return entry.ok ? [entry.value.hash] : [];
      }),
    ),
  );
}

describe('a large copy', () => {
  it('[REP-34] has several batches on their way and never more', () => {
    const author = writer(60);
    const { world, givers } = worldOf(author, 'giver');
    const [giver] = givers;
    if (giver === undefined) return;
    const newcomer = new Replica(world, 'newcomer');
    let onTheWay = 0;
    let most = 0;
    world.tamper = (from, _to, bytes) => {
      if (from === giver.peer && bytes[0] === 4) most = Math.max(most, ++onTheWay);
      if (from === newcomer.peer && bytes[0] === 6) onTheWay -= 1;
      return bytes;
    };
    join(world, newcomer, giver);
    world.run(5000);
    expect(newcomer.digest).toBe(giver.digest);
    expect(most).toBe(PULL_WINDOW);
    expect(newcomer.sent('pull').length).toBe(1);
    expect(new Set(batched(giver)).size).toBe(author.entries.length);
    expect(batched(giver).length).toBe(author.entries.length);
  });

  it('[REP-34] costs one walk over all entries, in however many batches', () => {
    const author = openAuthor('author');
    for (let i = 0; i < 2000; i++) author.set('key', i);
    let looks = 0;
    class Watched extends Journals {
      override get order(): Journals['order'] {
        looks += 1;
        return super.order;
      }
    }
    const journals = new Watched();
    for (const entry of author.entries) {
      journals.append(entry);
      journals.markDurable(entry.hash);
    }
    const walk = (have: Frontier): number => {
      looks = 0;
      const serving = new Serving(journals, 1, have);
      let batches = 1;
      while (serving.next().more) batches += 1;
      return batches;
    };
    expect(walk([])).toBe(8);
    expect(looks).toBeLessThanOrEqual(author.entries.length + 8);
    const [held] = [author.entries.at(-3)];
    if (held === undefined) return;
    expect(walk([{ author: author.peer, seq: held.seq, head: held.hash }])).toBe(1);
    expect(looks).toBeLessThanOrEqual(3);
  });

  it('[REP-32] is offered to all neighbours once it is on disk', () => {
    const author = writer(20);
    const { world, givers } = worldOf(author, 'giver');
    const [giver] = givers;
    if (giver === undefined) return;
    const [first, second] = [new Replica(world, 'first'), new Replica(world, 'second')];
    join(world, first, second);
    world.run(100);
    join(world, first, giver);
    world.run(500); // less than a round of digests
    expect(first.digest).toBe(giver.digest);
    expect(second.digest).toBe(giver.digest);
    expect(giver.sent('pull')).toEqual([]);
  });

  it('[REP-42] goes on with another neighbour when its source is lost, and nothing comes twice', () => {
    const author = writer(60);
    const { world, givers } = worldOf(author, 'first', 'second');
    const [first, second] = givers;
    if (first === undefined || second === undefined) return;
    const newcomer = new Replica(world, 'newcomer');
    join(world, newcomer, first);
    join(world, newcomer, second);
    const [source, other] = first.sent('digest').length > 0 ? [first, second] : [second, first];
    while (newcomer.replication.journals.entryCount < 20) world.run(1);
    const before = newcomer.replication.copying;
    part(world, newcomer, source);
    const arrived = newcomer.replication.journals.entryCount;
    expect(arrived).toBeLessThan(author.entries.length);
    expect(other.sent('batch')).toEqual([]);
    world.run(12);
    expect(newcomer.replication.copying?.totalBytes).toBe(before?.totalBytes);
    expect(newcomer.replication.copying?.receivedBytes).toBeGreaterThan(before?.receivedBytes ?? 0);
    world.run(5000);
    expect(newcomer.digest).toBe(other.digest);
    expect(batched(other)).toEqual(author.entries.slice(arrived).map(({ hash }) => hash));
  });

  it('[REP-42] goes on from the disk after a restart', () => {
    const author = writer(60);
    const { world, givers } = worldOf(author, 'giver');
    const [giver] = givers;
    if (giver === undefined) return;
    const before = new Replica(world, 'newcomer');
    join(world, before, giver);
    while (before.stored().length < 20) world.run(1);
    part(world, before, giver);
    before.tenant.dead = true;
    const kept = before.stored().length;
    const sent = giver.sent('batch').length;
    world.run(20); // what was on its way is lost
    const after = new Replica(world, 'newcomer', { disk: before.tenant.disk });
    expect(after.replication.caughtUp).toBe(false);
    join(world, after, giver);
    world.run(5000);
    expect(after.replication.caughtUp).toBe(true);
    expect(after.digest).toBe(giver.digest);
    const again = giver
      .sent('batch')
      .slice(sent)
      .reduce((sum, { entries }) => sum + entries.length, 0);
    expect(again).toBe(author.entries.length - kept);
  });

  it('[REP-42] waits for a slow disk instead of filling the memory', () => {
    const author = writer(200);
    const { world, givers } = worldOf(author, 'giver');
    const [giver] = givers;
    if (giver === undefined) return;
    const newcomer = new Replica(world, 'newcomer');
    newcomer.tenant.diskHangs = true;
    join(world, newcomer, giver);
    world.run(60_000);
    const bytes = giver.sent('batch').reduce((sum, { entries }) => sum + entries.flat().length, 0);
    expect(newcomer.replication.journals.byteCount).toBeGreaterThan(MAX_COPY_BACKLOG_BYTES);
    expect(newcomer.replication.journals.byteCount).toBeLessThan(MAX_COPY_BACKLOG_BYTES + 2 * 1024 * 1024);
    expect(bytes).toBeGreaterThan(0);
    expect(newcomer.sent('pull').length).toBe(1); // the neighbour is not to blame
    newcomer.tenant.diskHangs = false;
    newcomer.command({ type: 'neighbourDown', peer: giver.peer });
    expect(newcomer.replication.copying).toBeUndefined();
  });
});

describe('an entry that comes before its predecessors', () => {
  it('[REP-33] has them pulled from whoever handed it on, after the grace', () => {
    const author = openAuthor('author');
    const { world, givers } = worldOf(author, 'a', 'b');
    const [a, b] = givers;
    if (a === undefined || b === undefined) return;
    join(world, a, b);
    world.run(1000);
    const [missed, next] = [author.set('missed', 1), author.set('next', 2)];
    for (const entry of [missed, next]) a.command({ type: 'delivered', entry, from: author.peer });
    world.run(20);
    b.command({ type: 'delivered', entry: next, from: a.peer });
    world.run(PULL_GRACE_MS - 10);
    expect(b.board).toEqual({});
    world.run(50);
    expect(b.board).toEqual({ missed: 1, next: 2 });
    expect(batched(a)).toEqual([missed, next].map(({ hash }) => hash));
  });

  it('[REP-33] makes nobody pull without end', () => {
    const author = openAuthor('author');
    const { world, givers } = worldOf(author, 'a', 'b');
    const [a, b] = givers;
    if (a === undefined || b === undefined) return;
    join(world, a, b);
    world.run(1000);
    const before = b.sent('pull').length;
    const nobody = openAuthor('nobody');
    for (let i = 0; i < 100; i++) {
      const entry = author.draft('update', updateOf([]), {
        seq: 9 + i,
        previous: nobody.draft('update', updateOf([]), { seq: i + 2 }).hash,
      });
      b.command({ type: 'delivered', entry, from: a.peer });
      world.run(300);
    }
    // 30 s: a round every two seconds at least.
    expect(b.sent('pull').length - before).toBeLessThanOrEqual((MAX_EARLY_PULLS + 1) * 15);
    expect(b.sent('pull').length - before).toBeGreaterThan(0);
  });

  it('[REP-45] a first copy that 31 newcomers want at once is handed on by those who have it', () => {
    const author = writer(3);
    const { world, givers } = worldOf(author, 'first');
    const newcomers = Array.from({ length: 31 }, (_, i) => new Replica(world, `newcomer ${i}`));
    const all = [...givers, ...newcomers];
    for (const [i, replica] of all.entries())
      for (const step of [1, 7]) join(world, replica, all[(i + step) % all.length] ?? replica);
    world.run(5000);
    expect(new Set(all.map(({ digest }) => digest)).size).toBe(1);
    const copies = (replica: Replica): number => batched(replica).length / author.entries.length;
    expect(copies(all[0] as Replica)).toBeLessThanOrEqual(4); // its neighbours' own
    expect(all.reduce((sum, replica) => sum + copies(replica), 0)).toBeLessThan(1.2 * newcomers.length);
  });
});
