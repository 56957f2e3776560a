/** Small arithmetic of the Decisions screen. Rules of docs/spec/decisions.md. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reachesThreshold } from '../../../src/governance/tally.ts';
import { nextTick, timeLeft } from '../../../src/ui/decisions/time-left.ts';
import { yesNeeded } from '../../../src/ui/decisions/yes-needed.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe('the threshold marker', () => {
  it('[DEC-5] stands at the fewest yes that pass if everybody votes who has not abstained', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.nat(60),
        fc.integer({ min: 51, max: 100 }),
        (voters, some, thresholdPercent) => {
          const abstain = Math.min(some, voters - 1);
          const rest = voters - abstain;
          const needed = yesNeeded({ abstain, thresholdPercent, voters });
          expect(needed).toBeLessThanOrEqual(rest);
          expect(reachesThreshold({ yes: needed, no: rest - needed }, thresholdPercent)).toBe(true);
          expect(reachesThreshold({ yes: needed - 1, no: rest - needed + 1 }, thresholdPercent)).toBe(false);
        },
      ),
    );
  });
});

describe('the time left', () => {
  it('[DEC-5] is told in words that never promise too much', () => {
    expect(timeLeft(3 * 24 * HOUR - 1)).toBe('2 days');
    expect(timeLeft(2 * 24 * HOUR - 1)).toBe('47 hours');
    expect(timeLeft(2 * HOUR - 1)).toBe('119 minutes');
    expect(timeLeft(2 * MINUTE)).toBe('2 minutes');
    expect(timeLeft(2 * MINUTE - 1)).toBe('120 seconds');
    expect(timeLeft(1)).toBe('1 second');
    expect(timeLeft(-5)).toBe('0 seconds');
  });

  it('[DEC-5] is told anew each second when seconds are shown, and not at all when nothing runs', () => {
    expect(nextTick([])).toBeUndefined();
    expect(nextTick([-1, 0])).toBeUndefined();
    expect(nextTick([HOUR])).toBe(20 * SECOND);
    expect(nextTick([HOUR, MINUTE])).toBe(SECOND);
  });
});
