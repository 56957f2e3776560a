/** Boards in memory for the UI tests: generated content and a plain interpretation of every command. */
import type { BoardCommand, CommandOutcome, Position } from '../../src/board/command.ts';
import type {
  BoardSnapshot,
  CardSnapshot,
  ColumnSnapshot,
  Conflict,
  ConflictField,
} from '../../src/board/snapshot.ts';
import type { CodedError } from '../../src/ui/ports.ts';

export const SELF = 'a1'.repeat(32);
export const ADA = 'b2'.repeat(32);
export const BO = 'c3'.repeat(32);

const START = Date.UTC(2026, 10, 20);
const TITLES = [
  'Send the invite links to the reading group',
  'Fix the flicker when two people drag the same card',
  'Ask Bo about the venue',
  'Write down how to start without a network',
  'Measure the first paint on an old phone',
  'Rename “Misc” to something that means something',
  'Collect receipts for the train tickets',
  'Decide whether comments need replies',
  'Try the board with forty tabs open at once and note which of them falls behind first',
  'Order stickers',
];
const LABELS = ['bug', 'design', 'research', 'network', 'waiting', 'quick win', 'docs', 'event'];

function generatedCard(index: number): CardSnapshot {
  const title = TITLES[index % TITLES.length] ?? '';
  return {
    id: `card-${String(index)}`,
    title: index < TITLES.length ? title : `${title} (${String(index)})`,
    notes: index % 4 === 1 ? 'Bring the long cable.' : '',
    labels: LABELS.filter((_, at) => (index * 7 + at * 3) % 11 === 0 || (index + at) % 9 === 4),
    due: index % 5 === 2 ? `2026-11-${String(18 + (index % 9)).padStart(2, '0')}` : null,
    assignees: index % 3 === 0 ? [ADA] : index % 7 === 1 ? [BO, SELF] : [],
    comments:
      index % 6 === 1
        ? [{ id: `comment-${String(index)}`, text: 'I can take this on Friday.', author: ADA, at: START }]
        : [],
    createdAt: START,
    createdBy: SELF,
    conflicts: [],
  };
}

/** A board of four columns and `count` cards. */
export function generatedBoard(count: number): BoardSnapshot {
  const names = ['Ideas', 'This week', 'Doing', 'Done'];
  const cards = Array.from({ length: count }, (_, index) => generatedCard(index));
  const share = [0.4, 0.7, 0.85, 1];
  const columns = names.map((title, at) => ({
    id: `column-${String(at)}`,
    title,
    conflicts: [],
    cards: cards.slice(Math.floor(count * (share[at - 1] ?? 0)), Math.floor(count * (share[at] ?? 1))),
  }));
  return { title: 'Autumn reading group', conflicts: [], columns, archive: [] };
}

const NOW = Date.now();

function conflict(field: ConflictField, shown: string | null, lost: string | null): Conflict {
  return {
    field,
    values: [
      { id: '2.1', value: shown, author: BO, at: NOW - 240_000, current: true },
      { id: '1.1', value: lost, author: SELF, at: NOW - 600_000, current: false },
    ],
  };
}

/** A board on which people changed the same things at once: a card, a column, the title, and cards that somebody removed. */
export function contestedBoard(count: number): BoardSnapshot {
  const board = generatedBoard(count);
  const [first, second, ...others] = board.columns;
  if (first === undefined || second === undefined) throw new Error('four columns are generated');
  const cards = first.cards.map((card, index) =>
    index === 1
      ? {
          ...card,
          conflicts: [
            conflict(
              'title',
              card.title,
              'Fix the flicker that two people see when they drag one and the same card at once',
            ),
            conflict('due', card.due, '2026-12-01'),
            conflict('place', first.id, second.id),
          ],
        }
      : card,
  );
  const why = { by: [ADA], editedBy: [BO], column: null };
  return {
    title: board.title,
    conflicts: [conflict('title', board.title, 'Winter reading group')],
    columns: [{ ...first, conflicts: [conflict('title', first.title, 'Wishes')], cards }, second, ...others],
    archive: [
      {
        ...generatedCard(1001),
        title: 'Book the small room',
        conflicts: [conflict('title', 'Book the small room', 'Book the large room')],
        ...why,
        reason: 'removed',
      },
      { ...generatedCard(1002), title: 'Ask for a projector', ...why, reason: 'archived' },
      {
        ...generatedCard(1003),
        title: 'Write to the library',
        ...why,
        reason: 'columnRemoved',
        column: 'Waiting',
      },
      { ...generatedCard(1004), title: 'Old list', ...why, editedBy: [], reason: 'archived' },
    ],
  };
}

function refuse(code: string): never {
  const error: CodedError & Error = Object.assign(new Error(code), { code });
  throw error;
}

function insert<Item>(items: readonly Item[], item: Item, position: Position | undefined): readonly Item[] {
  const at = position === 'top' ? 0 : typeof position === 'number' ? position : items.length;
  return [...items.slice(0, at), item, ...items.slice(at)];
}

let nextId = 0;
function freshId(kind: string): string {
  nextId += 1;
  return `${kind}-new-${String(nextId)}`;
}

function newCard(title: string): CardSnapshot {
  const empty = { notes: '', labels: [], due: null, assignees: [], comments: [], conflicts: [] };
  return { id: freshId('card'), title, ...empty, createdAt: START, createdBy: SELF };
}

function mapColumn(
  board: BoardSnapshot,
  columnId: string,
  change: (column: ColumnSnapshot) => ColumnSnapshot,
): BoardSnapshot {
  if (!board.columns.some((column) => column.id === columnId)) refuse('unknownColumn');
  return {
    ...board,
    columns: board.columns.map((column) => (column.id === columnId ? change(column) : column)),
  };
}

function holder(board: BoardSnapshot, cardId: string): { column: ColumnSnapshot; card: CardSnapshot } {
  for (const column of board.columns) {
    const card = column.cards.find((other) => other.id === cardId);
    if (card !== undefined) return { column, card };
  }
  return refuse('unknownCard');
}

function without(board: BoardSnapshot, cardId: string): BoardSnapshot {
  const { column } = holder(board, cardId);
  return mapColumn(board, column.id, (old) => ({
    ...old,
    cards: old.cards.filter((card) => card.id !== cardId),
  }));
}

function mapCard(
  board: BoardSnapshot,
  cardId: string,
  change: (card: CardSnapshot) => CardSnapshot,
): BoardSnapshot {
  const { column } = holder(board, cardId);
  return mapColumn(board, column.id, (old) => ({
    ...old,
    cards: old.cards.map((card) => (card.id === cardId ? change(card) : card)),
  }));
}

type Applied = readonly [BoardSnapshot, CommandOutcome];
type Of<Type extends BoardCommand['type']> = Extract<BoardCommand, { type: Type }>;

function addCards(board: BoardSnapshot, columnId: string, titles: readonly string[], at?: Position): Applied {
  const cards = titles.map(newCard);
  const next = mapColumn(board, columnId, (column) => {
    let list = column.cards;
    cards.forEach((card, offset) => {
      list = insert(list, card, typeof at === 'number' ? at + offset : at);
    });
    return { ...column, cards: list };
  });
  return [next, { ids: cards.map((card) => card.id) }];
}

function moveCard(board: BoardSnapshot, command: Of<'moveCard'>): BoardSnapshot {
  const { card } = holder(board, command.cardId);
  return mapColumn(without(board, command.cardId), command.columnId, (column) => ({
    ...column,
    cards: insert(column.cards, card, command.position),
  }));
}

function moveColumn(board: BoardSnapshot, command: Of<'moveColumn'>): BoardSnapshot {
  const column = board.columns.find((other) => other.id === command.columnId) ?? refuse('unknownColumn');
  const others = board.columns.filter((other) => other !== column);
  return { ...board, columns: insert(others, column, command.position) };
}

function removeColumn(board: BoardSnapshot, command: Of<'removeColumn'>): BoardSnapshot {
  const column = board.columns.find((other) => other.id === command.columnId) ?? refuse('unknownColumn');
  const moved = column.cards.map((card) => ({
    ...card,
    ...{ reason: 'columnRemoved' as const, by: [SELF], editedBy: [], column: column.title },
  }));
  return {
    ...board,
    columns: board.columns.filter((other) => other !== column),
    archive: [...board.archive, ...moved],
  };
}

function restoreCard(board: BoardSnapshot, cardId: string): BoardSnapshot {
  const archived = board.archive.find((card) => card.id === cardId) ?? refuse('unknownCard');
  const { reason: _reason, by: _by, editedBy: _editedBy, column: _column, ...card } = archived;
  const first = board.columns[0] ?? refuse('unknownColumn');
  const next = mapColumn(board, first.id, (column) => ({ ...column, cards: [...column.cards, card] }));
  return { ...next, archive: board.archive.filter((other) => other !== archived) };
}

function applyToCard(board: BoardSnapshot, command: BoardCommand): BoardSnapshot | null {
  switch (command.type) {
    case 'updateCard':
      return mapCard(board, command.cardId, (card) => ({ ...card, ...command.changes }));
    case 'moveCard':
      return moveCard(board, command);
    case 'archiveCard': {
      const { card } = holder(board, command.cardId);
      const why = { reason: 'archived', by: [SELF], editedBy: [], column: null } as const;
      return { ...without(board, card.id), archive: [{ ...card, ...why }, ...board.archive] };
    }
    case 'restoreCard':
      return restoreCard(board, command.cardId);
    case 'removeCard':
      return board.archive.some((card) => card.id === command.cardId)
        ? { ...board, archive: board.archive.filter((card) => card.id !== command.cardId) }
        : without(board, command.cardId);
    case 'addComment': {
      const comment = { id: freshId('comment'), text: command.text, author: SELF, at: START };
      return mapCard(board, command.cardId, (card) => ({ ...card, comments: [...card.comments, comment] }));
    }
    case 'removeComment':
      return mapCard(board, command.cardId, (card) => ({
        ...card,
        comments: card.comments.filter((comment) => comment.id !== command.commentId),
      }));
    default:
      return null;
  }
}

/** The conflict's shown value becomes the kept one, and the conflict goes. */
function resolveConflict(board: BoardSnapshot, command: Of<'resolveConflict'>): BoardSnapshot {
  const settle = <Part extends { readonly conflicts: readonly Conflict[] }>(part: Part): Part => {
    const conflict = part.conflicts.find(({ field }) => field === command.field);
    const kept = conflict?.values.find(({ id }) => id === command.keep) ?? refuse('unknownConflict');
    const conflicts = part.conflicts.filter((other) => other !== conflict);
    return { ...part, conflicts, [command.field]: kept.value };
  };
  if (command.cardId !== undefined) return mapCard(board, command.cardId, settle);
  return command.columnId === undefined ? settle(board) : mapColumn(board, command.columnId, settle);
}

/** The board after a command; throws a coded error when it is refused. */
export function applyCommand(board: BoardSnapshot, command: BoardCommand): Applied {
  if ('title' in command && command.title.trim() === '') refuse('emptyTitle');
  switch (command.type) {
    case 'renameBoard':
      return [{ ...board, title: command.title }, { ids: [] }];
    case 'addColumn': {
      const column = { id: freshId('column'), title: command.title, conflicts: [], cards: [] };
      return [{ ...board, columns: insert(board.columns, column, command.position) }, { ids: [column.id] }];
    }
    case 'renameColumn':
      return [mapColumn(board, command.columnId, (old) => ({ ...old, title: command.title })), { ids: [] }];
    case 'moveColumn':
      return [moveColumn(board, command), { ids: [command.columnId] }];
    case 'removeColumn':
      return [removeColumn(board, command), { ids: [command.columnId] }];
    case 'addCard':
      return addCards(board, command.columnId, [command.title], command.position);
    case 'addCards':
      return addCards(board, command.columnId, command.titles, command.position);
    case 'resolveConflict':
      return [resolveConflict(board, command), { ids: [command.cardId ?? command.columnId ?? ''] }];
    default: {
      const next = applyToCard(board, command) ?? refuse('internalError');
      return [next, { ids: [command.cardId] }];
    }
  }
}
