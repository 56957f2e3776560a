/**
 * SHA-256 as a plain synchronous function. WebCrypto's digest is a promise, which the pure folders may not use; the
 * noble implementation is audited, has no dependencies and hashes a 300-byte entry in microseconds (ADR 0004).
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8, type Bytes } from './bytes.ts';
import { hashFrom, type Hash } from './ids.ts';

const SEPARATOR = new Uint8Array(1);
/** Labels kept encoded and hashed. Origin: guess, three times as many as there are; more would be no labels. */
const MAX_KEPT_LABELS = 64;

type Hasher = ReturnType<typeof sha256.create>;

/** What every hash and signature of one purpose begins with: the label and a zero byte, and a hash that has taken them in. */
interface Label {
  readonly bytes: Bytes;
  readonly begun: Hasher;
}

const labels = new Map<string, Label>();
/** The hash at work, one for all: making one, and encoding its label, took longer than hashing an entry's 300 bytes. */
const working = sha256.create();

function labelOf(domain: string): Label {
  const known = labels.get(domain);
  if (known !== undefined) return known;
  const bytes = concatBytes(utf8(domain), SEPARATOR);
  const label = { bytes, begun: sha256.create().update(bytes) };
  if (labels.size < MAX_KEPT_LABELS) labels.set(domain, label);
  return label;
}

/** The domain label and a zero byte; not to be written to. */
export function labelBytes(domain: string): Bytes {
  return labelOf(domain).bytes;
}

/** SHA-256 of the domain label, a zero byte and the parts in order. Labels keep a hash made for one purpose useless for another. */
export function digestBytes(domain: string, ...parts: readonly Bytes[]): Bytes {
  const hash = labelOf(domain).begun._cloneInto(working);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** {@link digestBytes} as a branded hash. */
export function digest(domain: string, ...parts: readonly Bytes[]): Hash {
  return hashFrom(digestBytes(domain, ...parts));
}
