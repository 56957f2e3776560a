/**
 * Broadcasts that were named and have not come: whom to ask, and when. Each neighbour may name only so many that it does not send, so
 * that nobody fills the memory with names of nothing. Rules OVL-27, OVL-28.
 */
import type { PeerId } from '../kernel/ids.ts';
import { MAX_MISSING_PER_NEIGHBOUR } from './limits.ts';
import type { Mention } from './messages.ts';

/** Askings of one neighbour for one broadcast. Guess: a lost answer is rare on a reliable channel. */
const TRIES_PER_SOURCE = 2;

interface MissingMessage {
  readonly origin: string;
  readonly isLarge: boolean;
  /** Neighbours that named it, next to be asked first. */
  readonly sources: PeerId[];
  dueAt: number;
  tries: number;
}

/** One neighbour to be asked for one broadcast. */
export interface Request {
  readonly id: string;
  readonly origin: string;
  readonly from: PeerId;
  readonly isLarge: boolean;
  /** It was asked before and has not answered. */
  readonly isRepeated: boolean;
}

export class Missing {
  readonly #byId = new Map<string, MissingMessage>();
  readonly #counts = new Map<PeerId, number>();

  get size(): number {
    return this.#byId.size;
  }

  /** Notes that `by` has a broadcast that we lack, to be asked for at `dueAt`. False: it has named too many, and this name is forgotten. */
  named({ id, origin, large }: Mention, by: PeerId, dueAt: number): boolean {
    const known = this.#byId.get(id);
    if (known?.sources.includes(by) === true) return true;
    const count = this.#counts.get(by) ?? 0;
    if (count >= MAX_MISSING_PER_NEIGHBOUR) return false;
    this.#counts.set(by, count + 1);
    if (known === undefined) this.#byId.set(id, { origin, isLarge: large, sources: [by], dueAt, tries: 0 });
    else known.sources.push(by);
    return true;
  }

  /** It has come. Returns the neighbours that named it. */
  found(id: string): readonly PeerId[] {
    const known = this.#byId.get(id);
    if (known === undefined) return [];
    this.#byId.delete(id);
    for (const source of known.sources) this.#release(source);
    return known.sources;
  }

  /** A neighbour is gone: others that named the same are asked. */
  lost(peer: PeerId): void {
    if (!this.#counts.delete(peer)) return;
    for (const [id, message] of this.#byId) {
      const at = message.sources.indexOf(peer);
      if (at < 0) continue;
      message.sources.splice(at, 1);
      if (message.sources.length === 0) this.#byId.delete(id);
    }
  }

  /** When the next request is due. */
  deadline(): number | undefined {
    let earliest: number | undefined;
    for (const { dueAt } of this.#byId.values())
      if (earliest === undefined || dueAt < earliest) earliest = dueAt;
    return earliest;
  }

  /** The requests that are due; each is due again after `waitMs`, at the next source, until all were asked in vain. */
  due(now: number, waitMs: number): readonly Request[] {
    const requests: Request[] = [];
    for (const [id, message] of this.#byId) {
      if (message.dueAt > now) continue;
      if (message.tries >= message.sources.length * TRIES_PER_SOURCE) {
        this.found(id); // nobody has it any more; anti-entropy brings what matters
        continue;
      }
      const from = message.sources[message.tries % message.sources.length];
      const isRepeated = message.tries >= message.sources.length;
      message.tries += 1;
      message.dueAt = now + waitMs;
      const { origin, isLarge } = message;
      if (from !== undefined) requests.push({ id, origin, from, isLarge, isRepeated });
    }
    return requests;
  }

  #release(source: PeerId): void {
    const count = this.#counts.get(source) ?? 0;
    if (count <= 1) this.#counts.delete(source);
    else this.#counts.set(source, count - 1);
  }
}
