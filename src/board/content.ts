/**
 * The whole content of a board as plain values, and a new board filled with it: how a scratch board becomes a full one. What is carried is
 * what readers see: whatever they skip or cut stays behind.
 */
import * as Y from 'yjs';
import { ok, refuse, type Result } from '../kernel/result.ts';
import type { CommandOutcome } from './command.ts';
import { MAX_CARDS, MAX_COLUMNS, MAX_COMMENTS } from './limits.ts';
import { BEGINNING } from './origin.ts';
import type { Placed } from './ordering.ts';
import { cardState, isRemoved } from './removal.ts';
import {
  asEntry,
  ASSIGNEE_PREFIX,
  boardRoots,
  isEntryId,
  KEY,
  LABEL_PREFIX,
  NOTES_PREFIX,
  readCard,
  readComment,
  readPosition,
  readTitle,
  type CardFields,
  type CommentFields,
  type Entry,
  type Roots,
} from './schema.ts';

export interface ColumnContent extends Placed {
  readonly title: string;
  /** It went away while cards were in it, which are in the archive. */
  readonly isRemoved: boolean;
}
export interface CardContent extends CardFields {
  readonly id: string;
  /** It was removed by somebody who had not seen all of it, and is in the archive. */
  readonly isKept: boolean;
}
export interface CommentContent extends CommentFields {
  readonly id: string;
}

/** Everything that a board shows, the archive included. */
export interface BoardContent {
  readonly title: string;
  readonly columns: readonly ColumnContent[];
  readonly cards: readonly CardContent[];
  readonly comments: readonly CommentContent[];
}

/** Reads `doc`, whatever is in it. `tooManyItems`: more columns, cards or comments than a command would ever let a board have. */
export function readContent(doc: Y.Doc): Result<BoardContent, 'tooManyItems'> {
  const roots = boardRoots(doc);
  const remarks = commentsByCard(roots);
  const cards = entriesOf(roots.cards, (entry, id): CardContent | undefined => {
    const fields = readCard(entry);
    const ids = (remarks.get(id) ?? []).map((comment) => comment.id);
    const state = cardState(entry, fields, ids);
    return state === 'gone' ? undefined : { id, ...fields, isKept: state === 'kept' };
  });
  const named = new Set(cards.map(({ place }) => place.columnId));
  const columns = entriesOf(roots.columns, (entry, id): ColumnContent | undefined => {
    const isGone = isRemoved(entry);
    if (isGone && !named.has(id)) return undefined;
    const title = readTitle(entry.get(KEY.title));
    return { id, key: readPosition(entry.get(KEY.position)), title, isRemoved: isGone };
  });
  const comments = cards.flatMap(({ id }) => remarks.get(id) ?? []);
  const content = { title: readTitle(roots.board.get(KEY.title)), columns, cards, comments };
  return isTooMuch(content) ? refuse('tooManyItems') : ok(content);
}

/**
 * Writes `content` into a new board under its own ids and position keys, in one transaction with the origin {@link BEGINNING} (or the
 * caller's), and notes that it was brought over `atMs` (milliseconds since 1970; shown only). Authors and times are written as they were
 * read: they are the word of whoever fills the board. Things whose id is taken already are left as they are. `ids`: the columns.
 */
export function fillBoard(
  doc: Y.Doc,
  content: BoardContent,
  atMs: number,
): Result<CommandOutcome, 'tooManyItems'> {
  if (isTooMuch(content)) return refuse('tooManyItems');
  const { board, columns, cards, comments } = boardRoots(doc);
  doc.transact(() => {
    board.set(KEY.title, content.title);
    board.set(KEY.broughtOver, Math.floor(atMs));
    for (const { id, title, key, isRemoved: isGone } of content.columns)
      put(columns, id, { title, position: key, ...(isGone ? { removed: NO_MARK } : {}) });
    for (const card of content.cards) put(cards, card.id, cardValues(card, doc.clientID));
    for (const { id, ...fields } of content.comments) put(comments, id, fields);
  }, BEGINNING);
  return ok({ ids: content.columns.map(({ id }) => id) });
}

/** The mark of a removal (removal.ts) that fits no card: what carries it stays in the archive. */
const NO_MARK: readonly number[] = [0, 0];

function isTooMuch({ columns, cards, comments }: BoardContent): boolean {
  const shown = columns.filter(({ isRemoved: isGone }) => !isGone);
  return shown.length > MAX_COLUMNS || cards.length > MAX_CARDS || comments.length > MAX_COMMENTS;
}

function commentsByCard(roots: Roots): ReadonlyMap<string, readonly CommentContent[]> {
  const byCard = new Map<string, CommentContent[]>();
  for (const comment of entriesOf(roots.comments, (entry, id): CommentContent | undefined => {
    const fields = readComment(entry);
    return fields === undefined ? undefined : { id, ...fields };
  })) {
    const ofCard = byCard.get(comment.card) ?? [];
    ofCard.push(comment);
    byCard.set(comment.card, ofCard);
  }
  return byCard;
}

function entriesOf<Value>(
  root: Entry,
  read: (entry: Entry, id: string) => Value | undefined,
): readonly Value[] {
  const found: Value[] = [];
  root.forEach((value, id) => {
    const entry = isEntryId(id) ? asEntry(value) : undefined;
    const content = entry === undefined ? undefined : read(entry, id);
    if (content !== undefined) found.push(content);
  });
  return found;
}

function cardValues(card: CardContent, clientId: number): Readonly<Record<string, unknown>> {
  const { title, notes, labels, due, assignees, createdAt, createdBy, place, archived } = card;
  const values: Record<string, unknown> = { title, place: [place.columnId, place.key] };
  if (notes !== '') values[`${NOTES_PREFIX}${String(clientId)}`] = new Y.Text(notes);
  if (due !== null) values[KEY.due] = due;
  if (archived > 0) values[KEY.archived] = archived;
  if (card.isKept) values[KEY.removed] = NO_MARK;
  if (createdAt > 0) values[KEY.createdAt] = createdAt;
  if (createdBy !== '') values[KEY.createdBy] = createdBy;
  for (const label of labels) values[LABEL_PREFIX + label] = true;
  for (const member of assignees) values[ASSIGNEE_PREFIX + member] = true;
  return values;
}

function put(root: Entry, id: string, values: Readonly<Record<string, unknown>>): void {
  if (!root.has(id)) root.set(id, new Y.Map(Object.entries(values)));
}
