/**
 * The normal case (Castro and Liskov, section 4.2): pre-prepare, prepare, commit. Nothing here reacts to a message as such: each sequence
 * number is looked at anew whenever something about it may have changed, so the order in which votes come makes no difference.
 */
import type { Hash } from '../kernel/ids.ts';
import { primaryOf } from './committee.ts';
import { PIPELINE } from './limits.ts';
import { isPrimary, say, want, type Parts } from './parts.ts';
import { recordName } from './records.ts';
import { hashBatch, hashRequest, NULL_BATCH } from './requests.ts';
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
  if (parts.isHalted) return;
  const { log, views } = parts;
  const proposal = views.isActive ? log.proposalAt(views.view, seq) : undefined;
  if (proposal !== undefined && isWithinWatermarks(parts, seq)) accept(parts, seq, proposal.digest);
  const decided = log.decided(seq);
  if (decided !== undefined) decide(parts, decided);
}

function accept(parts: Parts, seq: number, digest: Hash): void {
  const { batches, execution, guard, log, prepared, records, views } = parts;
  const { view } = views;
  // With the certificate came the commit: there is nothing left to say here.
  if ((prepared.get(seq)?.view ?? -1) >= view || !isAcceptable(parts, seq, digest)) return;
  const voted = guard.votedFor(view, seq);
  // After a crash the log may hear of another proposal than the one that we voted for.
  if ((voted ?? digest) !== digest) return;
  // Never votes against what is known to be decided, whatever a new view says.
  if ((execution.decidedAt(seq)?.digest ?? digest) !== digest) return;
  const requests = batches.get(digest);
  if (requests === undefined) {
    want(parts, { what: 'batch', digest }, primaryOf(parts.committee, view));
    return;
  }
  if (voted === undefined && !isPrimary(parts))
    say(parts, { kind: 'prepare', view, seq, digest }, batches.put(seq, digest, requests));
  const certificate = log.prepared(view, seq);
  if (certificate === undefined) return;
  prepared.set(seq, certificate);
  const write = records.put(recordName.prepared(seq), { kind: 'prepared', ...certificate });
  say(parts, { kind: 'commit', view, seq, digest }, [write]);
}

/** What a new view begins with is known to all; nothing else is taken in its place, and an empty batch in no other. */
function isAcceptable({ views }: Parts, seq: number, digest: Hash): boolean {
  const { order: planned, end } = views.plan;
  return seq <= end ? planned.get(seq) === digest : digest !== NULL_BATCH;
}

/** As primary: proposes what waits, so many batches at a time, so that requests gather into batches when more come than go. */
export function propose(parts: Parts): void {
  const { batches, checkpoints, committee, execution, pending, views } = parts;
  if (parts.isHalted || !views.isActive || !isPrimary(parts)) return;
  const high = checkpoints.stable.seq + committee.window;
  for (;;) {
    const seq = Math.max(parts.lastProposed, checkpoints.stable.seq, execution.executed) + 1;
    if (seq > Math.min(high, execution.executed + PIPELINE)) return;
    const requests = pending.take(views.view);
    if (requests.length === 0) return;
    parts.lastProposed = seq;
    const digest = hashBatch(requests.map(hashRequest));
    const writes = batches.put(seq, digest, requests);
    say(parts, { kind: 'prePrepare', view: views.view, seq, digest }, writes);
  }
}
