/**
 * Certificates: quorums of signatures over one and the same statement. Each is judged by its shape (a refusal code, or nothing) and by the
 * signatures that have to hold; whoever has both verdicts needs nobody's word. Every certificate inside another message is judged like this,
 * one by one: a NEW-VIEW or VIEW-CHANGE that is believed without it lets one liar fork the committee.
 */
import { decodeWith, encodeWith, record, whole, type Codec } from '../kernel/codec.ts';
import type { Bytes } from '../kernel/bytes.ts';
import type { Hash } from '../kernel/ids.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import {
  committeeCodec,
  openCommittee,
  primaryOf,
  recordOf,
  type Committee,
  type CommitteeRecord,
} from './committee.ts';
import { MAX_BATCH_REQUESTS } from './limits.ts';
import {
  batchHashes,
  batchHashesCodec,
  hashHashes,
  hashRequest,
  requestCheck,
  requestCodec,
  type Batch,
  type BatchHashes,
  type Request,
} from './requests.ts';
import {
  decidedCertificateCodec,
  statementCheck,
  type DecidedCertificate,
  type PreparedCertificate,
  type SeatSignature,
  type StableCertificate,
  type Statement,
} from './statements.ts';

export type CertificateRefusal =
  | 'badSeats' // a seat that does not exist, stands twice or out of order
  | 'tooFew' // fewer signatures than a quorum
  | 'badPlace'; // a sequence number or view that such a certificate cannot have

/** Seats exist, each once, in order. */
function areSeats(committee: Committee, signatures: readonly SeatSignature[]): boolean {
  return signatures.every(
    ({ seat }, at) => seat < committee.keys.length && (signatures[at - 1]?.seat ?? -1) < seat,
  );
}

/** What is wrong with signatures that should be those of a quorum, if anything. */
export function refuseQuorum(
  committee: Committee,
  signatures: readonly SeatSignature[],
): CertificateRefusal | undefined {
  if (!areSeats(committee, signatures)) return 'badSeats';
  return signatures.length < committee.quorum ? 'tooFew' : undefined;
}

/** The checks of signatures of seats under one statement. */
export function quorumChecks(
  committee: Committee,
  statement: Statement,
  signatures: readonly SeatSignature[],
): SignatureCheck[] {
  return signatures.map(({ seat, signature }) => statementCheck(committee, { seat, statement, signature }));
}

/** Whether a committee's seats make a checkpoint at `seq`. */
export function isCheckpoint({ checkpointEvery, start }: CommitteeRecord, seq: number): boolean {
  return seq > start && (seq - start) % checkpointEvery === 0;
}

/** What is wrong with a stable certificate, if anything. Where the epoch starts it has no signatures, and its digest is `base`. */
export function refuseStable(
  committee: Committee,
  base: Hash,
  { seq, digest, signatures }: StableCertificate,
): CertificateRefusal | undefined {
  if (seq === committee.start) return digest === base && signatures.length === 0 ? undefined : 'badPlace';
  return isCheckpoint(committee, seq) ? refuseQuorum(committee, signatures) : 'badPlace';
}

export function stableChecks(committee: Committee, certificate: StableCertificate): SignatureCheck[] {
  const { seq, digest, signatures } = certificate;
  return quorumChecks(committee, { kind: 'checkpoint', seq, digest }, signatures);
}

/** What is wrong with a prepared certificate, if anything. The primary's pre-prepare counts as its prepare, so it may not give another. */
export function refusePrepared(
  committee: Committee,
  { view, seq, signatures }: PreparedCertificate,
): CertificateRefusal | undefined {
  if (seq <= committee.start) return 'badPlace';
  const primary = primaryOf(committee, view);
  if (!areSeats(committee, signatures) || signatures.some(({ seat }) => seat === primary)) return 'badSeats';
  return signatures.length + 1 < committee.quorum ? 'tooFew' : undefined;
}

export function preparedChecks(committee: Committee, certificate: PreparedCertificate): SignatureCheck[] {
  const { view, seq, digest, proposal, signatures } = certificate;
  const seat = primaryOf(committee, view);
  const statement: Statement = { kind: 'prePrepare', view, seq, digest };
  return [
    statementCheck(committee, { seat, statement, signature: proposal }),
    ...quorumChecks(committee, { kind: 'prepare', view, seq, digest }, signatures),
  ];
}

/** What is wrong with a decided certificate, if anything. */
export function refuseDecided(
  committee: Committee,
  { seq, signatures }: DecidedCertificate,
): CertificateRefusal | undefined {
  return seq > committee.start ? refuseQuorum(committee, signatures) : 'badPlace';
}

export function decidedChecks(committee: Committee, certificate: DecidedCertificate): SignatureCheck[] {
  const { view, seq, digest, signatures } = certificate;
  return quorumChecks(committee, { kind: 'commit', view, seq, digest }, signatures);
}

/** The exportable proof that one request was decided: compact, and complete for whoever knows the committee. */
export interface Certificate {
  readonly committee: CommitteeRecord;
  readonly decided: DecidedCertificate;
  /** Hashes of all requests of the batch. */
  readonly batch: BatchHashes;
  /** Place of the request in its batch. */
  readonly place: number;
  readonly request: Request;
}

export const certificateCodec: Codec<Certificate> = record<Certificate>({
  committee: committeeCodec,
  decided: decidedCertificateCodec,
  batch: batchHashesCodec,
  place: whole(MAX_BATCH_REQUESTS - 1),
  request: requestCodec,
});

/** Why a certificate proves nothing. */
export type VerificationRefusal =
  | CertificateRefusal
  | 'unreadable' // not the bytes of a certificate
  | 'otherCommittee' // made by another committee than the one that is trusted
  | 'otherBatch' // the hashes are not those of the batch that was decided
  | 'otherRequest' // the request is not the one at its place in the batch
  | 'badSignature'; // a seat's or the client's

/** The certificate of the request at `place` of a decided batch. */
export function certify(
  committee: Committee,
  decided: DecidedCertificate,
  batch: Batch,
  place: number,
): Certificate | undefined {
  const request = batch.requests[place];
  if (request === undefined) return undefined;
  return { committee: recordOf(committee), decided, batch: batchHashes(batch), place, request };
}

export function encodeCertificate(certificate: Certificate): Bytes {
  return encodeWith(certificateCodec, certificate);
}

/**
 * The signatures on which a certificate stands, or why it proves nothing whatever they are. `committee` is the one that is trusted: a
 * certificate's own word for who its committee is counts for nothing.
 */
export function certificateChecks(
  committee: Committee,
  bytes: Bytes,
): Result<
  { readonly certificate: Certificate; readonly checks: readonly SignatureCheck[] },
  VerificationRefusal
> {
  const decoded = decodeWith(certificateCodec, bytes);
  if (!decoded.ok) return refuse('unreadable');
  const certificate = decoded.value;
  const { decided, batch, place, request } = certificate;
  const claimed = openCommittee(certificate.committee);
  if (!claimed.ok || claimed.value.digest !== committee.digest) return refuse('otherCommittee');
  const refusal = refuseDecided(committee, decided);
  if (refusal !== undefined) return refuse(refusal);
  if (hashHashes(batch) !== decided.digest) return refuse('otherBatch');
  if (batch.requests[place] !== hashRequest(request)) return refuse('otherRequest');
  const checks = [...decidedChecks(committee, decided), requestCheck(committee.board, request)];
  return ok({ certificate, checks });
}

/**
 * Whether `bytes` prove that a request was decided by `committee`, needing no network: the request and its sequence number, or the
 * reason why not. `holds` says whether a signature holds; where that takes a promise, ask {@link certificateChecks} and check them first.
 */
export function verifyCertificate(
  committee: Committee,
  bytes: Bytes,
  holds: (check: SignatureCheck) => boolean,
): Result<{ readonly seq: number; readonly request: Request }, VerificationRefusal> {
  const examined = certificateChecks(committee, bytes);
  if (!examined.ok) return examined;
  if (!examined.value.checks.every(holds)) return refuse('badSignature');
  const { decided, request } = examined.value.certificate;
  return ok({ seq: decided.seq, request });
}
