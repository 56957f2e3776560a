/** The parts of a replica. Each owns its state; what happens between them is in ordering.ts, settling.ts, changing.ts, exchange.ts, succession.ts. */
import type { MemberId, PeerId } from '../kernel/ids.ts';
import type { Instant, Write } from '../kernel/machine.ts';
import type { Random } from '../kernel/random.ts';
import { Batches } from './batches.ts';
import { Chain, type Epoch, type Link } from './chain.ts';
import { Checkpoints } from './checkpoints.ts';
import { Clock } from './clock.ts';
import { Closing } from './closing.ts';
import { primaryOf, seatOf, type Committee } from './committee.ts';
import { Execution, type Application, type Snapshot } from './execution.ts';
import { ForeignVotes } from './foreign-votes.ts';
import { Guard } from './guard.ts';
import { LieBook } from './lie-book.ts';
import { STATUS_MS } from './limits.ts';
import { planNewView } from './new-view.ts';
import { Outbox } from './outbox.ts';
import { OwnRequests } from './own-requests.ts';
import { Patience } from './patience.ts';
import { Pending } from './pending.ts';
import type { Fetch } from './questions.ts';
import { Reach } from './reach.ts';
import { Records } from './records.ts';
import type { Batch } from './requests.ts';
import type { PreparedCertificate, StableCertificate, Statement } from './statements.ts';
import { Transfer } from './transfer.ts';
import { Views } from './views.ts';
import { VoteLog } from './vote-log.ts';
import { Wanted } from './wanted.ts';
import { Witness } from './witness.ts';

export interface ReplicaOptions {
  /** Whose word counts for the founding and for new beginnings. */
  readonly owners: readonly MemberId[];
  /** The first link of the board's chain, its signature verified. */
  readonly founding: Link;
  /** Our key. It may have a seat or none, and that may change. */
  readonly self: PeerId;
  /** In its first state. */
  readonly application: Application;
  /** `random.fork('consensus')` of the node's. */
  readonly random: Random;
  /** Time between two statuses while nothing is under way, ms; {@link STATUS_MS} unless said otherwise. */
  readonly idleStatusMs?: number;
  /** False for a key whose record is lost: it follows, and signs nothing that counts. True unless said otherwise. */
  readonly maySign?: boolean;
}

/** What outlives an epoch. */
export interface Lasting {
  readonly self: PeerId;
  readonly idleStatusMs: number;
  readonly maySign: boolean;
  readonly random: Random;
  readonly chain: Chain;
  readonly boardRecords: Records;
  readonly outbox: Outbox;
  readonly execution: Execution;
  readonly pending: Pending;
  readonly own: OwnRequests;
  readonly clock: Clock;
  readonly reach: Reach;
  readonly lies: LieBook;
}

/** How the epoch ends: what was executed at `epoch.committee.start` changed the seats. */
export interface Ending {
  readonly committee: Committee;
  readonly snapshot: Snapshot;
}

/** A batch that was prepared, with the proof. */
export interface Carried {
  readonly certificate: PreparedCertificate;
  readonly batch: Batch;
}

/** A committee to begin anew with, and the state behind all that is carried over. */
export interface Draft {
  readonly committee: Committee;
  readonly snapshot: Snapshot;
}

/** One roll call of ours in the present epoch. */
export interface Roll {
  readonly since: Instant;
  /** The turn of its first call. */
  readonly turn: number;
  /** Seats that answered, when they did last, and how far each says that it has come. */
  readonly present: Map<number, { readonly at: Instant; readonly reached: number }>;
  /** What came of it, once that was told. */
  told: 'lives' | 'silent' | undefined;
}

export interface Parts extends Lasting {
  readonly committee: Committee;
  readonly epoch: Epoch;
  /** Our seat; undefined while we only follow. */
  readonly seat: number | undefined;
  readonly records: Records;
  readonly guard: Guard;
  readonly log: VoteLog;
  readonly batches: Batches;
  readonly checkpoints: Checkpoints;
  readonly views: Views;
  readonly patience: Patience;
  readonly wanted: Wanted;
  readonly transfer: Transfer;
  readonly closing: Closing;
  readonly foreignVotes: ForeignVotes;
  /** Certificates of what was prepared here above the stable checkpoint, the highest view of each sequence number. */
  readonly prepared: Map<number, PreparedCertificate>;
  /** What those who answered the roll hold prepared behind what we executed, the highest view of each sequence number. */
  readonly heardPrepared: Map<number, Carried>;
  readonly witness: Witness;
  /** Seats that were heard in this epoch, as bits. */
  heard: number;
  /** Counts our statuses and calls, from the time in ms at which we began. */
  turn: number;
  /** Our last call of the roll in this epoch. */
  roll: Roll | undefined;
  /** Our own new beginning that waits for its signature: nobody else has its state yet. */
  draft: Draft | undefined;
  /** An owner's new beginning that waits for what comes of the roll. */
  heldReset: readonly Link[] | undefined;
  /** The new beginning that was refused last, and why. */
  refusalTold: string | undefined;
  /** Whether a contradicting link was told. */
  isForkTold: boolean;
  /** What a new view begins with. */
  planNewView: typeof planNewView;
  /** The last sequence number that we proposed in the present view, or that its plan fills. */
  lastProposed: number;
  /** The last batch that we proposed in this view and that may end the epoch: we propose nothing behind it before it is executed. */
  lastBarrier: number;
  /** Our own end of this epoch; nothing is voted on behind it. */
  ending: Ending | undefined;
  /** Of this step. */
  now: Instant;
  /** Takes no further part. */
  isHalted: boolean;
}

/** What a replica of a board has that outlives its epochs, in its first epoch. */
export function createLasting(options: ReplicaOptions, founding: Epoch): Lasting {
  const { application, owners, random, self, idleStatusMs = STATUS_MS, maySign = true } = options;
  const { board } = founding.committee;
  const boardRecords = new Records(board);
  return {
    self,
    idleStatusMs,
    maySign,
    random,
    chain: new Chain({ board, owners }, founding),
    boardRecords,
    outbox: new Outbox(board, self),
    execution: new Execution(application),
    pending: new Pending(),
    own: new OwnRequests(self, boardRecords),
    clock: new Clock(),
    reach: new Reach(),
    lies: new LieBook(boardRecords),
  };
}

/** The parts of a replica that has signed nothing in `epoch` so far, and whose newest certified state is `snapshot`. */
export function createParts(
  lasting: Lasting,
  epoch: Epoch,
  stable: StableCertificate,
  snapshot: Snapshot,
  now: Instant,
): Parts {
  const { committee } = epoch;
  const seat = lasting.maySign ? seatOf(committee, lasting.self) : undefined;
  const records = new Records(committee.digest);
  const { self, random, chain, boardRecords, outbox, execution, pending, own, clock, reach } = lasting;
  const { idleStatusMs, lies, maySign } = lasting;
  return {
    ...{
      self,
      idleStatusMs,
      maySign,
      random,
      chain,
      boardRecords,
      outbox,
      execution,
      pending,
      own,
      clock,
      reach,
      lies,
    },
    committee,
    epoch,
    seat,
    records,
    guard: new Guard(committee, seat, records),
    log: new VoteLog(committee),
    batches: new Batches(records),
    checkpoints: new Checkpoints(committee, stable, snapshot),
    views: new Views(committee, stable),
    patience: new Patience(now),
    wanted: new Wanted(helpersOf(chain, epoch, self)),
    transfer: new Transfer(),
    closing: new Closing(committee),
    foreignVotes: new ForeignVotes(records),
    prepared: new Map(),
    heardPrepared: new Map(),
    witness: new Witness(),
    heard: 0,
    turn: 0,
    roll: undefined,
    draft: undefined,
    heldReset: undefined,
    refusalTold: undefined,
    isForkTold: false,
    planNewView,
    lastProposed: stable.seq,
    lastBarrier: 0,
    ending: undefined,
    now,
    isHalted: false,
  };
}

/** Who may have what an epoch's replicas need: its seats, and those of the epoch before, from which it was handed over. */
export function helpersOf(chain: Chain, { committee }: Epoch, self: PeerId): PeerId[] {
  const former = chain.at(committee.epoch - 1)?.committee.keys ?? [];
  return [...new Set([...committee.keys, ...former])].filter((key) => key !== self);
}

/** The key of a seat; undefined for one that does not exist. */
export function seatKey(committee: Committee, seat: number | undefined): PeerId | undefined {
  return seat === undefined ? undefined : committee.keys[seat];
}

export function isPrimary({ committee, seat, views }: Parts): boolean {
  return primaryOf(committee, views.view) === seat;
}

/** Whether this epoch is over here: by what we executed, or because a later one is known. Nothing is voted on any more. */
export function isOver({ chain, committee, ending }: Parts): boolean {
  return ending !== undefined || chain.tip.committee.epoch > committee.epoch;
}

/**
 * Has the guard sign `statement` once it and `writes` are durable. What was signed before is not signed again; what the guard refuses never
 * leaves, and is told. `writes` are made in any case, and without a seat nothing else.
 */
export function say(
  { committee, guard, outbox, seat }: Parts,
  statement: Statement,
  writes: readonly Write[] = [],
): void {
  if (seat === undefined) {
    outbox.push({ writes });
    return;
  }
  const verdict = guard.ask(statement);
  if (verdict.kind === 'sign') {
    const speech = { kind: 'statement', committee, seat, statement } as const;
    outbox.push({ writes: [...writes, ...verdict.writes], speech });
    return;
  }
  outbox.push({ writes });
  if (verdict.kind === 'refused')
    outbox.effect({ kind: 'emit', event: { type: 'notSigned', statement, code: verdict.code } });
}

/** Asks for something by its hash, first of `likely`, who should have it. */
export function want(parts: Parts, fetch: Fetch, likely: PeerId | undefined): void {
  const asked = parts.wanted.add(fetch, likely);
  if (asked !== undefined) ask(parts, fetch, asked);
}

export function ask({ outbox }: Parts, fetch: Fetch, to: PeerId): void {
  outbox.speakNow({ kind: 'question', question: { kind: 'fetch', ...fetch }, to });
}

/** Whether nothing is under way here that a lost message could hold up. */
export function isIdle(parts: Parts): boolean {
  const { execution, log, own, pending, reach, transfer, views } = parts;
  if (parts.roll !== undefined && parts.roll.told === undefined) return false;
  if (!reach.hasQuorum) return true;
  if (isOver(parts) || !views.isActive || transfer.target !== undefined) return false;
  const isWaiting = own.outstanding().length > 0 && execution.admits(parts.self);
  if (pending.oldest() !== undefined || isWaiting) return false;
  return log.seqs().every((seq) => seq <= execution.executed);
}
