/** Samples of what checkpoints are made of, for the frozen bytes. */
import { utf8, type Bytes } from '../../src/kernel/bytes.ts';
import { encodeWith } from '../../src/kernel/codec.ts';
import { digest, digestBytes } from '../../src/kernel/hash.ts';
import type { MemberId, PeerId } from '../../src/kernel/ids.ts';
import type { Admission } from '../../src/identity/admission.ts';
import type { NodeMessage } from '../../src/node/messages.ts';
import { encodeRoster } from '../../src/node/settled-roster.ts';
import {
  contentCodec,
  encodeManifest,
  hashChunk,
  hashManifest,
  storedCheckpointCodec,
  type Content,
  type Manifest,
} from '../../src/replication/checkpoint.ts';
import { NO_HASH, type Entry } from '../../src/replication/entry.ts';
import type { Frontier } from '../../src/replication/journals.ts';
import type { ShownCheckpoint } from '../../src/replication/messages.ts';
import { FROZEN_BOARD } from './formats.ts';

/** The newest entries of two peers. */
export function headsOf(ada: PeerId, bea: PeerId, entries: Record<string, Entry>): Frontier {
  return [
    { author: ada, seq: 5, head: entries['update']?.hash ?? NO_HASH },
    { author: bea, seq: 1, head: entries['claim~with-heads']?.hash ?? NO_HASH },
  ].sort((a, b) => (a.author < b.author ? -1 : 1));
}

const fixed = (label: string): Bytes => digestBytes('test/wire', utf8(label));
const CERTIFICATE = fixed('certificate');
const CHUNK = fixed('chunk');

export function shownCheckpoint(frontier: Frontier): ShownCheckpoint {
  return { number: 7, hash: hashManifest(manifestOf(frontier)) };
}

export function checkpointMessages(frontier: Frontier): Record<string, NodeMessage> {
  const manifest = manifestOf(frontier);
  const { hash } = shownCheckpoint(frontier);
  const [kind, chunk] = ['replication', 2] as const;
  return {
    'replication.ask': { kind, body: { kind: 'ask', hash, chunk } },
    'replication.checkpoint': { kind, body: { kind: 'checkpoint', manifest, certificate: CERTIFICATE } },
    'replication.chunk': { kind, body: { kind: 'chunk', hash, chunk, bytes: CHUNK } },
  };
}

/** What lies on disk of a checkpoint in which `admission` admitted its member. */
export function storedCheckpoints(
  frontier: Frontier,
  creator: MemberId,
  admission: Admission,
): ReadonlyMap<string, Bytes> {
  const manifest = manifestOf(frontier);
  const head = { kind: 'head', manifest: encodeManifest(manifest), certificate: CERTIFICATE } as const;
  const chunk = { kind: 'chunk', checkpoint: hashManifest(manifest), index: 1, bytes: CHUNK } as const;
  const changed = { granted: 'editor', changed: 'viewer', isEvicted: true } as const;
  const member = { member: admission.member, ...changed, name: 'Bea', admission };
  const owner = { member: creator, granted: undefined, changed: undefined, isEvicted: false };
  const { inviteKey } = admission.capability;
  const roster = encodeRoster({
    members: [{ ...owner, name: 'Ada', admission: undefined }, member],
    invites: [{ inviteKey, members: [admission.member] }],
    revoked: [inviteKey],
  });
  const line = { session: 1, isTip: true, isCutShort: true, claim: fixed('claim') };
  const content: Content = {
    lines: [{ ...line, clocks: [{ session: 1, clock: 300 }] }],
    standings: fixed('standings'),
    state: fixed('state'),
  };
  return new Map([
    ['stored-checkpoint.head', encodeWith(storedCheckpointCodec, head)],
    ['stored-checkpoint.chunk', encodeWith(storedCheckpointCodec, chunk)],
    ['checkpoint-content', encodeWith(contentCodec, content)],
    ['settled-roster', roster ?? new Uint8Array(0)],
  ]);
}

function manifestOf(frontier: Frontier): Manifest {
  const chunks = ['first', 'second'].map((label) => hashChunk(fixed(label)));
  const hashes = { previous: digest('test/wire', utf8('previous checkpoint')), chunks };
  return { board: FROZEN_BOARD, epoch: 0, number: 7, frontier, size: 140_000, ...hashes };
}
