/** The port between a link and the platform's connection. simple-peer-connection.ts implements it with WebRTC; tests with memory. */
import type { Bytes } from '../kernel/bytes.ts';
import type { Candidate, Description } from './description.ts';
import type { Fingerprints } from './link-protocol.ts';

/** What a connection tells its link. Never called from within `CreateConnection` or a method, and not after `destroy`. */
export interface ConnectionEvents {
  /** Our own description, once. */
  described(description: Description): void;
  /** One of our own candidates; none follow `gathered`. */
  candidate(candidate: Candidate): void;
  gathered(): void;
  /** The channel is open; the fingerprints are those of the two descriptions in use. */
  opened(fingerprints: Fingerprints): void;
  /** One frame, only after `opened`. */
  message(frame: Bytes): void;
  /** The channel's buffer has fallen to {@link LOW_WATER_BYTES} or below. */
  drained(): void;
  /** Ended by the platform or the other side; the last call. */
  closed(reason: 'iceFailed' | 'closed'): void;
}

/** One connection: ordered, reliable, binary. Nothing here throws. */
export interface Connection {
  /** The other side's description, once. */
  describe(description: Description): void;
  addCandidate(candidate: Candidate): void;
  /** Hands a frame to the channel; false when the platform did not take it, in which case `closed` follows. */
  send(frame: Bytes): boolean;
  /** Bytes that the channel has taken and not sent yet. */
  readonly bufferedBytes: number;
  /** Frees everything. What `send` has taken may still go out. */
  destroy(): void;
}

export type CreateConnection = (options: {
  /** Whether we make the offer. */
  readonly initiator: boolean;
  readonly iceServers: readonly RTCIceServer[];
  /** Whether the other side may take minutes to get our answer: that there is no path until then is no failure. */
  readonly patient?: boolean;
  readonly events: ConnectionEvents;
}) => Connection;

/**
 * Most bytes that wait in the channel's own buffer, which has no lanes: what is in it cannot be overtaken. 64 KiB is simple-peer's own
 * bound; two tabs moved 7.7 MB/s with it (measured).
 */
export const CHANNEL_BYTES = 64 * 1024;
/** The channel asks for more at this level (half, so that it never runs dry). */
export const LOW_WATER_BYTES = CHANNEL_BYTES / 2;
