/**
 * The ports between the pure node's driver and the world: links, disk, keys, time. `transport`, `storage` and `runtime`
 * implement them with the browser, `sim` with virtual ones; test/contract holds one suite for each. They live in the kernel because
 * the edges may not import one another.
 */
import type { Bytes } from './bytes.ts';
import type { PeerId } from './ids.ts';
import type {
  Discovery,
  Instant,
  Lane,
  LinkFailure,
  SignatureCheck,
  StoreFailure,
  Write,
} from './machine.ts';
import type { Result } from './result.ts';

/** Monotonic time and timers. */
export interface ClockPort {
  now(): Instant;
  /** Milliseconds since 1970 by this device's clock, which may be wrong. */
  wallMs(): number;
  /** Calls back once after `afterMs`; the returned function cancels. */
  after(afterMs: number, callback: () => void): () => void;
}

export interface SignerPort {
  readonly peerId: PeerId;
  /** Signs with the peer key. */
  sign(body: Bytes): Promise<Bytes>;
}

export interface VerifierPort {
  /** Whether all hold. Never rejects: a malformed key or signature is simply false. */
  verifyAll(checks: readonly SignatureCheck[]): Promise<boolean>;
}

/** Durable storage of bytes by collection and key. */
export interface StorePort {
  /** All or nothing, strictly durable when it answers ok. Calls are carried out in order and may share one transaction. */
  write(writes: readonly Write[]): Promise<Result<undefined, StoreFailure>>;
  read(store: string, key: string): Promise<Result<Bytes | undefined, StoreFailure>>;
  /** Every pair whose key starts with `prefix`, in key order, in batches of at most 256. */
  scan(
    store: string,
    prefix: string,
    onBatch: (batch: readonly (readonly [key: string, value: Bytes])[]) => void | Promise<void>,
  ): Promise<Result<undefined, StoreFailure>>;
  /** Deletes every pair whose key starts with `prefix`. */
  clear(store: string, prefix: string): Promise<Result<undefined, StoreFailure>>;
}

/** What a link layer tells its owner. Calls are made one at a time, never from within a call to the port. */
export interface LinkListener {
  /** The far end proved `peer`'s key for this very connection. */
  up(peer: PeerId, facts: LinkFacts): void;
  /** An established link ended. */
  down(peer: PeerId, reason: LinkFailure): void;
  /** A dial or an accepted request ended without a link. `contacts`: whom a peer that is `busy` named instead of itself. */
  dialFailed(peer: PeerId, reason: LinkFailure, contacts?: readonly PeerId[]): void;
  /** `peer` asks for a link; exactly one call of `answer` must follow. Not raised while we dial that peer ourselves: the two attempts become one. */
  asked(peer: PeerId): void;
  discovered(peer: PeerId, via: Discovery, component?: Bytes): void;
  /** One whole message of an authenticated neighbour, in the order sent within its lane. */
  received(peer: PeerId, message: Bytes, lane: Lane): void;
  signaling(state: 'connected' | 'connecting' | 'down'): void;
}

export interface LinkFacts {
  /** Both ends are tabs of one browser profile (found by BroadcastChannel). */
  readonly browserLocal: boolean;
}

export interface LinkStats {
  readonly rttMs: number | null;
  /** Bytes waiting in our own lanes and in the channel. */
  readonly queuedBytes: number;
  readonly sentMessages: number;
  readonly sentBytes: number;
  readonly receivedMessages: number;
  readonly receivedBytes: number;
}

/** Carries sealed introductions through the mesh, for peers that are reachable there. */
export interface IntroductionCarrier {
  reaches(peer: PeerId): boolean;
  carry(to: PeerId, sealed: Bytes): void;
}

export interface LinkPort {
  start(listener: LinkListener): void;
  dial(peer: PeerId): void;
  answer(peer: PeerId, accept: boolean, contacts?: readonly PeerId[]): void;
  /** Ends a link or an attempt; says why to the other side. No `down` follows for a link that we hang up ourselves. */
  hangUp(peer: PeerId, reason: LinkFailure): void;
  /** Queues a whole message of at most 1 MiB. false: no such link, or its queue is full and the link is being ended as `overloaded`. */
  send(peer: PeerId, message: Bytes, lane: Lane): boolean;
  stats(peer: PeerId): LinkStats | undefined;
  /** A sealed introduction that arrived through the mesh. */
  introduced(sealed: Bytes): void;
  /** Tells the room again that we are here (the overlay wants neighbours). */
  announce(): void;
  /** What our announcements and replies say from now on of the component that we are in; at most MAX_COMPONENT_BYTES. */
  belong(component: Bytes): void;
  /**
   * Says goodbye to all, at once; nothing is reported from here on. Each connection is freed as soon as the other side has heard it, or has had time to
   * (1 s); all of them within this call where the page goes away (`isPageGone`) and nothing of ours will run any more.
   */
  stop(isPageGone?: boolean): void;
}
