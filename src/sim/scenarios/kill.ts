/** A settled swarm of which a part is killed at once, without a word. Figures: until those that are left are one component again, and have enough links. */
import { shuffled } from '../../kernel/random.ts';
import { MeshSwarm } from '../mesh-swarm.ts';
import type { Scenario, ScenarioOptions, ScenarioReport } from '../scenario.ts';

const USUAL_PEERS = 100;
/** All join within this time, ms, and settle in the time after it. */
const JOINING_MS = 2_000;
const SETTLE_MS = 30_000;
/** Until the rest is one component again. Origin: NUMBERS asks for 10 s. */
const LIMIT_MS = 10_000;
/** Until everybody has enough links again. Origin: guess, a few dials in a row that end in nothing. */
const WHOLE_MS = 30_000;

function killScenario(name: string, percent: number): Scenario {
  return {
    name,
    about: `${percent} % of a settled swarm are killed at once; the rest is one component again within 10 s`,
    usualPeers: USUAL_PEERS,
    plants: [],
    run: (options) => run(options, percent),
  };
}

export const killMostScenario = killScenario('killMost', 80);
export const halfKilledScenario = killScenario('halfKilled', 50);

function run(options: ScenarioOptions, percent: number): ScenarioReport {
  const peers = options.peers ?? USUAL_PEERS;
  const swarm = new MeshSwarm(options, peers);
  const { world } = swarm;
  swarm.joinAll(peers, JOINING_MS);
  world.run(SETTLE_MS);
  swarm.untilWhole(WHOLE_MS);
  const victims = shuffled(swarm.random, world.peers()).slice(0, Math.floor((peers * percent) / 100));
  const { dials } = world.counters;
  for (const peer of victims) world.crash(peer);
  const oneMs = swarm.untilOne(LIMIT_MS);
  const wholeMs = oneMs + swarm.untilWhole(WHOLE_MS);
  world.run(WHOLE_MS - wholeMs);
  swarm.untilOne(0);
  const survivors = peers - victims.length;
  return swarm.report({ oneMs, wholeMs, dialsPerSurvivor: (world.counters.dials - dials) / survivors });
}
