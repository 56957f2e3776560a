/** Goal: of two values that people gave a field at the same time, none is lost. Method: two and three replicas that meet in every order. */
import fc from 'fast-check';
import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import type { BoardCommand } from '../../../src/board/command.ts';
import type { Conflict, ConflictField } from '../../../src/board/snapshot.ts';
import { ADA, BO, exchange, Replica, smallBoard } from './board-fixture.ts';

const CY = 'c4'.repeat(32);

interface Meeting {
  readonly ada: Replica;
  readonly bo: Replica;
  readonly cy: Replica;
  readonly card: string;
  readonly columns: readonly [string, string];
}

/** Three replicas of one small board, with client ids in an order of choice: Yjs lets the larger id win. */
function meeting(ids: readonly [number, number, number] = [1, 2, 3]): Meeting {
  const { replica: ada, columns, cards } = smallBoard(ids[0]);
  const bo = new Replica(ids[1], BO);
  const cy = new Replica(ids[2], CY);
  ada.run({ type: 'updateCard', cardId: cards[0] ?? '', changes: { due: '2026-01-01' } });
  exchange(ada, bo, cy);
  return { ada, bo, cy, card: cards[0] ?? '', columns };
}

function said(conflicts: readonly Conflict[], field: ConflictField): (string | null)[] {
  return conflicts.find((conflict) => conflict.field === field)?.values.map(({ value }) => value) ?? [];
}

function authors(conflicts: readonly Conflict[]): string[] {
  return conflicts.flatMap(({ values }) => values.map(({ author }) => author));
}

const title = (card: string, text: string): BoardCommand => ({
  type: 'updateCard',
  cardId: card,
  changes: { title: text },
});

describe('a field that two people changed at once', () => {
  it.each([
    [[1, 2, 3], BO],
    [[5, 2, 3], ADA],
  ] as const)('[BRD-19] shows one title and keeps the other beside it, with authors (%j)', (ids, winner) => {
    const { ada, bo, card } = meeting([...ids]);
    ada.run(title(card, 'from Ada'));
    bo.run(title(card, 'from Bo'));
    expect(ada.card(card).conflicts).toEqual([]);
    exchange(ada, bo);
    const [conflict] = ada.card(card).conflicts;
    expect(conflict?.field).toBe('title');
    expect(conflict?.values.map(({ value, author, current }) => [value, author, current])).toEqual(
      winner === BO
        ? [
            ['from Bo', BO, true],
            ['from Ada', ADA, false],
          ]
        : [
            ['from Ada', ADA, true],
            ['from Bo', BO, false],
          ],
    );
    expect(ada.card(card).title).toBe(conflict?.values[0]?.value);
    expect(bo.board).toEqual(ada.board);
    expect(bo.digest).toBe(ada.digest);
  });

  it('[BRD-19] keeps what each side ended with, not each step of it', () => {
    const { ada, bo, card } = meeting();
    for (const text of ['a', 'ab', 'abc']) ada.run(title(card, text));
    for (const text of ['x', 'xy', 'xyz']) bo.run(title(card, text));
    exchange(ada, bo);
    expect(said(ada.card(card).conflicts, 'title')).toEqual(['xyz', 'abc']);
  });

  it('[BRD-19] covers due dates, cleared ones too, columns of cards, titles and places of columns, and the title of the board', () => {
    const { ada, bo, card, columns } = meeting();
    const c = ada.add({ type: 'addColumn', title: 'C' });
    exchange(ada, bo);
    ada.run({ type: 'updateCard', cardId: card, changes: { due: null } });
    bo.run({ type: 'updateCard', cardId: card, changes: { due: '2026-05-05' } });
    ada.run({ type: 'moveCard', cardId: card, columnId: columns[1], position: 'top' });
    bo.run({ type: 'moveCard', cardId: card, columnId: c, position: 'top' });
    ada.run({ type: 'renameColumn', columnId: c, title: 'Ada’s C' });
    bo.run({ type: 'renameColumn', columnId: c, title: 'Bo’s C' });
    ada.run({ type: 'moveColumn', columnId: columns[0], position: 1 });
    bo.run({ type: 'moveColumn', columnId: columns[0], position: 'bottom' });
    ada.run({ type: 'renameBoard', title: 'Ada’s' });
    bo.run({ type: 'renameBoard', title: 'Bo’s' });
    exchange(ada, bo);
    const { conflicts } = bo.card(card);
    expect(said(conflicts, 'due')).toEqual(['2026-05-05', null]);
    expect(said(conflicts, 'place')).toEqual([c, columns[1]]);
    const column = (id: string) => bo.board.columns.find((other) => other.id === id)?.conflicts ?? [];
    expect(said(column(c), 'title')).toEqual(['Bo’s C', 'Ada’s C']);
    expect(said(column(columns[0]), 'position')).toHaveLength(2);
    expect(said(bo.board.conflicts, 'title')).toEqual(['Bo’s', 'Ada’s']);
    expect(ada.board).toEqual(bo.board);
  });

  it('[BRD-19] sees no conflict where nothing is lost: the same value, a change taken back, one place, one after the other', () => {
    const { ada, bo, card, columns } = meeting();
    const none = (): void => {
      exchange(ada, bo);
      expect(ada.card(card).conflicts).toEqual([]);
      expect(bo.board).toEqual(ada.board);
    };
    for (const replica of [ada, bo]) {
      replica.run(title(card, 'same'));
      replica.run({ type: 'moveCard', cardId: card, columnId: columns[1], position: 'bottom' });
    }
    none();
    ada.run(title(card, 'other'));
    none();
    bo.run(title(card, 'later'));
    none();
    ada.run(title(card, 'no, not that'));
    ada.history.undo();
    bo.run(title(card, 'from Bo'));
    none();
  });

  it('[BRD-19] stays open when the field is changed again, until somebody settles it', () => {
    const { ada, bo, cy, card } = meeting();
    ada.run(title(card, 'from Ada'));
    bo.run(title(card, 'from Bo'));
    exchange(ada, bo, cy);
    exchange(ada, bo, cy);
    cy.run(title(card, 'from Cy'));
    exchange(ada, bo, cy);
    expect(said(ada.card(card).conflicts, 'title')).toEqual(['from Cy', 'from Ada']);
    expect(authors(ada.card(card).conflicts)).toEqual([CY, ADA]);
  });

  it('[BRD-19] keeps three values of three people', () => {
    const { ada, bo, cy, card } = meeting();
    for (const [replica, text] of [
      [ada, 'A'],
      [bo, 'B'],
      [cy, 'C'],
    ] as const)
      replica.run(title(card, text));
    exchange(ada, bo, cy);
    exchange(ada, bo, cy);
    expect(said(ada.card(card).conflicts, 'title').sort()).toEqual(['A', 'B', 'C']);
  });

  it('[BRD-19] shows exactly what nobody wrote over, of three people who meet in any order', () => {
    const stepArb = fc.record({ who: fc.nat(2), meets: fc.boolean() });
    fc.assert(
      fc.property(fc.array(stepArb, { maxLength: 24 }), fc.boolean(), (steps, isReversed) => {
        const { ada, bo, cy, card } = meeting(isReversed ? [3, 2, 1] : [1, 2, 3]);
        const all = [ada, bo, cy];
        const standing = new Set([ada.card(card).title]);
        const replaced = new Set<string>();
        for (const [at, { who, meets }] of steps.entries()) {
          const [replica, next] = [all[who] ?? ada, all[(who + 1) % 3] ?? ada];
          if (meets) {
            exchange(replica, next);
            continue;
          }
          replaced.add(replica.card(card).title);
          replica.run(title(card, `title ${at}`));
          standing.add(`title ${at}`);
        }
        exchange(...all);
        exchange(...all);
        for (const value of replaced) standing.delete(value);
        for (const replica of all) {
          const shown = said(replica.card(card).conflicts, 'title');
          expect(new Set(shown.length === 0 ? [replica.card(card).title] : shown)).toEqual(standing);
          expect(replica.board).toEqual(ada.board);
        }
      }),
      { seed: 41, numRuns: 300 },
    );
  });

  it('[BRD-20] never takes a key that made room for another item for somebody’s wish', () => {
    const { ada, bo, columns } = meeting();
    // Both insert into one gap until the neighbours need new keys.
    for (const replica of [ada, bo]) {
      for (let at = 0; at < 200; at++)
        replica.run({ type: 'addCard', columnId: columns[0], title: `${at}`, position: 1 });
    }
    exchange(ada, bo);
    for (let at = 0; at < 30; at++) {
      ada.run({ type: 'addCard', columnId: columns[0], title: `a${at}`, position: 100 + at });
      bo.run({ type: 'addCard', columnId: columns[0], title: `b${at}`, position: 100 + at });
    }
    exchange(ada, bo);
    const rekeyed = [...ada.doc.getMap('cards').values()].filter(
      (card) => ((card as Y.Map<unknown>).get('place') as unknown[])[2] === 1,
    );
    expect(rekeyed.length).toBeGreaterThan(0);
    for (const card of ada.board.columns[0]?.cards ?? []) expect(card.conflicts).toEqual([]);
  });
});

describe('settling a conflict', () => {
  function conflicting(): Meeting & { readonly mine: string; readonly theirs: string } {
    const all = meeting();
    all.ada.run(title(all.card, 'from Ada'));
    all.bo.run(title(all.card, 'from Bo'));
    exchange(all.ada, all.bo, all.cy);
    exchange(all.ada, all.bo, all.cy);
    const [theirs, mine] = all.ada.card(all.card).conflicts[0]?.values ?? [];
    return { ...all, mine: mine?.id ?? '', theirs: theirs?.id ?? '' };
  }
  const settle = (card: string, keep: string): BoardCommand => ({
    type: 'resolveConflict',
    cardId: card,
    field: 'title',
    keep,
  });

  it.each(['mine', 'theirs'] as const)(
    '[BRD-21] keeps %s, for everybody, and can be undone and redone',
    (which) => {
      const { ada, bo, cy, card, ...ids } = conflicting();
      const before = ada.board;
      ada.run(settle(card, ids[which]));
      const after = ada.board;
      expect(ada.card(card)).toMatchObject({
        title: which === 'mine' ? 'from Ada' : 'from Bo',
        conflicts: [],
      });
      ada.history.undo();
      expect(ada.board).toEqual(before);
      ada.history.redo();
      expect(ada.board).toEqual(after);
      exchange(ada, bo, cy);
      for (const other of [bo, cy]) expect(other.board).toEqual(after);
    },
  );

  it('[BRD-21] is refused once it is settled, for values that are not there, and for fields that merge', () => {
    const { ada, card, columns, mine } = conflicting();
    expect(ada.refusal(settle(card, '9.9'))).toBe('unknownConflict');
    expect(ada.refusal(settle('nothing', mine))).toBe('unknownCard');
    expect(ada.refusal({ type: 'resolveConflict', columnId: 'nowhere', field: 'title', keep: mine })).toBe(
      'unknownColumn',
    );
    expect(ada.refusal({ type: 'resolveConflict', columnId: columns[0], field: 'due', keep: mine })).toBe(
      'unknownConflict',
    );
    expect(ada.refusal({ type: 'resolveConflict', field: 'title', keep: mine })).toBe('unknownConflict');
    ada.run(settle(card, mine));
    expect(ada.refusal(settle(card, mine))).toBe('unknownConflict');
  });

  it('[BRD-21] leaves open what the person did not see', () => {
    const { ada, bo, cy, card, mine, theirs } = conflicting();
    cy.run(title(card, 'third'));
    exchange(ada, cy);
    const early = new Replica(9, CY);
    exchange(bo, early);
    early.run(title(card, 'fourth'));
    exchange(ada, early);
    const before = said(ada.card(card).conflicts, 'title');
    expect(before).toHaveLength(3);
    ada.run({ type: 'resolveConflict', cardId: card, field: 'title', keep: mine, among: [mine, theirs] });
    expect(ada.card(card).title).toBe('from Ada');
    expect(said(ada.card(card).conflicts, 'title')).toContain(before[0] === 'third' ? 'fourth' : 'third');
  });

  it('[BRD-21] by two people who choose differently is a conflict again', () => {
    const { ada, bo, cy, card, mine, theirs } = conflicting();
    cy.run(title(card, 'third'));
    exchange(ada, bo, cy);
    ada.run(settle(card, mine));
    const late = bo.card(card).conflicts[0]?.values.find(({ id }) => id !== mine && id !== theirs);
    expect(late?.value).toBe('third');
    bo.run(title(card, 'fourth'));
    exchange(ada, bo, cy);
    expect(said(ada.card(card).conflicts, 'title').sort()).toEqual(['fourth', 'from Ada']);
    expect(bo.board).toEqual(ada.board);
  });

  it('[BRD-21] of a place puts the card where it was lost, unless that column is gone', () => {
    const { ada, bo, card, columns } = meeting();
    const c = ada.add({ type: 'addColumn', title: 'C' });
    exchange(ada, bo);
    ada.run({ type: 'moveCard', cardId: card, columnId: columns[1], position: 'top' });
    bo.run({ type: 'moveCard', cardId: card, columnId: c, position: 'top' });
    exchange(ada, bo);
    const keep = ada.card(card).conflicts[0]?.values[1]?.id ?? '';
    const command: BoardCommand = { type: 'resolveConflict', cardId: card, field: 'place', keep };
    bo.run({ type: 'removeColumn', columnId: columns[1] });
    expect(bo.refusal(command)).toBe('unknownColumn');
    bo.history.undo();
    bo.run(command);
    expect(bo.board.columns.find(({ id }) => id === columns[1])?.cards.map(({ id }) => id)).toEqual([card]);
    expect(bo.card(card).conflicts).toEqual([]);
  });

  it('[BRD-16] undo of a value that won leaves the other one, not nothing', () => {
    const { ada, bo, card } = meeting([5, 2, 3]);
    ada.run(title(card, 'from Ada'));
    ada.run({ type: 'renameBoard', title: 'Other' });
    bo.run(title(card, 'from Bo'));
    exchange(ada, bo);
    expect(ada.card(card).title).toBe('from Ada');
    ada.history.undo();
    ada.history.undo();
    expect(ada.card(card).title).toBe('from Bo');
    exchange(ada, bo);
    expect(bo.board).toEqual(ada.board);
  });
});

describe('the cost of conflicts', () => {
  it('[BRD-22] no edit without a conflict is larger for it', () => {
    const { ada, card } = meeting();
    const plain = new Y.Doc({ gc: false });
    plain.clientID = 1;
    const map = plain.getMap('cards');
    const inner = new Y.Map<unknown>();
    map.set(card, inner);
    let size = 0;
    plain.on('update', (update: Uint8Array) => (size += update.length));
    ada.sent.length = 0;
    for (let at = 0; at < 500; at++) {
      ada.run(title(card, `title ${at}`));
      inner.set('title', `title ${at}`);
    }
    const ours = ada.sent.reduce((sum, update) => sum + update.length, 0);
    expect(ours).toBeLessThanOrEqual(size * 1.02);
  });
});
