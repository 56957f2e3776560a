/** Where history can be cut without leaving out anybody's work. Rule REP-61. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hash } from '../../../src/kernel/ids.ts';
import { randomFrom, shuffled } from '../../../src/kernel/random.ts';
import { baseOf } from '../../../src/replication/base.ts';
import { isBottleneck, newestBottleneck } from '../../../src/replication/bottleneck.ts';
import { composeCheckpoint } from '../../../src/replication/compose.ts';
import { predecessorsOf, type Entry } from '../../../src/replication/entry.ts';
import { BOARD, openAuthor } from './author.ts';
import { Holder } from './holder.ts';
import { plotArb, stage } from './plots.ts';

/** Everything that lies before an entry, by walking the whole graph. */
function pastsOf(entries: readonly Entry[]): ReadonlyMap<Hash, ReadonlySet<Hash>> {
  const pasts = new Map<Hash, ReadonlySet<Hash>>();
  for (const entry of entries) {
    const past = new Set<Hash>();
    for (const hash of predecessorsOf(entry))
      for (const each of [hash, ...(pasts.get(hash) ?? [])]) past.add(each);
    pasts.set(entry.hash, past);
  }
  return pasts;
}

describe('an entry with which all others compare', () => {
  it('[REP-61] is found as walking the whole graph finds it, in whatever order entries came', () => {
    let found = 0;
    fc.assert(
      fc.property(plotArb, fc.nat(1000), (plot, seed) => {
        const { all } = stage(plot);
        const holder = new Holder();
        for (const entry of shuffled(randomFrom(`order ${seed}`), [...all])) holder.take(entry);
        const { journals } = holder;
        const pasts = pastsOf(journals.order);
        const comparable = journals.order.filter(({ hash }) =>
          journals.order.every(
            (other) =>
              other.hash === hash ||
              pasts.get(hash)?.has(other.hash) === true ||
              pasts.get(other.hash)?.has(hash) === true,
          ),
        );
        found += comparable.length;
        expect(newestBottleneck(journals, journals.entryCount)).toBe(comparable.at(-1)?.hash);
        const each = journals.order.filter(({ hash }) => isBottleneck(journals, hash));
        expect(each).toEqual(comparable);
      }),
      { seed: 61, numRuns: 120 },
    );
    expect(found).toBeGreaterThan(25);
  });

  it('[REP-61] is counted on from a checkpoint, and a checkpoint up to it leaves out nothing', () => {
    const [alice, bob] = [openAuthor('alice'), openAuthor('bob')];
    const holder = new Holder();
    holder.take(...alice.entries, ...bob.entries);
    expect(newestBottleneck(holder.journals, 2)).toBeUndefined();
    const both = alice.set('both', 1, bob.newest);
    const apart = [alice.set('a', 1), bob.set('b', 1, both)];
    holder.take(both, ...apart);
    expect(newestBottleneck(holder.journals, 5)).toBe(both.hash);
    expect(newestBottleneck(holder.journals, 2)).toBeUndefined();
    const { journals, intake, authority } = holder;
    const source = { board: BOARD, journals, authority, books: intake.books };
    const made = composeCheckpoint(source, { epoch: 0, number: 1, heads: [both.hash] });
    if (made === undefined) throw new Error('nothing was composed');
    expect(holder.intake.install(baseOf(made)).removed).toEqual([]);
    expect(holder.journals.entryCount).toBe(2);
    expect(newestBottleneck(journals, 2)).toBeUndefined();
    const again = alice.set('again', 1, apart[1] ?? both);
    holder.take(again);
    expect(newestBottleneck(journals, 3)).toBe(again.hash);
  });
});
