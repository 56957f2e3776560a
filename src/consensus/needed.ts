/**
 * What a replica has no use for is dropped before its signatures are checked, which costs more than everything else together: votes
 * beyond a quorum, and what is here already. Nothing is believed for it: a message either is dropped whole, or all that it says is checked, here
 * and now or when the very same request came before.
 */
import { equalBytes } from '../kernel/bytes.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import { isCarryNeeded } from './carrying.ts';
import { messageChecks, type ConsensusMessage, type Judging } from './messages.ts';
import { isKept } from './ordering.ts';
import { mayAccuse } from './accusing.ts';
import { isOver, seatKey, type Parts } from './parts.ts';
import type { Batch } from './requests.ts';
import type { Signed, Vote } from './statements.ts';

/** Whether a well-formed message can change anything. Holds only for the state in which it is asked. */
export function isNeeded(parts: Parts, message: ConsensusMessage): boolean {
  const { committee, execution, pending } = parts;
  if (parts.isHalted) return false;
  switch (message.kind) {
    case 'request': {
      const { request } = message;
      return !execution.clients.has(request) && pending.held(request) === undefined;
    }
    // On the way to a later epoch only its certified states are of use.
    case 'stable':
      return message.epoch >= committee.epoch;
    case 'decided':
      return message.epoch === committee.epoch && message.certificate.seq > execution.executed;
    case 'prepared':
      return isCarryNeeded(parts, message);
    case 'statement': {
      if (message.epoch !== committee.epoch) return false;
      const { seat, statement, signature } = message.signed;
      if (parts.witness.isContradicted(message.signed) && mayAccuse(parts, seatKey(committee, seat)))
        return true;
      switch (statement.kind) {
        case 'prePrepare':
        case 'prepare':
        case 'commit':
          return isFirst(parts, seat) || isVoteNeeded(parts, { seat, statement, signature });
        default:
          return true;
      }
    }
    case 'lie':
      return mayAccuse(parts, message.proof.key);
    default:
      return true;
  }
}

/** The first word of a seat in a later epoch, whatever it says, may relieve the committee before. */
function isFirst({ committee, heard }: Parts, seat: number): boolean {
  return committee.epoch > 0 && ((heard >>> seat) & 1) === 0;
}

function isVoteNeeded(parts: Parts, vote: Signed<Vote>): boolean {
  const { kind, view, seq, digest } = vote.statement;
  if (!isKept(parts, seq) || isOver(parts)) return false;
  if (kind === 'prePrepare') return !parts.log.isKnown(vote) || parts.batches.get(digest) === undefined;
  const quorum = kind === 'prepare' ? parts.prepared.get(seq) : parts.execution.decidedAt(seq);
  const isPast = quorum?.digest === digest && (kind === 'commit' || quorum.view === view);
  return !isPast && !parts.log.isKnown(vote);
}

/** What messages are judged by here. */
export function judgingOf({ chain, execution }: Parts): Judging {
  return { chain, checksOf: (operation) => execution.checksOf(operation) };
}

/** The signatures of a needed message that are left to check: those of requests that wait here already were checked when they came. */
export function checksLeft(parts: Parts, message: ConsensusMessage): readonly SignatureCheck[] {
  const judging = judgingOf(parts);
  switch (message.kind) {
    case 'batch':
    case 'decided':
    case 'prepared':
      return messageChecks(judging, { ...message, batch: unchecked(parts, message.batch) });
    case 'statement': {
      const batch = message.batch && unchecked(parts, message.batch);
      return messageChecks(judging, { ...message, batch });
    }
    default:
      return messageChecks(judging, message);
  }
}

/** A batch without the requests that wait here. */
function unchecked({ pending }: Parts, { requests, time }: Batch): Batch {
  const left = requests.filter((request) => {
    const held = pending.held(request);
    return (
      held === undefined ||
      !equalBytes(held.signature, request.signature) ||
      !equalBytes(held.operation, request.operation)
    );
  });
  return { time, requests: left };
}
