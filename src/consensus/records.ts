/**
 * What a seat keeps on disk, in one collection, under keys that begin with its committee's digest. Every value carries a check of its key
 * and content: what a disk garbled must never pass for what was signed.
 */
import { concatBytes, equalBytes, utf8, type Bytes } from '../kernel/bytes.ts';
import {
  decodeWith,
  encodeWith,
  record,
  sizedBytes,
  union,
  whole,
  type Codec,
  type OneKind,
} from '../kernel/codec.ts';
import { digestBytes } from '../kernel/hash.ts';
import type { Hash } from '../kernel/ids.ts';
import type { Write } from '../kernel/machine.ts';
import { DOMAIN } from '../identity/domains.ts';
import type { Committee } from './committee.ts';
import { MAX_PIECES, PIECE_BYTES } from './limits.ts';
import { manifestCodec, type Manifest } from './messages.ts';
import { batchCodec, unsignedRequestCodec, type Request, type UnsignedRequest } from './requests.ts';
import {
  decidedCertificateCodec,
  preparedCertificateCodec,
  seatCodec,
  stableCertificateCodec,
  statementCodec,
  type DecidedCertificate,
  type PreparedCertificate,
  type StableCertificate,
  type Statement,
} from './statements.ts';

/** The collection of the byte store. */
export const CONSENSUS_STORE = 'consensus';
/** Bytes of the check before each record: chance lets one garbled record in 2^64 pass. */
const CHECK_BYTES = 8;

export interface RecordKinds {
  /** Written before anything is signed: without it, a key that was used has lost what it signed. */
  readonly seat: { readonly seat: number };
  readonly statement: { readonly statement: Statement };
  readonly request: UnsignedRequest;
  readonly prepared: PreparedCertificate;
  readonly decided: DecidedCertificate;
  readonly batch: { readonly seq: number; readonly requests: readonly Request[] };
  readonly stable: { readonly certificate: StableCertificate; readonly manifest: Manifest };
  readonly piece: { readonly seq: number; readonly index: number; readonly bytes: Bytes };
}

export type StoredRecord = OneKind<RecordKinds>;

export const storedRecordCodec: Codec<StoredRecord> = union<RecordKinds>({
  seat: [1, record<RecordKinds['seat']>({ seat: seatCodec })],
  statement: [2, record<RecordKinds['statement']>({ statement: statementCodec })],
  request: [3, unsignedRequestCodec],
  prepared: [4, preparedCertificateCodec],
  decided: [5, decidedCertificateCodec],
  batch: [6, record<RecordKinds['batch']>({ seq: whole(), requests: batchCodec })],
  stable: [
    7,
    record<RecordKinds['stable']>({ certificate: stableCertificateCodec, manifest: manifestCodec }),
  ],
  piece: [
    8,
    record<RecordKinds['piece']>({
      seq: whole(),
      index: whole(MAX_PIECES),
      bytes: sizedBytes(PIECE_BYTES),
    }),
  ],
});

/** Writes and reads the records of one committee. */
export class Records {
  readonly #prefix: string;

  constructor(committee: Committee) {
    this.#prefix = `${committee.digest}/`;
  }

  put(name: string, value: StoredRecord): Write {
    const key = this.#prefix + name;
    const body = encodeWith(storedRecordCodec, value);
    return { op: 'put', store: CONSENSUS_STORE, key, value: concatBytes(checkOf(key, body), body) };
  }

  remove(name: string): Write {
    return { op: 'delete', store: CONSENSUS_STORE, key: this.#prefix + name };
  }

  /** The record of stored bytes; undefined when they are damaged or lie under another key than they were written for. */
  read(key: string, value: Bytes): StoredRecord | undefined {
    const body = value.slice(CHECK_BYTES);
    if (!key.startsWith(this.#prefix) || !equalBytes(value.slice(0, CHECK_BYTES), checkOf(key, body)))
      return undefined;
    const decoded = decodeWith(storedRecordCodec, body);
    return decoded.ok ? decoded.value : undefined;
  }
}

function checkOf(key: string, body: Bytes): Bytes {
  return digestBytes(DOMAIN.record, utf8(key), body).slice(0, CHECK_BYTES);
}

/** Names of records. A later record of the same name takes the place of the earlier one. */
export const recordName = {
  seat: 'seat',
  stable: 'stable',
  vote: (kind: 'prePrepare' | 'prepare' | 'commit' | 'checkpoint', seq: number): string => `${kind}/${seq}`,
  change: 'viewChange',
  newView: 'newView',
  request: (number: number): string => `request/${number}`,
  prepared: (seq: number): string => `prepared/${seq}`,
  decided: (seq: number): string => `decided/${seq}`,
  batch: (seq: number, digest: Hash): string => `batch/${seq}/${digest}`,
  piece: (seq: number, index: number): string => `piece/${seq}/${index}`,
} as const;
