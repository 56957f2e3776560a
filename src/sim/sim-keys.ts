/**
 * The keys of a simulated world. Usually a free, unforgeable stand-in for Ed25519: a signature is a hash keyed with the world's secret over signer and
 * body; only whoever holds this object can make or check one, and machines do not hold it. Deterministic like Ed25519, 64 bytes long, and
 * some thousand times cheaper. With a {@link Curve} they are real keys, whose signatures hold for anybody who has the public key and the body, and
 * for no other ones: some seeds of every run are simulated so (DESIGN section 4).
 */
import { equalBytes, toHex, utf8, type Bytes } from '../kernel/bytes.ts';
import { digestBytes } from '../kernel/hash.ts';
import { invariant } from '../kernel/invariant.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import type { Random } from '../kernel/random.ts';

/** A signature scheme with keys and signatures of the length of Ed25519's, and as deterministic. */
export interface Curve {
  /** The public key, 32 bytes, of the secret key `seed`, 32 bytes. */
  publicKey(seed: Bytes): Bytes;
  sign(seed: Bytes, body: Bytes): Bytes;
  /** Never throws: a malformed key or signature is simply false. */
  verify(check: SignatureCheck): boolean;
}

const KEY_DOMAIN = 'tabswarm/sim-key/1';
const SECRET_BYTES = 16;
const SIGNATURE_BYTES = 64;
/** Multipliers of MurmurHash3's 128-bit variant for 32-bit machines (Appleby, 2011). */
const LANE_FACTORS = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93] as const;

export class SimKeys {
  readonly #secret: Bytes;
  readonly #curve: Curve | undefined;
  /** Secret keys by their public ones, of the names that were asked for. */
  readonly #seeds = new Map<string, Bytes>();

  constructor(random: Random, curve?: Curve) {
    this.#secret = Uint8Array.from({ length: SECRET_BYTES }, () => random.below(256));
    this.#curve = curve;
  }

  /** The public key, 32 bytes, that the name `name` always has in this world. Peers, members and invites draw theirs here. */
  publicKey(name: string): Bytes {
    const drawn = digestBytes(KEY_DOMAIN, this.#secret, utf8(name));
    if (this.#curve === undefined) return drawn;
    const key = this.#curve.publicKey(drawn);
    this.#seeds.set(toHex(key), drawn);
    return key;
  }

  /** Signs as `signer` (a public key in hex). The world gives every participant a function for its own keys only. */
  sign(signer: string, body: Bytes): Bytes {
    if (this.#curve !== undefined) {
      const seed = this.#seeds.get(signer);
      invariant(seed !== undefined, 'nobody has the key of this signer');
      return this.#curve.sign(seed, body);
    }
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
    const curve = this.#curve;
    if (curve !== undefined) return checks.every((check) => curve.verify(check));
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
