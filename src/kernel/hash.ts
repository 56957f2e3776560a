/**
 * SHA-256 as a plain synchronous function. WebCrypto's digest is a promise, which the pure folders may not use; the
 * noble implementation is audited, has no dependencies and hashes a 300-byte entry in microseconds (ADR 0004).
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8, type Bytes } from './bytes.ts';
import { hashFrom, type Hash } from './ids.ts';

const SEPARATOR = new Uint8Array(1);

/** SHA-256 of the domain label, a zero byte and the parts in order. Labels keep a hash made for one purpose useless for another. */
export function digestBytes(domain: string, ...parts: readonly Bytes[]): Bytes {
  const hash = sha256.create().update(utf8(domain)).update(SEPARATOR);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** {@link digestBytes} as a branded hash. */
export function digest(domain: string, ...parts: readonly Bytes[]): Hash {
  return hashFrom(digestBytes(domain, ...parts));
}
