/**
 * One element of a journal. The author signs a hash that covers board, header and payload; the header names the author's previous
 * entry and the other heads the author had seen (Kleppmann, "Making CRDTs Byzantine Fault Tolerant", PaPoC 2022, section 3: a hash
 * graph, delivered in causal order). All but author and place enters the hash by a hash of its own, the *body*, so two bodies that
 * one author signed for one place prove an equivocation in less than 300 bytes (forks.ts).
 *
 * On the wire and on disk the board id is left out: it is known from the context and covered by the signature.
 */
import type { Bytes } from '../kernel/bytes.ts';
import {
  decodeWith,
  encodeWith,
  hashCodec,
  list,
  oneOf,
  peerIdCodec,
  record,
  signatureCodec,
  varintLength,
  viewedBytes,
  whole,
  type Codec,
  type DecodeCode,
} from '../kernel/codec.ts';
import { digest, digestBytes } from '../kernel/hash.ts';
import { ID_BYTES, idBytes, type BoardId, type Hash, type PeerId } from '../kernel/ids.ts';
import { ok, type Result } from '../kernel/result.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import { DOMAIN } from '../identity/domains.ts';
import { domainSeparated } from '../identity/signing.ts';
import { MAX_HEADS, MAX_PAYLOAD_BYTES } from './limits.ts';

/**
 * `claim`: a peer certificate; opens a writer session. `update`: one Yjs update of the author's own client id, or the last part of
 * one. `part`: an earlier part of an update too large for one entry; a claim discards parts that were never completed. `admit`: an
 * admission of a new member. By owners only: `evict` removes a member, `role` gives one another role, `revoke` ends an invite. Append only.
 */
export const ENTRY_KINDS = ['claim', 'update', 'admit', 'part', 'evict', 'role', 'revoke'] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

export interface EntryHeader {
  readonly author: PeerId;
  /** Writer session of the author; the Yjs client id derives from it ({@link clientIdOf}). */
  readonly session: number;
  /** Place in the author's journal, from 1. */
  readonly seq: number;
  /** Hash of the author's entry `seq` - 1; all zero for the first. */
  readonly previous: Hash;
  /** Hashes of other authors' newest entries that the author had applied, sorted. */
  readonly heads: readonly Hash[];
  /** Governance epoch under which it was written; 0 until the committee exists. */
  readonly epoch: number;
  /** Author's clock, milliseconds since 1970. Shown, never used to order anything. */
  readonly wallMs: number;
  readonly kind: EntryKind;
}

export interface UnsignedEntry extends EntryHeader {
  readonly payload: Bytes;
  /** What identifies the entry; see {@link hashEntry}. */
  readonly hash: Hash;
}

export interface Entry extends UnsignedEntry {
  readonly signature: Bytes;
  /** The whole signed entry as it travels and is stored. */
  readonly bytes: Bytes;
}

/** `previous` of the first entry. */
export const NO_HASH = '0'.repeat(64) as Hash;
/** Largest encoded entry: payload, heads, and 400 bytes for the rest. */
export const MAX_ENTRY_BYTES = MAX_PAYLOAD_BYTES + MAX_HEADS * 32 + 400;
export const MAX_SESSION = 65_535;
/** Of Ed25519. */
const SIGNATURE_BYTES = 64;

const headerFields = {
  author: peerIdCodec,
  session: whole(MAX_SESSION),
  seq: whole(),
  previous: hashCodec,
  heads: list(hashCodec, MAX_HEADS),
  epoch: whole(),
  wallMs: whole(),
  kind: oneOf(ENTRY_KINDS),
};

const headerCodec: Codec<EntryHeader> = {
  ...record<EntryHeader>(headerFields),
  // Field by field and not by name: of a large copy it is read thousands of times a second.
  read: (reader) => ({
    author: headerFields.author.read(reader),
    session: headerFields.session.read(reader),
    seq: headerFields.seq.read(reader),
    previous: headerFields.previous.read(reader),
    heads: headerFields.heads.read(reader),
    epoch: headerFields.epoch.read(reader),
    wallMs: headerFields.wallMs.read(reader),
    kind: headerFields.kind.read(reader),
  }),
};

/** What is hashed apart from author and place; see {@link bodyOf}. */
type Body = Omit<EntryHeader, 'author' | 'seq'>;

const bodyCodec: Codec<Body> = record<Body>({
  session: whole(MAX_SESSION),
  previous: hashCodec,
  heads: list(hashCodec, MAX_HEADS),
  epoch: whole(),
  wallMs: whole(),
  kind: oneOf(ENTRY_KINDS),
});

interface SignedEntry {
  readonly header: EntryHeader;
  readonly payload: Bytes;
  readonly signature: Bytes;
}

const payloadCodec = viewedBytes(MAX_PAYLOAD_BYTES);

/** The stored and travelling form; its schema is part of the wire test. Payload and signature are read as parts of the bytes. */
export const signedEntryCodec: Codec<SignedEntry> = {
  ...record<SignedEntry>({ header: headerCodec, payload: payloadCodec, signature: signatureCodec }),
  read: (reader) => ({
    header: headerCodec.read(reader),
    payload: payloadCodec.read(reader),
    signature: reader.view(SIGNATURE_BYTES),
  }),
};

/** SHA-256 over what an entry says, its place left out. */
export function bodyOf(header: Body, payload: Bytes): Hash {
  const { session, previous, heads, epoch, wallMs, kind } = header;
  const body = { session, previous, heads, epoch, wallMs, kind };
  return digest(DOMAIN.entryBody, encodeWith(bodyCodec, body), digestBytes(DOMAIN.payload, payload));
}

/** What identifies an entry: SHA-256 over board, author, place and body. */
export function hashPlace(board: BoardId, author: PeerId, seq: number, body: Hash): Hash {
  return digest(DOMAIN.entry, idBytes(board), idBytes(author), encodeWith(whole(), seq), idBytes(body));
}

/** SHA-256 over board, header and the payload's own hash. */
export function hashEntry(board: BoardId, header: EntryHeader, payload: Bytes): Hash {
  return hashPlace(board, header.author, header.seq, bodyOf(header, payload));
}

/** What the author's peer key signs. */
export function entryToSign(hash: Hash): Bytes {
  return domainSeparated(DOMAIN.entry, idBytes(hash));
}

/** The entry with its signature, ready to store and send. */
export function sealEntry(entry: UnsignedEntry, signature: Bytes): Entry {
  const header = headerOf(entry);
  const bytes = encodeWith(signedEntryCodec, { header, payload: entry.payload, signature });
  // The payload lies before the signature. As a part of the bytes it is kept once.
  const end = bytes.length - signature.length;
  const payload = bytes.subarray(end - entry.payload.length, end);
  return { ...header, hash: entry.hash, signature, bytes, payload };
}

function headerOf(entry: EntryHeader): EntryHeader {
  const { author, session, seq, previous, heads, epoch, wallMs, kind } = entry;
  return { author, session, seq, previous, heads, epoch, wallMs, kind };
}

/** An entry of `board` from foreign or stored bytes. Its signature is checked separately ({@link entryCheck}). */
export function decodeEntry(board: BoardId, bytes: Bytes): Result<Entry, DecodeCode> {
  const decoded = decodeWith(signedEntryCodec, bytes);
  if (!decoded.ok) return decoded;
  const { header, payload, signature } = decoded.value;
  const { author, session, seq, previous, heads, epoch, wallMs, kind } = header;
  const hash = hashEncoded(board, decoded.value, bytes);
  return ok({
    author,
    session,
    seq,
    previous,
    heads,
    epoch,
    wallMs,
    kind,
    payload,
    signature,
    bytes,
    hash,
  });
}

/**
 * {@link hashEntry} of an entry as it travels. Author, session and place stand first in it, and what follows up to the payload's length is
 * the rest of the body as it is hashed, since one value has one encoding: nothing is encoded again, which took a third of the time (measured).
 */
function hashEncoded(board: BoardId, { header, payload, signature }: SignedEntry, bytes: Bytes): Hash {
  const seqAt = ID_BYTES + varintLength(header.session);
  const restAt = seqAt + varintLength(header.seq);
  const end = bytes.length - signature.length - payload.length - varintLength(payload.length);
  const body = digestBytes(
    DOMAIN.entryBody,
    bytes.subarray(ID_BYTES, seqAt),
    bytes.subarray(restAt, end),
    digestBytes(DOMAIN.payload, payload),
  );
  const author = bytes.subarray(0, ID_BYTES);
  return digest(DOMAIN.entry, idBytes(board), author, bytes.subarray(seqAt, restAt), body);
}

export function entryCheck(entry: Entry): SignatureCheck {
  return { signer: entry.author, body: entryToSign(entry.hash), signature: entry.signature };
}

/** Hashes of the entries that an entry builds on directly. */
export function predecessorsOf({ previous, heads }: EntryHeader): readonly Hash[] {
  if (heads.length === 0 && previous !== NO_HASH) return [previous];
  return previous === NO_HASH ? heads : [previous, ...heads];
}

/** Whether each head is named once, in the one order. */
export function isAscending(heads: readonly Hash[]): boolean {
  return heads.every((head, index) => index === 0 || (heads[index - 1] ?? '') < head);
}

/** Bits of a client id that say which branch of a fork wrote, so at most 4,096 for each author. */
const BRANCH_BITS = 12;
/** Client ids of one author and session lie from {@link clientIdOf} on, one for each branch of a fork. */
export const CLIENT_BRANCHES = 1 << BRANCH_BITS;

/**
 * The Yjs client id that an author uses in a session: the first 36 bits of a hash over board, key and session, and room for a
 * branch. Nobody can take another's, and a key does not choose its own (research/mesh.md section 3.4). With 48 bits it is the largest that
 * Yjs writes in 7 bytes.
 */
export function clientIdOf(board: BoardId, author: PeerId, session: number): number {
  const bytes = digestBytes(
    DOMAIN.clientId,
    idBytes(board),
    idBytes(author),
    encodeWith(whole(MAX_SESSION), session),
  );
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return (view.getUint32(0) * 16 + (view.getUint8(4) >> 4)) * CLIENT_BRANCHES;
}
