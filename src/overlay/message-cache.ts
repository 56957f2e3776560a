/** Recent broadcasts: the ids of all of them, and the payloads of the latest for those who ask. Rules OVL-25, OVL-26. */
import type { Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { Lane } from '../kernel/machine.ts';
import { CACHED_MS, MAX_CACHED, MAX_CACHED_BYTES, MAX_SEEN, SEEN_MS } from './limits.ts';

export interface CachedMessage {
  readonly id: string;
  readonly origin: string;
  /** Links it had crossed when it came here; 0 for our own. */
  readonly hops: number;
  readonly lane: Lane;
  readonly payload: Bytes;
  /** When it came here. */
  readonly at: number;
  /** When it was broadcast, as far as is known: by our clock, at or before `at`. */
  readonly bornAt: number;
  /** Neighbours that have it: they sent it, named it, or were sent it. */
  readonly knownBy: Set<PeerId>;
}

export class MessageCache {
  /** When each was first seen, oldest first. */
  readonly #seen = new Map<string, number>();
  readonly #cached = new Map<string, CachedMessage>();
  #bytes = 0;

  hasSeen(id: string): boolean {
    return this.#seen.has(id);
  }

  /** Number of remembered ids, at most MAX_SEEN. */
  get size(): number {
    return this.#seen.size;
  }

  /** Bytes of kept payloads, at most MAX_CACHED_BYTES. */
  get bytes(): number {
    return this.#bytes;
  }

  get(id: string): CachedMessage | undefined {
    return this.#cached.get(id);
  }

  /** Newest last. */
  all(): Iterable<CachedMessage> {
    return this.#cached.values();
  }

  add(message: CachedMessage): void {
    this.#seen.set(message.id, message.at);
    this.#cached.set(message.id, message);
    this.#bytes += message.payload.length;
    this.expire(message.at);
  }

  /** Forgets what is too old or too much. */
  expire(now: number): void {
    for (const [id, at] of this.#seen) {
      if (this.#seen.size <= MAX_SEEN && now - at < SEEN_MS) break;
      this.#seen.delete(id);
    }
    for (const [id, { at, payload }] of this.#cached) {
      const fits = this.#cached.size <= MAX_CACHED && this.#bytes <= MAX_CACHED_BYTES;
      if (fits && now - at < CACHED_MS) break;
      this.#cached.delete(id);
      this.#bytes -= payload.length;
    }
  }
}
