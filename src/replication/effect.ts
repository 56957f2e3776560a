/**
 * Which entries have effect: a function of the set of entries held, and of nothing else.
 *
 * An entry is *contested* when its author forked at its place or before (forks.ts), when its member was evicted or lost the right to write it
 * by an entry that does not know it, or when a decision cut its journal before it. A contested entry says nothing by itself: its author may have
 * written it long after, and have dated it back. It has effect exactly if an uncontested entry builds on it, whose author vouches
 * by that for having had it in time. So: **what has effect is all uncontested entries of members in good standing, with everything in
 * their causal pasts.** A member is in good standing if an entry that has effect admitted it: an evicted member cannot let itself in
 * again by a back door.
 *
 * Honest authors write on top of what has effect on their side only; whoever builds on anything else is refused (intake.ts).
 */
import type { Hash, MemberId, PeerId } from '../kernel/ids.ts';
import type { CausalPasts, Past } from './causal-past.ts';
import { Contests, type Decree } from './contests.ts';
import { NO_HASH, type Entry } from './entry.ts';
import type { ForkBook } from './forks.ts';
import type { FrontierItem, Journals, Line } from './journals.ts';
import type { Authority } from './ports.ts';

/** Some of the entries held, and what is known of forks among them. */
interface Universe {
  readonly entries: readonly Entry[];
  /** Lowest place at which an author forked. */
  forkOf(author: PeerId): number | undefined;
}

export class Effect {
  readonly #journals: Journals;
  readonly #pasts: CausalPasts;
  readonly #authority: Authority;
  readonly #book: ForkBook;
  readonly #decisions = new Map<PeerId, FrontierItem>();
  /** Decrees among the entries held, and those of them that count. */
  readonly #decrees = new Map<Hash, Decree>();
  #accepted = new Set<Hash>();
  /** Members whom an entry admitted that has effect. */
  readonly #admitted = new Set<MemberId>();
  readonly #contests: Contests;

  constructor(journals: Journals, pasts: CausalPasts, authority: Authority, book: ForkBook) {
    this.#journals = journals;
    this.#pasts = pasts;
    this.#authority = authority;
    this.#book = book;
    const isAgainst = (decree: Hash, entry: Entry): boolean => this.#isAgainst(decree, entry);
    this.#contests = new Contests({ journals, pasts, authority, isAgainst });
  }

  /** Whether nothing is contested, so that everything held has effect. */
  get isQuiet(): boolean {
    return this.#decrees.size === 0 && this.#decisions.size === 0 && this.#book.size === 0;
  }

  /** The group decided that `author`'s journal ends with the entry `head` at place `seq`; 0 and zero bytes for nothing of it. */
  decideCut(cut: FrontierItem): void {
    this.#decisions.set(cut.author, cut);
  }

  isDecided(author: PeerId): boolean {
    return this.#decisions.has(author);
  }

  /** Nothing is held: what is will be noted anew. */
  clear(): void {
    this.#decrees.clear();
    this.#contests.clear();
    this.#admitted.clear();
    for (const member of this.#authority.settled()) this.#admitted.add(member);
  }

  /** An entry took effect. Whether it may take away the effect of others. */
  note(entry: Entry, past: Past): boolean {
    const admitted = this.#authority.admits(entry);
    if (admitted !== undefined) this.#admitted.add(admitted);
    const restriction = this.#authority.restrictionOf(entry);
    if (restriction === undefined) return false;
    this.#decrees.set(entry.hash, { entry, restriction, past });
    this.#contests.note(entry.hash, entry, this.#decrees.values());
    return true;
  }

  /** Whether the entry, held or not, needs an uncontested entry that builds on it. `has`: what lies behind it. */
  isContested(entry: Entry, has: Past['has'] = (hash) => this.#pasts.pastOf(entry).has(hash)): boolean {
    if (this.#journals.isRoot(entry.hash)) return false;
    if (this.isCutOff(entry)) return true;
    return this.#decrees.size > 0 && [...this.#accepted].some((hash) => this.#isAgainst(hash, entry, has));
  }

  /** The decrees held that lie in `past`. */
  decreesIn(past: Past): Hash[] {
    return [...this.#decrees.keys()].filter((hash) => past.has(hash));
  }

  /** Whether the entry, which is no root, is contested by a fork of its author, or by what was decided about it. */
  isCutOff(entry: Entry): boolean {
    return this.#isCut(entry, this.#book.placeOf(entry.author));
  }

  /** Whether the entry's member was admitted by an entry that has effect. */
  hasStanding(entry: Entry): boolean {
    const founder = this.#authority.founder();
    const member = this.#memberOf(entry);
    if (founder === undefined || member === founder) return true;
    return member !== undefined && this.#admitted.has(member);
  }

  /** All that has effect of what is held. */
  judge(): ReadonlySet<Hash> {
    const universe: Universe = {
      entries: this.#journals.order,
      forkOf: (author) => this.#book.placeOf(author),
    };
    this.#accepted = this.#accept(universe, [...this.#decrees.values()]);
    return this.#closure(universe, this.#accepted);
  }

  /**
   * Whether all that lies in `past` would have effect if nothing else was held: what every honest author can say of an entry of its own. `named`: the entries
   * that it names. What else is held must not matter, or nodes would disagree about it.
   */
  isWhole(past: Past, named: readonly Entry[]): boolean {
    if (this.isQuiet) return true;
    const decrees = [...this.#decrees.values()];
    if (!this.#isForkedOrCut(past) && this.#contests.isFree(past, decrees, named)) return true;
    const universe: Universe = {
      entries: this.#journals.order.filter(({ hash }) => past.has(hash)),
      forkOf: (author) => forkIn(this.#journals.linesOf(author), past),
    };
    const accepted = this.#accept(
      universe,
      decrees.filter(({ entry }) => past.has(entry.hash)),
    );
    const effective = this.#closure(universe, accepted);
    return universe.entries.every(({ hash }) => effective.has(hash));
  }

  /** Whether `past` holds two branches of a journal, or perhaps something behind the end of one that was decided. */
  #isForkedOrCut(past: Past): boolean {
    for (const { author } of this.#journals.forks())
      if (forkIn(this.#journals.linesOf(author), past) !== undefined) return true;
    for (const decided of this.#decisions.values())
      for (const line of this.#journals.linesOf(decided.author)) {
        const last = line.entries[past.reach(line) - line.start];
        if (last !== undefined && !this.#isUpTo(last, decided)) return true;
      }
    return false;
  }

  /**
   * Which decrees count. The founder's come first: nobody restricts the founder. Then those of owners whom these leave alone; then, by hash, those that
   * need somebody to vouch for them, and have somebody. What counts has effect for good.
   */
  #accept(universe: Universe, decrees: readonly Decree[]): Set<Hash> {
    const founder = this.#authority.founder();
    const isFounders = ({ entry }: Decree): boolean => this.#memberOf(entry) === founder;
    const sorted = [...decrees].sort((a, b) => (a.entry.hash < b.entry.hash ? -1 : 1));
    const accepted = new Set<Hash>();
    for (const some of [sorted.filter(isFounders), sorted.filter((each) => !isFounders(each))])
      for (const { entry } of some)
        if (!this.#isContestedBy(accepted, universe, entry)) accepted.add(entry.hash);
    for (const { entry } of sorted)
      if (!accepted.has(entry.hash) && this.#closure(universe, accepted).has(entry.hash))
        accepted.add(entry.hash);
    return accepted;
  }

  #closure(universe: Universe, accepted: ReadonlySet<Hash>): Set<Hash> {
    const { entries } = universe;
    const isContested = (entry: Entry): boolean =>
      !accepted.has(entry.hash) && this.#isContestedBy(accepted, universe, entry);
    const contested = new Set(entries.filter(isContested).map(({ hash }) => hash));
    const founder = this.#authority.founder();
    let standing = this.#standing(universe, (entry) => contested.has(entry.hash));
    for (;;) {
      const effective = new Set<Hash>();
      for (const entry of [...entries].reverse()) {
        const member = this.#memberOf(entry);
        const stands = founder === undefined || (member !== undefined && standing.has(member));
        if (!effective.has(entry.hash) && (contested.has(entry.hash) || !stands)) continue;
        effective.add(entry.hash);
        if (entry.previous !== NO_HASH) effective.add(entry.previous);
        for (const head of entry.heads) effective.add(head);
      }
      const grown = new Set(standing);
      for (const entry of entries) {
        const admitted = effective.has(entry.hash) ? this.#authority.admits(entry) : undefined;
        if (admitted !== undefined) grown.add(admitted);
      }
      if (grown.size === standing.size) return effective;
      standing = grown;
    }
  }

  /** Who was admitted by uncontested entries of members who were. */
  #standing({ entries }: Universe, isContested: (entry: Entry) => boolean): Set<MemberId> {
    const founder = this.#authority.founder();
    const standing = new Set<MemberId>(this.#authority.settled());
    if (founder !== undefined) standing.add(founder);
    const admissions = entries.filter(
      (entry) => this.#authority.admits(entry) !== undefined && !isContested(entry),
    );
    for (let before = -1; before !== standing.size;) {
      before = standing.size;
      for (const entry of admissions) {
        const [by, admitted] = [this.#memberOf(entry), this.#authority.admits(entry)];
        if (by !== undefined && admitted !== undefined && standing.has(by)) standing.add(admitted);
      }
    }
    return standing;
  }

  #isContestedBy(accepted: ReadonlySet<Hash>, universe: Universe, entry: Entry): boolean {
    if (this.#isCut(entry, universe.forkOf(entry.author))) return true;
    for (const hash of accepted) if (this.#isAgainst(hash, entry)) return true;
    return false;
  }

  /** Whether a fork at place `forked`, or what was decided about it, leaves the entry out. */
  #isCut(entry: Entry, forked: number | undefined): boolean {
    const decided = this.#decisions.get(entry.author);
    // A journal that does not reach its end here yet is judged by the fork until it does. What is settled has effect for good.
    const isKnown =
      decided !== undefined &&
      (decided.seq <= this.#journals.settledSeqOf(decided.author) || this.#journals.has(decided.head));
    if (decided !== undefined && (isKnown || entry.hash === decided.head))
      return !this.#isUpTo(entry, decided);
    return forked !== undefined && entry.seq >= forked;
  }

  #isAgainst(
    decree: Hash,
    entry: Entry,
    has: Past['has'] = (hash) => this.#pasts.pastOf(entry).has(hash),
  ): boolean {
    const held = this.#decrees.get(decree);
    if (held === undefined) return false;
    const { restriction, past } = held;
    if (restriction.permits(entry.kind) || this.#memberOf(entry) !== restriction.member) return false;
    const cut = restriction.cuts.find(({ author }) => author === entry.author);
    if (cut === undefined ? past.has(entry.hash) : this.#isUpTo(entry, cut)) return false;
    // Who knew of it was judged by it.
    return !has(decree);
  }

  /** Whether the entry lies in its author's journal up to the entry `head`. */
  #isUpTo({ hash, seq }: Entry, { seq: last, head }: FrontierItem): boolean {
    if (seq > last) return false;
    const held = this.#journals.standing(hash);
    if (held === undefined) return hash === head;
    let line: Line | undefined = this.#journals.standing(head)?.line;
    let reach = last;
    while (line !== undefined && line !== held.line) {
      reach = line.start - 1;
      line = line.parent;
    }
    return line !== undefined && seq <= reach;
  }

  #memberOf(entry: Entry): MemberId | undefined {
    return this.#authority.ownerOf(this.#journals.openingOf(entry));
  }
}

/** Lowest place at which `past` holds two branches of a journal. */
function forkIn(lines: readonly Line[], past: Past): number | undefined {
  const present = lines.filter((line) => past.reach(line) >= line.start);
  const places = present.flatMap((line) => {
    const isBeside = (other: Line): boolean =>
      other !== line &&
      ((other === line.parent && past.reach(other) >= line.start) ||
        (other.parent === line.parent && other.start === line.start));
    return present.some(isBeside) ? [line.start] : [];
  });
  return places.length === 0 ? undefined : Math.min(...places);
}
