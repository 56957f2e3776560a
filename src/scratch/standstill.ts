/**
 * Two stock y-webrtc clients that announce themselves at the same instant can each wait for the other for ever (y-webrtc PR 39): one of
 * them keeps an offer that nobody will answer, and answers no announcement while it has it. Nothing in the protocol ends that, but a new
 * offer with a later token does, on stock clients too: so whoever of the two is ours offers anew when a peer has been heard of and is not
 * connected after a while.
 */
import type { ClockPort } from '../kernel/ports.ts';
import type { Random } from '../kernel/random.ts';
import { MAX_STANDSTILL_OFFERS, MAX_WATCHED_PEERS, STANDSTILL_JITTER_MS, STANDSTILL_MS } from './limits.ts';

/** What the watch needs of the room. */
export interface StandstillRoom {
  /** Our own peer id in the room. */
  selfId(): string;
  /** Whether there is a connection, by WebRTC or BroadcastChannel. */
  isConnected(peer: string): boolean;
  /** Gives up whatever attempt there is and offers a new connection. */
  offer(peer: string): void;
  /** Forgets an attempt that leads nowhere, so that the peer's next announcement begins a new one. */
  drop(peer: string): void;
}

interface Watched {
  offers: number;
  cancel: () => void;
}

/** Watches the peers of one room that are known and not connected. */
export class StandstillWatch {
  readonly #room: StandstillRoom;
  readonly #clock: Pick<ClockPort, 'after'>;
  readonly #random: Random;
  readonly #watched = new Map<string, Watched>();

  constructor(room: StandstillRoom, clock: Pick<ClockPort, 'after'>, random: Random) {
    this.#room = room;
    this.#clock = clock;
    this.#random = random;
  }

  /** Peers that are watched. */
  get size(): number {
    return this.#watched.size;
  }

  /** An attempt with `peer` has begun, whoever began it. */
  heard(peer: string): void {
    if (this.#watched.has(peer) || this.#watched.size >= MAX_WATCHED_PEERS) return;
    const watched: Watched = { offers: 0, cancel: () => undefined };
    this.#watched.set(peer, watched);
    this.#arm(peer, watched);
  }

  /** `peer` is connected, or has left after it was. An attempt that failed is no reason to call this: then we are to offer anew. */
  settled(peer: string): void {
    this.#watched.get(peer)?.cancel();
    this.#watched.delete(peer);
  }

  /** Forgets everybody. */
  stop(): void {
    for (const { cancel } of this.#watched.values()) cancel();
    this.#watched.clear();
  }

  #arm(peer: string, watched: Watched): void {
    // Of two that watch each other, the one with the lower id is first; stock clients do not watch at all.
    const share = this.#room.selfId() < peer ? 1 : 2;
    const waitMs = STANDSTILL_MS * share * 2 ** watched.offers + this.#random.below(STANDSTILL_JITTER_MS);
    if (watched.offers === 0) {
      this.#later(peer, watched, waitMs, () => {
        this.#offer(peer, watched);
      });
      return;
    }
    // An offer that waits for its answer is in the way of the other side's own, so it stays for half of the time only.
    this.#later(peer, watched, waitMs / 2, () => {
      this.#room.drop(peer);
      this.#later(peer, watched, waitMs / 2, () => {
        this.#offer(peer, watched);
      });
    });
  }

  #later(peer: string, watched: Watched, waitMs: number, step: () => void): void {
    watched.cancel = this.#clock.after(waitMs, () => {
      if (this.#room.isConnected(peer)) this.#watched.delete(peer);
      else step();
    });
  }

  #offer(peer: string, watched: Watched): void {
    if (watched.offers >= MAX_STANDSTILL_OFFERS) {
      this.#watched.delete(peer);
      return;
    }
    watched.offers++;
    this.#room.offer(peer);
    this.#arm(peer, watched);
  }
}
