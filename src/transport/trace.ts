/** What the transport tells the trace: facts for diagnosis, with closed codes and no secrets. */
import type { DecodeCode } from '../kernel/codec.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { LinkFailure } from '../kernel/machine.ts';
import type { DropCode } from './attempts.ts';
import type { BudgetCode } from './connection-budget.ts';
import type { DescriptionCode } from './description.ts';
import type { LinkEndCode } from './link-protocol.ts';
import type { PairingCode } from './pairing-code.ts';
import type { SealCode } from './sealing.ts';

/** How a signal travels: through the signaling server, by BroadcastChannel, or through the mesh. */
export type Route = 'server' | 'browser' | 'mesh';

/** Why an incoming signal was not acted on. */
export type SignalDropCode =
  | DropCode
  | DecodeCode
  | SealCode
  | 'notText' // data that is not a base64url text of an acceptable length
  | 'misaddressed' // a signal to one peer sent to the room, or the other way round
  | 'inboxFull' // too many wait to be opened
  | 'malformed'; // a server frame or a tab's message of no known form

export type TransportEvent =
  | {
      readonly kind: 'linkUp';
      readonly peer: PeerId;
      readonly tookMs: number;
      readonly browserLocal: boolean;
    }
  /** A link or an attempt's connection ended. `code` is the precise cause where the link protocol found one. */
  | {
      readonly kind: 'linkEnded';
      readonly peer: PeerId;
      readonly reason: LinkFailure;
      readonly code: LinkEndCode | DescriptionCode | 'platform' | 'hungUp' | 'attemptOver';
      readonly wasUp: boolean;
    }
  | { readonly kind: 'attemptFailed'; readonly peer: PeerId; readonly reason: LinkFailure }
  | { readonly kind: 'signalSent'; readonly signal: string; readonly route: Route; readonly bytes: number }
  | { readonly kind: 'signalDropped'; readonly code: SignalDropCode; readonly route: Route }
  /** A signal or an announcement of ours that could not be sent. */
  | { readonly kind: 'signalUnsent'; readonly code: 'noRoute' | 'outboxFull' | 'expired' | 'sealFailed' }
  | { readonly kind: 'signaling'; readonly state: 'connected' | 'connecting' | 'down' }
  /** The signaling socket closed, with the server's code and reason. */
  | { readonly kind: 'signalingClosed'; readonly closeCode: number; readonly reason: string }
  /** Our timers were late by so much. */
  | { readonly kind: 'lag'; readonly ms: number }
  /** A connection was not opened because a limit of the page is reached; the attempt fails as `busy`. */
  | { readonly kind: 'budgetSpent'; readonly code: BudgetCode }
  /** How far a pairing by codes has come, or why it ended. */
  | {
      readonly kind: 'pairing';
      readonly code: PairingCode | 'offered' | 'answered' | 'completing' | 'up';
    }
  /** A dial to a peer that is linked already. */
  | { readonly kind: 'dialIgnored'; readonly peer: PeerId };

export type Trace = (event: TransportEvent) => void;
