/** What planners share: a command is first checked and planned, then written, so that a refusal has touched nothing. */
import { randomText, type Random } from '../kernel/random.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import type { CommandOutcome, CommandRefusal, Position } from './command.ts';
import { writeField } from './conflicts.ts';
import { MAX_TITLE_CHARS, NEW_ID_CHARS } from './limits.ts';
import { comparePlaced, type Placed } from './ordering.ts';
import { oneLine } from './plain-text.ts';
import { isRemoved } from './removal.ts';
import { asEntry, isEntryId, KEY, readArchived, readPlace, type Entry, type Roots } from './schema.ts';

/** Who runs a command, and when. */
export interface CommandContext {
  /** Source of ids and of position jitter; must differ between peers. */
  readonly random: Random;
  /** Member id (64 hex digits), recorded as author. */
  readonly memberId: string;
  /** Wall clock, whole milliseconds since 1970; shown, never used to order anything. */
  readonly wallMs: number;
}

/** What planners read. */
export interface Planning {
  readonly roots: Roots;
  readonly context: CommandContext;
  /** Yjs client id of this document: names the notes that this peer begins. */
  readonly clientId: number;
}

/** A command that will be carried out: `write` makes all its changes and cannot fail. */
export interface Plan {
  readonly outcome: CommandOutcome;
  readonly write: () => void;
}

export type Planned = Result<Plan, CommandRefusal>;

/** A plan that touches `ids`. */
export function planned(ids: readonly string[], write: () => void): Planned {
  return ok({ outcome: { ids }, write });
}

/** A title made storable, or why it is none. */
export function checkTitle(text: string): Result<string, 'emptyTitle' | 'textTooLong'> {
  const title = oneLine(text);
  if (title === '') return refuse('emptyTitle');
  return title.length > MAX_TITLE_CHARS ? refuse('textTooLong') : ok(title);
}

/**
 * The index that `position` means among `length` siblings. An index beyond the end is the end: siblings may have left
 * since it was counted. Fractions, negative numbers and NaN are refused.
 */
export function checkPosition(position: Position, length: number): Result<number, 'badPosition'> {
  if (position === 'top') return ok(0);
  if (position === 'bottom') return ok(length);
  return Number.isInteger(position) && position >= 0 ? ok(Math.min(position, length)) : refuse('badPosition');
}

/** An id that `root` does not hold yet. */
export function newId(root: Entry, random: Random): string {
  let id = randomText(random, NEW_ID_CHARS);
  while (root.has(id)) id = randomText(random, NEW_ID_CHARS);
  return id;
}

/** Writes a title unless it is there already: an unchanged value would be one more edit for everybody. */
export function setTitle(entry: Entry, title: string): void {
  if (entry.get(KEY.title) !== title) writeField(entry, 'title', title);
}

/** The cards shown in a column, in order. */
export function cardsIn(roots: Roots, columnId: string): Placed[] {
  const siblings: Placed[] = [];
  roots.cards.forEach((value, id) => {
    const card = asEntry(value);
    if (card === undefined || !isEntryId(id)) return;
    const place = readPlace(card.get(KEY.place));
    if (place.columnId !== columnId || readArchived(card.get(KEY.archived)) > 0 || isRemoved(card)) return;
    siblings.push({ id, key: place.key });
  });
  return siblings.sort(comparePlaced);
}

/** Gives siblings the new keys that an insert plan asks for, marked as nobody's wish. */
export function writeRekeyed(roots: Roots, columnId: string, rekeyed: readonly Placed[]): void {
  for (const { id, key } of rekeyed) {
    const card = asEntry(roots.cards.get(id));
    if (card !== undefined) writeField(card, 'place', [columnId, key, 1]);
  }
}
