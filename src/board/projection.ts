/**
 * The board as plain JSON, kept up to date as the shared document changes. What did not change keeps its identity from
 * one snapshot to the next (cards, columns, the lists in them), so screens can skip it by `===`.
 */
import type * as Y from 'yjs';
import { CardList } from './card-list.ts';
import { CommentIndex } from './comment-index.ts';
import { conflictsOf, CONFLICT_FIELDS, noStamp, type StampOf } from './conflicts.ts';
import { archiveWhy, type ArchiveWhy } from './archive-why.ts';
import { comparePlaced } from './ordering.ts';
import { cardState, isRemoved } from './removal.ts';
import {
  asEntry,
  boardRoots,
  isEntryId,
  KEY,
  readCard,
  readPosition,
  readTitle,
  readWallMs,
  type CardFields,
  type Entry,
  type Roots,
} from './schema.ts';
import type {
  ArchivedCardSnapshot,
  ArchiveReason,
  BoardSnapshot,
  CardSnapshot,
  ColumnSnapshot,
  Conflict,
  ConflictValue,
} from './snapshot.ts';
import { touchedIds } from './touched-ids.ts';

/** A card and where it is shown. Its place never changes: a card that moves gets a new one. */
interface Shown {
  readonly id: string;
  readonly key: string;
  readonly columnId: string;
  /** 0 unless archived. */
  readonly archived: number;
  /** Removed by somebody who had not seen all of it. */
  readonly kept: boolean;
  card: CardSnapshot;
  inArchive: ArchivedCardSnapshot | undefined;
  /** Why it is in the archive, when it was put there; computed anew after each edit of the card. */
  why: ArchiveWhy | undefined;
}

interface Column {
  readonly id: string;
  readonly key: string;
  readonly title: string;
  readonly conflicts: readonly Conflict[];
}

type Observer = (events: Y.YEvent<Y.AbstractType<unknown>>[]) => void;

/** Follows one document. Its observers only note what was touched; reading happens in `snapshot()`, writing never. */
export class Projection {
  readonly #roots: Roots;
  readonly #stampOf: StampOf;
  readonly #observers: readonly (readonly [Y.Map<unknown>, Observer])[];
  readonly #touchedCards = new Set<string>();
  readonly #touchedColumns = new Set<string>();
  readonly #touchedComments = new Set<string>();
  #stale = true;
  #archiveStale = true;

  readonly #cards = new Map<string, Shown>();
  /** Cards that are not archived, by the column they name, whether or not that column exists. */
  readonly #lists = new Map<string, CardList<Shown>>();
  readonly #archived = new Map<string, Shown>();
  readonly #columns = new Map<string, Column>();
  readonly #comments: CommentIndex;
  #snapshot: BoardSnapshot = Object.freeze({
    title: '',
    conflicts: Object.freeze([]),
    columns: Object.freeze([]),
    archive: Object.freeze([]),
  });

  /** `stampOf`: whose the edits of a Yjs client are; asked while a snapshot is made. */
  constructor(doc: Y.Doc, stampOf: StampOf = noStamp) {
    this.#roots = boardRoots(doc);
    this.#stampOf = stampOf;
    const { board, columns, cards, comments } = this.#roots;
    this.#comments = new CommentIndex(comments);
    columns.forEach((_value, id) => this.#touchedColumns.add(id));
    cards.forEach((_value, id) => this.#touchedCards.add(id));
    comments.forEach((_value, id) => this.#touchedComments.add(id));
    this.#observers = [
      [board, this.#noter(new Set())],
      [columns, this.#noter(this.#touchedColumns)],
      [cards, this.#noter(this.#touchedCards)],
      [comments, this.#noter(this.#touchedComments)],
    ];
    for (const [root, observer] of this.#observers) root.observeDeep(observer);
  }

  /** The board as of the last finished transaction: the same object until something that it shows changed. */
  snapshot(): BoardSnapshot {
    if (this.#stale) this.#refresh();
    return this.#snapshot;
  }

  /** Cards shown in columns; those in the archive are not counted. */
  cardCount(): number {
    return this.snapshot().columns.reduce((sum, column) => sum + column.cards.length, 0);
  }

  /** Stops following the document. */
  destroy(): void {
    for (const [root, observer] of this.#observers) root.unobserveDeep(observer);
  }

  #noter(touched: Set<string>): Observer {
    return (events) => {
      for (const id of touchedIds(events)) touched.add(id);
      this.#stale = true;
    };
  }

  #refresh(): void {
    const withComments = new Set<string>();
    for (const id of this.#touchedColumns) this.#refreshColumn(id);
    for (const id of this.#touchedComments) this.#comments.refresh(id, withComments);
    for (const id of withComments) this.#touchedCards.add(id);
    for (const id of this.#touchedCards) this.#refreshCard(id, withComments.has(id));
    this.#touchedComments.clear();
    this.#touchedCards.clear();
    this.#touchedColumns.clear();
    this.#stale = false;
    this.#assemble();
  }

  #refreshColumn(id: string): void {
    const entry = isEntryId(id) ? asEntry(this.#roots.columns.get(id)) : undefined;
    if (entry === undefined || isRemoved(entry)) {
      this.#columns.delete(id);
      this.#archiveStale = true;
      return;
    }
    const before = this.#columns.get(id);
    if (before === undefined) this.#archiveStale = true;
    const key = readPosition(entry.get(KEY.position));
    const conflicts = reuseConflicts(
      before?.conflicts,
      conflictsOf(entry, CONFLICT_FIELDS.column, this.#stampOf),
    );
    this.#columns.set(id, { id, key, title: readTitle(entry.get(KEY.title)), conflicts });
  }

  #refreshCard(id: string, commentsTouched: boolean): void {
    const before = this.#cards.get(id);
    const entry = isEntryId(id) ? asEntry(this.#roots.cards.get(id)) : undefined;
    const fields = entry === undefined ? undefined : readCard(entry);
    const keepsComments = before !== undefined && !commentsTouched;
    const comments = keepsComments ? before.card.comments : this.#comments.of(id);
    const state = entry === undefined || fields === undefined ? 'gone' : stateOf(entry, fields, comments);
    if (entry === undefined || fields === undefined || state === 'gone') {
      if (before !== undefined) this.#takeOut(before);
      this.#cards.delete(id);
      return;
    }
    const conflicts = conflictsOf(entry, CONFLICT_FIELDS.card, this.#stampOf);
    const card = reuseCard(before?.card, toCard(id, fields, comments, conflicts));
    const kept = state === 'kept';
    if (before?.kept === kept && isSamePlace(before, fields)) {
      before.card = card;
      before.why = undefined;
      this.#noteArchive(before);
      return;
    }
    if (before !== undefined) this.#takeOut(before);
    const { place, archived } = fields;
    const shown: Shown = {
      id,
      key: place.key,
      columnId: place.columnId,
      archived,
      kept,
      card,
      inArchive: undefined,
      why: undefined,
    };
    this.#cards.set(id, shown);
    this.#putIn(shown);
  }

  /** Called with every card that comes, goes or changes. */
  #noteArchive(shown: Shown): void {
    if (isPutAway(shown) || !this.#columns.has(shown.columnId)) this.#archiveStale = true;
  }

  #putIn(shown: Shown): void {
    this.#noteArchive(shown);
    if (isPutAway(shown)) {
      this.#archived.set(shown.id, shown);
      return;
    }
    const list = this.#lists.get(shown.columnId) ?? new CardList<Shown>();
    list.add(shown);
    this.#lists.set(shown.columnId, list);
  }

  #takeOut(shown: Shown): void {
    this.#noteArchive(shown);
    if (isPutAway(shown)) this.#archived.delete(shown.id);
    else this.#lists.get(shown.columnId)?.remove(shown);
  }

  #assemble(): void {
    const before = this.#snapshot;
    const earlier = new Map(before.columns.map((column) => [column.id, column]));
    const ordered = [...this.#columns.values()].sort(comparePlaced);
    const columns = reuseList(
      before.columns,
      ordered.map((column) => this.#columnSnapshot(column, earlier.get(column.id))),
    );
    const archive = this.#archiveStale ? reuseList(before.archive, this.#archiveSnapshot()) : before.archive;
    this.#archiveStale = false;
    const title = readTitle(this.#roots.board.get(KEY.title));
    const conflicts = reuseConflicts(
      before.conflicts,
      conflictsOf(this.#roots.board, CONFLICT_FIELDS.board, this.#stampOf),
    );
    const broughtOver = readWallMs(this.#roots.board.get(KEY.broughtOver));
    const isSame =
      title === before.title && conflicts === before.conflicts && broughtOver === (before.broughtOver ?? 0);
    if (isSame && columns === before.columns && archive === before.archive) return;
    this.#snapshot = Object.freeze({
      title,
      conflicts,
      columns,
      archive,
      ...(broughtOver === 0 ? {} : { broughtOver }),
    });
  }

  #columnSnapshot(column: Column, before: ColumnSnapshot | undefined): ColumnSnapshot {
    const shown = this.#lists.get(column.id)?.items() ?? [];
    const cards = reuseList(
      before?.cards,
      shown.map(({ card }) => card),
    );
    const { id, title, conflicts } = column;
    if (before?.title === title && before.cards === cards && before.conflicts === conflicts) return before;
    return Object.freeze({ id, title, conflicts, cards });
  }

  /** Archived cards, the latest first, then cards whose column is gone. */
  #archiveSnapshot(): ArchivedCardSnapshot[] {
    const archived = [...this.#archived.values()].sort(
      (a, b) => b.archived - a.archived || comparePlaced(a, b),
    );
    const cards = archived.map((shown) => this.#inArchive(shown));
    const orphans: Shown[] = [];
    for (const [columnId, list] of this.#lists) {
      if (this.#columns.has(columnId)) continue;
      const items = list.items();
      if (items.length === 0) this.#lists.delete(columnId);
      for (const shown of items) orphans.push(shown);
    }
    orphans.sort((a, b) => compareText(a.columnId, b.columnId) || comparePlaced(a, b));
    for (const shown of orphans) cards.push(this.#inArchive(shown));
    return cards;
  }

  #inArchive(shown: Shown): ArchivedCardSnapshot {
    const before = shown.inArchive;
    const reason = reasonOf(shown);
    const look = (): ArchiveWhy => archiveWhy(this.#roots, reason, shown.card, shown.columnId, this.#stampOf);
    // A column's mark may change without its cards being touched; asking for it is quick.
    const why = reason === 'columnRemoved' ? look() : (shown.why ??= look());
    if (before !== undefined && archivedFrom.get(before) === shown.card && isSameWhy(before, why))
      return before;
    const archived = Object.freeze<ArchivedCardSnapshot>({ ...shown.card, ...why });
    archivedFrom.set(archived, shown.card);
    shown.inArchive = archived;
    return archived;
  }
}

/** Whether a card is in the archive because somebody put it there. */
function isPutAway(shown: Shown): boolean {
  return shown.archived > 0 || shown.kept;
}

function reasonOf(shown: Shown): ArchiveReason {
  if (shown.kept) return 'removed';
  return shown.archived > 0 ? 'archived' : 'columnRemoved';
}

function stateOf(
  entry: Entry,
  fields: CardFields,
  comments: CardSnapshot['comments'],
): 'here' | 'kept' | 'gone' {
  if (!isRemoved(entry)) return 'here';
  return cardState(
    entry,
    fields,
    comments.map(({ id }) => id),
  );
}

function isSameWhy(a: ArchiveWhy, b: ArchiveWhy): boolean {
  return (
    a.reason === b.reason &&
    a.column === b.column &&
    isSameList(a.by, b.by) &&
    isSameList(a.editedBy, b.editedBy)
  );
}

/** The card that an archived card was made from. */
const archivedFrom = new WeakMap<ArchivedCardSnapshot, CardSnapshot>();

function toCard(
  id: string,
  fields: CardFields,
  comments: CardSnapshot['comments'],
  conflicts: readonly Conflict[],
): CardSnapshot {
  const { title, notes, due, createdAt, createdBy } = fields;
  const labels = Object.freeze(fields.labels);
  const assignees = Object.freeze(fields.assignees);
  return Object.freeze({
    id,
    title,
    notes,
    labels,
    due,
    assignees,
    comments,
    createdAt,
    createdBy,
    conflicts,
  });
}

function isSamePlace(shown: Shown, { place, archived }: CardFields): boolean {
  return shown.columnId === place.columnId && shown.key === place.key && shown.archived === archived;
}

/** `before` when `after` says the same. */
function reuseCard(before: CardSnapshot | undefined, after: CardSnapshot): CardSnapshot {
  if (before === undefined) return after;
  const same =
    before.title === after.title &&
    before.notes === after.notes &&
    before.due === after.due &&
    before.createdAt === after.createdAt &&
    before.createdBy === after.createdBy &&
    before.comments === after.comments &&
    isSameConflicts(before.conflicts, after.conflicts) &&
    isSameList(before.labels, after.labels) &&
    isSameList(before.assignees, after.assignees);
  return same ? before : after;
}

function reuseConflicts(
  before: readonly Conflict[] | undefined,
  after: readonly Conflict[],
): readonly Conflict[] {
  return before !== undefined && isSameConflicts(before, after) ? before : after;
}

/** Conflicts are rare, and the same empty list nearly always. */
function isSameConflicts(a: readonly Conflict[], b: readonly Conflict[]): boolean {
  if (a === b || a.length !== b.length) return a === b;
  return a.every(({ field, values }, at) => {
    const other = b[at];
    return (
      other?.field === field &&
      other.values.length === values.length &&
      values.every((value, index) => isSameValue(value, other.values[index]))
    );
  });
}

function isSameValue(a: ConflictValue, b: ConflictValue | undefined): boolean {
  return b?.id === a.id && b.value === a.value && b.author === a.author && b.at === a.at;
}

/** `before` when `after` holds the same items in the same order, else `after`, frozen. */
function reuseList<T>(before: readonly T[] | undefined, after: readonly T[]): readonly T[] {
  return before !== undefined && isSameList(before, after) ? before : Object.freeze(after);
}

function isSameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, at) => item === b[at]);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
