/** Coming back after a crash: from the records on disk to a replica that knows all it signed. */
import type { Bytes } from '../kernel/bytes.ts';
import type { Instant } from '../kernel/machine.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { openLink, type ChainRefusal, type Link } from './chain.ts';
import { firstSnapshot, type Snapshot } from './execution.ts';
import { isKeptOfOthers } from './foreign-votes.ts';
import { createLasting, createParts, type Lasting, type Parts, type ReplicaOptions } from './parts.ts';
import { recordName, Records, type StoredRecord } from './records.ts';
import { hashBatch } from './requests.ts';
import { baseOf, writeBeginning } from './succession.ts';
import { decide } from './settling.ts';
import type { Signed } from './statements.ts';

/** Why a key must not sign any more. Its seat has to be given to another key. */
export type RestoreRefusal =
  | 'lost' // the key was used, and what it signed is gone
  | 'damaged' // what it signed cannot be read
  | ChainRefusal; // the founding link is none

type Stored<Kind extends StoredRecord['kind']> = Extract<StoredRecord, { readonly kind: Kind }>;
type Disk = readonly (readonly [key: string, value: Bytes])[];

const START = 0 as Instant;

/**
 * The parts of a replica with what its disk holds of its board, every key and value of the collection {@link CONSENSUS_STORE}. `isNewKey`:
 * the key was made for this and has signed nothing. Anything that is missing or damaged burns the key: a replica that has forgotten
 * a vote is worse than one that is gone.
 */
export function restoreParts(
  options: ReplicaOptions,
  stored: Iterable<readonly [key: string, value: Bytes]>,
  isNewKey: boolean,
): Result<Parts, RestoreRefusal> {
  const { founding, owners } = options;
  const opened = openLink({ board: founding.committee.board, owners }, undefined, founding);
  if (!opened.ok) return opened;
  const lasting = createLasting(options, opened.value);
  const disk: Disk = [...stored];
  if (disk.length === 0) return isNewKey ? ok(begin(options, lasting)) : refuse('lost');
  const lastingRecords = readAll(lasting.boardRecords, disk, (key) => lasting.boardRecords.owns(key));
  if (lastingRecords === undefined || !takeChain(lasting, ofKind(lastingRecords, 'link')))
    return refuse('damaged');
  const records = new Records(lasting.chain.tip.committee.digest);
  const own = readAll(records, disk, (key) => !lasting.boardRecords.owns(key));
  if (own === undefined) return refuse('damaged');
  const parts = reopen(lasting, own);
  if (parts === undefined) return refuse('damaged');
  if (parts.seat !== undefined && !own.some((each) => each.kind === 'seat')) return refuse('lost');
  readAll(parts.records, disk, (key) => parts.records.owns(key));
  return takeIn(parts, [...own, ...lastingRecords]) ? ok(parts) : refuse('damaged');
}

function readAll(records: Records, disk: Disk, isOurs: (key: string) => boolean): StoredRecord[] | undefined {
  const all: StoredRecord[] = [];
  for (const [key, value] of disk) {
    if (!isOurs(key)) continue;
    const read = records.read(key, value);
    if (read === undefined) return undefined;
    all.push(read);
  }
  return all;
}

/** A replica that knows nothing but the founding. */
function begin({ application, founding }: ReplicaOptions, lasting: Lasting): Parts {
  const { boardRecords, chain, outbox } = lasting;
  const { tip } = chain;
  const snapshot = firstSnapshot(application, tip.committee);
  const parts = createParts(lasting, tip, baseOf(tip), snapshot, START);
  outbox.push({ writes: [boardRecords.put(recordName.link(0), { kind: 'link', ...founding })] });
  writeBeginning(parts, baseOf(tip), snapshot);
  return parts;
}

/** The chain from its stored links. Their proofs were verified before they were stored. */
function takeChain({ chain }: Lasting, links: readonly Stored<'link'>[]): boolean {
  const sorted = [...links].sort((a, b) => a.committee.epoch - b.committee.epoch);
  for (const { committee, proof, state } of sorted) {
    const link: Link = { committee, proof, state };
    const judged = chain.judge([link]);
    if (!judged.ok || judged.value.fork !== undefined) return false;
    for (const epoch of judged.value.news) chain.extend(epoch);
  }
  chain.current = chain.tip.committee.epoch;
  return sorted.length === chain.current + 1;
}

function ofKind<Kind extends StoredRecord['kind']>(
  records: readonly StoredRecord[],
  kind: Kind,
): Stored<Kind>[] {
  return records.filter((each): each is Stored<Kind> => each.kind === kind);
}

/** The parts of the newest epoch with its last stable state. */
function reopen(lasting: Lasting, records: readonly StoredRecord[]): Parts | undefined {
  const [stable] = ofKind(records, 'stable');
  if (stable === undefined) return undefined;
  const { certificate, manifest } = stable;
  const pieces = ofKind(records, 'piece')
    .filter(({ seq }) => seq === certificate.seq)
    .sort((a, b) => a.index - b.index)
    .map(({ bytes }) => bytes);
  const snapshot: Snapshot = { digest: certificate.digest, manifest, pieces };
  if (!lasting.execution.restore(snapshot)) return undefined;
  return createParts(lasting, lasting.chain.tip, certificate, snapshot, START);
}

function takeIn(parts: Parts, records: readonly StoredRecord[]): boolean {
  const { batches, checkpoints, committee, execution, guard, lies, outbox, own, prepared, seat } = parts;
  for (const birth of ofKind(records, 'seat')) if (birth.seat !== seat) return false;
  for (const { statement } of ofKind(records, 'statement')) guard.restore(statement);
  guard.settle(checkpoints.stable.seq);
  for (const { seq, batch } of ofKind(records, 'batch')) batches.put(seq, hashBatch(batch), batch);
  for (const each of ofKind(records, 'prepared')) {
    const { view, seq, digest, proposal, signatures } = each;
    prepared.set(seq, { view, seq, digest, proposal, signatures });
  }
  for (const { client, number, operation } of ofKind(records, 'request'))
    own.restore({ client, number, operation });
  // The last one's record outlives its execution, so that its number is never given again.
  outbox.push({ writes: own.drop((request) => execution.clients.has(request)) });
  for (const { kind: _, ...proof } of ofKind(records, 'lie')) lies.restored(proof);
  for (const { seat: other, signature, statement } of ofKind(records, 'foreign'))
    takeForeign(parts, { seat: other, statement, signature });
  // Ed25519 is deterministic: signing again what is on record says nothing new.
  if (seat !== undefined)
    for (const statement of guard.signed())
      outbox.speakNow({ kind: 'statement', committee, seat, statement });
  for (const request of own.unsigned()) outbox.speakNow({ kind: 'request', request });
  replay(parts, ofKind(records, 'decided'));
  // The present view is the highest that anything was signed in; its new view comes from the others, as far as they have it.
  if (guard.view > 0) parts.views.leaveFor(guard.view);
  else {
    parts.lastProposed = Math.max(parts.lastProposed, guard.lastProposed(0));
    recallProposals(parts);
  }
  return true;
}

/** What we proposed in the first view and is under way still. */
function recallProposals({ batches, guard, pending }: Parts): void {
  for (const statement of guard.signed())
    if (statement.kind === 'prePrepare')
      for (const request of batches.get(statement.digest)?.requests ?? []) pending.wasProposed(request, 0);
}

/** What others voted, as far as it is kept: its signature held when it was. */
function takeForeign({ closing, foreignVotes, log }: Parts, signed: Signed): void {
  if (!isKeptOfOthers(signed)) return;
  const { statement } = signed;
  foreignVotes.restored(signed);
  if (statement.kind === 'close') closing.add({ ...signed, statement });
  else log.add({ ...signed, statement });
}

/** Executes again what was decided above the stable checkpoint. Its records exist, so the writes that this makes change nothing. */
function replay(parts: Parts, decided: readonly Stored<'decided'>[]): void {
  for (const each of [...decided].sort((a, b) => a.seq - b.seq)) {
    const { view, seq, digest, signatures } = each;
    decide(parts, { view, seq, digest, signatures });
  }
}
