/**
 * Which pairing codes may still be acted on: each offer is answered once, completed once, and only until it expires. Pure: no codes, no
 * connections, only the bookkeeping and its refusals. Rules: docs/spec/links.md, LNK-70 to LNK-79.
 */
import { toHex, type Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/machine.ts';
import type { PairingCode, PairingNote } from './pairing-code.ts';

/** How long an offer waits for its answer, in ms (guess: two people who talk need two minutes, and may be disturbed). */
export const PAIRING_MS = 10 * 60_000;
/** How far another device's clock may be behind or before ours when its codes are judged by it, in ms (guess). */
export const CLOCK_SLACK_MS = 5 * 60_000;
/** Most offers, and most answers, that wait at once; a further one ends the oldest (guess: nobody pairs with more people at a time). */
export const MAX_WAITING = 4;
/** Ids of codes that were acted on, remembered so that they are not acted on again (guess: an evening of pairing). */
export const MAX_USED = 64;

/** How long the link of a completed offer may take, in ms: a little more than browsers take to say that there is no path (15.9 s in Chromium: research/mesh.md 0.2). */
export const COMPLETING_MS = 20_000;
/** What a code of ours waits for: an answer, or for the other side to complete; or its link, once both codes are known here. */
export interface Waiting {
  readonly kind: 'offer' | 'answer' | 'completing';
  readonly attempt: Bytes;
  readonly endsAt: Instant;
}

export class Pairings {
  readonly #self: PeerId;
  readonly #waiting = new Map<string, Waiting>();
  readonly #over = new Map<string, 'pairUsed' | 'pairExpired'>();

  constructor(self: PeerId) {
    this.#self = self;
  }

  /** A code of ours goes out. Answers those that are over because of it. */
  begin(kind: 'offer' | 'answer', attempt: Bytes, now: Instant): readonly Waiting[] {
    const same = [...this.#waiting.values()].filter((waiting) => waiting.kind === kind);
    const over = same.slice(0, Math.max(0, same.length + 1 - MAX_WAITING));
    for (const waiting of over) this.end(waiting.attempt, 'pairExpired');
    this.#wait(kind, attempt, now + PAIRING_MS);
    return over;
  }

  /** Whether we may answer this offer. `wallMs`: this device's clock. */
  judgeOffer(note: PairingNote, wallMs: number): PairingCode | undefined {
    if (note.from === this.#self) return 'pairOwn';
    if (note.kind !== 'offer') return 'pairWrongKind';
    if (this.#knows(note.attempt)) return 'pairUsed';
    return wallMs > note.expiresAt * 1000 + CLOCK_SLACK_MS ? 'pairExpired' : undefined;
  }

  /** Whether we may complete an offer of ours with this answer; if so, it is used up. */
  takeAnswer(note: PairingNote, now: Instant): PairingCode | undefined {
    if (note.from === this.#self) return 'pairOwn';
    if (note.kind !== 'answer') return 'pairWrongKind';
    const id = toHex(note.attempt);
    const over = this.#over.get(id);
    if (over !== undefined) return over;
    const waiting = this.#waiting.get(id);
    if (waiting === undefined || waiting.kind === 'answer') return 'pairUnknown';
    if (waiting.kind === 'completing') return 'pairUsed';
    if (now >= waiting.endsAt) return 'pairExpired';
    this.#wait('completing', note.attempt, now + COMPLETING_MS);
    return undefined;
  }

  /** It has become a link, or never will; a late code of it is told why. */
  end(attempt: Bytes, why: 'pairUsed' | 'pairExpired'): void {
    this.#waiting.delete(toHex(attempt));
    this.#over.set(toHex(attempt), why);
    for (const oldest of this.#over.keys()) {
      if (this.#over.size <= MAX_USED) break;
      this.#over.delete(oldest);
    }
  }

  /** Those whose time is over; each is to be ended. */
  expired(now: Instant): readonly Waiting[] {
    return [...this.#waiting.values()].filter(({ endsAt }) => now >= endsAt);
  }

  #knows(attempt: Bytes): boolean {
    return this.#over.has(toHex(attempt)) || this.#waiting.has(toHex(attempt));
  }

  #wait(kind: Waiting['kind'], attempt: Bytes, endsAt: number): void {
    this.#waiting.set(toHex(attempt), { kind, attempt, endsAt: endsAt as Instant });
  }
}
