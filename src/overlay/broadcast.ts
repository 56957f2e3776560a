/**
 * Broadcast to all: payloads along trees, names of them along all other links, requests for what did not come (Plumtree, Leitão,
 * Pereira and Rodrigues 2007). New neighbours hear of what was broadcast lately, so that a link that breaks in the middle loses
 * nothing. Rules OVL-20 to OVL-29.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import { invariant } from '../kernel/invariant.ts';
import type { Lane } from '../kernel/machine.ts';
import type { Random } from '../kernel/random.ts';
import type { Outbox } from './commands.ts';
import * as limits from './limits.ts';
import { MAX_HOPS } from './limits.ts';
import { MessageCache, type CachedMessage } from './message-cache.ts';
import { gossipId, originOf, type Mention, type MessageOf } from './messages.ts';
import { Missing } from './missing.ts';
import type { Trees } from './trees.ts';

const SECOND_MS = 1_000;

export interface BroadcastOptions {
  readonly self: PeerId;
  readonly links: ReadonlySet<PeerId>;
  readonly trees: Trees;
  readonly random: Random;
  /** Twice the slowest usual round trip of our links, ms. */
  readonly patienceMs: () => number;
  /** Whether what is being received may be handed on: those above know too little of it otherwise. */
  readonly handsOn?: (() => boolean) | undefined;
  /** A neighbour was the first to bring something, or named something that it never sent. */
  readonly judged: (peer: PeerId, verdict: 'useful' | 'broken') => void;
}

export class Broadcast {
  readonly #o: BroadcastOptions;
  readonly #cache = new MessageCache();
  readonly #missing = new Missing();
  /** Names that wait to be told, by neighbour. */
  readonly #mentions = new Map<PeerId, Mention[]>();
  #tellAt: number | undefined;

  constructor(options: BroadcastOptions) {
    this.#o = options;
  }

  hasSeen(id: string): boolean {
    return this.#cache.hasSeen(id);
  }

  /** When `elapsed` has something to do. */
  deadline(): number | undefined {
    const due = this.#missing.deadline();
    if (due === undefined || this.#tellAt === undefined) return due ?? this.#tellAt;
    return Math.min(due, this.#tellAt);
  }

  broadcast(payload: Bytes, lane: Lane, now: number, out: Outbox): void {
    invariant(payload.length <= limits.MAX_GOSSIP_BYTES, 'a broadcast payload is above MAX_GOSSIP_BYTES');
    const id = gossipId(payload);
    if (this.hasSeen(id)) return;
    const origin = originOf(this.#o.self);
    this.#handOn({ id, origin, hops: 0, lane, payload, at: now, bornAt: now, knownBy: new Set() }, now, out);
  }

  received(from: PeerId, message: MessageOf<'gossip'>, now: number, out: Outbox): void {
    const { id, origin, hops, age, lane, payload } = message;
    if (this.hasSeen(id)) {
      this.#cache.get(id)?.knownBy.add(from);
      // Of those who asked and were answered twice, nobody is to blame; a tree is to be mended.
      if (this.#o.trees.redundant(origin, from, now)) out.send(from, { kind: 'prune', origin }, 'control');
      return;
    }
    // A wrong id must not be remembered: it could stand in the way of the payload that it belongs to.
    if (hops === 0 || gossipId(payload) !== id) {
      out.emit({ type: 'misbehaved', peer: from, misdeed: 'gossipId' });
      return;
    }
    const knownBy = new Set([from, ...this.#missing.found(id)]);
    this.#o.judged(from, 'useful');
    out.emit({ type: 'delivered', payload, from, hops });
    const bornAt = now - age * SECOND_MS;
    // Having crossed as many links as may be, it is remembered and told nobody.
    const crossed = this.#o.handsOn?.() !== false ? hops : MAX_HOPS;
    this.#handOn({ id, origin, hops: crossed, lane, payload, at: now, bornAt, knownBy }, now, out);
  }

  mentioned(from: PeerId, { mentions }: MessageOf<'ihave'>, now: number, out: Outbox): void {
    for (const mention of mentions) {
      if (this.hasSeen(mention.id)) {
        this.#cache.get(mention.id)?.knownBy.add(from);
        continue;
      }
      // Beyond the bound it is as if nothing had been named. Who slept finds all names of that time at once, before what they name: nobody is to blame.
      this.#missing.named(mention, from, mention.large ? now : now + this.#patienceMs());
    }
    this.#ask(now, out);
  }

  grafted(from: PeerId, { id, origin, branch }: MessageOf<'graft'>, now: number, out: Outbox): void {
    if (branch) this.#o.trees.grafted(origin, from, now);
    const message = this.#cache.get(id);
    if (message !== undefined && message.hops < MAX_HOPS) this.#send(from, message, now, out);
  }

  pruned(from: PeerId, { origin }: MessageOf<'prune'>, now: number): void {
    this.#o.trees.pruned(origin, from, now);
  }

  /** A new neighbour: it may have missed what was broadcast while it had other links. */
  neighbourUp(peer: PeerId, now: number): void {
    this.#o.trees.forget(peer);
    let [bytes, count] = [0, 0];
    for (const message of [...this.#cache.all()].reverse()) {
      // What is old is not told again, or those who come and go would keep it for ever.
      if (now - message.bornAt >= limits.RETOLD_MS || message.hops >= MAX_HOPS) continue;
      bytes += message.payload.length;
      count += 1;
      // One more would take the place of the newest, which was the first to be named.
      if (bytes > limits.MAX_RETOLD_BYTES || count > limits.MAX_IHAVES_PER_MESSAGE) return;
      this.#mention(peer, message, now);
    }
  }

  neighbourDown(peer: PeerId): void {
    this.#o.trees.forget(peer);
    this.#missing.lost(peer);
    this.#mentions.delete(peer);
    for (const message of this.#cache.all()) message.knownBy.delete(peer);
  }

  /** Tells names and asks for what is missing, as far as due. */
  elapsed(now: number, out: Outbox): void {
    if (this.#tellAt !== undefined && now >= this.#tellAt) this.#tell(out);
    this.#ask(now, out);
    this.#cache.expire(now);
  }

  #patienceMs(): number {
    return Math.min(Math.max(this.#o.patienceMs(), limits.MIN_GRAFT_MS), limits.MAX_GRAFT_MS);
  }

  #handOn(message: CachedMessage, now: number, out: Outbox): void {
    this.#cache.add(message);
    if (message.hops >= MAX_HOPS) return;
    const isLarge = message.payload.length > limits.MAX_EAGER_BYTES;
    let isUrgent = false;
    for (const to of this.#o.links) {
      if (message.knownBy.has(to)) continue;
      const isEager = this.#o.trees.isEager(message.origin, to, now);
      if (isEager && !isLarge) this.#send(to, message, now, out);
      else this.#mention(to, message, now);
      isUrgent ||= isEager && isLarge;
    }
    if (isUrgent) this.#tell(out);
  }

  #send(to: PeerId, message: CachedMessage, now: number, out: Outbox): void {
    message.knownBy.add(to);
    out.send(to, this.#copyOf(message, ageOf(message, now)), message.lane);
  }

  /** One object for all receivers, so that the driver encodes it once. */
  #copyOf(message: CachedMessage, age: number): MessageOf<'gossip'> {
    const known = this.#copies.get(message);
    if (known?.age === age) return known;
    const { id, origin, hops, lane, payload } = message;
    const copy: MessageOf<'gossip'> = { kind: 'gossip', id, origin, hops: hops + 1, age, lane, payload };
    this.#copies.set(message, copy);
    return copy;
  }

  readonly #copies = new WeakMap<CachedMessage, MessageOf<'gossip'>>();

  #mention(to: PeerId, message: CachedMessage, now: number): void {
    const waiting = this.#mentions.get(to) ?? [];
    if (message.knownBy.has(to)) return;
    const { id, origin, hops, payload } = message;
    const large = payload.length > limits.MAX_EAGER_BYTES;
    waiting.push({ id, origin, hops: hops + 1, large, age: ageOf(message, now) });
    if (waiting.length > limits.MAX_IHAVES_PER_MESSAGE) waiting.shift();
    this.#mentions.set(to, waiting);
    this.#tellAt ??= now + limits.IHAVE_DELAY_MS + this.#o.random.below(limits.IHAVE_JITTER_MS + 1);
  }

  #tell(out: Outbox): void {
    this.#tellAt = undefined;
    for (const [to, waiting] of this.#mentions) {
      // By now the payload may have come from there, or its name.
      const mentions = waiting.filter(({ id }) => this.#cache.get(id)?.knownBy.has(to) === false);
      for (const { id } of mentions) this.#cache.get(id)?.knownBy.add(to);
      if (mentions.length > 0) out.send(to, { kind: 'ihave', mentions }, 'control');
    }
    this.#mentions.clear();
  }

  #ask(now: number, out: Outbox): void {
    for (const { id, origin, from, isLarge, isRepeated } of this.#missing.due(now, 2 * this.#patienceMs())) {
      if (isRepeated) this.#o.judged(from, 'broken');
      if (!isLarge) this.#o.trees.wanted(origin, from, now);
      out.send(from, { kind: 'graft', id, origin, branch: !isLarge }, 'control');
    }
  }
}

/** Whole seconds since it was broadcast, rounded up, as they are told. */
function ageOf({ bornAt }: CachedMessage, now: number): number {
  return Math.min(limits.MAX_TOLD_AGE_S, Math.ceil((now - bornAt) / SECOND_MS));
}
