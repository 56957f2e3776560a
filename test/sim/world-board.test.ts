/** The board scenario: a handful of seeds on every run (`npm run sim` has all the others), and the planted bug. */
import { describe, expect, it } from 'vitest';
import { SimulationFailure } from '../../src/sim/failure.ts';
import { boardScenario } from '../../src/sim/scenarios/board.ts';

const replay = (seed: number): string => `npm run sim -- --scenario board --peers 6 --seeds ${seed}..${seed}`;
const run = (seed: number, plant?: string) =>
  boardScenario.run({ seed: String(seed), peers: 6, replay: replay(seed), plant });

describe('the board scenario', () => {
  it.each(Array.from({ length: 10 }, (_, index) => index + 1))('holds, seed %i', (seed) => {
    const { figures } = run(seed);
    expect(figures['done']).toBeGreaterThan(3);
    expect(figures['maxLinks']).toBeLessThanOrEqual(5);
  });

  it('repeats itself', () => {
    expect(run(7)).toEqual(run(7));
  });

  it.each([
    ['forgetfulDisk', /gone|different|is there/],
    ['shortTempered', /blame: /],
  ])('catches the planted bug %s', (plant, says) => {
    const caught: string[] = [];
    for (let seed = 1; seed <= 5 && caught.length === 0; seed++) {
      try {
        run(seed, plant);
      } catch (error) {
        if (!(error instanceof SimulationFailure)) throw error;
        caught.push(error.message);
      }
    }
    expect(caught[0]).toMatch(says);
    expect(caught[0]).toMatch(/replay: npm run sim -- --scenario board --peers 6 --seeds \d+\.\.\d+$/);
  });

  it('expects every planted bug to be caught', () => {
    expect(boardScenario.plants).toEqual(['forgetfulDisk', 'shortTempered']);
  });
});
