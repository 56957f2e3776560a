/**
 * What one neighbour is given in answer to its pull: a walk along the order of all entries, from the first that it lacks to the last
 * that was on disk when it asked. A batch goes on where the one before it ended, so that a copy costs one walk in all.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { Entry } from './entry.ts';
import type { Frontier, FrontierItem, Journals, Line } from './journals.ts';
import { MAX_BATCH_ENTRIES, PULL_BUDGET_BYTES } from './limits.ts';
import type { BatchMessage } from './messages.ts';

export class Serving {
  readonly pull: number;
  readonly #journals: Journals;
  /** Place up to which the neighbour holds each line. */
  readonly #held: ReadonlyMap<Line, number>;
  /** Our entries where the neighbour's journals have other heads: proofs that their authors forked. */
  readonly #contradicting: ReadonlySet<Entry>;
  readonly #generation: number;
  readonly #end: number;
  #at: number;
  #remainingBytes: number;

  constructor(journals: Journals, pull: number, have: Frontier) {
    this.pull = pull;
    this.#journals = journals;
    this.#held = heldBy(journals, have);
    this.#contradicting = new Set(
      have.flatMap((item) => (isForked(journals, item) ? samplesUpTo(journals, item) : [])),
    );
    this.#generation = journals.generation;
    this.#end = journals.durableEnd;
    this.#at = this.#end;
    this.#remainingBytes = 0;
    for (const author of journals.authors())
      for (const line of journals.linesOf(author)) {
        const [first, bytes] = this.#lackedOf(line);
        this.#at = Math.min(this.#at, line.places[first] ?? this.#end);
        this.#remainingBytes += bytes;
      }
    for (const entry of this.#contradicting) {
      const held = journals.standing(entry.hash);
      this.#at = Math.min(this.#at, held?.line.places[entry.seq - held.line.start] ?? this.#end);
    }
  }

  /** The next batch; not to be asked for after the one that says that no more follows. */
  next(): BatchMessage {
    const entries: Bytes[] = [];
    let bytes = 0;
    // Built anew since: the neighbour asks again when it hears of it.
    if (this.#journals.generation !== this.#generation) this.#at = this.#end;
    for (; this.#at < this.#end && entries.length < MAX_BATCH_ENTRIES; this.#at++) {
      const entry = this.#journals.order[this.#at];
      if (entry === undefined || !this.#lacks(entry)) continue;
      if (entries.length > 0 && bytes + entry.bytes.length > PULL_BUDGET_BYTES) break;
      entries.push(entry.bytes);
      bytes += entry.bytes.length;
    }
    this.#remainingBytes -= bytes;
    const more = this.#remainingBytes > 0 && this.#at < this.#end;
    return { pull: this.pull, entries, remainingBytes: more ? this.#remainingBytes : 0, more };
  }

  #lacks(entry: Entry): boolean {
    if (this.#contradicting.has(entry)) return true;
    const held = this.#journals.standing(entry.hash);
    return held !== undefined && entry.seq > this.#reach(held.line);
  }

  /** Index in the line of the first entry on disk that the neighbour lacks, and the bytes of all. */
  #lackedOf(line: Line): readonly [first: number, bytes: number] {
    const first = Math.max(0, this.#reach(line) - line.start + 1);
    if (first >= line.durable) return [line.durable, 0];
    return [first, (line.sums[line.durable - 1] ?? 0) - (line.sums[first - 1] ?? 0)];
  }

  /** Of a journal that forked between us, the neighbour gets the proof only. */
  #reach(line: Line): number {
    const isForkedHere = [...this.#contradicting].some(({ author }) => author === line.author);
    return isForkedHere ? Number.MAX_SAFE_INTEGER : (this.#held.get(line) ?? 0);
  }
}

/** How far a neighbour that has `have` holds our lines. */
function heldBy(journals: Journals, have: Frontier): ReadonlyMap<Line, number> {
  const held = new Map<Line, number>();
  const note = (line: Line | undefined, seq: number): void => {
    if (line !== undefined) held.set(line, Math.max(seq, held.get(line) ?? 0));
  };
  const forkOf = new Map(journals.forks().map(({ author, seq }) => [author, seq]));
  for (const { author, seq, head } of have) {
    const standing = journals.standing(head);
    let reach = seq;
    for (let line = standing?.line; line !== undefined; reach = line.start - 1, line = line.parent)
      note(line, reach);
    // It is ahead of us, or on another branch: then it has what lies before the fork.
    if (standing === undefined)
      note(journals.linesOf(author)[0], Math.min(seq, (forkOf.get(author) ?? seq + 1) - 1));
  }
  return held;
}

/**
 * Our entries of a journal that parted somewhere before that place: the one there, the one before it, and on in steps that double. One of them
 * is a proof for a place nearer to where the branches part, so they find it in a few rounds however long they are.
 */
function samplesUpTo(journals: Journals, { author, seq }: FrontierItem): readonly Entry[] {
  const places = [seq];
  for (let step = 1; step < seq; step *= 2) places.push(seq - step);
  return places.flatMap((place) => journals.at(author, place) ?? []);
}

/** Whether we hold another entry where the neighbour's journal of that author has its head, and nobody knows that it forked so early. */
function isForked(journals: Journals, { author, seq, head }: FrontierItem): boolean {
  const ours = journals.at(author, seq);
  if (ours === undefined || ours.hash === head || journals.has(head)) return false;
  return !journals.forks().some((fork) => fork.author === author && fork.seq <= seq);
}
