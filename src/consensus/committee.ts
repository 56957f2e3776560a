/** The committee of one epoch: who has which seat, behind which decision it begins, and the parameters that all its seats must share. */
import type { Bytes } from '../kernel/bytes.ts';
import {
  boardIdCodec,
  encodeWith,
  hashCodec,
  list,
  optional,
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

export interface SeatRecord {
  readonly key: PeerId;
  /** 0 for a durable seat; of a transient one, for how many ms of agreed time it stays without a sign of life. The application counts them. */
  readonly leaseMs: number;
}

/** What the application decides: who sits, and at what pace. */
export interface Seating {
  /** A seat is named by its place here. */
  readonly seats: readonly SeatRecord[];
  /** Sequence numbers between two checkpoints, K (Castro and Liskov, section 4.3). */
  readonly checkpointEvery: number;
  /** Sequence numbers that may be under way, L: the high watermark is the last stable checkpoint plus this. At least twice K. */
  readonly window: number;
}

export interface CommitteeRecord extends Seating {
  readonly board: BoardId;
  /** Counts the committees of a board, from 0. */
  readonly epoch: number;
  /** The sequence number behind which the epoch begins; 0 for the first. */
  readonly start: number;
  /** Digest of the committee before; none for the first. */
  readonly previous: Hash | undefined;
  /** How often an owner began anew, so far: not 0 ever after. */
  readonly resets: number;
}

export interface Committee extends CommitteeRecord, Omit<Quorums, 'seats'> {
  /** The key of each seat. */
  readonly keys: readonly PeerId[];
  /** Hash of the record: part of everything that is signed. */
  readonly digest: Hash;
  /** What everything begins with that its seats sign. */
  readonly label: Bytes;
}

export const committeeCodec: Codec<CommitteeRecord> = record<CommitteeRecord>({
  board: boardIdCodec,
  epoch: whole(),
  start: whole(),
  previous: optional(hashCodec),
  resets: whole(),
  seats: list(record<SeatRecord>({ key: peerIdCodec, leaseMs: whole() }), MAX_SEATS),
  checkpointEvery: whole(MAX_WINDOW),
  window: whole(MAX_WINDOW),
});

/** What names a committee where its seats sign. */
export interface Label {
  readonly board: BoardId;
  readonly epoch: number;
  /** Digest of the committee's record. */
  readonly committee: Hash;
}

const labelCodec: Codec<Label> = record<Label>({
  board: boardIdCodec,
  epoch: whole(),
  committee: hashCodec,
});

/** What everything begins with that the seats of a committee sign. */
export function labelOf(label: Label): Bytes {
  return domainSeparated(DOMAIN.statement, encodeWith(labelCodec, label));
}

/** The committee of a record: refused when it has no or two equal seats, or parameters that cannot work. */
export function openCommittee(value: CommitteeRecord): Result<Committee, 'badCommittee'> {
  const { board, epoch, checkpointEvery, window } = value;
  const keys = value.seats.map(({ key }) => key);
  const isSized = keys.length >= 1 && keys.length <= MAX_SEATS && new Set(keys).size === keys.length;
  const isPaced = checkpointEvery >= 1 && window >= 2 * checkpointEvery && window <= MAX_WINDOW;
  if (!isSized || !isPaced) return refuse('badCommittee');
  const plain = recordOf(value);
  const { faults, quorum, weakQuorum, isFaultTolerant } = quorumsOf(keys.length);
  const hash = digest(DOMAIN.committee, encodeWith(committeeCodec, plain));
  const label = labelOf({ board, epoch, committee: hash });
  return ok({ ...plain, keys, faults, quorum, weakQuorum, isFaultTolerant, digest: hash, label });
}

/** The record of a committee, without what is computed from it. */
export function recordOf(value: CommitteeRecord): CommitteeRecord {
  const { board, epoch, start, previous, resets, seats, checkpointEvery, window } = value;
  return { board, epoch, start, previous, resets, seats, checkpointEvery, window };
}

/** The committee that follows when `seating` takes over behind sequence number `start`; by an owner's word when `isReset`. */
export function successorOf(
  { board, epoch, resets, digest: previous }: Committee,
  { seats, checkpointEvery, window }: Seating,
  start: number,
  isReset = false,
): Result<Committee, 'badCommittee'> {
  return openCommittee({
    board,
    epoch: epoch + 1,
    start,
    previous,
    resets: resets + (isReset ? 1 : 0),
    seats: seats.map(({ key, leaseMs }) => ({ key, leaseMs })),
    checkpointEvery,
    window,
  });
}

export function isSameSeating(a: Seating, b: Seating): boolean {
  return (
    a.checkpointEvery === b.checkpointEvery &&
    a.window === b.window &&
    a.seats.length === b.seats.length &&
    a.seats.every(({ key, leaseMs }, at) => key === b.seats[at]?.key && leaseMs === b.seats[at].leaseMs)
  );
}

/**
 * The seat that leads view `view`: p = v mod n (section 4.1), moved on by one with each epoch, so that a first seat that sleeps does not cost
 * every epoch a view change.
 */
export function primaryOf({ epoch, seats }: CommitteeRecord, view: number): number {
  return (epoch + view) % seats.length;
}

/** The seat of a key; undefined for whoever has none. */
export function seatOf({ keys }: Committee, key: PeerId): number | undefined {
  const seat = keys.indexOf(key);
  return seat < 0 ? undefined : seat;
}
