/**
 * The document as the author of an entry saw it: what lies in the entry's causal past, without what others wrote meanwhile. Lists keep the
 * order of what is in them, so leaving out the rest gives the author's own order.
 */
import * as Y from 'yjs';

/** One element of the document; an item of several elements has as many ids. */
export interface Id {
  readonly client: number;
  readonly clock: number;
}

/** Where items can stand: in the list (`key` null) or under a key of a type, which is a root or the content of an item. */
export interface Place {
  readonly parent: string | Id;
  readonly key: string | null;
}

export class CausalView {
  readonly #doc: Y.Doc;
  readonly #clockOf: (client: number) => number;

  /** `clockOf`: first clock of a client outside the causal past. */
  constructor(doc: Y.Doc, clockOf: (client: number) => number) {
    this.#doc = doc;
    this.#clockOf = clockOf;
  }

  clockOf(client: number): number {
    return this.#clockOf(client);
  }

  has(id: Id): boolean {
    return id.clock < this.#clockOf(id.client);
  }

  /** Where an element stands that the view has; undefined when it stands nowhere. */
  placeOf(id: Id): Place | undefined {
    const item = this.#itemAt(id);
    const parent = item?.parent;
    if (item === undefined || !(parent instanceof Y.AbstractType)) return undefined;
    return { parent: parent._item?.id ?? Y.findRootTypeKey(parent), key: item.parentSub };
  }

  /** Whether an element that the view has is a type. */
  isType(id: Id): boolean {
    return this.#itemAt(id)?.content instanceof Y.ContentType;
  }

  /** How deep a type that the view has lies: 0 for a root. */
  depthOf(parent: string | Id): number {
    let depth = 0;
    let item = typeof parent === 'string' ? undefined : this.#itemAt(parent);
    while (item !== undefined) {
      depth += 1;
      item = item.parent instanceof Y.AbstractType ? (item.parent._item ?? undefined) : undefined;
    }
    return depth;
  }

  /** The first element in a place whose parent the view has. */
  firstIn({ parent, key }: Place): Id | undefined {
    const type = typeof parent === 'string' ? this.#doc.share.get(parent) : this.#typeAt(parent);
    if (type === undefined) return undefined;
    let item = key === null ? type._start : (type._map.get(key) ?? null);
    while (key !== null && item?.left) item = item.left;
    return this.#firstFrom(item);
  }

  /** The element after one that the view has, in the same place. */
  after(id: Id): Id | undefined {
    const item = this.#itemAt(id);
    const next = { client: id.client, clock: id.clock + 1 };
    if (item !== undefined && next.clock < item.id.clock + item.length && this.has(next)) return next;
    return this.#firstFrom(item?.right ?? null);
  }

  #firstFrom(item: Y.Item | null): Id | undefined {
    let at = item;
    while (at !== null && !this.has(at.id)) at = at.right;
    return at?.id;
  }

  #typeAt(id: Id): Y.AbstractType<unknown> | undefined {
    const content = this.#itemAt(id)?.content;
    return content instanceof Y.ContentType ? content.type : undefined;
  }

  #itemAt(id: Id): Y.Item | undefined {
    const struct: unknown = Y.getItem(this.#doc.store, Y.createID(id.client, id.clock));
    return struct instanceof Y.Item ? struct : undefined;
  }
}
