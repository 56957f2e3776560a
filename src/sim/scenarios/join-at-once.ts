/**
 * N tabs that open at once and know nobody but the signaling room. Figures: until all are one component, and until all have enough links. And a few that
 * do so where dials fail: until each is linked with each.
 */
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

/** Tabs that all have room for one another: one more than the links that everybody opens by itself. */
const FEW = 5;
/** Until each of a few is linked with each, ms. Origin: three dials of both sides to one peer, each until its deadline, and the waits between them. */
const FULL_LIMIT_MS = 60_000;
/** Of a thousand dials so many find no path. Origin: OVL-3. */
const FAILURES_PER_MILLE = 100;

export const joinFewScenario: Scenario = {
  name: 'joinFew',
  about:
    'a few tabs that are opened at once are all linked with each other, though a tenth of their dials fail',
  usualPeers: FEW,
  plants: [],
  run: runFew,
};

function runFew(options: ScenarioOptions): ScenarioReport {
  const peers = options.peers ?? FEW;
  const swarm = new MeshSwarm(options, peers, { settings: { connectFailuresPerMille: FAILURES_PER_MILLE } });
  swarm.joinAll(peers, OPENING_MS);
  const fullMs = OPENING_MS + swarm.untilFull(FULL_LIMIT_MS);
  return swarm.report({ fullMs, dialsPerPeer: swarm.world.counters.dials / peers });
}

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
