/** Half of the seeds of the consensus scenario (test/support/consensus-batches.ts). */
import { describe } from 'vitest';
import { testConsensusSeeds } from '../support/consensus-batches.ts';

describe('the consensus scenario, swarm tested', () => {
  testConsensusSeeds(0);
});
