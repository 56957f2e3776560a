/** What a board's group has agreed on about deciding. Part of the replicated state; a change of it holds for what is decided later. */
import { flag, oneOf, record, whole, type Codec } from '../kernel/codec.ts';

/** Who decides: owners may by themselves, or nobody without a vote. Votes are possible in either case. */
const DECIDERS = ['owners', 'vote'] as const;
type Decider = (typeof DECIDERS)[number];

export interface Policy {
  /** Yes among yes and no that a proposal needs at least, per cent, 51 to 100. A proposal may ask for more. */
  readonly thresholdPercent: number;
  /** Ballots among voters below which nothing is decided, per cent, 1 to 100. */
  readonly quorumPercent: number;
  /** Whether agents may propose and vote. */
  readonly agentsVote: boolean;
  /** Who evicts members, changes their roles and takes seats from them. */
  readonly membersBy: Decider;
  /** Who changes this. */
  readonly policyBy: Decider;
}

/** Two thirds, rounded up (DESIGN section 10); half of the voters; agents run errands (research/board.md: default no vote); owners decide as before. */
export const DEFAULT_POLICY: Policy = {
  thresholdPercent: 67,
  quorumPercent: 50,
  agentsVote: false,
  membersBy: 'owners',
  policyBy: 'owners',
};

export const MIN_THRESHOLD_PERCENT = 51;

export const policyCodec: Codec<Policy> = record<Policy>({
  thresholdPercent: whole(100),
  quorumPercent: whole(100),
  agentsVote: flag,
  membersBy: oneOf(DECIDERS),
  policyBy: oneOf(DECIDERS),
});

/** Whether the numbers are such that votes can be decided, and a minority cannot. */
export function isSoundPolicy({ thresholdPercent, quorumPercent }: Policy): boolean {
  return (
    thresholdPercent >= MIN_THRESHOLD_PERCENT &&
    thresholdPercent <= 100 &&
    quorumPercent >= 1 &&
    quorumPercent <= 100
  );
}
