/**
 * How a board lies in its Y.Doc, and how it is read. Four root maps:
 *
 *     board    { title, broughtOver }
 *     columns  id -> { title, position, removed }
 *     cards    id -> { title, place: [column id, position key], due, archived, removed, createdAt, createdBy,
 *                      'notes:<client id>': Y.Text, 'label:<text>': true, 'assignee:<member id>': true }
 *     comments id -> { card, text, author, at, order }
 *
 * and in board, columns and cards 'settled:<field>:<client id>.<clock>': true for values that lost and were looked at (conflicts.ts).
 *
 * - `place` is one value, so that concurrent moves never mix the column of one with the position of the other.
 * - Labels and assignees are keys of the card rather than nested maps made when first needed: two peers that each add a
 *   first label would each make a map, and Yjs keeps only one of them.
 * - Notes are made when first written, under a key of the writer's own, for the same reason: texts begun by two peers at
 *   the same time are both kept and shown one after the other (BRD-9).
 * - `broughtOver` is when a full board was made from a scratch board, milliseconds since 1970; absent on all others.
 * - `order` is a counter, and so is the first number of `archived`: one more than the largest that the writer saw. Clocks order nothing.
 * - What is removed keeps its entry and gets a mark (removal.ts): a deleted entry would take with it what somebody else wrote meanwhile.
 *   `archived` and `removed` go back to 0 and `due` to null by a write, since a deletion leaves no trace beside a concurrent write.
 * - A third element 1 of `place` (and `position` in a list) says that the key was only given to make room for another item.
 *
 * Whatever is in the document may have been written by a member who lies, so readers are total: a wrong type reads as a
 * default, an entry without a readable id is skipped, texts are cut, and nothing is read from plain objects.
 */
import * as Y from 'yjs';
import { isIdText } from '../kernel/ids.ts';
import { isCalendarDate } from './calendar-date.ts';
import {
  MAX_ASSIGNEES,
  MAX_COMMENT_CHARS,
  MAX_COUNTER,
  MAX_ID_CHARS,
  MAX_LABELS,
  MAX_LABEL_CHARS,
  MAX_NOTES_CHARS,
  MAX_TITLE_CHARS,
  READ_SLACK,
} from './limits.ts';
import { readPositionKey } from './ordering.ts';
import { cut } from './plain-text.ts';

/** Names of the root types. All four are Y.Maps; a board's document has no other roots. */
export const ROOT_NAMES = ['board', 'columns', 'cards', 'comments'] as const;
export type RootName = (typeof ROOT_NAMES)[number];

/** Keys of the entries. */
export const KEY = {
  title: 'title',
  position: 'position',
  place: 'place',
  due: 'due',
  archived: 'archived',
  removed: 'removed',
  createdAt: 'createdAt',
  createdBy: 'createdBy',
  card: 'card',
  text: 'text',
  author: 'author',
  at: 'at',
  order: 'order',
  broughtOver: 'broughtOver',
} as const;

/** Prefixes of a card's many-valued keys. */
export const NOTES_PREFIX = 'notes:';
export const LABEL_PREFIX = 'label:';
export const ASSIGNEE_PREFIX = 'assignee:';

/** What separates notes that two peers began at the same time. */
export const NOTES_SEPARATOR = '\n\n';

/** Latest instant that JavaScript dates can show, milliseconds since 1970 (ECMAScript, "Time Values and Time Range"). */
const MAX_WALL_MS = 8_640_000_000_000_000;
const ID_SHAPE = /^[A-Za-z0-9_-]+$/;

export type Entry = Y.Map<unknown>;
export type Roots = Readonly<Record<RootName, Entry>>;

/** The four root maps of `doc`. Asking writes nothing. */
export function boardRoots(doc: Y.Doc): Roots {
  return {
    board: doc.getMap('board'),
    columns: doc.getMap('columns'),
    cards: doc.getMap('cards'),
    comments: doc.getMap('comments'),
  };
}

/** Whether `key` may be the id of a column, card or comment: 1 to 64 letters, digits, `_` and `-`. */
export function isEntryId(key: string): boolean {
  return key.length <= MAX_ID_CHARS && ID_SHAPE.test(key);
}

/** The entry `id` of a root map, or undefined when there is none or it is not a map. */
export function entryOf(root: Entry, id: string): Entry | undefined {
  return isEntryId(id) ? asEntry(root.get(id)) : undefined;
}

/** `value` as an entry of a root map, when it is one. */
export function asEntry(value: unknown): Entry | undefined {
  return value instanceof Y.Map && !(value instanceof Y.XmlHook) ? (value as Entry) : undefined;
}

/** Where a card is: `columnId` is '' when unreadable. */
export interface Place {
  readonly columnId: string;
  readonly key: string;
}

/** A card's own fields, as read. */
export interface CardFields {
  readonly title: string;
  readonly notes: string;
  readonly labels: readonly string[];
  readonly due: string | null;
  readonly assignees: readonly string[];
  readonly createdAt: number;
  readonly createdBy: string;
  readonly place: Place;
  /** 0 unless archived. */
  readonly archived: number;
}

/** Reads a card. */
export function readCard(card: Entry): CardFields {
  const labels: string[] = [];
  const assignees: string[] = [];
  const notes: string[] = [];
  card.forEach((value, key) => {
    if (key.startsWith(LABEL_PREFIX)) labels.push(key.slice(LABEL_PREFIX.length));
    else if (key.startsWith(ASSIGNEE_PREFIX)) assignees.push(key.slice(ASSIGNEE_PREFIX.length));
    else if (key.startsWith(NOTES_PREFIX) && asText(value) !== undefined) notes.push(key);
  });
  return {
    title: readTitle(card.get(KEY.title)),
    notes: notes.length === 0 ? '' : readNotes(card),
    labels: labels
      .filter((label) => label.length >= 1 && label.length <= MAX_LABEL_CHARS)
      .sort()
      .slice(0, MAX_LABELS * READ_SLACK),
    due: readDue(card.get(KEY.due)),
    assignees: assignees
      .filter(isIdText)
      .sort()
      .slice(0, MAX_ASSIGNEES * READ_SLACK),
    createdAt: readWallMs(card.get(KEY.createdAt)),
    createdBy: readMember(card.get(KEY.createdBy)),
    place: readPlace(card.get(KEY.place)),
    archived: readArchived(card.get(KEY.archived)),
  };
}

/** The texts that make up a card's notes, by key in order. Nearly always one or none. */
export function notesParts(card: Entry): readonly (readonly [key: string, text: Y.Text])[] {
  const parts: (readonly [string, Y.Text])[] = [];
  card.forEach((value, key) => {
    const text = key.startsWith(NOTES_PREFIX) ? asText(value) : undefined;
    if (text !== undefined) parts.push([key, text]);
  });
  return parts.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A card's notes, cut at {@link MAX_NOTES_CHARS}. */
export function readNotes(card: Entry): string {
  const texts = notesParts(card).map(([, text]) => textOf(text));
  return cut(texts.filter((text) => text !== '').join(NOTES_SEPARATOR), MAX_NOTES_CHARS);
}

/** The words of a Y.Text. */
export function textOf(text: Y.Text): string {
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- Y.Text defines it, though its types do not say so
  return text.toString();
}

/** A title; '' when it is not text. */
export function readTitle(value: unknown): string {
  return readText(value, MAX_TITLE_CHARS);
}

/** A card's place. */
export function readPlace(value: unknown): Place {
  const parts: readonly unknown[] = Array.isArray(value) ? value : [];
  const [columnId, key] = parts;
  const readable = typeof columnId === 'string' && isEntryId(columnId);
  return { columnId: readable ? columnId : '', key: readPositionKey(key) };
}

/** A counter: 0 when it is not a positive whole number. `true` counts as 1. */
export function readCounter(value: unknown): number {
  if (value === true) return 1;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) return 0;
  return Math.min(value, MAX_COUNTER);
}

/** The counter of an archived card, 0 when it is not archived: the first number of its mark. */
export function readArchived(value: unknown): number {
  return readCounter(Array.isArray(value) ? value[0] : value);
}

/** A column's position key. */
export function readPosition(value: unknown): string {
  return readPositionKey(Array.isArray(value) ? value[0] : value);
}

/** A comment's own fields, as read. */
export interface CommentFields {
  readonly card: string;
  readonly text: string;
  readonly author: string;
  readonly at: number;
  readonly order: number;
}

/** Reads a comment; undefined when it names no card. */
export function readComment(comment: Entry): CommentFields | undefined {
  const card = comment.get(KEY.card);
  if (typeof card !== 'string' || !isEntryId(card)) return undefined;
  return {
    card,
    text: readText(comment.get(KEY.text), MAX_COMMENT_CHARS),
    author: readMember(comment.get(KEY.author)),
    at: readWallMs(comment.get(KEY.at)),
    order: readCounter(comment.get(KEY.order)),
  };
}

function readText(value: unknown, max: number): string {
  return typeof value === 'string' ? cut(value, max) : '';
}

/** A due date; null when there is none. */
export function readDue(value: unknown): string | null {
  return typeof value === 'string' && isCalendarDate(value) ? value : null;
}

function readMember(value: unknown): string {
  return typeof value === 'string' && isIdText(value) ? value : '';
}

/** A moment, milliseconds since 1970; 0 when it is none. */
export function readWallMs(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) return 0;
  return value > 0 && value <= MAX_WALL_MS ? value : 0;
}

function asText(value: unknown): Y.Text | undefined {
  return value instanceof Y.Text && !(value instanceof Y.XmlText) ? value : undefined;
}
