/**
 * What was ever written to one key of a shared map, as lines of values. Yjs shows one value of a key and keeps the others in the
 * document, and each of them names the value that its writer saw there (`origin`, Yjs's internal documentation, "Map"). So the values
 * form a tree, alike on every device: a value that nobody wrote over ends a line, and two lines mean that two people wrote without having
 * seen each other's value. Reading this costs nothing per edit and nothing on the wire.
 */
import * as Y from 'yjs';
import { MAX_FIELD_VALUES } from './limits.ts';
import type { Entry } from './schema.ts';

/** One value that was written to a key, by its place in its writer's Yjs sequence. */
export interface Written {
  readonly client: number;
  readonly clock: number;
  /** As stored; undefined when it was removed without another in its place, or the document no longer holds it. */
  readonly value: unknown;
}

/** Values that were written one over the other, the last first. */
export interface Line {
  readonly values: readonly Written[];
  /** The value of the shown line from which this one parts; undefined when it parts from none. */
  readonly base: Written | undefined;
}

/** The value that is shown and those that were written without having seen it, each with what it replaced. */
export interface Fork {
  readonly current: Line;
  /** Lines that ended otherwise, without what they share with the shown one. In an order that all devices have. */
  readonly others: readonly Line[];
}

interface Element extends Written {
  readonly origin: string | null;
}

/** The lines of `key`, or undefined while it has one only, as nearly all have. */
export function forkOf(entry: Entry, key: string): Fork | undefined {
  const tail = entry._map.get(key);
  if (tail === undefined || isOneLine(tail)) return undefined;
  const elements = elementsOf(tail);
  const byId = new Map(elements.map((element) => [idOf(element.client, element.clock), element]));
  const replaced = new Set(elements.map(({ origin }) => origin));
  const [first] = elements;
  if (first === undefined) return undefined;
  const current = lineFrom(first, byId, new Set());
  const common = new Set(current.values.map(({ client, clock }) => idOf(client, clock)));
  const ends = elements.slice(1).filter(({ client, clock }) => !replaced.has(idOf(client, clock)));
  return { current, others: ends.map((end) => lineFrom(end, byId, common)) };
}

/** The element that a key shows, whether or not it was deleted. */
export function tailOf(entry: Entry, key: string): Y.Item | undefined {
  return entry._map.get(key);
}

/** Whether each value replaced the one before it. Most keys were written once or twice; this looks without making anything. */
function isOneLine(tail: Y.Item): boolean {
  let left = MAX_FIELD_VALUES;
  for (let item: Y.Item | null = tail; item !== null && left > 0; item = item.left) {
    left -= item.length;
    const before: Y.Item | null = item.left;
    if (before === null) return true;
    const { lastId } = before;
    if (item.origin?.client !== lastId.client || item.origin.clock !== lastId.clock) return false;
  }
  return true;
}

/** The last {@link MAX_FIELD_VALUES} values of a key, the last first. Counted in values, since Yjs joins items differently on each device. */
function elementsOf(tail: Y.Item): Element[] {
  const elements: Element[] = [];
  for (let item: Y.Item | null = tail; item !== null; item = item.left) {
    const { client, clock } = item.id;
    for (let at = item.length - 1; at >= 0; at--) {
      if (elements.length >= MAX_FIELD_VALUES) return elements;
      const before = at > 0 ? idOf(client, clock + at - 1) : originOf(item);
      const value = item === tail && item.deleted ? undefined : valueAt(item.content, at);
      elements.push({ client, clock: clock + at, value, origin: before });
    }
  }
  return elements;
}

function valueAt(content: object, at: number): unknown {
  return content instanceof Y.ContentAny ? (content.arr as readonly unknown[])[at] : undefined;
}

function originOf({ origin }: Y.Item): string | null {
  return origin === null ? null : idOf(origin.client, origin.clock);
}

/** From `end` back to the first value, or to one in `until`. */
function lineFrom(end: Element, byId: ReadonlyMap<string, Element>, until: ReadonlySet<string>): Line {
  const values: Written[] = [];
  let at: Element | undefined = end;
  while (at !== undefined && !until.has(idOf(at.client, at.clock))) {
    values.push(at);
    at = at.origin === null ? undefined : byId.get(at.origin);
  }
  return { values, base: at };
}

/** The name of a value: its writer's Yjs client id and clock. */
export function idOf(client: number, clock: number): string {
  return `${String(client)}.${String(clock)}`;
}
