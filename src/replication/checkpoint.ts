/**
 * A checkpoint: all that the entries up to a frontier lead to, in place of these entries (ADR 0018). Its *manifest* names the frontier and the
 * hashes of the pieces in which its *content* travels; a certificate signs the manifest's hash, so each piece can be checked as it comes.
 */
import type { Bytes } from '../kernel/bytes.ts';
import { concatBytes } from '../kernel/bytes.ts';
import {
  boardIdCodec,
  decodeWith,
  encodeWith,
  flag,
  hashCodec,
  list,
  peerIdCodec,
  record,
  sizedBytes,
  union,
  viewedBytes,
  whole,
  type Codec,
} from '../kernel/codec.ts';
import { digest } from '../kernel/hash.ts';
import type { BoardId, Hash } from '../kernel/ids.ts';
import { DOMAIN } from '../identity/domains.ts';
import { MAX_SESSION, NO_HASH, type Entry } from './entry.ts';
import type { FrontierItem } from './journals.ts';
import {
  CHUNK_BYTES,
  MAX_CERTIFICATE_BYTES,
  MAX_CHECKPOINT_BYTES,
  MAX_CHUNKS,
  MAX_FRONTIER,
  MAX_PAYLOAD_BYTES,
  MAX_SESSIONS,
} from './limits.ts';

/** Largest manifest: the frontier, the hashes of all pieces, and 100 bytes for the rest. */
export const MAX_MANIFEST_BYTES = MAX_FRONTIER * 72 + MAX_CHUNKS * 32 + 100;

/** What a checkpoint is about. */
export interface Manifest {
  readonly board: BoardId;
  /** Governance epoch in which it was certified. */
  readonly epoch: number;
  /** Counts the checkpoints of a board, from 1. Only the newest one counts. */
  readonly number: number;
  /** Hash of the checkpoint on which this one was built; zero bytes for none. */
  readonly previous: Hash;
  /** The last entry of each line, by author, the lines of one author in their order (journals.ts). */
  readonly frontier: readonly FrontierItem[];
  /** Bytes of the content. */
  readonly size: number;
  /** Hash of each piece of it. */
  readonly chunks: readonly Hash[];
}

/** The next clock of one writer session. */
export interface SessionClock {
  readonly session: number;
  readonly clock: number;
}

/** What entries after the frontier need of one line, in the order of the manifest's frontier. */
export interface SettledLine {
  /** The session that is open. */
  readonly session: number;
  /** Whether no entry up to the frontier builds on its last one. */
  readonly isTip: boolean;
  /** Its last update lacks its end, and its parts are gone: a claim has to follow. */
  readonly isCutShort: boolean;
  /** Of each session that the line wrote in, oldest first. */
  readonly clocks: readonly SessionClock[];
  /** Payload of the newest claim. */
  readonly claim: Bytes;
}

export interface Content {
  readonly lines: readonly SettledLine[];
  /** Who may do what, in the authority's words (ports.ts). */
  readonly standings: Bytes;
  /** The document, as an update of Yjs's second encoding. */
  readonly state: Bytes;
}

const itemCodec: Codec<FrontierItem> = record<FrontierItem>({
  author: peerIdCodec,
  seq: whole(),
  head: hashCodec,
});

export const manifestCodec: Codec<Manifest> = record<Manifest>({
  board: boardIdCodec,
  epoch: whole(),
  number: whole(),
  previous: hashCodec,
  frontier: list(itemCodec, MAX_FRONTIER),
  size: whole(MAX_CHECKPOINT_BYTES),
  chunks: list(hashCodec, MAX_CHUNKS),
});

const lineCodec: Codec<SettledLine> = record<SettledLine>({
  session: whole(MAX_SESSION),
  isTip: flag,
  isCutShort: flag,
  clocks: list(record<SessionClock>({ session: whole(MAX_SESSION), clock: whole() }), MAX_SESSIONS),
  claim: sizedBytes(MAX_PAYLOAD_BYTES),
});

export const contentCodec: Codec<Content> = record<Content>({
  lines: list(lineCodec, MAX_FRONTIER),
  standings: viewedBytes(MAX_CHECKPOINT_BYTES),
  state: viewedBytes(MAX_CHECKPOINT_BYTES),
});

/** A checkpoint with all its bytes. */
export interface Checkpoint {
  readonly hash: Hash;
  readonly manifest: Manifest;
  readonly content: Content;
  readonly chunks: readonly Bytes[];
}

/** A checkpoint with its certificate, which holds. */
export interface Certified {
  readonly checkpoint: Checkpoint;
  readonly certificate: Bytes;
}

/** What a certificate signs. */
export function hashManifest(manifest: Manifest): Hash {
  return digest(DOMAIN.checkpoint, encodeWith(manifestCodec, manifest));
}

export function hashChunk(chunk: Bytes): Hash {
  return digest(DOMAIN.checkpointChunk, chunk);
}

/** Makes a checkpoint out of its content; undefined when that is larger than a checkpoint may be. */
export function sealCheckpoint(
  about: Omit<Manifest, 'size' | 'chunks'>,
  content: Content,
): Checkpoint | undefined {
  if (content.state.length + content.standings.length > MAX_CHECKPOINT_BYTES / 2) return undefined;
  const bytes = encodeWith(contentCodec, content);
  if (bytes.length > MAX_CHECKPOINT_BYTES) return undefined;
  const chunks: Bytes[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) chunks.push(bytes.slice(at, at + CHUNK_BYTES));
  const { board, epoch, number, previous, frontier } = about;
  const rest = { size: bytes.length, chunks: chunks.map(hashChunk) };
  const manifest: Manifest = { board, epoch, number, previous, frontier, ...rest };
  return { hash: hashManifest(manifest), manifest, content, chunks };
}

export function encodeManifest(manifest: Manifest): Bytes {
  return encodeWith(manifestCodec, manifest);
}

/** A manifest about `board` from foreign or stored bytes. It says nothing until its certificate holds. */
export function decodeManifest(board: BoardId, bytes: Bytes): Manifest | undefined {
  const decoded = decodeWith(manifestCodec, bytes);
  return decoded.ok && isSound(decoded.value, board) ? decoded.value : undefined;
}

/** Whether the manifest is about `board`, and says what a manifest can say. */
export function isSound(manifest: Manifest, board: BoardId): boolean {
  const { number, frontier, size, chunks } = manifest;
  if (manifest.board !== board || number < 1 || size < 1) return false;
  if (chunks.length !== Math.ceil(size / CHUNK_BYTES)) return false;
  const heads = new Set(frontier.map(({ head }) => head));
  const isSorted = frontier.every(
    ({ author, seq }, at) => seq > 0 && (at === 0 || (frontier[at - 1]?.author ?? '') <= author),
  );
  return isSorted && frontier.length > 0 && heads.size === frontier.length;
}

/** Puts together what came in pieces, all of which were checked; undefined when it is no content for this manifest. */
export function openCheckpoint(manifest: Manifest, chunks: readonly Bytes[]): Checkpoint | undefined {
  const bytes = concatBytes(...chunks);
  const decoded = bytes.length === manifest.size ? decodeWith(contentCodec, bytes) : undefined;
  if (decoded?.ok !== true || decoded.value.lines.length !== manifest.frontier.length) return undefined;
  return { hash: hashManifest(manifest), manifest, content: decoded.value, chunks };
}

/** The last entry of a settled line, as far as the checkpoint keeps it: its place, its hash, and its author's newest claim as payload. */
export function rootOf({ author, seq, head }: FrontierItem, { session, claim }: SettledLine): Entry {
  const nothing = new Uint8Array(0);
  const header = { author, session, seq, previous: NO_HASH, heads: [], epoch: 0, wallMs: 0 };
  return { ...header, kind: 'claim', payload: claim, hash: head, signature: nothing, bytes: nothing };
}

/** What is kept on disk: the manifest with its certificate, and each piece. */
export type StoredCheckpoint =
  | { readonly kind: 'head'; readonly manifest: Bytes; readonly certificate: Bytes }
  | { readonly kind: 'chunk'; readonly checkpoint: Hash; readonly index: number; readonly bytes: Bytes };

export const storedCheckpointCodec: Codec<StoredCheckpoint> = union<{
  head: { readonly manifest: Bytes; readonly certificate: Bytes };
  chunk: { readonly checkpoint: Hash; readonly index: number; readonly bytes: Bytes };
}>({
  head: [
    1,
    record<{ readonly manifest: Bytes; readonly certificate: Bytes }>({
      manifest: sizedBytes(MAX_MANIFEST_BYTES),
      certificate: sizedBytes(MAX_CERTIFICATE_BYTES),
    }),
  ],
  chunk: [
    2,
    record<{ readonly checkpoint: Hash; readonly index: number; readonly bytes: Bytes }>({
      checkpoint: hashCodec,
      index: whole(MAX_CHUNKS),
      bytes: sizedBytes(CHUNK_BYTES),
    }),
  ],
});
