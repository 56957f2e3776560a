/**
 * The seeds of the consensus scenario in a continuous run, in files of their own so that they run side by side. Every size has its share: most seeds
 * are of four seats, since a run with 31 takes as long as three hundred of those.
 */
import { expect, it } from 'vitest';
import { consensusScenario } from '../../src/sim/scenarios/consensus.ts';
import { firstSeed, runSeed } from './sim-seeds.ts';

/** Seats, and how many seeds. 1,000 in all: with 2,000 a continuous run does not end within its 25 minutes any more. */
const SHARES = [
  { seats: 4, seeds: 800 },
  { seats: 5, seeds: 100 },
  { seats: 6, seeds: 50 },
  { seats: 7, seeds: 34 },
  { seats: 10, seeds: 10 },
  { seats: 13, seeds: 4 },
  { seats: 31, seeds: 2 },
] as const;
/** Files of `test/sim` that share the seeds. */
const PARTS = 2;
/** Seeds of one test. */
const BATCH = 100;
/** A batch takes about 5 s on one core. */
const BATCH_TIMEOUT_MS = 300_000;

/** Registers the tests of part `part`, 0 or 1. */
export function testConsensusSeeds(part: number): void {
  let next = firstSeed();
  for (const { seats, seeds } of SHARES) {
    const first = next + (part * seeds) / PARTS;
    next += seeds;
    const end = first + seeds / PARTS;
    for (let from = first; from < end; from += BATCH) {
      const to = Math.min(from + BATCH, end);
      it(
        `[CON-19] ${seats} seats, seeds ${from} to ${to - 1}: agreement, one order, nothing twice, no two faces, certificates, and all is decided`,
        () => {
          for (let seed = from; seed < to; seed++)
            expect(runSeed(consensusScenario, seed, seats).figures['decided']).toBeGreaterThan(0);
        },
        BATCH_TIMEOUT_MS,
      );
    }
  }
}
