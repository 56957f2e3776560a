/** Real Ed25519 for simulated worlds: that of Node.js, which signs and checks at once and not by promises. */
import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { concatBytes, fromHex, isHex, type Bytes } from '../kernel/bytes.ts';
import type { Curve } from './sim-keys.ts';

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** What stands before the 32 bytes of a key (RFC 8410, sections 4 and 7). */
const PRIVATE_PREFIX = fromHex('302e020100300506032b657004220420');
const PUBLIC_PREFIX = fromHex('302a300506032b6570032100');

/** Reading a key takes as long as using it: each is read once. A world has a few hundred. */
const privateKeys = new Map<string, KeyObject>();
const publicKeys = new Map<string, KeyObject>();

function privateKey(seed: Bytes): KeyObject {
  const name = seed.join();
  const known = privateKeys.get(name);
  if (known !== undefined) return known;
  const der = Buffer.from(concatBytes(PRIVATE_PREFIX, seed));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  privateKeys.set(name, key);
  return key;
}

function publicKey(signer: string): KeyObject | undefined {
  const known = publicKeys.get(signer);
  if (known !== undefined) return known;
  if (signer.length !== 2 * KEY_BYTES || !isHex(signer)) return undefined;
  const der = Buffer.from(concatBytes(PUBLIC_PREFIX, fromHex(signer)));
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  publicKeys.set(signer, key);
  return key;
}

export const ed25519: Curve = {
  publicKey: (seed) => {
    const der = createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' });
    return new Uint8Array(der.subarray(PUBLIC_PREFIX.length));
  },
  sign: (seed, body) => new Uint8Array(sign(null, body, privateKey(seed))),
  verify: ({ signer, body, signature }) => {
    const key = publicKey(signer);
    return key !== undefined && signature.length === SIGNATURE_BYTES && verify(null, body, key, signature);
  },
};
