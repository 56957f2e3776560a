/** What has effect is a function of the set of entries, whatever the order in which they come. Rules REP-46 to REP-55. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { randomFrom, shuffled } from '../../../src/kernel/random.ts';
import { NO_HASH, type Entry } from '../../../src/replication/entry.ts';
import type { BoardId } from '../../../src/kernel/ids.ts';
import {
  decodeForkProof,
  encodeForkProof,
  forkProofChecks,
  proveFork,
  type ForkProof,
} from '../../../src/replication/forks.ts';
import { BOARD, KEYS, openAuthor, type Author } from './author.ts';
import { Holder } from './holder.ts';
import { plotArb, stage } from './plots.ts';

/** Everything in any order, each as a batch of its own. */
function inOrders(entries: readonly Entry[], count: number, seed: string): Holder[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, (_, i) => {
    const holder = new Holder();
    const order = i === 0 ? entries : shuffled(random, [...entries, ...entries]);
    if (i % 3 === 1) holder.take(...order);
    else for (const entry of order) holder.take(entry);
    return holder;
  });
}

function expectAlike(holders: readonly Holder[]): Holder {
  const [first, ...others] = holders;
  if (first === undefined) throw new Error('no holders');
  for (const other of others) {
    expect(other.state).toEqual(first.state);
    expect(other.journals.frontierDigest()).toBe(first.journals.frontierDigest());
  }
  return first;
}

function board(holder: Holder): unknown {
  return holder.document.doc.getMap('board').toJSON();
}

/** A second entry for the place of the author's newest, as if that had not been written. */
function branchOf(author: Author, run: (doc: Y.Doc) => void): { readonly entry: Entry; readonly doc: Y.Doc } {
  const doc = new Y.Doc({ gc: false });
  for (const entry of author.entries.slice(0, -1))
    if (entry.kind === 'update') Y.applyUpdate(doc, entry.payload);
  const updates: Uint8Array[] = [];
  doc.clientID = author.clientId;
  doc.on('update', (update: Uint8Array) => updates.push(update));
  doc.transact(() => run(doc));
  const newest = author.newest;
  const payload = new Uint8Array(updates[0] ?? []);
  return { entry: author.draft('update', payload, { seq: newest.seq, previous: newest.previous }), doc };
}

describe('a fork', () => {
  it('[REP-46] of which nobody built on either branch has no effect, nor has what its author writes on', () => {
    const alice = openAuthor('alice');
    alice.set('before', 1);
    alice.set('key', 'one');
    const other = branchOf(alice, (doc) => doc.getMap('board').set('key', 'other'));
    const later = alice.set('later', 1);
    const holder = expectAlike(inOrders([...alice.entries, other.entry, later], 30, 'no support'));
    expect(board(holder)).toEqual({ before: 1 });
  });

  it('[REP-47] keeps the branch that an honest author built on, and what that author wrote', () => {
    const alice = openAuthor('alice');
    const bob = openAuthor('bob');
    alice.set('key', 'one');
    const other = branchOf(alice, (doc) => doc.getMap('board').set('key', 'other'));
    bob.receive(...alice.entries);
    bob.set('bob', 1, alice.newest);
    const tail = alice.set('tail', 1);
    const all = [...alice.entries, other.entry, ...bob.entries, tail];
    const holder = expectAlike(inOrders(all, 30, 'one branch'));
    expect(board(holder)).toEqual({ key: 'one', bob: 1 });
  });

  it('[REP-48] keeps both branches when honest authors built on both, and all they wrote, within the same types', () => {
    const alice = openAuthor('alice');
    const [bob, cy] = [openAuthor('bob'), openAuthor('cy')];
    alice.edit((doc) => doc.getMap('cards').set('notes', new Y.Text('shared')));
    alice.edit((doc) => (doc.getMap('cards').get('notes') as Y.Text).insert(6, ' one'));
    const other = branchOf(alice, (doc) => {
      (doc.getMap('cards').get('notes') as Y.Text).insert(0, 'other ');
      doc.getMap('cards').set('card', new Y.Map([['title', 'of the other branch']]));
    });
    bob.receive(...alice.entries);
    bob.edit((doc) => (doc.getMap('cards').get('notes') as Y.Text).insert(10, ' and bob'), alice.newest);
    cy.receive(...alice.entries.slice(0, -1), other.entry);
    cy.edit((doc) => {
      (doc.getMap('cards').get('card') as Y.Map<unknown>).set('title', 'changed by cy');
      (doc.getMap('cards').get('notes') as Y.Text).delete(0, 2);
    }, other.entry);
    const all = [...alice.entries, other.entry, ...bob.entries, ...cy.entries];
    const holder = expectAlike(inOrders(all, 60, 'both branches'));
    expect(holder.document.doc.getMap('cards').toJSON()).toEqual({
      notes: 'her shared one and bob',
      card: { title: 'changed by cy' },
    });
    expect(holder.journals.linesOf(alice.peer)).toHaveLength(2);
  });

  it('[REP-48] goes on with authors who know both branches', () => {
    const alice = openAuthor('alice');
    const [bob, cy] = [openAuthor('bob'), openAuthor('cy')];
    alice.set('key', 'one');
    const other = branchOf(alice, (doc) => doc.getMap('board').set('key', 'other'));
    bob.receive(...alice.entries);
    bob.set('bob', 1, alice.newest);
    cy.receive(...alice.entries.slice(0, -1), other.entry);
    cy.set('cy', 1, other.entry);
    const knowing = new Holder();
    knowing.take(...alice.entries, other.entry, ...bob.entries, ...cy.entries);
    const dan = openAuthor('dan');
    const client = knowing.document;
    knowing.take(...dan.entries);
    const { update } = client.capture(dan.clientId, () => {
      client.doc.transact(() => client.doc.getMap('board').set('key', 'settled by dan'));
    });
    if (update === undefined) throw new Error('nothing changed');
    const settled = dan.write('update', update, bob.newest, cy.newest);
    const all = [...alice.entries, other.entry, ...bob.entries, ...cy.entries, ...dan.entries];
    const holder = expectAlike(inOrders(all, 40, 'on both'));
    expect(board(holder)).toEqual({ key: 'settled by dan', bob: 1, cy: 1 });
    expect(holder.journals.has(settled.hash)).toBe(true);
  });

  it('[REP-49] refuses who builds on a branch although its causal past has the other', () => {
    const alice = openAuthor('alice');
    const mallory = openAuthor('mallory');
    alice.set('key', 'one');
    const other = branchOf(alice, (doc) => doc.getMap('board').set('key', 'other'));
    mallory.receive(...alice.entries);
    mallory.set('first', 1, alice.newest);
    const second = mallory.draft('update', new Uint8Array([0, 0]), { heads: [other.entry.hash] });
    const all = [...alice.entries, other.entry, ...mallory.entries, second];
    const holder = expectAlike(inOrders(all, 30, 'both by one'));
    expect(board(holder)).toEqual({ key: 'one', first: 1 });
    expect(holder.intake.isRefused(second.hash)).toBe(true);
  });

  it('[REP-46] at the very first place leaves nothing of its author', () => {
    const alice = openAuthor('alice');
    alice.set('a', 1);
    const another = alice.draft('claim', utf8('another'), { seq: 1, previous: NO_HASH });
    const bob = openAuthor('bob');
    bob.set('b', 1);
    const holder = expectAlike(inOrders([...alice.entries, another, ...bob.entries], 30, 'first place'));
    expect(board(holder)).toEqual({ b: 1 });
    expect(holder.journals.authors()).toEqual([bob.peer]);
  });
});

describe('any plot', () => {
  it('[REP-50] leads to one document and one digest in any order, with everything that honest authors wrote', () => {
    fc.assert(
      fc.property(plotArb, fc.nat(1000), (plot, seed) => {
        const { all, honest } = stage(plot);
        const holder = expectAlike(inOrders(all, 5, `plot ${seed}`));
        for (const entry of honest) expect(holder.journals.has(entry.hash)).toBe(true);
      }),
      { seed: 46, numRuns: 150 },
    );
  });
});

describe('proofs', () => {
  function forked(): { readonly alice: Author; readonly proof: ForkProof; readonly other: Entry } {
    const alice = openAuthor('alice');
    const one = alice.set('key', 1);
    const other = alice.draft('update', new Uint8Array([0, 0]), { seq: 2, previous: one.previous });
    return { alice, other, proof: proveFork(BOARD, one, other) };
  }

  it('[REP-52] convince from their bytes alone, which are at most 264, and prove nothing when changed', () => {
    const { proof } = forked();
    const bytes = encodeForkProof(proof);
    expect(bytes.length).toBeLessThanOrEqual(264);
    const read = decodeForkProof(BOARD, bytes);
    expect(read).toEqual({ ok: true, value: proof });
    expect(KEYS.holds(forkProofChecks(proof))).toBe(true);
    expect(KEYS.holds(forkProofChecks({ ...proof, seq: 3 }))).toBe(false);
    expect(KEYS.holds(forkProofChecks({ ...proof, author: openAuthor('bob').peer }))).toBe(false);
    expect(decodeForkProof(BOARD, encodeForkProof({ ...proof, second: proof.first })).ok).toBe(false);
    expect(decodeForkProof('b1'.repeat(32) as BoardId, bytes).ok).toBe(false);
  });

  it('[REP-52] freeze their author whether they come before its entries, after them, or from the disk', () => {
    const { alice, proof, other } = forked();
    const before = new Holder();
    before.take(...alice.entries.slice(0, 1));
    before.intake.freeze([proof]);
    before.take(...alice.entries);
    const after = new Holder();
    after.take(...alice.entries);
    expect(after.intake.freeze([proof]).removed).toEqual(alice.entries.slice(1));
    const both = new Holder();
    both.take(...alice.entries, other);
    expectAlike([before, after, both]);
    expect(before.journals.forks()).toEqual([expect.objectContaining({ author: alice.peer, seq: 2 })]);
  });

  it('[REP-51] take out in one change, with observers of roots and undo as they were', () => {
    const { alice, proof } = forked();
    const bob = openAuthor('bob');
    bob.set('kept', 1);
    const holder = new Holder();
    holder.take(...alice.entries, ...bob.entries);
    const { doc } = holder.document;
    const root = doc.getMap('board');
    const touched: string[][] = [];
    root.observeDeep((events) => {
      const [event] = events;
      if (event instanceof Y.YMapEvent) touched.push([...(event.keysChanged as ReadonlySet<string>)].sort());
    });
    const manager = new Y.UndoManager([root], { trackedOrigins: new Set(['me']), captureTimeout: 0 });
    const mine = openAuthor('me');
    holder.take(...mine.entries);
    const { update } = holder.document.capture(mine.clientId, () => {
      doc.transact(() => root.set('mine', 1), 'me');
    });
    holder.intake.adopt(mine.write('update', update ?? new Uint8Array(), bob.newest));
    holder.intake.freeze([proof]);
    expect(root.toJSON()).toEqual({ kept: 1, mine: 1 });
    expect(touched).toEqual([['mine'], ['kept', 'key', 'mine']]);
    holder.document.capture(mine.clientId, () => manager.undo());
    expect(root.toJSON()).toEqual({ kept: 1 });
    holder.document.capture(mine.clientId, () => manager.redo());
    expect(root.toJSON()).toEqual({ kept: 1, mine: 1 });
  });

  it('[REP-51] wait while a local change is being signed', () => {
    const { alice, proof } = forked();
    const holder = new Holder();
    holder.take(...alice.entries);
    holder.isSettled = false;
    expect(holder.intake.freeze([proof]).removed).toEqual([]);
    expect(board(holder)).toEqual({ key: 1 });
    holder.isSettled = true;
    expect(holder.intake.hasPostponed).toBe(true);
    expect(holder.intake.resume().removed).toHaveLength(1);
    expect(board(holder)).toEqual({});
  });

  it('[REP-46, REP-54] yield to what the group decides about the journal', () => {
    const { alice, proof, other } = forked();
    const holder = new Holder();
    holder.take(...alice.entries, other);
    holder.intake.decideCut({ author: alice.peer, seq: 2, head: alice.newest.hash });
    expect(board(holder)).toEqual({ key: 1 });
    holder.intake.decideCut({ author: alice.peer, seq: 1, head: alice.entries[0]?.hash ?? NO_HASH });
    expect(board(holder)).toEqual({});
    expect(holder.intake.isFrozen(proof.author)).toBe(true);
  });
});
