/** The committee of one epoch: who has which seat, and the parameters that all its seats must share. */
import type { Bytes } from '../kernel/bytes.ts';
import {
  boardIdCodec,
  encodeWith,
  hashCodec,
  list,
  peerIdCodec,
  record,
  whole,
  type Codec,
} from '../kernel/codec.ts';
import { digest } from '../kernel/hash.ts';
import type { BoardId, Hash, PeerId } from '../kernel/ids.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { DOMAIN } from '../identity/domains.ts';
import { domainSeparated } from '../identity/signing.ts';
import { MAX_SEATS, MAX_WINDOW } from './limits.ts';
import { quorumsOf, type Quorums } from './quorum.ts';

export interface CommitteeRecord {
  readonly board: BoardId;
  /** Counts the committees of a board, from 0. */
  readonly epoch: number;
  /** The key of each seat. A seat is named by its place here. */
  readonly seats: readonly PeerId[];
  /** Sequence numbers between two checkpoints, K (Castro and Liskov, section 4.3). */
  readonly checkpointEvery: number;
  /** Sequence numbers that may be under way, L: the high watermark is the last stable checkpoint plus this. At least twice K. */
  readonly window: number;
}

export interface Committee extends CommitteeRecord, Omit<Quorums, 'seats'> {
  /** Hash of the record: part of everything that is signed. */
  readonly digest: Hash;
  /** What everything begins with that its seats sign. */
  readonly label: Bytes;
}

export const committeeCodec: Codec<CommitteeRecord> = record<CommitteeRecord>({
  board: boardIdCodec,
  epoch: whole(),
  seats: list(peerIdCodec, MAX_SEATS),
  checkpointEvery: whole(MAX_WINDOW),
  window: whole(MAX_WINDOW),
});

interface Label {
  readonly board: BoardId;
  readonly epoch: number;
  readonly committee: Hash;
}

const labelCodec: Codec<Label> = record<Label>({
  board: boardIdCodec,
  epoch: whole(),
  committee: hashCodec,
});

/** The committee of a record: refused when it has no or two equal seats, or parameters that cannot work. */
export function openCommittee(value: CommitteeRecord): Result<Committee, 'badCommittee'> {
  const { board, epoch, seats, checkpointEvery, window } = value;
  const isSized = seats.length >= 1 && seats.length <= MAX_SEATS && new Set(seats).size === seats.length;
  const isPaced = checkpointEvery >= 1 && window >= 2 * checkpointEvery && window <= MAX_WINDOW;
  if (!isSized || !isPaced) return refuse('badCommittee');
  const plain: CommitteeRecord = { board, epoch, seats, checkpointEvery, window };
  const { faults, quorum, weakQuorum, isFaultTolerant } = quorumsOf(seats.length);
  const hash = digest(DOMAIN.committee, encodeWith(committeeCodec, plain));
  const label = domainSeparated(DOMAIN.statement, encodeWith(labelCodec, { board, epoch, committee: hash }));
  return ok({ ...plain, faults, quorum, weakQuorum, isFaultTolerant, digest: hash, label });
}

/** The seat that leads view `view`: p = v mod n (section 4.1). */
export function primaryOf(committee: CommitteeRecord, view: number): number {
  return view % committee.seats.length;
}
