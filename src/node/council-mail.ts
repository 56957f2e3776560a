/**
 * How messages of the committee travel: statements and requests to everybody along the overlay's trees, questions to one neighbour at a time, answers to
 * whoever asked, and what is for one tab along the mesh. Nothing depends on any one of them arriving: what is missing is asked for.
 */
import type { Bytes } from '../kernel/bytes.ts';
import { encodeWith } from '../kernel/codec.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { Instant, Lane } from '../kernel/machine.ts';
import type { ConsensusMessage } from '../consensus/messages.ts';
import type { Pending } from '../consensus/pending.ts';
import { MAX_ROUTED_BYTES } from '../overlay/limits.ts';
import { MAX_FOUNDINGS_TOLD, MAX_TOLD_REQUESTS } from './limits.ts';
import { broadcastCodec, type CouncilMessage, type Said } from './messages.ts';
import type { NodeEffect } from './events.ts';

export interface MailHost {
  put(effect: NodeEffect): void;
  /** To everybody. */
  broadcast(payload: Bytes): void;
  /** To one tab that is no neighbour. */
  unicast(to: PeerId, payload: Bytes): void;
  /** Neighbours that belong to the board, oldest link first. */
  neighbours(): readonly PeerId[];
}

/** A request of ours that was said before. */
interface Repeated {
  /** How often it was broadcast. */
  broadcasts: number;
  /** Repetitions between the last broadcast and the next. */
  period: number;
  /** Those of them that are left. */
  skip: number;
}

/** How a request begins: as if halfway to the first broadcast, or with that. */
const TO_LEADER = { period: 2, skip: 1 } as const;
const TO_ALL = { period: 0, skip: 0 } as const;

/** Counts at most so many broadcasts of one request apart (`Said.again`). */
const MAX_AGAIN = 255;

/** Who leads a committee. */
export interface Leader {
  readonly primary: PeerId | undefined;
  /** Whether it may well be listening: its view has begun, and a quorum is reached, it included. */
  readonly leads: boolean;
}

export class CouncilMail {
  readonly #self: PeerId;
  readonly #host: MailHost;
  /** Neighbours that asked for the founding before we knew it. */
  readonly #askers = new Set<PeerId>();
  readonly #told = new Map<PeerId, number>();
  /** Our own requests that are not decided, at most as many as consensus lets one client have. */
  readonly #repeated = new Map<string, Repeated>();
  #turn = 0;

  constructor(self: PeerId, host: MailHost) {
    this.#self = self;
    this.#host = host;
  }

  broadcast(said: Said): void {
    this.#host.broadcast(encodeWith(broadcastCodec, { kind: 'said', ...said }));
  }

  /**
   * A request of ours: at first to whoever leads alone, if anybody does, since all others get it with its proposal; if that brought nothing, to everybody, and then
   * ever more seldom, since what was broadcast once is no news, and to the primary alone halfway between. Whoever repeats more often makes a committee that is
   * only slow slower.
   */
  request(key: string, said: Said, { primary, leads }: Leader): void {
    const repeated = this.#repeated.get(key) ?? { broadcasts: 0, ...(leads ? TO_LEADER : TO_ALL) };
    this.#repeated.set(key, repeated);
    if (repeated.skip > 0) {
      if (repeated.skip === repeated.period / 2 && primary !== undefined) this.send(primary, said);
      repeated.skip -= 1;
      return;
    }
    this.broadcast({ ...said, again: repeated.broadcasts });
    repeated.broadcasts = Math.min(repeated.broadcasts + 1, MAX_AGAIN);
    repeated.period = 1 << Math.min(repeated.broadcasts, 10);
    repeated.skip = repeated.period;
  }

  /** A request of ours was decided. */
  done(key: string): void {
    this.#repeated.delete(key);
  }

  /** A quorum is there again: whoever has come since has not heard what waits here. */
  begin(): void {
    for (const repeated of this.#repeated.values()) repeated.skip = 0;
  }

  /** Asks one neighbour, another one each time. */
  ask(said: Said): void {
    const neighbours = this.#host.neighbours();
    this.#turn += 1;
    const to = neighbours[this.#turn % Math.max(1, neighbours.length)];
    if (to !== undefined) this.#direct(to, { kind: 'said', ...said }, 'control');
  }

  /** What is for one tab. Questions go to any neighbour in its place: whoever answers is believed for hashes and certificates, not for who it is. */
  send(to: PeerId, said: Said): void {
    if (to === this.#self) return;
    if (this.#host.neighbours().includes(to))
      this.#direct(to, { kind: 'said', ...said }, laneOf(said.message));
    else if (said.message.kind === 'question' && said.message.question.kind !== 'present') this.ask(said);
    else {
      const payload = encodeWith(broadcastCodec, { kind: 'said', ...said });
      if (payload.length <= MAX_ROUTED_BYTES) this.#host.unicast(to, payload);
    }
  }

  /** A new neighbour hears of requests that wait here: nobody else may be left who knows them. */
  tellPending(peer: PeerId, pending: Pending, now: Instant, said: (message: ConsensusMessage) => Said): void {
    for (const request of pending.olderThan(0, now, MAX_TOLD_REQUESTS))
      this.send(peer, said({ kind: 'request', request }));
  }

  askFounding(peer: PeerId): void {
    this.#direct(peer, { kind: 'askFounding' }, 'control');
  }

  /** A neighbour asks for what we do not know ourselves yet. */
  askedFounding(peer: PeerId): void {
    if (this.#host.neighbours().includes(peer)) this.#askers.add(peer);
  }

  /** Who asked for the founding in vain. */
  askers(): readonly PeerId[] {
    const askers = [...this.#askers];
    this.#askers.clear();
    return askers;
  }

  tellFounding(peer: PeerId, said: Said): void {
    const told = this.#told.get(peer) ?? 0;
    if (told >= MAX_FOUNDINGS_TOLD || !this.#host.neighbours().includes(peer)) return;
    this.#told.set(peer, told + 1);
    this.send(peer, said);
  }

  forget(peer: PeerId): void {
    this.#askers.delete(peer);
    this.#told.delete(peer);
  }

  #direct(to: PeerId, body: CouncilMessage, lane: Lane): void {
    this.#host.put({ kind: 'send', to, message: { kind: 'council', body }, lane });
  }
}

/** State in pieces and batches let everything else pass. */
function laneOf({ kind }: ConsensusMessage): Lane {
  return kind === 'piece' || kind === 'manifest' || kind === 'batch' ? 'bulk' : 'control';
}
