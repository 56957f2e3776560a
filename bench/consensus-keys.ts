/** Signatures for the consensus bench: real Ed25519 of Node.js, counted, or a stand-in that costs nothing. */
import { generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import { fromHex, type Bytes } from '../src/kernel/bytes.ts';
import { peerIdFrom, type PeerId } from '../src/kernel/ids.ts';
import type { SignatureCheck } from '../src/kernel/machine.ts';

/** Keys of a committee's seats. */
export interface BenchKeys {
  readonly seats: readonly PeerId[];
  /** False: nothing is checked. */
  readonly isReal: boolean;
  readonly counts: { signed: number; verified: number };
  sign(seat: number, body: Bytes): Bytes;
  holds(check: SignatureCheck): boolean;
}

/** A public key in DER is these bytes and the key (RFC 8410). */
const SPKI_BYTES = 12;

/** Real keys. */
export function ed25519Keys(size: number): BenchKeys {
  const pairs = Array.from({ length: size }, () => generateKeyPairSync('ed25519'));
  const seats = pairs.map(({ publicKey }) =>
    peerIdFrom(Uint8Array.from(publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_BYTES))),
  );
  const byId = new Map<string, KeyObject>(seats.map((id, seat) => [id, keyOf(pairs, seat).publicKey]));
  const counts = { signed: 0, verified: 0 };
  return {
    seats,
    isReal: true,
    counts,
    sign: (seat, body) => {
      counts.signed += 1;
      return Uint8Array.from(sign(null, body, keyOf(pairs, seat).privateKey));
    },
    holds: ({ signer, body, signature }) => {
      counts.verified += 1;
      const key = byId.get(signer);
      return key !== undefined && verify(null, body, key, signature);
    },
  };
}

function keyOf<Pair>(pairs: readonly Pair[], seat: number): Pair {
  const pair = pairs[seat];
  if (pair === undefined) throw new RangeError(`no seat ${seat}`);
  return pair;
}

/** No signatures: every one is the same, and nobody looks. */
export function noKeys(size: number): BenchKeys {
  const signature = new Uint8Array(64);
  return {
    seats: Array.from({ length: size }, (_, seat) =>
      peerIdFrom(fromHex(seat.toString(16).padStart(64, '0'))),
    ),
    isReal: false,
    counts: { signed: 0, verified: 0 },
    sign: () => signature,
    holds: () => true,
  };
}

/** Bytes of the message on which the cost of one signature is measured: about those of a vote. */
const SAMPLE_BYTES = 200;
const SAMPLES = 1_500;

export interface SignatureCosts {
  readonly signUs: number;
  readonly verifyUs: number;
}

/** What one signature and one check cost on this machine now, microseconds. */
export function measureCosts(): SignatureCosts {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const body = new Uint8Array(SAMPLE_BYTES);
  const signature = sign(null, body, privateKey);
  const costOf = (work: () => unknown): number => {
    const began = performance.now();
    for (let count = 0; count < SAMPLES; count++) work();
    return ((performance.now() - began) / SAMPLES) * 1000;
  };
  return {
    signUs: costOf(() => sign(null, body, privateKey)),
    verifyUs: costOf(() => verify(null, body, publicKey, signature)),
  };
}
