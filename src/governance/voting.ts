/** Operations about seats, proposals and the policy, and what a proposal does when it passes. */
import type { Hash, PeerId } from '../kernel/ids.ts';
import { mayEdit } from '../identity/roles.ts';
import type { Asking } from './asking.ts';
import { MAX_OPEN_MS, MIN_OPEN_MS } from './limits.ts';
import { applyEviction, applyRole, whyNotChangeRole, whyNotEvict, type Answer } from './membership.ts';
import {
  memberOfAction,
  proposalIdOf,
  type Action,
  type OperationKinds,
  type Question,
} from './operations.ts';
import type { ExecutionState, GovernanceRefusal, Outcome } from './outcomes.ts';
import { isSoundPolicy, type Policy } from './policy.ts';
import { countOf, measureOf } from './proposals.ts';
import type { GovernanceState } from './state.ts';
import { ballotsNeeded, ballotsNeededAboutMember, verdictOf } from './tally.ts';

export function takeSeat(
  { founding, seats }: GovernanceState,
  { client, place, role, time }: Asking,
  { replaces }: OperationKinds['takeSeat'],
): Answer {
  if (!mayEdit(role)) return 'notAllowed';
  const why = seats.whyNotTake(client, place, replaces, founding.electorate);
  if (why !== undefined) return why;
  const left = seats.take(client, place, replaces, time);
  return [...left.map((seat): Outcome => ({ kind: 'seatLeft', seat })), { kind: 'seatTaken', seat: client }];
}

export function leaveSeat(state: GovernanceState, seat: PeerId): Answer {
  const why = state.seats.whyNotLeave(seat);
  if (why !== undefined) return why;
  state.seats.leave(seat);
  return [{ kind: 'seatLeft', seat }];
}

export function renewSeat({ seats }: GovernanceState, { client, time }: Asking): Answer {
  if (!seats.has(client)) return 'noSeat';
  seats.renew(client, time);
  return [];
}

export function expireSeats({ seats }: GovernanceState, { time }: Asking, named: readonly PeerId[]): Answer {
  const over = seats.overdue(named, time);
  for (const seat of over) seats.leave(seat);
  return over.length === 0 ? 'notDue' : over.map((seat) => ({ kind: 'seatLeft', seat }));
}

export function dropSeat(state: GovernanceState, { role }: Asking, seat: PeerId): Answer {
  if (role !== 'owner') return 'notAllowed';
  if (state.policy.membersBy === 'vote') return 'needsVote';
  return leaveSeat(state, seat);
}

export function setPolicy(state: GovernanceState, { role }: Asking, policy: Policy): Answer {
  if (role !== 'owner') return 'notAllowed';
  if (state.policy.policyBy === 'vote') return 'needsVote';
  return isSoundPolicy(policy) ? applyPolicy(state, policy) : 'badPolicy';
}

function applyPolicy(state: GovernanceState, policy: Policy): readonly Outcome[] {
  state.policy = policy;
  return [{ kind: 'policyChanged', policy }];
}

/** Whether the member at this place may propose and vote. */
export function mayVote({ members, policy }: GovernanceState, place: number): boolean {
  const row = members.at(place);
  if (row === undefined || row.isEvicted) return false;
  return row.role === 'owner' || row.role === 'editor' || (row.role === 'agent' && policy.agentsVote);
}

export function propose(state: GovernanceState, asking: Asking, question: Question): Answer {
  const { members, policy, proposals } = state;
  const { place, seq, time } = asking;
  if (!mayVote(state, place)) return 'notAllowed';
  const why = whyNotAsk(state, asking, question);
  if (why !== undefined) return why;
  const about = memberOfAction(question.action);
  const places = members.rows().map((_, at) => at);
  const voters = places.filter((at) => mayVote(state, at) && members.at(at)?.member !== about);
  const needed = about === undefined ? ballotsNeeded : ballotsNeededAboutMember;
  const id = proposalIdOf(asking, question);
  proposals.open({
    id,
    author: place,
    title: question.title,
    body: question.body,
    action: question.action,
    areBallotsFinal: question.areBallotsFinal,
    thresholdPercent: question.thresholdPercent ?? policy.thresholdPercent,
    neededBallots: needed(voters.length, policy.quorumPercent),
    openedAt: time,
    closesAt: time + question.closesInMs,
    isExtended: false,
    openedSeq: seq,
    voters,
    ballots: [],
    closing: undefined,
  });
  return [{ kind: 'proposalOpened', proposal: id }];
}

function whyNotAsk(
  state: GovernanceState,
  { place, time }: Asking,
  { title, action, closesInMs, thresholdPercent }: Question,
): GovernanceRefusal | undefined {
  if (time === 0) return 'noTime';
  const least = state.policy.thresholdPercent;
  const isTimed = closesInMs >= MIN_OPEN_MS && closesInMs <= MAX_OPEN_MS;
  const isStrict = thresholdPercent === undefined || (thresholdPercent >= least && thresholdPercent <= 100);
  if (title.trim() === '' || !isTimed || !isStrict) return 'badProposal';
  return state.proposals.whyNotOpen(place) ?? whyNotAct(state, action);
}

export function castBallot(
  { proposals }: GovernanceState,
  { place, seq, time }: Asking,
  { proposal, choice, reason }: OperationKinds['castBallot'],
): Answer {
  const why = proposals.whyNotCast(proposal, place, reason, time);
  if (why !== undefined) return why;
  const wasExtended = proposals.get(proposal)?.isExtended;
  const after = proposals.cast(proposal, place, choice, reason, time, seq);
  if (after === undefined || after.isExtended === wasExtended) return [];
  return [{ kind: 'proposalExtended', proposal, closesAt: after.closesAt }];
}

export function withdraw(
  { proposals }: GovernanceState,
  { place, seq, time }: Asking,
  proposal: Hash,
): Answer {
  const why = proposals.whyNotWithdraw(proposal, place, time);
  if (why !== undefined) return why;
  proposals.close(proposal, { result: 'withdrawn', at: time, seq, execution: 'none' });
  return [{ kind: 'proposalClosed', proposal, result: 'withdrawn', execution: 'none' }];
}

/** Any member may close what is due: the result is the same whoever does. */
export function close(state: GovernanceState, { seq, time }: Asking, id: Hash): Answer {
  const { proposals } = state;
  const why = proposals.whyNotClose(id, time);
  const proposal = proposals.get(id);
  if (why !== undefined || proposal === undefined) return why ?? 'unknownProposal';
  const result = verdictOf(countOf(proposal), measureOf(proposal));
  const done: readonly [ExecutionState, readonly Outcome[]] =
    result === 'passed' ? act(state, proposal.action) : ['none', []];
  const [execution, outcomes] = done;
  proposals.close(id, { result, at: time, seq, execution });
  return [{ kind: 'proposalClosed', proposal: id, result, execution }, ...outcomes];
}

/** Why a passed proposal could not do this now. */
function whyNotAct(state: GovernanceState, action: Action): GovernanceRefusal | undefined {
  switch (action.kind) {
    case 'none':
    case 'removeBoard':
    case 'removeColumn':
      return undefined;
    case 'evict':
      return whyNotEvict(state, action.member);
    case 'role':
      return whyNotChangeRole(state, action.member, action.role);
    case 'dropSeat':
      return state.seats.whyNotLeave(action.seat);
    case 'policy':
      return isSoundPolicy(action.policy) ? undefined : 'badPolicy';
  }
}

function act(state: GovernanceState, action: Action): readonly [ExecutionState, readonly Outcome[]] {
  if (action.kind === 'none') return ['none', []];
  if (whyNotAct(state, action) !== undefined) return ['impossible', []];
  switch (action.kind) {
    case 'evict':
      return ['done', applyEviction(state, action.member, action.cuts)];
    case 'role':
      return ['done', applyRole(state, action.member, action.role)];
    case 'dropSeat':
      state.seats.leave(action.seat);
      return ['done', [{ kind: 'seatLeft', seat: action.seat }]];
    case 'policy':
      return ['done', applyPolicy(state, action.policy)];
    case 'removeColumn':
      return ['done', [{ kind: 'columnRemoved', columnId: action.columnId }]];
    case 'removeBoard':
      return ['done', [{ kind: 'boardRemoved' }]];
  }
}
