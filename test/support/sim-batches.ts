/** The many small seeds of a continuous run, in files of their own so that they run side by side. */
import { expect, it } from 'vitest';
import { meshScenario } from '../../src/sim/scenarios/mesh.ts';
import { firstSeed, runSeed } from './sim-seeds.ts';

/** Files of `test/sim` that share the seeds, and tests in each. 4 x 7 x 18 = 504 seeds. */
const PARTS = 4;
const BATCHES = 7;
const BATCH = 18;
/** A batch takes about 10 s on one core. */
const BATCH_TIMEOUT_MS = 300_000;

/** Registers the tests of part `part`, 0 to 3. */
export function testMeshSeeds(part: number): void {
  for (let batch = 0; batch < BATCHES; batch++) {
    const from = firstSeed() + (batch * PARTS + part) * BATCH;
    it(
      `[OVL-1, OVL-2, OVL-3, OVL-11, OVL-25, OVL-34] seeds ${from} to ${from + BATCH - 1}: never above 5, whole again, everything delivered once, quiet`,
      () => {
        for (let seed = from; seed < from + BATCH; seed++) {
          expect(runSeed(meshScenario, seed).figures['maxLinks']).toBeLessThanOrEqual(5);
        }
      },
      BATCH_TIMEOUT_MS,
    );
  }
}
