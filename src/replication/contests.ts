/**
 * Which entries decrees are against, line by line, so that it can be said of nearly every causal past without going through it that nothing in
 * it is contested (REP-49). What was found of a line is kept: it only grows until everything is drawn anew.
 */
import type { Hash, MemberId, PeerId } from '../kernel/ids.ts';
import type { CausalPasts, Past } from './causal-past.ts';
import type { Entry } from './entry.ts';
import type { Journals, Line } from './journals.ts';
import type { Authority, Restriction } from './ports.ts';

/** An entry that restricts a member, and what lay behind it. */
export interface Decree {
  readonly entry: Entry;
  readonly restriction: Restriction;
  readonly past: Past;
}

/** What a decree is against on one line. */
interface Scan {
  /** Entries of the line that were looked at. */
  count: number;
  /** Whether one of them knew the decree, and so all later ones do. */
  isKnown: boolean;
  /** Places of the first and the last one that it is against; 0 for none. */
  first: number;
  last: number;
}

export interface ContestsOptions {
  readonly journals: Journals;
  readonly pasts: CausalPasts;
  readonly authority: Authority;
  readonly isAgainst: (decree: Hash, entry: Entry) => boolean;
}

export class Contests {
  readonly #o: ContestsOptions;
  readonly #scans = new Map<Hash, Map<Line, Scan>>();
  /** Pairs of decrees of which the first is against the second. */
  #strife: (readonly [Hash, Hash])[] = [];
  #authorsOf = new Map<MemberId, PeerId[]>();
  /** For which state of the journals `#authorsOf` is. */
  #countedAt = '';

  constructor(options: ContestsOptions) {
    this.#o = options;
  }

  /** A decree joins `others`. */
  note(decree: Hash, entry: Entry, others: Iterable<Decree>): void {
    for (const other of others) {
      if (other.entry.hash === decree) continue;
      if (this.#o.isAgainst(decree, other.entry)) this.#strife.push([decree, other.entry.hash]);
      if (this.#o.isAgainst(other.entry.hash, entry)) this.#strife.push([other.entry.hash, decree]);
    }
  }

  clear(): void {
    this.#scans.clear();
    this.#strife = [];
    this.#countedAt = '';
  }

  /**
   * Whether all of `past`, in which no fork lies, has effect by itself, as far as that can be said without going through it all; false says nothing.
   * Two sufficient conditions. Nothing in it is contested by any of the decrees in it. Or one of the entries `named`, whose own past is whole since
   * that entry is held, has all these decrees behind it, none of them is against another, so that they count there as they count here, and none is
   * against what the others named add.
   */
  isFree(past: Past, decrees: readonly Decree[], named: readonly Entry[]): boolean {
    const within = (decree: Decree): boolean => past.has(decree.entry.hash);
    const some = decrees.filter(within);
    if (some.length === 0) return true;
    const base = this.#baseAmong(named, past, some);
    return some.every(({ entry, restriction }) =>
      this.#linesOf(restriction.member).every((line) => {
        const [from, to] = [base?.reach(line) ?? 0, past.reach(line)];
        return to <= from || !this.#isAgainstAny(entry.hash, line, from, to);
      }),
    );
  }

  /** How far one of the entries named reaches, that one included, if it has all the decrees behind it and none is against another. */
  #baseAmong(named: readonly Entry[], past: Past, decrees: readonly Decree[]): Past | undefined {
    if (this.#strife.some(([one, other]) => past.has(one) && past.has(other))) return undefined;
    for (const entry of named) {
      if (this.#o.journals.isRoot(entry.hash)) continue;
      const reach = this.#o.pasts.upTo(entry);
      if (decrees.every((decree) => reach.has(decree.entry.hash))) return reach;
    }
    return undefined;
  }

  /** Whether the decree is against an entry of the line behind place `from` and up to `to`, or may be. */
  #isAgainstAny(decree: Hash, line: Line, from: number, to: number): boolean {
    const { first, last } = this.#scanned(decree, line, to);
    return first > 0 && first <= to && last > from;
  }

  #scanned(decree: Hash, line: Line, to: number): Scan {
    const byLine = this.#scans.get(decree) ?? new Map<Line, Scan>();
    this.#scans.set(decree, byLine);
    const scan = byLine.get(line) ?? { count: 0, isKnown: false, first: 0, last: 0 };
    byLine.set(line, scan);
    for (; !scan.isKnown && scan.count <= to - line.start; scan.count++) {
      const entry = line.entries[scan.count];
      if (entry === undefined) break;
      scan.isKnown = this.#o.pasts.pastOf(entry).has(decree);
      if (!this.#o.isAgainst(decree, entry)) continue;
      if (scan.first === 0) scan.first = entry.seq;
      scan.last = entry.seq;
    }
    return scan;
  }

  #linesOf(member: MemberId): readonly Line[] {
    const { journals, authority } = this.#o;
    const state = `${journals.generation}/${journals.authorCount}`;
    if (state !== this.#countedAt) {
      this.#countedAt = state;
      this.#authorsOf = new Map();
      for (const author of journals.authors()) {
        const first = journals.linesOf(author)[0]?.entries[0];
        const owner = first && authority.ownerOf(journals.openingOf(first));
        if (owner !== undefined) this.#authorsOf.set(owner, [...(this.#authorsOf.get(owner) ?? []), author]);
      }
    }
    return (this.#authorsOf.get(member) ?? []).flatMap((author) => journals.linesOf(author));
  }
}
