/** Twins, all scenarios of three views, and bugs that they have to find. Rules of docs/spec/consensus.md. */
import { describe, expect, it } from 'vitest';
import { SHORT_SCENARIOS, twinsScenario, viewsOf } from '../../src/sim/scenarios/twins.ts';
import { complaintOf, firstSeed, runSeed } from '../support/sim-seeds.ts';

const PARTS = 9;
const PART = SHORT_SCENARIOS / PARTS;
/** A run takes every third part, others with each commit: three commits have them all. All of them: `npm run sim -- --scenario twins --seeds 0..13823`. */
const TURN = firstSeed() % 3;
/** A part takes a few seconds on a machine that does nothing else. */
const TIMEOUT_MS = 300_000;

const EXPECTED: Readonly<Record<string, RegExp>> = {
  tooManyTwins: /agreement: |order: /,
  smallQuorum: /certificate: |agreement: /,
  executeAgain: /twice: /,
  blindAllNull: /agreement: |order: |halted: /,
  blindEmptyViewChange: /agreement: |order: |halted: |view: |conflict: /,
};

describe('twins', () => {
  it('are in all 13,824 scenarios of three views once', () => {
    expect(SHORT_SCENARIOS).toBe(13_824);
    const all = new Set(Array.from({ length: SHORT_SCENARIOS }, (_, at) => JSON.stringify(viewsOf(at))));
    expect(all.size).toBe(SHORT_SCENARIOS);
    expect(viewsOf(SHORT_SCENARIOS)).toHaveLength(4);
  });

  it.each(
    Array.from({ length: PARTS }, (_, part) => part)
      .filter((part) => part % 3 === TURN)
      .map((part) => part * PART),
  )(
    '[CON-19] fork nobody and make nobody contradict itself: 1,536 scenarios from %i',
    (from) => {
      let decided = 0;
      for (let number = from; number < from + PART; number++)
        decided += runSeed(twinsScenario, number).figures['decided'] ?? 0;
      expect(decided).toBeGreaterThan(PART);
    },
    TIMEOUT_MS,
  );

  it.each(Object.entries(EXPECTED))(
    '[CON-19] find the planted bug %s',
    (plant, says) => {
      expect(complaintOf(twinsScenario, plant, { first: 0, last: SHORT_SCENARIOS - 1 })).toMatch(says);
    },
    TIMEOUT_MS,
  );

  it('[CON-19] are expected to find all bugs that can be planted', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual([...twinsScenario.plants].sort());
  });
});
