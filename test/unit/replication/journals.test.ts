import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_HASH, type Entry } from '../../../src/replication/entry.ts';
import { frontierDigest, Journals } from '../../../src/replication/journals.ts';
import { openAuthor, type Author } from './author.ts';

function authors(): Author[] {
  return ['ada', 'bo', 'cy'].map((name) => {
    const author = openAuthor(name);
    for (let i = 0; i < 4; i++) author.set(`key ${i}`, i);
    return author;
  });
}

function holding(entries: readonly Entry[], durable = true): Journals {
  const journals = new Journals();
  for (const entry of entries) {
    journals.append(entry);
    if (durable) journals.markDurable(entry.hash);
  }
  return journals;
}

describe('frontiers and digests', () => {
  it('[REP-31] are equal exactly if the same entries are durable', () => {
    const all = authors();
    const heights = fc.array(fc.nat(5), { minLength: 3, maxLength: 3 });
    const take = (lengths: readonly number[]): Entry[] =>
      all.flatMap((author, i) => author.entries.slice(0, lengths[i]));
    fc.assert(
      fc.property(heights, heights, fc.boolean(), (one, other, same) => {
        const second = same ? one : other;
        const equal = one.every((length, i) => length === second[i]);
        const a = holding(take(one));
        const b = holding([...take(second)].sort((x, y) => x.seq - y.seq || (x.author < y.author ? 1 : -1)));
        expect(a.frontierDigest() === b.frontierDigest()).toBe(equal);
        expect(frontierDigest(a.frontier(), [])).toBe(a.frontierDigest());
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it('[REP-31] tell journals of equal height apart that differ', () => {
    const alice = openAuthor('alice');
    const other = alice.draft('update', new Uint8Array([0, 0]), { wallMs: 1 });
    const one = holding([...alice.entries, alice.draft('update', new Uint8Array([0, 0]))]);
    const two = holding([...alice.entries, other]);
    expect(one.frontier().map(({ seq }) => seq)).toEqual(two.frontier().map(({ seq }) => seq));
    expect(one.frontierDigest()).not.toBe(two.frontierDigest());
  });

  it('[REP-31] leave out what is not on disk', () => {
    const alice = openAuthor('alice');
    const journals = holding([...alice.entries, alice.set('a', 1)], false);
    expect(journals.frontier()).toEqual([]);
    expect(journals.allDurable).toBe(false);
    const [first, second] = alice.entries.map(({ hash }) => hash);
    if (first === undefined || second === undefined) throw new Error('two entries');
    journals.markDurable(first);
    expect(journals.frontier()).toEqual([{ author: alice.peer, seq: 1, head: first }]);
    journals.markDurable(second);
    journals.markDurable(first);
    expect(journals.durableSeqOf(alice.peer)).toBe(2);
    expect(journals.allDurable).toBe(true);
  });

  it('[REP-10] name as heads of a new entry the newest entries of others that nobody names yet', () => {
    const [ada, bo, cy] = authors();
    if (ada === undefined || bo === undefined || cy === undefined) throw new Error('three authors');
    const journals = holding([...ada.entries, ...bo.entries]);
    expect(journals.headsFor(cy.peer)).toEqual([ada.head, bo.head].sort());
    expect(journals.headsFor(ada.peer)).toEqual([bo.head]);
    journals.append(bo.set('seen', 1, ada.newest));
    expect(journals.headsFor(cy.peer)).toEqual([bo.head]);
    expect(journals.headsFor(bo.peer)).toEqual([]);
  });

  it('[REP-13] hold nothing that does not follow', () => {
    const alice = openAuthor('alice');
    const journals = holding(alice.entries);
    expect(() => journals.append(alice.draft('update', new Uint8Array(2), { seq: 3 }))).toThrow(
      'out of its order',
    );
    expect(() => journals.append(alice.draft('update', new Uint8Array(2), { previous: NO_HASH }))).toThrow(
      'without its previous one',
    );
  });
});
