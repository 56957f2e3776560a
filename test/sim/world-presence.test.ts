/** Goal: everybody sees what everybody is at, whatever went wrong, and idle swarms do not notice. Method: the scenarios, a handful of seeds. */
import { describe, expect, it } from 'vitest';
import { SimulationFailure } from '../../src/sim/failure.ts';
import { presenceCostScenario, presenceScenario } from '../../src/sim/scenarios/presence.ts';

const run = (seed: number, plant?: string) =>
  presenceScenario.run({ seed: String(seed), replay: `seed ${seed}`, plant });

describe('the presence scenario', () => {
  it.each(Array.from({ length: 12 }, (_, index) => index + 1))('[PRE-11] holds, seed %i', (seed) => {
    const { figures } = run(seed);
    expect(figures['goneMs']).toBeLessThanOrEqual(10_000);
  });

  it('catches a speaker that says something else', () => {
    expect(() => run(1, 'staleSpeaker')).toThrow(SimulationFailure);
  });

  it('[PRE-10] sends no more messages when everybody has a card open', () => {
    const { figures } = presenceCostScenario.run({ seed: 'cost', replay: 'cost' });
    const { idleMessages = 0, presentMessages = 0, idleBytes = 0, presentBytes = 0 } = figures;
    expect(idleMessages).toBeGreaterThan(5_000);
    expect(presentMessages / idleMessages).toBeLessThan(1.03);
    expect(presentBytes / idleBytes).toBeLessThan(1.06);
  });
});
