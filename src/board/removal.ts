/**
 * Removal that loses no edit. A removed card or column stays in the document with a mark that says what its remover had before them. If
 * the card says something else now, somebody edited it meanwhile, and it is shown in the archive instead of vanishing.
 */
import * as Y from 'yjs';
import { CONFLICT_FIELDS, isSettledKey, openValues } from './conflicts.ts';
import { inOneText } from './digest.ts';
import { MAX_SEEN_WRITERS } from './limits.ts';
import { asEntry, KEY, readCard, type CardFields, type Entry, type Roots } from './schema.ts';

/** Next clock by Yjs client id: what somebody had of each writer's part of an entry. */
export type Seen = ReadonlyMap<number, number>;

/** What a removal or an archiving says. */
export interface Mark {
  /** Two 32-bit numbers over what the card said; absent for columns. */
  readonly print: readonly [number, number];
  readonly seen: Seen;
}

/** `counter` first for archived cards; the print, then pairs of client id and next clock. */
export type StoredMark = readonly number[];

/** Whether the entry was removed (and not restored since). A removed card may still be shown, see {@link cardState}. */
export function isRemoved(entry: Entry): boolean {
  return Array.isArray(entry.get(KEY.removed));
}

/** `gone`: removed as it is. `kept`: removed by somebody who had not seen all of it, so it is shown in the archive. */
export type CardState = 'here' | 'kept' | 'gone';

/** Whether a card is shown. `commentIds` in any order. */
export function cardState(card: Entry, fields: CardFields, commentIds: readonly string[]): CardState {
  const mark = readMark(card.get(KEY.removed), 0);
  if (mark === undefined) return 'here';
  return isSamePrint(mark.print, printOf(card, fields, commentIds)) ? 'gone' : 'kept';
}

/** The card `id` as commands see it: undefined when there is none or it is gone. */
export function shownCard(roots: Roots, id: string): Entry | undefined {
  const card = asEntry(roots.cards.get(id));
  if (card === undefined || !isRemoved(card)) return card;
  return cardState(card, readCard(card), commentIdsOf(roots, id)) === 'gone' ? undefined : card;
}

/** The column `id`, unless it was removed. */
export function shownColumn(roots: Roots, id: string): Entry | undefined {
  const column = asEntry(roots.columns.get(id));
  return column === undefined || isRemoved(column) ? undefined : column;
}

/** Ids of a card's comments. */
export function commentIdsOf(roots: Roots, cardId: string): string[] {
  const ids: string[] = [];
  roots.comments.forEach((value, id) => {
    if (asEntry(value)?.get(KEY.card) === cardId) ids.push(id);
  });
  return ids;
}

/** What to store when a card is removed or archived now. */
export function markOf(roots: Roots, cardId: string, card: Entry): StoredMark {
  const comments = commentIdsOf(roots, cardId);
  const seen = new Map<number, number>();
  eachWritten(card, commentEntries(roots, comments), (client, end) => {
    seen.set(client, Math.max(seen.get(client) ?? 0, end));
  });
  return [...printOf(card, readCard(card), comments), ...pairs(seen)];
}

/** What to store when a column is removed now: how far its remover had the places of cards in it. */
export function columnMarkOf(roots: Roots, columnId: string): StoredMark {
  const seen = new Map<number, number>();
  roots.cards.forEach((value) => {
    const card = asEntry(value);
    const place = card?._map.get(KEY.place);
    if (card === undefined || place === undefined || readCard(card).place.columnId !== columnId) return;
    const { client, clock } = place.lastId;
    seen.set(client, Math.max(seen.get(client) ?? 0, clock + 1));
  });
  return [0, 0, ...pairs(seen)];
}

/** A mark, `skip` numbers into a stored list; undefined when there is none. */
export function readMark(value: unknown, skip: number): Mark | undefined {
  if (!Array.isArray(value)) return undefined;
  const [first, second, ...rest] = value.slice(skip).map((item) => (typeof item === 'number' ? item : 0));
  const seen = new Map<number, number>();
  for (let at = 0; at + 1 < rest.length; at += 2) seen.set(rest[at] ?? 0, rest[at + 1] ?? 0);
  return { print: [first ?? 0, second ?? 0], seen };
}

/** The mark of an archived card that says something else than when it was archived; undefined if it says the same, or the mark has no print. */
export function changedSince(card: Entry, commentIds: readonly string[]): Mark | undefined {
  const archived = card.get(KEY.archived);
  if (!Array.isArray(archived) || archived.length < 3) return undefined;
  const mark = readMark(archived, 1);
  if (mark === undefined) return undefined;
  return isSamePrint(mark.print, printOf(card, { ...readCard(card), archived: 0 }, commentIds))
    ? undefined
    : mark;
}

/** Yjs clients that wrote to the card or its comments what `seen` does not cover, and where in their sequence. */
export function unseenWriters(
  card: Entry,
  comments: readonly Entry[],
  seen: Seen,
): ReadonlyMap<number, number> {
  const unseen = new Map<number, number>();
  eachWritten(card, comments, (client, end) => {
    if (end > (seen.get(client) ?? 0)) unseen.set(client, Math.max(unseen.get(client) ?? 0, end - 1));
  });
  return unseen;
}

/** The entries of comments. */
export function commentEntries(roots: Roots, ids: readonly string[]): readonly Entry[] {
  return ids.flatMap((id) => asEntry(roots.comments.get(id)) ?? []);
}

function pairs(seen: ReadonlyMap<number, number>): number[] {
  return [...seen].slice(0, MAX_SEEN_WRITERS).flat();
}

/** Calls `visit` with each writer of the card's fields and comments, and the clock after what they wrote. */
function eachWritten(
  card: Entry,
  comments: readonly Entry[],
  visit: (client: number, end: number) => void,
): void {
  const chain = (last: Y.Item | null): void => {
    for (let item = last; item !== null; item = item.left) {
      visit(item.id.client, item.id.clock + item.length);
      if (item.content instanceof Y.ContentType) list(item.content.type._start);
    }
  };
  const list = (first: Y.Item | null): void => {
    for (let item = first; item !== null; item = item.right)
      visit(item.id.client, item.id.clock + item.length);
  };
  for (const [key, tail] of card._map) {
    if (key !== KEY.removed && key !== KEY.archived && !isSettledKey(key)) chain(tail);
  }
  for (const comment of comments) if (comment._item !== null) chain(comment._item);
}

/** Values that lost against others: they are somebody's edits as well. */
function lostWords(card: Entry, columnId: string): string[] {
  return CONFLICT_FIELDS.card.flatMap((field) =>
    openValues(card, field)
      .filter(({ shown }) => field !== 'place' || shown !== columnId)
      .map(({ shown }) => `${field}/${shown ?? ''}`),
  );
}

/** What a card says, as two numbers. Its place within the column is left out: sorting a column is no edit of its cards. */
function printOf(card: Entry, fields: CardFields, commentIds: readonly string[]): readonly [number, number] {
  const { title, notes, due, labels, assignees, place, archived } = fields;
  const lists = [labels, assignees, [...commentIds].sort(), lostWords(card, place.columnId)];
  const text = inOneText([
    title,
    notes,
    due ?? '', // no date is the empty text
    place.columnId,
    archived > 0 ? 1 : 0,
    ...lists.flatMap((list) => [list.length, ...list]),
  ]);
  return [hash32(text, 0x811c9dc5), hash32(text, 0x2f0b4a17)];
}

function isSamePrint(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

/**
 * FNV-1a (Fowler, Noll, Vo, draft-eastlake-fnv), 31 bits, over UTF-16 code units. Not a defence: whoever may forge a print may
 * remove the card once more.
 */
function hash32(text: string, basis: number): number {
  let hash = basis;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) & 0x7fffffff;
}
