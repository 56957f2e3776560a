/** What one connection, one address and the whole server may use. Every number is repeated in docs/spec/signaling.md. */
import type { Rate } from './token-bucket.ts';

/** The bounds that {@link file://./rooms.ts} and the relay enforce. Those of single frames are constants of protocol.ts. */
export interface Limits {
  /** Connections in all. */
  readonly connections: number;
  /** Connections from one address (an IPv6 /64 counts as one). */
  readonly connectionsPerAddress: number;
  /** New connections from one address. */
  readonly connecting: Rate;
  /** Addresses remembered; an address is forgotten once it has no connection and its rate has recovered. */
  readonly addresses: number;
  /** Topics that have subscribers. */
  readonly topics: number;
  /** Subscribers of one topic. */
  readonly subscribersPerTopic: number;
  /** Frames of one connection, control frames included. */
  readonly messages: Rate;
  /** Bytes that one connection sends. */
  readonly bytes: Rate;
  /** Bytes that the server sends to others because of one connection. */
  readonly fanOut: Rate;
  /** Bytes that may wait for one connection before it is a slow consumer. */
  readonly buffered: number;
  /** Bytes that may wait for all connections together. */
  readonly bufferedInAll: number;
  /** Bytes that may wait for one connection while `bufferedInAll` is exceeded. */
  readonly bufferedUnderPressure: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * Origins. A stock client that joins 15 others sends about 50 messages and causes 350 kB of fan-out (measured, 16 tabs at
 * once), growing with the square of the group; the bursts let a stock group of 32 form on one machine several times over,
 * the sustained rates are far above what an open tab needs (one ping per 15 s). The rest are guesses sized for a
 * process of 1 GiB: 4,096 connections, 256 MiB waiting, 16,384 topic names of at most 512 bytes.
 */
export const DEFAULT_LIMITS: Limits = {
  connections: 4096,
  connectionsPerAddress: 256,
  connecting: { burst: 512, perSecond: 20 },
  addresses: 65_536,
  topics: 16_384,
  subscribersPerTopic: 1024,
  messages: { burst: 1000, perSecond: 50 },
  bytes: { burst: 4 * MIB, perSecond: 128 * KIB },
  fanOut: { burst: 64 * MIB, perSecond: 4 * MIB },
  buffered: 4 * MIB,
  bufferedInAll: 256 * MIB,
  bufferedUnderPressure: 64 * KIB,
};

/**
 * Whether a connection with `waiting` bytes in its queue may be sent `more`, when `waitingInAll` bytes wait in all queues.
 * A connection that may not has fallen behind and is dropped: its backlog must not become the server's memory.
 */
export function keepsUp(limits: Limits, waiting: number, more: number, waitingInAll: number): boolean {
  const pressed = waitingInAll + more > limits.bufferedInAll;
  return waiting + more <= (pressed ? limits.bufferedUnderPressure : limits.buffered);
}
