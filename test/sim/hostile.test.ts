/** The hostile scenario: some seeds on every run, others for every commit; and the bugs that its judge must catch. */
import { describe, expect, it } from 'vitest';
import { hostileScenario } from '../../src/sim/scenarios/hostile.ts';
import { complaintOf, firstSeed, runSeed } from '../support/sim-seeds.ts';

/** Seeds of few peers, which are cheap, and of as many as the scenario is about. */
const FIRST_SEED = firstSeed();
const SMALL_SEEDS = 32;
const SMALL = 12;
const LARGE_SEEDS = 3;
const TIMEOUT_MS = 300_000;

const EXPECTED: readonly (readonly [plant: string, says: RegExp])[] = [
  ['credulous', /is said to have forked|was refused|holds what|holds something else/],
  ['forgetful', /lacks on its disk what has effect/],
  ['deaf', /holds something else than what has effect|was saved and/],
  ['forgiving', /has not frozen|holds something else than what has effect/],
  ['hoarding', /lets \d+ entries of \d+ liars wait, who hoarded \d+ times/],
  ['lawless', /holds something else than what has effect/],
];

describe('a swarm with hostile members', () => {
  it(
    `[REP-70, REP-46, REP-52] ends with one board, that which has effect, and all who forked frozen: ${SMALL_SEEDS} seeds of ${SMALL} from ${FIRST_SEED}`,
    () => {
      for (let seed = FIRST_SEED; seed < FIRST_SEED + SMALL_SEEDS; seed++)
        expect(runSeed(hostileScenario, seed, SMALL).figures['saved']).toBeGreaterThan(5);
    },
    TIMEOUT_MS,
  );

  it(
    `[REP-70, REP-54] does so with 50 members: ${LARGE_SEEDS} seeds from ${FIRST_SEED}`,
    () => {
      for (let seed = FIRST_SEED; seed < FIRST_SEED + LARGE_SEEDS; seed++)
        expect(runSeed(hostileScenario, seed).figures['saved']).toBeGreaterThan(25);
    },
    TIMEOUT_MS,
  );

  // A member who had flooded deleted what it had written by then, which anybody may: not to be taken for an attack.
  it('holds, seed 119 of 12', () => {
    expect(runSeed(hostileScenario, 119, SMALL).figures['saved']).toBeGreaterThan(5);
  });

  // A liar gave one branch to one member in a batch that nobody had asked for: the others heard of it with its next rounds, five seconds later.
  it('[REP-32] freezes whoever tells one member only, seed 156709454548445 of 12', () => {
    expect(runSeed(hostileScenario, 156709454548445, SMALL).figures['frozenMs']).toBeLessThan(2_000);
  });

  // A liar told both branches to somebody who had just bidden it farewell, and so did not listen: its judge took that for hearing them.
  it.each([119412581265292, 157787598053334, 26697206470852])(
    'holds where the only one who is told listens no more, seed %i of 12',
    (seed) => {
      expect(runSeed(hostileScenario, seed, SMALL).figures['saved']).toBeGreaterThan(5);
    },
  );

  it('repeats itself', () => {
    expect(runSeed(hostileScenario, 7, SMALL)).toEqual(runSeed(hostileScenario, 7, SMALL));
  });
});

describe('planted bugs', () => {
  it.each(EXPECTED)(
    '%s is caught',
    (plant, says) => {
      const said = complaintOf(hostileScenario, plant, { last: 40, peers: SMALL });
      expect(said).toMatch(says);
      expect(said).toMatch(/\nreplay: npm run sim -- --scenario hostile .*--plant \w+$/);
    },
    TIMEOUT_MS,
  );

  it('are all expected to be caught', () => {
    expect(EXPECTED.map(([plant]) => plant).sort()).toEqual([...hostileScenario.plants].sort());
  });
});
