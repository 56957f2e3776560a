/**
 * What we think of peers, from what we saw them do or what they signed. Good and bad fade alike: a reputation halves every ten minutes. It
 * chooses neighbours and never excludes anybody from the board by itself. Rules OVL-65 to OVL-67.
 */
import type { PeerId } from '../kernel/ids.ts';
import {
  MAX_REPUTATION,
  MAX_REPUTATIONS,
  REPUTATION_HALF_LIFE_MS,
  SHUNNED_REPUTATION,
  UNRELIABLE_REPUTATION,
} from './limits.ts';

/** What a peer did. */
export type Deed =
  | 'useful' // brought something that we lacked
  | 'failed' // a dial to it failed
  | 'silent' // our link with it fell silent
  | 'broken' // named a broadcast and did not send it
  | 'refused' // sent something malformed or wrongly signed
  | 'withheld' // was our neighbour and kept to itself what it holds
  | 'misbehaved' // did what no honest peer does
  | 'equivocation'; // signed two versions of one thing

/** What one failed dial takes from a reputation. Guess. */
export const FAILED_DIAL_COST = 2;

/** All guesses. */
const WEIGHTS: Readonly<Record<Deed, number>> = {
  useful: 1,
  failed: -FAILED_DIAL_COST,
  silent: -4,
  broken: -4,
  refused: -15,
  withheld: -40,
  misbehaved: -30,
  equivocation: -200,
};

/** What a bad network does to honest peers as well: enough to be chosen last, never enough to be shunned. */
const AMBIGUOUS: ReadonlySet<Deed> = new Set(['failed', 'silent', 'broken']);

/** Reputations are kept in 256ths, so that halving in steps loses little. */
const SCALE = 256;
/** Steps in which a half-life is walked: a linear eighth each is close enough to the curve (within 3 %). */
const STEPS = 8;
/** 2^(-1/8) in 256ths. */
const STEP_FACTOR = 235;

interface Reputed {
  value: number;
  at: number;
}

export class Reputation {
  readonly #peers = new Map<PeerId, Reputed>();

  note(peer: PeerId, deed: Deed, now: number): void {
    const reputed = this.#faded(peer, now) ?? { value: 0, at: now };
    const most = MAX_REPUTATION * SCALE;
    const least = AMBIGUOUS.has(deed) ? Math.min(reputed.value, UNRELIABLE_REPUTATION * SCALE) : -most;
    reputed.value = Math.min(most, Math.max(least, reputed.value + WEIGHTS[deed] * SCALE));
    this.#peers.delete(peer);
    this.#peers.set(peer, reputed);
    for (const oldest of this.#peers.keys()) {
      if (this.#peers.size <= MAX_REPUTATIONS) break;
      this.#peers.delete(oldest);
    }
  }

  /** From -MAX_REPUTATION to MAX_REPUTATION; 0 for strangers. */
  of(peer: PeerId, now: number): number {
    return Math.round((this.#faded(peer, now)?.value ?? 0) / SCALE);
  }

  /** Whether it gets no link of ours for now. */
  isShunned(peer: PeerId, now: number): boolean {
    return this.of(peer, now) <= SHUNNED_REPUTATION;
  }

  #faded(peer: PeerId, now: number): Reputed | undefined {
    const reputed = this.#peers.get(peer);
    if (reputed === undefined) return undefined;
    const stepMs = REPUTATION_HALF_LIFE_MS / STEPS;
    const steps = Math.floor((now - reputed.at) / stepMs);
    for (let i = 0; i < Math.min(steps, STEPS * 16); i++)
      reputed.value = Math.trunc((reputed.value * STEP_FACTOR) / 256);
    reputed.at += steps * stepMs;
    return reputed;
  }
}
