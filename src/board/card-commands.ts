/** Commands that add, place, archive and remove cards, planned. */
import * as Y from 'yjs';
import { refuse } from '../kernel/result.ts';
import type { Position } from './command.ts';
import { columnsOf } from './column-commands.ts';
import {
  cardsIn,
  checkPosition,
  checkTitle,
  newId,
  planned,
  writeRekeyed,
  type Planned,
  type Planning,
} from './command-plan.ts';
import { writeField } from './conflicts.ts';
import { MAX_ADDED_CARDS, MAX_ADDED_CHARS, MAX_CARDS, MAX_COUNTER } from './limits.ts';
import { planInsert } from './ordering.ts';
import { isRemoved, markOf, shownCard, shownColumn } from './removal.ts';
import { asEntry, KEY, readArchived, readPlace, type Entry, type Roots } from './schema.ts';

/** Adds one card a title, in the given order, at the end unless told otherwise. No titles: nothing happens. */
export function planAddCards(
  { roots, context }: Planning,
  columnId: string,
  texts: readonly string[],
  position: Position = 'bottom',
): Planned {
  if (shownColumn(roots, columnId) === undefined) return refuse('unknownColumn');
  if (texts.length > MAX_ADDED_CARDS) return refuse('tooManyItems');
  if (texts.reduce((sum, text) => sum + text.length, 0) > MAX_ADDED_CHARS) return refuse('textTooLong');
  const titles: string[] = [];
  for (const text of texts) {
    const title = checkTitle(text);
    if (!title.ok) return title;
    titles.push(title.value);
  }
  if (cardCount(roots) + titles.length > MAX_CARDS) return refuse('tooManyItems');
  const siblings = cardsIn(roots, columnId);
  const index = checkPosition(position, siblings.length);
  if (!index.ok) return index;
  if (titles.length === 0) return planned([], () => undefined);
  const ids = titles.map(() => newId(roots.cards, context.random));
  const insert = planInsert(siblings, index.value, titles.length, context.random);
  return planned(ids, () => {
    writeRekeyed(roots, columnId, insert.rekeyed);
    ids.forEach((id, at) => {
      const entries: [string, unknown][] = [
        [KEY.title, titles[at]],
        [KEY.place, [columnId, insert.keys[at]]],
        // Present from the start, so that taking a first date back leaves this and not a date that seems to have lost.
        [KEY.due, null],
        [KEY.createdAt, Math.floor(context.wallMs)],
        [KEY.createdBy, context.memberId],
      ];
      roots.cards.set(id, new Y.Map(entries));
    });
  });
}

/** Moves a card, within its column or to another; an archived card leaves the archive. To where it is: nothing happens. */
export function planMoveCard(
  { roots, context }: Planning,
  cardId: string,
  columnId: string,
  position: Position,
): Planned {
  const card = shownCard(roots, cardId);
  if (card === undefined) return refuse('unknownCard');
  if (shownColumn(roots, columnId) === undefined) return refuse('unknownColumn');
  const shown = cardsIn(roots, columnId);
  const siblings = shown.filter(({ id }) => id !== cardId);
  const index = checkPosition(position, siblings.length);
  if (!index.ok) return index;
  const now = shown.findIndex(({ id }) => id === cardId);
  if (now === index.value) return planned([cardId], () => undefined);
  const insert = planInsert(siblings, index.value, 1, context.random);
  return planned([cardId], () => {
    writeRekeyed(roots, columnId, insert.rekeyed);
    writeField(card, 'place', [columnId, insert.keys[0]]);
    takeOut(card);
  });
}

/** Archives a card; it remembers its place. In the archive already: nothing happens. */
export function planArchiveCard({ roots }: Planning, cardId: string): Planned {
  const card = shownCard(roots, cardId);
  if (card === undefined) return refuse('unknownCard');
  if (readArchived(card.get(KEY.archived)) > 0 || isRemoved(card)) return planned([cardId], () => undefined);
  let latest = 0;
  roots.cards.forEach((value) => {
    latest = Math.max(latest, readArchived(asEntry(value)?.get(KEY.archived)));
  });
  const mark = markOf(roots, cardId, card);
  return planned([cardId], () => {
    card.set(KEY.archived, [Math.min(latest + 1, MAX_COUNTER), ...mark]);
  });
}

/**
 * Takes a card out of the archive: back to its place, or to the top of the first column when its own is gone
 * (`unknownColumn` when there is none). Not in the archive: nothing happens.
 */
export function planRestoreCard(planning: Planning, cardId: string): Planned {
  const { roots } = planning;
  const card = shownCard(roots, cardId);
  if (card === undefined) return refuse('unknownCard');
  const home = readPlace(card.get(KEY.place)).columnId;
  if (shownColumn(roots, home) === undefined) {
    const first = columnsOf(roots)[0];
    return first === undefined ? refuse('unknownColumn') : planMoveCard(planning, cardId, first.id, 'top');
  }
  return planned([cardId], () => {
    takeOut(card);
  });
}

/** Removes a card and its comments, unless somebody is editing it who has not seen this yet. */
export function planRemoveCard({ roots }: Planning, cardId: string): Planned {
  const card = shownCard(roots, cardId);
  if (card === undefined) return refuse('unknownCard');
  const mark = markOf(roots, cardId, card);
  return planned([cardId], () => {
    card.set(KEY.removed, mark);
  });
}

/** Takes a card out of the archive. */
function takeOut(card: Entry): void {
  if (readArchived(card.get(KEY.archived)) > 0) card.set(KEY.archived, 0);
  if (isRemoved(card)) card.set(KEY.removed, 0);
}

/** Cards that were not removed. */
function cardCount(roots: Roots): number {
  let count = 0;
  roots.cards.forEach((value) => {
    const card = asEntry(value);
    if (card !== undefined && !isRemoved(card)) count++;
  });
  return count;
}
