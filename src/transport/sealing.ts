/**
 * Encryption of signals under the board's signal key: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce. The additional data
 * names the topic and the recipient, so that a server can neither read a signal nor redirect it to another board or peer.
 * Whoever holds the board's secret can seal in anybody's name: a signal is a hint, the link proof is the proof.
 */
import { concatBytes, fromHex, utf8, type Bytes } from '../kernel/bytes.ts';
import { idBytes, type PeerId } from '../kernel/ids.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { DOMAIN } from '../identity/domains.ts';

/** First byte of every sealed signal. */
export const SEAL_VERSION = 1;
/** Largest sealed signal in bytes; about seven times an offer of ours (363 base64 characters at most in a measured run). */
export const MAX_SEALED_BYTES = 4096;

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export type SealCode =
  | 'sealSize' // shorter than an empty signal, or above MAX_SEALED_BYTES
  | 'sealVersion'
  | 'unsealable'; // another key, topic or recipient, or changed on the way

/** Seals and opens signals. `to` is the recipient; undefined stands for everybody in the room. */
export interface Sealer {
  seal(plain: Bytes, to: PeerId | undefined): Promise<Bytes>;
  /** Never rejects. */
  open(sealed: Bytes, to: PeerId | undefined): Promise<Result<Bytes, SealCode>>;
}

/** The sealer of a board. `topic` is hex; `randomBytes` draws the nonces; `domain` keeps what is sealed for one purpose useless for another. */
export function createSealer(
  key: CryptoKey,
  topic: string,
  randomBytes: (length: number) => Bytes,
  domain: string = DOMAIN.signal,
): Sealer {
  const algorithm = (nonce: Bytes, to: PeerId | undefined): AesGcmParams => ({
    name: 'AES-GCM',
    iv: nonce,
    additionalData: concatBytes(
      utf8(domain),
      new Uint8Array(1),
      fromHex(topic),
      to === undefined ? new Uint8Array(0) : idBytes(to),
    ),
  });
  return {
    seal: async (plain, to) => {
      const nonce = randomBytes(NONCE_BYTES);
      const sealed = await crypto.subtle.encrypt(algorithm(nonce, to), key, plain);
      return concatBytes(new Uint8Array([SEAL_VERSION]), nonce, new Uint8Array(sealed));
    },
    open: async (sealed, to) => {
      if (sealed.length < 1 + NONCE_BYTES + TAG_BYTES || sealed.length > MAX_SEALED_BYTES)
        return refuse('sealSize');
      if (sealed[0] !== SEAL_VERSION) return refuse('sealVersion');
      const nonce = sealed.slice(1, 1 + NONCE_BYTES);
      try {
        const plain = await crypto.subtle.decrypt(algorithm(nonce, to), key, sealed.slice(1 + NONCE_BYTES));
        return ok(new Uint8Array(plain));
      } catch {
        return refuse('unsealable'); // WebCrypto says no more than OperationError
      }
    },
  };
}
