/** Which cards an update changed. Reads the document that the update is in; decides nothing. */
import * as Y from 'yjs';
import { asEntry, KEY, type Roots } from './schema.ts';

/** Ids of the cards that `update`, which is part of `doc`, wrote to or deleted from, their comments included. */
export function touchedCards(doc: Y.Doc, roots: Roots, update: Uint8Array): ReadonlySet<string> {
  const cards = new Set<string>();
  const note = (client: number, clock: number): number => {
    const item: unknown = Y.getItem(doc.store, Y.createID(client, clock));
    if (!(item instanceof Y.Item)) return clock + 1;
    const id = cardOf(roots, item);
    if (id !== undefined) cards.add(id);
    return item.id.clock + item.length;
  };
  const { structs, ds } = Y.decodeUpdate(update);
  for (const { id } of structs) note(id.client, id.clock);
  for (const [client, ranges] of ds.clients) {
    for (const { clock, len } of ranges) {
      for (let at = clock; at < clock + len;) at = note(client, at);
    }
  }
  return cards;
}

/** The card to which an item belongs: by its place among the roots, or through the comment that it is part of. */
function cardOf(roots: Roots, item: Y.Item): string | undefined {
  let at: Y.Item = item;
  for (let parent = at.parent; parent instanceof Y.AbstractType && parent._item !== null; parent = at.parent)
    at = parent._item;
  if (at.parent === roots.cards) return at.parentSub ?? undefined;
  if (at.parent !== roots.comments || at.parentSub === null) return undefined;
  const id = asEntry(at.content instanceof Y.ContentType ? at.content.type : undefined)?._map.get(KEY.card);
  const card: unknown = id?.content instanceof Y.ContentAny ? id.content.arr[0] : undefined;
  return typeof card === 'string' ? card : undefined;
}
