/**
 * What follows from the entries that have effect, kept together: journals, causal pasts, whose elements are whose, what counts, who may write
 * what. All of it can be drawn anew from the entries, in any order in which each comes after what it builds on.
 */
import { concatBytes, type Bytes } from '../kernel/bytes.ts';
import type { BoardId, Hash, PeerId } from '../kernel/ids.ts';
import { invariant } from '../kernel/invariant.ts';
import type { Base } from './base.ts';
import { CausalPasts, type Past } from './causal-past.ts';
import { Clients } from './clients.ts';
import type { SharedDocument } from './document.ts';
import { Effect } from './effect.ts';
import { clientIdOf, type Entry } from './entry.ts';
import type { ForkBook } from './forks.ts';
import type { Journals, Line } from './journals.ts';
import type { Authority } from './ports.ts';
import { renameState, translateUpdate } from './rename.ts';
import { firstAbove } from './steps.ts';

/** Anything that {@link Books} draws from the entries, and from the checkpoint on which they stand. */
export interface BooksOptions {
  readonly board: BoardId;
  readonly journals: Journals;
  readonly document: SharedDocument;
  readonly authority: Authority;
  readonly book: ForkBook;
}

export class Books {
  readonly pasts: CausalPasts;
  readonly clients: Clients;
  readonly effect: Effect;
  readonly #board: BoardId;
  readonly #journals: Journals;
  readonly #document: SharedDocument;
  readonly #authority: Authority;
  /** Elements that an update in the journals added to the document. */
  readonly #elements: WeakMap<Entry, number>;
  #base: Base | undefined;

  /** `known`: others that know how many elements the same entries add. */
  constructor({ board, journals, document, authority, book }: BooksOptions, known?: Books) {
    this.#elements = known === undefined ? new WeakMap() : known.#elements;
    this.#board = board;
    this.#journals = journals;
    this.#document = document;
    this.#authority = authority;
    this.pasts = new CausalPasts((hash) => journals.standing(hash));
    this.clients = new Clients(board);
    this.effect = new Effect(journals, this.pasts, authority, book);
  }

  /** The checkpoint on which all entries held stand. */
  get base(): Base | undefined {
    return this.#base;
  }

  /** Notes how many elements an entry adds to the document; before {@link append}. */
  noteElements(entry: Entry, count: number): void {
    this.#elements.set(entry, count);
  }

  /** Adds an entry. Whether others may have lost their effect by it. */
  append(entry: Entry): boolean {
    const past = this.pasts.pastOf(entry);
    const line = this.#journals.append(entry);
    this.#note(entry, line, past);
    return this.effect.note(entry, past);
  }

  #note(entry: Entry, line: Line, past: Past): void {
    this.pasts.note(entry, line);
    this.clients.note(entry, line, this.#elements.get(entry) ?? 0);
    this.#authority.applied(entry, past);
  }

  /** Everything that follows from the entries that have effect, from `base` on. `entries`: each after what it builds on. */
  buildAnew(entries: readonly Entry[], base = this.#base): void {
    this.#base = base;
    this.#journals.beginAnew(entries, base?.settled);
    this.pasts.clear();
    this.clients.clear();
    this.#authority.forget(base?.standings);
    this.effect.clear();
    for (const { root, clocks } of base?.settled ?? []) {
      const line = this.#journals.standing(root.hash)?.line;
      if (line !== undefined) for (const clock of clocks) this.clients.settle(line, clock);
    }
    this.clients.endSettling();
    for (const entry of entries) this.append(entry);
    this.#journals.endAnew();
    this.clients.rank();
    const renamed = this.clients.renamed();
    const state = base?.checkpoint.content.state;
    this.#document.rebuild((apply, applySettled) => {
      if (state !== undefined && renamed.size === 0) applySettled(state);
      else if (state !== undefined) apply(renameState(state, renamed));
      for (const entry of entries) {
        if (entry.kind !== 'update') continue;
        const update = this.inOurNames(this.wholeUpdate(entry), this.pasts.upTo(entry));
        invariant(update !== undefined, 'an entry that had effect names what is not there');
        apply(update);
      }
    });
  }

  /** The Yjs client id under which `author` writes on, in this document. */
  clientIdOf(author: PeerId, session: number): number {
    const line = this.#journals.linesOf(author)[0];
    const client = line && this.clients.after(line, Number.MAX_SAFE_INTEGER);
    const base = clientIdOf(this.#board, author, session);
    return client?.base === base ? client.name : base;
  }

  /** The entry that wrote `clock` of a client of the document; undefined when none did that took effect here. */
  writerOf(client: number, clock: number): Entry | undefined {
    const owner = this.clients.named(client);
    const seq = owner && firstAbove(owner.clocks, clock);
    return seq === undefined ? undefined : owner?.line.entries[seq - owner.line.start];
  }

  /** Parts at the end of a journal whose update is not complete, up to the entry `hash`. */
  partsUpTo(hash: Hash): readonly Bytes[] {
    const parts: Bytes[] = [];
    let at = this.#journals.get(hash);
    for (
      ;
      at !== undefined && at.kind !== 'claim' && at.kind !== 'update';
      at = this.#journals.get(at.previous)
    )
      if (at.kind === 'part') parts.unshift(at.payload);
    return parts;
  }

  /** Whether the journal up to the entry `hash` ends with an update that lacks its end: a claim has to follow. */
  isUnfinished(hash: Hash): boolean {
    return this.partsUpTo(hash).length > 0 || this.isCutShort(hash);
  }

  /** The same, when the beginning of that update is gone with what a checkpoint replaced. */
  isCutShort(hash: Hash): boolean {
    let held = this.#journals.standing(hash);
    while (held !== undefined && held.entry.kind !== 'claim' && held.entry.kind !== 'update')
      held = this.#journals.standing(held.entry.previous);
    const settled = held?.line.settled;
    return settled?.isCutShort === true && held?.entry === settled.root;
  }

  /** The update that an entry completes. */
  wholeUpdate(entry: Entry): Bytes {
    const parts = this.partsUpTo(entry.previous);
    return parts.length === 0 ? entry.payload : concatBytes(...parts, entry.payload);
  }

  /** An update written with the causal past `past`, as this document names elements; undefined when it names what is not there. */
  inOurNames(update: Bytes, past: Past): Bytes | undefined {
    const translation = this.clients.translationFor(past);
    return translation === undefined ? update : translateUpdate(update, translation);
  }
}
