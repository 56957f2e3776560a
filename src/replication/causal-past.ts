/**
 * What each entry had behind it. Whether an entry is valid must depend on its causal past alone and not on what else a node happens to
 * hold (Kleppmann, "Making CRDTs Byzantine Fault Tolerant", PaPoC 2022, section 4), or honest nodes would disagree about it.
 *
 * A causal past is how far it reaches in each line (lines have no holes). For each line that is kept as the history of its
 * changes, so that the past of any entry can be looked up; the whole takes as much room as there are heads in all entries, times
 * the lines that each head was news about.
 */
import type { Hash } from '../kernel/ids.ts';
import { NO_HASH, type Entry, type EntryHeader } from './entry.ts';
import type { Line, Standing } from './journals.ts';
import { valueAt, type Step } from './steps.ts';

/** The causal past of one entry, the entry itself not counted. */
export interface Past {
  /** Whether a held entry lies in it. */
  has(hash: Hash): boolean;
  /** Place of the last entry of `line` that lies in it, 0 for none. */
  reach(line: Line): number;
}

/** A place in a line up to which a past goes. */
interface Mark {
  readonly line: Line;
  readonly seq: number;
}

interface Found {
  readonly entry: EntryHeader;
  readonly news: ReadonlyMap<Line, number>;
  readonly past: Past;
}

const NO_NEWS: ReadonlyMap<Line, number> = new Map();

export class CausalPasts {
  /** By line of the entries, then by line that they reach into. */
  readonly #steps = new Map<Line, Map<Line, Step[]>>();
  readonly #standing: (hash: Hash) => Standing | undefined;
  /** What was asked last, which nearly always is what is asked or noted next: an entry is judged, added and noted in one go. */
  #latest: Found | undefined;

  /** `standing`: where a held entry stands. */
  constructor(standing: (hash: Hash) => Standing | undefined) {
    this.#standing = standing;
  }

  /** The past of an entry whose predecessors are all held. */
  pastOf(entry: EntryHeader): Past {
    return this.#find(entry).past;
  }

  #find(entry: EntryHeader): Found {
    if (this.#latest?.entry === entry) return this.#latest;
    const before = this.#before(entry);
    const news = this.#newsOf(entry, before);
    const past = this.#pastUpTo((line) => news.get(line) ?? this.#reachAt(before, line));
    this.#latest = { entry, news, past };
    return this.#latest;
  }

  /** The past of a held entry, and the entry itself. */
  upTo(entry: Entry): Past {
    const past = this.pastOf(entry);
    const own = this.#standing(entry.hash)?.line;
    return this.#pastUpTo((line) => (line === own ? entry.seq : past.reach(line)));
  }

  #pastUpTo(reach: (line: Line) => number): Past {
    const has = (hash: Hash): boolean => {
      const held = this.#standing(hash);
      return held !== undefined && held.entry.seq <= reach(held.line);
    };
    return { reach, has };
  }

  /** Notes an entry that took effect on `line`; its predecessors were noted before. */
  note(entry: EntryHeader, line: Line): void {
    const { news } = this.#find(entry);
    this.#latest = undefined; // pasts asked from now on may reach further
    if (news.size === 0) return;
    const history = this.#steps.get(line) ?? new Map<Line, Step[]>();
    this.#steps.set(line, history);
    for (const [other, seq] of news) {
      const steps = history.get(other) ?? [];
      steps.push({ since: entry.seq, value: seq });
      history.set(other, steps);
    }
  }

  /** Nothing was noted. */
  clear(): void {
    this.#latest = undefined;
    this.#steps.clear();
  }

  /** The author's entry before it. */
  #before({ previous }: EntryHeader): Mark | undefined {
    const held = previous === NO_HASH ? undefined : this.#standing(previous);
    return held && { line: held.line, seq: held.entry.seq };
  }

  /** What the heads of an entry add to the past of its author's previous entry and that entry itself. */
  #newsOf(entry: EntryHeader, before: Mark | undefined): ReadonlyMap<Line, number> {
    if (entry.heads.length === 0) return NO_NEWS;
    const news = new Map<Line, number>();
    const learn = (line: Line, seq: number): boolean => {
      if (seq <= (news.get(line) ?? this.#reachAt(before, line))) return false;
      news.set(line, seq);
      return true;
    };
    for (const hash of entry.heads) {
      const head = this.#standing(hash);
      if (head === undefined || !learn(head.line, head.entry.seq)) continue;
      for (let at: Mark | undefined = { line: head.line, seq: head.entry.seq }; at; at = branchedOff(at)) {
        learn(at.line, at.seq);
        for (const [line, steps] of this.#steps.get(at.line) ?? []) learn(line, valueAt(steps, at.seq));
      }
    }
    return news;
  }

  /** How far the past that ends with the entry at `mark` reaches into `line`. */
  #reachAt(mark: Mark | undefined, line: Line): number {
    // Whatever counts builds on the whole of the checkpoint.
    let reach = line.settled?.root.seq ?? 0;
    for (let at = mark; at !== undefined; at = branchedOff(at)) {
      if (at.line === line) return Math.max(reach, at.seq);
      reach = Math.max(reach, valueAt(this.#steps.get(at.line)?.get(line) ?? [], at.seq));
    }
    return reach;
  }
}

/** The place before the one where the line of `mark` branched off. */
function branchedOff({ line }: Mark): Mark | undefined {
  return line.parent && { line: line.parent, seq: line.start - 1 };
}
