/**
 * The order of columns and of cards in a column. Each has a position key: a fractional index (Greenspan, "Implementing
 * fractional indexing", 2020; npm fractional-indexing), a full stop and 6 random characters. Siblings are ordered by
 * (key, id), compared by code unit.
 *
 * Two peers that insert at one gap get the same fraction; the random end orders them alike everywhere, and the next
 * insert between them finds no room there, so it gives a neighbour a new key too. The full stop sorts before every
 * digit and letter, so a key orders exactly as its fraction does whenever fractions differ.
 */
import { generateNKeysBetween } from 'fractional-indexing';
import { invariant } from '../kernel/invariant.ts';
import { randomText, type Random } from '../kernel/random.ts';
import { MAX_POSITION_CHARS } from './limits.ts';

/** Characters of the random end: 30 bits, so two inserts at one gap tie once in 10^9 (and then the id decides). */
const JITTER_CHARS = 6;
const SHAPE = /^([N-Za-m])([0-9A-Za-z]*)(?:\.[0-9a-z]{1,8})?$/;
/** What an unreadable key is read as: after every valid key. */
const UNREADABLE = '~';

/** Something that has a place among its siblings. */
export interface Placed {
  readonly id: string;
  readonly key: string;
}

/** Keys for new items, in order, and siblings that need a new key so that there is room. */
export interface InsertPlan {
  readonly keys: readonly string[];
  readonly rekeyed: readonly Placed[];
}

/** The position key that another member wrote: itself when it is one of ours in form, else a key after all of those. */
export function readPositionKey(value: unknown): string {
  return typeof value === 'string' && isPositionKey(value) ? value : UNREADABLE;
}

/** Orders siblings: by key, then by id. */
export function comparePlaced(a: Placed, b: Placed): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  return 0;
}

/**
 * Keys that put `count` new items before `siblings[index]`. `siblings` are in order, `index` is 0 to their number. As
 * few siblings as possible are re-keyed, because writing a place can win over somebody's concurrent move: none when the
 * gap has room, else a window that doubles until fresh keys fit, at last all of them.
 */
export function planInsert(
  siblings: readonly Placed[],
  index: number,
  count: number,
  random: Random,
): InsertPlan {
  invariant(index >= 0 && index <= siblings.length, 'planInsert needs an index within the siblings');
  for (let reach = 0; ; reach = reach === 0 ? 1 : reach * 2) {
    const low = Math.max(0, index - reach);
    const high = Math.min(siblings.length, index + reach);
    for (const [from, to] of [
      [index, high],
      [low, index],
      [low, high],
    ] as const) {
      const fractions = freshFractions(siblings, from, to, count);
      if (fractions !== undefined) return toPlan(siblings, { from, index, count }, fractions, random);
    }
    invariant(low > 0 || high < siblings.length, 'all siblings can always be given fresh keys');
  }
}

function toPlan(
  siblings: readonly Placed[],
  gap: { readonly from: number; readonly index: number; readonly count: number },
  fractions: readonly string[],
  random: Random,
): InsertPlan {
  const keys: string[] = [];
  const rekeyed: Placed[] = [];
  const before = gap.index - gap.from;
  fractions.forEach((fraction, at) => {
    const key = `${fraction}.${randomText(random, JITTER_CHARS)}`;
    const isNew = at >= before && at < before + gap.count;
    const sibling = isNew ? undefined : siblings[gap.from + (at < before ? at : at - gap.count)];
    if (sibling === undefined) keys.push(key);
    else rekeyed.push({ id: sibling.id, key });
  });
  return { keys, rekeyed };
}

/** Fractions for `siblings[from..to)` and `count` new ones between the siblings on both sides, or undefined without room. */
function freshFractions(
  siblings: readonly Placed[],
  from: number,
  to: number,
  count: number,
): readonly string[] | undefined {
  const left = siblings[from - 1];
  const right = siblings[to];
  if (left?.key === UNREADABLE) return undefined;
  const lower = left === undefined ? null : fractionOf(left.key);
  const upper = right === undefined || right.key === UNREADABLE ? null : fractionOf(right.key);
  if (lower !== null && upper !== null && lower >= upper) return undefined;
  const fractions = generateNKeysBetween(lower, upper, to - from + count);
  const fits = fractions.every(
    (fraction) => isFraction(fraction) && fraction.length + 1 + JITTER_CHARS <= MAX_POSITION_CHARS,
  );
  return fits ? fractions : undefined;
}

function isPositionKey(text: string): boolean {
  return text.length <= MAX_POSITION_CHARS && SHAPE.test(text) && isFraction(fractionOf(text));
}

/** A key without its random end: equal for two items that were put into one gap. */
export function fractionOf(key: string): string {
  const stop = key.indexOf('.');
  return stop < 0 ? key : key.slice(0, stop);
}

/**
 * Whether the library accepts `text`. Its first letter says how long the integer part is: a is 1 digit, b is 2, ...,
 * Z is 1, Y is 2, .... Letters beyond m and N (13 digits, 62^13 inserts) are left out, so that nobody can park a key at
 * the end of the range where the library has no next one.
 */
function isFraction(text: string): boolean {
  const head = text.charCodeAt(0);
  const digits = head >= 97 ? head - 96 : 91 - head;
  if (!SHAPE.test(text) || digits > 13 || text.length < 1 + digits) return false;
  return text.length === 1 + digits || !text.endsWith('0');
}
