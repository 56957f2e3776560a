/** The judges of the mesh scenarios bite: each planted bug is caught within few seeds, for the right reason. */
import { describe, expect, it } from 'vitest';
import { BROADCAST_SCENARIOS } from '../../src/sim/scenarios/broadcast.ts';
import { meshScenario } from '../../src/sim/scenarios/mesh.ts';
import type { Scenario } from '../../src/sim/scenario.ts';
import { MESH_PLANTS } from '../../src/sim/mesh-plants.ts';
import { complaintOf } from '../support/sim-seeds.ts';

const SEEDS = 400;

const dropped = BROADCAST_SCENARIOS.find(({ name }) => name === 'broadcastDrop') ?? meshScenario;
const plain = BROADCAST_SCENARIOS.find(({ name }) => name === 'broadcast') ?? meshScenario;

const EXPECTED: readonly (readonly [
  plant: string,
  scenario: Scenario,
  peers: number | undefined,
  says: RegExp,
])[] = [
  ['greedy', meshScenario, undefined, /cap: /],
  ['mute', meshScenario, 2, /not within .*(?:components|too few links)/],
  ['selfish', plain, 16, /lost: /],
  ['stuttering', plain, 16, /duplicate: /],
  ['silentHolder', dropped, 16, /lost: /],
  ['incurious', dropped, 16, /lost: /],
  ['forgetful', meshScenario, undefined, /lost: /],
  ['shortTempered', meshScenario, undefined, /blame: /],
  ['hasty', meshScenario, undefined, /belief|churn|lost|components|links/],
];

describe('planted bugs', () => {
  it.each(EXPECTED)(
    '%s is caught',
    (plant, scenario, peers, says) => {
      const said = complaintOf(scenario, plant, { last: SEEDS, peers });
      expect(said).toMatch(says);
      expect(said).toMatch(/\nreplay: npm run sim -- --scenario \w+ .*--plant \w+$/);
    },
    300_000,
  );

  it('are all expected to be caught', () => {
    expect(EXPECTED.map(([plant]) => plant).sort()).toEqual([...MESH_PLANTS].sort());
  });
});
