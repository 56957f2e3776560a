/**
 * Heartbeats: every link carries something of ours at least once a second, and each heartbeat echoes the latest one of the other side with
 * the time that it was held, so that round trips are measured without answers (as TCP timestamps do, RFC 7323 section 3; smoothing as in
 * RFC 6298 section 2). Rules OVL-40 to OVL-42.
 */
import type { PeerId } from '../kernel/ids.ts';
import type { Outbox } from './commands.ts';
import { HEARTBEAT_MS, HEARTBEAT_SLACK_MS } from './limits.ts';
import type { MessageOf } from './messages.ts';

/** Heartbeats whose time of sending is remembered per link: an echo of an older one says nothing useful. Guess. */
const MAX_REMEMBERED_BEATS = 8;

interface Pulsing {
  count: number;
  echo: number;
  echoAt: number;
  readonly sentAt: Map<number, number>;
  lastSentAt: number;
  lastHeardAt: number;
  /** Smoothed round trip and its mean deviation, ms; undefined before the first echo. */
  rttMs: number | undefined;
  deviationMs: number;
}

export class Heartbeats {
  readonly #links = new Map<PeerId, Pulsing>();

  up(peer: PeerId, now: number): void {
    this.#links.set(peer, {
      count: 0,
      echo: 0,
      echoAt: now,
      sentAt: new Map(),
      lastSentAt: now - HEARTBEAT_MS, // the first goes out at once: it brings the first round trip
      lastHeardAt: now,
      rttMs: undefined,
      deviationMs: 0,
    });
  }

  down(peer: PeerId): void {
    this.#links.delete(peer);
  }

  /** Something came from this neighbour, whatever it was. */
  heard(peer: PeerId, now: number): void {
    const link = this.#links.get(peer);
    if (link !== undefined) link.lastHeardAt = now;
  }

  /** Something went to this neighbour, whatever it was. */
  sent(peer: PeerId, now: number): void {
    const link = this.#links.get(peer);
    if (link !== undefined) link.lastSentAt = now;
  }

  received(from: PeerId, message: MessageOf<'heartbeat'>, now: number, out: Outbox): void {
    const link = this.#links.get(from);
    if (link === undefined) {
      // We are its neighbour before it is ours: it is still being judged here, and shall not take that for death.
      if (message.isProbe)
        out.send(from, { kind: 'heartbeat', count: 0, echo: 0, heldMs: 0, isProbe: false }, 'control');
      return;
    }
    link.echo = message.count;
    link.echoAt = now;
    const sentAt = link.sentAt.get(message.echo);
    if (sentAt !== undefined) measure(link, Math.max(0, now - sentAt - message.heldMs));
    link.sentAt.delete(message.echo);
    if (message.isProbe) this.#beat(from, link, false, now, out);
  }

  /** Sends what is due. */
  maintain(now: number, out: Outbox): void {
    for (const [peer, link] of this.#links) {
      if (out.sentTo.has(peer)) continue;
      if (now - link.lastSentAt >= HEARTBEAT_MS - HEARTBEAT_SLACK_MS) this.#beat(peer, link, false, now, out);
    }
  }

  /** Asks a neighbour for a sign of life. */
  probe(peer: PeerId, now: number, out: Outbox): void {
    const link = this.#links.get(peer);
    if (link !== undefined) this.#beat(peer, link, true, now, out);
  }

  deadline(): number | undefined {
    let earliest: number | undefined;
    for (const { lastSentAt } of this.#links.values()) {
      const at = lastSentAt + HEARTBEAT_MS;
      if (earliest === undefined || at < earliest) earliest = at;
    }
    return earliest;
  }

  /** How long a neighbour has been silent, ms. */
  silentMs(peer: PeerId, now: number): number {
    const link = this.#links.get(peer);
    return link === undefined ? 0 : now - link.lastHeardAt;
  }

  /** Our own timers stood still for `ms`: nobody's silence during that time counts. */
  forgive(ms: number, now: number): void {
    for (const link of this.#links.values()) link.lastHeardAt = Math.min(now, link.lastHeardAt + ms);
  }

  /** Smoothed round trip of a link, ms. */
  rttMs(peer: PeerId): number | undefined {
    return this.#links.get(peer)?.rttMs;
  }

  /** A round trip that few messages of any link exceed, ms: the largest mean plus four deviations (RFC 6298). */
  slowestRttMs(): number {
    let slowest = 0;
    for (const { rttMs, deviationMs } of this.#links.values())
      slowest = Math.max(slowest, (rttMs ?? 0) + 4 * deviationMs);
    return slowest;
  }

  #beat(peer: PeerId, link: Pulsing, isProbe: boolean, now: number, out: Outbox): void {
    link.count += 1;
    link.lastSentAt = now;
    link.sentAt.set(link.count, now);
    for (const oldest of link.sentAt.keys()) {
      if (link.sentAt.size <= MAX_REMEMBERED_BEATS) break;
      link.sentAt.delete(oldest);
    }
    const heldMs = Math.max(0, Math.round(now - link.echoAt));
    out.send(peer, { kind: 'heartbeat', count: link.count, echo: link.echo, heldMs, isProbe }, 'control');
  }
}

function measure(link: Pulsing, sampleMs: number): void {
  if (link.rttMs === undefined) {
    link.rttMs = sampleMs;
    link.deviationMs = sampleMs / 2;
    return;
  }
  link.deviationMs += (Math.abs(sampleMs - link.rttMs) - link.deviationMs) / 4;
  link.rttMs += (sampleMs - link.rttMs) / 8;
}
