/**
 * What replicas send each other: statements of seats, which stand on their own wherever they come from, and answers, which are believed for
 * their hashes or for the certificates in them. Nothing depends on who hands a message on.
 */
import type { Bytes } from '../kernel/bytes.ts';
import {
  decodeWith,
  encodeWith,
  list,
  hashCodec,
  optional,
  record,
  sizedBytes,
  union,
  whole,
  type Codec,
  type DecodeCode,
  type OneKind,
} from '../kernel/codec.ts';
import type { Hash } from '../kernel/ids.ts';
import type { Protocol, SignatureCheck } from '../kernel/machine.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import {
  decidedChecks,
  preparedChecks,
  refuseDecided,
  refusePrepared,
  refuseStable,
  stableChecks,
  type CertificateRefusal,
} from './certificates.ts';
import { primaryOf, type Committee } from './committee.ts';
import { MAX_PIECES, MAX_STATE_BYTES, PIECE_BYTES } from './limits.ts';
import { batchCodec, hashBatch, hashRequest, requestCheck, requestCodec, type Request } from './requests.ts';
import {
  decidedCertificateCodec,
  signedCodec,
  stableCertificateCodec,
  statementCheck,
  type DecidedCertificate,
  type Signed,
  type StableCertificate,
  type Statement,
  type ViewChange,
} from './statements.ts';

/** The state after a checkpoint, by the hashes of its pieces. The hash of its encoding is what replicas vote on. */
export interface Manifest {
  readonly seq: number;
  /** Bytes of the state. */
  readonly size: number;
  readonly pieces: readonly Hash[];
}

export interface ConsensusKinds {
  readonly request: { readonly request: Request };
  /** A statement; with a pre-prepare goes its batch, when the sender has it at hand. */
  readonly statement: { readonly signed: Signed; readonly requests: readonly Request[] | undefined };
  readonly batch: { readonly requests: readonly Request[] };
  readonly decided: { readonly certificate: DecidedCertificate; readonly requests: readonly Request[] };
  readonly stable: { readonly certificate: StableCertificate };
  readonly manifest: { readonly manifest: Manifest };
  readonly piece: { readonly bytes: Bytes };
}

export type ConsensusMessage = OneKind<ConsensusKinds>;

export const manifestCodec: Codec<Manifest> = record<Manifest>({
  seq: whole(),
  size: whole(MAX_STATE_BYTES),
  pieces: list(hashCodec, MAX_PIECES),
});

export const consensusMessageCodec: Codec<ConsensusMessage> = union<ConsensusKinds>({
  request: [1, record<ConsensusKinds['request']>({ request: requestCodec })],
  statement: [
    2,
    record<ConsensusKinds['statement']>({ signed: signedCodec, requests: optional(batchCodec) }),
  ],
  batch: [3, record<ConsensusKinds['batch']>({ requests: batchCodec })],
  decided: [
    4,
    record<ConsensusKinds['decided']>({ certificate: decidedCertificateCodec, requests: batchCodec }),
  ],
  stable: [5, record<ConsensusKinds['stable']>({ certificate: stableCertificateCodec })],
  manifest: [6, record<ConsensusKinds['manifest']>({ manifest: manifestCodec })],
  piece: [7, record<ConsensusKinds['piece']>({ bytes: sizedBytes(PIECE_BYTES) })],
});

export type MessageRefusal =
  | DecodeCode
  | CertificateRefusal
  | 'notASeat' // signed by, or on behalf of, somebody without a seat
  | 'notPrimary' // a pre-prepare or new view of a seat that does not lead that view
  | 'fromPrimary' // a prepare of the primary, which would count twice
  | 'otherBatch' // a batch that is not the one of the statement it came with
  | 'badOrder'; // lists that are not ascending, or numbers outside what they can be

/**
 * How link bytes become messages of `committee`'s replicas and back. What decodes is well formed: only its signatures remain to be checked.
 * `genesis` is the digest of the state before the first decision.
 */
export function consensusProtocol(committee: Committee, genesis: Hash): Protocol<ConsensusMessage> {
  return {
    encode: (message) => encodeWith(consensusMessageCodec, message),
    decode: (bytes): Result<ConsensusMessage, MessageRefusal> => {
      const decoded = decodeWith(consensusMessageCodec, bytes);
      if (!decoded.ok) return decoded;
      const refusal = refuseMessage(committee, genesis, decoded.value);
      return refusal === undefined ? ok(decoded.value) : refuse(refusal);
    },
    checks: (message) => messageChecks(committee, message),
  };
}

/** What is wrong with a message apart from its signatures, if anything. */
export function refuseMessage(
  committee: Committee,
  genesis: Hash,
  message: ConsensusMessage,
): MessageRefusal | undefined {
  switch (message.kind) {
    case 'request':
      return refuseRequests(committee, [message.request]);
    case 'statement':
      return (
        refuseStatement(committee, genesis, message.signed) ??
        refuseCompany(committee, message.signed.statement, message.requests)
      );
    case 'batch':
      return refuseRequests(committee, message.requests);
    case 'decided':
      if (hashBatch(message.requests.map(hashRequest)) !== message.certificate.digest) return 'otherBatch';
      return refuseDecided(committee, message.certificate) ?? refuseRequests(committee, message.requests);
    case 'stable':
      return refuseStable(committee, genesis, message.certificate);
    case 'manifest': {
      const { size, pieces } = message.manifest;
      return pieces.length === Math.ceil(size / PIECE_BYTES) ? undefined : 'badOrder';
    }
    case 'piece':
      return undefined;
  }
}

function refuseCompany(
  committee: Committee,
  statement: Statement,
  requests: readonly Request[] | undefined,
): MessageRefusal | undefined {
  if (requests === undefined) return undefined;
  if (statement.kind !== 'prePrepare') return 'otherBatch';
  if (hashBatch(requests.map(hashRequest)) !== statement.digest) return 'otherBatch';
  return refuseRequests(committee, requests);
}

/** Only seats are clients for now. */
function refuseRequests(committee: Committee, requests: readonly Request[]): MessageRefusal | undefined {
  if (!requests.every(({ client }) => committee.seats.includes(client))) return 'notASeat';
  return requests.every(({ number }) => number >= 1) ? undefined : 'badOrder';
}

function refuseStatement(committee: Committee, genesis: Hash, signed: Signed): MessageRefusal | undefined {
  const { seat, statement } = signed;
  if (seat >= committee.seats.length) return 'notASeat';
  switch (statement.kind) {
    case 'prePrepare':
      if (seat !== primaryOf(committee, statement.view)) return 'notPrimary';
      return statement.seq >= 1 ? undefined : 'badOrder';
    case 'prepare':
      if (seat === primaryOf(committee, statement.view)) return 'fromPrimary';
      return statement.seq >= 1 ? undefined : 'badOrder';
    case 'commit':
      return statement.seq >= 1 ? undefined : 'badOrder';
    case 'checkpoint':
      return statement.seq >= 1 && statement.seq % committee.checkpointEvery === 0 ? undefined : 'badPlace';
    case 'viewChange':
      return refuseChange(committee, genesis, statement);
    case 'newView': {
      if (seat !== primaryOf(committee, statement.view) || statement.view < 1) return 'notPrimary';
      if (!isAscending(statement.changes.map((change) => change.seat))) return 'badSeats';
      return statement.changes.length < committee.quorum ? 'tooFew' : undefined;
    }
    case 'status':
      return isAscending(statement.slots.map(({ seq }) => seq)) ? undefined : 'badOrder';
    case 'fetch':
      return undefined;
  }
}

/** Every certificate inside is judged: C and each element of P (research: the attack that forks whoever believes them). */
function refuseChange(
  committee: Committee,
  genesis: Hash,
  { view, stable, prepared }: ViewChange,
): MessageRefusal | undefined {
  if (view < 1) return 'badOrder';
  const refusal = refuseStable(committee, genesis, stable);
  if (refusal !== undefined) return refusal;
  if (!isAscending(prepared.map(({ seq }) => seq))) return 'badOrder';
  for (const each of prepared) {
    const isInWindow = each.seq > stable.seq && each.seq <= stable.seq + committee.window;
    if (!isInWindow || each.view >= view) return 'badPlace';
    const wrong = refusePrepared(committee, each);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((number, at) => at === 0 || (numbers[at - 1] ?? 0) < number);
}

/** The signatures that must hold before a message reaches the machine: its own, and those of every certificate and request in it. */
export function messageChecks(committee: Committee, message: ConsensusMessage): SignatureCheck[] {
  switch (message.kind) {
    case 'request':
      return [requestCheck(committee.board, message.request)];
    case 'statement': {
      const { statement } = message.signed;
      const own = statementCheck(committee, message.signed);
      if (statement.kind !== 'viewChange')
        return [own, ...(message.requests ?? []).map((request) => requestCheck(committee.board, request))];
      const prepared = statement.prepared.flatMap((each) => preparedChecks(committee, each));
      return [own, ...stableChecks(committee, statement.stable), ...prepared];
    }
    case 'batch':
      return message.requests.map((request) => requestCheck(committee.board, request));
    case 'decided':
      return [
        ...decidedChecks(committee, message.certificate),
        ...message.requests.map((request) => requestCheck(committee.board, request)),
      ];
    case 'stable':
      return stableChecks(committee, message.certificate);
    case 'manifest':
    case 'piece':
      return [];
  }
}
