/** The siege: a member all of whose links go to members who keep back. That it was one the scenario asserts itself; without the mechanism it stays one. */
import { describe, expect, it } from 'vitest';
import { siegeScenario } from '../../src/sim/scenarios/siege.ts';
import { failureOf, runSeed } from '../support/sim-seeds.ts';

/** Enough for every kind of besiegers: silent ones, ones that show what they never give, both. */
const SEEDS = Array.from({ length: 9 }, (_, index) => index + 1);
const TIMEOUT_MS = 300_000;

/** How many of the seeds fail with a bug planted, and what they say. */
function complaints(plant: string): readonly string[] {
  return SEEDS.flatMap((seed) => {
    const said = failureOf(siegeScenario, seed, undefined, plant);
    return said === undefined ? [] : [said];
  });
}

describe('a member all of whose neighbours keep back', () => {
  it(
    `[REP-62, REP-63, REP-64] gives them up and gets out, seeds ${SEEDS[0]} to ${SEEDS.at(-1)}`,
    () => {
      const figures = SEEDS.map((seed) => runSeed(siegeScenario, seed).figures);
      for (const { saved } of figures) expect(saved).toBe(10);
    },
    TIMEOUT_MS,
  );

  it.each(siegeScenario.plants)(
    'stays besieged with the planted bug %s, in most seeds',
    (plant) => {
      const said = complaints(plant);
      expect(said.length).toBeGreaterThan(SEEDS.length / 2);
      for (const each of said) {
        expect(each).toMatch(/not within (60|180)000 ms: the besieged one holds what the others hold/);
        expect(each).toMatch(/\nreplay: npm run sim -- --scenario siege .*--plant \w+$/);
      }
    },
    TIMEOUT_MS,
  );
});
