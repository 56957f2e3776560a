import fc from 'fast-check';
import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import { fillBoard, readContent, type BoardContent } from '../../../src/board/content.ts';
import { boardDigest } from '../../../src/board/digest.ts';
import { MAX_CARDS, MAX_COLUMNS } from '../../../src/board/limits.ts';
import { Projection } from '../../../src/board/projection.ts';
import type { BoardSnapshot } from '../../../src/board/snapshot.ts';
import { commandFor, drawArb } from './arbitrary-command.ts';
import { BO, exchange, NOW, Replica, smallBoard } from './board-fixture.ts';

function contentOf(doc: Y.Doc): BoardContent {
  const read = readContent(doc);
  if (!read.ok) throw new Error(read.code);
  return read.value;
}

/** Values that lost, and who archived what, stay behind: they are no content of the board but of its past. */
function settled(board: BoardSnapshot): BoardSnapshot {
  const columns = board.columns.map((column) => ({
    ...column,
    conflicts: [],
    cards: column.cards.map((card) => ({ ...card, conflicts: [] })),
  }));
  return {
    ...board,
    conflicts: [],
    columns,
    archive: board.archive.map((card) => ({ ...card, conflicts: [], by: [], editedBy: [] })),
  };
}

describe('a board brought over from another one', () => {
  it('[BRD-40] shows the same: ids, order, fields, archive, authors and times; and that it was brought over', () => {
    fc.assert(
      fc.property(fc.array(drawArb, { maxLength: 40 }), (draws) => {
        const { replica: ada } = smallBoard();
        const bo = new Replica(2, BO);
        exchange(ada, bo);
        draws.forEach((draw, at) => {
          const who = at % 2 === 0 ? ada : bo;
          who.try(commandFor(draw, who.board));
        });
        exchange(ada, bo);
        const target = new Y.Doc({ gc: false });
        expect(fillBoard(target, contentOf(ada.doc), NOW).ok).toBe(true);
        expect(new Projection(target).snapshot()).toEqual({ ...settled(ada.board), broughtOver: NOW });
      }),
      { seed: 71, numRuns: 150 },
    );
  });

  it('[BRD-40] can be worked on at once, and its digest tells it from the one it was made of', () => {
    const { replica, columns, cards } = smallBoard();
    replica.run({
      type: 'updateCard',
      cardId: cards[0] ?? '',
      changes: { notes: 'notes', due: '2026-02-28' },
    });
    const next = new Replica(9);
    fillBoard(next.doc, contentOf(replica.doc), NOW);
    expect(next.digest).not.toBe(replica.digest);
    next.run({ type: 'updateCard', cardId: cards[0] ?? '', changes: { notes: 'other notes' } });
    next.run({ type: 'moveCard', cardId: cards[2] ?? '', columnId: columns[0], position: 0 });
    expect(next.titles()[0]).toEqual(['a3', 'a1', 'a2']);
    expect(next.card(cards[0] ?? '').notes).toBe('other notes');
    expect(boardDigest(next.board)).toBe(next.digest);
  });

  it('[BRD-40] is refused before anything is written when it holds more than a board may', () => {
    const huge: BoardContent = {
      title: 'x',
      columns: Array.from({ length: MAX_COLUMNS + 1 }, (_, at) => ({
        id: `c${at}`,
        key: 'a0',
        title: 'c',
        isRemoved: false,
      })),
      cards: [],
      comments: [],
    };
    const target = new Y.Doc();
    expect(fillBoard(target, huge, NOW)).toEqual({ ok: false, code: 'tooManyItems' });
    expect(Y.encodeStateAsUpdate(target)).toEqual(Y.encodeStateAsUpdate(new Y.Doc()));
    const source = new Y.Doc();
    source.transact(() => {
      for (let at = 0; at <= MAX_CARDS; at++) source.getMap('cards').set(`c${at}`, new Y.Map());
    });
    expect(readContent(source)).toEqual({ ok: false, code: 'tooManyItems' });
  });
});
