/**
 * Retransmission. Every second or so each seat says where it stands, and whoever has what it lacks sends it: own messages and those of others,
 * so that two who are never there together can still hear each other. Nothing depends on any other message having arrived.
 */
import type { Instant } from '../kernel/machine.ts';
import { primaryOf } from './committee.ts';
import {
  MAX_ANSWERS,
  MAX_BATCH_REQUESTS,
  MAX_RESENT,
  MAX_RESENT_DECISIONS,
  MAX_WINDOW,
  STATUS_MS,
} from './limits.ts';
import type { ConsensusMessage } from './messages.ts';
import { orderAll } from './ordering.ts';
import { ask, seatKey, want, type Parts } from './parts.ts';
import { ALL_SEATS, type Fetch, type Signed, type SlotStatus, type Status } from './statements.ts';

/** Who was answered how often lately. */
export class Answers {
  readonly #given = new Map<number, { since: Instant; count: number }>();

  /** Whether `seat` may be answered once more: a relay that repeats old questions must not make us flood anybody. */
  allow(seat: number, now: Instant): boolean {
    const given = this.#given.get(seat);
    if (given === undefined || now - given.since >= STATUS_MS / 2) {
      this.#given.set(seat, { since: now, count: 1 });
      return true;
    }
    given.count += 1;
    return given.count <= MAX_ANSWERS;
  }
}

/** Where we stand. */
export function statusOf(parts: Parts): Status {
  const { checkpoints, execution, log, prepared, views } = parts;
  const { view, isActive } = views;
  const slots = log.seqs().flatMap((seq): SlotStatus[] => {
    if (seq <= execution.executed || execution.decidedAt(seq) !== undefined) return [];
    const hasProposal = log.proposalAt(view, seq) !== undefined;
    return [
      {
        seq,
        hasProposal,
        // With a certificate there is no use for further prepares.
        prepares: prepared.get(seq)?.view === view ? ALL_SEATS : log.seatsOf('prepare', view, seq),
        commits: log.seatsOf('commit', view, seq),
      },
    ];
  });
  let changes = 0;
  for (const { seat } of views.changesFrom(isActive ? view + 1 : view)) changes |= 1 << seat;
  return {
    view,
    isActive,
    executed: execution.executed,
    stable: checkpoints.stable.seq,
    changes,
    slots: slots.slice(0, MAX_WINDOW),
  };
}

/** Says again what may have been lost on our side, and asks again for what is missing. */
export function repeat(parts: Parts): void {
  const { checkpoints, committee, execution, outbox, own, pending, transfer, views, wanted } = parts;
  for (const request of own.outstanding()) broadcast(parts, { kind: 'request', request });
  const primary = primaryOf(committee, views.view);
  if (primary !== parts.seat)
    for (const request of pending.olderThan(STATUS_MS, parts.now, MAX_BATCH_REQUESTS))
      if (request.client !== seatKey(committee, parts.seat))
        send(parts, primary, { kind: 'request', request });
  const { ahead } = checkpoints;
  if (ahead !== undefined && !transfer.hasMoved()) transfer.begin(ahead);
  if (transfer.target !== undefined && transfer.target.seq <= execution.executed) transfer.end();
  for (const [seat, fetch] of wanted.again((each) => isNeeded(parts, each))) ask(parts, fetch, seat);
  fetchState(parts);
  orderAll(parts);
  outbox.speakNow({ kind: 'statement', statement: { kind: 'status', ...statusOf(parts) } });
}

/** Asks for what the state lacks. */
export function fetchState(parts: Parts): void {
  const [likely] = parts.transfer.target?.signatures ?? [];
  for (const fetch of parts.transfer.missing()) want(parts, fetch, likely?.seat ?? 0);
}

function isNeeded({ batches, transfer, views }: Parts, { what, digest }: Fetch): boolean {
  switch (what) {
    case 'batch':
      return batches.get(digest) === undefined;
    case 'viewChange':
      return (
        views.changeOf(digest) === undefined &&
        views.waiting().some(({ statement }) => statement.changes.some(({ change }) => change === digest))
      );
    case 'manifest':
    case 'piece':
      return transfer.missing().some((fetch) => fetch.digest === digest);
  }
}

/** Sends to `seat` what its status says it lacks and we have. */
export function answerStatus(parts: Parts, seat: number, status: Status): void {
  const messages = [
    ...decisionsFor(parts, status),
    ...checkpointsFor(parts, status),
    ...viewsFor(parts, status),
    ...votesFor(parts, status),
  ];
  for (const message of messages.slice(0, MAX_RESENT)) send(parts, seat, message);
}

function decisionsFor({ batches, checkpoints, execution }: Parts, status: Status): ConsensusMessage[] {
  const messages: ConsensusMessage[] = [];
  const from = Math.max(status.executed, checkpoints.stable.seq);
  for (let seq = from + 1; seq <= execution.executed; seq++) {
    if (messages.length >= MAX_RESENT_DECISIONS) break;
    const certificate = execution.decidedAt(seq);
    const requests = certificate === undefined ? undefined : batches.get(certificate.digest);
    if (certificate !== undefined && requests !== undefined)
      messages.push({ kind: 'decided', certificate, requests });
  }
  return messages;
}

function checkpointsFor({ checkpoints }: Parts, status: Status): ConsensusMessage[] {
  const { stable } = checkpoints;
  const votes = checkpoints.votesAbove(status.stable).map(spoken);
  return stable.seq > status.stable ? [{ kind: 'stable', certificate: stable }, ...votes] : votes;
}

function viewsFor({ views }: Parts, status: Status): ConsensusMessage[] {
  const { entered } = views;
  const isBehind = status.view < views.view || (status.view === views.view && !status.isActive);
  if (isBehind && views.isActive && entered !== undefined) return [spoken(entered)];
  return views
    .changesFrom(status.isActive ? status.view + 1 : status.view)
    .filter(({ seat }) => !hasSeat(status.changes, seat))
    .map(spoken);
}

function votesFor({ log, views }: Parts, status: Status): ConsensusMessage[] {
  if (status.view !== views.view) return [];
  const known = new Map(status.slots.map((slot) => [slot.seq, slot]));
  return log.seqs().flatMap((seq) => {
    if (seq <= status.executed) return [];
    const has = known.get(seq);
    const proposals = has?.hasProposal === true ? [] : log.votesOf('prePrepare', status.view, seq);
    const prepares = log.votesOf('prepare', status.view, seq);
    const commits = log.votesOf('commit', status.view, seq);
    return [
      ...proposals,
      ...prepares.filter((vote) => !hasSeat(has?.prepares ?? 0, vote.seat)),
      ...commits.filter((vote) => !hasSeat(has?.commits ?? 0, vote.seat)),
    ].map(spoken);
  });
}

/** Sends to `seat` what it asks for by its hash, if it is here. */
export function answerFetch(parts: Parts, seat: number, { what, digest }: Fetch): void {
  const message = find(parts, what, digest);
  if (message !== undefined) send(parts, seat, message);
}

function find(parts: Parts, what: Fetch['what'], digest: Fetch['digest']): ConsensusMessage | undefined {
  switch (what) {
    case 'batch': {
      const requests = parts.batches.get(digest);
      return requests === undefined ? undefined : { kind: 'batch', requests };
    }
    case 'viewChange': {
      const change = parts.views.changeOf(digest);
      return change === undefined ? undefined : spoken(change);
    }
    case 'manifest': {
      for (const snapshot of parts.checkpoints.snapshots())
        if (snapshot.digest === digest) return { kind: 'manifest', manifest: snapshot.manifest };
      return undefined;
    }
    case 'piece': {
      for (const { manifest, pieces } of parts.checkpoints.snapshots()) {
        const bytes = pieces[manifest.pieces.indexOf(digest)];
        if (bytes !== undefined) return { kind: 'piece', bytes };
      }
      return undefined;
    }
  }
}

/** A statement as a message of its own. */
export function spoken(signed: Signed): ConsensusMessage {
  return { kind: 'statement', signed, requests: undefined };
}

export function broadcast({ outbox }: Parts, message: ConsensusMessage): void {
  outbox.effect({ kind: 'emit', event: { type: 'broadcast', message } });
}

export function send({ committee, outbox }: Parts, seat: number, message: ConsensusMessage): void {
  outbox.effect({ kind: 'send', to: seatKey(committee, seat), message, lane: 'control' });
}

function hasSeat(bits: number, seat: number): boolean {
  return ((bits >>> seat) & 1) === 1;
}
