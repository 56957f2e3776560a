/** What screens and scripts see of a board's decisions (docs/api.md): plain JSON, made from the replicated state by `app/`. */
import type { Role } from './role.ts';

export const CHOICES = ['approve', 'reject', 'abstain'] as const;
export type Choice = (typeof CHOICES)[number];

/** Who decides about members, and about the policy: owners by themselves, or nobody without a vote. */
export type Decider = 'owners' | 'vote';

/** What a group has agreed on about deciding. */
export interface Policy {
  /** Yes among yes and no that a proposal needs at least, per cent. */
  readonly thresholdPercent: number;
  /** Ballots among voters below which nothing is decided, per cent. */
  readonly quorumPercent: number;
  readonly agentsVote: boolean;
  readonly membersBy: Decider;
  readonly policyBy: Decider;
}

/** What a proposal does when it passes. */
export type ProposalAction =
  | { readonly type: 'none' }
  | { readonly type: 'evict'; readonly memberId: string }
  | { readonly type: 'setRole'; readonly memberId: string; readonly role: Role }
  | { readonly type: 'dropSeat'; readonly peerId: string }
  | { readonly type: 'removeColumn'; readonly columnId: string }
  | { readonly type: 'removeBoard' }
  | { readonly type: 'setPolicy'; readonly policy: Policy };

export interface NewProposal {
  readonly title: string;
  readonly body?: string;
  /** Default: none, a question. */
  readonly action?: ProposalAction;
  /** How long it is open, 1 s to 90 days; default a day. */
  readonly closesInMs?: number;
  /** Share of yes among yes and no, in hundredths from 0.51 to 1; default the policy's. */
  readonly threshold?: number;
  /** Nobody may change a ballot; in return it ends as soon as the result is certain. */
  readonly finalBallots?: boolean;
}

/** `due`: its time is over, and it is being counted. */
export type Stage = 'open' | 'closingSoon' | 'due' | 'passed' | 'rejected' | 'noQuorum' | 'withdrawn';

export interface TallyStatus {
  readonly yes: number;
  readonly no: number;
  readonly abstain: number;
  readonly voters: number;
  /** Share of yes among yes and no, per thousand; null before the first of them. */
  readonly approvalPerMille: number | null;
  readonly thresholdPercent: number;
  /** The fewest yes that pass if everybody votes yes or no. */
  readonly neededYes: number;
  /** How many more yes would make it pass now; null when no number would. */
  readonly missingYes: number | null;
  readonly neededBallots: number;
  /** What closing it now would say, and what it will say whatever comes, if ballots stay as they are. */
  readonly verdict: 'passed' | 'rejected' | 'noQuorum';
  readonly certain: 'passed' | 'rejected' | null;
}

export interface BallotStatus {
  readonly memberId: string;
  readonly choice: Choice;
  readonly reason: string;
  /** Agreed time, ms since 1970. */
  readonly at: number;
  /** How often it was changed. */
  readonly changes: number;
}

/** What passing would do. */
export type Consequence =
  | { readonly code: 'nothingByItself' | 'boardRemoved' | 'rulesChange' | 'tooLate' }
  | { readonly code: 'memberRemoved' | 'memberLosesSeats'; readonly memberId: string }
  | { readonly code: 'roleBecomes'; readonly memberId: string; readonly role: Role }
  | { readonly code: 'seatRemoved'; readonly peerId: string; readonly memberId: string | null }
  | { readonly code: 'columnRemoved'; readonly columnId: string; readonly title: string | null }
  | { readonly code: 'committeeBecomes'; readonly seats: number; readonly faults: number };

export interface ProposalStatus {
  readonly proposalId: string;
  readonly title: string;
  readonly body: string;
  /** Who made it. */
  readonly memberId: string;
  readonly action: ProposalAction;
  readonly stage: Stage;
  /** Agreed times, ms since 1970. */
  readonly openedAt: number;
  readonly closesAt: number;
  readonly closedAt: number | null;
  /** Places in the order. */
  readonly openedSequence: number;
  readonly closedSequence: number | null;
  /** A late ballot turned the result, so it stays open longer. */
  readonly extended: boolean;
  readonly finalBallots: boolean;
  /** What became of a passed proposal's action. */
  readonly execution: 'none' | 'done' | 'impossible' | null;
  /** It passed, and no owner's tab has carried it out on the board yet. */
  readonly awaitsOwner: boolean;
  readonly tally: TallyStatus;
  readonly ballots: readonly BallotStatus[];
  /** Who may vote and has not. `left`: is not on the board any more. */
  readonly missing: readonly { readonly memberId: string; readonly left: boolean }[];
  readonly voter: boolean;
  /** Whether an answer of ours would be taken now. */
  readonly mayAnswer: boolean;
  readonly ownChoice: Choice | null;
  readonly ownReason: string;
  /** An answer of ours that is signed and kept here, and that the group has not decided yet. */
  readonly queued: { readonly choice: Choice; readonly reason: string } | null;
  readonly consequences: readonly Consequence[];
}

/** A proposal of this tab that is signed and kept here, and that the group has not decided yet. */
export interface QueuedProposal {
  readonly proposalId: string;
  readonly title: string;
  readonly body: string;
  readonly action: ProposalAction;
}

/** The committee in force, as `status()` tells of it. */
export interface CommitteeStatus {
  readonly epoch: number;
  readonly view: number;
  /** Seats, faults borne, and seats that decide. */
  readonly n: number;
  readonly f: number;
  readonly quorum: number;
  /** The tab that leads. */
  readonly primary: string;
  /** Whether this tab has a seat. */
  readonly seated: boolean;
  /** Places in the order: the last one executed here, and the last checkpoint that a quorum agreed on. */
  readonly lastExecuted: number;
  readonly stableCheckpoint: number;
  /** Whether a quorum of the seats is reached now. */
  readonly hasQuorum: boolean;
  /** How often the board's maker began the committee anew. */
  readonly resets: number;
  /** Why this tab's key has no say, so that only a new one helps: what it signed is lost, or it voted twice. null: it may have one. */
  readonly muted: 'keyLost' | 'convicted' | null;
}

/** That the group decided that the board is over. */
export interface ClosedStatus {
  /** When, by the agreed time in ms since 1970, and behind which place in the order. */
  readonly at: number;
  readonly sequence: number;
  /** What the proposal was called. */
  readonly title: string;
}

/** Whether the committee can decide now. */
export interface QuorumStatus {
  readonly seats: number;
  readonly faults: number;
  readonly needed: number;
  readonly reachable: number;
  readonly canDecide: boolean;
  /** False for up to 3 seats. */
  readonly faultTolerant: boolean;
  /** For how long fewer than needed have been reached, ms; null while enough are. */
  readonly lostForMs: number | null;
  /** Every seat in its order: the tab, whose it is if that is known, and whether it is reached. */
  readonly all: readonly {
    readonly peerId: string;
    readonly memberId: string | null;
    readonly reached: boolean;
  }[];
}

export interface DecisionsView {
  /** Agreed time as far as it can be told now, ms since 1970. */
  readonly time: number;
  readonly quorum: QuorumStatus | null;
  readonly policy: Policy;
  readonly mayPropose: boolean;
  /** What needs our answer first, then what else is open, then what was closed, the last first. */
  readonly proposals: readonly ProposalStatus[];
  readonly queued: readonly QueuedProposal[];
  /** Who made the board, and alone may begin the committee anew. */
  readonly creator: string;
  /** When that was done, the first time first: for ever. */
  readonly beginnings: readonly NewBeginning[];
  /** Tabs that voted twice, the last that the group convicted first; before them those that it has not decided on. */
  readonly doubleVotes: readonly DoubleVote[];
}

/** One of two statements that one tab signed for one place. */
export interface VotedStatement {
  /** What was stated, as in docs/spec/consensus.md. */
  readonly kind: string;
  /** Where: those of the two that such a statement has. */
  readonly view: number | null;
  readonly sequence: number | null;
  /** What differs: a hash, or several. */
  readonly content: string;
}

/** That a tab signed two statements of which an honest one signs at most one. */
export interface DoubleVote extends SeatName {
  readonly epoch: number;
  /** Which seat it had, from 0. */
  readonly seat: number;
  /** Two; none where the proof is not kept any more. */
  readonly statements: readonly VotedStatement[];
  /** Where the group convicted it; null while it has not. */
  readonly decided: {
    readonly sequence: number;
    /** In its batch, from 1; null if that is not kept here. */
    readonly place: number | null;
    readonly at: number;
  } | null;
}

/** A committee that the board's maker began anew, because a quorum of the one before was lost. */
export interface NewBeginning {
  readonly epoch: number;
  /** The last place in the order before it. */
  readonly sequence: number;
  /** Who did it. */
  readonly memberId: string;
  readonly seatsBefore: number;
  readonly seats: number;
}

/** One thing that the group decided. */
export interface DecisionStatus {
  /** Place in the order, and in the batch of requests that has this place, from 1. */
  readonly sequence: number;
  readonly place: number;
  readonly kind: string;
  /** In words, with the names that are known now. */
  readonly summary: string;
  /** Agreed time, ms since 1970. */
  readonly at: number;
  readonly memberId: string | null;
  /** Whether this tab asked for it. */
  readonly own: boolean;
  /** Why it did nothing; null when it was done. */
  readonly refusal: string | null;
  /** The proposal that it is about. */
  readonly proposalId: string | null;
}

/** On what a decision stands. */
export interface DecisionEvidence {
  readonly sequence: number;
  readonly epoch: number;
  readonly view: number;
  readonly n: number;
  readonly f: number;
  readonly quorum: number;
  /** The tab that led. */
  readonly primary: string;
  /** Tabs whose statements are held here, with whose they are. */
  readonly prepared: readonly SeatName[];
  readonly committed: readonly SeatName[];
  /** What the decision says of a tab that voted twice; null of all others. */
  readonly doubleVote: DoubleVote | null;
}

export interface SeatName {
  readonly peerId: string;
  readonly memberId: string | null;
}

/** What a certificate says, once it holds. */
export interface CertificateClaim {
  readonly boardId: string;
  /** Member who made the board. */
  readonly creator: string;
  /** Fingerprint of the committee. */
  readonly committee: string;
  readonly epoch: number;
  /** How often an owner began the committee anew until then. */
  readonly resets: number;
  readonly view: number;
  readonly n: number;
  readonly f: number;
  readonly quorum: number;
  /** The seat that led, from 0. */
  readonly primary: number;
  readonly sequence: number;
  readonly place: number;
  readonly batch: number;
  /** Tab that asked. */
  readonly peerId: string;
  readonly kind: string | null;
  /** What was asked for, in words. */
  readonly summary: string;
  readonly signers: readonly { readonly seat: number; readonly key: string }[];
}

/** `reason`: a code of docs/errors.md, null when it is valid. `claim`: null unless it is. */
export interface CertificateVerdict {
  readonly valid: boolean;
  readonly reason: string | null;
  readonly claim: CertificateClaim | null;
}

/** What a proposal would be if it were made now: why it would be refused, or how it would stand. */
export interface ProposalPreview {
  readonly refusal: string | null;
  readonly voters: number;
  readonly neededYes: number;
  readonly neededBallots: number;
  readonly consequences: readonly Consequence[];
}

/** Proposing, voting and what came of it. Calls reject with a CodedError. */
export interface DecidePort {
  /** null while the open board's committee is not known, and on boards that have none. Made anew at each call. */
  view(): DecisionsView | null;
  /** Proposals that wait for our vote. Cheap to ask for. */
  needsVote(): number;
  /** Resolves when it is signed and kept on this device; the group may decide it much later. */
  propose(proposal: NewProposal): Promise<{ readonly proposalId: string }>;
  preview(proposal: NewProposal): ProposalPreview;
  vote(proposalId: string, choice: Choice, options?: { readonly reason?: string }): Promise<void>;
  withdraw(proposalId: string): Promise<void>;
  /** Those from `since` on (a place in the order), the newest last. */
  decisions(options?: { readonly since?: number }): readonly DecisionStatus[];
  /** Begins the committee anew with the seats that are there: for whoever made the board, when a quorum is lost for good. Takes some 12 s. */
  resetCommittee(): Promise<void>;
  /** `place`: which request of the batch, from 1; the first unless said otherwise. */
  evidence(sequence: number, place?: number): DecisionEvidence | null;
  /** The text of a file that proves a decision to anybody. */
  certificate(sequence: number, place?: number): Promise<string>;
  /** Needs no board and no network. */
  verifyCertificate(text: string): Promise<CertificateVerdict>;
}
