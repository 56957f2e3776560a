/** Requests of clients, and the batches in which they are ordered. */
import type { Bytes } from '../kernel/bytes.ts';
import {
  boardIdCodec,
  encodeWith,
  hashCodec,
  list,
  peerIdCodec,
  record,
  signatureCodec,
  sizedBytes,
  whole,
  type Codec,
} from '../kernel/codec.ts';
import { digest } from '../kernel/hash.ts';
import type { BoardId, Hash, PeerId } from '../kernel/ids.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import { DOMAIN } from '../identity/domains.ts';
import { domainSeparated } from '../identity/signing.ts';
import { MAX_BATCH_REQUESTS, MAX_OPERATION_BYTES } from './limits.ts';

/** One operation that a client wants ordered: <REQUEST, o, t, c> of section 4.1. */
export interface Request {
  readonly client: PeerId;
  /** Counts the client's requests, from 1. At most one with each number is ever executed. */
  readonly number: number;
  readonly operation: Bytes;
  /** By the client's key. */
  readonly signature: Bytes;
}

export type UnsignedRequest = Omit<Request, 'signature'>;

const unsignedFields = {
  client: peerIdCodec,
  number: whole(),
  operation: sizedBytes(MAX_OPERATION_BYTES),
};

export const unsignedRequestCodec: Codec<UnsignedRequest> = record<UnsignedRequest>(unsignedFields);
export const requestCodec: Codec<Request> = record<Request>({ ...unsignedFields, signature: signatureCodec });
export const batchCodec: Codec<readonly Request[]> = list(requestCodec, MAX_BATCH_REQUESTS);
export const batchHashesCodec: Codec<readonly Hash[]> = list(hashCodec, MAX_BATCH_REQUESTS);

const signedCodec = record<UnsignedRequest & { readonly board: BoardId }>({
  board: boardIdCodec,
  ...unsignedFields,
});

/** What a client signs. It names no epoch: a request outlives the committee that did not come to it. */
export function requestToSign(board: BoardId, { client, number, operation }: UnsignedRequest): Bytes {
  return domainSeparated(DOMAIN.request, encodeWith(signedCodec, { board, client, number, operation }));
}

export function requestCheck(board: BoardId, request: Request): SignatureCheck {
  return { signer: request.client, body: requestToSign(board, request), signature: request.signature };
}

/** Identifies what is asked for. The signature is left out: a second valid one for the same request must not make another batch of it. */
export function hashRequest(request: UnsignedRequest): Hash {
  const { client, number, operation } = request;
  return digest(DOMAIN.request, encodeWith(unsignedRequestCodec, { client, number, operation }));
}

/** The digest that replicas vote on. It hashes hashes, so that one request can be shown to be in it without the others. */
export function hashBatch(hashes: readonly Hash[]): Hash {
  return digest(DOMAIN.batch, encodeWith(batchHashesCodec, hashes));
}

/** The null request of section 4.4: a batch of nothing. */
export const NULL_BATCH: Hash = hashBatch([]);

/** Names a request among those of its board; two requests of this name are one client's lie. */
export function requestKey({ client, number }: Pick<Request, 'client' | 'number'>): string {
  return `${client}/${number}`;
}
