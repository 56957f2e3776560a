/**
 * The certificate of a checkpoint of the board's history: the requests in which a quorum of one committee's seats said that they made it (GOV-31). Each
 * request is signed by its seat, and all say the same, so only what differs is kept. Complete for whoever knows the committee, from 2.4 kB with 31 seats.
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
import type { Hash } from '../kernel/ids.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { refuseQuorum, type CertificateRefusal } from '../consensus/certificates.ts';
import { seatOf, type Committee } from '../consensus/committee.ts';
import { MAX_SEATS } from '../consensus/limits.ts';
import { requestCheck, type Request } from '../consensus/requests.ts';
import { seatCodec } from '../consensus/statements.ts';
import { encodeOperation, type Attested } from './operations.ts';

/** One seat's request, of which everything else is known. */
interface SeatRequest {
  readonly seat: number;
  /** Which of its requests it was. */
  readonly number: number;
  readonly signature: Bytes;
}

export interface HistoryCertificate {
  /** Digest of the committee whose seats these are. */
  readonly committee: Hash;
  /** The entry that they named, up to which the checkpoint goes. */
  readonly head: Hash;
  /** By seat, ascending. */
  readonly requests: readonly SeatRequest[];
}

export const historyCertificateCodec: Codec<HistoryCertificate> = record<HistoryCertificate>({
  committee: hashCodec,
  head: hashCodec,
  requests: list(
    record<SeatRequest>({ seat: seatCodec, number: whole(), signature: signatureCodec }),
    MAX_SEATS,
  ),
});

/** Why bytes certify no checkpoint. */
export type HistoryRefusal =
  | CertificateRefusal
  | 'unreadable' // not the bytes of such a certificate
  | 'otherCommittee'; // by other seats than those of the committee that is trusted

/** What a certificate is about: what its manifest says. */
export type CertifiedAbout = Omit<Attested, 'head'>;

/**
 * The certificate that these requests of seats make, all of which said `said`; undefined when they are too few. Of two requests of one seat the first is
 * taken, and whoever has no seat counts for nothing.
 */
export function certifyHistory(
  committee: Committee,
  { epoch, head }: Attested,
  requests: readonly Request[],
): Bytes | undefined {
  const bySeat = new Map<number, SeatRequest>();
  for (const { client, number, signature } of requests) {
    const seat = seatOf(committee, client);
    if (seat !== undefined && !bySeat.has(seat)) bySeat.set(seat, { seat, number, signature });
  }
  const sorted = [...bySeat.values()].sort((a, b) => a.seat - b.seat);
  if (epoch !== committee.epoch || refuseQuorum(committee, sorted) !== undefined) return undefined;
  return encodeWith(historyCertificateCodec, { committee: committee.digest, head, requests: sorted });
}

/** What foreign bytes say, which proves nothing yet; undefined when they are none. */
export function readHistoryCertificate(bytes: Bytes): HistoryCertificate | undefined {
  const decoded = decodeWith(historyCertificateCodec, bytes);
  return decoded.ok ? decoded.value : undefined;
}

/** The signatures on which the certificate stands, or why it proves nothing whatever they are. `committee` is the one that is trusted. */
export function historyChecks(
  committee: Committee,
  { epoch, number, hash }: CertifiedAbout,
  bytes: Bytes,
): Result<readonly SignatureCheck[], HistoryRefusal> {
  const certificate = readHistoryCertificate(bytes);
  if (certificate === undefined) return refuse('unreadable');
  const { head, requests } = certificate;
  if (certificate.committee !== committee.digest || epoch !== committee.epoch)
    return refuse('otherCommittee');
  const refusal = refuseQuorum(committee, requests);
  if (refusal !== undefined) return refuse(refusal);
  const operation = encodeOperation({ kind: 'attest', epoch, number, head, hash });
  return ok(
    requests.flatMap(({ seat, number: place, signature }) => {
      const client = committee.keys[seat];
      if (client === undefined) return [];
      return [requestCheck(committee.board, { client, number: place, operation, signature })];
    }),
  );
}
