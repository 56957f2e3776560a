/**
 * Which neighbours have fallen silent. Silence is measured with our own lateness taken off, a silent neighbour is probed before it is
 * given up, and whoever answers, even from a tab whose timers are throttled, is alive: answers need no timer (Lifeguard, Dadgar et al.
 * 2018, and SWIM, Das et al. 2002, section 4.2). Rules OVL-43 to OVL-46.
 */
import type { PeerId } from '../kernel/ids.ts';
import type { Outbox } from './commands.ts';
import type { Heartbeats } from './heartbeats.ts';
import {
  LAG_FACTOR,
  MAX_LAG_ALLOWANCE_MS,
  MAX_PROBE_MS,
  MIN_PROBE_MS,
  SUSPECT_MS,
  SUSPECT_TOO_MS,
} from './limits.ts';

/** Ticks over which our own lateness is averaged: some ten seconds. Guess. */
const LAG_SAMPLES = 16;

export class FailureDetector {
  readonly #heartbeats: Heartbeats;
  readonly #links: ReadonlySet<PeerId>;
  /** When the probe of a suspect was sent. */
  readonly #probedAt = new Map<PeerId, number>();
  /** How late our timers were lately, on average, ms. */
  #lagMs = 0;

  constructor(heartbeats: Heartbeats, links: ReadonlySet<PeerId>) {
    this.#heartbeats = heartbeats;
    this.#links = links;
  }

  /** Probes who has been silent for too long; returns who did not answer a probe and has to be given up. */
  maintain(now: number, out: Outbox): readonly PeerId[] {
    const silent: PeerId[] = [];
    for (const peer of this.#links) {
      const probedAt = this.#probedAt.get(peer);
      const silentMs = this.#heartbeats.silentMs(peer, now);
      if (probedAt !== undefined && now - silentMs >= probedAt) this.#probedAt.delete(peer);
      else if (probedAt !== undefined && now >= probedAt + this.#probeMs(peer)) silent.push(peer);
      else if (probedAt === undefined && silentMs >= SUSPECT_MS + this.#allowanceMs())
        this.#probe(peer, now, out);
    }
    return silent;
  }

  /** Somebody else finds `peer` silent: we look ourselves, at once (the indirect probe of SWIM). */
  suspected(peer: PeerId, now: number, out: Outbox): void {
    if (!this.#links.has(peer) || this.#probedAt.has(peer)) return;
    if (this.#heartbeats.silentMs(peer, now) >= SUSPECT_TOO_MS) this.#probe(peer, now, out);
  }

  /** After a sleep of our own everybody is asked before anybody is suspected. */
  woke(now: number, out: Outbox): void {
    this.#probedAt.clear();
    for (const peer of this.#links) this.#heartbeats.probe(peer, now, out);
  }

  /** How late our timers were lately, on average, ms. */
  get lagMs(): number {
    return this.#lagMs;
  }

  /** One of our timers was so late, in ms; 0 when it was in time. Whoever is starved itself is slow to accuse others. */
  ticked(lateMs: number): void {
    this.#lagMs += (lateMs - this.#lagMs) / LAG_SAMPLES;
  }

  /** Our timers stood still for `ms`: probes get as much more time. */
  forgive(ms: number): void {
    for (const [peer, at] of this.#probedAt) this.#probedAt.set(peer, at + ms);
  }

  down(peer: PeerId): void {
    this.#probedAt.delete(peer);
  }

  /** When `maintain` may have something to do. */
  deadline(now: number): number | undefined {
    let earliest: number | undefined;
    for (const peer of this.#links) {
      const probedAt = this.#probedAt.get(peer);
      const at =
        probedAt === undefined
          ? now - this.#heartbeats.silentMs(peer, now) + SUSPECT_MS + this.#allowanceMs()
          : probedAt + this.#probeMs(peer);
      if (earliest === undefined || at < earliest) earliest = at;
    }
    return earliest;
  }

  #probe(peer: PeerId, now: number, out: Outbox): void {
    this.#probedAt.set(peer, now);
    this.#heartbeats.probe(peer, now, out);
  }

  #probeMs(peer: PeerId): number {
    const usualMs = Math.max(4 * (this.#heartbeats.rttMs(peer) ?? 0), MIN_PROBE_MS);
    return Math.min(usualMs, MAX_PROBE_MS) + this.#allowanceMs();
  }

  #allowanceMs(): number {
    return Math.min(LAG_FACTOR * this.#lagMs, MAX_LAG_ALLOWANCE_MS);
  }
}
