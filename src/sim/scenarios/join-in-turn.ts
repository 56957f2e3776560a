/** Few tabs that are opened one after the other: the case in which a third of the runs of stock y-webrtc with a cap of 3 stay split for ever. */
import { MeshSwarm } from '../mesh-swarm.ts';
import type { Scenario, ScenarioOptions, ScenarioReport } from '../scenario.ts';

const USUAL_PEERS = 8;
/** Longest time between two that join, ms. Origin: NUMBERS' runs, one a second or two. */
const MAX_GAP_MS = 3_000;
/** Until all are one component. Origin: guess, a few slow link set-ups. */
const LIMIT_MS = 20_000;
/** How long it must stay one, ms. */
const STAYS_MS = 60_000;

export const joinInTurnScenario: Scenario = {
  name: 'joinInTurn',
  about: 'few tabs opened one after the other become one swarm and stay one',
  usualPeers: USUAL_PEERS,
  plants: [],
  run,
};

function run(options: ScenarioOptions): ScenarioReport {
  const peers = options.peers ?? USUAL_PEERS;
  const swarm = new MeshSwarm(options, peers);
  for (let index = 0; index < peers; index++) {
    if (index > 0) swarm.world.run(swarm.random.below(MAX_GAP_MS));
    swarm.join(`p${index}`);
  }
  const oneMs = swarm.untilOne(LIMIT_MS);
  const wholeMs = oneMs + swarm.untilWhole(LIMIT_MS);
  for (let look = 0; look < 6; look++) {
    swarm.world.run(STAYS_MS / 6);
    swarm.untilOne(0);
  }
  swarm.untilBelieved(0);
  return swarm.report({ oneMs, wholeMs });
}
