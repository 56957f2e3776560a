/** What came of an operation: why it did nothing, or what it did. Part of no state: told to whoever runs the machine, for each decision once. */
import type { Hash, MemberId, PeerId } from '../kernel/ids.ts';
import type { AdmissionRefusal } from '../identity/admission.ts';
import type { Cut } from '../identity/decrees.ts';
import type { Role } from '../identity/roles.ts';
import type { Operation } from './operations.ts';
import type { Policy } from './policy.ts';

/** Why an operation did nothing. Closed set: screens choose their words from it. */
export type GovernanceRefusal =
  | AdmissionRefusal
  | 'notAnOperation' // bytes that say nothing
  | 'proofEmpty' // a proof of a fork or of a double vote that contradicts nothing
  | 'wrongBoard' // somebody's word about another board
  | 'notAllowed' // the author's role does not allow it
  | 'needsVote' // the policy leaves it to a vote
  | 'unknownMember' // nobody of that id, or evicted
  | 'memberProtected' // whoever made the board; or an owner, whom only that one or a vote restricts
  | 'alreadyMember'
  | 'wasEvicted' // a member key never comes back
  | 'tooManyMembers'
  | 'unknownTab'
  | 'tabTaken' // it is known as another member's
  | 'tooManyTabs'
  | 'inviteChanged' // the same key with other terms
  | 'tooManyInvites'
  | 'noFreeSeat'
  | 'hasSeat' // the tab, or its member where members have one seat each
  | 'noSeat'
  | 'notYours' // another member's seat or proposal
  | 'lastSeat' // somebody has to sit
  | 'noTime' // the group has not agreed on a time yet
  | 'badProposal' // without a title, or with a time or threshold that cannot be
  | 'tooManyProposals'
  | 'unknownProposal' // or so old that it was forgotten
  | 'notAVoter'
  | 'proposalClosed' // closed, or its time is over
  | 'notDue' // its time is not over
  | 'ballotFinal'
  | 'tooManyReasons' // the ballot is welcome without one
  | 'badPolicy'
  | 'notASeat' // only seats of the committee attest
  | 'otherEpoch' // said as a seat of another committee than the one in force
  | 'oldCheckpoint' // not newer than the last certified one
  | 'otherCheckpoint'; // the seat attested another one under this number

export type Result = 'passed' | 'rejected' | 'noQuorum' | 'withdrawn';
/** What became of a passed proposal's action: it has none, was done, or was not possible any more. */
export const EXECUTIONS = ['none', 'done', 'impossible'] as const;
export type ExecutionState = (typeof EXECUTIONS)[number];

/** What the layer above has to carry out, or may want to show. */
export type Outcome =
  | { readonly kind: 'memberAdmitted'; readonly member: MemberId; readonly role: Role }
  | { readonly kind: 'roleChanged'; readonly member: MemberId; readonly role: Role }
  | { readonly kind: 'memberEvicted'; readonly member: MemberId; readonly cuts: readonly Cut[] }
  /** Nothing of the tab's journal from this place on has effect, unless somebody honest had built on it. */
  | { readonly kind: 'journalCut'; readonly author: PeerId; readonly seq: number }
  /** The tab voted twice: it has no say in the group any more. */
  | { readonly kind: 'tabConvicted'; readonly tab: PeerId }
  | { readonly kind: 'inviteRevoked'; readonly inviteKey: string }
  | { readonly kind: 'seatTaken' | 'seatLeft'; readonly seat: PeerId }
  | { readonly kind: 'proposalOpened'; readonly proposal: Hash }
  | { readonly kind: 'proposalExtended'; readonly proposal: Hash; readonly closesAt: number }
  | {
      readonly kind: 'proposalClosed';
      readonly proposal: Hash;
      readonly result: Result;
      readonly execution: ExecutionState;
    }
  | { readonly kind: 'columnRemoved'; readonly columnId: string }
  | { readonly kind: 'boardRemoved' }
  | { readonly kind: 'policyChanged'; readonly policy: Policy }
  /** A quorum of the committee made the same checkpoint. */
  | { readonly kind: 'checkpointCertified'; readonly number: number; readonly hash: Hash };

/** One executed operation, and what came of it. */
export interface Decision {
  readonly seq: number;
  /** Agreed time, ms since 1970. */
  readonly time: number;
  readonly author: PeerId;
  /** Whose tab it is; undefined for a tab of nobody. */
  readonly member: MemberId | undefined;
  /** Undefined for bytes that are none. */
  readonly operation: Operation | undefined;
  /** Undefined when it was done. */
  readonly refusal: GovernanceRefusal | undefined;
  readonly outcomes: readonly Outcome[];
}
