/**
 * What follows from the entries that have effect, kept together: journals, causal pasts, whose elements are whose, what counts, who may write
 * what. All of it can be drawn anew from the entries, in any order in which each comes after what it builds on.
 */
import { concatBytes, type Bytes } from '../kernel/bytes.ts';
import type { BoardId, Hash, PeerId } from '../kernel/ids.ts';
import { invariant } from '../kernel/invariant.ts';
import { CausalPasts, type Past } from './causal-past.ts';
import { Clients } from './clients.ts';
import type { SharedDocument } from './document.ts';
import { Effect } from './effect.ts';
import { clientIdOf, type Entry } from './entry.ts';
import type { ForkBook } from './forks.ts';
import type { Journals, Line } from './journals.ts';
import type { Authority } from './ports.ts';
import { translateUpdate } from './rename.ts';
import { firstAbove } from './steps.ts';

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
  readonly #elements = new WeakMap<Entry, number>();

  constructor({ board, journals, document, authority, book }: BooksOptions) {
    this.#board = board;
    this.#journals = journals;
    this.#document = document;
    this.#authority = authority;
    this.pasts = new CausalPasts((hash) => journals.standing(hash));
    this.clients = new Clients(board);
    this.effect = new Effect(journals, this.pasts, authority, book);
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

  /** Everything that follows from the entries that have effect, from the beginning. `entries`: each after what it builds on. */
  buildAnew(entries: readonly Entry[]): void {
    this.#journals.beginAnew(entries);
    this.pasts.clear();
    this.clients.clear();
    this.effect.clear();
    this.#authority.forget();
    for (const entry of entries) this.append(entry);
    this.#journals.endAnew();
    this.clients.rank();
    this.#document.rebuild((apply) => {
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
