/** The parts of a replica. Each owns its state; what happens between them is in ordering.ts, settling.ts, changing.ts, exchange.ts. */
import type { PeerId } from '../kernel/ids.ts';
import type { Instant, Write } from '../kernel/machine.ts';
import type { Random } from '../kernel/random.ts';
import { Batches } from './batches.ts';
import { Checkpoints } from './checkpoints.ts';
import { primaryOf, type Committee } from './committee.ts';
import { Execution, type Application, type Snapshot } from './execution.ts';
import { Guard, type GuardedStatement } from './guard.ts';
import { planNewView } from './new-view.ts';
import { Outbox } from './outbox.ts';
import { OwnRequests } from './own-requests.ts';
import { Patience } from './patience.ts';
import { Pending } from './pending.ts';
import { Records } from './records.ts';
import type { Fetch, PreparedCertificate } from './statements.ts';
import { Transfer } from './transfer.ts';
import { Views } from './views.ts';
import { VoteLog } from './vote-log.ts';
import { Wanted } from './wanted.ts';

export interface ReplicaOptions {
  readonly committee: Committee;
  /** Our seat. */
  readonly seat: number;
  /** In its first state. */
  readonly application: Application;
  /** `random.fork('consensus')` of the node's. */
  readonly random: Random;
}

export interface Parts {
  readonly committee: Committee;
  readonly seat: number;
  readonly random: Random;
  readonly genesis: Snapshot;
  readonly records: Records;
  readonly guard: Guard;
  readonly outbox: Outbox;
  readonly log: VoteLog;
  readonly batches: Batches;
  readonly execution: Execution;
  readonly checkpoints: Checkpoints;
  readonly views: Views;
  readonly patience: Patience;
  readonly pending: Pending;
  readonly own: OwnRequests;
  readonly wanted: Wanted;
  readonly transfer: Transfer;
  /** Certificates of what was prepared here above the stable checkpoint, the highest view of each sequence number. */
  readonly prepared: Map<number, PreparedCertificate>;
  /** Seats of which evidence was told: one proof each is enough. */
  readonly accused: Set<number>;
  /** What a new view begins with. */
  planNewView: typeof planNewView;
  /** The last sequence number that we proposed in the present view, or that its plan fills. */
  lastProposed: number;
  /** Of this step. */
  now: Instant;
  /** Whether we and those that the mesh reaches are a quorum. */
  isQuorumReachable: boolean;
  /** Takes no further part. */
  isHalted: boolean;
}

/** The parts of a replica that has signed nothing so far. `genesis` is the application's snapshot in its first state. */
export function createParts(options: ReplicaOptions, genesis: Snapshot): Parts {
  const { committee, seat, application, random } = options;
  const records = new Records(committee);
  const checkpoints = new Checkpoints(committee, genesis);
  const now = 0 as Instant;
  return {
    committee,
    seat,
    random,
    genesis,
    records,
    guard: new Guard(committee, seat, records),
    outbox: new Outbox(committee, seat),
    log: new VoteLog(committee),
    batches: new Batches(records),
    execution: new Execution(application),
    checkpoints,
    views: new Views(committee, checkpoints.stable),
    patience: new Patience(now),
    pending: new Pending(),
    own: new OwnRequests(seatKey(committee, seat), records),
    wanted: new Wanted(committee.seats.length, seat),
    transfer: new Transfer(),
    prepared: new Map(),
    accused: new Set(),
    planNewView,
    lastProposed: 0,
    now,
    isQuorumReachable: true,
    isHalted: false,
  };
}

/** The key of a seat that exists. */
export function seatKey(committee: Committee, seat: number): PeerId {
  return committee.seats[seat] ?? ('' as PeerId);
}

export function isPrimary({ committee, seat, views }: Parts): boolean {
  return primaryOf(committee, views.view) === seat;
}

/**
 * Has the guard sign `statement` once it and `writes` are durable. What was signed before is not signed again; what the guard refuses never
 * leaves, and is told. `writes` are made in any case.
 */
export function say(
  { guard, outbox }: Parts,
  statement: GuardedStatement,
  writes: readonly Write[] = [],
): void {
  const verdict = guard.ask(statement);
  if (verdict.kind === 'sign') {
    outbox.push({ writes: [...writes, ...verdict.writes], speech: { kind: 'statement', statement } });
    return;
  }
  outbox.push({ writes });
  if (verdict.kind === 'refused')
    outbox.effect({ kind: 'emit', event: { type: 'notSigned', statement, code: verdict.code } });
}

/** Asks for something by its hash, first of `seat`, which is likely to have it. */
export function want(parts: Parts, fetch: Fetch, seat: number): void {
  const asked = parts.wanted.add(fetch, seat);
  if (asked !== undefined) ask(parts, fetch, asked);
}

export function ask({ outbox }: Parts, fetch: Fetch, seat: number): void {
  outbox.speakNow({ kind: 'statement', statement: { kind: 'fetch', ...fetch }, to: seat });
}
