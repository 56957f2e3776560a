import { describe, expect, it } from 'vitest';
import { boardDigest } from '../../../src/board/digest.ts';
import { Projection } from '../../../src/board/projection.ts';
import type { BoardSnapshot, CardSnapshot, Conflict, ConflictValue } from '../../../src/board/snapshot.ts';
import { ADA, exchange, Replica, smallBoard } from './board-fixture.ts';

describe('the projection', () => {
  it('[BRD-14] hands out one object until something changed', () => {
    const { replica, cards } = smallBoard();
    const before = replica.board;
    expect(replica.board).toBe(before);
    const id = cards[0] ?? '';
    (replica.doc.getMap('cards').get(id) as { set: (key: string, value: unknown) => void }).set(
      'unknown field',
      1,
    );
    expect(replica.board).toBe(before);
    replica.run({ type: 'updateCard', cardId: id, changes: { title: 'new' } });
    expect(replica.board).not.toBe(before);
    expect(before.columns[0]?.cards[0]?.title).toBe('a1');
  });

  it('[BRD-14] keeps the identity of what did not change', () => {
    const { replica, columns, cards } = smallBoard();
    const [first = '', second = ''] = cards;
    replica.run({ type: 'archiveCard', cardId: second });
    const before = replica.board;
    replica.run({ type: 'addComment', cardId: first, text: 'hi' });
    const commented = replica.board;
    expect(commented.columns[0]?.cards[0]?.comments).toHaveLength(1);
    expect(commented.columns[0]?.cards[1]).toBe(before.columns[0]?.cards[1]);
    expect(commented.columns[1]).toBe(before.columns[1]);
    expect(commented.archive).toBe(before.archive);
    replica.run({ type: 'moveCard', cardId: first, columnId: columns[1], position: 0 });
    expect(replica.board.columns[1]?.cards[0]).toBe(commented.columns[0]?.cards[0]);
    replica.run({ type: 'renameBoard', title: 'Other' });
    expect(replica.board.columns[0]?.cards[0]).toBe(before.columns[0]?.cards[1]);
  });

  it('[BRD-14] follows cards and comments whose column or card comes later', () => {
    const { replica, columns, cards } = smallBoard();
    replica.run({ type: 'addComment', cardId: cards[0] ?? '', text: 'hi' });
    const late = new Replica(2);
    for (const update of [...replica.sent].reverse()) late.receive(update);
    expect(late.board).toEqual(replica.board);
    late.run({ type: 'removeColumn', columnId: columns[0] });
    expect(late.projection.cardCount()).toBe(0);
    late.history.undo();
    expect(late.board).toEqual(replica.board);
  });

  it('[BRD-14] hands out objects that cannot be changed', () => {
    const { replica } = smallBoard();
    const { columns, archive } = replica.board;
    const card = columns[0]?.cards[0];
    for (const part of [
      replica.board,
      columns,
      archive,
      columns[0],
      columns[0]?.cards,
      card,
      card?.labels,
      card?.comments,
    ]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('[BRD-14] stops following when it is told to', () => {
    const { replica } = smallBoard();
    const projection = new Projection(replica.doc);
    const before = projection.snapshot();
    projection.destroy();
    replica.run({ type: 'renameBoard', title: 'Other' });
    expect(projection.snapshot()).toBe(before);
  });
});

describe('the digest', () => {
  const card: CardSnapshot = {
    ...{
      id: 'c',
      title: 't',
      notes: 'n',
      labels: ['l'],
      due: null,
      assignees: [ADA],
      createdAt: 1,
      createdBy: ADA,
    },
    comments: [{ id: 'm', text: 'x', author: ADA, at: 2 }],
    conflicts: [],
  };
  const why = { by: [], editedBy: [], column: null };
  const lost: ConflictValue = { id: '1.2', value: null, author: ADA, at: 3, current: false };
  const conflictOf = (change: Partial<ConflictValue>): Conflict => ({
    field: 'due',
    values: [{ ...lost, ...change }],
  });
  const base: BoardSnapshot = {
    title: 'B',
    conflicts: [],
    columns: [
      { id: 'k', title: 'K', conflicts: [], cards: [card] },
      { id: 'l', title: 'L', conflicts: [], cards: [] },
    ],
    archive: [{ ...card, id: 'z', reason: 'archived', ...why }],
  };
  const withCard = (changes: Partial<CardSnapshot>): BoardSnapshot => ({
    ...base,
    columns: [
      { id: 'k', title: 'K', conflicts: [], cards: [{ ...card, ...changes }] },
      ...base.columns.slice(1),
    ],
  });

  it('[BRD-15] is the same for equal snapshots and pinned, because peers of several versions compare it', () => {
    expect(boardDigest(structuredClone(base))).toBe(boardDigest(base));
    expect(boardDigest(base)).toBe('81edf1918d66a811590d485700b8e713404f4912ef8d218e3907453c409d75b7');
  });

  it('[BRD-15] differs when anything differs', () => {
    const comment = card.comments[0] ?? { id: '', text: '', author: '', at: 0 };
    const others: BoardSnapshot[] = [
      base,
      { ...base, title: 'C' },
      { ...base, columns: [...base.columns].reverse() },
      { ...base, columns: base.columns.slice(0, 1) },
      {
        ...base,
        columns: [
          { id: 'k', title: 'K', conflicts: [], cards: [] },
          { id: 'l', title: 'L', conflicts: [], cards: [card] },
        ],
      },
      {
        ...base,
        columns: [{ id: 'k2', title: 'K', conflicts: [], cards: [card] }, ...base.columns.slice(1)],
      },
      {
        ...base,
        columns: [{ id: 'k', title: 'K2', conflicts: [], cards: [card] }, ...base.columns.slice(1)],
      },
      {
        ...base,
        columns: [
          { id: 'k', title: 'K', conflicts: [conflictOf({})], cards: [card] },
          ...base.columns.slice(1),
        ],
      },
      { ...base, conflicts: [conflictOf({})] },
      { ...base, archive: [] },
      { ...base, archive: [{ ...card, id: 'z', reason: 'columnRemoved', ...why }] },
      { ...base, archive: [{ ...card, id: 'z', reason: 'removed', ...why }] },
      { ...base, archive: [{ ...card, id: 'z', reason: 'archived', ...why, by: [ADA] }] },
      { ...base, archive: [{ ...card, id: 'z', reason: 'archived', ...why, editedBy: [ADA] }] },
      { ...base, archive: [{ ...card, id: 'z', reason: 'archived', ...why, column: '' }] },
      withCard({ conflicts: [conflictOf({})] }),
      withCard({ conflicts: [conflictOf({ id: '1.3' })] }),
      withCard({ conflicts: [conflictOf({ value: '' })] }),
      withCard({ conflicts: [conflictOf({ author: '' })] }),
      withCard({ conflicts: [conflictOf({ at: 4 })] }),
      withCard({ conflicts: [{ ...conflictOf({}), field: 'title' }] }),
      withCard({ conflicts: [{ field: 'due', values: [lost, lost] }] }),
      withCard({ conflicts: [conflictOf({}), conflictOf({})] }),
      withCard({ id: 'd' }),
      withCard({ title: 'u' }),
      withCard({ title: 'tn', notes: '' }),
      withCard({ notes: 'm' }),
      withCard({ labels: [] }),
      withCard({ labels: ['l', 'm'] }),
      withCard({ labels: ['l', ADA], assignees: [] }),
      withCard({ due: '2026-01-01' }),
      withCard({ assignees: [] }),
      withCard({ createdAt: 2 }),
      withCard({ createdBy: '' }),
      withCard({ comments: [] }),
      withCard({ comments: [{ ...comment, id: 'n' }] }),
      withCard({ comments: [{ ...comment, text: 'y' }] }),
      withCard({ comments: [{ ...comment, author: '' }] }),
      withCard({ comments: [{ ...comment, at: 3 }] }),
    ];
    expect(new Set(others.map(boardDigest)).size).toBe(others.length);
  });

  it('[BRD-15] does not depend on the order in which updates came', () => {
    const { replica: ada } = smallBoard(9);
    const bo = new Replica(2);
    for (const update of [...ada.sent].reverse()) bo.receive(update);
    exchange(ada, bo);
    expect(bo.digest).toBe(ada.digest);
  });
});
