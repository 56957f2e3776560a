import { describe, expect, it } from 'vitest';
import type { BoardCommand } from '../../../src/board/command.ts';
import {
  MAX_ADDED_CARDS,
  MAX_ADDED_CHARS,
  MAX_ASSIGNEES,
  MAX_COLUMNS,
  MAX_COMMENTS_PER_CARD,
  MAX_COMMENT_CHARS,
  MAX_LABELS,
  MAX_LABEL_CHARS,
  MAX_NOTES_CHARS,
  MAX_TITLE_CHARS,
} from '../../../src/board/limits.ts';
import { ADA, BO, exchange, NOW, Replica, smallBoard } from './board-fixture.ts';

const { replica: sample, columns: sampleColumns, cards: sampleCards } = smallBoard();
const [columnId] = sampleColumns;
const cardId = sampleCards[0] ?? '';
const long = 'x'.repeat(MAX_TITLE_CHARS + 1);
const update = (changes: object): BoardCommand => ({ type: 'updateCard', cardId, changes });
const list = (count: number, prefix: string): string[] =>
  Array.from({ length: count }, (_, at) => prefix + String(at));

describe('refusals', () => {
  const cases: readonly (readonly [string, BoardCommand])[] = [
    ['emptyTitle', { type: 'renameBoard', title: ' \n\t ' }],
    ['textTooLong', { type: 'renameBoard', title: long }],
    ['emptyTitle', { type: 'addColumn', title: '' }],
    ['textTooLong', { type: 'addColumn', title: long }],
    ['badPosition', { type: 'addColumn', title: 'C', position: -1 }],
    ['unknownColumn', { type: 'renameColumn', columnId: 'none', title: 'C' }],
    ['emptyTitle', { type: 'renameColumn', columnId, title: '' }],
    ['textTooLong', { type: 'renameColumn', columnId, title: long }],
    ['unknownColumn', { type: 'moveColumn', columnId: '__proto__', position: 0 }],
    ['badPosition', { type: 'moveColumn', columnId, position: 0.5 }],
    ['unknownColumn', { type: 'removeColumn', columnId: 'constructor' }],
    ['unknownColumn', { type: 'addCard', columnId: 'none', title: 'c' }],
    ['emptyTitle', { type: 'addCard', columnId, title: '' }],
    ['textTooLong', { type: 'addCard', columnId, title: long }],
    ['badPosition', { type: 'addCard', columnId, title: 'c', position: NaN }],
    ['emptyTitle', { type: 'addCards', columnId, titles: ['fine', ''] }],
    ['tooManyItems', { type: 'addCards', columnId, titles: list(MAX_ADDED_CARDS + 1, 'c') }],
    ['textTooLong', { type: 'addCards', columnId, titles: list(MAX_ADDED_CHARS / 400, 'x'.repeat(400)) }],
    ['badPosition', { type: 'addCards', columnId, titles: ['c'], position: -2 }],
    ['unknownCard', { type: 'updateCard', cardId: 'none', changes: {} }],
    ['emptyTitle', update({ notes: 'not written either', title: '' })],
    ['textTooLong', update({ title: long })],
    ['textTooLong', update({ title: 'not written either', notes: 'x'.repeat(MAX_NOTES_CHARS + 1) })],
    ['badDate', update({ due: '2026-02-29' })],
    ['badDate', update({ due: '2026-2-1' })],
    ['badLabel', update({ labels: [' '] })],
    ['badLabel', update({ labels: ['x'.repeat(MAX_LABEL_CHARS + 1)] })],
    ['tooManyItems', update({ labels: list(MAX_LABELS + 1, 'l') })],
    ['badAssignee', update({ assignees: ['Ada'] })],
    [
      'tooManyItems',
      update({ assignees: list(MAX_ASSIGNEES + 1, '').map((text) => text.padStart(64, '0')) }),
    ],
    ['unknownCard', { type: 'moveCard', cardId: 'none', columnId, position: 0 }],
    ['unknownColumn', { type: 'moveCard', cardId, columnId: 'none', position: 0 }],
    ['badPosition', { type: 'moveCard', cardId, columnId, position: Infinity }],
    ['unknownCard', { type: 'archiveCard', cardId: 'none' }],
    ['unknownCard', { type: 'restoreCard', cardId: 'none' }],
    ['unknownCard', { type: 'removeCard', cardId: '' }],
    ['unknownCard', { type: 'addComment', cardId: 'none', text: 'hi' }],
    ['emptyTitle', { type: 'addComment', cardId, text: ' \n ' }],
    ['textTooLong', { type: 'addComment', cardId, text: 'x'.repeat(MAX_COMMENT_CHARS + 1) }],
    ['unknownCard', { type: 'removeComment', cardId: 'none', commentId: 'none' }],
    ['unknownComment', { type: 'removeComment', cardId, commentId: 'none' }],
  ];
  it.each(cases)('[BRD-6, BRD-8] answers %s and touches nothing', (code, command) => {
    expect(sample.refusal(command)).toBe(code);
  });

  it('[BRD-8] bounds columns and comments', () => {
    const { replica, cards } = smallBoard();
    for (let i = replica.board.columns.length; i < MAX_COLUMNS; i++)
      replica.run({ type: 'addColumn', title: 'C' });
    expect(replica.refusal({ type: 'addColumn', title: 'C' })).toBe('tooManyItems');
    const comment = { type: 'addComment', cardId: cards[0] ?? '', text: 'hi' } as const;
    for (let i = 0; i < MAX_COMMENTS_PER_CARD; i++) replica.run(comment);
    expect(replica.refusal(comment)).toBe('tooManyItems');
    expect(replica.card(comment.cardId).comments).toHaveLength(MAX_COMMENTS_PER_CARD);
  });
});

describe('columns', () => {
  it('[BRD-11] are added, moved and renamed', () => {
    const { replica, columns } = smallBoard();
    const [a, b] = columns;
    const c = replica.add({ type: 'addColumn', title: 'C', position: 1 });
    const order = (): string[] => replica.board.columns.map((column) => column.id);
    expect(order()).toEqual([a, c, b]);
    replica.run({ type: 'moveColumn', columnId: a, position: 'bottom' });
    expect(order()).toEqual([c, b, a]);
    replica.run({ type: 'moveColumn', columnId: b, position: 0 });
    expect(order()).toEqual([b, c, a]);
    replica.run({ type: 'moveColumn', columnId: b, position: 99 });
    expect(order()).toEqual([c, a, b]);
    replica.run({ type: 'renameColumn', columnId: c, title: ' New\nname ' });
    expect(replica.board.columns[0]?.title).toBe('New name');
  });

  it('[BRD-12] leave their cards in the archive when removed', () => {
    const { replica, columns, cards } = smallBoard();
    const [a, b] = columns;
    replica.run({ type: 'addCard', columnId: b, title: 'b1' });
    replica.run({ type: 'removeColumn', columnId: a });
    expect(replica.board.archive.map(({ title, reason }) => [title, reason])).toEqual([
      ['a1', 'columnRemoved'],
      ['a2', 'columnRemoved'],
      ['a3', 'columnRemoved'],
    ]);
    replica.run({ type: 'restoreCard', cardId: cards[1] ?? '' });
    expect(replica.titles()).toEqual([['a2', 'b1']]);
    replica.run({ type: 'removeColumn', columnId: b });
    expect(replica.refusal({ type: 'restoreCard', cardId: cards[0] ?? '' })).toBe('unknownColumn');
  });
});

describe('cards', () => {
  it('[BRD-11] are added and moved by index, to the top and to the bottom', () => {
    const { replica, columns, cards } = smallBoard();
    const [a, b] = columns;
    replica.run({ type: 'addCard', columnId: a, title: 'top', position: 'top' });
    replica.run({ type: 'addCards', columnId: a, titles: ['x', 'y'], position: 2 });
    expect(replica.titles()).toEqual([['top', 'a1', 'x', 'y', 'a2', 'a3'], []]);
    replica.run({ type: 'moveCard', cardId: cards[0] ?? '', columnId: a, position: 4 });
    expect(replica.titles()[0]).toEqual(['top', 'x', 'y', 'a2', 'a1', 'a3']);
    replica.run({ type: 'moveCard', cardId: cards[2] ?? '', columnId: b, position: 7 });
    expect(replica.titles()).toEqual([['top', 'x', 'y', 'a2', 'a1'], ['a3']]);
  });

  it('[BRD-8] say who made them and when', () => {
    expect(sample.card(cardId)).toMatchObject({
      title: 'a1',
      createdAt: NOW,
      createdBy: ADA,
      notes: '',
      due: null,
    });
  });

  it('[BRD-8] store lone surrogates as U+FFFD, so that all peers hold one text', () => {
    const { replica, cards } = smallBoard();
    const other = new Replica(2);
    const id = cards[0] ?? '';
    replica.run({
      type: 'updateCard',
      cardId: id,
      changes: { title: 'a\ud800b', notes: '\udc00', labels: ['\ud800'] },
    });
    replica.run({ type: 'addComment', cardId: id, text: 'x\udfff' });
    exchange(replica, other);
    expect(other.board).toEqual(replica.board);
    expect(replica.card(id)).toMatchObject({ title: 'a\ufffdb', notes: '\ufffd', labels: ['\ufffd'] });
  });

  it('[BRD-7] write nothing when the result is there already', () => {
    const { replica, columns, cards } = smallBoard();
    const id = cards[0] ?? '';
    const full = { title: 'a1', notes: 'n', labels: ['l'], due: '2026-01-31', assignees: [BO] };
    replica.run({ type: 'updateCard', cardId: id, changes: full });
    const before = replica.sent.length;
    replica.run({ type: 'updateCard', cardId: id, changes: full });
    replica.run({ type: 'renameBoard', title: 'Board' });
    replica.run({ type: 'renameColumn', columnId: columns[0], title: 'A' });
    replica.run({ type: 'moveColumn', columnId: columns[0], position: 0 });
    replica.run({ type: 'moveCard', cardId: id, columnId: columns[0], position: 0 });
    replica.run({ type: 'restoreCard', cardId: id });
    replica.run({ type: 'addCards', columnId: columns[0], titles: [] });
    expect(replica.sent).toHaveLength(before);
    replica.run({ type: 'archiveCard', cardId: id });
    replica.run({ type: 'archiveCard', cardId: id });
    expect(replica.sent).toHaveLength(before + 1);
  });

  it('[BRD-12] return from the archive to their place', () => {
    const { replica, columns, cards } = smallBoard();
    const [first = '', second = ''] = cards;
    replica.run({ type: 'archiveCard', cardId: second });
    replica.run({ type: 'archiveCard', cardId: first });
    expect(replica.board.archive.map(({ title, reason }) => [title, reason])).toEqual([
      ['a1', 'archived'],
      ['a2', 'archived'],
    ]);
    expect(replica.projection.cardCount()).toBe(1);
    replica.run({ type: 'restoreCard', cardId: second });
    expect(replica.titles()).toEqual([['a2', 'a3'], []]);
    replica.run({ type: 'moveCard', cardId: first, columnId: columns[1], position: 'top' });
    expect(replica.titles()).toEqual([['a2', 'a3'], ['a1']]);
    expect(replica.board.archive).toEqual([]);
  });

  it('[BRD-13] take their comments with them when removed', () => {
    const { replica, cards } = smallBoard();
    const [first = '', second = ''] = cards;
    replica.run({ type: 'addComment', cardId: first, text: 'gone' });
    const kept = replica.add({ type: 'addComment', cardId: second, text: 'kept' });
    replica.run({ type: 'removeCard', cardId: first });
    expect(replica.card(second).comments.map(({ id }) => id)).toEqual([kept]);
    expect(replica.titles()).toEqual([['a2', 'a3'], []]);
  });
});

describe('fields', () => {
  it('[BRD-9] merge edits of one text by two peers', () => {
    const { replica: ada, cards } = smallBoard();
    const bo = new Replica(2, BO);
    const id = cards[0] ?? '';
    ada.run({ type: 'updateCard', cardId: id, changes: { notes: 'Buy milk and bread' } });
    exchange(ada, bo);
    ada.run({ type: 'updateCard', cardId: id, changes: { notes: 'Buy oat milk and bread' } });
    bo.run({ type: 'updateCard', cardId: id, changes: { notes: 'Buy milk and bread 😀' } });
    exchange(ada, bo);
    bo.run({ type: 'updateCard', cardId: id, changes: { notes: 'Buy oat milk and bread 😃' } });
    exchange(ada, bo);
    expect(ada.card(id).notes).toBe('Buy oat milk and bread 😃');
    expect(bo.card(id)).toEqual(ada.card(id));
  });

  it('[BRD-9] keep notes that two peers began at the same time', () => {
    const { replica: ada, cards } = smallBoard();
    const bo = new Replica(2, BO);
    exchange(ada, bo);
    const id = cards[0] ?? '';
    ada.run({ type: 'updateCard', cardId: id, changes: { notes: 'from Ada' } });
    bo.run({ type: 'updateCard', cardId: id, changes: { notes: 'from Bo' } });
    exchange(ada, bo);
    expect(bo.card(id).notes).toBe('from Ada\n\nfrom Bo');
    bo.run({ type: 'updateCard', cardId: id, changes: { notes: 'from Ada\n\nand from Bo' } });
    exchange(ada, bo);
    expect(ada.card(id).notes).toBe('from Ada\n\nand from Bo');
    expect(bo.card(id)).toEqual(ada.card(id));
  });

  it('[BRD-10] keep labels and assignees that two peers add at the same time', () => {
    const { replica: ada, cards } = smallBoard();
    const bo = new Replica(2, BO);
    exchange(ada, bo);
    const id = cards[0] ?? '';
    ada.run({ type: 'updateCard', cardId: id, changes: { labels: ['red', 'blue'], assignees: [ADA] } });
    bo.run({ type: 'updateCard', cardId: id, changes: { labels: ['green'], assignees: [BO] } });
    exchange(ada, bo);
    expect(ada.card(id)).toMatchObject({ labels: ['blue', 'green', 'red'], assignees: [ADA, BO] });
    ada.run({ type: 'updateCard', cardId: id, changes: { labels: ['green', 'red'] } });
    bo.run({ type: 'updateCard', cardId: id, changes: { labels: ['blue', 'green', 'red', '__proto__'] } });
    exchange(ada, bo);
    expect(bo.card(id).labels).toEqual(['__proto__', 'green', 'red']);
  });

  it('[BRD-10] lets a set that concurrent additions made too large shrink step by step', () => {
    const { replica: ada, cards } = smallBoard();
    const bo = new Replica(2, BO);
    exchange(ada, bo);
    const id = cards[0] ?? '';
    ada.run({ type: 'updateCard', cardId: id, changes: { labels: list(MAX_LABELS, 'a') } });
    bo.run({ type: 'updateCard', cardId: id, changes: { labels: list(MAX_LABELS, 'b') } });
    exchange(ada, bo);
    const labels = ada.card(id).labels;
    expect(labels).toHaveLength(2 * MAX_LABELS);
    ada.run({ type: 'updateCard', cardId: id, changes: { labels: labels.slice(1) } });
    expect(ada.refusal({ type: 'updateCard', cardId: id, changes: { labels } })).toBe('tooManyItems');
  });

  it('[BRD-8] set and clear the due date', () => {
    const { replica, cards } = smallBoard();
    const id = cards[0] ?? '';
    replica.run({ type: 'updateCard', cardId: id, changes: { due: '2028-02-29' } });
    expect(replica.card(id).due).toBe('2028-02-29');
    replica.run({ type: 'updateCard', cardId: id, changes: { due: null } });
    expect(replica.card(id).due).toBe(null);
  });
});

describe('comments', () => {
  it('[BRD-13] are ordered by when they were seen, not by clocks, and can be removed', () => {
    const { replica: ada, cards } = smallBoard();
    const bo = new Replica(2, BO);
    const id = cards[0] ?? '';
    for (const text of ['one', 'two', 'three']) {
      exchange(ada, bo);
      (text === 'two' ? bo : ada).run({ type: 'addComment', cardId: id, text });
    }
    exchange(ada, bo);
    const comments = bo.card(id).comments;
    expect(comments.map(({ text, author, at }) => [text, author, at])).toEqual([
      ['one', ADA, NOW],
      ['two', BO, NOW],
      ['three', ADA, NOW],
    ]);
    ada.run({ type: 'removeComment', cardId: id, commentId: comments[1]?.id ?? '' });
    expect(ada.card(id).comments.map(({ text }) => text)).toEqual(['one', 'three']);
    const other = {
      type: 'removeComment',
      cardId: cards[1] ?? '',
      commentId: comments[0]?.id ?? '',
    } as const;
    expect(ada.refusal(other)).toBe('unknownComment');
  });
});
