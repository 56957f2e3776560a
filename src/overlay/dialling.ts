/**
 * Whom we dial, and when: links up to four by ourselves, bridges to other components, a hand to those who are left out. Quiet once
 * settled. Rules OVL-9 to OVL-11, OVL-15, OVL-16.
 */
import type { PeerId } from '../kernel/ids.ts';
import { pick, type Random } from '../kernel/random.ts';
import type { ActiveView, Purpose } from './active-view.ts';
import type { Outbox } from './commands.ts';
import { isAwake, type Directory, type KnownPeer } from './directory.ts';
import * as limits from './limits.ts';
import { MAX_PLACES, MIN_LINKS, TARGET_LINKS } from './limits.ts';
import type { PassiveView } from './passive-view.ts';
import { FAILED_DIAL_COST, type Reputation } from './reputation.ts';

/** Rank of a candidate from another component: before all others. */
const FOREIGN_RANK = 0;
/** Rank of a candidate that a busy peer or a shuffle has named, and that shows no other sign of life. */
const NAMED_RANK = 50;
/** Rank of a candidate without any sign of life: after all others. */
const STALE_RANK = 100;
/** Added for candidates to whom a dial failed: more than the degrees that a peer has. */
const TRIED_RANK = MAX_PLACES;
/** Added for candidates whose group has its share of our places, or whose reputation is below zero. */
const UNWANTED_RANK = 2 * MAX_PLACES;

export interface DiallingParts {
  readonly view: ActiveView;
  readonly passive: PassiveView;
  readonly directory: Directory;
  readonly reputation: Reputation;
  readonly random: Random;
  /** How late our own timers were lately, on average, ms. */
  readonly lagMs: () => number;
}

export class Dialling {
  readonly #o: DiallingParts;
  #patience = limits.PATIENCE_MS;
  #bridgeAt: number | undefined;
  #adoptAt: number | undefined;
  #isResting = false;

  constructor(parts: DiallingParts) {
    this.#o = parts;
  }

  get isResting(): boolean {
    return this.#isResting;
  }

  /** Whether to dial nobody; true when that is news. */
  rest(resting: boolean): boolean {
    if (resting === this.#isResting) return false;
    this.#isResting = resting;
    return true;
  }

  /** A dial succeeded: we are as patient as at first. */
  linkUp(): void {
    this.#patience = limits.PATIENCE_MS;
  }

  /** Whether the mesh still offers somebody to link with, so that the server need not be asked. */
  meshOffers(): boolean {
    for (const entry of this.#o.passive.candidates()) {
      if (entry.reachable && entry.failures < 3 && isAwake(entry)) return true;
    }
    return false;
  }

  /** Frees places that are taken in vain, then opens what is missing. */
  maintain(now: number, out: Outbox): void {
    this.#expire(now, out);
    if (this.#isResting) return;
    this.#dialOwn(now, out);
    this.#bridge(now, out);
    this.#adopt(now, out);
  }

  /** When `maintain` may have something to do earlier than at the next tick. */
  deadline(now: number): number | undefined {
    const { view, passive } = this.#o;
    if (this.#isResting) return undefined;
    let at: number | undefined;
    const consider = (time: number | undefined): void => {
      if (time !== undefined && time > now && (at === undefined || time < at)) at = time;
    };
    consider(this.#bridgeAt);
    consider(this.#adoptAt);
    if (view.places >= TARGET_LINKS) return at;
    consider(view.pauseEndsAt);
    consider(view.links.size === 0 ? view.aloneSince + limits.FIRST_DIALS_MS : undefined);
    if (view.links.size >= MIN_LINKS) return at;
    for (const entry of passive.candidates()) if (!view.isTaken(entry.peer)) consider(entry.urgentRetryAt);
    return at;
  }

  #isDialable(entry: KnownPeer, now: number): boolean {
    const { view, reputation } = this.#o;
    const retryAt = view.links.size < MIN_LINKS ? entry.urgentRetryAt : entry.retryAt;
    return (
      isAwake(entry) && retryAt <= now && !view.isTaken(entry.peer) && !reputation.isShunned(entry.peer, now)
    );
  }

  // --- freeing places -----------------------------------------------------------------------------------------------

  #expire(now: number, out: Outbox): void {
    const { view } = this.#o;
    for (const [peer, attempt] of view.attempts) {
      const age = now - attempt.since;
      if (age < this.#slack(limits.HOPELESS_DIAL_MS)) continue;
      const isSlow = this.#isTooSlow(attempt.purpose, age, now);
      if (age < limits.ATTEMPT_MS && !isSlow && !this.#isHopeless(peer, attempt.purpose, now)) continue;
      if (isSlow) this.#patience = Math.min(this.#patience * 2, limits.ATTEMPT_MS);
      view.giveUp(peer, attempt, now, out);
    }
  }

  /** A connection costs both ends work: whoever gives up early on a slow machine makes it slower. */
  #slack(usualMs: number): number {
    const measuredMs = Math.max(usualMs, limits.SETUPS_OF_PATIENCE * this.#o.view.setupMs);
    return Math.min(measuredMs + limits.LAGS_OF_PATIENCE * this.#o.lagMs(), limits.ATTEMPT_MS);
  }

  /** Our dial hangs while links are missing and somebody else could be dialled in its place. */
  #isTooSlow(purpose: Purpose, age: number, now: number): boolean {
    const { view } = this.#o;
    if (purpose === 'accepted' || age < this.#slack(this.#patience)) return false;
    return (
      view.links.size < MIN_LINKS && view.places >= TARGET_LINKS && this.#bestCandidate(now) !== undefined
    );
  }

  /** We dialled it because it seemed alive, and it no longer does. */
  #isHopeless(peer: PeerId, purpose: Purpose, now: number): boolean {
    if (purpose === 'stale' || purpose === 'accepted') return false;
    const { directory } = this.#o;
    const entry = directory.get(peer);
    return entry === undefined || (!entry.reachable && !directory.isForeign(entry, now));
  }

  // --- opening ------------------------------------------------------------------------------------------------------

  /** Dials until the places we open by ourselves are taken. */
  #dialOwn(now: number, out: Outbox): void {
    const { view } = this.#o;
    if (now < view.pauseEndsAt) return;
    const isFirst = view.links.size === 0 && now - view.aloneSince < limits.FIRST_DIALS_MS;
    const limit = isFirst ? limits.FIRST_DIALS : TARGET_LINKS;
    while (view.places < limit) {
      const choice = this.#bestCandidate(now);
      if (choice === undefined) return;
      const isStale = choice.rank >= NAMED_RANK;
      if (isStale) choice.entry.staleDials += 1;
      const purpose = choice.rank === FOREIGN_RANK ? 'bridge' : isStale ? 'stale' : 'own';
      view.dial(choice.entry.peer, purpose, now, out);
    }
  }

  #bestCandidate(now: number): { readonly entry: KnownPeer; readonly rank: number } | undefined {
    let best: KnownPeer[] = [];
    let bestRank = Infinity;
    for (const entry of this.#o.passive.candidates()) {
      if (!this.#isDialable(entry, now)) continue;
      const rank = this.#rank(entry, now);
      if (rank < bestRank) best = [];
      if (rank <= bestRank && rank < Infinity) best.push(entry);
      bestRank = Math.min(bestRank, rank);
    }
    const entry = pick(this.#o.random, best);
    return entry === undefined ? undefined : { entry, rank: bestRank };
  }

  /** Smaller is better; Infinity: not now. */
  #rank(entry: KnownPeer, now: number): number {
    const { view, directory } = this.#o;
    const isUrgent = view.links.size < MIN_LINKS;
    if (directory.isForeign(entry, now)) return isUrgent && this.#mayGoAbroad() ? FOREIGN_RANK : Infinity;
    if (entry.reachable) return this.#rankReachable(entry, isUrgent, now);
    if (!isUrgent || entry.staleDials >= limits.MAX_STALE_DIALS) return Infinity;
    // What was said before we lost it says nothing any more.
    const shownAt = entry.isOfOurs ? entry.discoveredAt : undefined;
    if ([shownAt, entry.namedAt].some((at) => at !== undefined && at > entry.lostAt)) return NAMED_RANK;
    // While there are links, others find us too: the dead of old sessions are tried a few at a time.
    const most = view.links.size === 0 ? limits.MAX_STALE_DIALS_AT_ONCE : limits.MAX_STALE_DIALS_LINKED;
    const isPatient = now - view.aloneSince >= limits.FIRST_DIALS_MS && !this.#isSomebodyBackSoon(now);
    return isPatient && view.count('stale') < most ? STALE_RANK : Infinity;
  }

  /** Whether we have links, and over them somebody in reach who only waits for us to dial again. */
  #isSomebodyBackSoon(now: number): boolean {
    const { view, directory, reputation } = this.#o;
    if (view.links.size === 0) return false;
    for (const entry of directory.all()) {
      const isBack = entry.reachable && isAwake(entry) && entry.urgentRetryAt <= now + limits.SOON_MS;
      if (isBack && !view.isTaken(entry.peer) && !reputation.isShunned(entry.peer, now)) return true;
    }
    return false;
  }

  #rankReachable(entry: KnownPeer, isUrgent: boolean, now: number): number {
    const { view, directory, reputation } = this.#o;
    // Listed by others but not heard yet: it has at least one link and is probably just joining.
    const degree = directory.freshAnnouncement(entry.peer, now)?.neighbours.length ?? 1;
    const isCrowd = view.placesOfGroup(entry.peer) >= limits.MAX_GROUP_PLACES;
    const reputed = reputation.of(entry.peer, now);
    const isUnwanted = isCrowd || reputed < 0;
    const isTried = entry.failures > limits.MAX_OPTIONAL_FAILURES || entry.busy > limits.MAX_OPTIONAL_BUSY;
    // What our own dials cost it is counted above already.
    const isTrusted = reputed >= -FAILED_DIAL_COST * entry.failures;
    const gainsToo = degree < TARGET_LINKS && !isTried && !isCrowd && isTrusted;
    if (!isUrgent && !gainsToo) return Infinity;
    // Whoever was never tried, or answered, before those that may have no path.
    const tried = entry.failures === 0 ? 0 : TRIED_RANK;
    return 1 + degree + tried + (isUnwanted ? UNWANTED_RANK : 0);
  }

  /** Dials to other components go through the server, and each costs both sides a connection: few at a time. */
  #mayGoAbroad(): boolean {
    const { view } = this.#o;
    return view.count('bridge') < (view.links.size === 0 ? limits.MAX_BRIDGES_ALONE : 1);
  }

  /** The candidates that pass `test`, of all that we know. */
  #known(now: number, test: (entry: KnownPeer) => boolean): PeerId[] {
    const found: PeerId[] = [];
    for (const entry of this.#o.directory.all()) {
      if (test(entry) && this.#isDialable(entry, now)) found.push(entry.peer);
    }
    return found;
  }

  /** Links us with one peer of another component. */
  #bridge(now: number, out: Outbox): void {
    const { view, directory } = this.#o;
    const isFree = view.links.size >= MIN_LINKS && view.count('bridge') === 0;
    const foreign = isFree ? this.#known(now, (entry) => directory.isForeign(entry, now)) : [];
    const peer = pick(this.#o.random, foreign);
    if (peer === undefined) {
      this.#bridgeAt = undefined;
      return;
    }
    const spread = Math.min(limits.BRIDGE_JITTER_MS * (directory.reachable + 1), limits.MAX_BRIDGE_JITTER_MS);
    this.#bridgeAt ??= now + this.#o.random.below(spread);
    const isFull = view.places >= MAX_PLACES;
    if (now < this.#bridgeAt + (isFull ? limits.FULL_BRIDGE_WAIT_MS : 0)) return;
    if (isFull && !view.makeRoom(now, out)) return;
    this.#bridgeAt = undefined;
    view.dial(peer, 'bridge', now, out);
  }

  /** Offers a link to a reachable peer that has had too few for a while: perhaps it cannot dial us, but we can dial it. */
  #adopt(now: number, out: Outbox): void {
    const { view } = this.#o;
    const isIdle = view.links.size >= MIN_LINKS && view.places < MAX_PLACES && view.count('adopt') === 0;
    const needy = isIdle ? this.#known(now, (entry) => isLeftOut(entry, now)) : [];
    const peer = pick(this.#o.random, needy);
    if (peer === undefined) {
      this.#adoptAt = undefined;
      return;
    }
    this.#adoptAt ??= now + this.#o.random.below(limits.ADOPT_JITTER_MS);
    if (now < this.#adoptAt) return;
    this.#adoptAt = undefined;
    view.dial(peer, 'adopt', now, out);
  }
}

function isLeftOut(entry: KnownPeer, now: number): boolean {
  return (
    entry.reachable &&
    entry.needySince !== undefined &&
    now - entry.needySince >= limits.ADOPT_AFTER_MS &&
    // A failed dial or two may be bad luck, and ours may be the only direction in which the two connect. It may also be busy with dials that
    // lead nowhere: the waits between ours grow.
    entry.failures <= limits.MAX_ADOPT_FAILURES
  );
}
