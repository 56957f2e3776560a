/** What two neighbours say about journals. Wire table: docs/spec/replication.md. */
import {
  flag,
  hashCodec,
  list,
  peerIdCodec,
  record,
  sizedBytes,
  union,
  whole,
  type Codec,
} from '../kernel/codec.ts';
import type { Bytes } from '../kernel/bytes.ts';
import type { Hash, PeerId } from '../kernel/ids.ts';
import { manifestCodec, type Manifest } from './checkpoint.ts';
import type { Frontier, FrontierItem } from './journals.ts';
import { MAX_ENTRY_BYTES, NO_HASH } from './entry.ts';
import { forkProofCodec, type ForkProof } from './forks.ts';
import {
  CHUNK_BYTES,
  MAX_AUTHORS,
  MAX_BATCH_ENTRIES,
  MAX_CERTIFICATE_BYTES,
  MAX_CHUNKS,
  MAX_FRONTIER,
  MAX_PROOFS_PER_MESSAGE,
  MAX_SHOWN_HEADS,
} from './limits.ts';

/** The checkpoint that somebody has: number 0 and zero bytes for none. */
export interface ShownCheckpoint {
  readonly number: number;
  readonly hash: Hash;
}

export const NO_CHECKPOINT: ShownCheckpoint = { number: 0, hash: NO_HASH };

/** "This is what I hold", in one hash; sent when a link comes up and every few seconds. */
export interface DigestMessage {
  readonly digest: Hash;
  readonly entryCount: number;
  readonly byteCount: number;
  /** Which authors are known to have forked, and where. */
  readonly forks: Hash;
  /**
   * The newest entries, from which the whole of it can be reached: whoever holds them lacks nothing. Empty for a neighbour that may not
   * be served, and when there are too many.
   */
  readonly heads: Frontier;
  /** On which all of it stands. Shown to whom heads are. */
  readonly checkpoint: ShownCheckpoint;
}

/** The same in full: the answer to a digest that differs, of whoever has too many heads to show. */
export interface FrontierMessage {
  readonly frontier: Frontier;
}

/** "Send me what I lack": asks for a first batch. */
export interface PullMessage {
  /** Differs between the pulls of one peer. */
  readonly pull: number;
  readonly have: Frontier;
}

/** Asks for one more batch of a pull. */
export interface NextMessage {
  readonly pull: number;
}

/** Part of what was lacking, each entry after those it builds on. */
export interface BatchMessage {
  readonly pull: number;
  readonly entries: readonly Bytes[];
  /** Entry bytes that are lacking still, after this batch. */
  readonly remainingBytes: number;
  readonly more: boolean;
}

/** "These authors signed two entries for one place": to a neighbour that knows of other forks than we do. */
export interface EvidenceMessage {
  readonly proofs: readonly ForkProof[];
}

/** Asks for a neighbour's checkpoint: for a piece of it, counted from 1, or for its manifest (0). */
export interface AskMessage {
  readonly hash: Hash;
  readonly chunk: number;
}

/** What the checkpoint consists of, and the proof that it counts. */
export interface CheckpointMessage {
  readonly manifest: Manifest;
  readonly certificate: Bytes;
}

export interface ChunkMessage {
  readonly hash: Hash;
  readonly chunk: number;
  readonly bytes: Bytes;
}

export interface Held {
  readonly author: PeerId;
  readonly seq: number;
}

/** "These journals are on my disk up to here." */
export interface AckMessage {
  readonly held: readonly Held[];
}

export interface ReplicationKinds {
  readonly digest: DigestMessage;
  readonly frontier: FrontierMessage;
  readonly pull: PullMessage;
  readonly batch: BatchMessage;
  readonly ack: AckMessage;
  readonly next: NextMessage;
  readonly evidence: EvidenceMessage;
  readonly ask: AskMessage;
  readonly checkpoint: CheckpointMessage;
  readonly chunk: ChunkMessage;
}

const frontierItemCodec: Codec<FrontierItem> = record<FrontierItem>({
  author: peerIdCodec,
  seq: whole(),
  head: hashCodec,
});
const frontierCodec = list(frontierItemCodec, MAX_FRONTIER);
const pullCodec = whole();

export const replicationMessageCodec = union<ReplicationKinds>({
  digest: [
    1,
    record<DigestMessage>({
      digest: hashCodec,
      entryCount: whole(),
      byteCount: whole(),
      forks: hashCodec,
      heads: list(frontierItemCodec, MAX_SHOWN_HEADS),
      checkpoint: record<ShownCheckpoint>({ number: whole(), hash: hashCodec }),
    }),
  ],
  frontier: [2, record<FrontierMessage>({ frontier: frontierCodec })],
  pull: [3, record<PullMessage>({ pull: pullCodec, have: frontierCodec })],
  batch: [
    4,
    record<BatchMessage>({
      pull: pullCodec,
      entries: list(sizedBytes(MAX_ENTRY_BYTES), MAX_BATCH_ENTRIES),
      remainingBytes: whole(),
      more: flag,
    }),
  ],
  ack: [
    5,
    record<AckMessage>({ held: list(record<Held>({ author: peerIdCodec, seq: whole() }), MAX_AUTHORS) }),
  ],
  next: [6, record<NextMessage>({ pull: pullCodec })],
  evidence: [7, record<EvidenceMessage>({ proofs: list(forkProofCodec, MAX_PROOFS_PER_MESSAGE) })],
  ask: [8, record<AskMessage>({ hash: hashCodec, chunk: whole(MAX_CHUNKS) })],
  checkpoint: [
    9,
    record<CheckpointMessage>({ manifest: manifestCodec, certificate: sizedBytes(MAX_CERTIFICATE_BYTES) }),
  ],
  chunk: [
    10,
    record<ChunkMessage>({ hash: hashCodec, chunk: whole(MAX_CHUNKS), bytes: sizedBytes(CHUNK_BYTES) }),
  ],
});

export type ReplicationMessage =
  | ({ readonly kind: 'digest' } & DigestMessage)
  | ({ readonly kind: 'frontier' } & FrontierMessage)
  | ({ readonly kind: 'pull' } & PullMessage)
  | ({ readonly kind: 'batch' } & BatchMessage)
  | ({ readonly kind: 'ack' } & AckMessage)
  | ({ readonly kind: 'next' } & NextMessage)
  | ({ readonly kind: 'evidence' } & EvidenceMessage)
  | ({ readonly kind: 'ask' } & AskMessage)
  | ({ readonly kind: 'checkpoint' } & CheckpointMessage)
  | ({ readonly kind: 'chunk' } & ChunkMessage);
