/**
 * What screens and scripts get of a document that anybody may have written: never more than a board of ours can hold, however much is in it.
 * A snapshot within the bounds is passed on as it is, so that what did not change keeps its identity. Values that lost against others are left
 * out: they are read from what Yjs keeps of the past, and what is kept differs from tab to tab where documents are garbage-collected.
 */
import type * as Y from 'yjs';
import { MAX_CARDS, MAX_COLUMNS, MAX_COMMENTS_PER_CARD } from '../board/limits.ts';
import { isRemoved } from '../board/removal.ts';
import { asEntry, boardRoots, isEntryId, readComment, type Entry } from '../board/schema.ts';
import type {
  ArchivedCardSnapshot,
  BoardSnapshot,
  CardSnapshot,
  ColumnSnapshot,
  Conflict,
} from '../board/snapshot.ts';

/** Things of a document that are not shown: without a readable id, of a wrong type, or above the bounds. What was removed is not counted. */
export interface Skipped {
  readonly columns: number;
  readonly cards: number;
  readonly comments: number;
}

const NONE: readonly Conflict[] = Object.freeze([]);

/** Cuts snapshots; remembers what it has looked through. */
export class SnapshotBounds {
  readonly #cards = new WeakMap<CardSnapshot, CardSnapshot>();
  readonly #columns = new WeakMap<ColumnSnapshot, ColumnSnapshot>();
  #from: BoardSnapshot | undefined;
  #cut: BoardSnapshot | undefined;

  /** `board` itself when nothing has to go; else its first columns, cards and comments. The same object for the same `board`. */
  cut(board: BoardSnapshot): BoardSnapshot {
    if (this.#cut !== undefined && this.#from === board) return this.#cut;
    this.#from = board;
    this.#cut = this.#bounded(board);
    return this.#cut;
  }

  #bounded(board: BoardSnapshot): BoardSnapshot {
    let room = MAX_CARDS;
    const columns = board.columns.slice(0, MAX_COLUMNS).map((column) => {
      const shown = this.#column(column, room);
      room -= shown.cards.length;
      return shown;
    });
    const archive = board.archive.slice(0, room).map((card) => this.#card(card));
    const isWhole = isSame(columns, board.columns) && isSame(archive, board.archive);
    return isWhole && board.conflicts.length === 0
      ? board
      : Object.freeze({ ...board, conflicts: NONE, columns, archive });
  }

  #column(column: ColumnSnapshot, room: number): ColumnSnapshot {
    if (column.cards.length > room) return this.#trimmed({ ...column, cards: column.cards.slice(0, room) });
    const known = this.#columns.get(column) ?? this.#trimmed(column);
    this.#columns.set(column, known);
    return known;
  }

  #trimmed(column: ColumnSnapshot): ColumnSnapshot {
    const cards = column.cards.map((card) => this.#card(card));
    return isSame(cards, column.cards) && column.conflicts.length === 0
      ? column
      : Object.freeze({ ...column, conflicts: NONE, cards });
  }

  #card<Card extends CardSnapshot | ArchivedCardSnapshot>(card: Card): Card {
    if (card.comments.length <= MAX_COMMENTS_PER_CARD && card.conflicts.length === 0) return card;
    const known = this.#cards.get(card) ?? trimCard(card);
    this.#cards.set(card, known);
    return known as Card; // made from this very card
  }
}

/** How much of `doc` is not shown; `whole` is its snapshot, `shown` what was left of it. */
export function skippedOf(doc: Y.Doc, whole: BoardSnapshot, shown: BoardSnapshot): Skipped {
  const { columns, cards, comments } = boardRoots(doc);
  return {
    columns: unreadableIn(columns) + whole.columns.length - shown.columns.length,
    cards: unreadableIn(cards) + countCards(whole) - countCards(shown),
    comments: unreadableIn(comments, (entry) => readComment(entry) !== undefined) + lostComments(whole),
  };
}

/** Comments of one card that are above the bound, over all cards. */
function lostComments(whole: BoardSnapshot): number {
  const cards = [...whole.columns.flatMap((column) => column.cards), ...whole.archive];
  return cards.reduce((sum, { comments }) => sum + Math.max(0, comments.length - MAX_COMMENTS_PER_CARD), 0);
}

function countCards({ columns, archive }: BoardSnapshot): number {
  return columns.reduce((sum, { cards }) => sum + cards.length, archive.length);
}

function unreadableIn(root: Entry, isReadable: (entry: Entry) => boolean = () => true): number {
  let count = 0;
  root.forEach((value, id) => {
    const entry = isEntryId(id) ? asEntry(value) : undefined;
    if (entry === undefined || (!isRemoved(entry) && !isReadable(entry))) count++;
  });
  return count;
}

function trimCard<Card extends CardSnapshot>(card: Card): Card {
  const comments = Object.freeze(card.comments.slice(0, MAX_COMMENTS_PER_CARD));
  return Object.freeze({ ...card, conflicts: NONE, comments });
}

function isSame<Item>(a: readonly Item[], b: readonly Item[]): boolean {
  return a.length === b.length && a.every((item, at) => item === b[at]);
}
