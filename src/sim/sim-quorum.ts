/**
 * Stands in for the committee that will certify checkpoints: a few seats with keys of their own, of which so many have to sign. Consensus is
 * not part of it: who calls {@link SimQuorum.certify} says what the seats agreed on.
 */
import type { Bytes } from '../kernel/bytes.ts';
import {
  decodeWith,
  encodeWith,
  hashCodec,
  list,
  record,
  signatureCodec,
  whole,
  type Codec,
} from '../kernel/codec.ts';
import { toHex } from '../kernel/bytes.ts';
import type { Hash } from '../kernel/ids.ts';
import type { CheckpointVerifier } from '../replication/ports.ts';
import type { SimKeys } from './sim-keys.ts';

const SEATS = 4;
/** ceil((n + f + 1) / 2) for n = 4 (DESIGN section 10). */
const QUORUM = 3;

interface SeatSignature {
  readonly seat: number;
  readonly signature: Bytes;
}

const certificateCodec: Codec<readonly SeatSignature[]> = list(
  record<SeatSignature>({ seat: whole(SEATS - 1), signature: signatureCodec }),
  SEATS,
);

export class SimQuorum implements CheckpointVerifier {
  readonly #keys: SimKeys;

  constructor(keys: SimKeys) {
    this.#keys = keys;
  }

  /** A certificate by as many seats as are needed, or by `seats` of them. */
  certify(hash: Hash, seats = QUORUM): Bytes {
    const signatures = Array.from({ length: seats }, (_, seat) => {
      const signature = this.#keys.sign(toHex(this.#keyOf(seat)), toSign(hash));
      return { seat, signature };
    });
    return encodeWith(certificateCodec, signatures);
  }

  checksOf(
    { hash }: { readonly hash: Hash },
    certificate: Bytes,
  ): ReturnType<CheckpointVerifier['checksOf']> {
    const decoded = decodeWith(certificateCodec, certificate);
    if (!decoded.ok) return undefined;
    if (new Set(decoded.value.map(({ seat }) => seat)).size < QUORUM) return undefined;
    return decoded.value.map(({ seat, signature }) => ({
      signer: toHex(this.#keyOf(seat)),
      body: toSign(hash),
      signature,
    }));
  }

  #keyOf(seat: number): Bytes {
    return this.#keys.publicKey(`seat ${seat}`);
  }
}

function toSign(hash: Hash): Bytes {
  return encodeWith(hashCodec, hash);
}
