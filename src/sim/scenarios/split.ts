/**
 * A settled swarm is cut into two halves for a while, and after the cut both must be one again by themselves. Meanwhile the server
 * may be on both sides, another one on each side, or dead. With a server each half must stay one; without any, parts that
 * have lost all their links to each other have no way to be introduced.
 */
import { shuffled } from '../../kernel/random.ts';
import { components } from '../mesh-graph.ts';
import { MeshSwarm } from '../mesh-swarm.ts';
import type { Scenario, ScenarioOptions, ScenarioReport } from '../scenario.ts';

const USUAL_PEERS = 32;
const JOINING_MS = 2_000;
const SETTLE_MS = 30_000;
/** The cut lasts from the first to the first and the second of these, ms. Origin: guess; longer than any failure detector waits. */
const CUT_MS = 20_000;
const CUT_SPREAD_MS = 40_000;
/** Until the halves are one again. Origin: guess, the slowest announcement and one dial. */
const LIMIT_MS = 60_000;
/** After that nobody may go on dialling for long. */
const AFTER_MS = 30_000;
/** Dials per peer from the end of the cut to the end of `AFTER_MS`. Origin: guess; a storm has hundreds. */
const MAX_DIALS_PER_PEER = 20;

type Server = 'whole' | 'split' | 'dead';

function splitScenario(name: string, server: Server, about: string): Scenario {
  return { name, about, usualPeers: USUAL_PEERS, plants: [], run: (options) => run(options, server) };
}

export const SPLIT_SCENARIOS: readonly Scenario[] = [
  splitScenario('split', 'whole', 'a swarm cut in two heals by itself'),
  splitScenario('splitServer', 'split', 'the same, and each half has a server of its own meanwhile'),
  splitScenario('splitNoServer', 'dead', 'the same, and the server is dead meanwhile'),
];

function run(options: ScenarioOptions, server: Server): ScenarioReport {
  const peers = options.peers ?? USUAL_PEERS;
  const swarm = new MeshSwarm(options, peers);
  const { world, random } = swarm;
  swarm.joinAll(peers, JOINING_MS);
  world.run(SETTLE_MS);
  swarm.untilWhole(SETTLE_MS);
  const order = shuffled(random, world.peers());
  const half = Math.floor(peers / 2);
  const halves = [order.slice(0, half), order.slice(half)];
  world.partition(halves);
  if (server === 'split') world.splitServer(halves);
  if (server === 'dead') world.signaling(false);
  world.run(CUT_MS + random.below(CUT_SPREAD_MS));
  for (const peersOfHalf of server === 'dead' ? [] : halves) {
    const parts = components(world, peersOfHalf);
    if (parts.length > 1) world.fail(`a half of ${peersOfHalf.length} fell into ${parts.length} parts`);
  }
  const { dials } = world.counters;
  world.heal();
  if (server === 'split') world.splitServer([]);
  if (server === 'dead') world.signaling(true);
  const mergeMs = swarm.untilOne(LIMIT_MS);
  world.run(AFTER_MS);
  swarm.untilOne(0);
  const dialsPerPeer = (world.counters.dials - dials) / peers;
  if (dialsPerPeer > MAX_DIALS_PER_PEER) world.fail(`a storm: ${dialsPerPeer.toFixed(1)} dials per peer`);
  swarm.untilBelieved(0);
  return swarm.report({ mergeMs, dialsPerPeer });
}
