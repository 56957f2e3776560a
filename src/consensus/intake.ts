/** What each message does once it is well formed and its signatures hold. Who handed it on plays no part. */
import { turn } from './changing.ts';
import type { Evidence } from './events.ts';
import { answerFetch, answerStatus, fetchState, type Answers } from './exchange.ts';
import type { ConsensusKinds, ConsensusMessage } from './messages.ts';
import { isKept, order, orderAll } from './ordering.ts';
import type { Parts } from './parts.ts';
import { hashBatch, hashRequest, type Request } from './requests.ts';
import { decide, execute, learnStable, settle, takeOver } from './settling.ts';
import type { Signed, Vote } from './statements.ts';

/** Takes a message in. */
export function receive(parts: Parts, answers: Answers, message: ConsensusMessage): void {
  switch (message.kind) {
    case 'request':
      takeRequest(parts, message.request);
      return;
    case 'statement':
      takeStatement(parts, answers, message);
      return;
    case 'batch':
      takeBatch(parts, message.requests);
      return;
    case 'decided': {
      const { certificate, requests } = message;
      if (!isKept(parts, certificate.seq) || certificate.seq <= parts.execution.executed) return;
      parts.batches.offer(certificate.digest, requests);
      decide(parts, certificate);
      execute(parts);
      return;
    }
    case 'stable':
      learnStable(parts, message.certificate);
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
  }
}

/** A request waits until it is executed. */
export function takeRequest({ execution, now, pending }: Parts, request: Request): void {
  if (!execution.clients.has(request)) pending.add(request, now);
}

function takeStatement(
  parts: Parts,
  answers: Answers,
  { signed, requests }: ConsensusKinds['statement'],
): void {
  const { checkpoints, views } = parts;
  const { seat, statement } = signed;
  switch (statement.kind) {
    case 'prePrepare':
    case 'prepare':
    case 'commit':
      takeVote(parts, { ...signed, statement }, requests);
      return;
    case 'checkpoint':
      if (isNews(parts, checkpoints.add({ ...signed, statement }))) settle(parts);
      return;
    case 'viewChange':
      if (
        isNews(
          parts,
          views.addChange({ ...signed, statement }, (hash) => parts.wanted.has(hash)),
        )
      )
        turn(parts);
      return;
    case 'newView':
      if (isNews(parts, views.addNewView({ ...signed, statement }))) turn(parts);
      return;
    case 'status':
      if (seat !== parts.seat && answers.allow(seat, parts.now)) answerStatus(parts, seat, statement);
      return;
    case 'fetch':
      if (seat !== parts.seat && answers.allow(seat, parts.now)) answerFetch(parts, seat, statement);
      return;
  }
}

function takeVote(parts: Parts, signed: Signed<Vote>, requests: readonly Request[] | undefined): void {
  const { batches, log, views } = parts;
  const { kind, view, seq, digest } = signed.statement;
  if (!isKept(parts, seq)) return;
  const isNew = isNews(parts, log.add(signed));
  // The batch of another view's proposal, or of a second one, is not kept: it can be fetched once it is needed.
  const isOurs = kind === 'prePrepare' && view === views.view && log.proposalAt(view, seq)?.digest === digest;
  if (isOurs && requests !== undefined) {
    batches.offer(digest, requests);
    execute(parts);
  }
  if (isNew || isOurs) order(parts, seq);
}

function takeBatch(parts: Parts, requests: readonly Request[]): void {
  const digest = hashBatch(requests.map(hashRequest));
  if (!parts.wanted.has(digest)) return;
  parts.wanted.got(digest);
  parts.batches.offer(digest, requests);
  execute(parts);
  orderAll(parts);
}

/** Whether something is news; a contradiction is told instead, once for each seat. */
function isNews({ accused, outbox }: Parts, outcome: boolean | Evidence): boolean {
  if (typeof outcome === 'boolean') return outcome;
  const { seat } = outcome.first;
  if (!accused.has(seat)) outbox.effect({ kind: 'emit', event: { type: 'evidence', evidence: outcome } });
  accused.add(seat);
  return false;
}
