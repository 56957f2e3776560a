/**
 * What a replica has no use for is dropped before its signatures are checked, which costs more than everything else together: votes
 * beyond a quorum, and what is here already. Nothing is believed for it: a message either is dropped whole, or all that it says is checked, here
 * and now or when the very same request came before.
 */
import { equalBytes } from '../kernel/bytes.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import { messageChecks, type ConsensusMessage } from './messages.ts';
import { isKept } from './ordering.ts';
import type { Parts } from './parts.ts';
import type { Request } from './requests.ts';
import type { Signed, Vote } from './statements.ts';

/** Whether a well-formed message can change anything. Holds only for the state in which it is asked. */
export function isNeeded(parts: Parts, message: ConsensusMessage): boolean {
  const { execution, pending } = parts;
  if (parts.isHalted) return false;
  if (message.kind === 'request')
    return !execution.clients.has(message.request) && pending.held(message.request) === undefined;
  if (message.kind !== 'statement') return true;
  const { seat, statement, signature } = message.signed;
  switch (statement.kind) {
    case 'prePrepare':
    case 'prepare':
    case 'commit':
      return isVoteNeeded(parts, { seat, statement, signature });
    default:
      return true;
  }
}

/** A vote that contradicts another is always needed: it is evidence. */
function isVoteNeeded(parts: Parts, vote: Signed<Vote>): boolean {
  const { kind, view, seq, digest } = vote.statement;
  if (!isKept(parts, seq)) return false;
  if (kind === 'prePrepare') return !parts.log.isKnown(vote) || parts.batches.get(digest) === undefined;
  const quorum = kind === 'prepare' ? parts.prepared.get(seq) : parts.execution.decidedAt(seq);
  const isPast = quorum?.digest === digest && (kind === 'commit' || quorum.view === view);
  return !isPast && !parts.log.isKnown(vote);
}

/** The signatures of a needed message that are left to check: those of requests that wait here already were checked when they came. */
export function checksLeft(parts: Parts, message: ConsensusMessage): SignatureCheck[] {
  const { committee } = parts;
  switch (message.kind) {
    case 'batch':
    case 'decided':
      return messageChecks(committee, { ...message, requests: unchecked(parts, message.requests) });
    case 'statement': {
      const requests = message.requests && unchecked(parts, message.requests);
      return messageChecks(committee, { ...message, requests });
    }
    default:
      return messageChecks(committee, message);
  }
}

function unchecked({ pending }: Parts, requests: readonly Request[]): Request[] {
  return requests.filter((request) => {
    const held = pending.held(request);
    return (
      held === undefined ||
      !equalBytes(held.signature, request.signature) ||
      !equalBytes(held.operation, request.operation)
    );
  });
}
