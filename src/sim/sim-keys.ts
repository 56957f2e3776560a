/**
 * The free, unforgeable stand-in for Ed25519. A signature is a hash keyed with the world's secret over signer and body; only
 * whoever holds this object can make or check one, and machines do not hold it. Deterministic like Ed25519, 64 bytes long, and
 * some thousand times cheaper. One suite repeats with real keys (DESIGN section 4).
 */
import { equalBytes, utf8, type Bytes } from '../kernel/bytes.ts';
import { digestBytes } from '../kernel/hash.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import type { Random } from '../kernel/random.ts';

const KEY_DOMAIN = 'tabswarm/sim-key/1';
const SECRET_BYTES = 16;
const SIGNATURE_BYTES = 64;
/** Multipliers of MurmurHash3's 128-bit variant for 32-bit machines (Appleby, 2011). */
const LANE_FACTORS = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93] as const;

export class SimKeys {
  readonly #secret: Bytes;

  constructor(random: Random) {
    this.#secret = Uint8Array.from({ length: SECRET_BYTES }, () => random.below(256));
  }

  /** The public key, 32 bytes, that the name `name` always has in this world. Peers, members and invites draw theirs here. */
  publicKey(name: string): Bytes {
    return digestBytes(KEY_DOMAIN, this.#secret, utf8(name));
  }

  /** Signs as `signer` (a public key in hex). The world gives every participant a function for its own keys only. */
  sign(signer: string, body: Bytes): Bytes {
    const signature = new Uint8Array(SIGNATURE_BYTES);
    const words = new DataView(signature.buffer);
    LANE_FACTORS.forEach((factor, lane) => {
      const hash = this.#hash(factor, signer, body);
      for (let at = 4 * lane; at < SIGNATURE_BYTES; at += 16) words.setUint32(at, hash);
    });
    return signature;
  }

  /** Whether every signature holds. */
  holds(checks: readonly SignatureCheck[]): boolean {
    return checks.every(({ signer, body, signature }) => equalBytes(this.sign(signer, body), signature));
  }

  /** No cryptography: nothing in the simulated world computes forgeries. */
  #hash(factor: number, signer: string, body: Bytes): number {
    let hash = factor ^ body.length;
    for (const byte of this.#secret) hash = Math.imul(hash ^ byte, factor);
    for (let i = 0; i < signer.length; i++) hash = stir(hash ^ signer.charCodeAt(i), factor);
    for (const byte of body) hash = stir(hash ^ byte, factor);
    return hash ^ (hash >>> 16);
  }
}

function stir(hash: number, factor: number): number {
  const mixed = Math.imul(hash, factor);
  return (mixed << 13) | (mixed >>> 19);
}
