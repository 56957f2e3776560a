/** What the node asks of the overlay, what the overlay reports, and the effects that carry both. */
import type { Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { Effect, Lane, LinkFailure } from '../kernel/machine.ts';
import type { OverlayMessage } from './messages.ts';

/** What a layer above saw a peer do, for its reputation. */
export type Evidence =
  | 'useful' // it gave us something valid that we lacked
  | 'refused' // it sent something malformed, wrongly signed or against a rule
  | 'withheld' // it kept to itself what it holds
  | 'equivocation'; // it signed two versions of one thing

export type OverlayCommand =
  /** Begins; `wallMs` (milliseconds since 1970) becomes the first announcement's counter, so that it grows across reloads. */
  | { readonly type: 'start'; readonly wallMs: number }
  /** To every reachable peer. At most MAX_GOSSIP_BYTES; the payload must identify itself (two equal payloads are one broadcast). */
  | { readonly type: 'broadcast'; readonly payload: Bytes; readonly lane: Lane }
  /** To one peer along the mesh, at most MAX_INTRODUCTION_BYTES. Best effort. */
  | { readonly type: 'introduce'; readonly to: PeerId; readonly sealed: Bytes }
  /**
   * To one peer, linked or not, at most MAX_ROUTED_BYTES; tried again over other neighbours until it has arrived. Ends with
   * `unicastDone` under the same token. The payload must prove its sender itself.
   */
  | {
      readonly type: 'unicast';
      readonly to: PeerId;
      readonly payload: Bytes;
      readonly lane: Lane;
      readonly token: string;
    }
  /** What our announcements say from now on; `load` 0 to MAX_LOAD, at most MAX_CAPABILITIES words. */
  | { readonly type: 'profile'; readonly load: number; readonly capabilities: readonly string[] }
  /** What our announcements carry for the layers above from now on, at most MAX_NOTE_BYTES; a change is announced as soon as the gap allows. */
  | { readonly type: 'note'; readonly note: Bytes }
  | { readonly type: 'evidence'; readonly peer: PeerId; readonly evidence: Evidence }
  /** The page is about to be frozen. */
  | { readonly type: 'sleeping' }
  /** The driver noticed that the clock jumped by `sleptMs`, or the page was resumed. */
  | { readonly type: 'woke'; readonly sleptMs: number }
  /** Peers of this board known from an earlier session. */
  | { readonly type: 'remember'; readonly peers: readonly PeerId[] }
  /**
   * Whether to leave it to others to open links with us, as long as they turn us away: no dials of our own, and the server is told no more often
   * that we are here than if we had all links.
   */
  | { readonly type: 'rest'; readonly resting: boolean }
  /** Says goodbye to all neighbours; afterwards every input is answered with a refusal or nothing. */
  | { readonly type: 'leaving' };

/** What a neighbour did that no honest overlay does. */
export type OverlayMisdeed = 'gossipId'; // the id of a broadcast is not the digest of its payload

export type OverlayEvent =
  | { readonly type: 'neighbourUp'; readonly peer: PeerId }
  | { readonly type: 'neighbourDown'; readonly peer: PeerId }
  /** A broadcast of somebody else, once per payload. `from` is the neighbour that brought it, `hops` the links it crossed (1 or more). */
  | { readonly type: 'delivered'; readonly payload: Bytes; readonly from: PeerId; readonly hops: number }
  | { readonly type: 'introduced'; readonly sealed: Bytes }
  /** A unicast for us, once. Nothing proves that it is `from`'s but the payload. */
  | { readonly type: 'routed'; readonly from: PeerId; readonly payload: Bytes }
  | { readonly type: 'unicastDone'; readonly token: string; readonly hasArrived: boolean }
  /** The signaling server, and other tabs of this browser, should be told again that we are here. */
  | { readonly type: 'announce' }
  /** What others should be told of our component when they discover us; at most MAX_COMPONENT_BYTES. */
  | { readonly type: 'component'; readonly component: Bytes }
  /** A new announcement of `peer` was taken in that has a note, has none any more, or is the first that we hold. `counter` grows with every announcement of a peer. */
  | { readonly type: 'noted'; readonly peer: PeerId; readonly counter: number; readonly note: Bytes }
  /** `summary()` has changed. At most once per step. */
  | { readonly type: 'peersChanged' }
  | { readonly type: 'misbehaved'; readonly peer: PeerId; readonly misdeed: OverlayMisdeed };

export type OverlayEffect = Effect<OverlayMessage, OverlayEvent>;

/** Collects the effects of one step, in order. */
export class Outbox {
  readonly effects: OverlayEffect[] = [];
  /** Neighbours to which something was sent in this step: it counts as a heartbeat. */
  readonly sentTo = new Set<PeerId>();

  put(effect: OverlayEffect): void {
    this.effects.push(effect);
  }

  emit(event: OverlayEvent): void {
    this.effects.push({ kind: 'emit', event });
  }

  send(to: PeerId, message: OverlayMessage, lane: Lane): void {
    this.sentTo.add(to);
    this.effects.push({ kind: 'send', to, message, lane });
  }

  arm(timer: string, afterMs: number): void {
    this.effects.push({ kind: 'arm', timer, afterMs });
  }

  hangUp(peer: PeerId, reason: LinkFailure): void {
    this.effects.push({ kind: 'hangUp', peer, reason });
  }
}
