/** The committee scenarios: whole nodes with their committee, a few seeds of every run, and the bugs that the judge has to catch. Rules NOD-50 to NOD-68, NOD-80. */
import { describe, expect, it } from 'vitest';
import { COMMITTEE_SCENARIOS } from '../../src/sim/scenarios/committee.ts';
import type { Scenario } from '../../src/sim/scenario.ts';
import { complaintOf, firstSeed, runSeed } from '../support/sim-seeds.ts';

/** Seeds of a continuous run, of each scenario. One takes about a second. */
const SEEDS = { committee: 4, committeePairs: 3, committeeSleep: 2 } as const;
/** Seeds within which each planted bug has to be caught. */
const BUDGET = 20;
/** A continuous run plants every third bug, in turn; with SIM_PLANTS=all every one. */
const TURNS = 3;

const EXPECTED: Readonly<Record<string, RegExp>> = {
  hastyVotes: /conflict: |order: |told: /,
  unmutedKey: /mute: /,
  sharedRecords: /mute: |conflict: /,
  secretFounding: /does not know the committee|has no seat|is not known/,
  impatient: /patience: /,
  hurried: /patience: /,
  doubleSeat: /epoch: |seats: /,
  seatForLife: /epoch: |seats: /,
  shortArchive: /has decision \d+ no more/,
  tellsAgain: /told: .* tells again/,
  idleHands: /board: /,
  credulous:
    /evidence|conflict: |trouble: |order: |blame: |chain: |epoch: |agreement: |certificate: |not within/,
  deafToLies: /voted twice, and has a say/,
  forgivingGroup: /voted twice, and has a say/,
  blaming: /blame: /,
  shortTempered: /blame: /,
};

function scenarioOf(name: string): Scenario {
  const scenario = COMMITTEE_SCENARIOS.find((each) => each.name === name);
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  return scenario;
}

const committee = scenarioOf('committee');

describe('the committee scenarios', () => {
  it.each(Object.entries(SEEDS))(
    '[NOD-68, NOD-102] %s holds: nothing is decided twice or without a quorum, all is decided, carried out and the same everywhere',
    (name, seeds) => {
      for (let seed = firstSeed(), at = 0; at < seeds; at++, seed++)
        expect(runSeed(scenarioOf(name), seed).figures['decided']).toBeGreaterThan(0);
    },
    300_000,
  );

  // In the second one twelve tabs fetch the state after a long sleep while requests wait that are executed in it: they left their view (CON-40).
  it.each([
    [2, 4],
    [46, 12],
  ])(
    '[NOD-68, CON-40] nobody leaves a view because tabs sleep: seed %i, %i tabs',
    (seed, tabs) => {
      expect(runSeed(scenarioOf('committeeSleep'), seed, tabs).figures['viewChanges']).toBe(0);
    },
    120_000,
  );

  it('[NOD-80, OVL-71] nobody is blamed for a burst: in seed 102 a neighbour hands on more than 1,024 unicasts and answers in 10 s', () => {
    expect(runSeed(committee, 102).figures['decided']).toBeGreaterThan(0);
  }, 60_000);

  it('[NOD-68] is a function of its seed', () => {
    const pairs = scenarioOf('committeePairs');
    expect(runSeed(pairs, 2)).toEqual(runSeed(pairs, 2));
  });

  it.each(
    Object.entries(EXPECTED).filter(
      (_, at) => process.env['SIM_PLANTS'] === 'all' || at % TURNS === firstSeed() % TURNS,
    ),
  )(
    '[NOD-68, NOD-102] the planted bug %s is caught',
    (plant, says) => {
      const said = complaintOf(committee, plant, { last: BUDGET });
      expect(said).toMatch(says);
      expect(said).toMatch(/\nreplay: npm run sim -- --scenario committee .*--plant \w+$/);
    },
    300_000,
  );

  it('[NOD-68] all planted bugs are expected to be caught', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual([...committee.plants].sort());
  });
});
