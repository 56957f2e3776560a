/**
 * The arithmetic of ballots, in whole numbers: percentages of people are compared by multiplying, so that no two machines round differently. Three
 * things are kept apart: the threshold (yes among yes and no), the participation quorum (ballots among voters), and the committee's quorum, which is
 * no matter of this file. Research: section 6 of the notes on voting; the rules are GOV-20 to GOV-23.
 */

/** Ballots by choice. */
export interface Count {
  readonly yes: number;
  readonly no: number;
  readonly abstain: number;
}

/** What a result is measured by, fixed when the proposal was made. */
export interface Measure {
  /** Passes if yes makes up at least so much of yes and no, per cent, 51 to 100. */
  readonly thresholdPercent: number;
  /** Ballots without which nothing is decided. */
  readonly neededBallots: number;
  /** How many may vote. */
  readonly voters: number;
}

export type Verdict = 'passed' | 'rejected' | 'noQuorum';

/** Whether yes reaches the threshold among yes and no. Abstentions do not count here, and nothing passes without a yes. */
export function reachesThreshold({ yes, no }: Pick<Count, 'yes' | 'no'>, thresholdPercent: number): boolean {
  return yes > 0 && 100 * yes >= thresholdPercent * (yes + no);
}

/** The result if no further ballot came. */
export function verdictOf(count: Count, measure: Measure): Verdict {
  if (count.yes + count.no + count.abstain < measure.neededBallots) return 'noQuorum';
  return reachesThreshold(count, measure.thresholdPercent) ? 'passed' : 'rejected';
}

/** The result, if no further ballots can change it any more. Ballots given are taken as final. */
export function certainVerdict(count: Count, measure: Measure): 'passed' | 'rejected' | undefined {
  const { yes, no, abstain } = count;
  const given = yes + no + abstain;
  const rest = measure.voters - given;
  if (given < measure.neededBallots) return undefined;
  if (reachesThreshold({ yes, no: no + rest }, measure.thresholdPercent)) return 'passed';
  return reachesThreshold({ yes: yes + rest, no }, measure.thresholdPercent) ? undefined : 'rejected';
}

/** The fewest yes that pass if everybody votes yes or no: k of "needs k of m". */
export function neededOf({ thresholdPercent, voters }: Measure): number {
  return Math.max(1, Math.ceil((thresholdPercent * voters) / 100));
}

/** How many more yes would make it pass if nobody else answered; undefined when there are not so many voters left. */
export function missingYes(count: Count, measure: Measure): number | undefined {
  const { yes, no, abstain } = count;
  const rest = measure.voters - yes - no - abstain;
  for (let more = 0; more <= rest; more++)
    if (verdictOf({ yes: yes + more, no, abstain }, measure) === 'passed') return more;
  return undefined;
}

/** Ballots that a participation quorum of `quorumPercent` (1 to 100) asks of `voters`. */
export function ballotsNeeded(voters: number, quorumPercent: number): number {
  return Math.max(1, Math.ceil((quorumPercent * voters) / 100));
}

/** Ballots needed for a question about a member: more than half of the voters, and never one person alone. */
export function ballotsNeededAboutMember(voters: number, quorumPercent: number): number {
  return Math.max(2, Math.floor(voters / 2) + 1, ballotsNeeded(voters, quorumPercent));
}
