/**
 * The board's shared document. It is written in two ways only: by a local action, whose update is captured to become a journal
 * entry, and by entries that passed every rule. It is never synchronised as a document.
 */
import * as Y from 'yjs';
import type { Bytes } from '../kernel/bytes.ts';
import { invariant } from '../kernel/invariant.ts';
import { CausalView } from './causal-view.ts';
import { integrate } from './integrate.ts';
import type { DecodedUpdate } from './update-rules.ts';

/** Transaction origin of applied entries. Anything else is local (an undo manager uses itself as origin). */
export const REMOTE_ORIGIN = Symbol('remote');

export class SharedDocument {
  readonly doc: Y.Doc;
  #capturing = false;

  /** `guid` names the document (the board id); garbage is kept, since undo and history need it and no struct may vanish. */
  constructor(guid: string) {
    this.doc = new Y.Doc({ gc: false, guid });
    this.doc.on('beforeObserverCalls', (transaction: Y.Transaction) => {
      if (transaction.origin !== REMOTE_ORIGIN) straighten(this.doc, transaction);
    });
    this.doc.on('afterTransaction', ({ origin, changed, deleteSet }: Y.Transaction) => {
      const isHarmless = changed.size === 0 && deleteSet.clients.size === 0;
      invariant(
        origin === REMOTE_ORIGIN || this.#capturing || isHarmless,
        'the document changed outside a local action',
      );
    });
  }

  /**
   * Runs a local change under the author's client id and returns its update, or undefined when nothing changed. Yjs moves a
   * document to another client id when it meets its own from outside, so the id is set each time.
   */
  capture<T>(clientId: number, change: () => T): { readonly result: T; readonly update: Bytes | undefined } {
    invariant(!this.#capturing, 'a local change within a local change');
    this.doc.clientID = clientId;
    this.#capturing = true;
    const updates: Bytes[] = [];
    const keep = (update: Uint8Array): void => {
      updates.push(update as Bytes);
    };
    // Only while it is wanted: Yjs encodes the update of every transaction for whoever listens, and what others wrote is there already.
    this.doc.on('update', keep);
    const result = change();
    this.doc.off('update', keep);
    this.#capturing = false;
    if (updates.length === 0) return { result, update: undefined };
    const [only] = updates;
    return { result, update: updates.length === 1 && only ? only : (Y.mergeUpdates(updates) as Bytes) };
  }

  /**
   * Applies updates of accepted entries as one change for whoever observes the document. `run` is given the function that applies
   * one update; {@link clockOf} tells the truth between two of them.
   */
  applying(run: (apply: (update: DecodedUpdate) => void) => void): void {
    // A client id of our own that arrives from outside (a restored journal) must not make Yjs pick another: give it one nobody writes with.
    this.doc.clientID = 0;
    Y.transact(
      this.doc,
      (transaction) => {
        run((update) => {
          integrate(transaction, update);
        });
      },
      REMOTE_ORIGIN,
      false,
    );
    const { pendingStructs, pendingDs } = this.doc.store;
    invariant(pendingStructs === null && pendingDs === null, 'an accepted entry was not complete');
  }

  /**
   * Replaces all that the document holds by what `run` applies, as one change for whoever observes it: roots, observers of roots and undo
   * steps stay; types within are new ones. Yjs cannot take anything out of a document, so its store is emptied and filled again; that
   * costs what the first filling did, without the checks. `applySettled` takes the state of a checkpoint (settled-state.ts).
   */
  rebuild(run: (apply: (update: Bytes) => void, applySettled: (state: Bytes) => void) => void): void {
    const redone = this.#redone();
    const keys = [...this.doc.share.values()].map((root) => [root, [...root._map.keys()]] as const);
    this.doc.store = new Y.Doc({ gc: false }).store;
    for (const [root] of keys) {
      root._start = null;
      root._length = 0;
      root._map = new Map();
      if (root._searchMarker !== null) root._searchMarker = [];
    }
    this.doc.clientID = 0;
    Y.transact(
      this.doc,
      (transaction) => {
        run(
          (update) => {
            Y.applyUpdate(this.doc, update, REMOTE_ORIGIN);
          },
          (state) => {
            Y.applyUpdateV2(this.doc, state, REMOTE_ORIGIN);
          },
        );
        // What is not there any more has changed, too.
        for (const [root, gone] of keys) {
          if (gone.length === 0) continue;
          const changed = transaction.changed.get(root) ?? new Set();
          for (const key of gone) changed.add(key);
          transaction.changed.set(root, changed);
        }
        this.#markRedone(redone);
      },
      REMOTE_ORIGIN,
      false,
    );
    const { pendingStructs, pendingDs } = this.doc.store;
    invariant(pendingStructs === null && pendingDs === null, 'a rebuilt document is not complete');
  }

  /** What redo made out of what: Yjs keeps it beside the items, and undo needs it. */
  #redone(): readonly (readonly [from: Y.ID, to: Y.ID])[] {
    const pairs: (readonly [Y.ID, Y.ID])[] = [];
    for (const structs of this.doc.store.clients.values())
      for (const struct of structs)
        if (struct instanceof Y.Item && struct.redone !== null) pairs.push([struct.id, struct.redone]);
    return pairs;
  }

  #markRedone(pairs: readonly (readonly [from: Y.ID, to: Y.ID])[]): void {
    const { store } = this.doc;
    for (const [from, to] of pairs) {
      if (from.clock >= Y.getState(store, from.client) || to.clock >= Y.getState(store, to.client)) continue;
      const item: unknown = Y.getItem(store, from);
      if (item instanceof Y.Item && item.id.clock === from.clock) item.redone = to;
    }
  }

  /** First clock value of `client` that does not exist yet. */
  clockOf(client: number): number {
    return Y.getState(this.doc.store, client);
  }

  /** The document as an author saw it; `clockOf`: first clock of a client that they had not seen. */
  viewOf(clockOf: (client: number) => number): CausalView {
    return new CausalView(this.doc, clockOf);
  }
}

/**
 * Lets each item of a local change name the neighbours between which it stands. Nearly always it does. Yjs's redo, however, may name two
 * that had somebody's item between them, and replicas that order such an item against concurrent ones may differ (rule REP-30). Nobody
 * has seen the item yet, so what it names can still be put right.
 */
function straighten(doc: Y.Doc, transaction: Y.Transaction): void {
  const { clientID } = doc;
  const before = transaction.beforeState.get(clientID) ?? 0;
  const structs = doc.store.clients.get(clientID) ?? [];
  for (let at = structs.length - 1; at >= 0; at--) {
    const item = structs[at];
    if (item === undefined || item.id.clock < before) return;
    if (!(item instanceof Y.Item)) continue;
    const { clock } = item.id;
    const cameLater = (other: Y.Item): boolean => other.id.client === clientID && other.id.clock > clock;
    let { left, right } = item;
    while (left !== null && cameLater(left)) left = left.left;
    while (right !== null && cameLater(right)) right = right.right;
    item.origin = left?.lastId ?? null;
    item.rightOrigin = right?.id ?? null;
  }
}
