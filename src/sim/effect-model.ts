/**
 * What has effect on a board, worked out from the words of docs/spec/replication.md (REP-46 to REP-54) by somebody who has all the time and sees
 * everything: sets of entries, no order of arrival, no lines, nothing kept from one question to the next. Shares no code with src/replication or
 * with the roster; the judge of a simulation, and of the tests that draw histories.
 */

export type ModelRole = 'owner' | 'editor' | 'viewer' | 'agent';

/** What an owner decrees. A cut names the last entry that stays of a journal; place 0 for none. */
export type ModelDecree =
  | {
      readonly kind: 'evict';
      readonly member: string;
      readonly cuts: readonly { readonly author: string; readonly seq: number; readonly head: string }[];
    }
  | { readonly kind: 'role'; readonly member: string; readonly role: ModelRole }
  | { readonly kind: 'revoke'; readonly inviteKey: string };

/** One entry, as far as effect depends on it. */
export interface Deed {
  readonly hash: string;
  readonly author: string;
  readonly seq: number;
  /** Undefined for the first of a journal. */
  readonly previous: string | undefined;
  readonly heads: readonly string[];
  readonly kind: 'claim' | 'update' | 'part' | 'admit' | 'evict' | 'role' | 'revoke';
  /** Of a claim: whose journal it opens. */
  readonly member?: string | undefined;
  readonly admits?:
    | {
        readonly member: string;
        readonly role: ModelRole;
        readonly issuer: string;
        readonly inviteKey: string;
      }
    | undefined;
  readonly decree?: ModelDecree | undefined;
  /** Whether all is right with it that is not looked at here: its update, its certificate, its session. */
  readonly isSound: boolean;
}

const RANK: Readonly<Record<ModelRole, number>> = { viewer: 0, agent: 1, editor: 2, owner: 3 };

/** A set of entries by their places in the model, one bit each. */
type Some = bigint;

export class EffectModel {
  readonly #founder: string;
  /** Valid entries, each after what it builds on. */
  readonly #deeds: Deed[] = [];
  readonly #at = new Map<string, number>();
  /** What lies behind each. */
  readonly #pasts: Some[] = [];
  /** Whose journal each stands in. */
  readonly #members: string[] = [];
  /** Those that say something about members, so that not all have to be looked through for them. */
  readonly #telling: Deed[] = [];
  /** Those by author and place. */
  readonly #byPlace = new Map<string, Deed[]>();

  /** `deeds` in any order; what builds on something that is not among them is not valid. */
  constructor(founder: string, deeds: readonly Deed[]) {
    this.#founder = founder;
    let rest = [...new Map(deeds.map((deed) => [deed.hash, deed])).values()];
    const invalid = new Set<string>();
    for (let before = -1; before !== rest.length;) {
      before = rest.length;
      rest = rest.filter((deed) => {
        const named = namedBy(deed);
        if (named.some((hash) => invalid.has(hash))) invalid.add(deed.hash);
        else if (!named.every((hash) => this.#at.has(hash))) return true;
        else if (!this.#take(deed)) invalid.add(deed.hash);
        return false;
      });
    }
  }

  /** Hashes of all that has effect, if authors are proven to have forked at these places. */
  effective(forks: ReadonlyMap<string, number>): ReadonlySet<string> {
    const all = (1n << BigInt(this.#deeds.length)) - 1n;
    const some = this.#effectiveIn(all, forks);
    return new Set(this.#deeds.filter((_, at) => has(some, at)).map(({ hash }) => hash));
  }

  /** Whether the entry is valid by its causal past; if so it joins the model. */
  #take(deed: Deed): boolean {
    const named = namedBy(deed).map((hash) => this.#at.get(hash) ?? 0);
    const past = named.reduce((sum, at) => sum | (this.#pasts[at] ?? 0n) | bit(at), 0n);
    const before = deed.previous === undefined ? undefined : this.#at.get(deed.previous);
    const member = before === undefined ? deed.member : this.#members[before];
    if (!deed.isSound || member === undefined || !this.#follows(deed, before)) return false;
    if (!this.#isWhole(past)) return false;
    const role = this.#roleIn(past, member);
    if (role === undefined || !this.#mayWrite(deed, member, role, past)) return false;
    this.#at.set(deed.hash, this.#deeds.length);
    this.#deeds.push(deed);
    if (deed.admits !== undefined || deed.decree !== undefined) this.#telling.push(deed);
    const place = `${deed.author}/${deed.seq}`;
    this.#byPlace.set(place, [...(this.#byPlace.get(place) ?? []), deed]);
    this.#pasts.push(past);
    this.#members.push(member);
    return true;
  }

  #follows(deed: Deed, before: number | undefined): boolean {
    const earlier = before === undefined ? undefined : this.#deeds[before];
    if (earlier === undefined) return deed.previous === undefined && deed.seq === 1 && deed.kind === 'claim';
    return earlier.author === deed.author && earlier.seq === deed.seq - 1;
  }

  #mayWrite(deed: Deed, member: string, role: ModelRole, past: Some): boolean {
    const { kind, admits, decree } = deed;
    if (kind === 'claim') return deed.member === member;
    if (kind === 'update' || kind === 'part') return role !== 'viewer';
    if (kind === 'admit') return admits !== undefined && this.#mayAdmit(admits, past);
    if (decree === undefined || role !== 'owner') return false;
    if (decree.kind === 'revoke') return true;
    const theirs = this.#roleIn(past, decree.member);
    if (theirs === undefined || decree.member === this.#founder) return false;
    if (theirs === 'owner' && member !== this.#founder) return false;
    return decree.kind === 'role' || decree.cuts.every((cut) => this.#isSoundCut(cut, decree.member, past));
  }

  #isSoundCut(
    cut: { readonly author: string; readonly seq: number; readonly head: string },
    member: string,
    past: Some,
  ): boolean {
    if (cut.seq === 0) return true;
    const at = this.#at.get(cut.head);
    if (at === undefined || !has(past, at) || this.#members[at] !== member) return false;
    const last = this.#deeds[at];
    return last?.author === cut.author && last.seq === cut.seq;
  }

  #mayAdmit(admits: NonNullable<Deed['admits']>, past: Some): boolean {
    if (this.#isEvicted(past, admits.member)) return false;
    const isRevoked = this.#tellingIn(past).some(
      ({ decree }) => decree?.kind === 'revoke' && decree.inviteKey === admits.inviteKey,
    );
    const issuer = this.#roleIn(past, admits.issuer);
    if (isRevoked || issuer === undefined) return false;
    return issuer === 'owner' || issuer === 'editor' || (issuer === 'viewer' && admits.role === 'viewer');
  }

  #isEvicted(some: Some, member: string): boolean {
    return this.#tellingIn(some).some(({ decree }) => decree?.kind === 'evict' && decree.member === member);
  }

  /** The member's role after what lies in `some`: of changes that do not know of each other, the weakest. */
  #roleIn(some: Some, member: string): ModelRole | undefined {
    if (member === this.#founder) return 'owner';
    if (this.#isEvicted(some, member)) return undefined;
    const changes = this.#tellingIn(some).filter(
      ({ decree }) => decree?.kind === 'role' && decree.member === member,
    );
    const last = changes.filter(
      (one) => !changes.some((other) => has(this.#pastOf(other), this.#at.get(one.hash) ?? 0)),
    );
    const roles = last.flatMap(({ decree }) => (decree?.kind === 'role' ? [decree.role] : []));
    if (roles.length > 0) return roles.reduce((a, b) => (RANK[a] <= RANK[b] ? a : b));
    const granted = this.#tellingIn(some).flatMap(({ admits }) =>
      admits?.member === member ? [admits.role] : [],
    );
    return granted.length === 0 ? undefined : granted.reduce((a, b) => (RANK[a] >= RANK[b] ? a : b));
  }

  /** Whether all of `past` would have effect if nothing else was held. */
  #isWhole(past: Some): boolean {
    const forks = new Map<string, number>();
    for (const rivals of this.#byPlace.values()) {
      if (rivals.length < 2 || rivals.filter(({ hash }) => has(past, this.#at.get(hash) ?? 0)).length < 2)
        continue;
      for (const { author, seq } of rivals) forks.set(author, Math.min(seq, forks.get(author) ?? seq));
    }
    const isCalm = forks.size === 0 && !this.#tellingIn(past).some(({ decree }) => decree !== undefined);
    return isCalm || this.#effectiveIn(past, forks) === past;
  }

  #effectiveIn(universe: Some, forks: ReadonlyMap<string, number>): Some {
    const isForked = ({ author, seq }: Deed): boolean => seq >= (forks.get(author) ?? Infinity);
    const decrees = this.#tellingIn(universe)
      .filter(({ decree }) => decree !== undefined && decree.kind !== 'revoke')
      .sort((a, b) => (a.hash < b.hash ? -1 : 1));
    const accepted = new Set<Deed>();
    const isContested = (deed: Deed): boolean =>
      isForked(deed) || [...accepted].some((decree) => this.#isAgainst(decree, deed));
    const isFounders = (deed: Deed): boolean => this.#memberOf(deed) === this.#founder;
    for (const decree of [...decrees.filter(isFounders), ...decrees.filter((each) => !isFounders(each))])
      if (!isContested(decree)) accepted.add(decree);
    const supported = (): Some =>
      this.#supported(universe, (deed) => !accepted.has(deed) && isContested(deed));
    for (const decree of decrees)
      if (!accepted.has(decree) && has(supported(), this.#at.get(decree.hash) ?? 0)) accepted.add(decree);
    return supported();
  }

  /** Uncontested entries of members in good standing, with all that lies behind them. */
  #supported(universe: Some, isContested: (deed: Deed) => boolean): Some {
    const free = this.#within(universe).filter((deed) => !isContested(deed));
    const standing = new Set([this.#founder]);
    let some = 0n;
    for (let before = -1; before !== standing.size;) {
      before = standing.size;
      for (const deed of free)
        if (standing.has(this.#memberOf(deed)))
          some |= this.#pastOf(deed) | bit(this.#at.get(deed.hash) ?? 0);
      for (const { admits } of this.#tellingIn(some)) if (admits !== undefined) standing.add(admits.member);
    }
    return some;
  }

  /** Whether `decree` takes away the effect of `deed`, which neither knows it nor was known to it. */
  #isAgainst(by: Deed, deed: Deed): boolean {
    const { decree } = by;
    if (decree === undefined || decree.kind === 'revoke' || this.#memberOf(deed) !== decree.member)
      return false;
    if (decree.kind === 'role' && mayStill(decree.role, deed.kind)) return false;
    if (has(this.#pastOf(deed), this.#at.get(by.hash) ?? 0)) return false;
    const cut =
      decree.kind === 'evict' ? decree.cuts.find(({ author }) => author === deed.author) : undefined;
    if (cut === undefined) return !has(this.#pastOf(by), this.#at.get(deed.hash) ?? 0);
    const chain = new Set<string>();
    for (let at = cut.seq === 0 ? undefined : cut.head; at !== undefined; at = this.#deedOf(at)?.previous)
      chain.add(at);
    return !chain.has(deed.hash);
  }

  #deedOf(hash: string): Deed | undefined {
    return this.#deeds[this.#at.get(hash) ?? -1];
  }

  #pastOf({ hash }: Deed): Some {
    return this.#pasts[this.#at.get(hash) ?? -1] ?? 0n;
  }

  #memberOf({ hash }: Deed): string {
    return this.#members[this.#at.get(hash) ?? -1] ?? '';
  }

  #tellingIn(some: Some): Deed[] {
    return this.#telling.filter(({ hash }) => has(some, this.#at.get(hash) ?? 0));
  }

  #within(some: Some): Deed[] {
    return this.#deeds.filter((_, at) => has(some, at));
  }
}

function namedBy({ previous, heads }: Deed): readonly string[] {
  return previous === undefined ? heads : [previous, ...heads];
}

function mayStill(role: ModelRole, kind: Deed['kind']): boolean {
  if (kind === 'claim' || kind === 'admit') return true;
  return kind === 'update' || kind === 'part' ? role !== 'viewer' : role === 'owner';
}

function bit(at: number): Some {
  return 1n << BigInt(at);
}

function has(some: Some, at: number): boolean {
  return ((some >> BigInt(at)) & 1n) === 1n;
}
