/**
 * Fields that two people changed without having seen each other's change. Yjs shows one of the values by client id; the others are
 * still in the document (field-lines.ts) and are shown beside it until somebody settles them.
 */
import { MAX_CONFLICT_VALUES } from './limits.ts';
import { forkOf, idOf, type Fork, type Written } from './field-lines.ts';
import { fractionOf } from './ordering.ts';
import { KEY, readDue, readPlace, readPosition, readTitle, type Entry } from './schema.ts';
import type { Conflict, ConflictField, ConflictValue } from './snapshot.ts';

/** Who wrote a value, and when by their clock. */
export interface Stamp {
  /** Member id (64 hex digits), or '' when it is not known. */
  readonly author: string;
  /** Milliseconds since 1970, or 0 when it is not known. */
  readonly at: number;
}

/** Whose a place in the sequence of a Yjs client is. Must answer alike on all devices that hold the same edits. */
export type StampOf = (client: number, clock: number) => Stamp;

/** For documents without signed authors. */
export const noStamp: StampOf = () => ({ author: '', at: 0 });

/** Keys under which an entry remembers what was settled: field, Yjs client id, clock. */
const SETTLED_PREFIX = 'settled:';

/** The fields of each kind of entry that hold one value. Labels, assignees and notes merge item by item. */
export const CONFLICT_FIELDS = {
  board: ['title'],
  column: ['title', 'position'],
  card: ['title', 'due', 'place'],
} as const satisfies Record<string, readonly ConflictField[]>;

/** A lost value that nobody settled: what is shown of it, and what was stored. */
export interface OpenValue {
  readonly id: string;
  /** Of all lost values that say the same; `id` is the first of them. */
  readonly ids: readonly string[];
  readonly stored: unknown;
  readonly shown: string | null;
  readonly written: Written;
}

interface Reading {
  /** Equal for values between which there is nothing to choose. */
  readonly same: string;
  readonly shown: string | null;
}

/** The conflicts of an entry, in the order of `fields`; the same empty list while there are none. */
export function conflictsOf(
  entry: Entry,
  fields: readonly ConflictField[],
  stampOf: StampOf,
): readonly Conflict[] {
  const conflicts: Conflict[] = [];
  for (const field of fields) {
    const fork = forkOf(entry, KEY[field]);
    if (fork === undefined) continue;
    const open = openIn(entry, field, fork);
    if (open.length === 0) continue;
    conflicts.push(
      Object.freeze<Conflict>({
        field,
        values: Object.freeze([
          currentOf(field, fork, stampOf),
          ...open.slice(0, MAX_CONFLICT_VALUES).map((value) => toValue(value, stampOf)),
        ]),
      }),
    );
  }
  return conflicts.length === 0 ? NONE : Object.freeze(conflicts);
}

const NONE: readonly Conflict[] = Object.freeze([]);

/** The lost values of a field that are still to be settled. */
export function openValues(entry: Entry, field: ConflictField): readonly OpenValue[] {
  const fork = forkOf(entry, KEY[field]);
  return fork === undefined ? [] : openIn(entry, field, fork);
}

/** The id of the value that a field shows; undefined when it holds none. */
export function currentId(entry: Entry, field: ConflictField): string | undefined {
  const fork = forkOf(entry, KEY[field]);
  const said = fork === undefined ? undefined : firstAlike(field, fork.current.values);
  return said === undefined ? undefined : idOf(said.client, said.clock);
}

/**
 * Writes a field. Whoever does it had the shown value before their eyes, so lost values that say the same are settled with it: they
 * would come up as lost otherwise once something else is shown.
 */
export function writeField(entry: Entry, field: ConflictField, stored: unknown): void {
  const fork = forkOf(entry, KEY[field]);
  const [shown] = fork?.current.values ?? [];
  const alike = shown === undefined ? undefined : read(field, shown.value).same;
  entry.set(KEY[field], stored);
  for (const { values } of fork?.others ?? []) {
    const [lost] = values;
    if (lost === undefined || read(field, lost.value).same !== alike) continue;
    const key = settledKey(field, idOf(lost.client, lost.clock));
    if (!entry.has(key)) entry.set(key, true);
  }
}

/**
 * What a key with one value would hold if its shown value, which was deleted, had never been written: the last value of another line.
 * Undefined when the key holds a value or there is none.
 */
export function standingValue(entry: Entry, key: string): unknown {
  if (!SINGLE_KEYS.has(key) || entry.has(key)) return undefined;
  const [other] = forkOf(entry, key)?.others ?? [];
  return other?.values[0]?.value;
}

const SINGLE_KEYS: ReadonlySet<string> = new Set([
  KEY.title,
  KEY.due,
  KEY.place,
  KEY.position,
  KEY.archived,
  KEY.removed,
]);

/** The key that marks a value of `field` as settled. */
export function settledKey(field: ConflictField, id: string): string {
  return `${SETTLED_PREFIX}${field}:${id}`;
}

/** Whether a key belongs to what is remembered about conflicts. */
export function isSettledKey(key: string): boolean {
  return key.startsWith(SETTLED_PREFIX);
}

function openIn(entry: Entry, field: ConflictField, { current, others }: Fork): readonly OpenValue[] {
  const [shownNow] = current.values;
  const now = shownNow === undefined ? undefined : read(field, shownNow.value).same;
  const open = new Map<string, OpenValue>();
  for (const { values, base } of others) {
    const [written] = values;
    // A line of nothing but new keys, made to let another item in, is nobody's wish.
    if (written === undefined || values.every(({ value }) => isAutomatic(value))) continue;
    const { same, shown } = read(field, written.value);
    // Who ends where they began changed nothing, and who says what is shown lost nothing.
    if (!isReadable(field, written.value) || same === now) continue;
    if (base !== undefined && read(field, base.value).same === same) continue;
    const id = idOf(written.client, written.clock);
    if (entry.get(settledKey(field, id)) === true) continue;
    const before = open.get(same);
    if (before === undefined) open.set(same, { id, ids: [id], stored: written.value, shown, written });
    else open.set(same, { ...before, ids: [...before.ids, id] });
  }
  return [...open.values()];
}

function currentOf(field: ConflictField, fork: Fork, stampOf: StampOf): ConflictValue {
  const said = firstAlike(field, fork.current.values);
  const { client = 0, clock = 0, value } = said ?? {};
  const { author, at } = stampOf(client, clock);
  return Object.freeze({
    id: idOf(client, clock),
    value: read(field, value).shown,
    author,
    at,
    current: true,
  });
}

function toValue({ id, shown, written }: OpenValue, stampOf: StampOf): ConflictValue {
  const { author, at } = stampOf(written.client, written.clock);
  return Object.freeze({ id, value: shown, author, at, current: false });
}

/** Who first said what a line says now: undo says again what somebody else may have said. */
function firstAlike(field: ConflictField, line: readonly Written[]): Written | undefined {
  const [last] = line;
  if (last === undefined) return undefined;
  const { same } = read(field, last.value);
  return line.findLast(({ value }) => read(field, value).same === same);
}

function read(field: ConflictField, value: unknown): Reading {
  switch (field) {
    case 'title': {
      const shown = readTitle(value);
      return { same: shown, shown };
    }
    case 'due': {
      const shown = readDue(value);
      return { same: shown ?? '', shown };
    }
    case 'place': {
      const { columnId, key } = readPlace(value);
      return { same: `${columnId}/${fractionOf(key)}`, shown: columnId };
    }
    case 'position': {
      const shown = fractionOf(readPosition(value));
      return { same: shown, shown };
    }
  }
}

/** Whether a stored value is one that a command writes; nothing else is offered to anybody. */
function isReadable(field: ConflictField, value: unknown): boolean {
  if (field === 'title') return typeof value === 'string';
  if (field === 'due') return value === null || readDue(value) !== null;
  if (field === 'place') return readPlace(value).columnId !== '';
  return typeof value === 'string' || isAutomatic(value);
}

/** Whether a position was given to make room for another item (`writeRekeyed`), which nobody asked for. */
function isAutomatic(value: unknown): boolean {
  return Array.isArray(value) && (value.length === 1 || value[2] === 1);
}
