/** The replicated state of a group as screens and scripts see it. Pure. */
import type { Action, Operation, Question } from '../governance/operations.ts';
import type { Decision } from '../governance/outcomes.ts';
import { proposalIdOf } from '../governance/operations.ts';
import {
  missingVoters,
  proposalsFor,
  quorumStatus,
  type Consequence as Coded,
  type ProposalView,
  type TallyView,
} from '../governance/queries.ts';
import type { Proposal } from '../governance/proposals.ts';
import type { GovernanceState } from '../governance/state.ts';
import { mayVote } from '../governance/voting.ts';
import type { MemberId, PeerId } from '../kernel/ids.ts';
import type {
  BallotStatus,
  Consequence,
  DecisionsView,
  DecisionStatus,
  ProposalAction,
  ProposalStatus,
  QueuedProposal,
  QuorumStatus,
  TallyStatus,
} from '../ui/decision-ports.ts';
import type { Role } from '../ui/ports.ts';
import type { CouncilPort, PlacedDecision } from './council-port.ts';
import { doubleVotesOf } from './double-votes.ts';
import { summaryOf, type Names } from './decision-words.ts';

/** What the board itself says, beside what was decided. */
export interface BoardFacts {
  readonly peerId: PeerId;
  readonly memberId: MemberId;
  /** Role of a member on the board; null for whoever was evicted or never was there. */
  roleOf(memberId: string): Role | null;
  nameOf(memberId: string): string | undefined;
  /** Title of a column; undefined when there is none of this id. */
  columnTitle(columnId: string): string | undefined;
}

/** The waiting operations by what they are about. */
export interface Waiting {
  readonly proposals: readonly QueuedProposal[];
  /** Own ballots by proposal, the last one of each. */
  readonly ballots: ReadonlyMap<string, { readonly choice: BallotStatus['choice']; readonly reason: string }>;
}

export function waitingOf(self: PeerId, waiting: CouncilPort['waiting']): Waiting {
  const proposals: QueuedProposal[] = [];
  const ballots = new Map<string, { choice: BallotStatus['choice']; reason: string }>();
  for (const { number, operation } of waiting) {
    if (operation.kind === 'propose') proposals.push(queuedOf(self, number, operation));
    else if (operation.kind === 'castBallot') {
      const { choice, proposal, reason } = operation;
      ballots.set(proposal, { choice, reason });
    }
  }
  return { proposals, ballots };
}

function queuedOf(self: PeerId, number: number, question: Operation & { kind: 'propose' }): QueuedProposal {
  const { title, body, action } = question;
  const proposalId = proposalIdOf({ client: self, number }, questionOf(question));
  return { proposalId, title, body, action: actionStatus(action) };
}

/** The question that an operation asks. */
export function questionOf(operation: Question): Question {
  const { title, body, action, closesInMs, thresholdPercent, areBallotsFinal } = operation;
  return { title, body, action, closesInMs, thresholdPercent, areBallotsFinal };
}

export function viewOf(council: CouncilPort, state: GovernanceState, facts: BoardFacts): DecisionsView {
  const waiting = waitingOf(facts.peerId, council.waiting);
  const time = Math.max(council.time, state.time);
  return {
    time,
    quorum: quorumOf(council, state),
    policy: state.policy,
    mayPropose: mayVote(state, state.members.placeOf(facts.memberId) ?? -1),
    proposals: proposalsFor(state, facts.memberId, time).flatMap((view) => {
      const proposal = state.proposals.get(view.id);
      return proposal === undefined ? [] : [proposalOf(state, facts, proposal, view, waiting)];
    }),
    queued: waiting.proposals,
    creator: state.founding.creator,
    doubleVotes: doubleVotesOf(state, council),
    beginnings: council.beginnings().map(({ before, epoch, owner, seats, seq }) => ({
      ...{ epoch, sequence: seq, memberId: owner, seatsBefore: before, seats },
    })),
  };
}

/** Proposals that wait for the member's answer, but for those for which one waits already. */
export function countToAnswer(council: CouncilPort, state: GovernanceState, facts: BoardFacts): number {
  const { ballots } = waitingOf(facts.peerId, council.waiting);
  const time = Math.max(council.time, state.time);
  return proposalsFor(state, facts.memberId, time).filter(
    ({ id, mayAnswer, ownChoice }) => mayAnswer && ownChoice === undefined && !ballots.has(id),
  ).length;
}

function quorumOf(council: CouncilPort, state: GovernanceState): QuorumStatus | null {
  const status = quorumStatus(state, (seat) => council.isReachable(seat));
  if (status === undefined) return null;
  const { seats, faults, needed, reachable, canDecide, isFaultTolerant, missing } = status;
  const gone = new Set(missing.map(({ seat }) => seat));
  return {
    seats,
    faults,
    needed,
    reachable,
    canDecide,
    faultTolerant: isFaultTolerant,
    lostForMs: canDecide ? null : (council.lostForMs() ?? null),
    all: state.committeeKeys.map((seat) => ({ ...seatName(state, seat), reached: !gone.has(seat) })),
  };
}

/** A tab with whose it is. */
export function seatName(
  state: GovernanceState,
  peerId: PeerId,
): { readonly peerId: string; readonly memberId: string | null } {
  return { peerId, memberId: state.members.memberOf(peerId) ?? null };
}

function proposalOf(
  state: GovernanceState,
  facts: BoardFacts,
  proposal: Proposal,
  view: ProposalView,
  waiting: Waiting,
): ProposalStatus {
  const own = proposal.ballots.find(({ voter }) => state.members.at(voter)?.member === facts.memberId);
  return {
    proposalId: view.id,
    title: view.title,
    body: view.body,
    memberId: view.author,
    action: actionStatus(proposal.action),
    stage: view.stage,
    openedAt: view.openedAt,
    closesAt: view.closesAt,
    closedAt: proposal.closing?.at ?? null,
    openedSequence: proposal.openedSeq,
    closedSequence: proposal.closing?.seq ?? null,
    extended: view.isExtended,
    finalBallots: proposal.areBallotsFinal,
    execution: view.execution ?? null,
    awaitsOwner: awaitsOwner(state, facts, proposal),
    tally: tallyStatus(view.tally, proposal.thresholdPercent),
    ballots: ballotsOf(state, proposal),
    missing: missingVoters(state, proposal).map(({ member, hasLeft }) => ({
      memberId: member,
      left: hasLeft,
    })),
    voter: view.isVoter,
    mayAnswer: view.mayAnswer,
    ownChoice: view.ownChoice ?? null,
    ownReason: own?.reason ?? '',
    queued: waiting.ballots.get(view.id) ?? null,
    consequences: consequencesFor(view.consequences, state, facts),
  };
}

export function tallyStatus(tally: TallyView, thresholdPercent: number): TallyStatus {
  const { yes, no, abstain, voters, neededYes, neededBallots, verdict } = tally;
  return {
    yes,
    no,
    abstain,
    voters,
    neededYes,
    neededBallots,
    verdict,
    thresholdPercent,
    approvalPerMille: tally.approvalPerMille ?? null,
    missingYes: tally.missingYes ?? null,
    certain: tally.certain ?? null,
  };
}

function ballotsOf({ members }: GovernanceState, { ballots }: Proposal): BallotStatus[] {
  return ballots.flatMap(({ voter, choice, reason, at, changes }) => {
    const memberId = members.at(voter)?.member;
    return memberId === undefined ? [] : [{ memberId, choice, reason, at, changes }];
  });
}

/**
 * Whether a passed proposal changed the state and not yet the board: only owners' tabs write what everybody's board obeys. As soon as something
 * later decides about the same thing, that counts.
 */
function awaitsOwner(state: GovernanceState, facts: BoardFacts, { action, closing }: Proposal): boolean {
  if (closing?.execution !== 'done') return false;
  switch (action.kind) {
    case 'evict':
      return facts.roleOf(action.member) !== null;
    case 'role':
      return (
        state.members.roleOf(action.member) === action.role && facts.roleOf(action.member) !== action.role
      );
    case 'removeColumn':
      return facts.columnTitle(action.columnId) !== undefined;
    case 'none':
    case 'dropSeat':
    case 'removeBoard':
    case 'policy':
      return false;
  }
}

export function consequencesFor(
  consequences: readonly Coded[],
  state: GovernanceState,
  facts: BoardFacts,
): Consequence[] {
  return consequences.map((one) => {
    switch (one.code) {
      case 'memberRemoved':
      case 'memberLosesSeats':
        return { code: one.code, memberId: one.member };
      case 'roleBecomes':
        return { code: one.code, memberId: one.member, role: one.role as Role };
      case 'seatRemoved':
        return { code: one.code, ...seatName(state, one.seat) };
      case 'columnRemoved':
        return {
          code: one.code,
          columnId: one.columnId,
          title: facts.columnTitle(one.columnId) ?? null,
        };
      case 'nothingByItself':
      case 'boardRemoved':
      case 'rulesChange':
      case 'committeeBecomes':
      case 'tooLate':
        return one;
    }
  });
}

function actionStatus(action: Action): ProposalAction {
  switch (action.kind) {
    case 'none':
    case 'removeBoard':
      return { type: action.kind };
    case 'evict':
      return { type: 'evict', memberId: action.member };
    case 'role':
      return { type: 'setRole', memberId: action.member, role: action.role };
    case 'dropSeat':
      return { type: 'dropSeat', peerId: action.seat };
    case 'removeColumn':
      return { type: 'removeColumn', columnId: action.columnId };
    case 'policy':
      return { type: 'setPolicy', policy: action.policy };
  }
}

/** The action in an argument whose shape was checked. Journals of an evicted member are cut where the owner's tab that carries it out has them. */
export function actionOf(action: ProposalAction): Action {
  switch (action.type) {
    case 'none':
    case 'removeBoard':
      return { kind: action.type };
    case 'evict':
      return { kind: 'evict', member: action.memberId as MemberId, cuts: [] };
    case 'setRole':
      return { kind: 'role', member: action.memberId as MemberId, role: action.role };
    case 'dropSeat':
      return { kind: 'dropSeat', seat: action.peerId as PeerId };
    case 'removeColumn':
      return { kind: 'removeColumn', columnId: action.columnId };
    case 'setPolicy':
      return { kind: 'policy', policy: action.policy };
  }
}

/** What was decided, for `self` to see. */
export function decisionStatus(self: PeerId, decision: PlacedDecision, names: Names): DecisionStatus {
  const { author, member, operation, place, refusal, seq, time } = decision;
  return {
    sequence: seq,
    place,
    kind: operation?.kind ?? 'unknown',
    summary: summaryOf(author, operation, names),
    at: time,
    memberId: member ?? null,
    own: author === self,
    refusal: refusal ?? null,
    proposalId: proposalOfDecision(decision),
  };
}

function proposalOfDecision({ operation, outcomes }: Decision): string | null {
  const opened = outcomes.find((outcome) => outcome.kind === 'proposalOpened');
  if (opened?.kind === 'proposalOpened') return opened.proposal;
  switch (operation?.kind) {
    case 'castBallot':
    case 'withdraw':
    case 'close':
      return operation.proposal;
    default:
      return null;
  }
}
