/** Goal: what somebody edits is not lost because somebody else removes it. Method: replicas that do both apart, and meet. */
import { describe, expect, it } from 'vitest';
import type { BoardCommand } from '../../../src/board/command.ts';
import { ADA, BO, exchange, Replica, smallBoard } from './board-fixture.ts';

function two(): { ada: Replica; bo: Replica; card: string; columns: [string, string] } {
  const { replica: ada, columns, cards } = smallBoard();
  const bo = new Replica(2, BO);
  exchange(ada, bo);
  return { ada, bo, card: cards[0] ?? '', columns };
}

function edits(card: string, columns: readonly [string, string]): [string, BoardCommand][] {
  const change = (changes: object): BoardCommand => ({ type: 'updateCard', cardId: card, changes });
  return [
    ['title', change({ title: 'changed' })],
    ['notes', change({ notes: 'long notes' })],
    ['due', change({ due: '2026-03-03' })],
    ['labels', change({ labels: ['kept'] })],
    ['assignees', change({ assignees: [BO] })],
    ['move', { type: 'moveCard', cardId: card, columnId: columns[1], position: 'top' }],
    ['comment', { type: 'addComment', cardId: card, text: 'a remark' }],
  ];
}

const NAMES = edits('', ['', '']).map(([name]) => name);

describe('removing a card', () => {
  it.each(NAMES)(
    '[BRD-23] that somebody else edits (%s) puts it into the archive, with all of the edit',
    (name) => {
      const { ada, bo, card, columns } = two();
      const edit = edits(card, columns).find(([other]) => other === name)?.[1];
      if (edit === undefined) throw new Error('no such edit');
      bo.run(edit);
      const edited = bo.card(card);
      ada.run({ type: 'removeCard', cardId: card });
      expect(ada.board.archive).toEqual([]);
      exchange(ada, bo);
      for (const replica of [ada, bo]) {
        expect(replica.archived(card)).toMatchObject({
          ...edited,
          reason: 'removed',
          by: [ADA],
          editedBy: [BO],
        });
        expect(replica.board.columns.flatMap(({ cards }) => cards.map(({ id }) => id))).not.toContain(card);
      }
      expect(bo.board).toEqual(ada.board);
      ada.run({ type: 'restoreCard', cardId: card });
      expect(ada.board.archive).toEqual([]);
      expect(ada.card(card)).toMatchObject({ title: edited.title, notes: edited.notes });
    },
  );

  it('[BRD-23] that nobody else edits removes it, also when both remove it or it was edited before', () => {
    const { ada, bo, card, columns } = two();
    for (const [, edit] of edits(card, columns)) bo.run(edit);
    exchange(ada, bo);
    ada.run({ type: 'removeCard', cardId: card });
    bo.run({ type: 'removeCard', cardId: card });
    exchange(ada, bo);
    expect(ada.board.archive).toEqual([]);
    expect(() => ada.card(card)).toThrow();
    expect(bo.board).toEqual(ada.board);
    for (const [, edit] of edits(card, columns)) expect(ada.refusal(edit)).toBe('unknownCard');
  });

  it('[BRD-23] that was kept so removes it for good the second time', () => {
    const { ada, bo, card } = two();
    bo.run({ type: 'updateCard', cardId: card, changes: { title: 'changed' } });
    ada.run({ type: 'removeCard', cardId: card });
    exchange(ada, bo);
    bo.run({ type: 'removeCard', cardId: card });
    exchange(ada, bo);
    expect(ada.board.archive).toEqual([]);
    bo.history.undo();
    expect(bo.archived(card).title).toBe('changed');
  });

  it('[BRD-23] can be undone by whoever removed it, but not for somebody else who did too', () => {
    const { ada, bo, card } = two();
    const before = ada.board;
    ada.run({ type: 'removeCard', cardId: card });
    ada.history.undo();
    expect(ada.board).toEqual(before);
    ada.history.redo();
    bo.run({ type: 'removeCard', cardId: card });
    exchange(ada, bo);
    bo.history.undo();
    expect(() => bo.card(card)).toThrow();
  });

  it('[BRD-23] while its order among the others changes is no reason to keep it', () => {
    const { ada, bo, card, columns } = two();
    bo.run({ type: 'moveCard', cardId: card, columnId: columns[0], position: 'bottom' });
    ada.run({ type: 'removeCard', cardId: card });
    exchange(ada, bo);
    expect(ada.board.archive).toEqual([]);
  });

  it('[BRD-24] archiving one that somebody edits says so', () => {
    const { ada, bo, card } = two();
    ada.run({ type: 'archiveCard', cardId: card });
    expect(ada.archived(card)).toMatchObject({ reason: 'archived', by: [ADA], editedBy: [] });
    bo.run({ type: 'updateCard', cardId: card, changes: { notes: 'more' } });
    exchange(ada, bo);
    expect(ada.archived(card)).toMatchObject({
      reason: 'archived',
      by: [ADA],
      editedBy: [BO],
      notes: 'more',
    });
    expect(bo.board).toEqual(ada.board);
    bo.history.undo();
    expect(bo.archived(card).editedBy).toEqual([]);
  });
});

describe('removing a column', () => {
  it('[BRD-25] into which somebody puts or moves cards keeps them in the archive, and says why', () => {
    const { ada, bo, card, columns } = two();
    const added = bo.add({ type: 'addCard', columnId: columns[1], title: 'new' });
    bo.run({ type: 'moveCard', cardId: card, columnId: columns[1], position: 'top' });
    ada.run({ type: 'removeColumn', columnId: columns[1] });
    exchange(ada, bo);
    for (const id of [added, card]) {
      expect(ada.archived(id)).toMatchObject({
        reason: 'columnRemoved',
        by: [ADA],
        editedBy: [BO],
        column: 'B',
      });
    }
    expect(bo.board).toEqual(ada.board);
    expect(ada.refusal({ type: 'addCard', columnId: columns[1], title: 'x' })).toBe('unknownColumn');
    ada.history.undo();
    expect(ada.titles()[1]).toEqual(['a1', 'new']);
  });

  it('[BRD-25] with cards that were there before names nobody else', () => {
    const { ada, bo, columns } = two();
    bo.run({ type: 'renameColumn', columnId: columns[0], title: 'Renamed' });
    ada.run({ type: 'removeColumn', columnId: columns[0] });
    exchange(ada, bo);
    expect(ada.board.archive).toHaveLength(3);
    for (const archived of ada.board.archive)
      expect(archived).toMatchObject({ reason: 'columnRemoved', by: [ADA], editedBy: [], column: 'Renamed' });
  });
});

describe('notes that two people began', () => {
  it('[BRD-9] keep what somebody writes on in theirs while another joins them', () => {
    const { ada, bo, card } = two();
    const cy = new Replica(3, BO);
    ada.run({ type: 'updateCard', cardId: card, changes: { notes: 'from Ada' } });
    bo.run({ type: 'updateCard', cardId: card, changes: { notes: 'from Bo' } });
    exchange(ada, cy);
    exchange(bo, cy);
    cy.run({ type: 'updateCard', cardId: card, changes: { notes: 'joined by Cy' } });
    bo.run({ type: 'updateCard', cardId: card, changes: { notes: 'from Bo and more words' } });
    exchange(ada, bo, cy);
    exchange(ada, bo, cy);
    expect(ada.card(card).notes).toContain('joined by Cy');
    expect(ada.card(card).notes).toContain('and more words');
    expect(bo.board).toEqual(ada.board);
  });
});
