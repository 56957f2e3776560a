/**
 * What a vote comes to, told apart from the code that decides it: people are put into rows and counted off one by one, with fractions over a common
 * denominator in place of percentages of people.
 */
export type Answer = 'approve' | 'reject' | 'abstain' | 'none';

export interface ModelledVote {
  readonly answers: readonly Answer[];
  readonly threshold: number;
  readonly quorum: number;
  readonly isAboutMember: boolean;
}

/** The least whole number of ballots with which at least `quorum` of a hundred parts of all voters have answered, by trying. */
export function ballotsByTrying({ answers, quorum, isAboutMember }: ModelledVote): number {
  const voters = answers.length;
  for (let ballots = 1; ; ballots++) {
    const isEnough = ballots / voters >= quorum / 100 - 1e-9;
    const isMost = ballots > voters - ballots && ballots >= 2;
    if ((isEnough || ballots > voters) && (!isAboutMember || isMost)) return ballots;
  }
}

export function modelledResult(vote: ModelledVote): 'passed' | 'rejected' | 'noQuorum' {
  const given = vote.answers.filter((answer) => answer !== 'none');
  if (given.length < ballotsByTrying(vote)) return 'noQuorum';
  const decided = given.filter((answer) => answer !== 'abstain');
  const approving = decided.filter((answer) => answer === 'approve');
  if (approving.length === 0) return 'rejected';
  // Each no weighs `threshold`, each yes what is left of a hundred: yes must not be outweighed.
  let balance = 0;
  for (const answer of decided) balance += answer === 'approve' ? 100 - vote.threshold : -vote.threshold;
  return balance >= 0 ? 'passed' : 'rejected';
}
