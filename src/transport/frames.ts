/**
 * What travels on a link: frames of at most 16 KiB, each with a sequence number and one or more parts. Small messages share
 * a frame; a message that does not fit is cut into pieces. The wire rules are docs/spec/links.md, LNK-1 to LNK-9.
 */
import type { Bytes } from '../kernel/bytes.ts';
import {
  decodeWith,
  encodeWith,
  fixedBytes,
  list,
  oneOf,
  record,
  sizedBytes,
  viewedBytes,
  union,
  whole,
  type DecodeCode,
} from '../kernel/codec.ts';
import { LINK_FAILURES, type Lane, type LinkFailure } from '../kernel/machine.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';

/** First byte of every frame. */
export const FRAME_VERSION = 1;
/** Largest frame in bytes: every browser accepts it, and it is small enough that a control frame overtakes bulk quickly (research/mesh.md 2, rows 6 and 17). */
export const MAX_FRAME_BYTES = 16 * 1024;
/** Largest message in bytes (DESIGN section 6). */
export const MAX_MESSAGE_BYTES = 1024 * 1024;
/** Most parts of one frame (guess: 16 bytes each on average). */
export const MAX_FRAME_PARTS = 1024;
/** Upper bound of the bytes that version, sequence number and part count take. */
export const FRAME_OVERHEAD = 1 + 8 + 2;
/** Upper bound of the bytes before the payload of a `whole` part. */
export const WHOLE_OVERHEAD = 2 + 3;
/** Upper bound of the bytes before the payload of a `piece` part. */
export const PIECE_OVERHEAD = 2 + 8 + 3 + 3 + 3;

/** Lanes, most urgent first. The order is also the wire number: append only. */
export const LANES = ['control', 'journal', 'bulk'] as const satisfies readonly Lane[];

/** A message that fits into one frame. */
export interface WholePart {
  readonly kind: 'whole';
  readonly lane: Lane;
  readonly message: Bytes;
}

/** One cut of a larger message. `id` counts the cut messages of a lane from 0; `total` is the length of the whole message. */
export interface PiecePart {
  readonly kind: 'piece';
  readonly lane: Lane;
  readonly id: number;
  readonly total: number;
  readonly offset: number;
  readonly bytes: Bytes;
}

/** Parts that the two link layers say to each other. */
export type LinkPart =
  /** The proof of the sender's peer key for this connection (identity/link-proof.ts). */
  | { readonly kind: 'auth'; readonly signature: Bytes }
  /** The sender has checked our proof. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'ping'; readonly id: number }
  | { readonly kind: 'pong'; readonly id: number }
  /** The sender ends the link; nothing follows. */
  | { readonly kind: 'goodbye'; readonly reason: LinkFailure };

export type Part = WholePart | PiecePart | LinkPart;

export interface Frame {
  readonly version: number;
  /** Counts the frames of one direction of one connection from 0. */
  readonly sequence: number;
  readonly parts: readonly Part[];
}

interface Kinds {
  whole: Omit<WholePart, 'kind'>;
  piece: Omit<PiecePart, 'kind'>;
  auth: { readonly signature: Bytes };
  ready: object;
  ping: { readonly id: number };
  pong: { readonly id: number };
  goodbye: { readonly reason: LinkFailure };
}

const partCodec = union<Kinds>({
  whole: [0, record({ lane: oneOf(LANES), message: sizedBytes(MAX_FRAME_BYTES) })],
  piece: [
    1,
    record({
      lane: oneOf(LANES),
      id: whole(),
      total: whole(MAX_MESSAGE_BYTES),
      offset: whole(MAX_MESSAGE_BYTES),
      bytes: viewedBytes(MAX_FRAME_BYTES), // put together with the others at once
    }),
  ],
  auth: [2, record({ signature: fixedBytes(64) })],
  ready: [3, record({})],
  ping: [4, record({ id: whole() })],
  pong: [5, record({ id: whole() })],
  goodbye: [6, record({ reason: oneOf(LINK_FAILURES) })],
});

/** The codec of a frame; its schema is part of the wire hash. */
export const frameCodec = record<Frame>({
  version: whole(255),
  sequence: whole(),
  parts: list(partCodec, MAX_FRAME_PARTS),
});

export type FrameCode =
  | DecodeCode
  | 'frameTooLarge' // above MAX_FRAME_BYTES
  | 'version'; // another version of frames

export function encodeFrame(sequence: number, parts: readonly Part[]): Bytes {
  return encodeWith(frameCodec, { version: FRAME_VERSION, sequence, parts });
}

/** The frame of foreign bytes, or why not. Total. */
export function decodeFrame(bytes: Bytes): Result<Frame, FrameCode> {
  if (bytes.length > MAX_FRAME_BYTES) return refuse('frameTooLarge');
  if (bytes.length > 0 && bytes[0] !== FRAME_VERSION) return refuse('version');
  const frame = decodeWith(frameCodec, bytes);
  return frame.ok ? ok(frame.value) : frame;
}
