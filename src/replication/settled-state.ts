/**
 * The document of a checkpoint as bytes. What was deleted or written over keeps its place, since later entries may name it as a neighbour and
 * must be judged alike by whoever has the checkpoint only (rule REP-30), but loses its content. Values of a key that were written without
 * having seen each other stay: the board shows what lost (docs/spec/board.md, BRD-19).
 */
import * as Y from 'yjs';
import type { Bytes } from '../kernel/bytes.ts';

/**
 * The document in Yjs's second encoding, which takes a third of the first. Drops content from `doc`. Equal bytes follow from equal documents that
 * were filled in one order.
 */
export function settledState(doc: Y.Doc): Bytes {
  const kept = new Kept();
  for (const structs of doc.store.clients.values())
    for (const item of structs)
      if (item instanceof Y.Item && item.deleted && isBulk(item.content) && !kept.has(item))
        Object.assign(item, { content: new Y.ContentDeleted(item.length) });
  // Yjs joins neighbouring items when it takes them in: what is joined depends on one pass over all of them, and not on the past.
  const joined = new Y.Doc({ gc: false });
  Y.applyUpdateV2(joined, Y.encodeStateAsUpdateV2(doc));
  return Y.encodeStateAsUpdateV2(joined) as Bytes;
}

/** A type that was deleted stays one: its elements do. */
function isBulk(content: object): boolean {
  return !(content instanceof Y.ContentType) && !(content instanceof Y.ContentDeleted);
}

/** Which deleted values are kept. */
class Kept {
  readonly #disputed = new Map<object, Map<string, boolean>>();

  has(item: Y.Item): boolean {
    const { parent, parentSub } = item;
    if (parentSub === null || !(parent instanceof Y.AbstractType)) return false;
    const keys = this.#disputed.get(parent) ?? new Map<string, boolean>();
    this.#disputed.set(parent, keys);
    const known = keys.get(parentSub) ?? isDisputed(parent._map.get(parentSub) ?? null);
    keys.set(parentSub, known);
    return known;
  }
}

/** Whether some value of a key was written without having seen the one before it. `tail`: the last one. */
function isDisputed(tail: Y.Item | null): boolean {
  for (let item = tail; item?.left != null; item = item.left) {
    const { lastId } = item.left;
    if (item.origin?.client !== lastId.client || item.origin.clock !== lastId.clock) return true;
  }
  return false;
}
