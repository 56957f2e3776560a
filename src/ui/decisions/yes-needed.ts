import type { TallyStatus } from '../decision-ports.ts';

/** The yes that are needed if everybody votes yes or no who has not abstained. */
export function yesNeeded({
  abstain,
  thresholdPercent,
  voters,
}: Pick<TallyStatus, 'abstain' | 'thresholdPercent' | 'voters'>): number {
  return Math.max(1, Math.ceil((thresholdPercent * (voters - abstain)) / 100));
}
