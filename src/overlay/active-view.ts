/**
 * HyParView's active view: our links, and the attempts that hold a place for one. Whom we let in, whom we trim, and how an end is
 * remembered. Never more than 5 places are taken. Differences from the paper: everybody is asked before a link is made, a request is
 * never forced on a full view, and whoever is refused leaves with contacts. Rules OVL-1 to OVL-8.
 */
import type { PeerId } from '../kernel/ids.ts';
import { MAX_CONTACTS, type LinkFailure } from '../kernel/machine.ts';
import { pick, shuffled, type Random } from '../kernel/random.ts';
import type { Outbox } from './commands.ts';
import { isAwake, type Directory, type KnownPeer } from './directory.ts';
import * as limits from './limits.ts';
import { MAX_PLACES, MIN_LINKS, TARGET_LINKS } from './limits.ts';
import type { Reputation } from './reputation.ts';

/** Why an attempt is under way. */
export type Purpose = 'own' | 'stale' | 'bridge' | 'adopt' | 'accepted';

interface Attempt {
  readonly since: number;
  readonly purpose: Purpose;
}

/** Set-ups over which their duration is averaged. Guess: an active view. */
const SETUP_SAMPLES = 4;

/** What a peer's inviters have in common, or undefined when nothing is known of it. */
export type GroupOf = (peer: PeerId) => string | undefined;

export class ActiveView {
  readonly #directory: Directory;
  readonly #reputation: Reputation;
  readonly #groupOf: GroupOf;
  readonly #random: Random;
  readonly #links = new Set<PeerId>();
  readonly #attempts = new Map<PeerId, Attempt>();
  /** Those for whom another neighbour had to go. */
  readonly #forced = new Set<PeerId>();
  #aloneSince = 0;
  #setupMs = 0;
  #pauseEndsAt = 0;
  /** Attempts of others that failed since the last of them became a link. */
  #vain = 0;

  constructor(directory: Directory, reputation: Reputation, groupOf: GroupOf, random: Random) {
    this.#directory = directory;
    this.#reputation = reputation;
    this.#groupOf = groupOf;
    this.#random = random;
  }

  /** Links that are up, in the order they came up. A live view. */
  get links(): ReadonlySet<PeerId> {
    return this.#links;
  }

  get attempts(): ReadonlyMap<PeerId, Attempt> {
    return this.#attempts;
  }

  /** Links and attempts together; a peer counts once. */
  get places(): number {
    let places = this.#links.size;
    for (const peer of this.#attempts.keys()) if (!this.#links.has(peer)) places += 1;
    return places;
  }

  /** Since when there has been no link; of use only while there is none. */
  get aloneSince(): number {
    return this.#aloneSince;
  }

  /** Mean duration of link set-ups so far, ms; 0 before the first. */
  get setupMs(): number {
    return this.#setupMs;
  }

  /** No dial of our own before this time: a link has just come up and brings news of others. */
  get pauseEndsAt(): number {
    return this.#pauseEndsAt;
  }

  start(now: number): void {
    this.#aloneSince = now;
  }

  isTaken(peer: PeerId): boolean {
    return this.#links.has(peer) || this.#attempts.has(peer);
  }

  count(purpose: Purpose): number {
    let count = 0;
    for (const attempt of this.#attempts.values()) if (attempt.purpose === purpose) count += 1;
    return count;
  }

  /** Answers a request for a link. */
  asked(peer: PeerId, now: number, out: Outbox): void {
    const entry = this.#directory.touch(peer, now, true);
    if (entry !== undefined) entry.gone = undefined;
    const accept = this.#admits(peer, entry, now, out);
    if (accept) this.#attempts.set(peer, { since: now, purpose: 'accepted' });
    const contacts = accept || this.#reputation.isShunned(peer, now) ? [] : this.#contactsFor(peer, now);
    out.put({ kind: 'answer', peer, accept, ...(contacts.length > 0 ? { contacts } : {}) });
  }

  dial(peer: PeerId, purpose: Purpose, now: number, out: Outbox): void {
    this.#attempts.set(peer, { since: now, purpose });
    out.put({ kind: 'dial', peer });
  }

  /** Frees the place of an attempt that is taken in vain. */
  giveUp(peer: PeerId, attempt: Attempt, now: number, out: Outbox): void {
    this.#attempts.delete(peer);
    // A link that is still up is not worth its end because a second attempt never finished.
    if (!this.#links.has(peer)) out.hangUp(peer, 'timeout');
    if (attempt.purpose !== 'accepted') this.#noteEnd(peer, 'timeout', now);
  }

  /** `new`: a neighbour that is new to our component, or at all; `known`: one of our own component; undefined: there was no place for it. */
  linkUp(peer: PeerId, now: number, out: Outbox): 'new' | 'known' | undefined {
    const attempt = this.#attempts.get(peer);
    this.#attempts.delete(peer);
    const again = this.#links.has(peer);
    if (attempt === undefined && !again && this.places >= MAX_PLACES) {
      out.hangUp(peer, 'busy');
      return undefined;
    }
    const entry = this.#directory.touch(peer, now, true);
    const isDistant = again || entry?.reachable !== true;
    if (entry !== undefined) {
      entry.gone = undefined;
      entry.failures = 0;
      entry.busy = 0;
      entry.staleDials = 0;
      entry.vainAsks = 0;
      entry.noPathAt = undefined;
    }
    if (attempt !== undefined) this.#measure(now - attempt.since);
    if (attempt?.purpose === 'accepted') this.#vain = 0;
    if (again) out.emit({ type: 'neighbourDown', peer });
    this.#links.add(peer);
    this.#pauseEndsAt = now + limits.SETTLE_MS;
    this.#directory.disturb();
    out.emit({ type: 'neighbourUp', peer });
    return isDistant ? 'new' : 'known';
  }

  /** False when there was no such link. */
  linkDown(peer: PeerId, reason: LinkFailure, now: number, out: Outbox): boolean {
    if (!this.#links.delete(peer)) return false;
    this.#noteEnd(peer, reason, now);
    if (reason === 'silent') this.#reputation.note(peer, 'silent', now);
    this.#afterLoss(now);
    out.emit({ type: 'neighbourDown', peer });
    return true;
  }

  dialFailed(peer: PeerId, reason: LinkFailure, now: number): void {
    const attempt = this.#attempts.get(peer);
    if (!this.#attempts.delete(peer)) return;
    // That its dial failed says little about ours: some pairs connect in one direction only.
    if (attempt?.purpose === 'accepted' && reason !== 'goodbye') {
      this.#vain += 1;
      const entry = this.#directory.get(peer);
      if (entry !== undefined) entry.vainAsks += 1;
      return;
    }
    this.#noteEnd(peer, reason, now);
    if (reason !== 'busy' && reason !== 'goodbye') this.#reputation.note(peer, 'failed', now);
  }

  /** Hangs up on everybody. */
  leave(out: Outbox): void {
    const all = new Set([...this.#links, ...this.#attempts.keys()]);
    for (const peer of all) {
      if (this.#links.delete(peer)) out.emit({ type: 'neighbourDown', peer });
      out.hangUp(peer, 'goodbye');
    }
    this.#attempts.clear();
  }

  /** Ends one link from our side, one of `among`; true when there was one that could be spared. */
  makeRoom(now: number, out: Outbox, among: ReadonlySet<PeerId> = this.#links, keeps = MIN_LINKS): boolean {
    const spare = this.#spareNeighbour(among, keeps, now);
    if (spare !== undefined) this.#trim(spare, now, out);
    return spare !== undefined;
  }

  /** How many of our places the group of `peer` has taken; 0 for a peer of which nothing is known. */
  placesOfGroup(peer: PeerId): number {
    const group = this.#groupOf(peer);
    if (group === undefined) return 0;
    let places = 0;
    for (const other of this.#links) if (other !== peer && this.#groupOf(other) === group) places += 1;
    for (const other of this.#attempts.keys())
      if (other !== peer && !this.#links.has(other) && this.#groupOf(other) === group) places += 1;
    return places;
  }

  #measure(setupMs: number): void {
    this.#setupMs += (setupMs - this.#setupMs) / (this.#setupMs === 0 ? 1 : SETUP_SAMPLES);
  }

  #afterLoss(now: number): void {
    this.#directory.disturb();
    if (this.#links.size === 0) this.#aloneSince = now;
  }

  #noteEnd(peer: PeerId, reason: LinkFailure, now: number): void {
    const entry = this.#directory.get(peer);
    if (entry === undefined) return;
    switch (reason) {
      case 'goodbye':
        this.#directory.markGone(peer, 'left');
        return;
      case 'busy':
        entry.busy += 1;
        this.#putOff(entry, limits.BUSY_BACKOFF_MS, entry.busy, now);
        return;
      case 'replaced':
        this.#putOff(entry, limits.REPLACED_BACKOFF_MS, 1, now);
        return;
      case 'authFailed':
      case 'notMember':
        entry.failures += 1;
        this.#putOff(entry, limits.REFUSED_BACKOFF_MS, 1, now);
        return;
      case 'iceFailed':
        entry.noPathAt = now;
        break;
      case 'timeout':
      case 'silent':
      case 'protocolError':
      case 'overloaded':
      case 'closed':
        break;
    }
    entry.failures += 1;
    this.#putOff(entry, limits.FAILURE_BACKOFF_MS, entry.failures, now);
  }

  /** Not to be dialled before `base` ms, doubled per earlier failure and bounded: while links are missing, by less. Plus or minus a quarter. */
  #putOff(entry: KnownPeer, base: number, failures: number, now: number): void {
    const doubled = base * (1 << Math.min(failures - 1, 16));
    const spread = 0.75 + this.#random.below(500) / 1000;
    const within = (most: number): number => now + Math.min(doubled, Math.max(base, most)) * spread;
    entry.retryAt = within(limits.MAX_BACKOFF_MS);
    entry.urgentRetryAt = within(limits.MAX_URGENT_BACKOFF_MS);
  }

  #admits(peer: PeerId, entry: KnownPeer | undefined, now: number, out: Outbox): boolean {
    if (this.isTaken(peer)) return true;
    if (this.#reputation.isShunned(peer, now) || this.#isGroupFull(peer)) return false;
    const isShort = this.#links.size < MIN_LINKS;
    const isVain = isShort && this.#isUnreachableFor(entry);
    if (isVain && this.places < MAX_PLACES) return false;
    const room = this.places < MAX_PLACES || (isShort && !isVain && this.#dropStale(now, out));
    if (room && this.#links.size < TARGET_LINKS) return true;
    // The last place is for those who need it: without it a grown swarm has no room for a newcomer.
    if (!this.#isNeedy(entry, now)) return false;
    if (room) return true;
    for (const other of this.#forced) if (!this.isTaken(other)) this.#forced.delete(other);
    // A crowd that asks and asks only replaces itself; a newcomer whose one way in we are still gets in.
    const isCrowd = this.#forced.size >= limits.MAX_FORCED_PLACES;
    if (!this.makeRoom(now, out, isCrowd ? this.#forced : this.#links)) {
      // It has nobody. Whoever came the same way before it and goes for it has somebody by now, and finds more.
      const isOutside = entry?.reachable !== true;
      if (!isOutside || !this.makeRoom(now, out, this.#forced, limits.SPARED_LINKS)) return false;
    }
    this.#forced.add(peer);
    return true;
  }

  /**
   * Whether dials of others seem to lead nowhere, and one is under way that failed no more often than those of `entry`: our own may not, and need the
   * places. Those that fail again and again must not keep out the one that would not.
   */
  #isUnreachableFor(entry: KnownPeer | undefined): boolean {
    if (this.#vain < limits.MAX_VAIN_DIALS) return false;
    const vainAsks = entry?.vainAsks ?? 0;
    return [...this.#attempts].some(
      ([peer, { purpose }]) =>
        purpose === 'accepted' && (this.#directory.get(peer)?.vainAsks ?? 0) <= vainAsks,
    );
  }

  /** Gives up a dial to somebody without any sign of life, the oldest, for one who asks and so lives; whether there was one. */
  #dropStale(now: number, out: Outbox): boolean {
    const stale = [...this.#attempts].filter(([, { purpose }]) => purpose === 'stale');
    const [oldest] = stale.sort(([, a], [, b]) => a.since - b.since);
    if (oldest !== undefined) this.giveUp(...oldest, now, out);
    return oldest !== undefined;
  }

  /** Whether the group of `peer` has its share of our places, and others could use what it would take. */
  #isGroupFull(peer: PeerId): boolean {
    const group = this.#groupOf(peer);
    if (group === undefined || this.placesOfGroup(peer) < limits.MAX_GROUP_PLACES) return false;
    for (const entry of this.#directory.all()) {
      const other = this.#groupOf(entry.peer);
      if (entry.reachable && isAwake(entry) && other !== undefined && other !== group) return true;
    }
    return false;
  }

  /** Unknown here, from another component, or known to have too few links. */
  #isNeedy(entry: KnownPeer | undefined, now: number): boolean {
    if (entry?.reachable !== true) return true;
    const announcement = this.#directory.freshAnnouncement(entry.peer, now);
    return announcement === undefined || announcement.neighbours.length < MIN_LINKS;
  }

  /** Whom a refused peer should ask: those with free places first. */
  #contactsFor(peer: PeerId, now: number): PeerId[] {
    const free: PeerId[] = [];
    const others: PeerId[] = [];
    for (const entry of this.#directory.all()) {
      if (!entry.reachable || !isAwake(entry) || entry.peer === peer) continue;
      const degree = this.#directory.freshAnnouncement(entry.peer, now)?.neighbours.length ?? MAX_PLACES;
      (degree < TARGET_LINKS ? free : others).push(entry.peer);
    }
    return [...shuffled(this.#random, free), ...shuffled(this.#random, others)].slice(0, MAX_CONTACTS);
  }

  /**
   * A neighbour whose link can go without isolating anyone: by its announcement it keeps so many links, and by all announcements
   * we still reach it over others. Those of the worst reputation go first, then those with whom we share most neighbours: they
   * lose least, and links to far parts of the mesh stay.
   */
  #spareNeighbour(among: ReadonlySet<PeerId>, keeps: number, now: number): PeerId | undefined {
    let best: PeerId[] = [];
    let bestScore = 0;
    for (const peer of this.#links) {
      if (!among.has(peer)) continue;
      const score = this.#redundancy(peer, keeps, now);
      if (score > bestScore) best = [];
      if (score >= bestScore && score > 0) best.push(peer);
      bestScore = Math.max(bestScore, score);
    }
    return pick(this.#random, best);
  }

  /** 0 when it cannot spare the link; else more for a bad reputation, and 1 and the number of neighbours that we share. */
  #redundancy(peer: PeerId, keeps: number, now: number): number {
    const theirs = this.#directory.freshAnnouncement(peer, now)?.neighbours ?? [];
    if (theirs.length <= keeps || !this.#directory.reachesWithoutLink(peer, this.#links, now)) return 0;
    const shared = theirs.filter((third) => this.#links.has(third)).length;
    return 1 + shared + (this.#reputation.of(peer, now) < 0 ? MAX_PLACES : 0);
  }

  #trim(peer: PeerId, now: number, out: Outbox): void {
    this.#links.delete(peer);
    this.#noteEnd(peer, 'replaced', now);
    this.#afterLoss(now);
    out.emit({ type: 'neighbourDown', peer });
    out.hangUp(peer, 'replaced');
  }
}
