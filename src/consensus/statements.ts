/**
 * What seats sign. The names are those of Castro and Liskov (OSDI 1999, section 4); the bytes that are signed name protocol and version,
 * committee (and so board, epoch and all keys), seat, kind, and everything the statement says.
 */
import { concatBytes, type Bytes } from '../kernel/bytes.ts';
import {
  encodeWith,
  hashCodec,
  list,
  record,
  signatureCodec,
  union,
  whole,
  type Codec,
  type OneKind,
} from '../kernel/codec.ts';
import { digest } from '../kernel/hash.ts';
import type { Hash } from '../kernel/ids.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import { DOMAIN } from '../identity/domains.ts';
import type { Committee } from './committee.ts';
import { MAX_SEATS, MAX_WINDOW } from './limits.ts';

/** What is voted on: a batch at a place in the order, in a view. */
export interface Position {
  readonly view: number;
  readonly seq: number;
  readonly digest: Hash;
}

export interface SeatSignature {
  readonly seat: number;
  readonly signature: Bytes;
}

/** A quorum's word that the state after `seq` has this digest. Where the epoch starts it needs no signatures: that is where all begin. */
export interface StableCertificate {
  readonly seq: number;
  readonly digest: Hash;
  /** Checkpoint statements of a quorum, by seat, ascending. */
  readonly signatures: readonly SeatSignature[];
}

/** That a batch was prepared: the primary's pre-prepare and the prepares of a quorum less one. */
export interface PreparedCertificate extends Position {
  /** The primary's signature of the pre-prepare. */
  readonly proposal: Bytes;
  /** Prepare statements of others than the primary, by seat, ascending. */
  readonly signatures: readonly SeatSignature[];
}

/** That a batch was decided: the commits of a quorum, by seat, ascending. */
export interface DecidedCertificate extends Position {
  readonly signatures: readonly SeatSignature[];
}

/** <VIEW-CHANGE, v + 1, n, C, P, i> of section 4.4. */
export interface ViewChange {
  /** The view to be entered. */
  readonly view: number;
  readonly stable: StableCertificate;
  /** What was prepared here above the stable checkpoint, the highest view of each sequence number, ascending. */
  readonly prepared: readonly PreparedCertificate[];
}

/** One view change that a new view is built on, by the hash of its statement. */
export interface NamedChange {
  readonly seat: number;
  readonly change: Hash;
}

/** <NEW-VIEW, v + 1, V, O>. V is named by hashes (as in the version of 2002); O follows from V, and its pre-prepares come on their own. */
export interface NewView {
  readonly view: number;
  /** A quorum's view changes, by seat, ascending. */
  readonly changes: readonly NamedChange[];
}

/** That the epoch is over: the sequence number that ended it, the state behind it, and the committee that follows. */
export interface Close {
  readonly seq: number;
  readonly digest: Hash;
  /** Digest of the next committee's record. */
  readonly next: Hash;
}

export interface StatementKinds {
  readonly prePrepare: Position;
  readonly prepare: Position;
  readonly commit: Position;
  readonly checkpoint: { readonly seq: number; readonly digest: Hash };
  readonly viewChange: ViewChange;
  readonly newView: NewView;
  readonly close: Close;
}

export type Statement = OneKind<StatementKinds>;
export type StatementOf<Kind extends Statement['kind']> = Extract<Statement, { readonly kind: Kind }>;
export type Vote = StatementOf<'prePrepare' | 'prepare' | 'commit'>;

/** A statement with the signature of the seat that makes it. */
export interface Signed<S extends Statement = Statement> {
  readonly seat: number;
  readonly statement: S;
  readonly signature: Bytes;
}

const positionFields = { view: whole(), seq: whole(), digest: hashCodec };
const positionCodec: Codec<Position> = record<Position>(positionFields);
export const seatCodec: Codec<number> = whole(MAX_SEATS - 1);
export const signaturesCodec: Codec<readonly SeatSignature[]> = list(
  record<SeatSignature>({ seat: seatCodec, signature: signatureCodec }),
  MAX_SEATS,
);

export const stableCertificateCodec: Codec<StableCertificate> = record<StableCertificate>({
  seq: whole(),
  digest: hashCodec,
  signatures: signaturesCodec,
});

export const preparedCertificateCodec: Codec<PreparedCertificate> = record<PreparedCertificate>({
  ...positionFields,
  proposal: signatureCodec,
  signatures: signaturesCodec,
});

export const decidedCertificateCodec: Codec<DecidedCertificate> = record<DecidedCertificate>({
  ...positionFields,
  signatures: signaturesCodec,
});

const statementCodecs: Parameters<typeof union<StatementKinds>>[0] = {
  prePrepare: [1, positionCodec],
  prepare: [2, positionCodec],
  commit: [3, positionCodec],
  checkpoint: [4, record<StatementKinds['checkpoint']>({ seq: whole(), digest: hashCodec })],
  viewChange: [
    5,
    record<ViewChange>({
      view: whole(),
      stable: stableCertificateCodec,
      prepared: list(preparedCertificateCodec, MAX_WINDOW),
    }),
  ],
  newView: [
    6,
    record<NewView>({
      view: whole(),
      changes: list(record<NamedChange>({ seat: seatCodec, change: hashCodec }), MAX_SEATS),
    }),
  ],
  // Tags 7 and 8 were questions of seats: never to be used again. 10 is that of a view change where it is signed.
  close: [9, record<Close>({ seq: whole(), digest: hashCodec, next: hashCodec })],
};

export const statementCodec: Codec<Statement> = union<StatementKinds>(statementCodecs);

export const signedCodec: Codec<Signed> = record<Signed>({
  seat: seatCodec,
  statement: statementCodec,
  signature: signatureCodec,
});

/** What is signed of each statement: all of it, but of a view change, which can be 200 kB long, its view and the hash of the rest. */
interface ClaimKinds extends Omit<StatementKinds, 'viewChange'> {
  readonly viewChange: { readonly view: number; readonly content: Hash };
}

/** A statement as its signature covers it: two of them with their signatures are a proof that fits into a request ({@link import('./lies.ts')}). */
export type Claim = OneKind<ClaimKinds>;

const { viewChange: _, ...wholeCodecs } = statementCodecs;

export const claimCodec: Codec<Claim> = union<ClaimKinds>({
  ...wholeCodecs,
  viewChange: [10, record<ClaimKinds['viewChange']>({ view: whole(), content: hashCodec })],
});

export function claimOf(statement: Statement): Claim {
  if (statement.kind !== 'viewChange') return statement;
  const content = digest(DOMAIN.viewChangeContent, encodeWith(statementCodec, statement));
  return { kind: 'viewChange', view: statement.view, content };
}

interface SeatClaim {
  readonly seat: number;
  readonly claim: Claim;
}

const seatClaimCodec: Codec<SeatClaim> = record<SeatClaim>({ seat: seatCodec, claim: claimCodec });

/** The bytes that `seat` signs to claim something; `label`: that of its committee. */
export function claimToSign(label: Bytes, seat: number, claim: Claim): Bytes {
  return concatBytes(label, encodeWith(seatClaimCodec, { seat, claim }));
}

/** The bytes that `seat` signs to state `statement`: label, zero byte, board, epoch, committee digest, seat, claim. */
export function statementToSign({ label }: Committee, seat: number, statement: Statement): Bytes {
  return claimToSign(label, seat, claimOf(statement));
}

/** The check of a seat's signature; the seat exists. */
export function statementCheck(committee: Committee, { seat, statement, signature }: Signed): SignatureCheck {
  return {
    signer: committee.keys[seat] ?? '',
    body: statementToSign(committee, seat, statement),
    signature,
  };
}

/** By what a new view names a view change. */
export function hashChange(committee: Committee, signed: Signed<StatementOf<'viewChange'>>): Hash {
  return digest(DOMAIN.viewChange, statementToSign(committee, signed.seat, signed.statement));
}
