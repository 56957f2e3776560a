/**
 * Makes a checkpoint. All who hold the same entries and the same earlier checkpoint make the same bytes: everything is drawn from the
 * entries in one order, which the entries alone decide.
 */
import type { BoardId, Hash } from '../kernel/ids.ts';
import { Books } from './books.ts';
import {
  hashManifest,
  sealCheckpoint,
  type Checkpoint,
  type Content,
  type Manifest,
  type SettledLine,
} from './checkpoint.ts';
import { SharedDocument } from './document.ts';
import { NO_HASH, predecessorsOf, type Entry } from './entry.ts';
import { ForkBook } from './forks.ts';
import { endOf, Journals, type Line } from './journals.ts';
import type { Authority } from './ports.ts';
import { settledState } from './settled-state.ts';

export interface ComposeSource {
  readonly board: BoardId;
  readonly journals: Journals;
  readonly books: Books;
  readonly authority: Authority;
}

export interface CheckpointOrder {
  readonly epoch: number;
  readonly number: number;
  /** The checkpoint replaces these entries and all that they build on. */
  readonly heads: readonly Hash[];
}

/** The checkpoint; undefined when not all of it is held, when it would replace nothing, or when it would be too large. */
export function composeCheckpoint(source: ComposeSource, order: CheckpointOrder): Checkpoint | undefined {
  const entries = upTo(source.journals, order.heads);
  if (entries === undefined || entries.length === 0) return undefined;
  const { board } = source;
  const [journals, document, authority] = [
    new Journals(),
    new SharedDocument(board),
    source.authority.blank(),
  ];
  const books = new Books({ board, journals, document, authority, book: new ForkBook() }, source.books);
  books.buildAnew(inOneOrder(entries), source.books.base);
  const lines = [...journals.authors()].sort().flatMap((author) => journals.linesOf(author));
  const standings = authority.standings();
  if (standings === undefined) return undefined;
  const content: Content = {
    lines: lines.map((line) => settledLine(line, journals, books)),
    standings,
    state: settledState(document.doc),
  };
  const { epoch, number } = order;
  const frontier = lines.flatMap((line) => {
    const head = line.entries.at(-1)?.hash;
    return head === undefined ? [] : [{ author: line.author, seq: endOf(line), head }];
  });
  const previous = source.books.base?.checkpoint.hash ?? NO_HASH;
  return sealCheckpoint({ board, epoch, number, previous, frontier }, content);
}

/** The checkpoint that a manifest is about; undefined when not all of it is held, or when it comes out otherwise here. */
export function recompose(source: ComposeSource, manifest: Manifest): Checkpoint | undefined {
  const { epoch, number, frontier } = manifest;
  if (manifest.previous !== (source.books.base?.checkpoint.hash ?? NO_HASH)) return undefined;
  const made = composeCheckpoint(source, { epoch, number, heads: frontier.map(({ head }) => head) });
  return made?.hash === hashManifest(manifest) ? made : undefined;
}

function settledLine(line: Line, journals: Journals, books: Books): SettledLine {
  const last = line.entries.at(-1);
  let claim = last;
  while (claim !== undefined && claim.kind !== 'claim') claim = journals.get(claim.previous);
  return {
    session: last?.session ?? 0,
    isTip: last !== undefined && journals.isHead(last.hash),
    isCutShort: last !== undefined && books.isUnfinished(last.hash),
    clocks: books.clients
      .of(line)
      .map(({ session, clocks }) => ({ session, clock: clocks.at(-1)?.value ?? 0 })),
    claim: claim?.payload ?? new Uint8Array(0),
  };
}

/** The entries that `heads` lead back to, themselves among them; undefined when one is not held. */
function upTo(journals: Journals, heads: readonly Hash[]): readonly Entry[] | undefined {
  const found = new Map<Hash, Entry>();
  const pending = [...heads];
  for (let hash = pending.pop(); hash !== undefined; hash = pending.pop()) {
    if (found.has(hash) || journals.isRoot(hash)) continue;
    const entry = journals.get(hash);
    if (entry === undefined) return undefined;
    found.set(hash, entry);
    pending.push(...predecessorsOf(entry));
  }
  return [...found.values()];
}

/** Each after what it builds on, otherwise by hash: an order that the set of entries decides. */
function inOneOrder(entries: readonly Entry[]): readonly Entry[] {
  const byHash = new Map(entries.map((entry) => [entry.hash, entry]));
  const done = new Set<Hash>();
  const ordered: Entry[] = [];
  for (const start of entries.toSorted((a, b) => (a.hash < b.hash ? -1 : 1))) {
    const stack = [start];
    for (let entry = stack.at(-1); entry !== undefined; entry = stack.at(-1)) {
      const next = predecessorsOf(entry).find((hash) => byHash.has(hash) && !done.has(hash));
      const before = next && byHash.get(next);
      if (before !== undefined && !done.has(entry.hash)) {
        stack.push(before);
        continue;
      }
      stack.pop();
      if (done.has(entry.hash)) continue;
      done.add(entry.hash);
      ordered.push(entry);
    }
  }
  return ordered;
}
