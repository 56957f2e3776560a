/** From decisions to the state, and from equal states to a stable checkpoint that takes the place of what led to it. */
import type { Write } from '../kernel/machine.ts';
import { isCheckpoint } from './certificates.ts';
import { isSameSeating, successorOf, type Seating } from './committee.ts';
import type { HaltReason } from './events.ts';
import type { Snapshot } from './execution.ts';
import { isOver, say, seatKey, want, type Parts } from './parts.ts';
import { recordName } from './records.ts';
import { requestKey } from './requests.ts';
import type { DecidedCertificate, StableCertificate } from './statements.ts';

/** Takes in that a quorum committed a batch, and executes what can be. */
export function decide(parts: Parts, certificate: DecidedCertificate): void {
  const { checkpoints, committee, execution } = parts;
  const { seq } = certificate;
  if (seq <= checkpoints.stable.seq || seq > checkpoints.stable.seq + 2 * committee.window) return;
  if (parts.ending !== undefined) return;
  const outcome = execution.decide(certificate);
  if (outcome === 'conflict') halt(parts, 'twoDecisions');
  if (outcome === 'new') execute(parts);
}

/** Executes decisions in their order as long as their batches are here. */
export function execute(parts: Parts): void {
  const { batches, committee, execution, foreignVotes, outbox, pending, own, patience, records, views } =
    parts;
  for (;;) {
    const seq = execution.executed + 1;
    const certificate = execution.decidedAt(seq);
    if (certificate === undefined || parts.isHalted || parts.ending !== undefined) return;
    const batch = batches.get(certificate.digest);
    if (batch === undefined) {
      const [likely] = certificate.signatures;
      want(parts, { what: 'batch', digest: certificate.digest }, seatKey(committee, likely?.seat));
      return;
    }
    const { executed, seating } = execution.run(batch);
    const over = new Set(batch.requests.map(requestKey));
    pending.drop((request) => over.has(requestKey(request)) || execution.clients.has(request));
    if (executed.length > 0 && views.isActive && certificate.view === views.view) patience.satisfied();
    const writes = [
      ...batches.put(seq, certificate.digest, batch),
      records.put(recordName.decided(seq), { kind: 'decided', ...certificate }),
      ...own.drop((request) => execution.clients.has(request)),
      ...foreignVotes.forget(seq),
    ];
    outbox.push({ writes, event: { type: 'decided', epoch: committee.epoch, certificate, batch, executed } });
    if (seating !== undefined) endEpoch(parts, seq, seating);
    takeSnapshot(parts, seq);
  }
}

/**
 * What was executed at `seq` changed who sits: here the epoch ends, and its seats certify who follows. A seating that cannot be changes nothing,
 * here as everywhere.
 */
function endEpoch(parts: Parts, seq: number, seating: Seating): void {
  const { committee, execution, pending } = parts;
  if (isSameSeating(committee, seating)) return;
  const next = successorOf(committee, seating, seq);
  if (!next.ok) return;
  execution.seated(next.value);
  const snapshot = execution.snapshot();
  parts.ending = { committee: next.value, snapshot };
  pending.begin();
  say(parts, { kind: 'close', seq, digest: snapshot.digest, next: next.value.digest });
}

function takeSnapshot(parts: Parts, seq: number): void {
  if (!isCheckpoint(parts.committee, seq) || parts.ending !== undefined) return;
  const snapshot = parts.execution.snapshot();
  parts.checkpoints.keep(seq, snapshot);
  say(parts, { kind: 'checkpoint', seq, digest: snapshot.digest });
  settle(parts);
}

/** Looks whether a quorum agrees on a newer state; if ours is that state, it becomes the stable checkpoint. */
export function settle(parts: Parts): void {
  const { checkpoints } = parts;
  for (const certificate of [checkpoints.certified(), checkpoints.ahead])
    if (certificate !== undefined) learnStable(parts, certificate);
}

/** Takes in a checkpoint that a quorum certified. */
export function learnStable(parts: Parts, certificate: StableCertificate): void {
  const { checkpoints, execution } = parts;
  if (certificate.seq <= checkpoints.stable.seq || parts.isHalted || isOver(parts)) return;
  if (certificate.seq > execution.executed) {
    checkpoints.lag(certificate);
    return;
  }
  const snapshot = checkpoints.snapshotAt(certificate.seq);
  if (snapshot === undefined) return;
  if (snapshot.digest === certificate.digest) makeStable(parts, certificate, snapshot);
  else halt(parts, 'otherState');
}

/** Replaces everything up to the checkpoint by it: here, in the guard, and on disk in one write. */
export function makeStable(parts: Parts, certificate: StableCertificate, snapshot: Snapshot): void {
  const { batches, checkpoints, execution, foreignVotes, guard, log, outbox, prepared, records } = parts;
  const { seq } = certificate;
  const pieces = snapshot.pieces.map((bytes, index) =>
    records.put(recordName.piece(seq, index), { kind: 'piece', seq, index, bytes }),
  );
  const stable = records.put(recordName.stable, {
    kind: 'stable',
    certificate,
    manifest: snapshot.manifest,
  });
  const before = checkpoints.stable.seq;
  const old = checkpoints.snapshotAt(before)?.pieces ?? [];
  const writes: Write[] = [...pieces, stable];
  checkpoints.settle(certificate);
  writes.push(...old.map((_, index) => records.remove(recordName.piece(before, index))));
  writes.push(...guard.settle(seq), ...batches.forget(seq), ...foreignVotes.forget(seq));
  writes.push(...execution.forget(seq).map((each) => records.remove(recordName.decided(each))));
  for (const each of [...prepared.keys()].filter((at) => at <= seq)) {
    prepared.delete(each);
    writes.push(records.remove(recordName.prepared(each)));
  }
  log.forget(seq);
  outbox.push({ writes });
}

/** Takes over the state that was fetched, once all of it is here. */
export function takeOver(parts: Parts): void {
  const { checkpoints, execution, own, outbox, patience, pending, transfer } = parts;
  const certificate = transfer.target;
  // What the next epoch begins with is taken over as it begins (succession.ts).
  if (certificate === undefined || isOver(parts)) return;
  if (certificate.seq <= execution.executed) {
    transfer.end();
    return;
  }
  const snapshot = transfer.complete();
  if (snapshot === undefined) return;
  transfer.end();
  if (!execution.restore(snapshot)) {
    halt(parts, 'otherState');
    return;
  }
  checkpoints.keep(certificate.seq, snapshot);
  makeStable(parts, certificate, snapshot);
  pending.drop((request) => execution.clients.has(request));
  // What still waits was not seen to wait while we did not know the state: the primary gets its time for it from now on.
  patience.begin(parts.now);
  const writes = own.drop((request) => execution.clients.has(request));
  outbox.push({ writes, event: { type: 'caughtUp', seq: certificate.seq } });
  execute(parts);
}

/** What can only happen when more seats lie than the committee can bear, or the application differs: nothing more is signed. */
export function halt(parts: Parts, reason: HaltReason): void {
  if (parts.isHalted) return;
  parts.isHalted = true;
  parts.outbox.effect({ kind: 'emit', event: { type: 'halted', reason } });
}
