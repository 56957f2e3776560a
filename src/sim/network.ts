/**
 * The simulated link layer: what `LinkPort` promises (src/kernel/ports.ts), for all participants at once. Delivery is ordered within a
 * lane, delayed by distance, size and what is lost below the data channel, held back by cuts. A link whose far end is dead,
 * asleep or cut off falls silent after `silentMs`; a link that is hung up tells the other side, if anything can.
 */
import type { PeerId } from '../kernel/ids.ts';
import type { Lane, LinkFailure } from '../kernel/machine.ts';
import type { Random } from '../kernel/random.ts';
import { cargoBytes, type Cargo } from './cargo.ts';
import type { SimLinkInput } from './driver.ts';
import type { WorldEvent } from './event-heap.ts';
import type { Paths } from './paths.ts';
import type { WorldSettings } from './settings.ts';
import { createSimLink, wayFrom, wayTo, type Direction, type Parcel, type SimLink } from './sim-link.ts';

/** Times that one message may be lost in a row. Origin: guess; the sixth would take 12 s and end the link anyway. */
const MAX_LOSSES = 5;

/** What links, attempts and discovery need from the world around them. */
export interface NetworkHost<Message> {
  readonly settings: WorldSettings;
  readonly paths: Paths;
  now(): number;
  /** Something of nobody in particular; `cancel` takes it back. */
  schedule(afterMs: number, run: () => void): WorldEvent;
  cancel(event: WorldEvent): void;
  /** Something that happens to `peer`: put off while it sleeps, void when it crashes before. */
  scheduleFor(peer: PeerId, afterMs: number, run: () => void): void;
  /** Runs and is not asleep. */
  isAwake(peer: PeerId): boolean;
  /** Hands an input or a message to the participant, at once. */
  linkEvent(peer: PeerId, input: SimLinkInput): void;
  received(peer: PeerId, from: PeerId, cargo: Cargo<Message>): void;
}

export interface NetworkCounters {
  sentMessages: number;
  sentBytes: number;
  openedLinks: number;
  /** Links given up by a participant because its neighbour was silent. */
  silentHangUps: number;
  /** Attempts that were begun. */
  dials: number;
  /** Announcements, and questions and answers of attempts, that went through the server, counted once per receiver. */
  serverMessages: number;
  /** Sent messages by their kind. */
  readonly byKind: Map<string, number>;
}

export class Network<Message> {
  readonly counters: NetworkCounters = {
    sentMessages: 0,
    sentBytes: 0,
    openedLinks: 0,
    silentHangUps: 0,
    dials: 0,
    serverMessages: 0,
    byKind: new Map(),
  };
  readonly #host: NetworkHost<Message>;
  readonly #random: Random;
  readonly #links = new Map<PeerId, Map<PeerId, SimLink>>();

  constructor(host: NetworkHost<Message>, random: Random) {
    this.#host = host;
    this.#random = random;
  }

  /** Peers to which `peer` holds an established link. */
  neighbours(peer: PeerId): PeerId[] {
    const others: PeerId[] = [];
    for (const [other, link] of this.#links.get(peer) ?? []) if (wayFrom(link, peer).isUp) others.push(other);
    return others;
  }

  linkCount(peer: PeerId): number {
    let count = 0;
    for (const link of this.#links.get(peer)?.values() ?? []) if (wayFrom(link, peer).isUp) count += 1;
    return count;
  }

  hasLink(peer: PeerId, other: PeerId): boolean {
    const link = this.#links.get(peer)?.get(other);
    return link !== undefined && wayFrom(link, peer).isUp;
  }

  /** Whether messages can get from `from` to `to` over established links (for introductions through the mesh). */
  meshReaches(from: PeerId, to: PeerId): boolean {
    const seen = new Set([from]);
    for (const peer of seen) {
      if (peer === to) return true;
      for (const next of this.neighbours(peer)) {
        if (this.#host.isAwake(next) && this.#host.paths.isOpenBothWays(peer, next)) seen.add(next);
      }
    }
    return false;
  }

  /** Opens a link; both ends learn of it, one after the other. An older link of the pair is gone with that. */
  open(a: PeerId, b: PeerId): void {
    this.closeOld(a, b);
    this.closeOld(b, a);
    const { delayMs } = this.#host.settings;
    const random = this.#random.fork(`${a}|${b}|${this.counters.openedLinks}`);
    const distance = this.#random.fork(`distance ${a < b ? a + b : b + a}`);
    const link = createSimLink(a, b, drawBetween(distance, delayMs), random);
    this.counters.openedLinks += 1;
    this.#linksOf(a).set(b, link);
    this.#linksOf(b).set(a, link);
    this.#host.scheduleFor(a, 0, () => this.#up(link, a, b));
    this.#host.scheduleFor(b, link.delayMs, () => this.#up(link, b, a));
    for (const { to, laneArrivesAt } of link.ways) {
      // Nothing that is sent at once arrives before the receiver's end is up.
      const upAt = this.#host.now() + (to === b ? link.delayMs : 0);
      laneArrivesAt.control = laneArrivesAt.journal = laneArrivesAt.bulk = upAt;
    }
  }

  /** Queues a message; false when there is no link or it just ended because too much was waiting. */
  send(from: PeerId, to: PeerId, cargo: Cargo<Message>, lane: Lane, kind: string): boolean {
    const link = this.#links.get(from)?.get(to);
    if (link === undefined) return false;
    const way = wayFrom(link, from);
    if (!way.isUp) return false;
    const bytes = cargoBytes(cargo);
    const { settings } = this.#host;
    if (way.queuedBytes + bytes > settings.maxQueuedBytes) {
      this.#endSide(link, from, to);
      this.#host.scheduleFor(from, 0, () => {
        this.#host.linkEvent(from, { kind: 'linkDown', peer: to, reason: 'overloaded' });
      });
      this.#tellEnd(link, from, 'overloaded');
      return false;
    }
    this.counters.sentMessages += 1;
    this.counters.sentBytes += bytes;
    this.counters.byKind.set(kind, (this.counters.byKind.get(kind) ?? 0) + 1);
    if (happens(link.random, settings.dropPerMille)) return true;
    const back = wayTo(link, from);
    const arrive = (): void => {
      if (back.isUp) this.#host.received(to, from, cargo);
    };
    this.#post(link, way, lane, { bytes, arrive });
    return true;
  }

  /** Ends a link from one side; the other side hears of it if anything gets through. */
  hangUp(from: PeerId, to: PeerId, reason: LinkFailure): void {
    const link = this.#links.get(from)?.get(to);
    if (link === undefined) return;
    if (reason === 'silent') this.counters.silentHangUps += 1;
    this.#endSide(link, from, to);
    this.#tellEnd(link, from, reason);
  }

  /** All links of a participant that leaves in good order. */
  leave(peer: PeerId): void {
    for (const other of this.neighbours(peer)) this.hangUp(peer, other, 'goodbye');
  }

  /** A participant dies without a word: its own ends are gone, the others fall silent. */
  crash(peer: PeerId): void {
    for (const [other, link] of [...(this.#links.get(peer) ?? [])]) {
      wayFrom(link, peer).held = [];
      this.#endSide(link, peer, other);
    }
  }

  /** The connection of a link breaks: each end learns of it by itself, up to `withinMs` later. */
  breakLink(a: PeerId, b: PeerId, withinMs: number): void {
    const link = this.#links.get(a)?.get(b);
    if (link === undefined) return;
    for (const way of link.ways) {
      way.held = [];
      this.#host.scheduleFor(way.from, link.random.below(withinMs + 1), () => {
        if (!way.isUp) return;
        this.#endSide(link, way.from, way.to);
        this.#host.linkEvent(way.from, { kind: 'linkDown', peer: way.to, reason: 'closed' });
      });
    }
  }

  /** What is left of an older link at `peer`'s end: a new request or link of `other` proves that it is dead. */
  closeOld(peer: PeerId, other: PeerId): void {
    const link = this.#links.get(peer)?.get(other);
    if (link === undefined) return;
    const wasUp = wayFrom(link, peer).isUp;
    this.#endSide(link, peer, other);
    if (wasUp) this.#host.linkEvent(peer, { kind: 'linkDown', peer: other, reason: 'closed' });
  }

  /** To be called after anything that changes who hears whom: delivers what was held back, starts and ends silences. */
  pathsChanged(peers: Iterable<PeerId>): void {
    for (const peer of peers) {
      for (const link of this.#links.get(peer)?.values() ?? []) {
        for (const way of link.ways) this.#refresh(link, way);
      }
    }
  }

  #up(link: SimLink, peer: PeerId, other: PeerId): void {
    if (this.#links.get(peer)?.get(other) !== link) return;
    wayFrom(link, peer).isUp = true;
    this.#host.linkEvent(peer, { kind: 'linkUp', peer: other });
    for (const way of link.ways) this.#refresh(link, way);
  }

  /** `peer`'s end is down from now on; a link with no end up is forgotten. */
  #endSide(link: SimLink, peer: PeerId, other: PeerId): void {
    wayFrom(link, peer).isUp = false;
    if (this.#links.get(peer)?.get(other) === link) this.#links.get(peer)?.delete(other);
    for (const way of link.ways) this.#refresh(link, way);
  }

  #tellEnd(link: SimLink, from: PeerId, reason: LinkFailure): void {
    const way = wayFrom(link, from);
    const back = wayTo(link, from);
    const arrive = (): void => {
      if (!back.isUp) return;
      this.#endSide(link, way.to, from);
      this.#host.linkEvent(way.to, { kind: 'linkDown', peer: from, reason });
    };
    this.#post(link, way, 'control', { bytes: 0, arrive });
  }

  #post(link: SimLink, way: Direction, lane: Lane, parcel: Parcel): void {
    const { settings } = this.#host;
    const now = this.#host.now();
    way.queuedBytes += parcel.bytes;
    const sentAt = Math.max(now, way.lineFreeAt) + parcel.bytes / settings.bytesPerMs;
    way.lineFreeAt = sentAt;
    const travelMs = link.delayMs + drawBetween(link.random, settings.jitterMs) + this.#lateMs(link);
    const arrivesAt = Math.max(sentAt + travelMs, way.laneArrivesAt[lane]);
    way.laneArrivesAt[lane] = arrivesAt;
    this.#host.scheduleFor(way.to, arrivesAt - now, () => this.#arrive(way, parcel));
  }

  /** How much later a message comes because it, and some of its repetitions, were lost on the way. */
  #lateMs({ random, delayMs }: SimLink): number {
    const { lossPerMille, resendMs } = this.#host.settings;
    let lateMs = 0;
    let waitMs = Math.max(resendMs, 2 * delayMs);
    for (let losses = 0; losses < MAX_LOSSES && happens(random, lossPerMille); losses++) {
      lateMs += waitMs;
      waitMs *= 2;
    }
    return lateMs;
  }

  #arrive(way: Direction, parcel: Parcel): void {
    if (way.held.length > 0 || !this.#host.paths.isOpen(way.from, way.to)) {
      way.held.push(parcel);
      return;
    }
    way.queuedBytes -= parcel.bytes;
    parcel.arrive();
  }

  /** At once, and so before anything that is still on its way: the order of each lane holds. */
  #release(way: Direction): void {
    const held = way.held;
    way.held = [];
    for (const parcel of held) this.#host.scheduleFor(way.to, 0, () => this.#arrive(way, parcel));
  }

  #refresh(link: SimLink, way: Direction): void {
    const isListening = wayFrom(link, way.to).isUp;
    const isOpen = this.#host.paths.isOpen(way.from, way.to);
    const isHeard = isOpen && this.#host.isAwake(way.from) && way.isUp;
    if (isOpen && way.held.length > 0) this.#release(way);
    if (isHeard || !isListening) {
      if (way.silence !== undefined) this.#host.cancel(way.silence);
      way.silence = undefined;
    } else {
      way.silence ??= this.#host.schedule(this.#host.settings.silentMs, () => this.#silent(link, way));
    }
  }

  #silent(link: SimLink, way: Direction): void {
    way.silence = undefined;
    // A sleeper does not judge: when it wakes it waits the whole time again.
    if (!this.#host.isAwake(way.to) || !wayFrom(link, way.to).isUp) return;
    this.counters.silentHangUps += 1;
    this.#endSide(link, way.to, way.from);
    this.#tellEnd(link, way.to, 'silent');
    this.#host.linkEvent(way.to, { kind: 'linkDown', peer: way.from, reason: 'silent' });
  }

  #linksOf(peer: PeerId): Map<PeerId, SimLink> {
    const links = this.#links.get(peer) ?? new Map<PeerId, SimLink>();
    this.#links.set(peer, links);
    return links;
  }
}

/** A number drawn evenly from `range`, in steps of a thousandth. */
export function drawBetween(random: Random, [min, max]: readonly [number, number]): number {
  return min + ((max - min) * random.below(1001)) / 1000;
}

/** True `perMille` times of a thousand; draws nothing when that is never. */
export function happens(random: Random, perMille: number): boolean {
  return perMille > 0 && random.below(1000) < perMille;
}
