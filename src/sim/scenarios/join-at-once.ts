/** N tabs that open at once and know nobody but the signaling room. Figures: until all are one component, and until all have enough links. */
import { MeshSwarm } from '../mesh-swarm.ts';
import type { Scenario, ScenarioOptions, ScenarioReport } from '../scenario.ts';

/** All are opened within this time, ms. */
const OPENING_MS = 100;
/** Until all are one component and have enough links. Origin: NUMBERS has 5 s for 16 tabs; larger swarms pass their newcomers on. */
const LIMIT_MS = 30_000;
/** Link set-up on one machine, ms. Origin: measured in NUMBERS' setting, all on loopback. */
const CONNECT_MS = [50, 200] as const;

export const joinAtOnceScenario: Scenario = {
  name: 'joinAtOnce',
  about: 'tabs that are all opened at once become one swarm',
  usualPeers: 16,
  plants: [],
  run,
};

function run(options: ScenarioOptions): ScenarioReport {
  const peers = options.peers ?? 16;
  const swarm = new MeshSwarm(options, peers, { settings: { connectMs: CONNECT_MS } });
  swarm.joinAll(peers, OPENING_MS);
  const oneMs = OPENING_MS + swarm.untilOne(LIMIT_MS);
  const wholeMs = oneMs + swarm.untilWhole(LIMIT_MS);
  const { serverMessages, dials } = swarm.world.counters;
  return swarm.report({
    oneMs,
    wholeMs,
    dialsPerPeer: dials / peers,
    serverMessagesPerPeer: serverMessages / peers,
  });
}
