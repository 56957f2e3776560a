/**
 * What may have been decided before a quorum was lost, so that an owner's new beginning does not take it back: those who answer the roll send what they
 * hold prepared certificates of, and the new beginning goes on behind it, as a new view would (Castro and Liskov, section 4.4). What was decided was
 * committed by a quorum, each of which held such a certificate. Rules CON-50 and CON-51 of docs/spec/consensus.md.
 */
import type { PeerId } from '../kernel/ids.ts';
import { successorOf, isSameSeating, type Committee, type Seating } from './committee.ts';
import { decisionsFor, send, stableFor } from './exchange.ts';
import { MAX_RESENT_DECISIONS, MAX_WINDOW } from './limits.ts';
import type { ConsensusMessage } from './messages.ts';
import { isKept } from './ordering.ts';
import { isOver, type Carried, type Draft, type Parts } from './parts.ts';
import type { Call, PreparedPlace } from './questions.ts';
import type { Batch } from './requests.ts';

/** What was prepared in the highest view, as far as is known here, at a place behind what was executed; nothing but what was decided there, if that is known. */
export function carriedAt(parts: Parts, seq: number): Carried | undefined {
  const { batches, execution, heardPrepared, prepared } = parts;
  const own = prepared.get(seq);
  const batch = own === undefined ? undefined : batches.get(own.digest);
  const held = own === undefined || batch === undefined ? undefined : { certificate: own, batch };
  const heard = heardPrepared.get(seq);
  const best = (held?.certificate.view ?? -1) >= (heard?.certificate.view ?? -1) ? held : heard;
  const decided = execution.decidedAt(seq);
  return decided === undefined || best?.certificate.digest === decided.digest ? best : undefined;
}

/** What a new beginning executes at a place: what is known to be decided there, or may be. */
function batchAt(parts: Parts, seq: number): Batch | undefined {
  const decided = parts.execution.decidedAt(seq);
  const batch = decided === undefined ? undefined : parts.batches.get(decided.digest);
  return batch ?? carriedAt(parts, seq)?.batch;
}

/** Up to where we executed, or hold what may be decided without a gap. */
export function reachedBy(parts: Parts): number {
  let seq = parts.execution.executed;
  while (batchAt(parts, seq + 1) !== undefined) seq += 1;
  return seq;
}

/** What we hold of the places behind what we executed, for our own call. */
export function placesOf(parts: Parts): PreparedPlace[] {
  const seqs = new Set([...parts.prepared.keys(), ...parts.heardPrepared.keys()]);
  return [...seqs]
    .filter((seq) => seq > parts.execution.executed)
    .sort((a, b) => a - b)
    .flatMap((seq) => {
      const carried = carriedAt(parts, seq);
      return carried === undefined ? [] : [{ seq, view: carried.certificate.view }];
    })
    .slice(0, MAX_WINDOW);
}

/** Sends to whoever calls what it lacks of this committee's decisions, and of what may be one. */
export function answerWithProofs(parts: Parts, asker: PeerId, call: Call): void {
  const { epoch } = parts.committee;
  const held = new Map(call.prepared.map(({ seq, view }) => [seq, view]));
  const messages = [...stableFor(parts, call.stable), ...decisionsFor(parts, call)];
  const prepared = [...parts.prepared.keys()].sort((a, b) => a - b);
  for (const seq of prepared.filter((each) => each > Math.max(call.executed, parts.execution.executed))) {
    const carried = carriedAt(parts, seq);
    if (messages.length > MAX_RESENT_DECISIONS || carried === undefined) break;
    if ((held.get(seq) ?? -1) < carried.certificate.view)
      messages.push({ kind: 'prepared', epoch, ...carried });
  }
  for (const message of messages) send(parts, asker, message);
}

type PreparedMessage = Extract<ConsensusMessage, { readonly kind: 'prepared' }>;

/** Whether a certificate is of use: only while the roll is called, and when it says more than what is here. */
export function isCarryNeeded(parts: Parts, { certificate, epoch }: PreparedMessage): boolean {
  const { seq, view } = certificate;
  if (parts.roll === undefined || epoch !== parts.committee.epoch || seq <= parts.execution.executed)
    return false;
  return isKept(parts, seq) && view > (parts.heardPrepared.get(seq)?.certificate.view ?? -1);
}

/** Takes in what somebody holds prepared; the certificate was verified, and the batch is its. */
export function hearPrepared(parts: Parts, message: PreparedMessage): void {
  if (!isCarryNeeded(parts, message)) return;
  const { batch, certificate } = message;
  parts.heardPrepared.set(certificate.seq, { certificate, batch });
  for (const seq of [...parts.heardPrepared.keys()])
    if (seq <= parts.execution.executed) parts.heardPrepared.delete(seq);
}

/**
 * The new beginning with the seats of `seating` that still have one behind what is carried over. Undefined when no committee can be like that, and when a
 * decision is known that cannot be executed since its batch is nowhere.
 */
export function draftAnew(parts: Parts, seating: Seating): Draft | undefined {
  const { committee, ending, execution } = parts;
  if (parts.isHalted || isOver(parts) !== (ending !== undefined)) return undefined;
  return execution.rehearse(() => {
    const staying = ending?.committee ?? runCarried(parts);
    if (execution.decided > execution.executed) return undefined;
    const next = successorOf(committee, seatedStill(seating, staying), execution.executed, true);
    if (!next.ok) return undefined;
    execution.seated(next.value);
    return { committee: next.value, snapshot: execution.snapshot() };
  });
}

/** Executes what is carried over, at most to where the epoch ends; who sits then, if that is another committee. */
function runCarried(parts: Parts): Committee | undefined {
  const { committee, execution } = parts;
  for (;;) {
    const batch = batchAt(parts, execution.executed + 1);
    if (batch === undefined) return undefined;
    const { seating } = execution.run(batch);
    if (seating === undefined || isSameSeating(committee, seating)) continue;
    const next = successorOf(committee, seating, execution.executed);
    if (!next.ok) continue;
    execution.seated(next.value);
    return next.value;
  }
}

/** Whoever was to lose the seat by what is carried over does not get it back by a new beginning, as long as anybody is left. */
function seatedStill(seating: Seating, staying: Committee | undefined): Seating {
  const seats = seating.seats.filter(({ key }) => staying?.keys.includes(key) !== false);
  return seats.length === 0 ? seating : { ...seating, seats };
}
