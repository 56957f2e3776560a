import { describe, expect, it } from 'vitest';
import { Allowance } from '../../../src/replication/allowance.ts';
import { ALLOWED_BYTES, ALLOWED_ENTRIES, DIGEST_MAX_MS } from '../../../src/replication/limits.ts';
import { Author, openAuthor } from './author.ts';
import { join, Replica, type ReplicaWorld } from './replicas.ts';
import { SmallWorld } from './small-world.ts';

describe('what an author may push', () => {
  it('[REP-72] is bounded in entries and in bytes, for each author and until the next round', () => {
    const [alice, bob] = [new Author('alice').peer, new Author('bob').peer];
    const allowance = new Allowance();
    for (let i = 0; i < ALLOWED_ENTRIES; i++) expect(allowance.take(alice, 1)).toBe(true);
    expect(allowance.take(alice, 1)).toBe(false);
    expect(allowance.take(bob, ALLOWED_BYTES - 1)).toBe(true);
    expect(allowance.take(bob, 2)).toBe(false);
    expect(allowance.take(bob, 1)).toBe(true);
    allowance.refill();
    expect(allowance.take(alice, 1)).toBe(true);
  });

  it('[REP-72] costs nobody anything: what is beyond comes by pull, and others are taken in meanwhile', () => {
    const world: ReplicaWorld = new SmallWorld();
    const [near, far] = [new Replica(world, 'near'), new Replica(world, 'far')];
    join(world, near, far);
    const [flooder, quiet] = [openAuthor('flooder'), openAuthor('quiet')];
    for (let i = 0; i < ALLOWED_ENTRIES + 500; i++) flooder.set('flood', i);
    quiet.set('quiet', 1);
    const heard = (entries: readonly Author['newest'][]): void => {
      for (const entry of entries) near.command({ type: 'delivered', entry, from: far.peer });
    };
    // Whoever repeats what an author wrote uses up nothing of it.
    heard(Array.from({ length: ALLOWED_ENTRIES }, () => quiet.entries[0] ?? quiet.newest));
    heard(flooder.entries);
    heard(quiet.entries);
    const { journals } = near.replication;
    expect(journals.seqOf(flooder.peer)).toBe(ALLOWED_ENTRIES);
    expect(journals.seqOf(quiet.peer)).toBe(quiet.entries.length);
    expect(near.board['quiet']).toBe(1);
    // The other one has all of it on disk and shows that.
    for (let from = 0; from < flooder.entries.length; from += ALLOWED_ENTRIES) {
      for (const entry of flooder.entries.slice(from, from + ALLOWED_ENTRIES))
        far.command({ type: 'delivered', entry, from: near.peer });
      world.run(DIGEST_MAX_MS);
    }
    world.run(4 * DIGEST_MAX_MS);
    expect(journals.seqOf(flooder.peer)).toBe(flooder.entries.length);
    expect(near.board['flood']).toBe(ALLOWED_ENTRIES + 499);
    expect(near.digest).toBe(far.digest);
  });
});
