/**
 * The normal case (Castro and Liskov, section 4.2): pre-prepare, prepare, commit. Nothing here reacts to a message as such: each sequence
 * number is looked at anew whenever something about it may have changed, so the order in which votes come makes no difference.
 */
import type { Hash } from '../kernel/ids.ts';
import { primaryOf } from './committee.ts';
import { EAGER_PIPELINE, MAX_CLOCK_AHEAD_MS, MAX_CLOCK_BEHIND_MS, PIPELINE } from './limits.ts';
import { isOver, isPrimary, say, seatKey, want, type Parts } from './parts.ts';
import { recordName } from './records.ts';
import { hashBatch, NULL_BATCH, type Batch } from './requests.ts';
import { decide } from './settling.ts';

/** Whether votes at `seq` are kept: between the watermarks, or one window above them, where others may be ahead of us. */
export function isKept({ checkpoints, committee }: Parts, seq: number): boolean {
  return seq > checkpoints.stable.seq && seq <= checkpoints.stable.seq + 2 * committee.window;
}

/** Whether we vote at `seq`: h < n <= H. */
function isWithinWatermarks({ checkpoints, committee }: Parts, seq: number): boolean {
  return seq > checkpoints.stable.seq && seq <= checkpoints.stable.seq + committee.window;
}

/** Looks at every sequence number of which anything is held. */
export function orderAll(parts: Parts): void {
  for (const seq of parts.log.seqs()) order(parts, seq);
}

/** Votes at `seq` as far as can be, and notices a decision. */
export function order(parts: Parts, seq: number): void {
  if (parts.isHalted || isOver(parts)) return;
  const { log, seat, views } = parts;
  const proposal = views.isActive ? log.proposalAt(views.view, seq) : undefined;
  if (seat !== undefined && proposal !== undefined && isWithinWatermarks(parts, seq))
    accept(parts, seq, proposal.digest);
  const decided = log.decided(seq);
  if (decided !== undefined) decide(parts, decided);
}

function accept(parts: Parts, seq: number, digest: Hash): void {
  const { batches, committee, execution, guard, log, outbox, prepared, records, views } = parts;
  const { view } = views;
  // With the certificate comes the commit, now or in its turn: there is nothing left to say here.
  if ((prepared.get(seq)?.view ?? -1) >= view || !isAcceptable(parts, seq, digest)) return;
  const voted = guard.votedFor(view, seq);
  // After a crash the log may hear of another proposal than the one that we voted for.
  if ((voted ?? digest) !== digest) return;
  // Never votes against what is known to be decided, whatever a new view says.
  if ((execution.decidedAt(seq)?.digest ?? digest) !== digest) return;
  const batch = batches.get(digest);
  if (batch === undefined) {
    want(parts, { what: 'batch', digest }, seatKey(committee, primaryOf(committee, view)));
    return;
  }
  if (voted === undefined && !isTimely(parts, seq, digest, batch)) return;
  if (voted === undefined && !isPrimary(parts))
    say(parts, { kind: 'prepare', view, seq, digest }, batches.put(seq, digest, batch));
  const certificate = log.prepared(view, seq);
  if (certificate === undefined) return;
  prepared.set(seq, certificate);
  outbox.push({ writes: [records.put(recordName.prepared(seq), { kind: 'prepared', ...certificate })] });
  if (seq <= execution.executed) say(parts, { kind: 'commit', view, seq, digest });
  else commitReady(parts);
}

/**
 * Commits what is prepared in the present view, in order, and nothing behind a batch that may end the epoch before that is executed. So a
 * place is only ever decided when everything before it can no longer change, and no decision lies behind the end of its epoch.
 */
export function commitReady(parts: Parts): void {
  const { batches, execution, prepared, views } = parts;
  const { view } = views;
  if (!views.isActive || isOver(parts) || parts.isHalted) return;
  for (let seq = execution.executed + 1; ; seq++) {
    const certificate = prepared.get(seq);
    if (certificate?.view !== view) return;
    say(parts, { kind: 'commit', view, seq, digest: certificate.digest });
    const batch = batches.get(certificate.digest);
    if (batch === undefined || execution.mayReseat(batch)) return;
  }
}

/**
 * Whether a fresh proposal's time is close enough to our clock, or an honest seat found it so: f + 1 voted for it. What a new view begins
 * with was judged when it was fresh. Old proposals are only refused while a quorum was reachable all the time, since seats that are never
 * there together take their time.
 */
function isTimely(parts: Parts, seq: number, digest: Hash, batch: Batch): boolean {
  const { clock, committee, execution, log, now, reach, views } = parts;
  const time = clock.time(now);
  if (seq <= views.plan.end || time === undefined || isPrimary(parts)) return true;
  const isAhead = batch.time > time + MAX_CLOCK_AHEAD_MS;
  const agreed = Math.max(batch.time, execution.time);
  const isBehind = agreed < time - MAX_CLOCK_BEHIND_MS && reach.forMs(now) >= MAX_CLOCK_BEHIND_MS;
  if (!isAhead && !isBehind) return true;
  return log.supporters(views.view, seq, digest) >= committee.weakQuorum;
}

/** What a new view begins with is known to all; nothing else is taken in its place, and an empty batch in no other. */
function isAcceptable({ views }: Parts, seq: number, digest: Hash): boolean {
  const { order: planned, end } = views.plan;
  return seq <= end ? planned.get(seq) === digest : digest !== NULL_BATCH;
}

/**
 * As primary: proposes what waits, so many batches at a time, so that requests gather into batches when more come than go. Nothing waits for a batch to be full
 * unless others are under way, and whatever comes of those, requests go out then.
 */
export function propose(parts: Parts): void {
  const { batches, checkpoints, clock, committee, execution, now, pending, views } = parts;
  if (parts.isHalted || isOver(parts) || !views.isActive || !isPrimary(parts)) return;
  const high = checkpoints.stable.seq + committee.window;
  for (;;) {
    const seq = Math.max(parts.lastProposed, checkpoints.stable.seq, execution.executed) + 1;
    if (seq > Math.min(high, execution.executed + PIPELINE) || parts.lastBarrier > execution.executed) return;
    if (seq > execution.executed + EAGER_PIPELINE && !pending.isFull(views.view)) return;
    const requests = pending.take(views.view);
    if (requests.length === 0) return;
    parts.lastProposed = seq;
    const batch = { time: Math.max(clock.time(now) ?? 0, execution.time), requests };
    if (execution.mayReseat(batch)) parts.lastBarrier = seq;
    const digest = hashBatch(batch);
    const writes = batches.put(seq, digest, batch);
    say(parts, { kind: 'prePrepare', view: views.view, seq, digest }, writes);
  }
}
