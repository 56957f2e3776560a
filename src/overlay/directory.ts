/**
 * The table of known peers: the latest announcement of each, when and through whom it came, and what we remember of dialling it;
 * and the walk over announcements that says who is reachable. Rules OVL-30 to OVL-35.
 */
import type { PeerId } from '../kernel/ids.ts';
import { DISCOVERY_MS, MAX_KNOWN_PEERS, MAX_RETIRED_COUNTERS, MIN_LINKS, UNHEARD_MS } from './limits.ts';
import { originOf, type SignedAnnouncement } from './messages.ts';

/** Everything we hold about one peer. Instants are on our own clock. */
export interface KnownPeer {
  readonly peer: PeerId;
  announcement: SignedAnnouncement | undefined;
  heardAt: number | undefined;
  /** The neighbour that brought the latest announcement first. */
  firstHop: PeerId | undefined;
  /** First hop of a shortest path over announcements, while reachable. */
  walkHop: PeerId | undefined;
  discoveredAt: number | undefined;
  /** A busy peer or a shuffle named it: somebody had a link with it lately. */
  namedAt: number | undefined;
  /** It said that it is in our own component when it was discovered. */
  isOfOurs: boolean;
  reachable: boolean;
  /** When it last ceased to be reachable. */
  lostAt: number;
  /** Since when its announcements show fewer links than it needs. */
  needySince: number | undefined;
  /** It said goodbye, or most of its neighbours say that it is dead, and no sign of life has come since. */
  gone: 'left' | 'dead' | undefined;
  /** Failed dials since the last success, `busy` not counted. */
  failures: number;
  /** When the last dial found no path, since the last success. */
  noPathAt: number | undefined;
  /** Busy answers since the last success. */
  busy: number;
  /** Its dials of us that failed, since the last link. */
  vainAsks: number;
  /** Dials without any sign of life, since the last sign. */
  staleDials: number;
  /** When it may be dialled again; and when, while links are missing: never later. */
  retryAt: number;
  urgentRetryAt: number;
}

/** What a walk found out. */
export interface WalkResult {
  readonly changed: boolean;
  /** Peers that were reachable before and are not now, without a goodbye. */
  readonly lost: number;
  /** Reachable peers before the walk. */
  readonly before: number;
}

export class Directory {
  readonly #self: PeerId;
  /** The one touched longest ago first. */
  readonly #peers = new Map<PeerId, KnownPeer>();
  readonly #byOrigin = new Map<string, PeerId>();
  readonly #retired = new Map<PeerId, number>();
  #reachable = 0;
  #stale = false;
  #version = 0;

  constructor(self: PeerId) {
    this.#self = self;
  }

  get(peer: PeerId): KnownPeer | undefined {
    return this.#peers.get(peer);
  }

  all(): Iterable<KnownPeer> {
    return this.#peers.values();
  }

  get size(): number {
    return this.#peers.size;
  }

  /** Whether peers had to be left out: then the table is a sample of the swarm and no longer all of it. */
  get isFull(): boolean {
    return this.#peers.size >= MAX_KNOWN_PEERS;
  }

  /** Reachable peers at the last walk, ourselves not counted. */
  get reachable(): number {
    return this.#reachable;
  }

  /** Whether something happened since the last walk that may change its outcome. */
  get stale(): boolean {
    return this.#stale;
  }

  /** Changes whenever the links that announcements show may have changed. */
  get version(): number {
    return this.#version;
  }

  /** The next `walk` has something to find. */
  disturb(): void {
    this.#stale = true;
    this.#version += 1;
  }

  /** The known peer of a source's short name. */
  byOrigin(origin: string): PeerId | undefined {
    return this.#byOrigin.get(origin);
  }

  /**
   * The entry of a peer, made when it is missing. A full table drops the unreachable peer that was touched longest ago; when
   * all are reachable, `insist` drops one of those, and otherwise the newcomer stays unknown (undefined).
   */
  touch(peer: PeerId, now: number, insist = false): KnownPeer | undefined {
    if (peer === this.#self) return undefined;
    const known = this.#peers.get(peer);
    if (known !== undefined) {
      // Touched last, it stands last.
      this.#peers.delete(peer);
      this.#peers.set(peer, known);
      return known;
    }
    if (this.isFull && ((!insist && this.#reachable >= this.#peers.size) || !this.#dropOne(insist)))
      return undefined;
    const entry: KnownPeer = {
      peer,
      announcement: undefined,
      heardAt: undefined,
      firstHop: undefined,
      walkHop: undefined,
      discoveredAt: undefined,
      namedAt: undefined,
      isOfOurs: false,
      reachable: false,
      lostAt: -1,
      needySince: undefined,
      gone: undefined,
      failures: 0,
      noPathAt: undefined,
      busy: 0,
      vainAsks: 0,
      staleDials: 0,
      retryAt: now,
      urgentRetryAt: now,
    };
    this.#peers.set(peer, entry);
    this.#byOrigin.set(originOf(peer), peer);
    return entry;
  }

  /** Whether an announcement of `peer` would be kept. */
  hasRoomFor(peer: PeerId): boolean {
    return this.#peers.has(peer) || !this.isFull || this.#reachable < this.#peers.size;
  }

  /** The counter that an announcement of `peer` must exceed; also for peers that were dropped from the table a while ago. */
  lastCounter(peer: PeerId): number {
    return this.#peers.get(peer)?.announcement?.counter ?? this.#retired.get(peer) ?? -1;
  }

  /** Takes in a verified announcement with a new counter. False when there is no room for its peer. */
  heard(announcement: SignedAnnouncement, from: PeerId, now: number): boolean {
    const entry = this.touch(announcement.peer, now);
    if (entry === undefined) return false;
    if (entry.gone !== undefined || !sameView(entry.announcement, announcement) || !this.isFresh(entry, now))
      this.disturb();
    entry.announcement = announcement;
    entry.heardAt = now;
    entry.firstHop = from;
    entry.gone = undefined;
    entry.staleDials = 0;
    const needy = announcement.neighbours.length < MIN_LINKS && !announcement.asleep;
    entry.needySince = needy ? (entry.needySince ?? now) : undefined;
    return true;
  }

  /** It said goodbye, or is known to be dead. */
  markGone(peer: PeerId, how: 'left' | 'dead'): void {
    const entry = this.#peers.get(peer);
    if (entry === undefined || entry.gone !== undefined) return;
    entry.gone = how;
    this.disturb();
  }

  /** Whether an announcement of this peer is recent enough to be believed, and it is not gone since. */
  isFresh(entry: KnownPeer, now: number): boolean {
    return entry.heardAt !== undefined && now - entry.heardAt < UNHEARD_MS && entry.gone === undefined;
  }

  /** The fresh announcement of a peer. */
  freshAnnouncement(peer: PeerId, now: number): SignedAnnouncement | undefined {
    const entry = this.#peers.get(peer);
    return entry !== undefined && this.isFresh(entry, now) ? entry.announcement : undefined;
  }

  /** A peer that showed itself outside the mesh lately, and has not been reachable since: it is in another component. */
  isForeign(entry: KnownPeer, now: number): boolean {
    const at = entry.discoveredAt;
    if (entry.reachable || entry.gone !== undefined || at === undefined || entry.isOfOurs) return false;
    return at > entry.lostAt && now - at < DISCOVERY_MS;
  }

  /** After a sleep of `sleptMs` nobody is blamed for the silence, and everybody may be dialled again. */
  forgive(sleptMs: number, now: number): void {
    for (const entry of this.#peers.values()) {
      if (entry.heardAt !== undefined) entry.heardAt = Math.min(now, entry.heardAt + sleptMs);
      if (entry.needySince !== undefined) entry.needySince = now;
      entry.staleDials = 0;
      entry.retryAt = Math.min(entry.retryAt, now);
      entry.urgentRetryAt = Math.min(entry.urgentRetryAt, now);
    }
    this.disturb();
  }

  /** Walks from our own neighbours over the fresh announcements' neighbour lists and marks who is reachable. */
  walk(neighbours: ReadonlySet<PeerId>, now: number): WalkResult {
    this.#stale = false;
    const hops = this.#firstHops(neighbours, now);
    const before = this.#reachable;
    let changed = false;
    let lost = 0;
    this.#reachable = 0;
    for (const entry of this.#peers.values()) {
      entry.walkHop = hops.get(entry.peer);
      const reachable = entry.walkHop !== undefined;
      if (reachable) this.#reachable += 1;
      if (reachable === entry.reachable) continue;
      changed = true;
      entry.reachable = reachable;
      // What failed while it was away says nothing about how it is reached now.
      if (reachable) entry.failures = 0;
      else entry.lostAt = now;
      if (!reachable && entry.gone === undefined) lost += 1;
    }
    return { changed, lost, before };
  }

  /** Whether `peer`, one of our `neighbours`, would be reachable if our link with it did not exist. */
  reachesWithoutLink(peer: PeerId, neighbours: ReadonlySet<PeerId>, now: number): boolean {
    const others = new Set(neighbours);
    others.delete(peer);
    return this.#firstHops(others, now, true).has(peer);
  }

  /** `strict`: a link counts only when both ends announce it, so that nobody can claim to be a way to somebody. */
  #firstHops(neighbours: ReadonlySet<PeerId>, now: number, strict = false): Map<PeerId, PeerId> {
    const hops = new Map<PeerId, PeerId>();
    for (const neighbour of neighbours) hops.set(neighbour, neighbour);
    // A Map hands out what is added while it is walked, so this is a breadth-first queue.
    for (const [peer, hop] of hops) {
      for (const next of this.freshAnnouncement(peer, now)?.neighbours ?? []) {
        if (next === this.#self || hops.has(next)) continue;
        const entry = this.#peers.get(next);
        if (strict && this.freshAnnouncement(next, now)?.neighbours.includes(peer) !== true) continue;
        // Listed by others but gone or long silent itself. Never heard at all: its first announcement is on its way.
        if (entry !== undefined && (entry.gone !== undefined || isSilent(entry, now))) continue;
        hops.set(next, hop);
      }
    }
    return hops;
  }

  #dropOne(insist: boolean): boolean {
    let victim: KnownPeer | undefined;
    for (const entry of this.#peers.values()) {
      if (entry.reachable) {
        victim ??= insist ? entry : undefined;
        continue;
      }
      victim = entry;
      break;
    }
    if (victim === undefined) return false;
    this.#retire(victim);
    return true;
  }

  #retire(victim: KnownPeer): void {
    this.#peers.delete(victim.peer);
    this.#byOrigin.delete(originOf(victim.peer));
    if (victim.reachable) this.#reachable -= 1;
    this.#version += 1;
    if (victim.announcement === undefined) return;
    this.#retired.delete(victim.peer);
    this.#retired.set(victim.peer, victim.announcement.counter);
    for (const peer of this.#retired.keys()) {
      if (this.#retired.size <= MAX_RETIRED_COUNTERS) return;
      this.#retired.delete(peer);
    }
  }
}

/** Whether it may be dialled at all: neither gone nor frozen. */
export function isAwake(entry: KnownPeer): boolean {
  return entry.gone === undefined && entry.announcement?.asleep !== true;
}

function isSilent(entry: KnownPeer, now: number): boolean {
  return entry.heardAt !== undefined && now - entry.heardAt >= UNHEARD_MS;
}

function sameView(a: SignedAnnouncement | undefined, b: SignedAnnouncement): boolean {
  return a?.asleep === b.asleep && sameIds(a.neighbours, b.neighbours);
}

function sameIds(a: readonly PeerId[], b: readonly PeerId[]): boolean {
  return a.length === b.length && a.every((peer, i) => peer === b[i]);
}
