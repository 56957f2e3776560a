/** A quarter of the seeds of the mesh scenario (test/support/sim-batches.ts). */
import { describe } from 'vitest';
import { testMeshSeeds } from '../support/sim-batches.ts';

describe('the mesh, swarm tested', () => {
  testMeshSeeds(1);
});
