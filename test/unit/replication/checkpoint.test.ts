/** Checkpoints: one set of bytes for one set of entries, and what counts after them. Rules REP-55 to REP-58. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { utf8 } from '../../../src/kernel/bytes.ts';
import type { Hash } from '../../../src/kernel/ids.ts';
import { randomFrom, shuffled } from '../../../src/kernel/random.ts';
import { baseOf } from '../../../src/replication/base.ts';
import {
  decodeManifest,
  encodeManifest,
  openCheckpoint,
  type Checkpoint,
} from '../../../src/replication/checkpoint.ts';
import { composeCheckpoint, recompose } from '../../../src/replication/compose.ts';
import { newestBottleneck } from '../../../src/replication/bottleneck.ts';
import type { Entry } from '../../../src/replication/entry.ts';
import type { Authority } from '../../../src/replication/ports.ts';
import type { IntakeOutcome } from '../../../src/replication/outcome.ts';
import { BOARD, openAuthor, type Author } from './author.ts';
import { Holder, openAuthority } from './holder.ts';
import { plotArb, stage } from './plots.ts';

function compose(holder: Holder, number = 1, upTo?: Hash): Checkpoint {
  const { journals, intake, authority } = holder;
  const heads = upTo === undefined ? journals.held().map(({ head }) => head) : [upTo];
  const source = { board: BOARD, journals, books: intake.books, authority };
  const made = composeCheckpoint(source, { epoch: 0, number, heads });
  if (made === undefined) throw new Error('nothing was composed');
  return made;
}

/** What a node has that got the checkpoint from others: nothing but bytes. */
function received(checkpoint: Checkpoint): Checkpoint {
  const manifest = decodeManifest(BOARD, encodeManifest(checkpoint.manifest));
  const opened = manifest && openCheckpoint(manifest, checkpoint.chunks);
  if (opened === undefined) throw new Error('the checkpoint cannot be read');
  return opened;
}

/** What it says is in which order it was told. */
function recordingAuthority(): Authority {
  const told: Hash[] = [];
  return {
    ...openAuthority(),
    applied: ({ hash }) => told.push(hash),
    forget: () => told.splice(0),
    blank: recordingAuthority,
    standings: () => utf8(told.join()),
  };
}

function install(holder: Holder, checkpoint: Checkpoint): IntakeOutcome {
  const outcome = holder.intake.install(baseOf(received(checkpoint)));
  for (const { hash } of outcome.applied) holder.journals.markDurable(hash);
  return outcome;
}

function holderOf(...entries: readonly Entry[]): Holder {
  const holder = new Holder();
  holder.take(...entries);
  return holder;
}

function board(holder: Holder): unknown {
  return holder.document.doc.getMap('board').toJSON();
}

interface Swarm {
  readonly authors: readonly Author[];
  /** All entries, each after what it builds on. */
  readonly entries: Entry[];
}

/** Lets authors who know different parts of what was written write `count` entries. */
function scribble(swarm: Swarm, count: number, seed: string, everything = false): void {
  const random = randomFrom(seed);
  const known = new Map(swarm.authors.map((author) => [author, new Set<Entry>()]));
  for (let i = 0; i < count; i++) {
    const author = swarm.authors[random.below(swarm.authors.length)];
    if (author === undefined) return;
    const seen = known.get(author) ?? new Set();
    const upTo = everything || random.below(2) === 0 ? swarm.entries.length : 0;
    const news = swarm.entries
      .slice(0, upTo)
      .filter((entry) => entry.author !== author.peer && !seen.has(entry));
    for (const entry of news) seen.add(entry);
    author.receive(...news);
    const heads = headsOf(news);
    const what = random.below(4);
    const entry = author.edit(
      (doc) => {
        const cards = doc.getMap('cards');
        const notes = cards.get('notes');
        if (what === 0) doc.getMap('board').set(`key ${random.below(3)}`, `value ${i}`);
        else if (what === 1 && notes instanceof Y.Text)
          notes.insert(random.below(notes.length + 1), `w${i} `);
        else if (what === 2 && notes instanceof Y.Text && notes.length > 4) notes.delete(random.below(3), 2);
        else if (!(notes instanceof Y.Text)) cards.set('notes', new Y.Text('begun'));
        else cards.set(`card ${i}`, new Y.Map([['title', `card ${i}`]]));
      },
      ...heads,
    );
    swarm.entries.push(entry);
  }
}

/** Of entries, those on which no other builds. */
function headsOf(entries: readonly Entry[]): readonly Entry[] {
  const named = new Set(entries.flatMap(({ heads, previous }) => [...heads, previous]));
  return entries.filter(({ hash }) => !named.has(hash));
}

function newSwarm(count: number): Swarm {
  const authors = Array.from({ length: count }, (_, i) => openAuthor(`author ${i}`));
  return { authors, entries: authors.map(({ newest }) => newest) };
}

/**
 * A journal that forked below a checkpoint, with honest work on both branches, and once more above it where the group decided that it goes on:
 * a node that holds the checkpoint from others, and one that held everything.
 */
function bothBranches(): { readonly board: unknown; readonly holder: Holder; readonly again: Holder } {
  const alice = openAuthor('alice');
  const [bob, cy] = [openAuthor('bob'), openAuthor('cy')];
  alice.set('key', 'one');
  const doc = new Y.Doc({ gc: false });
  doc.clientID = alice.clientId;
  doc.getMap('board').set('other', 'of the other branch');
  const { seq, previous } = alice.newest;
  const update = new Uint8Array(Y.encodeStateAsUpdate(doc));
  const other = alice.draft('update', update, { seq, previous });
  bob.receive(...alice.entries);
  bob.set('bob', 1, alice.newest);
  Y.applyUpdate(cy.doc, update);
  cy.set('cy', 1, other);
  const all = [...alice.entries, other, ...bob.entries, ...cy.entries];
  const again = holderOf(...all);
  expect(again.journals.linesOf(alice.peer)).toHaveLength(2);
  const checkpoint = compose(again);
  const holder = new Holder();
  for (const each of [again, holder]) {
    each.intake.freeze(again.book.all());
    install(each, checkpoint);
    // Bob goes on with both branches in his past.
    each.take(bob.draft('update', new Uint8Array([0, 0]), { heads: [cy.newest.hash].sort() }));
    expect(each.journals.entryCount).toBe(1);
  }
  return { board: { key: 'one', other: 'of the other branch', bob: 1, cy: 1 }, holder, again };
}

const seeds = fc.integer({ min: 0, max: 1_000_000 });

describe('making a checkpoint', () => {
  it('[REP-55] leads to the same bytes in whatever order the entries came', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const swarm = newSwarm(3);
        scribble(swarm, 25, `entries ${seed}`);
        const random = randomFrom(`orders ${seed}`);
        const hashes = Array.from({ length: 4 }, () => {
          const holder = new Holder(recordingAuthority());
          for (const entry of shuffled(random, swarm.entries)) holder.take(entry);
          expect(holder.journals.entryCount).toBe(swarm.entries.length);
          return compose(holder).hash;
        });
        expect(new Set(hashes).size).toBe(1);
      }),
      { numRuns: 40 },
    );
  });

  it('[REP-55] on an earlier checkpoint leads to the same bytes, whether that was made here or came from others', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const swarm = newSwarm(3);
        scribble(swarm, 15, `before ${seed}`);
        const maker = holderOf(...swarm.entries);
        const first = compose(maker);
        install(maker, first);
        const settled = swarm.entries.length;
        scribble(swarm, 10, `after ${seed}`, true);
        const newcomer = new Holder();
        install(newcomer, first);
        const tail = swarm.entries.slice(settled);
        const random = randomFrom(`tail ${seed}`);
        for (const entry of tail) maker.take(entry);
        for (const entry of shuffled(random, tail)) newcomer.take(entry);
        const made = compose(maker, 2);
        expect(compose(newcomer, 2).hash).toBe(made.hash);
        expect(made.manifest.previous).toBe(first.hash);
      }),
      { numRuns: 25 },
    );
  });

  it('[REP-55] can be repeated from the manifest by whoever holds its entries, and by nobody else', () => {
    const swarm = newSwarm(2);
    scribble(swarm, 10, 'manifest');
    const made = compose(holderOf(...swarm.entries));
    scribble(swarm, 5, 'later');
    const source = (holder: Holder): Parameters<typeof recompose>[0] => {
      const { journals, intake, authority } = holder;
      return { board: BOARD, journals, authority, books: intake.books };
    };
    expect(recompose(source(holderOf(...swarm.entries)), made.manifest)?.hash).toBe(made.hash);
    expect(recompose(source(holderOf(...swarm.entries.slice(0, 8))), made.manifest)).toBeUndefined();
    const other = {
      ...made.manifest,
      chunks: made.manifest.chunks.toReversed(),
      size: made.manifest.size + 1,
    };
    expect(recompose(source(holderOf(...swarm.entries)), other)).toBeUndefined();
  });

  it('[REP-55] drops what was written over, and keeps values that were written without having seen each other', () => {
    const [alice, bob] = [openAuthor('alice'), openAuthor('bob')];
    for (let i = 0; i < 5; i++) alice.set('plain', `overwritten ${i}`);
    bob.receive(...alice.entries);
    const base = alice.newest;
    const mine = alice.set('title', 'by alice');
    const theirs = bob.set('title', 'by bob', base);
    const made = compose(holderOf(...alice.entries, ...bob.entries));
    const holder = new Holder();
    install(holder, made);
    const text = new TextDecoder().decode(made.content.state);
    expect(text).not.toContain('overwritten 3');
    expect(text).toContain('overwritten 4');
    expect([mine, theirs].every(({ kind }) => kind === 'update')).toBe(true);
    expect(text).toContain('by alice');
    expect(text).toContain('by bob');
  });
});

describe('standing on a checkpoint', () => {
  it('[REP-56] shows what those show who hold all entries, and tells the same digest', () => {
    const swarm = newSwarm(3);
    scribble(swarm, 30, 'all');
    const full = holderOf(...swarm.entries);
    const newcomer = new Holder();
    install(newcomer, compose(full));
    expect(newcomer.document.doc.getMap('cards').toJSON()).toEqual(
      full.document.doc.getMap('cards').toJSON(),
    );
    expect(board(newcomer)).toEqual(board(full));
    expect(newcomer.journals.frontierDigest()).toBe(full.journals.frontierDigest());
    expect(newcomer.journals.durableHeads()).toEqual(full.journals.durableHeads());
    expect(newcomer.journals.entryCount).toBe(0);
  });

  it('[REP-57] all end alike, in whatever order checkpoint, entries and latecomers come', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const swarm = newSwarm(3);
        scribble(swarm, 12, `before ${seed}`);
        const checkpoint = compose(holderOf(...swarm.entries));
        const settled = swarm.entries.length;
        scribble(swarm, 8, `after ${seed}`, true);
        // Some who do not know all of it go on, and others build on them.
        const late = openAuthor('late');
        late.receive(...swarm.entries.slice(0, 5));
        late.set('late', 1, ...headsOf(swarm.entries.slice(0, 5)));
        swarm.entries.push(...late.entries);
        const wide = { authors: [...swarm.authors, late], entries: swarm.entries };
        scribble(wide, 5, `mixed ${seed}`);
        const random = randomFrom(`arrival ${seed}`);
        const holders = Array.from({ length: 5 }, () => {
          const holder = new Holder();
          const [all, at] = [shuffled(random, swarm.entries), random.below(swarm.entries.length + 1)];
          for (const entry of all.slice(0, at)) holder.take(entry);
          install(holder, checkpoint);
          // What came before its time is offered again, as anti-entropy does.
          for (let i = 0; i < 2; i++) for (const entry of all) holder.take(entry);
          return holder;
        });
        const [first, ...others] = holders;
        expect(first?.journals.entryCount).toBeGreaterThanOrEqual(1);
        expect(first?.journals.entryCount).toBeLessThan(swarm.entries.length - settled + 1);
        for (const other of others) {
          expect(other.state).toEqual(first?.state);
          expect(other.journals.frontierDigest()).toBe(first?.journals.frontierDigest());
        }
      }),
      { numRuns: 60 },
    );
  });

  it('[REP-57] all end alike in any plot of honest authors and liars, if they know of the same forks', () => {
    let tails = 0;
    fc.assert(
      fc.property(plotArb, fc.nat(1000), fc.nat(100), (plot, seed, share) => {
        const { all } = stage(plot);
        const random = randomFrom(`plot ${seed}`);
        const [whole, early] = [holderOf(...all), new Holder()];
        for (const entry of all.slice(0, 1 + Math.floor((all.length * share) / 101))) early.take(entry);
        if (early.journals.entryCount === 0) return;
        // As signers do: up to an entry with which all compare, where there is one.
        const upTo = newestBottleneck(early.journals, early.journals.entryCount);
        const checkpoint = compose(early, 1, upTo);
        const proofs = [...whole.book.all(), ...early.book.all()];
        const holders = Array.from({ length: 4 }, () => {
          const holder = new Holder();
          const [order, at] = [shuffled(random, [...all]), random.below(all.length + 1)];
          for (const entry of order.slice(0, at)) holder.take(entry);
          install(holder, checkpoint);
          for (const entry of order) holder.take(entry);
          holder.intake.freeze(proofs);
          for (let i = 0; i < 2; i++) for (const entry of order) holder.take(entry);
          return holder;
        });
        const [first, ...others] = holders;
        tails += first?.journals.entryCount ?? 0;
        for (const other of others) {
          expect(other.state).toEqual(first?.state);
          expect(other.journals.frontierDigest()).toBe(first?.journals.frontierDigest());
        }
      }),
      { seed: 57, numRuns: 150 },
    );
    expect(tails).toBeGreaterThan(100);
  });

  it('[REP-48, REP-56] keeps both branches of a fork apart', () => {
    const { board: told, holder, again } = bothBranches();
    expect(board(holder)).toEqual(told);
    expect(holder.state).toEqual(again.state);
    expect(compose(holder, 2).hash).toBe(compose(again, 2).hash);
  });

  it('[REP-57] leaves out who does not build on all of it, and gives what is lost by that back', () => {
    const [alice, bob] = [openAuthor('alice'), openAuthor('bob')];
    alice.set('a', 1);
    bob.receive(...alice.entries);
    bob.set('b', 1, alice.newest);
    const checkpoint = compose(holderOf(...alice.entries, ...bob.entries));
    const behind = alice.set('behind', 1);
    const holder = holderOf(...alice.entries, ...bob.entries);
    const outcome = install(holder, checkpoint);
    expect(outcome.removed).toEqual([behind]);
    expect(outcome.settled).toHaveLength(4);
    expect(board(holder)).toEqual({ a: 1, b: 1 });
    expect(holder.verdict(behind)).toBe('missesCheckpoint');
    const after = bob.set('after', 1);
    expect(holder.verdict(after)).toBe('applied');
  });

  it('[REP-57] takes an author who begins after it, and none who began before without having it', () => {
    const [alice, bob] = [openAuthor('alice'), openAuthor('bob')];
    alice.set('a', 1);
    const newest = alice.newest;
    const holder = holderOf(...alice.entries, ...bob.entries);
    install(holder, compose(holder));
    const [cy, dan] = [openAuthor('cy'), openAuthor('dan')];
    expect(holder.verdict(dan.newest)).toBe('missesCheckpoint');
    const claim = cy.draft('claim', cy.newest.payload, {
      seq: 1,
      previous: cy.newest.previous,
      heads: [newest.hash, bob.newest.hash].sort(),
    });
    expect(holder.verdict(claim)).toBe('applied');
  });

  it('[REP-57] does not take the end of an update whose beginning it replaced', () => {
    const alice = openAuthor('alice');
    alice.set('a', 1);
    const update = alice.change((doc) => doc.getMap('board').set('b', 2));
    alice.write('part', update.slice(0, 5));
    const standing = (): Holder => {
      const holder = holderOf(...alice.entries);
      install(holder, compose(holder));
      return holder;
    };
    expect(standing().verdict(alice.draft('update', update.slice(5)))).toBe('updateCutShort');
    const holder = standing();
    expect(holder.intake.isUnfinished(alice.peer)).toBe(true);
    const claim = alice.draft('claim', alice.entries[0]?.payload ?? new Uint8Array(0));
    expect(holder.verdict(claim)).toBe('applied');
    expect(holder.intake.isUnfinished(alice.peer)).toBe(false);
  });
});
