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
  isCheckpoint,
  preparedChecks,
  refuseDecided,
  refusePrepared,
  refuseStable,
  stableChecks,
  type CertificateRefusal,
} from './certificates.ts';
import { primaryOf, type Committee } from './committee.ts';
import { MAX_LINKS, MAX_PIECES, MAX_STATE_BYTES, PIECE_BYTES } from './limits.ts';
import { linkCodec, type Chain, type ChainRefusal, type Epoch, type Link } from './chain.ts';
import { isContradiction, lieChecks, lieProofCodec, type LieProof } from './lies.ts';
import { questionCheck, signedQuestionCodec, type SignedQuestion } from './questions.ts';
import { batchCodec, hashBatch, requestCheck, requestCodec, type Batch, type Request } from './requests.ts';
import {
  decidedCertificateCodec,
  preparedCertificateCodec,
  signedCodec,
  stableCertificateCodec,
  statementCheck,
  type DecidedCertificate,
  type PreparedCertificate,
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
  /** A statement of a seat of `epoch`; with a pre-prepare goes its batch, when the sender has it at hand. */
  readonly statement: {
    readonly epoch: number;
    readonly signed: Signed;
    readonly batch: Batch | undefined;
  };
  readonly batch: { readonly batch: Batch };
  readonly decided: {
    readonly epoch: number;
    readonly certificate: DecidedCertificate;
    readonly batch: Batch;
  };
  readonly stable: { readonly epoch: number; readonly certificate: StableCertificate };
  /** What may be decided, for an owner that thinks of beginning anew. */
  readonly prepared: {
    readonly epoch: number;
    readonly certificate: PreparedCertificate;
    readonly batch: Batch;
  };
  readonly manifest: { readonly manifest: Manifest };
  readonly piece: { readonly bytes: Bytes };
  readonly question: SignedQuestion;
  /** Links of the chain of committees, in a row. */
  readonly links: { readonly links: readonly Link[] };
  /** That a seat of some epoch contradicted itself. */
  readonly lie: { readonly proof: LieProof };
}

export type ConsensusMessage = OneKind<ConsensusKinds>;

export const manifestCodec: Codec<Manifest> = record<Manifest>({
  seq: whole(),
  size: whole(MAX_STATE_BYTES),
  pieces: list(hashCodec, MAX_PIECES),
});

export const consensusMessageCodec: Codec<ConsensusMessage> = union<ConsensusKinds>({
  request: [1, record<ConsensusKinds['request']>({ request: requestCodec })],
  // Tags 2 to 5 had no epoch, and batches no time: never to be used again.
  statement: [
    8,
    record<ConsensusKinds['statement']>({ epoch: whole(), signed: signedCodec, batch: optional(batchCodec) }),
  ],
  batch: [9, record<ConsensusKinds['batch']>({ batch: batchCodec })],
  decided: [
    10,
    record<ConsensusKinds['decided']>({
      epoch: whole(),
      certificate: decidedCertificateCodec,
      batch: batchCodec,
    }),
  ],
  stable: [11, record<ConsensusKinds['stable']>({ epoch: whole(), certificate: stableCertificateCodec })],
  manifest: [6, record<ConsensusKinds['manifest']>({ manifest: manifestCodec })],
  piece: [7, record<ConsensusKinds['piece']>({ bytes: sizedBytes(PIECE_BYTES) })],
  question: [12, signedQuestionCodec],
  links: [13, record<ConsensusKinds['links']>({ links: list(linkCodec, MAX_LINKS) })],
  prepared: [
    14,
    record<ConsensusKinds['prepared']>({
      epoch: whole(),
      certificate: preparedCertificateCodec,
      batch: batchCodec,
    }),
  ],
  lie: [15, record<ConsensusKinds['lie']>({ proof: lieProofCodec })],
});

export type MessageRefusal =
  | DecodeCode
  | CertificateRefusal
  | ChainRefusal
  | 'notASeat' // signed by, or on behalf of, somebody without a seat
  | 'notPrimary' // a pre-prepare or new view of a seat that does not lead that view
  | 'fromPrimary' // a prepare of the primary, which would count twice
  | 'otherBatch' // a batch that is not the one of the statement it came with, or a second spelling of the null batch
  | 'badOrder' // lists that are not ascending, or numbers outside what they can be
  | 'proofEmpty' // two claims of a seat that an honest one can make both
  | 'badOperation' // an operation that the application knows nothing of
  | 'earlierEpoch' // of a committee that is over
  | 'laterEpoch'; // of a committee that is not known here yet

/** What messages are judged by: the chain of committees as far as it is known, and the application's idea of what can be asked for. */
export interface Judging {
  readonly chain: Chain;
  /** The signatures that an operation needs besides its client's, by its bytes alone; undefined when it is none. */
  checksOf(operation: Bytes): readonly SignatureCheck[] | undefined;
}

/** How link bytes become messages of a board's replicas and back. What decodes is well formed: only its signatures remain to be checked. */
export function consensusProtocol(judging: Judging): Protocol<ConsensusMessage> {
  return {
    encode: (message) => encodeWith(consensusMessageCodec, message),
    decode: (bytes): Result<ConsensusMessage, MessageRefusal> => {
      const decoded = decodeWith(consensusMessageCodec, bytes);
      if (!decoded.ok) return decoded;
      const refusal = refuseMessage(judging, decoded.value);
      return refusal === undefined ? ok(decoded.value) : refuse(refusal);
    },
    checks: (message) => messageChecks(judging, message),
  };
}

/** The epoch of a message: the one that we are in, or, for those who are on their way to it, the newest that is known. */
function epochOf({ chain }: Judging, epoch: number): Result<Epoch, 'earlierEpoch' | 'laterEpoch'> {
  const known = chain.at(epoch);
  if (known === undefined) return refuse('laterEpoch');
  return epoch === chain.current || known === chain.tip ? ok(known) : refuse('earlierEpoch');
}

/** What is wrong with a message apart from its signatures, if anything. */
export function refuseMessage(judging: Judging, message: ConsensusMessage): MessageRefusal | undefined {
  switch (message.kind) {
    case 'request':
      return refuseRequests(judging, [message.request]);
    case 'batch':
      return refuseBatch(judging, message.batch);
    case 'manifest': {
      const { size, pieces } = message.manifest;
      return pieces.length === Math.ceil(size / PIECE_BYTES) ? undefined : 'badOrder';
    }
    case 'piece':
      return undefined;
    case 'question':
      return refuseQuestion(message);
    case 'links': {
      const judged = judging.chain.judge(message.links);
      return judged.ok ? undefined : judged.code;
    }
    case 'lie':
      return refuseLie(judging, message.proof);
    case 'statement':
    case 'decided':
    case 'prepared':
    case 'stable': {
      const epoch = epochOf(judging, message.epoch);
      return epoch.ok ? refuseOfEpoch(judging, epoch.value, message) : epoch.code;
    }
  }
}

/** Of any epoch that is known here: what was signed in it stays signed. */
function refuseLie({ chain }: Judging, proof: LieProof): MessageRefusal | undefined {
  if (proof.board !== chain.pins.board) return 'otherBoard';
  if (!isContradiction(proof)) return 'proofEmpty';
  const known = chain.at(proof.epoch)?.committee;
  // The same number on the other side of an owner's new beginning is an epoch that is not known here.
  if (known?.digest !== proof.committee) return 'laterEpoch';
  return known.keys[proof.seat] === proof.key ? undefined : 'notASeat';
}

type OfEpoch = Extract<ConsensusMessage, { readonly epoch: number }>;

function refuseOfEpoch(
  judging: Judging,
  { committee, link }: Epoch,
  message: OfEpoch,
): MessageRefusal | undefined {
  switch (message.kind) {
    case 'statement':
      return (
        refuseStatement(committee, link.state, message.signed) ??
        refuseCompany(judging, message.signed.statement, message.batch)
      );
    case 'decided':
      if (hashBatch(message.batch) !== message.certificate.digest) return 'otherBatch';
      return refuseDecided(committee, message.certificate) ?? refuseBatch(judging, message.batch);
    case 'prepared':
      if (hashBatch(message.batch) !== message.certificate.digest) return 'otherBatch';
      return refusePrepared(committee, message.certificate) ?? refuseBatch(judging, message.batch);
    case 'stable':
      return refuseStable(committee, link.state, message.certificate);
  }
}

function refuseCompany(
  judging: Judging,
  statement: Statement,
  batch: Batch | undefined,
): MessageRefusal | undefined {
  if (batch === undefined) return undefined;
  if (statement.kind !== 'prePrepare') return 'otherBatch';
  return hashBatch(batch) === statement.digest ? refuseBatch(judging, batch) : 'otherBatch';
}

/** A batch of nothing has no time: there is one null batch. */
function refuseBatch(judging: Judging, { time, requests }: Batch): MessageRefusal | undefined {
  if (requests.length === 0 && time !== 0) return 'otherBatch';
  return refuseRequests(judging, requests);
}

/** Whether a client may ask is judged when its request is taken in and when it is executed: who is no seat can be one all the same. */
function refuseRequests(judging: Judging, requests: readonly Request[]): MessageRefusal | undefined {
  if (!requests.every(({ number }) => number >= 1)) return 'badOrder';
  const areKnown = requests.every(({ operation }) => judging.checksOf(operation) !== undefined);
  return areKnown ? undefined : 'badOperation';
}

function refuseQuestion({ question }: SignedQuestion): MessageRefusal | undefined {
  const places = question.kind === 'status' ? question.slots : question.kind === 'call' && question.prepared;
  return places === false || isAscending(places.map(({ seq }) => seq)) ? undefined : 'badOrder';
}

function refuseStatement(committee: Committee, base: Hash, signed: Signed): MessageRefusal | undefined {
  const { seat, statement } = signed;
  if (seat >= committee.keys.length) return 'notASeat';
  switch (statement.kind) {
    case 'prePrepare':
      if (seat !== primaryOf(committee, statement.view)) return 'notPrimary';
      return statement.seq > committee.start ? undefined : 'badOrder';
    case 'prepare':
      if (seat === primaryOf(committee, statement.view)) return 'fromPrimary';
      return statement.seq > committee.start ? undefined : 'badOrder';
    case 'commit':
    case 'close':
      return statement.seq > committee.start ? undefined : 'badOrder';
    case 'checkpoint':
      return isCheckpoint(committee, statement.seq) ? undefined : 'badPlace';
    case 'viewChange':
      return refuseChange(committee, base, statement);
    case 'newView': {
      if (seat !== primaryOf(committee, statement.view) || statement.view < 1) return 'notPrimary';
      if (!isAscending(statement.changes.map((change) => change.seat))) return 'badSeats';
      return statement.changes.length < committee.quorum ? 'tooFew' : undefined;
    }
  }
}

/** Every certificate inside is judged: C and each element of P (research: the attack that forks whoever believes them). */
function refuseChange(
  committee: Committee,
  base: Hash,
  { view, stable, prepared }: ViewChange,
): MessageRefusal | undefined {
  if (view < 1) return 'badOrder';
  const refusal = refuseStable(committee, base, stable);
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
export function messageChecks(judging: Judging, message: ConsensusMessage): readonly SignatureCheck[] {
  const { board } = judging.chain.pins;
  switch (message.kind) {
    case 'request':
      return requestChecks(judging, [message.request]);
    case 'batch':
      return requestChecks(judging, message.batch.requests);
    case 'manifest':
    case 'piece':
      return [];
    case 'question':
      return [questionCheck(board, message)];
    case 'links': {
      const judged = judging.chain.judge(message.links);
      return judged.ok ? judged.value.checks : [];
    }
    case 'lie':
      return lieChecks(message.proof);
    case 'statement':
    case 'decided':
    case 'prepared':
    case 'stable': {
      const epoch = judging.chain.at(message.epoch);
      return epoch === undefined ? [] : checksOfEpoch(judging, epoch.committee, message);
    }
  }
}

function checksOfEpoch(judging: Judging, committee: Committee, message: OfEpoch): SignatureCheck[] {
  switch (message.kind) {
    case 'statement': {
      const { statement } = message.signed;
      const own = statementCheck(committee, message.signed);
      if (statement.kind !== 'viewChange')
        return [own, ...requestChecks(judging, message.batch?.requests ?? [])];
      const prepared = statement.prepared.flatMap((each) => preparedChecks(committee, each));
      return [own, ...stableChecks(committee, statement.stable), ...prepared];
    }
    case 'decided':
      return [
        ...decidedChecks(committee, message.certificate),
        ...requestChecks(judging, message.batch.requests),
      ];
    case 'prepared':
      return [
        ...preparedChecks(committee, message.certificate),
        ...requestChecks(judging, message.batch.requests),
      ];
    case 'stable':
      return stableChecks(committee, message.certificate);
  }
}

function requestChecks(judging: Judging, requests: readonly Request[]): SignatureCheck[] {
  const { board } = judging.chain.pins;
  return requests.flatMap((request) => [
    requestCheck(board, request),
    ...(judging.checksOf(request.operation) ?? []),
  ]);
}
