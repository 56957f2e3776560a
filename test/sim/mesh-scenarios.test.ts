/** The named scenarios of the mesh, a seed or a few of each; `npm run sim` has all the others, and docs/simulation.md the figures. */
import { describe, expect, it } from 'vitest';
import { BROADCAST_SCENARIOS } from '../../src/sim/scenarios/broadcast.ts';
import { joinAtOnceScenario, joinFewScenario } from '../../src/sim/scenarios/join-at-once.ts';
import { joinInTurnScenario } from '../../src/sim/scenarios/join-in-turn.ts';
import { halfKilledScenario, killMostScenario } from '../../src/sim/scenarios/kill.ts';
import { noServerScenario } from '../../src/sim/scenarios/no-server.ts';
import { SPLIT_SCENARIOS } from '../../src/sim/scenarios/split.ts';
import { throttledScenario } from '../../src/sim/scenarios/throttled.ts';
import type { Scenario } from '../../src/sim/scenario.ts';
import { firstSeed, runSeed } from '../support/sim-seeds.ts';

const TIMEOUT_MS = 300_000;

/** The largest value of `figure` over so many seeds of this commit. */
function worst(scenario: Scenario, figure: string, seeds: number, peers: number): number {
  const first = firstSeed();
  const values = Array.from(
    { length: seeds },
    (_, at) => runSeed(scenario, first + at, peers).figures[figure],
  );
  return Math.max(...values.map((value) => value ?? Infinity));
}

describe('joining', () => {
  it.each([
    [8, 3_000],
    [16, 5_000],
  ])(
    '[OVL-4] %i tabs opened at once are one swarm within %i ms',
    (peers, limitMs) => {
      expect(worst(joinAtOnceScenario, 'oneMs', 10, peers)).toBeLessThan(limitMs);
    },
    TIMEOUT_MS,
  );

  it(
    '[OVL-11] five at once are all linked with each other, though a tenth of their dials fail',
    () => {
      expect(worst(joinFewScenario, 'fullMs', 40, 5)).toBeLessThan(60_000);
    },
    TIMEOUT_MS,
  );

  it(
    '[OVL-3] in turn ends in one swarm',
    () => {
      expect(worst(joinInTurnScenario, 'oneMs', 10, 8)).toBeLessThan(20_000);
    },
    TIMEOUT_MS,
  );

  it(
    '[OVL-37] without a server works through any member',
    () => {
      expect(worst(noServerScenario, 'slowestMs', 4, 16)).toBeLessThan(15_000);
    },
    TIMEOUT_MS,
  );
});

describe('dying and splitting', () => {
  it.each([
    ['80 %', killMostScenario],
    ['50 %', halfKilledScenario],
  ])(
    '[OVL-3] %s killed at once: the rest is one component within 10 s',
    (_share, scenario) => {
      expect(worst(scenario, 'oneMs', 2, 60)).toBeLessThanOrEqual(10_000);
    },
    TIMEOUT_MS,
  );

  it.each(SPLIT_SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    '[OVL-3] %s: two halves are one again by themselves, without a storm',
    (_name, scenario) => {
      expect(worst(scenario, 'mergeMs', 3, 24)).toBeLessThan(60_000);
    },
    TIMEOUT_MS,
  );

  it(
    '[OVL-43, OVL-44] throttled timers cause no false alarms, and the dead are noticed within 10 s',
    () => {
      const { figures } = runSeed(throttledScenario, firstSeed(), 20);
      expect(figures['falseShare']).toBeLessThan(0.01);
      expect(figures['noLinkMs']).toBeLessThanOrEqual(10_000);
    },
    TIMEOUT_MS,
  );
});

describe('broadcasts', () => {
  it.each(BROADCAST_SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    '[OVL-25, OVL-26] %s: nobody who stayed up misses anything',
    (name, scenario) => {
      const { figures } = runSeed(scenario, firstSeed(), name === 'broadcast' ? 100 : 40);
      expect(figures['missed']).toBe(0);
      // Peers that come back are told everything again, and rightly so.
      if (name !== 'broadcast' && name !== 'broadcastLoss') return;
      expect(figures['redundancyOne']).toBeLessThan(0.2);
      expect(figures['redundancyMany']).toBeLessThan(1);
      expect(figures['lastHop']).toBeLessThanOrEqual(8);
    },
    TIMEOUT_MS,
  );
});
