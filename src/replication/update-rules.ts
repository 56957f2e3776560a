/**
 * What a Yjs update inside an entry may contain (research/mesh.md section 3.4; rules REP-20 to REP-30). Plain Yjs accepts
 * anything from anybody; these rules make an update able to do only what its author could have done by editing: append its own
 * structs without a gap, refer to what exists in its causal past, delete what exists there. What passes can be applied
 * completely, and Yjs will not throw on it or write anything of its own in answer.
 */
import * as Y from 'yjs';
import type { Bytes } from '../kernel/bytes.ts';
import { Reader } from '../kernel/codec.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import type { CausalView, Id, Place } from './causal-view.ts';
import { MAX_TYPE_DEPTH, MAX_VALUE_DEPTH } from './limits.ts';

export type UpdateRefusal =
  | 'updateMalformed' // Yjs cannot read it, or reads it in two ways
  | 'updateForeignClient' // structs under another client id than the author's
  | 'updateGap' // not the author's next clock, or a hole
  | 'updateDangling' // refers to something outside the causal past
  | 'updateMisplaced' // between two items that were not next to each other for its author, or into what is no type
  | 'updateForeignDelete' // deletes something outside the causal past
  | 'updateUnknownRoot' // writes outside the board's root types
  | 'updateSubdocument'
  | 'updateContent' // a kind of content that no board has
  | 'updateTooDeep' // types or values nested beyond MAX_TYPE_DEPTH and MAX_VALUE_DEPTH
  | 'updateSquatting'; // claims clock values without content: authors keep their garbage (gc: false), so honest updates never do

export interface UpdateContext {
  readonly clientId: number;
  /** What the author saw. */
  readonly view: CausalView;
  readonly roots: ReadonlySet<string>;
}

/** Elements of one client, one after the other. */
interface Run {
  readonly clock: number;
  readonly len: number;
}

export interface DecodedUpdate {
  readonly structs: readonly (Y.Item | Y.GC | Y.Skip)[];
  readonly ds: {
    readonly clients: ReadonlyMap<number, readonly Run[]>;
  };
}

/** Whether `update` keeps the rules; the value is the author's next clock after it. */
export function checkUpdate(update: Bytes, context: UpdateContext): Result<number, UpdateRefusal> {
  const decoded = decodeUpdate(update);
  return decoded === undefined ? refuse('updateMalformed') : checkDecoded(decoded, context);
}

/** {@link checkUpdate} of what was decoded already. */
export function checkDecoded(decoded: DecodedUpdate, context: UpdateContext): Result<number, UpdateRefusal> {
  const written = new Written(context);
  for (const struct of decoded.structs) {
    const fault = written.add(struct);
    if (fault !== undefined) return refuse(fault);
  }
  for (const [client, ranges] of decoded.ds.clients) {
    const known = client === context.clientId ? written.next : context.view.clockOf(client);
    if (ranges.some(({ clock, len }) => len < 1 || clock + len > known)) return refuse('updateForeignDelete');
  }
  if (!areWithin(written.keyedRuns, decoded.ds.clients.get(context.clientId) ?? []))
    return refuse('updateMisplaced');
  return ok(written.next);
}

/** The author's next clock after an update of our own, which needs no check; `before`: the clock before it. */
export function clockAfter(update: Bytes, before: number): number {
  const last = decodeUpdate(update)?.structs.at(-1);
  return last === undefined ? before : last.id.clock + last.length;
}

/** What is known of an item of the update. */
interface NewItem {
  /** First clock after it. */
  readonly end: number;
  readonly place: Place;
  readonly isType: boolean;
  /** Of the place: 1 directly under a root. */
  readonly depth: number;
}

/** An item with what it was put between. */
interface PutItem extends NewItem {
  readonly id: Id;
  readonly left: Id | null;
  /** Its last element. */
  readonly last: Id;
  /** What came after `left`, or first in its place, before it. */
  readonly beyond: Id | undefined;
}

/** The items of the update before the latest. */
class Notes {
  /** Ascending. */
  readonly items: NewItem[] = [];
  /** What the update put after an element or first in a place; undefined: it put something, and nothing comes after that. */
  readonly after = new Map<string, Id | undefined>();
  readonly first = new Map<string, Id>();

  note(put: PutItem): void {
    const { id, left, last, beyond, place } = put;
    if (left === null) this.first.set(placeText(place), id);
    else this.after.set(idText(left), id);
    this.after.set(idText(last), beyond);
    this.items.push(put);
  }
}

/** The author's view while the update's structs are added to it one by one. */
class Written {
  next: number;
  readonly #context: UpdateContext;
  readonly #start: number;
  /**
   * Items of several elements under one key. A key has one value; these are what is left of values that followed each other within
   * the update, and must all be deleted by it.
   */
  readonly keyedRuns: Run[] = [];
  /** The latest item, noted below only when another one follows: most updates are one item. */
  #latest: PutItem | undefined;
  #notes: Notes | undefined;

  constructor(context: UpdateContext) {
    this.#context = context;
    this.next = context.view.clockOf(context.clientId);
    this.#start = this.next;
  }

  /** Takes in the next struct, or says what is wrong with it. */
  add(struct: Y.Item | Y.GC | Y.Skip): UpdateRefusal | undefined {
    if (struct.id.client !== this.#context.clientId) return 'updateForeignClient';
    if (struct instanceof Y.Skip || struct.id.clock !== this.next) return 'updateGap';
    if (!(struct instanceof Y.Item) || struct.content instanceof Y.ContentDeleted) return 'updateSquatting';
    if (struct.length < 1) return 'updateMalformed';
    const fault = this.#put(struct) ?? checkContent(struct.content);
    this.next += struct.length;
    return fault;
  }

  /**
   * Puts the item where it says: between two neighbours that were next to each other in the author's view, as every editor does. Yjs
   * orders concurrent items alike everywhere only if that is so; half of the random updates that break it made replicas differ.
   */
  #put(item: Y.Item): UpdateRefusal | undefined {
    if (this.#latest !== undefined) (this.#notes ??= new Notes()).note(this.#latest);
    const { origin: left, rightOrigin: right } = item;
    // A decoded item carries its parent as a root name or as an id, or not at all (then it is that of its neighbours).
    const parent: unknown = item.parent;
    if (typeof parent === 'string' && !this.#context.roots.has(parent)) return 'updateUnknownRoot';
    const references = [left, right, parent instanceof Y.ID ? parent : null].filter((id) => id !== null);
    if (!references.every((id) => this.#exists(id))) return 'updateDangling';
    const place = this.#placeFor(left ?? right, parent, item.parentSub);
    if (place === undefined) return 'updateMisplaced';
    // Whoever reads a map into an object would get a prototype instead of a value (so does Yjs's own toJSON).
    if (place.key === '__proto__') return 'updateContent';
    const beyond = left === null ? this.#firstIn(place) : this.#elementAfter(left);
    if (!isSame(beyond, right ?? undefined)) return 'updateMisplaced';
    const depth = this.#depthOf(place.parent) + 1;
    if (depth > MAX_TYPE_DEPTH) return 'updateTooDeep';
    const { client, clock } = item.id;
    const last = { client, clock: clock + item.length - 1 };
    if (place.key !== null && item.length > 1) this.keyedRuns.push({ clock, len: item.length });
    const isType = item.content instanceof Y.ContentType;
    this.#latest = { end: last.clock + 1, place, isType, depth, id: { client, clock }, left, last, beyond };
    return undefined;
  }

  #placeFor(neighbour: Id | null, parent: unknown, key: string | null): Place | undefined {
    if (neighbour !== null)
      return this.#isNew(neighbour) ? this.#itemAt(neighbour)?.place : this.#context.view.placeOf(neighbour);
    if (typeof parent === 'string') return { parent, key };
    if (!(parent instanceof Y.ID)) return undefined;
    const isType = this.#isNew(parent) ? this.#itemAt(parent)?.isType : this.#context.view.isType(parent);
    return isType === true ? { parent, key } : undefined;
  }

  #firstIn(place: Place): Id | undefined {
    const put = this.#notes?.first.get(placeText(place));
    if (put !== undefined) return put;
    const { parent } = place;
    return typeof parent !== 'string' && this.#isNew(parent) ? undefined : this.#context.view.firstIn(place);
  }

  #elementAfter(id: Id): Id | undefined {
    const key = this.#notes === undefined ? '' : idText(id);
    if (this.#notes?.after.has(key) === true) return this.#notes.after.get(key);
    return this.#isNew(id) ? { client: id.client, clock: id.clock + 1 } : this.#context.view.after(id);
  }

  #depthOf(parent: string | Id): number {
    if (typeof parent === 'string' || !this.#isNew(parent)) return this.#context.view.depthOf(parent);
    return this.#itemAt(parent)?.depth ?? 0;
  }

  #exists(id: Id): boolean {
    return id.client === this.#context.clientId ? id.clock < this.next : this.#context.view.has(id);
  }

  #isNew(id: Id): boolean {
    return id.client === this.#context.clientId && id.clock >= this.#start;
  }

  #itemAt({ clock }: Id): NewItem | undefined {
    const items = this.#notes?.items ?? [];
    let low = 0;
    let high = items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((items[middle]?.end ?? 0) > clock) high = middle;
      else low = middle + 1;
    }
    return items[low];
  }
}

/** Whether each of `runs`, which ascend, lies within one of `ranges`, which come in any order. */
function areWithin(runs: readonly Run[], ranges: readonly Run[]): boolean {
  if (runs.length === 0) return true;
  const ascending = [...ranges].sort((a, b) => a.clock - b.clock);
  let at = 0;
  // The range that reaches furthest among those that begin at or before the run.
  let end = 0;
  return runs.every(({ clock, len }) => {
    for (let next = ascending[at]; next !== undefined && next.clock <= clock; next = ascending[++at])
      end = Math.max(end, next.clock + next.len);
    return clock + len <= end;
  });
}

function isSame(a: Id | undefined, b: Id | undefined): boolean {
  return a?.client === b?.client && a?.clock === b?.clock;
}

function idText({ client, clock }: Id): string {
  return `${client}:${clock}`;
}

function placeText({ parent, key }: Place): string {
  return `${typeof parent === 'string' ? parent : idText(parent)}${key === null ? '' : `/${key}`}`;
}

/**
 * Content is words, values or a type. Formats are refused because Yjs tidies them up on every device by writing deletions of its
 * own; embeds, binaries and the older JSON because no board has them.
 */
function checkContent(content: object): UpdateRefusal | undefined {
  if (content instanceof Y.ContentString || content instanceof Y.ContentType) return undefined;
  if (content instanceof Y.ContentAny) return checkValues(content.arr);
  return content instanceof Y.ContentDoc ? 'updateSubdocument' : 'updateContent';
}

/**
 * Values nest at most {@link MAX_VALUE_DEPTH} deep, and have no prototypes of their own: under the key `__proto__` Yjs's decoder puts a value
 * where nobody who lists an object's values sees it. Engines differ in how deep a recursion they survive; this one does not recurse.
 */
function checkValues(values: readonly unknown[]): UpdateRefusal | undefined {
  let level: readonly unknown[] = values;
  for (let depth = 0; depth <= MAX_VALUE_DEPTH; depth++) {
    const inner: unknown[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null || value instanceof Uint8Array) continue;
      if (Array.isArray(value)) inner.push(...(value as readonly unknown[]));
      else if (Object.getPrototypeOf(value) !== Object.prototype) return 'updateContent';
      else inner.push(...(Object.values(value) as readonly unknown[]));
    }
    if (inner.length === 0) return undefined;
    level = inner;
  }
  return 'updateTooDeep';
}

/** What Yjs reads in an update; undefined when it cannot, or would read it in two ways. */
export function decodeUpdate(update: Bytes): DecodedUpdate | undefined {
  // With two sections of one client, Yjs reads the structs of both and applies those of the last.
  const sections = new Reader(update);
  if (sections.varint() > 1 || sections.failure !== undefined) return undefined;
  try {
    return Y.decodeUpdate(update);
  } catch {
    return undefined; // Yjs throws on bytes it cannot read; what it says is of no use to anybody
  }
}
