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

/** What is ordered at one place. */
export interface Batch {
  /** The primary's clock, ms since 1970; 0 for the null batch. The agreed time is the latest of those that were executed. */
  readonly time: number;
  readonly requests: readonly Request[];
}

const unsignedFields = {
  client: peerIdCodec,
  number: whole(),
  operation: sizedBytes(MAX_OPERATION_BYTES),
};

export const unsignedRequestCodec: Codec<UnsignedRequest> = record<UnsignedRequest>(unsignedFields);
export const requestCodec: Codec<Request> = record<Request>({ ...unsignedFields, signature: signatureCodec });
export const batchCodec: Codec<Batch> = record<Batch>({
  time: whole(),
  requests: list(requestCodec, MAX_BATCH_REQUESTS),
});

/** A batch by the hashes of its requests: one of them can be shown to be in it without the others. */
export interface BatchHashes {
  readonly time: number;
  readonly requests: readonly Hash[];
}

export const batchHashesCodec: Codec<BatchHashes> = record<BatchHashes>({
  time: whole(),
  requests: list(hashCodec, MAX_BATCH_REQUESTS),
});

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

export function batchHashes({ time, requests }: Batch): BatchHashes {
  return { time, requests: requests.map(hashRequest) };
}

/** The digest that replicas vote on. */
export function hashHashes(hashes: BatchHashes): Hash {
  return digest(DOMAIN.batch, encodeWith(batchHashesCodec, hashes));
}

/** Of batches that are in use; a batch is asked for its hash wherever it comes to. */
const batchDigests = new WeakMap<Batch, Hash>();

export function hashBatch(batch: Batch): Hash {
  const known = batchDigests.get(batch);
  if (known !== undefined) return known;
  const hash = hashHashes(batchHashes(batch));
  batchDigests.set(batch, hash);
  return hash;
}

/** The null request of section 4.4: a batch of nothing. */
export const EMPTY_BATCH: Batch = { time: 0, requests: [] };
export const NULL_BATCH: Hash = hashBatch(EMPTY_BATCH);

/** Names a request among those of its board; two requests of this name are one client's lie. */
export function requestKey({ client, number }: Pick<Request, 'client' | 'number'>): string {
  return `${client}/${number}`;
}
