/**
 * All journals of one board that this node holds: the entries that have effect, by author and by hash, in one order in which every entry
 * comes after what it builds on. Pure bookkeeping: rules are judged before {@link Journals.append}.
 *
 * A journal whose author forked may have several *lines*, where honest authors built on more than one branch. Which entries form a line
 * is a function of the entries held: at a fork the branch with the lowest hash goes on with the line, every other one begins its own.
 */
import { concatBytes, type Bytes } from '../kernel/bytes.ts';
import { encodeWith, whole } from '../kernel/codec.ts';
import { digest } from '../kernel/hash.ts';
import { idBytes, type Hash, type PeerId } from '../kernel/ids.ts';
import { invariant } from '../kernel/invariant.ts';
import { DOMAIN } from '../identity/domains.ts';
import { NO_HASH, type Entry, type EntryHeader } from './entry.ts';
import type { ForkPlace } from './forks.ts';
import { MAX_HEADS } from './limits.ts';

/** How far a journal is held. */
export interface FrontierItem {
  readonly author: PeerId;
  readonly seq: number;
  /** Hash of entry `seq`: two nodes at one height may still hold different journals. */
  readonly head: Hash;
}

export type Frontier = readonly FrontierItem[];

/** A run of entries of one author, each building on the one before. */
export interface Line {
  readonly author: PeerId;
  /** The line that this one branched off; undefined for one that begins the journal. */
  readonly parent: Line | undefined;
  /** Place of its first entry. */
  readonly start: number;
  readonly entries: Entry[];
  /** Where each entry stands in the common order. */
  readonly places: number[];
  /** Bytes of the line up to and with each entry. */
  readonly sums: number[];
  /** Entries known to be on disk (always a prefix). */
  durable: number;
  /** Of a line that begins with a checkpoint: what the checkpoint keeps of it. */
  readonly settled: Settled | undefined;
}

/** A line as far as a checkpoint has it. */
export interface Settled {
  /** Stands for the line's last entry there; it is the first of {@link Line.entries}, and no entry to be stored or sent. */
  readonly root: Entry;
  /** Its place among the settled lines of its author, in the order of {@link lineOrder}. */
  readonly rank: number;
  readonly isTip: boolean;
  readonly isCutShort: boolean;
}

/** Where a held entry stands. */
export interface Standing {
  readonly line: Line;
  readonly entry: Entry;
}

export class Journals {
  /** By author; nearly always one. */
  readonly #lines = new Map<PeerId, Line[]>();
  readonly #byHash = new Map<Hash, Standing>();
  readonly #order: Entry[] = [];
  /** Newest entries that no other entry names: what a new entry must name. */
  readonly #heads = new Map<Hash, PeerId>();
  /** The same among the entries on disk. */
  readonly #durableHeads = new Map<Hash, Entry>();
  /** Of each fork, by the hash before it and the author, the branch with the lowest hash. */
  readonly #continuing = new Map<string, Hash>();
  /** Entries known to be on disk that lost their effect, in case they get it back. */
  readonly #durableAside = new Set<Hash>();
  /** Lines that begin with a checkpoint. */
  #settled: readonly Settled[] = [];
  #forks: readonly ForkPlace[] = [];
  #generation = 0;
  #bytes = 0;
  /** Entries at the beginning of the order that are on disk. */
  #durableEnd = 0;
  #digest: Hash | undefined;

  /** Whether nothing is held, by entries or by a checkpoint. */
  get isEmpty(): boolean {
    return this.#lines.size === 0;
  }

  get entryCount(): number {
    return this.#order.length;
  }

  /** Changes whenever lines and their order are drawn anew: what was learned of them before is void then. */
  get generation(): number {
    return this.#generation;
  }

  get byteCount(): number {
    return this.#bytes;
  }

  get authorCount(): number {
    return this.#lines.size;
  }

  /** Every entry but those that a checkpoint replaced, each after all that it builds on. */
  get order(): readonly Entry[] {
    return this.#order;
  }

  has(hash: Hash): boolean {
    return this.#byHash.has(hash);
  }

  get(hash: Hash): Entry | undefined {
    return this.#byHash.get(hash)?.entry;
  }

  standing(hash: Hash): Standing | undefined {
    return this.#byHash.get(hash);
  }

  /** An entry of `author` at place `seq`: of the first line that has one there. None that a checkpoint replaced. */
  at(author: PeerId, seq: number): Entry | undefined {
    for (const line of this.linesOf(author)) {
      const entry = line.entries[seq - line.start];
      if (entry !== undefined && entry !== line.settled?.root) return entry;
    }
    return undefined;
  }

  /** What a checkpoint keeps of lines, in its order. */
  get settled(): readonly Settled[] {
    return this.#settled;
  }

  /** Whether the hash is of the last entry of a line in the checkpoint. */
  isRoot(hash: Hash): boolean {
    const held = this.#byHash.get(hash);
    return held !== undefined && held.entry === held.line.settled?.root;
  }

  /** Place of the last entry of `author` that the checkpoint replaced; 0 for none. */
  settledSeqOf(author: PeerId): number {
    return this.linesOf(author).reduce((last, { settled }) => Math.max(last, settled?.root.seq ?? 0), 0);
  }

  /** The lines of `author`'s journal in the order of {@link lineOrder}. */
  linesOf(author: PeerId): readonly Line[] {
    return this.#lines.get(author) ?? [];
  }

  /**
   * The entry that opened the journal in which `entry` stands or would stand next; itself if it is the first. If what lies before it is not held, the one that
   * opened its author's first line.
   */
  openingOf(entry: Entry): Entry {
    if (entry.previous === NO_HASH) return entry;
    let line = this.#byHash.get(entry.previous)?.line ?? this.linesOf(entry.author)[0];
    while (line?.parent !== undefined) line = line.parent;
    return line?.entries[0] ?? entry;
  }

  /** How far the first line of `author`'s journal goes. */
  seqOf(author: PeerId): number {
    const line = this.#lines.get(author)?.[0];
    return line === undefined ? 0 : endOf(line);
  }

  headOf(author: PeerId): Hash {
    return this.#lines.get(author)?.[0]?.entries.at(-1)?.hash ?? NO_HASH;
  }

  durableSeqOf(author: PeerId): number {
    const line = this.#lines.get(author)?.[0];
    return line === undefined || line.durable === 0 ? 0 : line.start + line.durable - 1;
  }

  /** Whether `entry` would be a second branch of its author's journal, so that the lines have to be drawn anew. */
  wouldFork({ author, previous }: EntryHeader): boolean {
    if (previous === NO_HASH) return this.#lines.has(author);
    return this.#byHash.get(previous)?.line.entries.at(-1)?.hash !== previous;
  }

  /** Adds an entry all of whose predecessors are held, and which is no branch beside another. The answer is the line that it is on. */
  append(entry: Entry): Line {
    const line = this.#lineFor(entry);
    invariant(entry.seq === line.start + line.entries.length, 'an entry out of its order');
    line.entries.push(entry);
    line.places.push(this.#order.length);
    line.sums.push((line.sums.at(-1) ?? 0) + entry.bytes.length);
    this.#byHash.set(entry.hash, { line, entry });
    this.#order.push(entry);
    this.#bytes += entry.bytes.length;
    this.#heads.delete(entry.previous);
    for (const head of entry.heads) this.#heads.delete(head);
    this.#heads.set(entry.hash, entry.author);
    return line;
  }

  /**
   * Begins anew: nothing is held but what is `settled`, until exactly `entries` will have been appended, each after what it builds on. What was
   * on disk still counts as on disk.
   */
  beginAnew(entries: readonly Entry[], settled: readonly Settled[] = []): void {
    this.#generation += 1;
    for (const { line, entry } of this.#byHash.values())
      if (entry.seq < line.start + line.durable && entry !== line.settled?.root)
        this.#durableAside.add(entry.hash);
    this.#lines.clear();
    this.#byHash.clear();
    this.#order.length = 0;
    this.#heads.clear();
    this.#durableHeads.clear();
    this.#bytes = 0;
    this.#durableEnd = 0;
    this.#digest = undefined;
    this.#continuing.clear();
    const first = new Map<string, Hash>();
    for (const entry of entries) {
      const place = branchPlace(entry);
      const other = first.get(place);
      if (other === undefined) first.set(place, entry.hash);
      else this.#continuing.set(place, lowest(entry.hash, this.#continuing.get(place) ?? other));
    }
    this.#settled = settled;
    for (const each of settled) this.#settle(each);
  }

  /** Begins a line with what a checkpoint keeps of it. */
  #settle(settled: Settled): void {
    const { root } = settled;
    const { author, seq } = root;
    const rest = { parent: undefined, start: seq, entries: [root], places: [0], sums: [0], durable: 1 };
    const line: Line = { author, settled, ...rest };
    this.#lines.set(author, [...this.linesOf(author), line]);
    this.#byHash.set(root.hash, { line, entry: root });
    if (!settled.isTip) return;
    this.#heads.set(root.hash, author);
    this.#durableHeads.set(root.hash, root);
  }

  /** All of {@link beginAnew} is here again. */
  endAnew(): void {
    for (const lines of this.#lines.values()) if (lines.length > 1) lines.sort(lineOrder);
    for (const { hash } of [...this.#order]) if (this.#durableAside.delete(hash)) this.markDurable(hash);
  }

  #lineFor(entry: Entry): Line {
    const { author, previous, seq } = entry;
    const lines = this.#lines.get(author) ?? [];
    this.#lines.set(author, lines);
    const parent = this.#byHash.get(previous)?.line;
    invariant(parent !== undefined || seq === 1, 'an entry without its previous one');
    const branch = this.#continuing.size === 0 ? undefined : this.#continuing.get(branchPlace(entry));
    if (parent !== undefined && (branch === undefined || branch === entry.hash)) return parent;
    invariant(lines.length === 0 || branch !== undefined, 'an entry on another chain');
    const rest = { entries: [], places: [], sums: [], durable: 0, settled: undefined };
    const line: Line = { author, parent, start: seq, ...rest };
    lines.push(line);
    return line;
  }

  /** Marks an entry, and what its author wrote before it, as on disk. */
  markDurable(hash: Hash): void {
    const held = this.#byHash.get(hash);
    if (held === undefined) {
      this.#durableAside.add(hash);
      return;
    }
    const { line, entry } = held;
    const durable = entry.seq - line.start + 1;
    if (durable <= line.durable) return;
    line.durable = durable;
    this.#digest = undefined;
    for (let next = this.#order[this.#durableEnd]; next !== undefined; next = this.#order[this.#durableEnd]) {
      if (!this.isDurable(next.hash)) return;
      this.#durableEnd += 1;
      this.#durableHeads.delete(next.previous);
      for (const head of next.heads) this.#durableHeads.delete(head);
      this.#durableHeads.set(next.hash, next);
    }
  }

  /** Whether no entry held builds on the entry `hash`. */
  isHead(hash: Hash): boolean {
    return this.#heads.has(hash);
  }

  isDurable(hash: Hash): boolean {
    const held = this.#byHash.get(hash);
    return held !== undefined && held.entry.seq < held.line.start + held.line.durable;
  }

  /** Entries get to disk in their order: how many of it are there. */
  get durableEnd(): number {
    return this.#durableEnd;
  }

  get allDurable(): boolean {
    return this.#durableEnd === this.#order.length;
  }

  /**
   * The newest entries on disk that no other entry there builds on, sorted: whoever holds them holds all that we have there.
   */
  durableHeads(): FrontierItem[] {
    const heads = [...this.#durableHeads.values()];
    return heads.map(({ author, seq, hash }) => ({ author, seq, head: hash })).sort(itemOrder);
  }

  /** Heads to name in a new entry of `author`, sorted; its own previous entry is named by `previous`. */
  headsFor(author: PeerId): Hash[] {
    const heads = [...this.#heads].filter(([, by]) => by !== author).map(([hash]) => hash);
    return heads.sort().slice(0, MAX_HEADS);
  }

  /** What is held and on disk here, one item for each line, sorted: what we may promise to others. */
  frontier(): FrontierItem[] {
    return this.#ends((line) => line.durable);
  }

  /** The same of all that is held, whether on disk or not. */
  held(): FrontierItem[] {
    return this.#ends((line) => line.entries.length);
  }

  #ends(countOf: (line: Line) => number): FrontierItem[] {
    const items: FrontierItem[] = [];
    for (const line of [...this.#lines.values()].flat()) {
      const last = line.entries[countOf(line) - 1];
      if (last !== undefined) items.push({ author: line.author, seq: last.seq, head: last.hash });
    }
    return items.sort(itemOrder);
  }

  /** Tells which authors are known to have forked, and where. */
  setForks(forks: readonly ForkPlace[]): void {
    this.#forks = forks;
    this.#digest = undefined;
  }

  /** Where authors forked of whose entries some are held, sorted by author. */
  forks(): readonly ForkPlace[] {
    return this.#forks.filter(({ author }) => this.#lines.has(author));
  }

  /** Hash of {@link forks} alone. */
  forksDigest(): Hash {
    return frontierDigest([], this.forks());
  }

  /** Hash of {@link frontier} and {@link forks}: equal on two nodes exactly when they hold the same entries on disk. */
  frontierDigest(): Hash {
    this.#digest ??= frontierDigest(this.frontier(), this.forks());
    return this.#digest;
  }

  authors(): readonly PeerId[] {
    return [...this.#lines.keys()];
  }
}

/** Place of the last entry of a line. */
export function endOf(line: Line): number {
  return line.start + line.entries.length - 1;
}

/**
 * Orders the lines of one journal so that any two of their entries come in the order of the branches on which they part, by hash. It depends on the
 * two entries alone, not on what other branches are held.
 */
export function lineOrder(a: Line, b: Line): number {
  if (a === b) return 0;
  const [pathA, pathB] = [pathTo(a), pathTo(b)];
  const at = pathA.findIndex((line, i) => line !== pathB[i]);
  const [nextA, nextB] = [at < 0 ? undefined : pathA[at], pathB[at < 0 ? pathA.length : at]];
  if (at === 0 && nextA?.settled !== undefined && nextB?.settled !== undefined)
    return nextA.settled.rank - nextB.settled.rank;
  if (nextA === undefined) return -1; // b branched off a, whose own branch there has the lower hash
  if (nextB === undefined) return 1;
  // Of two that branched off one line, the one that did so later is on the line's own, lower branch where the other left.
  if (nextA.start !== nextB.start) return nextB.start - nextA.start;
  return (nextA.entries[0]?.hash ?? '') < (nextB.entries[0]?.hash ?? '') ? -1 : 1;
}

function pathTo(line: Line): readonly Line[] {
  const path: Line[] = [];
  for (let at: Line | undefined = line; at !== undefined; at = at.parent) path.unshift(at);
  return path;
}

function branchPlace({ author, previous }: EntryHeader): string {
  return `${author}/${previous}`;
}

function lowest(a: Hash, b: Hash): Hash {
  return a < b ? a : b;
}

function itemOrder(a: FrontierItem, b: FrontierItem): number {
  if (a.author !== b.author) return a.author < b.author ? -1 : 1;
  return a.seq - b.seq || (a.head < b.head ? -1 : 1);
}

/** Canonical digest of a sorted frontier and of the places where its authors forked. */
export function frontierDigest(frontier: Frontier, forks: readonly ForkPlace[]): Hash {
  const held: Bytes[] = frontier.map(({ author, seq, head }) =>
    concatBytes(idBytes(author), encodeWith(whole(), seq), idBytes(head)),
  );
  const count = encodeWith(whole(), frontier.length);
  const forked = forks.map(({ author, seq }) => concatBytes(idBytes(author), encodeWith(whole(), seq)));
  return digest(DOMAIN.frontier, count, ...held, ...forked);
}
