import { describe, expect, it } from 'vitest';
import { randomFrom, shuffled } from '../../../src/kernel/random.ts';
import { decodeEntry, NO_HASH, type Entry } from '../../../src/replication/entry.ts';
import { Journals, type Frontier } from '../../../src/replication/journals.ts';
import { MAX_BATCH_ENTRIES, MAX_PAYLOAD_BYTES, PULL_BUDGET_BYTES } from '../../../src/replication/limits.ts';
import type { BatchMessage } from '../../../src/replication/messages.ts';
import { Serving } from '../../../src/replication/serving.ts';
import { BOARD, openAuthor, type Author } from './author.ts';

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

/** The first batch for a neighbour that holds `have`. */
function batchFor(journals: Journals, have: Frontier): Omit<BatchMessage, 'pull'> {
  const { pull, ...batch } = new Serving(journals, 1, have).next();
  expect(pull).toBe(1);
  return batch;
}

describe('batches', () => {
  it('[REP-34] bring what is lacking, each entry after what it builds on, until nothing is', () => {
    const all = authors();
    const [ada, bo] = all;
    if (ada === undefined || bo === undefined) throw new Error('authors');
    bo.receive(...ada.entries);
    bo.set('late', 1, ada.newest);
    const source = holding(all.flatMap(({ entries }) => entries));
    const random = randomFrom('batches');
    for (let run = 0; run < 20; run++) {
      const have = shuffled(random, all).map((author) => {
        const seq = random.below(author.entries.length + 1);
        return { author: author.peer, seq, head: author.entries[seq - 1]?.hash ?? NO_HASH };
      });
      const batch = batchFor(source, have);
      const lacking = source.order.filter(
        ({ author, seq }) => seq > (have.find((item) => item.author === author)?.seq ?? 0),
      );
      expect(batch).toEqual({ entries: lacking.map(({ bytes }) => bytes), remainingBytes: 0, more: false });
    }
  });

  it('[REP-34] stay within their bounds, and say how much is to come', () => {
    const alice = openAuthor('alice');
    const small = Array.from({ length: MAX_BATCH_ENTRIES + 10 }, () =>
      alice.write('update', new Uint8Array(2)),
    );
    const many = batchFor(holding(alice.entries), []);
    expect(many.entries.length).toBe(MAX_BATCH_ENTRIES);
    expect(many.more).toBe(true);
    expect(many.remainingBytes).toBe(small.slice(-11).reduce((sum, { bytes }) => sum + bytes.length, 0));
    const bob = openAuthor('bob');
    for (let i = 0; i < 5; i++) bob.write('part', new Uint8Array(PULL_BUDGET_BYTES / 2 - 300));
    const two = batchFor(holding(bob.entries), []);
    expect(two.entries.length).toBe(3); // the claim and two parts
    expect(two.entries.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(PULL_BUDGET_BYTES);
    const cy = openAuthor('cy');
    cy.write('part', new Uint8Array(MAX_PAYLOAD_BYTES));
    cy.write('part', new Uint8Array(MAX_PAYLOAD_BYTES));
    const one = batchFor(holding(cy.entries), [
      { author: cy.peer, seq: 1, head: cy.entries[0]?.hash ?? NO_HASH },
    ]);
    expect(one.entries.length).toBe(1);
    expect(one.more).toBe(true);
  });

  it('[REP-34] hold back what is not on disk', () => {
    const alice = openAuthor('alice');
    alice.set('a', 1);
    const journals = holding(alice.entries, false);
    expect(batchFor(journals, []).entries).toEqual([]);
    journals.markDurable(alice.entries[0]?.hash ?? NO_HASH);
    expect(batchFor(journals, [])).toEqual({
      entries: [alice.entries[0]?.bytes],
      remainingBytes: 0,
      more: false,
    });
  });

  it('[REP-37] prove a fork by our entries for the place of the other head and some before it, and send no more of that journal', () => {
    const alice = openAuthor('alice');
    const other = alice.draft('update', new Uint8Array([0, 0]), { wallMs: 1 });
    const ours = alice.set('a', 1);
    alice.set('b', 1);
    const have = [{ author: alice.peer, seq: 2, head: other.hash }];
    const batch = batchFor(holding(alice.entries), have);
    const before = alice.entries.slice(0, 1);
    expect(batch.entries.map((bytes) => decodeEntry(BOARD, bytes))).toEqual(
      [...before, ours].map((value) => ({ ok: true, value })),
    );
    expect(batch.more).toBe(false);
  });
});
