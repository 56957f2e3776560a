/** How a checkpoint lies on disk: a record with manifest and certificate, and one for each piece; see docs/spec/storage.md. */
import type { Bytes } from '../kernel/bytes.ts';
import { decodeWith, encodeWith } from '../kernel/codec.ts';
import type { BoardId, Hash } from '../kernel/ids.ts';
import type { Write } from '../kernel/machine.ts';
import {
  decodeManifest,
  encodeManifest,
  hashChunk,
  openCheckpoint,
  storedCheckpointCodec,
  type Certified,
  type Checkpoint,
  type Manifest,
} from './checkpoint.ts';

/** Collection of storage/schema.ts. */
const CHECKPOINT_STORE = 'checkpoints';
const NUMBER_DIGITS = 16;
const INDEX_DIGITS = 4;
const HASH_DIGITS = 16;

/** Key of a piece, from 1; 0: of manifest and certificate. */
function keyOf(board: BoardId, { hash, manifest }: Checkpoint, index: number): string {
  const number = String(manifest.number).padStart(NUMBER_DIGITS, '0');
  return `${board}/${number}/${hash.slice(0, HASH_DIGITS)}/${String(index).padStart(INDEX_DIGITS, '0')}`;
}

/** Writes that belong into one transaction. */
export function putCheckpoint(board: BoardId, { checkpoint, certificate }: Certified): readonly Write[] {
  const manifest = encodeManifest(checkpoint.manifest);
  const records = [
    encodeWith(storedCheckpointCodec, { kind: 'head', manifest, certificate }),
    ...checkpoint.chunks.map((bytes, index) =>
      encodeWith(storedCheckpointCodec, { kind: 'chunk', checkpoint: checkpoint.hash, index, bytes }),
    ),
  ];
  return records.map((value, index) => ({
    op: 'put',
    store: CHECKPOINT_STORE,
    key: keyOf(board, checkpoint, index),
    value,
  }));
}

export function deleteCheckpoint(board: BoardId, checkpoint: Checkpoint): readonly Write[] {
  const count = checkpoint.chunks.length + 1;
  return Array.from({ length: count }, (_, index) => ({
    op: 'delete',
    store: CHECKPOINT_STORE,
    key: keyOf(board, checkpoint, index),
  }));
}

/** The complete checkpoints among stored records, the newest first. What is damaged is none. */
export function readCheckpoints(board: BoardId, records: readonly Bytes[]): readonly Certified[] {
  const heads: { readonly manifest: Manifest; readonly certificate: Bytes }[] = [];
  const chunks = new Map<Hash, Bytes>();
  for (const bytes of records) {
    const stored = decodeWith(storedCheckpointCodec, bytes);
    if (!stored.ok) continue;
    if (stored.value.kind === 'chunk') {
      chunks.set(hashChunk(stored.value.bytes), stored.value.bytes);
      continue;
    }
    const manifest = decodeManifest(board, stored.value.manifest);
    if (manifest !== undefined) heads.push({ manifest, certificate: stored.value.certificate });
  }
  return heads
    .toSorted((a, b) => b.manifest.number - a.manifest.number)
    .flatMap(({ manifest, certificate }) => {
      const pieces = manifest.chunks.flatMap((hash) => chunks.get(hash) ?? []);
      const checkpoint = openCheckpoint(manifest, pieces);
      return checkpoint === undefined ? [] : [{ checkpoint, certificate }];
    });
}
