/** The arithmetic of ballots, at its boundaries and against a model that shares no code with it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ballotsNeeded,
  ballotsNeededAboutMember,
  certainVerdict,
  missingYes,
  neededOf,
  reachesThreshold,
  verdictOf,
  type Count,
} from '../../../src/governance/tally.ts';
import { ballotsByTrying, modelledResult, type Answer } from './tally-model.ts';

const passes = (yes: number, no: number): boolean => reachesThreshold({ yes, no }, 67);

describe('the threshold', () => {
  it('[GOV-20] of 67 per cent is more than two thirds: all of 3, 5 of 6, 3 of 4', () => {
    expect([passes(2, 1), passes(3, 0)]).toEqual([false, true]);
    expect([passes(4, 2), passes(5, 1)]).toEqual([false, true]);
    expect([passes(3, 1), passes(2, 2)]).toEqual([true, false]);
  });

  it('[GOV-20] is reached exactly at 67 of 100 and 670 of 1,000, and nothing passes without a yes', () => {
    expect([passes(67, 33), passes(66, 34)]).toEqual([true, false]);
    expect([passes(670, 330), passes(669, 331)]).toEqual([true, false]);
    expect(passes(0, 0)).toBe(false);
    expect([reachesThreshold({ yes: 9, no: 0 }, 100), reachesThreshold({ yes: 9, no: 1 }, 100)]).toEqual([
      true,
      false,
    ]);
  });

  it('[GOV-20] is told as "k of m": 3 of 3, 3 of 4, 4 of 5, 5 of 6, 5 of 7, 67 of 100', () => {
    const needs = (voters: number): number => neededOf({ thresholdPercent: 67, neededBallots: 1, voters });
    expect([1, 2, 3, 4, 5, 6, 7, 100].map(needs)).toEqual([1, 2, 3, 3, 4, 5, 5, 67]);
  });
});

describe('the participation quorum', () => {
  it('[GOV-21] is separate: abstentions count for it, and not for the threshold', () => {
    const measure = { thresholdPercent: 67, neededBallots: 5, voters: 10 };
    expect(verdictOf({ yes: 4, no: 0, abstain: 0 }, measure)).toBe('noQuorum');
    expect(verdictOf({ yes: 1, no: 0, abstain: 4 }, measure)).toBe('passed');
    expect(verdictOf({ yes: 0, no: 0, abstain: 9 }, measure)).toBe('rejected');
  });

  it('[GOV-21] is rounded up: half of 3 is 2; 1 per cent of 100 is 1, of 101 is 2', () => {
    expect([ballotsNeeded(3, 50), ballotsNeeded(4, 50), ballotsNeeded(0, 50)]).toEqual([2, 2, 1]);
    expect([ballotsNeeded(100, 1), ballotsNeeded(101, 1), ballotsNeeded(7, 100)]).toEqual([1, 2, 7]);
  });

  it('[GOV-27] about a member is more than half, and never one person', () => {
    expect([1, 2, 3, 4, 5].map((voters) => ballotsNeededAboutMember(voters, 1))).toEqual([2, 2, 2, 3, 3]);
    expect(ballotsNeededAboutMember(10, 90)).toBe(9);
  });
});

describe('against the model', () => {
  const answer = fc.constantFrom<Answer>('approve', 'reject', 'abstain', 'none');
  const vote = fc.record({
    answers: fc.array(answer, { minLength: 1, maxLength: 60 }),
    threshold: fc.integer({ min: 51, max: 100 }),
    quorum: fc.integer({ min: 1, max: 100 }),
    isAboutMember: fc.boolean(),
  });
  const countOf = (answers: readonly Answer[]): Count => ({
    yes: answers.filter((each) => each === 'approve').length,
    no: answers.filter((each) => each === 'reject').length,
    abstain: answers.filter((each) => each === 'abstain').length,
  });

  it('[GOV-20, GOV-21] every vote comes to what it comes to there', () => {
    fc.assert(
      fc.property(vote, (drawn) => {
        const voters = drawn.answers.length;
        const needed = drawn.isAboutMember ? ballotsNeededAboutMember : ballotsNeeded;
        const neededBallots = needed(voters, drawn.quorum);
        expect(neededBallots).toBe(ballotsByTrying(drawn));
        const measure = { thresholdPercent: drawn.threshold, neededBallots, voters };
        expect(verdictOf(countOf(drawn.answers), measure)).toBe(modelledResult(drawn));
      }),
      { numRuns: 3_000 },
    );
  });

  it('[GOV-23, GOV-33] a certain result is one that no further ballots change, and what is missing is the least', () => {
    fc.assert(
      fc.property(vote, ({ answers, threshold, quorum, isAboutMember }) => {
        const needed = isAboutMember ? ballotsNeededAboutMember : ballotsNeeded;
        const neededBallots = needed(answers.length, quorum);
        const measure = { thresholdPercent: threshold, neededBallots, voters: answers.length };
        const rest = answers.filter((each) => each === 'none').length;
        const result = (yes: number, no: number): string => {
          const silent = Array.from({ length: rest - yes - no }, (): Answer => 'none');
          const more = [
            ...Array.from({ length: yes }, (): Answer => 'approve'),
            ...Array.from({ length: no }, (): Answer => 'reject'),
          ];
          const given = answers.filter((each) => each !== 'none');
          return modelledResult({
            answers: [...given, ...more, ...silent],
            threshold,
            quorum,
            isAboutMember,
          });
        };
        const ends = new Set<string>();
        for (let yes = 0; yes <= rest; yes++)
          for (let no = 0; no <= rest - yes; no++) ends.add(result(yes, no));
        const count = countOf(answers);
        const certain = certainVerdict(count, measure);
        if (certain !== undefined) expect([...ends]).toEqual([certain]);
        else if (verdictOf(count, measure) !== 'noQuorum') expect(ends.size).toBeGreaterThan(1);
        const least = Array.from({ length: rest + 1 }, (_, yes) => yes).find(
          (yes) => result(yes, 0) === 'passed',
        );
        expect(missingYes(count, measure)).toBe(least);
      }),
      { numRuns: 300 },
    );
  });
});
