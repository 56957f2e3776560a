/**
 * Identifiers that every layer shares. All are lower-case hex strings so that they can be map keys, be compared
 * bytewise and be printed; on the wire they are raw bytes (see codec.ts).
 */
import { fromHex, isHex, toHex, type Bytes } from './bytes.ts';

/** Ed25519 public key of one running tab (or headless process), 64 hex digits. */
export type PeerId = string & { readonly __brand: 'PeerId' };
/** Ed25519 public key of one browser profile, 64 hex digits. It certifies the peer keys of its tabs. */
export type MemberId = string & { readonly __brand: 'MemberId' };
/** SHA-256 of a board's signed genesis body, 64 hex digits. */
export type BoardId = string & { readonly __brand: 'BoardId' };
/** A SHA-256 digest, 64 hex digits. */
export type Hash = string & { readonly __brand: 'Hash' };

/** Length in bytes of every key and hash above. */
export const ID_BYTES = 32;

const ID_DIGITS = ID_BYTES * 2;

/** Whether `text` has the shape that all four identifiers share (it says nothing about the key being a valid point). */
export function isIdText(text: string): boolean {
  return text.length === ID_DIGITS && isHex(text);
}

/** Raw bytes of an identifier, 32 long. */
export function idBytes(id: PeerId | MemberId | BoardId | Hash): Bytes {
  return fromHex(id);
}

/** Brands 32 raw bytes as a peer id. */
export function peerIdFrom(bytes: Bytes): PeerId {
  return toHex(bytes) as PeerId;
}

/** Brands 32 raw bytes as a member id. */
export function memberIdFrom(bytes: Bytes): MemberId {
  return toHex(bytes) as MemberId;
}

/** Brands 32 raw bytes as a board id. */
export function boardIdFrom(bytes: Bytes): BoardId {
  return toHex(bytes) as BoardId;
}

/** Brands 32 raw bytes as a hash. */
export function hashFrom(bytes: Bytes): Hash {
  return toHex(bytes) as Hash;
}
