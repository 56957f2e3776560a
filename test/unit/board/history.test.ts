import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BoardCommand } from '../../../src/board/command.ts';
import { fillBoard, readContent } from '../../../src/board/content.ts';
import { MAX_UNDO_STEPS } from '../../../src/board/limits.ts';
import { applyTemplate } from '../../../src/board/templates.ts';
import { commandFor, drawArb } from './arbitrary-command.ts';
import { ADA, BO, exchange, Replica, smallBoard } from './board-fixture.ts';

/** A board with one of everything, and commands of every kind that change it. */
function richBoard(): { replica: Replica; commands: BoardCommand[] } {
  const { replica, columns, cards } = smallBoard();
  const [a, b] = columns;
  const [first = '', second = '', third = ''] = cards;
  const changes = { notes: 'some notes', labels: ['red'], due: '2026-01-01', assignees: [ADA] };
  replica.run({ type: 'updateCard', cardId: first, changes });
  const commentId = replica.add({ type: 'addComment', cardId: first, text: 'hi' });
  replica.run({ type: 'archiveCard', cardId: third });
  const commands: BoardCommand[] = [
    { type: 'renameBoard', title: 'Other' },
    { type: 'addColumn', title: 'C', position: 0 },
    { type: 'renameColumn', columnId: a, title: 'Other' },
    { type: 'moveColumn', columnId: a, position: 'bottom' },
    { type: 'removeColumn', columnId: a },
    { type: 'addCard', columnId: b, title: 'c' },
    { type: 'addCards', columnId: a, titles: ['x', 'y'], position: 1 },
    {
      type: 'updateCard',
      cardId: first,
      changes: { title: 'T', notes: 'other notes 😀', labels: ['blue'], due: null, assignees: [BO] },
    },
    { type: 'updateCard', cardId: second, changes: { notes: 'first notes' } },
    { type: 'moveCard', cardId: first, columnId: b, position: 'top' },
    { type: 'moveCard', cardId: third, columnId: b, position: 'top' },
    { type: 'archiveCard', cardId: first },
    { type: 'restoreCard', cardId: third },
    { type: 'removeCard', cardId: first },
    { type: 'addComment', cardId: first, text: 'again' },
    { type: 'removeComment', cardId: first, commentId },
  ];
  return { replica, commands };
}

describe('undo and redo', () => {
  it.each(richBoard().commands.map((command, at) => [command.type, at] as const))(
    '[BRD-16] take back and repeat %s',
    (_type, at) => {
      const { replica, commands } = richBoard();
      const before = replica.board;
      const ids = replica.run(commands[at] ?? { type: 'renameBoard', title: '' });
      const after = replica.board;
      expect(after).not.toEqual(before);
      const undone = replica.history.undo();
      expect(undone.ok && ids.every((id) => undone.value.ids.includes(id))).toBe(true);
      expect(replica.board).toEqual(before);
      expect(replica.history.redo().ok).toBe(true);
      expect(replica.board).toEqual(after);
      expect(replica.history.undo().ok).toBe(true);
      expect(replica.board).toEqual(before);
    },
  );

  it('[BRD-16] take back every command of a replica that works alone, one a step', () => {
    fc.assert(
      fc.property(fc.array(drawArb, { maxLength: 25 }), (draws) => {
        const { replica } = smallBoard();
        const boards = [replica.board];
        for (const draw of draws) {
          const sent = replica.sent.length;
          replica.try(commandFor(draw, replica.board));
          if (replica.sent.length > sent) boards.push(replica.board);
        }
        for (const board of boards.slice(0, -1).reverse()) {
          expect(replica.history.undo().ok).toBe(true);
          expect(replica.board).toEqual(board);
        }
        for (const board of boards.slice(1)) {
          expect(replica.history.redo().ok).toBe(true);
          expect(replica.board).toEqual(board);
        }
      }),
      { seed: 31, numRuns: 100 },
    );
  });

  it('[BRD-16] leave the edits of others alone', () => {
    const { replica: ada, cards } = smallBoard();
    const bo = new Replica(2, BO);
    exchange(ada, bo);
    const [first = '', second = ''] = cards;
    ada.run({ type: 'updateCard', cardId: first, changes: { title: 'from Ada' } });
    exchange(ada, bo);
    bo.run({ type: 'updateCard', cardId: first, changes: { title: 'from Bo', labels: ['bo'] } });
    bo.run({ type: 'archiveCard', cardId: second });
    exchange(ada, bo);
    expect(ada.history.undo()).toEqual({ ok: true, value: { ids: [] } });
    expect(ada.card(first)).toMatchObject({ title: 'from Bo', labels: ['bo'] });
    expect(ada.board.archive.map(({ id }) => id)).toEqual([second]);
    expect(bo.history.undo().ok).toBe(true);
    expect(bo.board.archive).toEqual([]);
    exchange(ada, bo);
    expect(ada.board).toEqual(bo.board);
  });

  it('[BRD-16] are refused when there is nothing to do', () => {
    const replica = new Replica(1);
    expect(replica.history.canUndo() || replica.history.canRedo()).toBe(false);
    expect(replica.history.undo()).toEqual({ ok: false, code: 'nothingToUndo' });
    expect(replica.history.redo()).toEqual({ ok: false, code: 'nothingToRedo' });
    replica.run({ type: 'renameBoard', title: 'A' });
    replica.history.undo();
    expect(replica.history.canRedo()).toBe(true);
    replica.run({ type: 'renameBoard', title: 'B' });
    expect(replica.history.redo()).toEqual({ ok: false, code: 'nothingToRedo' });
  });

  it('[BRD-16] mark their transactions, so that they are signed as own edits', () => {
    const { replica } = smallBoard();
    const origins: unknown[] = [];
    replica.doc.on('update', (_update: Uint8Array, origin: unknown) => origins.push(origin));
    replica.history.undo();
    replica.history.redo();
    expect(origins).toEqual([replica.history.origin, replica.history.origin]);
  });

  it('[BRD-17] remember a bounded number of steps', () => {
    const replica = new Replica(1);
    for (let i = 0; i < MAX_UNDO_STEPS + 5; i++) replica.run({ type: 'renameBoard', title: `T${i}` });
    let steps = 0;
    while (replica.history.undo().ok) steps++;
    expect(steps).toBe(MAX_UNDO_STEPS);
    expect(replica.board.title).toBe('T4');
  });

  it('[BRD-17] leave a board what it begins with', () => {
    const replica = new Replica(1);
    const context = { random: replica.random, memberId: ADA, wallMs: 0 };
    expect(applyTemplate(replica.doc, 'welcome', 'Ours', context).ok).toBe(true);
    const begun = replica.board;
    expect(replica.history.canUndo()).toBe(false);
    replica.run({ type: 'renameBoard', title: 'Theirs' });
    expect(replica.history.undo().ok).toBe(true);
    expect(replica.board).toEqual(begun);
    expect(replica.history.undo()).toEqual({ ok: false, code: 'nothingToUndo' });

    const filled = new Replica(2);
    const content = readContent(replica.doc);
    if (!content.ok) throw new Error('what a template makes can be read');
    expect(fillBoard(filled.doc, content.value, 0).ok).toBe(true);
    expect(filled.history.canUndo()).toBe(false);
  });
});
