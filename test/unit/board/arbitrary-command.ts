/** Random commands for property tests: drawn as numbers, made concrete on whatever board they meet. */
import fc from 'fast-check';
import type { BoardCommand, Position } from '../../../src/board/command.ts';
import type { BoardSnapshot, CardSnapshot } from '../../../src/board/snapshot.ts';
import { ADA, BO } from './board-fixture.ts';

export interface Draw {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly text: string;
}

/** A draw. */
export const drawArb: fc.Arbitrary<Draw> = fc.record({
  kind: fc.nat(16),
  a: fc.nat(40),
  b: fc.nat(40),
  text: fc.string({ minLength: 0, maxLength: 12, unit: 'binary' }),
});

const LABELS = ['red', 'green', 'blue', '__proto__', 'constructor'];

/** Settles a conflict of the card, of a column or of the board, if there is one. */
function resolution(a: number, board: BoardSnapshot, card: CardSnapshot | undefined): BoardCommand {
  const column = board.columns[a % (board.columns.length + 1)];
  const [where, conflicts] =
    a % 3 === 0 && card !== undefined
      ? [{ cardId: card.id }, card.conflicts]
      : a % 3 === 1 && column !== undefined
        ? [{ columnId: column.id }, column.conflicts]
        : [{}, board.conflicts];
  const conflict = conflicts[a % (conflicts.length + 1)] ?? conflicts[0];
  const keep = conflict?.values[a % conflict.values.length]?.id ?? '1.1';
  return { type: 'resolveConflict', ...where, field: conflict?.field ?? 'title', keep };
}

/** The command that a draw means on this board. Some name things that do not exist. */
export function commandFor({ kind, a, b, text }: Draw, board: BoardSnapshot): BoardCommand {
  const cards = [...board.columns.flatMap((column) => column.cards), ...board.archive];
  const columnId = board.columns[a % (board.columns.length + 1)]?.id ?? 'nowhere';
  const card = cards[b % (cards.length + 1)];
  const cardId = card?.id ?? 'nothing';
  const position: Position = a % 5 === 0 ? 'top' : a % 5 === 1 ? 'bottom' : b;
  const commands: BoardCommand[] = [
    { type: 'renameBoard', title: text },
    { type: 'addColumn', title: text, position },
    { type: 'renameColumn', columnId, title: text },
    { type: 'moveColumn', columnId, position },
    { type: 'removeColumn', columnId },
    { type: 'addCard', columnId, title: text, position },
    { type: 'addCards', columnId, titles: [`${text}1`, `${text}2`, `${text}3`], position },
    { type: 'updateCard', cardId, changes: { title: text, notes: `${card?.notes ?? ''}${text}` } },
    { type: 'updateCard', cardId, changes: { notes: text.repeat(b % 3), due: a % 2 ? '2026-02-28' : null } },
    {
      type: 'updateCard',
      cardId,
      changes: { labels: LABELS.slice(a % 5, b % 6), assignees: a % 2 ? [ADA] : [BO, ADA] },
    },
    { type: 'moveCard', cardId, columnId, position },
    { type: 'archiveCard', cardId },
    { type: 'restoreCard', cardId },
    { type: 'removeCard', cardId },
    { type: 'addComment', cardId, text },
    {
      type: 'removeComment',
      cardId,
      commentId: card?.comments[a % (card.comments.length + 1)]?.id ?? 'none',
    },
    resolution(a, board, card),
  ];
  return commands[kind] ?? { type: 'renameBoard', title: 'x' };
}
