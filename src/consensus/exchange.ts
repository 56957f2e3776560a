/**
 * Retransmission. Every second or so each seat says where it stands, and whoever has what it lacks sends it: own messages and those of others,
 * so that two who are never there together can still hear each other. Nothing depends on any other message having arrived.
 */
import type { PeerId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/machine.ts';
import { primaryOf } from './committee.ts';
import {
  MAX_ANSWERS,
  MAX_ASKERS,
  MAX_BATCH_REQUESTS,
  MAX_LINKS,
  MAX_RESENT,
  MAX_RESENT_DECISIONS,
  MAX_RESENT_LINKS,
  MAX_WINDOW,
  STATUS_MS,
} from './limits.ts';
import type { Snapshot } from './execution.ts';
import type { ConsensusMessage } from './messages.ts';
import { commitReady, orderAll } from './ordering.ts';
import { ask, isOver, seatKey, want, type Parts } from './parts.ts';
import { ALL_SEATS, type Fetch, type SlotStatus, type Status } from './questions.ts';
import type { Signed } from './statements.ts';

/** Who was answered how often lately. */
export class Answers {
  readonly #given = new Map<PeerId, { since: Instant; count: number }>();

  /** Whether `asker` may be answered once more: a relay that repeats old questions must not make us flood anybody, nor many keys of one peer us. */
  allow(asker: PeerId, now: Instant): boolean {
    const given = this.#given.get(asker);
    if (given !== undefined && now - given.since < STATUS_MS / 2) {
      given.count += 1;
      return given.count <= MAX_ANSWERS;
    }
    if (given === undefined && this.#given.size >= MAX_ASKERS) {
      for (const [key, { since }] of [...this.#given])
        if (now - since >= STATUS_MS / 2) this.#given.delete(key);
      if (this.#given.size >= MAX_ASKERS) return false;
    }
    this.#given.set(asker, { since: now, count: 1 });
    return true;
  }
}

/** Where we stand. Whoever is on its way to a later epoch says that one, so that it is told what comes after. */
export function statusOf(parts: Parts): Status {
  const { chain, checkpoints, closing, committee, execution, log, prepared, views } = parts;
  const { epoch } = chain.tip.committee;
  // Whoever is behind by more epochs than one message holds has to say how far it has come, or it gets the first of them for ever.
  if (epoch > committee.epoch) {
    const place = { executed: execution.executed, stable: checkpoints.stable.seq };
    return { epoch, turn: parts.turn, view: 0, isActive: true, ...place, changes: 0, closes: 0, slots: [] };
  }
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
    epoch,
    turn: parts.turn,
    view,
    isActive,
    executed: execution.executed,
    stable: checkpoints.stable.seq,
    changes,
    closes: closing.seats(),
    slots: slots.slice(0, MAX_WINDOW),
  };
}

/** Says again what may have been lost on our side, and asks again for what is missing. */
export function repeat(parts: Parts): void {
  const { checkpoints, committee, execution, own, pending, self, transfer, views, wanted } = parts;
  if (execution.admits(self))
    for (const request of own.outstanding()) broadcast(parts, { kind: 'request', request });
  pending.drop(({ client }) => !execution.admits(client));
  const primary = primaryOf(committee, views.view);
  if (primary !== parts.seat)
    for (const request of pending.toHandOn(
      views.view,
      parts.now,
      patienceOf(parts, primary),
      MAX_BATCH_REQUESTS,
    ))
      if (request.client !== self) send(parts, seatKey(committee, primary), { kind: 'request', request });
  if (!isOver(parts)) {
    const { ahead } = checkpoints;
    if (ahead !== undefined && !transfer.hasMoved()) transfer.begin(ahead);
    if (transfer.target !== undefined && transfer.target.seq <= execution.executed) transfer.end();
  }
  for (const [helper, fetch] of wanted.again((each) => isNeeded(parts, each))) ask(parts, fetch, helper);
  fetchState(parts);
  orderAll(parts);
  commitReady(parts);
  tellStatus(parts, undefined);
}

/**
 * How long a request of others waits here before we hand it to the primary: f + 1 seats do so first, of which one is honest, and everybody else later, if that
 * did not help.
 */
function patienceOf({ committee, seat }: Parts, primary: number): number {
  if (seat === undefined) return 3 * STATUS_MS;
  const distance = (seat - primary + committee.keys.length) % committee.keys.length;
  return distance <= committee.faults + 1 ? STATUS_MS : 2 * STATUS_MS;
}

/** Says where we stand, to all or to one peer. */
export function tellStatus(parts: Parts, to: PeerId | undefined): void {
  parts.turn += 1;
  parts.outbox.speakNow({ kind: 'question', question: { kind: 'status', ...statusOf(parts) }, to });
}

/** Asks for what the state lacks. */
export function fetchState(parts: Parts): void {
  const { committee, transfer } = parts;
  const [likely] = transfer.target?.signatures ?? [];
  const missing = transfer.missing();
  for (const fetch of missing)
    want(parts, fetch, isOver(parts) ? undefined : seatKey(committee, likely?.seat));
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

/** Sends to `asker` what its status says it lacks and we have. */
export function answerStatus(parts: Parts, asker: PeerId, status: Status): void {
  const { chain, committee } = parts;
  const { tip } = chain;
  const messages: ConsensusMessage[] = [];
  // What an owner's new beginning carries over nobody but the owner's tab may have, which need not have a seat.
  if (isBehind(parts) && status.epoch === tip.committee.epoch && status.executed >= tip.committee.start)
    parts.wanted.askToo(asker);
  const ends = Math.min(chain.tip.committee.epoch, status.epoch + MAX_RESENT_LINKS);
  for (let epoch = status.epoch + 1; epoch <= ends; epoch += MAX_LINKS)
    messages.push({ kind: 'links', links: chain.links(epoch, Math.min(MAX_LINKS, ends + 1 - epoch)) });
  if (status.epoch < committee.epoch) messages.push(...stableFor(parts, committee.start));
  if (status.epoch === committee.epoch)
    messages.push(
      ...closesFor(parts, status),
      ...decisionsFor(parts, status),
      ...checkpointsFor(parts, status),
      ...viewsFor(parts, status),
      ...votesFor(parts, status),
    );
  for (const message of messages.slice(0, MAX_RESENT)) send(parts, asker, message);
}

/** Whether we are on our way to a later epoch. */
function isBehind({ chain, committee }: Parts): boolean {
  return chain.tip.committee.epoch > committee.epoch;
}

function closesFor(parts: Parts, status: Status): ConsensusMessage[] {
  return parts.closing
    .all()
    .filter(({ seat }) => !hasSeat(status.closes, seat))
    .map((signed) => spoken(parts, signed));
}

/** Decisions behind what somebody executed, as long as they are kept one by one. */
export function decisionsFor(
  { batches, checkpoints, committee, execution }: Parts,
  status: Pick<Status, 'executed'>,
): ConsensusMessage[] {
  const messages: ConsensusMessage[] = [];
  const from = Math.max(status.executed, checkpoints.stable.seq);
  for (let seq = from + 1; seq <= execution.executed; seq++) {
    if (messages.length >= MAX_RESENT_DECISIONS) break;
    const certificate = execution.decidedAt(seq);
    const batch = certificate === undefined ? undefined : batches.get(certificate.digest);
    if (certificate !== undefined && batch !== undefined)
      messages.push({ kind: 'decided', epoch: committee.epoch, certificate, batch });
  }
  return messages;
}

function checkpointsFor(parts: Parts, status: Status): ConsensusMessage[] {
  const votes = parts.checkpoints.votesAbove(status.stable).map((signed) => spoken(parts, signed));
  return [...stableFor(parts, status.stable), ...votes];
}

/** Our stable checkpoint, if it is above `seq`. */
export function stableFor({ checkpoints, committee }: Parts, seq: number): ConsensusMessage[] {
  const { stable } = checkpoints;
  return stable.seq > seq ? [{ kind: 'stable', epoch: committee.epoch, certificate: stable }] : [];
}

function viewsFor(parts: Parts, status: Status): ConsensusMessage[] {
  const { views } = parts;
  const { entered } = views;
  const isBehind = status.view < views.view || (status.view === views.view && !status.isActive);
  if (isBehind && views.isActive && entered !== undefined) return [spoken(parts, entered)];
  return views
    .changesFrom(status.isActive ? status.view + 1 : status.view)
    .filter(({ seat }) => !hasSeat(status.changes, seat))
    .map((signed) => spoken(parts, signed));
}

function votesFor(parts: Parts, status: Status): ConsensusMessage[] {
  const { log, views } = parts;
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
    ].map((signed) => spoken(parts, signed));
  });
}

/** Sends to `asker` what it asks for by its hash, if it is here. */
export function answerFetch(parts: Parts, asker: PeerId, { what, digest }: Fetch): void {
  const message = find(parts, what, digest);
  if (message !== undefined) send(parts, asker, message);
}

function find(parts: Parts, what: Fetch['what'], digest: Fetch['digest']): ConsensusMessage | undefined {
  switch (what) {
    case 'batch': {
      const batch = parts.batches.get(digest);
      return batch === undefined ? undefined : { kind: 'batch', batch };
    }
    case 'viewChange': {
      const change = parts.views.changeOf(digest);
      return change === undefined ? undefined : spoken(parts, change);
    }
    case 'manifest': {
      for (const snapshot of snapshotsOf(parts))
        if (snapshot.digest === digest) return { kind: 'manifest', manifest: snapshot.manifest };
      return undefined;
    }
    case 'piece': {
      for (const { manifest, pieces } of snapshotsOf(parts)) {
        const bytes = pieces[manifest.pieces.indexOf(digest)];
        if (bytes !== undefined) return { kind: 'piece', bytes };
      }
      return undefined;
    }
  }
}

/** Snapshots that may be asked for; the one that ends our epoch is what the next begins with. */
function snapshotsOf({ checkpoints, ending }: Parts): Snapshot[] {
  return [...checkpoints.snapshots(), ...(ending === undefined ? [] : [ending.snapshot])];
}

/** A statement of this epoch as a message of its own. */
export function spoken({ committee: { epoch } }: Parts, signed: Signed): ConsensusMessage {
  return { kind: 'statement', epoch, signed, batch: undefined };
}

export function broadcast({ outbox }: Parts, message: ConsensusMessage): void {
  outbox.effect({ kind: 'emit', event: { type: 'broadcast', message } });
}

export function send({ outbox, self }: Parts, to: PeerId | undefined, message: ConsensusMessage): void {
  if (to !== undefined && to !== self) outbox.effect({ kind: 'send', to, message, lane: 'control' });
}

function hasSeat(bits: number, seat: number): boolean {
  return ((bits >>> seat) & 1) === 1;
}
