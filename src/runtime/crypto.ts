/** WebCrypto behind the ports: signing, verifying, invite keys, and the keys that a board's secret yields. */
import { concatBytes, equalBytes, fromHex, toHex, utf8, type Bytes } from '../kernel/bytes.ts';
import { ID_BYTES, isIdText, memberIdFrom, peerIdFrom, type MemberId } from '../kernel/ids.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import type { SignerPort, VerifierPort } from '../kernel/ports.ts';
import { DOMAIN } from '../identity/domains.ts';

/** Public keys kept imported by one verifier. Origin: a guess, ten times the peers of a large board. */
export const MAX_IMPORTED_KEYS = 512;

const ALGORITHM = 'Ed25519';
const SIGNATURE_BYTES = 64;
const SEED_BYTES = 32;
/** PKCS#8 of an Ed25519 private key up to its 32-byte seed (RFC 8410 section 7). */
const PKCS8_PREFIX = fromHex('302e020100300506032b657004220420');
/** Bytes of a signaling topic. Origin: 128 bits, past guessing. */
const TOPIC_BYTES = 16;

/** Signs for a member (a browser profile), as `SignerPort` does for a peer (one of its tabs). */
export interface MemberSigner {
  readonly memberId: MemberId;
  sign(body: Bytes): Promise<Bytes>;
}

/** A new Ed25519 pair whose private half cannot leave WebCrypto. */
export function generateKeyPair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
}

/** The raw public key, 32 bytes. */
async function rawPublicKey(pair: CryptoKeyPair): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
}

async function signWith(key: CryptoKey, body: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign(ALGORITHM, key, body));
}

/** The signer of a peer key. */
export async function signerFrom(pair: CryptoKeyPair): Promise<SignerPort> {
  const peerId = peerIdFrom(await rawPublicKey(pair));
  return { peerId, sign: (body) => signWith(pair.privateKey, body) };
}

/** The signer of a member key. */
export async function memberSignerFrom(pair: CryptoKeyPair): Promise<MemberSigner> {
  const memberId = memberIdFrom(await rawPublicKey(pair));
  return { memberId, sign: (body) => signWith(pair.privateKey, body) };
}

/** `count` bytes from the platform's generator, at most 65,536. */
export function randomBytes(count: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(count));
}

/** A fresh invite key in the form that a link carries. */
export async function generateInviteKey(): Promise<{ readonly seed: Bytes; readonly publicKey: Bytes }> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const exported = new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey));
  const seed = exported.slice(PKCS8_PREFIX.length, PKCS8_PREFIX.length + SEED_BYTES);
  exported.fill(0);
  return { seed, publicKey: await rawPublicKey(pair) };
}

/** Signs `body` with the key of a link's 32-byte seed. Nothing of the key outlives the call except the caller's seed. */
export async function signWithSeed(seed: Bytes, body: Bytes): Promise<Bytes> {
  const wrapped = concatBytes(PKCS8_PREFIX, seed);
  const key = await crypto.subtle.importKey('pkcs8', wrapped, ALGORITHM, false, ['sign']);
  wrapped.fill(0);
  return signWith(key, body);
}

/** What a board's 32-byte secret yields for signaling. */
export interface BoardKeys {
  /** The room at the signaling server, 32 hex digits. Whoever knows it learns who meets there, and nothing else. */
  readonly topic: string;
  /** AES-256-GCM, not extractable: encrypts everything that passes the signaling server. */
  readonly signalKey: CryptoKey;
}

/** HKDF-SHA-256 (RFC 5869) of the board secret, without salt (it is uniformly random), one info label per use. */
export async function deriveBoardKeys(boardSecret: Bytes): Promise<BoardKeys> {
  const secret = await crypto.subtle.importKey('raw', boardSecret, 'HKDF', false, [
    'deriveBits',
    'deriveKey',
  ]);
  const hkdf = (label: string): HkdfParams => ({
    name: 'HKDF',
    hash: 'SHA-256',
    salt: new Uint8Array(0),
    info: utf8(label),
  });
  const [topic, signalKey] = await Promise.all([
    crypto.subtle.deriveBits(hkdf(DOMAIN.topic), secret, TOPIC_BYTES * 8),
    crypto.subtle.deriveKey(hkdf(DOMAIN.signalKey), secret, { name: 'AES-GCM', length: 256 }, false, [
      'encrypt',
      'decrypt',
    ]),
  ]);
  return { topic: toHex(new Uint8Array(topic)), signalKey };
}

/** The verifier of this page. Imported keys are kept, least recently used out first. */
export function createVerifier(capacity: number = MAX_IMPORTED_KEYS): VerifierPort {
  const imported = new Map<string, CryptoKey | Promise<CryptoKey | undefined>>();
  const begin = (signer: string): Promise<CryptoKey | undefined> => {
    const pending = importPublicKey(signer);
    void pending.then((key) => {
      if (key !== undefined && imported.get(signer) === pending) imported.set(signer, key);
    });
    return pending;
  };
  const keyOf = (signer: string): CryptoKey | Promise<CryptoKey | undefined> => {
    const key = imported.get(signer) ?? begin(signer);
    imported.delete(signer);
    imported.set(signer, key);
    const oldest = imported.size > capacity ? imported.keys().next().value : undefined;
    if (oldest !== undefined) imported.delete(oldest);
    return key;
  };
  /** With a key that is there already a check costs one promise: most of a large copy has few authors. */
  const verify = ({ signer, body, signature }: SignatureCheck): Promise<boolean> => {
    if (signature.length !== SIGNATURE_BYTES) return Promise.resolve(false);
    const key = keyOf(signer);
    if (!(key instanceof Promise)) return verifyWith(key, signature, body);
    return key.then((ready) => ready !== undefined && verifyWith(ready, signature, body));
  };
  return {
    verifyAll: async (checks) => (await Promise.all(checks.map(verify))).every(Boolean),
  };
}

async function verifyWith(key: CryptoKey, signature: Bytes, body: Bytes): Promise<boolean> {
  try {
    return await crypto.subtle.verify(ALGORITHM, key, signature, body);
  } catch {
    return false; // what a platform cannot check, nobody here may rely on
  }
}

async function importPublicKey(signer: string): Promise<CryptoKey | undefined> {
  if (!isIdText(signer)) return undefined;
  const raw = fromHex(signer);
  if (!isStrongPublicKey(raw)) return undefined;
  try {
    return await crypto.subtle.importKey('raw', raw, ALGORITHM, false, ['verify']);
  } catch {
    return undefined;
  }
}

/** Canonical encodings of the y-coordinates of the points of small order, least significant byte first. */
const SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map(fromHex);

/**
 * Whether every engine judges signatures of this key alike. Under a key of small order one signature fits many messages, and
 * engines differ on such keys and on coordinates of 2^255 - 19 and above, so that peers would disagree about what was signed.
 */
function isStrongPublicKey(raw: Bytes): boolean {
  const y = raw.slice();
  const last = ID_BYTES - 1;
  y[last] = (y[last] ?? 0) & 0x7f; // the top bit is the sign of x
  const isReduced =
    y[last] !== 0x7f || (y[0] ?? 0) < 0xed || y.subarray(1, last).some((byte) => byte !== 0xff);
  return isReduced && !SMALL_ORDER.some((weak) => equalBytes(weak, y));
}
