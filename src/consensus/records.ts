/**
 * What a replica keeps on disk, in one collection, under keys that begin with its committee's digest or, when it outlives that, with the board.
 * Every value carries a check of its key and content: what a disk garbled must never pass for what was signed.
 */
import type { Bytes } from '../kernel/bytes.ts';
import {
  decodeWith,
  record,
  sizedBytes,
  union,
  whole,
  Writer,
  type Codec,
  type OneKind,
} from '../kernel/codec.ts';
import type { BoardId, Hash, PeerId } from '../kernel/ids.ts';
import type { Write } from '../kernel/machine.ts';
import { linkCodec, type Link } from './chain.ts';
import { lieProofCodec, type LieProof } from './lies.ts';
import { MAX_PIECES, PIECE_BYTES } from './limits.ts';
import { manifestCodec, type Manifest } from './messages.ts';
import { batchCodec, unsignedRequestCodec, type Batch, type UnsignedRequest } from './requests.ts';
import {
  decidedCertificateCodec,
  preparedCertificateCodec,
  seatCodec,
  signedCodec,
  stableCertificateCodec,
  statementCodec,
  type DecidedCertificate,
  type PreparedCertificate,
  type Signed,
  type StableCertificate,
  type Statement,
} from './statements.ts';

/** The collection of the byte store. */
export const CONSENSUS_STORE = 'consensus';
/** Bytes of the check before each record, two words. */
const CHECK_BYTES = 8;
const NO_CHECK: Bytes = new Uint8Array(CHECK_BYTES);
/** Beginnings of the two words, and constants of MurmurHash3 for 32 bits (Appleby, 2011). */
const CHECK_SEEDS = [0x9747b28c, 0x3c6ef372] as const;
const MURMUR = {
  first: 0xcc9e2d51,
  second: 0x1b873593,
  add: 0xe6546b64,
  end: [0x85ebca6b, 0xc2b2ae35],
} as const;

export interface RecordKinds {
  /** Written before anything is signed: without it, a key that was used has lost what it signed. */
  readonly seat: { readonly seat: number };
  readonly statement: { readonly statement: Statement };
  readonly request: UnsignedRequest;
  readonly prepared: PreparedCertificate;
  readonly decided: DecidedCertificate;
  readonly batch: { readonly seq: number; readonly batch: Batch };
  readonly stable: { readonly certificate: StableCertificate; readonly manifest: Manifest };
  readonly piece: { readonly seq: number; readonly index: number; readonly bytes: Bytes };
  readonly link: Link;
  /** What another seat voted. */
  readonly foreign: Signed;
  /** Of a seat that contradicted itself. */
  readonly lie: LieProof;
}

export type StoredRecord = OneKind<RecordKinds>;

export const storedRecordCodec: Codec<StoredRecord> = union<RecordKinds>({
  seat: [1, record<RecordKinds['seat']>({ seat: seatCodec })],
  statement: [2, record<RecordKinds['statement']>({ statement: statementCodec })],
  request: [3, unsignedRequestCodec],
  prepared: [4, preparedCertificateCodec],
  decided: [5, decidedCertificateCodec],
  batch: [6, record<RecordKinds['batch']>({ seq: whole(), batch: batchCodec })],
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
  link: [9, linkCodec],
  foreign: [10, signedCodec],
  lie: [11, lieProofCodec],
});

/** Writes and reads the records of one committee, or those of a board that outlive its committees. */
export class Records {
  readonly #prefix: string;
  /** What the checks of all records begin with: every key begins with the prefix, which is longer than the rest of most records. */
  readonly #begun: readonly number[];
  /** Keys that are on disk or about to be. */
  readonly #keys = new Set<string>();

  /** `scope`: the committee's digest, or the board. */
  constructor(scope: Hash | BoardId) {
    this.#prefix = `${scope}/`;
    this.#begun = CHECK_SEEDS.map((seed) => stirText(seed, this.#prefix));
  }

  /** Whether a key is one of this scope. */
  owns(key: string): boolean {
    return key.startsWith(this.#prefix);
  }

  put(name: string, value: StoredRecord): Write {
    const key = this.#prefix + name;
    this.#keys.add(key);
    const writer = new Writer();
    writer.raw(NO_CHECK);
    storedRecordCodec.write(writer, value);
    const bytes = writer.finish();
    for (const [word, begun] of this.#begun.entries())
      writeWord(bytes, 4 * word, checkWord(stirText(begun, name), bytes));
    return { op: 'put', store: CONSENSUS_STORE, key, value: bytes };
  }

  remove(name: string): Write {
    const key = this.#prefix + name;
    this.#keys.delete(key);
    return { op: 'delete', store: CONSENSUS_STORE, key };
  }

  /** Deletes all there is. */
  removeAll(): Write[] {
    const writes = [...this.#keys].map((key): Write => ({ op: 'delete', store: CONSENSUS_STORE, key }));
    this.#keys.clear();
    return writes;
  }

  /** The record of stored bytes; undefined when they are damaged or lie under another key than they were written for. */
  read(key: string, value: Bytes): StoredRecord | undefined {
    if (!this.owns(key) || value.length < CHECK_BYTES) return undefined;
    const name = key.slice(this.#prefix.length);
    const holds = this.#begun.every(
      (begun, word) => wordAt(value, 4 * word) === checkWord(stirText(begun, name), value),
    );
    if (!holds) return undefined;
    const decoded = decodeWith(storedRecordCodec, value.slice(CHECK_BYTES));
    if (!decoded.ok) return undefined;
    this.#keys.add(key);
    return decoded.value;
  }
}

/** Little-endian; the bytes are there. */
function wordAt(bytes: Bytes, at: number): number {
  const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
  return low | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}

function writeWord(bytes: Bytes, at: number, word: number): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = word >>> (8 * i);
}

/**
 * MurmurHash3 of the key and what lies behind the check. A disk is not an adversary, and nobody else writes here: SHA-256 took a third of a
 * decision's time. What is garbled within one word is always noticed; of all else, one record in 2^64 passes both words.
 */
function checkWord(begun: number, bytes: Bytes): number {
  let hash = begun;
  let at = CHECK_BYTES;
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (; at + 3 < bytes.length; at += 4) hash = stir(hash, words.getInt32(at, true));
  for (; at < bytes.length; at++) hash = stir(hash, bytes[at] ?? 0);
  hash ^= bytes.length;
  for (const factor of MURMUR.end) hash = Math.imul(hash ^ (hash >>> 16), factor);
  return hash ^ (hash >>> 16);
}

function stirText(hash: number, text: string): number {
  let stirred = hash;
  for (let at = 0; at < text.length; at++) stirred = stir(stirred, text.charCodeAt(at));
  return stirred;
}

function stir(hash: number, word: number): number {
  const first = Math.imul(word, MURMUR.first);
  const mixed = hash ^ Math.imul((first << 15) | (first >>> 17), MURMUR.second);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + MURMUR.add) | 0;
}

/** Names of records. A later record of the same name takes the place of the earlier one. */
export const recordName = {
  seat: 'seat',
  stable: 'stable',
  vote: (kind: 'prePrepare' | 'prepare' | 'commit' | 'checkpoint', seq: number): string => `${kind}/${seq}`,
  change: 'viewChange',
  newView: 'newView',
  close: 'close',
  link: (epoch: number): string => `link/${epoch}`,
  lie: (key: PeerId): string => `lie/${key}`,
  request: (number: number): string => `request/${number}`,
  prepared: (seq: number): string => `prepared/${seq}`,
  decided: (seq: number): string => `decided/${seq}`,
  batch: (seq: number, digest: Hash): string => `batch/${seq}/${digest}`,
  foreign: (kind: 'prePrepare' | 'prepare' | 'commit' | 'close', seq: number, seat: number): string =>
    `foreign/${kind}/${seq}/${seat}`,
  piece: (seq: number, index: number): string => `piece/${seq}/${index}`,
} as const;
