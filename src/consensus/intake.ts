/** What each message does once it is well formed and its signatures hold. Who handed it on plays no part. */
import { hearPrepared } from './carrying.ts';
import { takeLie, witness } from './accusing.ts';
import { turn } from './changing.ts';
import { isKeptOfOthers } from './foreign-votes.ts';
import { answerFetch, answerStatus, fetchState, type Answers } from './exchange.ts';
import type { ConsensusKinds, ConsensusMessage } from './messages.ts';
import { isKept, order, orderAll } from './ordering.ts';
import { isOver, type Parts } from './parts.ts';
import { answerCall, hearPresent } from './roll.ts';
import { hashBatch, type Batch, type Request } from './requests.ts';
import { decide, execute, learnStable, settle, takeOver } from './settling.ts';
import { certifyEnd, learnLater, learnLinks } from './succession.ts';
import type { Signed, Vote } from './statements.ts';

/** Takes a message in. */
export function receive(parts: Parts, answers: Answers, message: ConsensusMessage): void {
  switch (message.kind) {
    case 'request':
      takeRequest(parts, message.request);
      return;
    case 'batch':
      takeBatch(parts, message.batch);
      return;
    case 'manifest':
      parts.transfer.addManifest(message.manifest);
      takeOver(parts);
      fetchState(parts);
      return;
    case 'piece':
      parts.transfer.addPiece(message.bytes);
      takeOver(parts);
      fetchState(parts);
      return;
    case 'question':
      takeQuestion(parts, answers, message);
      return;
    case 'links':
      learnLinks(parts, message.links);
      fetchState(parts);
      return;
    case 'lie':
      takeLie(parts, message.proof);
      return;
    case 'statement':
    case 'decided':
    case 'prepared':
    case 'stable':
      takeOfEpoch(parts, message);
  }
}

/** What a committee's seats say counts in their epoch alone. */
function takeOfEpoch(parts: Parts, message: Extract<ConsensusMessage, { readonly epoch: number }>): void {
  const { chain, committee } = parts;
  const isLater = message.epoch === chain.tip.committee.epoch && message.epoch > committee.epoch;
  if (isLater && message.kind === 'stable') {
    learnLater(parts, message.certificate);
    fetchState(parts);
  }
  if (message.epoch !== committee.epoch) return;
  witness(parts, message);
  switch (message.kind) {
    case 'statement':
      takeStatement(parts, message);
      return;
    case 'decided': {
      const { batch, certificate } = message;
      if (!isKept(parts, certificate.seq) || certificate.seq <= parts.execution.executed) return;
      parts.batches.offer(certificate.digest, batch);
      decide(parts, certificate);
      execute(parts);
      return;
    }
    case 'prepared':
      hearPrepared(parts, message);
      return;
    case 'stable':
      learnStable(parts, message.certificate);
  }
}

/** A request waits until it is executed. Who may not ask is not heard. */
export function takeRequest({ execution, now, pending }: Parts, request: Request): void {
  if (!execution.clients.has(request) && execution.admits(request.client)) pending.add(request, now);
}

function takeQuestion(parts: Parts, answers: Answers, { asker, question }: ConsensusKinds['question']): void {
  if (asker === parts.self) return;
  if (question.kind === 'present') hearPresent(parts, asker, question);
  else if (!answers.allow(asker, parts.now)) return;
  else if (question.kind === 'status') answerStatus(parts, asker, question);
  else if (question.kind === 'fetch') answerFetch(parts, asker, question);
  else answerCall(parts, asker, question);
}

/** A seat speaks in this epoch. Once a quorum has, those of the one before need not stay. */
function hear(parts: Parts, seat: number): void {
  const { committee, outbox } = parts;
  const before = countSeats(parts.heard);
  parts.heard |= 1 << seat;
  const count = countSeats(parts.heard);
  if (committee.epoch > 0 && before < committee.quorum && count >= committee.quorum)
    outbox.effect({ kind: 'emit', event: { type: 'relieved', epoch: committee.epoch - 1 } });
}

function countSeats(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

function takeStatement(parts: Parts, { batch, signed }: ConsensusKinds['statement']): void {
  const { checkpoints, views } = parts;
  const { seat, statement } = signed;
  hear(parts, seat);
  switch (statement.kind) {
    case 'prePrepare':
    case 'prepare':
    case 'commit':
      takeVote(parts, { ...signed, statement }, batch);
      return;
    case 'checkpoint':
      if (checkpoints.add({ ...signed, statement })) settle(parts);
      return;
    case 'viewChange':
      if (views.addChange({ ...signed, statement }, (hash) => parts.wanted.has(hash))) turn(parts);
      return;
    case 'newView':
      if (views.addNewView({ ...signed, statement })) turn(parts);
      return;
    case 'close':
      if (!parts.closing.add({ ...signed, statement })) return;
      keepForeign(parts, signed);
      certifyEnd(parts);
      return;
  }
}

function takeVote(parts: Parts, signed: Signed<Vote>, batch: Batch | undefined): void {
  const { batches, log, views } = parts;
  const { kind, view, seq, digest } = signed.statement;
  if (!isKept(parts, seq) || isOver(parts)) return;
  const isNew = log.add(signed);
  if (isNew) keepForeign(parts, signed);
  // The batch of another view's proposal, or of a second one, is not kept: it can be fetched once it is needed.
  const isOurs = kind === 'prePrepare' && view === views.view && log.proposalAt(view, seq)?.digest === digest;
  if (isOurs && batch !== undefined) {
    batches.offer(digest, batch);
    execute(parts);
  }
  if (isNew || isOurs) order(parts, seq);
}

/** Nobody may be left who heard it when we come back. */
function keepForeign({ execution, foreignVotes, outbox, reach, seat }: Parts, signed: Signed): void {
  if (reach.hasQuorum || signed.seat === seat || !isKeptOfOthers(signed)) return;
  const { kind, seq } = signed.statement;
  if (kind === 'close' || seq > execution.executed) outbox.push({ writes: [foreignVotes.keep(signed)] });
}

/** The quorum is gone: what was heard while it was there has to be kept from now on. */
export function keepAllForeign(parts: Parts): void {
  const { closing, log, views } = parts;
  for (const signed of closing.all()) keepForeign(parts, signed);
  for (const seq of log.seqs())
    for (const kind of ['prePrepare', 'prepare', 'commit'] as const)
      for (const signed of log.votesOf(kind, views.view, seq)) keepForeign(parts, signed);
}

function takeBatch(parts: Parts, batch: Batch): void {
  const digest = hashBatch(batch);
  if (!parts.wanted.has(digest)) return;
  parts.wanted.got(digest);
  parts.batches.offer(digest, batch);
  execute(parts);
  orderAll(parts);
}
