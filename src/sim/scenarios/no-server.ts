/** The server dies when half of the swarm is there; each of the others joins through another member, whose browser it shares. */
import { MeshSwarm } from '../mesh-swarm.ts';
import type { Scenario, ScenarioOptions, ScenarioReport } from '../scenario.ts';

const USUAL_PEERS = 16;
const JOINING_MS = 1_000;
const SETTLE_MS = 20_000;
/** Between two that join without a server, ms. Origin: guess, one tab opened after the other. */
const GAP_MS = 1_000;
/** Until a newcomer belongs to the swarm. Origin: NUMBERS. */
const LIMIT_MS = 3_000;
/** Until everybody has enough links. */
const WHOLE_MS = 30_000;

export const noServerScenario: Scenario = {
  name: 'noServer',
  about: 'half of the swarm joins after the server died, each through one member',
  usualPeers: USUAL_PEERS,
  plants: [],
  run,
};

function run(options: ScenarioOptions): ScenarioReport {
  const peers = options.peers ?? USUAL_PEERS;
  const half = Math.max(1, Math.floor(peers / 2));
  const swarm = new MeshSwarm(options, peers, { settings: { connectMs: [50, 1_000] } });
  const { world } = swarm;
  for (let index = 0; index < half; index++) {
    world.after((index * JOINING_MS) / half, () => void swarm.join(`p${index}`, { browser: `b${index}` }));
  }
  world.run(SETTLE_MS);
  swarm.untilOne(WHOLE_MS);
  world.signaling(false);
  let slowestMs = 0;
  for (let index = half; index < peers; index++) {
    swarm.join(`p${index}`, { browser: `b${(index - half) % half}` });
    slowestMs = Math.max(slowestMs, swarm.untilOne(LIMIT_MS));
    world.run(GAP_MS);
  }
  const wholeMs = swarm.untilWhole(WHOLE_MS);
  return swarm.report({ slowestMs, wholeMs });
}
