/** What a screen asks of the state. Pure: codes and numbers, from which a screen chooses words. */
import type { Hash, MemberId, PeerId } from '../kernel/ids.ts';
import { quorumsOf } from '../consensus/quorum.ts';
import { memberOfAction, type Choice, type OperationKinds } from './operations.ts';
import type { ExecutionState, GovernanceRefusal, Result } from './outcomes.ts';
import { countOf, lateFrom, measureOf, type Proposal } from './proposals.ts';
import type { GovernanceState } from './state.ts';
import { certainVerdict, missingYes, neededOf, verdictOf, type Verdict } from './tally.ts';

/** Where a proposal stands. `due`: its time is over, and nobody has closed it yet. */
export type Stage = 'open' | 'closingSoon' | 'due' | Result;

export interface TallyView {
  readonly yes: number;
  readonly no: number;
  readonly abstain: number;
  readonly voters: number;
  /** Share of yes among yes and no, and where the threshold lies on that bar, per thousand. Undefined before the first of them. */
  readonly approvalPerMille: number | undefined;
  readonly thresholdPerMille: number;
  /** k of "needs k of m": the fewest yes that pass if everybody votes yes or no. */
  readonly neededYes: number;
  /** How many more yes would make it pass now; undefined when no number would. */
  readonly missingYes: number | undefined;
  readonly neededBallots: number;
  /** What closing it now would say, and what it will say whatever comes (if ballots stay as they are). */
  readonly verdict: Verdict;
  readonly certain: 'passed' | 'rejected' | undefined;
}

/** Somebody who may vote and has not. */
export interface MissingVoter {
  readonly member: MemberId;
  /** Evicted since: still counted among the voters. */
  readonly hasLeft: boolean;
}

/** What passing would do, in codes for a screen's words. */
export type Consequence =
  | { readonly code: 'nothingByItself' }
  | { readonly code: 'memberRemoved' | 'memberLosesSeats'; readonly member: MemberId }
  | { readonly code: 'roleBecomes'; readonly member: MemberId; readonly role: string }
  | { readonly code: 'seatRemoved'; readonly seat: PeerId }
  | { readonly code: 'columnRemoved'; readonly columnId: string }
  | { readonly code: 'boardRemoved' | 'rulesChange' }
  /** The committee would then bear so many faults. */
  | { readonly code: 'committeeBecomes'; readonly seats: number; readonly faults: number }
  /** Whom it is about is gone, so nothing would happen. */
  | { readonly code: 'tooLate' };

export interface ProposalView {
  readonly id: Hash;
  readonly title: string;
  readonly body: string;
  readonly author: MemberId;
  readonly stage: Stage;
  readonly openedAt: number;
  readonly closesAt: number;
  readonly isExtended: boolean;
  readonly execution: ExecutionState | undefined;
  readonly tally: TallyView;
  readonly isVoter: boolean;
  readonly ownChoice: Choice | undefined;
  /** Whether an answer of this member would be taken now. */
  readonly mayAnswer: boolean;
  readonly consequences: readonly Consequence[];
}

export function tallyOf(proposal: Proposal): TallyView {
  const count = countOf(proposal);
  const measure = measureOf(proposal);
  const decided = count.yes + count.no;
  return {
    ...count,
    voters: measure.voters,
    approvalPerMille: decided === 0 ? undefined : Math.floor((1000 * count.yes) / decided),
    thresholdPerMille: 10 * measure.thresholdPercent,
    neededYes: neededOf(measure),
    missingYes: missingYes(count, measure),
    neededBallots: measure.neededBallots,
    verdict: verdictOf(count, measure),
    certain: certainVerdict(count, measure),
  };
}

/** Who may vote and has not, in the order in which they joined. */
export function missingVoters({ members }: GovernanceState, { voters, ballots }: Proposal): MissingVoter[] {
  const given = new Set(ballots.map(({ voter }) => voter));
  return voters.flatMap((voter) => {
    const row = members.at(voter);
    return given.has(voter) || row === undefined ? [] : [{ member: row.member, hasLeft: row.isEvicted }];
  });
}

export function consequencesOf(state: GovernanceState, { action, closing }: Proposal): Consequence[] {
  const about = memberOfAction(action);
  const isGone = about !== undefined && state.members.roleOf(about) === undefined;
  if (closing === undefined && isGone) return [{ code: 'tooLate' }];
  switch (action.kind) {
    case 'none':
      return [{ code: 'nothingByItself' }];
    case 'evict':
      return [{ code: 'memberRemoved', member: action.member }, ...committeeWithout(state, action.member)];
    case 'role': {
      const { member, role } = action;
      const lost = role === 'viewer' ? committeeWithout(state, member) : [];
      return [{ code: 'roleBecomes', member, role }, ...lost];
    }
    case 'dropSeat':
      return [{ code: 'seatRemoved', seat: action.seat }, ...committeeOf(state.seats.rows().length - 1)];
    case 'removeColumn':
      return [{ code: 'columnRemoved', columnId: action.columnId }];
    case 'removeBoard':
      return [{ code: 'boardRemoved' }];
    case 'policy':
      return [{ code: 'rulesChange' }];
  }
}

function committeeWithout({ members, seats }: GovernanceState, member: MemberId): Consequence[] {
  const lost = seats.of(members.placeOf(member) ?? -1).length;
  return lost === 0 ? [] : [{ code: 'memberLosesSeats', member }, ...committeeOf(seats.rows().length - lost)];
}

function committeeOf(seats: number): Consequence[] {
  return seats < 1 ? [] : [{ code: 'committeeBecomes', seats, faults: quorumsOf(seats).faults }];
}

export function stageOf(proposal: Proposal, time: number): Stage {
  if (proposal.closing !== undefined) return proposal.closing.result;
  if (time >= proposal.closesAt) return 'due';
  return time >= lateFrom(proposal) ? 'closingSoon' : 'open';
}

/**
 * All proposals as `member` sees them at `time`: what needs its answer first, the most urgent before the others; then what else is open; then what
 * was closed, the last first.
 */
export function proposalsFor(state: GovernanceState, member: MemberId, time: number): ProposalView[] {
  const place = state.members.placeOf(member) ?? -1;
  const views = state.proposals
    .rows()
    .map((proposal) => ({ proposal, view: viewOf(state, proposal, place, time) }));
  const rank = ({ view }: (typeof views)[number]): number => {
    if (view.mayAnswer && view.ownChoice === undefined) return 0;
    return view.stage === 'open' || view.stage === 'closingSoon' || view.stage === 'due' ? 1 : 2;
  };
  const urgency = ({ proposal }: (typeof views)[number]): number =>
    proposal.closing === undefined ? proposal.closesAt : -proposal.closing.seq;
  return views
    .sort((a, b) => rank(a) - rank(b) || urgency(a) - urgency(b) || (a.view.id < b.view.id ? -1 : 1))
    .map(({ view }) => view);
}

function viewOf(state: GovernanceState, proposal: Proposal, place: number, time: number): ProposalView {
  const { id, title, body, openedAt, closesAt, isExtended, closing } = proposal;
  const stage = stageOf(proposal, time);
  const isVoter = proposal.voters.includes(place);
  const ownChoice = proposal.ballots.find(({ voter }) => voter === place)?.choice;
  const isOpen = stage === 'open' || stage === 'closingSoon';
  const isStuck = proposal.areBallotsFinal && ownChoice !== undefined;
  return {
    id,
    title,
    body,
    author: state.members.at(proposal.author)?.member ?? state.founding.creator,
    stage,
    openedAt,
    closesAt,
    isExtended,
    execution: closing?.execution,
    tally: tallyOf(proposal),
    isVoter,
    ownChoice,
    mayAnswer: isVoter && isOpen && !isStuck && state.members.at(place)?.isEvicted === false,
    consequences: consequencesOf(state, proposal),
  };
}

/** Whether the committee can decide now: "2 of 3 needed". */
export interface QuorumView {
  readonly seats: number;
  readonly faults: number;
  readonly needed: number;
  readonly reachable: number;
  readonly canDecide: boolean;
  /** False for up to 3 seats: one liar, or one tab that is gone for good, is too much. */
  readonly isFaultTolerant: boolean;
  /** Seats that are not reached. */
  readonly missing: readonly { readonly seat: PeerId; readonly member: MemberId | undefined }[];
}

/** `isReachable`: whether the mesh reaches a seat now, our own included. Undefined before there is a committee. */
export function quorumStatus(
  state: GovernanceState,
  isReachable: (seat: PeerId) => boolean,
): QuorumView | undefined {
  const keys = state.committeeKeys;
  if (keys.length === 0) return undefined;
  const { faults, quorum, isFaultTolerant } = quorumsOf(keys.length);
  const missing = keys.filter((seat) => !isReachable(seat));
  const reachable = keys.length - missing.length;
  return {
    seats: keys.length,
    faults,
    needed: quorum,
    reachable,
    canDecide: reachable >= quorum,
    isFaultTolerant,
    missing: missing.map((seat) => ({ seat, member: state.members.memberOf(seat) })),
  };
}

/** Why a ballot of this tab's would do nothing now, if so; `time`: agreed time. The same as its execution says. */
export function whyNotVote(
  { members, proposals, time: executedAt }: GovernanceState,
  client: PeerId,
  { proposal, reason }: OperationKinds['castBallot'],
  time: number,
): GovernanceRefusal | undefined {
  const place = members.tab(client)?.member;
  if (place === undefined || !members.mayAsk(client)) return 'unknownTab';
  return proposals.whyNotCast(proposal, place, reason, Math.max(time, executedAt));
}
