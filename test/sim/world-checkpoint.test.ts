/** The checkpoint scenario: a handful of seeds on every run (`npm run sim` has all the others), and the planted bugs. Rules REP-55 to REP-61. */
import { describe, expect, it } from 'vitest';
import { SimulationFailure } from '../../src/sim/failure.ts';
import { checkpointScenario } from '../../src/sim/scenarios/checkpoint.ts';

const replay = (seed: number): string =>
  `npm run sim -- --scenario checkpoint --peers 5 --seeds ${seed}..${seed}`;
const run = (seed: number, plant?: string) =>
  checkpointScenario.run({ seed: String(seed), peers: 5, replay: replay(seed), plant });

describe('the checkpoint scenario', () => {
  it.each(Array.from({ length: 10 }, (_, index) => index + 1))('[REP-58, REP-59] holds, seed %i', (seed) => {
    const { figures } = run(seed);
    expect(figures['done']).toBeGreaterThan(3);
    expect(figures['checkpoints']).toBeGreaterThanOrEqual(1);
  });

  it.each(['checkpointNotWritten', 'hastyQuorum'])('catches the planted bug %s', (plant) => {
    const caught: string[] = [];
    for (let seed = 1; seed <= 8 && caught.length === 0; seed++) {
      try {
        run(seed, plant);
      } catch (error) {
        if (!(error instanceof SimulationFailure)) throw error;
        caught.push(error.message);
      }
    }
    expect(caught[0]).toMatch(/replay: npm run sim -- --scenario checkpoint --peers 5 --seeds \d+\.\.\d+$/);
  });
});
