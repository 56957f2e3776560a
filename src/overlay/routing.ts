/**
 * What goes to one peer: sealed introductions, so that a tab can open links without the signaling server, and unicasts, which are sent
 * again over other neighbours until they have arrived. Every hop chooses the next by what it knows itself. Rules OVL-36 to OVL-39.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import { invariant } from '../kernel/invariant.ts';
import type { Lane } from '../kernel/machine.ts';
import { pick, type Random } from '../kernel/random.ts';
import type { Outbox } from './commands.ts';
import type { Directory } from './directory.ts';
import * as limits from './limits.ts';
import { ROUTE_TTL } from './limits.ts';
import type { MessageOf, OverlayMessage } from './messages.ts';
import { NumbersSeen } from './numbers-seen.ts';

interface Window {
  readonly startedAt: number;
  introductions: number;
  /** Unicasts and their answers. */
  unicasts: number;
}

interface Unicast {
  readonly to: PeerId;
  readonly payload: Bytes;
  readonly lane: Lane;
  readonly token: string;
  /** Neighbours that it went through in vain. */
  readonly tried: Set<PeerId>;
  tries: number;
  dueAt: number;
}

export interface Unicasting {
  readonly to: PeerId;
  readonly payload: Bytes;
  readonly lane: Lane;
  readonly token: string;
}

export class Routing {
  readonly #self: PeerId;
  readonly #directory: Directory;
  readonly #links: ReadonlySet<PeerId>;
  readonly #random: Random;
  readonly #windows = new Map<PeerId, Window>();
  readonly #unicasts = new Map<number, Unicast>();
  readonly #delivered = new NumbersSeen();
  #number = 0;

  constructor(self: PeerId, directory: Directory, links: ReadonlySet<PeerId>, random: Random) {
    this.#self = self;
    this.#directory = directory;
    this.#links = links;
    this.#random = random;
  }

  /** Numbers count on from the wall clock, so that a reload does not repeat them. */
  start(wallMs: number): void {
    this.#number = wallMs;
  }

  /**
   * The neighbour through which `peer` is reached: itself, else the one that brought its latest announcement first (the
   * fastest path a moment ago), else the first hop of a shortest path. None of `not`.
   */
  nextHop(peer: PeerId, not?: ReadonlySet<PeerId>): PeerId | undefined {
    if (this.#links.has(peer) && not?.has(peer) !== true) return peer;
    const entry = this.#directory.get(peer);
    if (entry?.reachable !== true) return undefined;
    for (const hop of [entry.firstHop, entry.walkHop]) {
      if (hop !== undefined && not?.has(hop) !== true && this.#links.has(hop)) return hop;
    }
    return undefined;
  }

  introduce(to: PeerId, sealed: Bytes, out: Outbox): void {
    invariant(
      sealed.length <= limits.MAX_INTRODUCTION_BYTES,
      'an introduction is above MAX_INTRODUCTION_BYTES',
    );
    const hop = this.nextHop(to);
    if (hop !== undefined) out.send(hop, { kind: 'introduction', to, ttl: ROUTE_TTL - 1, sealed }, 'control');
  }

  unicast({ to, payload, lane, token }: Unicasting, now: number, out: Outbox): void {
    invariant(payload.length <= limits.MAX_ROUTED_BYTES, 'a unicast is above MAX_ROUTED_BYTES');
    if (this.#unicasts.size >= limits.MAX_UNICASTS || to === this.#self) {
      out.emit({ type: 'unicastDone', token, hasArrived: false });
      return;
    }
    this.#number += 1;
    const unicast = { to, payload, lane, token, tried: new Set<PeerId>(), tries: 0, dueAt: now };
    this.#unicasts.set(this.#number, unicast);
    this.#try(this.#number, unicast, now, out);
  }

  /** When the next unicast is to be tried again. */
  deadline(): number | undefined {
    let earliest: number | undefined;
    for (const { dueAt } of this.#unicasts.values())
      if (earliest === undefined || dueAt < earliest) earliest = dueAt;
    return earliest;
  }

  /** Tries again what brought no answer. */
  elapsed(now: number, out: Outbox): void {
    for (const [number, unicast] of this.#unicasts)
      if (unicast.dueAt <= now) this.#try(number, unicast, now, out);
  }

  /** A neighbour is gone: what went through it is tried over others at once. */
  neighbourDown(peer: PeerId, now: number, out: Outbox): void {
    this.#windows.delete(peer);
    for (const [number, unicast] of this.#unicasts)
      if (unicast.tried.has(peer)) this.#try(number, unicast, now, out);
  }

  received(
    from: PeerId,
    message: MessageOf<'introduction' | 'routed' | 'arrived'>,
    now: number,
    out: Outbox,
  ): void {
    // A message of a link that we have just trimmed; its sender knows soon enough.
    if (!this.#links.has(from)) return;
    if (!this.#admit(from, message, now)) return;
    if (message.to === this.#self) {
      this.#deliver(message, out);
    } else if (message.ttl > 0) {
      const hop = this.#onward(message.to, new Set([from]));
      if (hop !== undefined) out.send(hop, { ...message, ttl: message.ttl - 1 }, laneOf(message));
    }
  }

  #deliver(message: MessageOf<'introduction' | 'routed' | 'arrived'>, out: Outbox): void {
    if (message.kind === 'introduction') {
      out.emit({ type: 'introduced', sealed: message.sealed });
      return;
    }
    const { from, number } = message;
    if (message.kind === 'arrived') {
      const unicast = this.#unicasts.get(number);
      if (unicast?.to !== from) return;
      this.#unicasts.delete(number);
      out.emit({ type: 'unicastDone', token: unicast.token, hasArrived: true });
      return;
    }
    // Also when we had it: the first answer may have been lost.
    const back = this.#onward(from, new Set());
    const answer = { kind: 'arrived', from: this.#self, to: from, number, ttl: ROUTE_TTL - 1 } as const;
    if (back !== undefined) out.send(back, answer, 'control');
    if (this.#delivered.add(from, number)) out.emit({ type: 'routed', from, payload: message.payload });
  }

  #try(number: number, unicast: Unicast, now: number, out: Outbox): void {
    if (unicast.tries >= limits.MAX_UNICAST_TRIES) {
      this.#unicasts.delete(number);
      out.emit({ type: 'unicastDone', token: unicast.token, hasArrived: false });
      return;
    }
    unicast.dueAt = now + limits.UNICAST_RETRY_MS * (1 << unicast.tries);
    unicast.tries += 1;
    const hop = this.#onward(unicast.to, unicast.tried) ?? this.nextHop(unicast.to);
    if (hop === undefined) return;
    unicast.tried.add(hop);
    const { to, payload, lane } = unicast;
    const message = {
      kind: 'routed',
      from: this.#self,
      to,
      number,
      ttl: ROUTE_TTL - 1,
      lane,
      payload,
    } as const;
    out.send(hop, message, lane);
  }

  /** Whoever sent it here knew a path through us. When we do not (any more), a random neighbour may: the hops are bounded. */
  #onward(to: PeerId, not: ReadonlySet<PeerId>): PeerId | undefined {
    const hop = this.nextHop(to, not);
    return (
      hop ??
      pick(
        this.#random,
        [...this.#links].filter((peer) => !not.has(peer)),
      )
    );
  }

  /**
   * Whether it is within what a neighbour may hand us. What is more is dropped, and nobody blamed: who slept, or a committee that catches up behind one
   * link, exceeds any bound that is worth having, and whatever is dropped is sent again over others. Introductions have room of their own, so that a
   * burst of unicasts keeps nobody from opening links that would relieve this one.
   */
  #admit(from: PeerId, { kind }: OverlayMessage, now: number): boolean {
    let window = this.#windows.get(from);
    if (window === undefined || now - window.startedAt >= limits.ROUTED_WINDOW_MS) {
      window = { startedAt: now, introductions: 0, unicasts: 0 };
      this.#windows.set(from, window);
    }
    const counted = kind === 'introduction' ? 'introductions' : 'unicasts';
    window[counted] += 1;
    return window[counted] <= limits.MAX_ROUTED_PER_WINDOW;
  }
}

function laneOf(message: MessageOf<'introduction' | 'routed' | 'arrived'>): Lane {
  return message.kind === 'routed' ? message.lane : 'control';
}
