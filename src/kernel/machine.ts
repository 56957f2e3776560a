/**
 * The machine contract (DESIGN section 4). A protocol is a value that answers each input with effects, synchronously and
 * deterministically. Drivers (runtime/driver.ts with real edges, sim/driver.ts with virtual ones) obey the effects; both
 * pass test/contract/driver-suite.ts. The contract itself is written down in ARCHITECTURE.md, "The driver contract".
 */
import type { Bytes } from './bytes.ts';
import type { PeerId } from './ids.ts';

/** Local monotonic milliseconds. Never sent, never compared between peers. */
export type Instant = number & { readonly __brand: 'Instant' };

/** Priority lanes of a link, most urgent first. */
export type Lane = 'control' | 'journal' | 'bulk';

/** Why a link ended or never came up. Closed set: screens and traces choose their words from it. The order is the wire number: append only. */
export const LINK_FAILURES = [
  'goodbye', // the other side left on purpose
  'replaced', // trimmed by the overlay, on either side
  'busy', // the other side has no free place
  'timeout', // an attempt passed its deadline
  'silent', // heartbeats stopped
  'iceFailed', // no path between the two browsers
  'authFailed', // the other side did not prove its key, or not for this connection
  'protocolError', // malformed, oversized or out-of-order frames
  'notMember', // refused by membership rules
  'overloaded', // it did not drain its queue
  'closed', // the platform closed it, or we did without a better word
] as const;
export type LinkFailure = (typeof LINK_FAILURES)[number];

/** How we came to know of a peer: the signaling server, another tab of this browser, or the mesh itself. */
export type Discovery = 'signaling' | 'browser' | 'mesh';

/** Bytes of what a peer says of its component when it is discovered. */
export const MAX_COMPONENT_BYTES = 16;
/** Peers named with a refusal (guess: twice an active view). */
export const MAX_CONTACTS = 8;

/** Why a write is not on disk. `quota`: the device is full; `unavailable`: there is no database at all. */
export type StoreFailure = 'quota' | 'unavailable' | 'failed';

/** One change to durable state. `store` names a collection of storage/schema.ts; keys are unique within it. */
export type Write =
  | { readonly op: 'put'; readonly store: string; readonly key: string; readonly value: Bytes }
  | { readonly op: 'delete'; readonly store: string; readonly key: string };

export type Input<Message, Command> =
  | { readonly kind: 'command'; readonly command: Command }
  /** A message of a neighbour, decoded, its signatures checked. */
  | { readonly kind: 'received'; readonly from: PeerId; readonly message: Message }
  /** A neighbour sent bytes that were refused before they became a message; the driver has already counted it. */
  | { readonly kind: 'refused'; readonly from: PeerId; readonly code: string }
  | { readonly kind: 'elapsed'; readonly timer: string }
  /** Somebody asks for a link (after proving the board's secret, before any connection exists); answer with `answer`. */
  | { readonly kind: 'asked'; readonly peer: PeerId }
  /**
   * A peer of this board was heard of; it may or may not be reachable. `component`: what it said of the component of the mesh
   * that it is in, at most MAX_COMPONENT_BYTES, opaque to everybody but the overlay.
   */
  | {
      readonly kind: 'discovered';
      readonly peer: PeerId;
      readonly via: Discovery;
      readonly component?: Bytes | undefined;
    }
  | { readonly kind: 'linkUp'; readonly peer: PeerId }
  | { readonly kind: 'linkDown'; readonly peer: PeerId; readonly reason: LinkFailure }
  /** A dial (ours) ended without a link. `contacts`: whom a peer that is `busy` named instead of itself, at most MAX_CONTACTS. */
  | {
      readonly kind: 'dialFailed';
      readonly peer: PeerId;
      readonly reason: LinkFailure;
      readonly contacts?: readonly PeerId[] | undefined;
    }
  | { readonly kind: 'signed'; readonly tag: string; readonly signature: Bytes }
  | { readonly kind: 'durable'; readonly tag: string }
  | { readonly kind: 'notDurable'; readonly tag: string; readonly reason: StoreFailure };

export type Effect<Message, Event> =
  | { readonly kind: 'send'; readonly to: PeerId; readonly message: Message; readonly lane: Lane }
  /** Fires `elapsed` once after `afterMs`; the same name again replaces the earlier arming. */
  | { readonly kind: 'arm'; readonly timer: string; readonly afterMs: number }
  | { readonly kind: 'disarm'; readonly timer: string }
  | { readonly kind: 'dial'; readonly peer: PeerId }
  /**
   * Answers `asked`. After `accept: true` exactly one of `linkUp` and `dialFailed` follows, as after `dial`. `contacts` go with a
   * refusal: whoever is turned away leaves with peers that it can ask instead.
   */
  | {
      readonly kind: 'answer';
      readonly peer: PeerId;
      readonly accept: boolean;
      readonly contacts?: readonly PeerId[] | undefined;
    }
  | { readonly kind: 'hangUp'; readonly peer: PeerId; readonly reason: LinkFailure }
  /** Signs with the peer key; answered by `signed` with the same tag, in the order of the requests. */
  | { readonly kind: 'sign'; readonly tag: string; readonly body: Bytes }
  /** Writes all or nothing; answered by `durable` (or `notDurable`) with the same tag, in the order of the requests. */
  | { readonly kind: 'persist'; readonly tag: string; readonly writes: readonly Write[] }
  | { readonly kind: 'emit'; readonly event: Event };

export interface Machine<Message, Command, Event> {
  step(input: Input<Message, Command>, now: Instant): readonly Effect<Message, Event>[];
}

/** A signature that must hold before a message may reach the machine. */
export interface SignatureCheck {
  /** Ed25519 public key, hex: a peer, member or invite key. */
  readonly signer: string;
  readonly body: Bytes;
  readonly signature: Bytes;
}

/** How a driver turns link bytes into messages and back. All total, all pure. */
export interface Protocol<Message> {
  encode(message: Message): Bytes;
  /** undefined code-free success or a rejection code; never throws. */
  decode(
    bytes: Bytes,
  ): { readonly ok: true; readonly value: Message } | { readonly ok: false; readonly code: string };
  /** The signatures this machine still needs checked for `message`: what it already holds is left out. */
  checks(message: Message): readonly SignatureCheck[];
}
