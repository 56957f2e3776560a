/** 2,000 simulated tabs, once. `npm run sim -- --scenario joinAtOnce --peers 10000` takes more. */
import { expect, it } from 'vitest';
import { joinAtOnceScenario } from '../../src/sim/scenarios/join-at-once.ts';
import { firstSeed, runSeed } from '../support/sim-seeds.ts';

it('[OVL-1, OVL-3] 2,000 tabs opened at once are one swarm, none with more than 5 links', () => {
  const { figures } = runSeed(joinAtOnceScenario, firstSeed(), 2_000);
  expect(figures['oneMs']).toBeLessThan(10_000);
  expect(figures['maxLinks']).toBeLessThanOrEqual(5);
}, 300_000);
