/**
 * The file in which a certificate leaves the board: JSON that has exactly one spelling, so that whoever changes any byte of it changes what it says. It holds
 * the board's genesis, which names the board and its maker, the chain of committees from the founding, which the maker signed, to the one that decided, and
 * the certificate. So nothing has to be known but the board's id, which is the hash of its genesis.
 */
import { fromHex, toHex } from '../kernel/bytes.ts';
import type { BoardId, Hash, MemberId, PeerId } from '../kernel/ids.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { decodeGenesis, encodeGenesis, genesisCheck, type Genesis } from '../identity/genesis.ts';
import {
  certificateChecks,
  decidedChecks,
  encodeCertificate,
  type Certificate,
  type VerificationRefusal,
} from '../consensus/certificates.ts';
import { chainChecks, encodeChain, type ChainRefusal, type Link } from '../consensus/chain.ts';
import { primaryOf, type Committee } from '../consensus/committee.ts';
import { decodeOperation, operationChecks, type Operation } from './operations.ts';

const FORMAT = 'tabswarm/certificate/2';
/**
 * Longest file that is read, UTF-16 code units. A certificate of 31 seats, 64 hashes and an operation of 16 KiB takes 45,000, a link 900 with 4 seats and
 * 5,000 with 31: a chain of 1,600 epochs fits in any case.
 */
export const MAX_CERTIFICATE_FILE_CHARS = 8 * 1024 * 1024;
const FILE =
  /^\{\n {2}"format": "tabswarm\/certificate\/2",\n {2}"board": "([0-9a-f]{64})",\n {2}"genesis": "([0-9a-f]+)",\n {2}"chain": "([0-9a-f]+)",\n {2}"certificate": "([0-9a-f]+)"\n\}\n$/;

/** Why a file proves nothing. */
export type CertificateFileRefusal =
  | VerificationRefusal
  | ChainRefusal
  | 'notACertificate' // not the text of such a file, or changed in its spelling
  | 'badGenesis'; // not the genesis of the board that the file names

/** What a file says, if all its signatures hold. */
export interface CertificateClaim {
  readonly board: BoardId;
  readonly creator: MemberId;
  /** Fingerprint of the committee: who has which seat of which epoch. */
  readonly committee: Hash;
  readonly epoch: number;
  /** How often an owner began anew until then, because a quorum was lost. */
  readonly resets: number;
  readonly seats: number;
  readonly faults: number;
  readonly quorum: number;
  readonly view: number;
  readonly primary: number;
  readonly seq: number;
  /** When the batch was proposed by its proposer's clock, ms since 1970; 0 if that did not know. */
  readonly time: number;
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

/** The file of a certificate. `chain`: all links of its board from the founding to the certificate's committee. */
export function certificateFile(genesis: Genesis, chain: readonly Link[], certificate: Certificate): string {
  const { board } = certificate.committee;
  const fields = [
    `"format": "${FORMAT}"`,
    `"board": "${board}"`,
    `"genesis": "${toHex(encodeGenesis(genesis))}"`,
    `"chain": "${toHex(encodeChain(chain))}"`,
    `"certificate": "${toHex(encodeCertificate(certificate))}"`,
  ];
  return `{\n  ${fields.join(',\n  ')}\n}\n`;
}

/**
 * What a file claims and the signatures on which it stands, or why it proves nothing whatever they are. `known`: the id of the board that it should be about;
 * without it the file's own word for that is taken.
 */
export function examineCertificateFile(
  text: string,
  known: string | undefined,
): Result<
  { readonly claim: CertificateClaim; readonly checks: readonly SignatureCheck[] },
  CertificateFileRefusal
> {
  const fields = (text.length <= MAX_CERTIFICATE_FILE_CHARS ? FILE.exec(text) : null) ?? [];
  const [, board, genesisHex, chainHex, hex] = fields;
  const isWhole = [genesisHex, chainHex, hex].every((each) => each !== undefined && each.length % 2 === 0);
  if (board === undefined || !isWhole) return refuse('notACertificate');
  if (known !== undefined && known !== board) return refuse('otherBoard');
  const genesis = decodeGenesis(fromHex(genesisHex ?? ''), board as BoardId);
  if (!genesis.ok) return refuse('badGenesis');
  const pins = { board: board as BoardId, owners: [genesis.value.creator] };
  const chain = chainChecks(pins, fromHex(chainHex ?? ''));
  if (!chain.ok) return chain;
  const last = chain.value.epochs.at(-1);
  if (last === undefined) return refuse('empty');
  const examined = certificateChecks(last.committee, fromHex(hex ?? ''));
  if (!examined.ok) return examined;
  const claim = claimOf(last.committee, examined.value.certificate, genesis.value);
  const inside = claim.operation === undefined ? [] : operationChecks(claim.operation);
  const checks = [genesisCheck(genesis.value), ...chain.value.checks, ...examined.value.checks, ...inside];
  return ok({ claim, checks });
}

function claimOf(committee: Committee, certificate: Certificate, genesis: Genesis): CertificateClaim {
  const { batch, decided, place, request } = certificate;
  const { board, digest, epoch, faults, keys: seats, quorum, resets } = committee;
  const operation = decodeOperation(board, request.operation);
  const keys = decidedChecks(committee, decided).map(({ signer }) => signer);
  return {
    board,
    creator: genesis.creator,
    committee: digest,
    epoch,
    resets,
    seats: seats.length,
    faults,
    quorum,
    view: decided.view,
    primary: primaryOf(committee, decided.view),
    seq: decided.seq,
    time: batch.time,
    place: place + 1,
    batch: batch.requests.length,
    client: request.client,
    number: request.number,
    operation: operation.ok ? operation.value : undefined,
    signers: decided.signatures.map(({ seat }, at) => ({ seat, key: keys[at] ?? '' })),
  };
}
