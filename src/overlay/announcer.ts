/** When the signaling server is told again that we are here. Each announcement goes to everybody, so they are rare. Rules OVL-60, OVL-61. */
import type { Random } from '../kernel/random.ts';
import type { Outbox } from './commands.ts';
import {
  ANNOUNCE_BACKOFF_MS,
  ANNOUNCE_JITTER_MS,
  ANNOUNCE_PERIOD_MS,
  MAX_ANNOUNCE_BACKOFF_MS,
  SPLIT_ANNOUNCE_GAP_MS,
  SPLIT_ANNOUNCE_JITTER_MS,
} from './limits.ts';

export class Announcer {
  readonly #random: Random;
  #lastAt = 0;
  #periodEndsAt = 0;
  #backoff = ANNOUNCE_BACKOFF_MS;
  #backoffEndsAt = 0;
  #hurryAt: number | undefined;
  #missing = true;

  constructor(random: Random) {
    this.#random = random;
  }

  /** `missing`: links are missing and the mesh offers nobody to dial. */
  setMissing(missing: boolean, now: number): void {
    if (missing === this.#missing) return;
    this.#missing = missing;
    this.#backoff = ANNOUNCE_BACKOFF_MS;
    // The mesh is given one such time to supply links before the server is asked.
    this.#backoffEndsAt = Math.max(this.#lastAt, now) + this.#jittered(ANNOUNCE_BACKOFF_MS);
  }

  /** Many peers vanished at once, or we woke up: others may be cut off and looking for us. */
  hurry(now: number): void {
    const at =
      Math.max(now, this.#lastAt + SPLIT_ANNOUNCE_GAP_MS) + this.#random.below(SPLIT_ANNOUNCE_JITTER_MS);
    this.#hurryAt = Math.min(this.#hurryAt ?? at, at);
  }

  deadline(): number {
    const usual = this.#missing ? Math.min(this.#backoffEndsAt, this.#periodEndsAt) : this.#periodEndsAt;
    return Math.min(usual, this.#hurryAt ?? usual);
  }

  maintain(now: number, out: Outbox): void {
    if (now >= this.deadline()) this.announce(now, out);
  }

  announce(now: number, out: Outbox): void {
    out.emit({ type: 'announce' });
    this.#lastAt = now;
    this.#hurryAt = undefined;
    this.#periodEndsAt = now + ANNOUNCE_PERIOD_MS + this.#random.below(ANNOUNCE_JITTER_MS);
    this.#backoffEndsAt = now + this.#jittered(this.#backoff);
    this.#backoff = Math.min(this.#backoff * 2, MAX_ANNOUNCE_BACKOFF_MS);
  }

  #jittered(ms: number): number {
    return ms - Math.floor(ms / 4) + this.#random.below(Math.floor(ms / 2) + 1);
  }
}
