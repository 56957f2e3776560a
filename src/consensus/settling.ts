/** From decisions to the state, and from equal states to a stable checkpoint that takes the place of what led to it. */
import type { Write } from '../kernel/machine.ts';
import type { HaltReason } from './events.ts';
import type { Snapshot } from './execution.ts';
import { say, want, type Parts } from './parts.ts';
import { recordName } from './records.ts';
import type { DecidedCertificate, StableCertificate } from './statements.ts';

/** Takes in that a quorum committed a batch, and executes what can be. */
export function decide(parts: Parts, certificate: DecidedCertificate): void {
  const { checkpoints, committee, execution } = parts;
  const { seq } = certificate;
  if (seq <= checkpoints.stable.seq || seq > checkpoints.stable.seq + 2 * committee.window) return;
  const outcome = execution.decide(certificate);
  if (outcome === 'conflict') halt(parts, 'twoDecisions');
  if (outcome === 'new') execute(parts);
}

/** Executes decisions in their order as long as their batches are here. */
export function execute(parts: Parts): void {
  const { batches, execution, outbox, pending, own, patience, records, views } = parts;
  for (;;) {
    const seq = execution.executed + 1;
    const certificate = execution.decidedAt(seq);
    if (certificate === undefined || parts.isHalted) return;
    const requests = batches.get(certificate.digest);
    if (requests === undefined) {
      const [likely] = certificate.signatures;
      want(parts, { what: 'batch', digest: certificate.digest }, likely?.seat ?? 0);
      return;
    }
    const executed = execution.run(requests);
    pending.drop((request) => execution.clients.has(request));
    if (executed.length > 0 && views.isActive && certificate.view === views.view) patience.satisfied();
    const writes = [
      ...batches.put(seq, certificate.digest, requests),
      records.put(recordName.decided(seq), { kind: 'decided', ...certificate }),
      ...own.drop((request) => execution.clients.has(request)),
    ];
    outbox.push({ writes, event: { type: 'decided', certificate, requests, executed } });
    takeSnapshot(parts, seq);
  }
}

function takeSnapshot(parts: Parts, seq: number): void {
  if (seq % parts.committee.checkpointEvery !== 0) return;
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
  if (certificate.seq <= checkpoints.stable.seq || parts.isHalted) return;
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
  const { batches, checkpoints, execution, guard, log, outbox, prepared, records } = parts;
  const { seq } = certificate;
  const pieces = snapshot.pieces.map((bytes, index) =>
    records.put(recordName.piece(seq, index), { kind: 'piece', seq, index, bytes }),
  );
  const stable = records.put(recordName.stable, {
    kind: 'stable',
    certificate,
    manifest: snapshot.manifest,
  });
  const old = checkpoints.snapshotAt(checkpoints.stable.seq)?.pieces ?? [];
  const writes: Write[] = [...pieces, stable];
  const before = checkpoints.settle(certificate);
  if (before > 0) writes.push(...old.map((_, index) => records.remove(recordName.piece(before, index))));
  writes.push(...guard.settle(seq), ...batches.forget(seq));
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
  const { checkpoints, execution, own, outbox, pending, transfer } = parts;
  const certificate = transfer.target;
  if (certificate === undefined) return;
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
  const writes = own.drop((request) => execution.clients.has(request));
  outbox.push({ writes, event: { type: 'caughtUp', seq: certificate.seq } });
  execute(parts);
}

/** What can only happen when more seats lie than the committee can bear, or the application differs: nothing more is signed. */
function halt(parts: Parts, reason: HaltReason): void {
  if (parts.isHalted) return;
  parts.isHalted = true;
  parts.outbox.effect({ kind: 'emit', event: { type: 'halted', reason } });
}
