/** What page and verification worker say to each other: checks as one byte string, which is handed over and not copied. */
import type { Bytes } from '../kernel/bytes.ts';
import {
  decodeWith,
  encodeWith,
  list,
  record,
  sizedBytes,
  text,
  viewedBytes,
  whole,
} from '../kernel/codec.ts';
import type { SignatureCheck } from '../kernel/machine.ts';

/** Most checks of one request. Origin: guess, four times a batch of entries. */
export const MAX_REQUEST_CHECKS = 1024;
/** Longest body that is handed over; all of ours are far shorter. Origin: guess. */
export const MAX_REQUEST_BODY_BYTES = 4096;
const SIGNER_BYTES = 64;
const SIGNATURE_BYTES = 64;

export interface VerifyRequest {
  readonly id: number;
  readonly checks: Bytes;
}

/** `ready`: the worker has started. */
export type VerifyAnswer = { readonly id: number; readonly hold: boolean } | 'ready';

const requestCodec = record({
  signers: list(text(SIGNER_BYTES), MAX_REQUEST_CHECKS),
  checks: list(
    record({
      signer: whole(MAX_REQUEST_CHECKS),
      body: viewedBytes(MAX_REQUEST_BODY_BYTES),
      signature: sizedBytes(SIGNATURE_BYTES),
    }),
    MAX_REQUEST_CHECKS,
  ),
});

/** The checks for the worker; undefined when they are of a kind that it does not take. */
export function packChecks(checks: readonly SignatureCheck[]): Bytes | undefined {
  if (checks.length > MAX_REQUEST_CHECKS) return undefined;
  const signers = new Map<string, number>();
  const packed = [];
  for (const { signer, body, signature } of checks) {
    const isTooLong = body.length > MAX_REQUEST_BODY_BYTES || signature.length > SIGNATURE_BYTES;
    if (isTooLong || signer.length !== SIGNER_BYTES) return undefined;
    const at = signers.get(signer) ?? signers.size;
    signers.set(signer, at);
    packed.push({ signer: at, body, signature });
  }
  return encodeWith(requestCodec, { signers: [...signers.keys()], checks: packed });
}

/** What {@link packChecks} made. */
export function unpackChecks(bytes: Bytes): readonly SignatureCheck[] | undefined {
  const request = decodeWith(requestCodec, bytes);
  if (!request.ok) return undefined;
  const { signers, checks } = request.value;
  return checks.map(({ signer, body, signature }) => ({ signer: signers[signer] ?? '', body, signature }));
}
