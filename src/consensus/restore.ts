/** Coming back after a crash: from the records on disk to a replica that knows all it signed. */
import type { Bytes } from '../kernel/bytes.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import type { Snapshot } from './execution.ts';
import { genesisSnapshot } from './execution.ts';
import { createParts, type Parts, type ReplicaOptions } from './parts.ts';
import { recordName, type RecordKinds, type StoredRecord } from './records.ts';
import { hashBatch, hashRequest } from './requests.ts';
import { decide } from './settling.ts';

/** Why a key must not sign any more. Its seat has to be given to another key. */
export type RestoreRefusal =
  | 'lost' // the key was used, and what it signed is gone
  | 'damaged'; // what it signed cannot be read

type Stored<Kind extends StoredRecord['kind']> = Extract<StoredRecord, { readonly kind: Kind }>;

/**
 * The parts of a replica with what its disk holds of its committee, every key and value of the collection {@link CONSENSUS_STORE}. `isNewKey`:
 * the key was made for this and has signed nothing. Anything that is missing or damaged burns the key: a replica that has forgotten
 * a vote is worse than one that is gone.
 */
export function restoreParts(
  options: ReplicaOptions,
  stored: Iterable<readonly [key: string, value: Bytes]>,
  isNewKey: boolean,
): Result<Parts, RestoreRefusal> {
  const parts = createParts(options, genesisSnapshot(options.application));
  const records: StoredRecord[] = [];
  for (const [key, value] of stored) {
    const read = parts.records.read(key, value);
    if (read === undefined) return refuse('damaged');
    records.push(read);
  }
  const birth = records.find((each) => each.kind === 'seat');
  if (birth === undefined) {
    if (!isNewKey || records.length > 0) return refuse('lost');
    const { outbox, records: writer, seat } = parts;
    outbox.push({ writes: [writer.put(recordName.seat, { kind: 'seat', seat })] });
    return ok(parts);
  }
  if (birth.seat !== options.seat || !takeIn(parts, records)) return refuse('damaged');
  return ok(parts);
}

function ofKind<Kind extends StoredRecord['kind']>(
  records: readonly StoredRecord[],
  kind: Kind,
): Stored<Kind>[] {
  return records.filter((each): each is Stored<Kind> => each.kind === kind);
}

function takeIn(parts: Parts, records: readonly StoredRecord[]): boolean {
  const { batches, guard, outbox, own, prepared } = parts;
  const [stable] = ofKind(records, 'stable');
  if (stable !== undefined && !takeState(parts, stable, ofKind(records, 'piece'))) return false;
  for (const { statement } of ofKind(records, 'statement')) {
    if (statement.kind === 'status' || statement.kind === 'fetch') return false;
    guard.restore(statement);
  }
  if (stable !== undefined) guard.settle(stable.certificate.seq);
  for (const { seq, requests } of ofKind(records, 'batch'))
    batches.put(seq, hashBatch(requests.map(hashRequest)), requests);
  for (const each of ofKind(records, 'prepared')) {
    const { view, seq, digest, proposal, signatures } = each;
    prepared.set(seq, { view, seq, digest, proposal, signatures });
  }
  for (const { client, number, operation } of ofKind(records, 'request'))
    own.restore({ client, number, operation });
  // Ed25519 is deterministic: signing again what is on record says nothing new.
  for (const statement of guard.signed()) outbox.speakNow({ kind: 'statement', statement });
  for (const request of own.unsigned()) outbox.speakNow({ kind: 'request', request });
  replay(parts, ofKind(records, 'decided'));
  // The present view is the highest that anything was signed in; its new view comes from the others, as far as they have it.
  if (guard.view > 0) parts.views.leaveFor(guard.view);
  else parts.lastProposed = guard.lastProposed(0);
  return true;
}

function takeState(parts: Parts, stable: RecordKinds['stable'], stored: readonly Stored<'piece'>[]): boolean {
  const { certificate, manifest } = stable;
  const pieces = stored
    .filter(({ seq }) => seq === certificate.seq)
    .sort((a, b) => a.index - b.index)
    .map(({ bytes }) => bytes);
  const snapshot: Snapshot = { digest: certificate.digest, manifest, pieces };
  if (!parts.execution.restore(snapshot)) return false;
  parts.checkpoints.keep(certificate.seq, snapshot);
  parts.checkpoints.settle(certificate);
  return true;
}

/** Executes again what was decided above the stable checkpoint. Its records exist, so the writes that this makes change nothing. */
function replay(parts: Parts, decided: readonly Stored<'decided'>[]): void {
  for (const each of [...decided].sort((a, b) => a.seq - b.seq)) {
    const { view, seq, digest, signatures } = each;
    decide(parts, { view, seq, digest, signatures });
  }
}
