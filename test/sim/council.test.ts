/** The council scenario: seeds of every run, and the bugs that its oracle has to catch. Rules of docs/spec/governance.md. */
import { describe, expect, it } from 'vitest';
import { councilScenario } from '../../src/sim/scenarios/council.ts';
import { complaintOf, firstSeed, runSeed } from '../support/sim-seeds.ts';

/** Seeds of a continuous run. */
const SEEDS = 20;
/** Seeds within which each planted bug has to be caught. */
const BUDGET = 80;

const EXPECTED: Readonly<Record<string, RegExp>> = {
  forgetfulInvites: /invites: /,
  ownClock: /state: |halted: /,
  lateBallots: /votes: /,
  lowThreshold: /votes: passed where a count says rejected/,
  lowQuorum: /votes: \w+ where a count says noQuorum/,
  earlyClosing: /votes: /,
};

describe('the council scenario', () => {
  it('[GOV-34] holds: one state everywhere, no invite used too often, and every vote as a count of its own says', () => {
    let passed = 0;
    let admitted = 0;
    for (let seed = firstSeed(), at = 0; at < SEEDS; at++, seed++) {
      const { figures } = runSeed(councilScenario, seed);
      passed += figures['passed'] ?? 0;
      admitted += figures['admitted'] ?? 0;
    }
    expect(passed).toBeGreaterThan(0);
    expect(admitted).toBeGreaterThan(0);
  }, 300_000);

  it('[GOV-34] is a function of its seed', () => {
    expect(runSeed(councilScenario, 7)).toEqual(runSeed(councilScenario, 7));
  });

  it.each(Object.entries(EXPECTED))(
    '[GOV-34] the planted bug %s is caught',
    (plant, says) => {
      const said = complaintOf(councilScenario, plant, { last: BUDGET });
      expect(said).toMatch(says);
      expect(said).toMatch(/\nreplay: npm run sim -- --scenario council .*--plant \w+$/);
    },
    300_000,
  );

  it('[GOV-34] all planted bugs are expected to be caught', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual([...councilScenario.plants].sort());
  });
});
