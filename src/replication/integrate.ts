/**
 * Puts an update into the document that was decoded to be judged. Yjs would decode it once more, make room for what might be missing, and open
 * a transaction for it; what has passed the rules (update-rules.ts) lacks nothing.
 */
import * as Y from 'yjs';
import type { DecodedUpdate } from './update-rules.ts';

/** Does what Yjs's `applyUpdate` does with an accepted update, whose elements become part of the document: it is of no use after that. */
export function integrate(transaction: Y.Transaction, { structs, ds }: DecodedUpdate): void {
  const { doc } = transaction;
  for (const struct of structs) {
    if (!(struct instanceof Y.Item)) continue; // no accepted update has any other
    const parent: unknown = struct.parent;
    // Decoded for reading, an item names its root by a word.
    if (typeof parent === 'string') struct.parent = doc.get(parent);
    struct.getMissing(transaction, doc.store);
    struct.integrate(transaction, 0);
  }
  for (const [client, ranges] of ds.clients)
    for (const { clock, len } of ranges) remove(transaction, client, clock, clock + len);
}

/** Deletes the elements of a client from `from` to before `end`, all of which are there. An item of which that is a part is split. */
function remove(transaction: Y.Transaction, client: number, from: number, end: number): void {
  const { store } = transaction.doc;
  for (let at = from; at < end;) {
    let item: unknown = Y.getItem(store, Y.createID(client, at));
    if (!(item instanceof Y.Item)) return; // garbage is kept, so there are only items
    const next = item.id.clock + item.length;
    if (!item.deleted) {
      if (item.id.clock < at) item = Y.getItemCleanStart(transaction, Y.createID(client, at));
      if (next > end) item = Y.getItemCleanEnd(transaction, store, Y.createID(client, end - 1));
      if (item instanceof Y.Item) item.delete(transaction);
    }
    at = next;
  }
}
