/**
 * The file in which a certificate leaves the board: JSON that has exactly one spelling, so that whoever changes any byte of it changes what it says. It holds
 * the board's genesis, which names the board and its maker, and the certificate, which names its committee and is signed by it.
 */
import { fromHex, toHex, type Bytes } from '../kernel/bytes.ts';
import type { BoardId, Hash, MemberId, PeerId } from '../kernel/ids.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import { decodeWith } from '../kernel/codec.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { decodeGenesis, encodeGenesis, genesisCheck, type Genesis } from '../identity/genesis.ts';
import {
  certificateChecks,
  certificateCodec,
  decidedChecks,
  encodeCertificate,
  type Certificate,
  type VerificationRefusal,
} from '../consensus/certificates.ts';
import { openCommittee, primaryOf, type Committee } from '../consensus/committee.ts';
import { decodeOperation, operationChecks, type Operation } from './operations.ts';

const FORMAT = 'tabswarm/certificate/1';
/** Longest file that is read, UTF-16 code units: a certificate of 31 seats, 64 hashes and an operation of 16 KiB takes 45,000. */
export const MAX_CERTIFICATE_FILE_CHARS = 256 * 1024;
const FILE =
  /^\{\n {2}"format": "tabswarm\/certificate\/1",\n {2}"board": "([0-9a-f]{64})",\n {2}"genesis": "((?:[0-9a-f]{2})+)",\n {2}"certificate": "((?:[0-9a-f]{2})+)"\n\}\n$/;

/** Why a file proves nothing. */
export type CertificateFileRefusal =
  | VerificationRefusal
  | 'notACertificate' // not the text of such a file, or changed in its spelling
  | 'badGenesis' // not the genesis of the board that the file names
  | 'wrongBoard' // a certificate of another board's committee
  | 'badCommittee'; // no committee can be like this

/** What a file says, if all its signatures hold. */
export interface CertificateClaim {
  readonly board: BoardId;
  readonly creator: MemberId;
  /** Fingerprint of the committee: who has which seat of which epoch. */
  readonly committee: Hash;
  readonly epoch: number;
  readonly seats: number;
  readonly faults: number;
  readonly quorum: number;
  readonly view: number;
  readonly primary: number;
  readonly seq: number;
  /** Place in its batch, from 1, and how many requests the batch has. */
  readonly place: number;
  readonly batch: number;
  /** The tab that asked. */
  readonly client: PeerId;
  readonly number: number;
  /** Undefined for bytes that are no operation of this version. */
  readonly operation: Operation | undefined;
  /** Seats that signed, with their keys. */
  readonly signers: readonly { readonly seat: number; readonly key: string }[];
}

export function certificateFile(genesis: Genesis, certificate: Certificate): string {
  const { board } = certificate.committee;
  const fields = [
    `"format": "${FORMAT}"`,
    `"board": "${board}"`,
    `"genesis": "${toHex(encodeGenesis(genesis))}"`,
    `"certificate": "${toHex(encodeCertificate(certificate))}"`,
  ];
  return `{\n  ${fields.join(',\n  ')}\n}\n`;
}

/**
 * What a file claims and the signatures on which it stands, or why it proves nothing whatever they are. `trusted`: fingerprint of the committee that is
 * known to be the board's; without it the file's own word for that is taken.
 */
export function examineCertificateFile(
  text: string,
  trusted: string | undefined,
): Result<
  { readonly claim: CertificateClaim; readonly checks: readonly SignatureCheck[] },
  CertificateFileRefusal
> {
  const [, board, genesisHex, hex] =
    (text.length <= MAX_CERTIFICATE_FILE_CHARS ? FILE.exec(text) : null) ?? [];
  if (board === undefined || genesisHex === undefined || hex === undefined) return refuse('notACertificate');
  const genesis = decodeGenesis(fromHex(genesisHex), board as BoardId);
  if (!genesis.ok) return refuse('badGenesis');
  const bytes = fromHex(hex);
  const committee = committeeOf(bytes);
  if (!committee.ok) return committee;
  if (committee.value.board !== board) return refuse('wrongBoard');
  if (trusted !== undefined && committee.value.digest !== trusted) return refuse('otherCommittee');
  const examined = certificateChecks(committee.value, bytes);
  if (!examined.ok) return examined;
  const claim = claimOf(committee.value, examined.value.certificate, genesis.value);
  const inside = claim.operation === undefined ? [] : operationChecks(claim.operation);
  return ok({ claim, checks: [genesisCheck(genesis.value), ...examined.value.checks, ...inside] });
}

/** The committee of which the certificate says that it made it. */
function committeeOf(bytes: Bytes): Result<Committee, 'unreadable' | 'badCommittee'> {
  const decoded = decodeWith(certificateCodec, bytes);
  return decoded.ok ? openCommittee(decoded.value.committee) : refuse('unreadable');
}

function claimOf(committee: Committee, certificate: Certificate, genesis: Genesis): CertificateClaim {
  const { batch, decided, place, request } = certificate;
  const { board, digest, epoch, faults, quorum, seats } = committee;
  const operation = decodeOperation(board, request.operation);
  const keys = decidedChecks(committee, decided).map(({ signer }) => signer);
  return {
    board,
    creator: genesis.creator,
    committee: digest,
    epoch,
    seats: seats.length,
    faults,
    quorum,
    view: decided.view,
    primary: primaryOf(committee, decided.view),
    seq: decided.seq,
    place: place + 1,
    batch: batch.length,
    client: request.client,
    number: request.number,
    operation: operation.ok ? operation.value : undefined,
    signers: decided.signatures.map(({ seat }, at) => ({ seat, key: keys[at] ?? '' })),
  };
}
