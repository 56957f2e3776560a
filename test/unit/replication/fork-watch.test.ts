/** Two statements for one place are a proof, whatever became of the first. Rule REP-76. */
import { describe, expect, it } from 'vitest';
import type { Hash } from '../../../src/kernel/ids.ts';
import { randomFrom, shuffled } from '../../../src/kernel/random.ts';
import { NO_HASH, type Entry } from '../../../src/replication/entry.ts';
import { ForkBook, proveFork } from '../../../src/replication/forks.ts';
import { ForkWatch } from '../../../src/replication/fork-watch.ts';
import { Journals } from '../../../src/replication/journals.ts';
import {
  MAX_PROOFS,
  MAX_STATEMENTS,
  MAX_STATEMENTS_EACH,
  MAX_STATEMENTS_OF_STRANGERS,
} from '../../../src/replication/limits.ts';
import { WaitingRoom } from '../../../src/replication/waiting-room.ts';
import { Author, BOARD, openAuthor } from './author.ts';
import { Holder } from './holder.ts';

const NOISE = new Uint8Array([255]);
const NOWHERE = 'ab'.repeat(32) as Hash;

/** A second entry for the place of the author's newest, which breaks a rule or waits for what nobody has. */
function besides(author: Author, how: 'refused' | 'waiting'): Entry {
  const { seq, previous } = author.newest;
  const heads = how === 'waiting' ? [NOWHERE] : [];
  return author.draft('update', NOISE, { seq, previous, heads });
}

describe('a fork', () => {
  it.each(['refused', 'waiting'] as const)('[REP-76] is known whichever came first: one is %s', (how) => {
    const alice = openAuthor('alice');
    alice.set('key', 'shown');
    const other = besides(alice, how);
    const random = randomFrom(`fork watch ${how}`);
    const all = [...alice.entries, other];
    for (let i = 0; i < 12; i++) {
      const holder = new Holder();
      const forks = shuffled(random, all).flatMap((entry) => holder.take(entry).forks);
      expect(forks).toEqual([proveFork(BOARD, alice.newest, other)]);
      expect(holder.document.doc.getMap('board').toJSON()).toEqual({});
      expect(holder.journals.seqOf(alice.peer)).toBe(1);
    }
  });

  it('[REP-76] is known when one refused claim came before the one that opened the journal', () => {
    const alice = new Author('alice');
    const refused = alice.draft('claim', NOISE, { session: 9 });
    const claim = alice.claim();
    const holder = new Holder();
    expect(holder.verdict(refused)).toBe('sessionSkipped');
    expect(holder.verdict(claim)).toBe('fork');
    expect(holder.journals.authors()).toEqual([]);
  });

  it.each([
    ['refused', 'refused'],
    ['refused', 'waiting'],
    ['waiting', 'waiting'],
  ] as const)(
    '[REP-76] is known once something of its author is on the board, if one was %s and one %s before',
    (one, other) => {
      const alice = openAuthor('alice');
      alice.set('key', 'shown');
      const statements = [one, other].map((how, index) => {
        const { seq, previous, hash } = alice.newest;
        const heads = how === 'waiting' ? [NOWHERE] : [];
        const payload = new Uint8Array([255, index]);
        return alice.draft('update', payload, {
          seq: seq + 1,
          previous: how === 'waiting' ? hash : previous,
          heads,
        });
      });
      const holder = new Holder();
      for (const entry of statements) holder.take(entry);
      expect(holder.intake.isFrozen(alice.peer)).toBe(false);
      const forks = alice.entries.flatMap((entry) => holder.take(entry).forks);
      expect(forks.map(({ author, seq }) => ({ author, seq }))).toEqual([
        { author: alice.peer, seq: alice.newest.seq + 1 },
      ]);
    },
  );

  it('[REP-76] is known although its author hides the refused entry behind thousands of others', () => {
    const alice = openAuthor('alice');
    const holder = new Holder();
    holder.take(...alice.entries);
    expect(holder.verdict(alice.draft('update', NOISE))).toBe('updateMalformed');
    for (let place = 3; place < 3 + 2 * MAX_STATEMENTS; place++)
      holder.take(alice.draft('update', NOISE, { seq: place, previous: NO_HASH }));
    expect(holder.intake.footprint.statements).toBe(MAX_STATEMENTS_EACH);
    expect(holder.verdict(alice.set('key', 'shown'))).toBe('fork');
    // What is known of an author who is frozen is not kept any longer.
    expect(holder.intake.footprint.statements).toBe(0);
  });

  it('[REP-76] is nothing to speak of while its author has nothing on the board', () => {
    const stranger = new Author('stranger');
    const holder = new Holder();
    for (const number of [1, 2]) holder.take(stranger.draft('update', NOISE, { wallMs: number }));
    expect(holder.book.size).toBe(0);
  });
});

describe('what is kept', () => {
  it('[REP-76] of refused entries has bounds, for strangers apart from those on the board', () => {
    const journals = new Journals();
    const book = new ForkBook();
    const watch = new ForkWatch(BOARD, journals, new WaitingRoom(), book);
    const authors = Array.from({ length: 300 }, (_, i) => openAuthor(`author ${i}`));
    for (let i = 0; i < MAX_STATEMENTS_OF_STRANGERS + 50; i++)
      watch.refused(new Author(`stranger ${i}`).draft('update', NOISE));
    expect(watch.size).toBe(MAX_STATEMENTS_OF_STRANGERS);
    for (const { entries } of authors) for (const entry of entries) journals.append(entry);
    for (const author of authors)
      for (let place = MAX_STATEMENTS_EACH + 5; place > 1; place--)
        watch.refused(author.draft('update', NOISE, { seq: place }));
    expect(watch.size).toBe(MAX_STATEMENTS + MAX_STATEMENTS_OF_STRANGERS);
    // Whoever goes on has to pass the lowest place, which is still known of everybody.
    for (const author of authors)
      expect(watch.notice(author.draft('update', NOISE, { seq: 2, wallMs: 1 }))?.seq).toBe(2);
  });

  it('[REP-76] of proofs has a bound: those about authors who are not on the board go first', () => {
    const book = new ForkBook();
    const statement = { body: NOWHERE, signature: new Uint8Array(64) };
    const authors = Array.from({ length: MAX_PROOFS + 2 }, (_, i) => new Author(`forker ${i % 3} ${i}`).peer);
    for (const author of authors)
      book.add({ board: BOARD, author, seq: 1, first: statement, second: statement });
    const [gone, onBoard, alsoGone] = authors;
    book.trim((author) => author === onBoard);
    expect(book.size).toBe(MAX_PROOFS);
    expect([gone, onBoard, alsoGone].map((author) => author !== undefined && book.has(author))).toEqual([
      false,
      true,
      false,
    ]);
  });
});
