/**
 * A swarm of hidden tabs, whose timers fire once a second. Nobody may be taken for dead who is not; somebody who is killed must be
 * known to be gone everywhere. Figures: false alarms per link, until no link to the dead one is left, until all know.
 */
import { pick } from '../../kernel/random.ts';
import { awakePeers } from '../mesh-graph.ts';
import { MeshSwarm } from '../mesh-swarm.ts';
import type { Scenario, ScenarioOptions, ScenarioReport } from '../scenario.ts';

const USUAL_PEERS = 32;
const JOINING_MS = 5_000;
const SETTLE_MS = 60_000;
/** How long nobody dies, ms. Origin: guess, 120 chances to be late for every link. */
const WATCH_MS = 120_000;
/** False alarms per link in that time. Origin: NUMBERS, less than 1 %. */
const MAX_FALSE_SHARE = 0.01;
/** Until no link to the dead one is left, and until all know. Origin: below the 10 s of the link layer, so that it is the overlay that noticed; worst of 60 seeds: 7.2 s. */
const LIMIT_MS = 9_000;

export const throttledScenario: Scenario = {
  name: 'throttled',
  about: 'timers fire once a second: no false alarms, and the dead are noticed',
  usualPeers: USUAL_PEERS,
  plants: [],
  run,
};

function run(options: ScenarioOptions): ScenarioReport {
  const peers = options.peers ?? USUAL_PEERS;
  const swarm = new MeshSwarm(options, peers);
  const { world } = swarm;
  swarm.joinAll(peers, JOINING_MS, { isThrottled: true });
  world.run(SETTLE_MS);
  swarm.untilWhole(SETTLE_MS);
  const before = world.counters.silentHangUps;
  const links = world.peers().reduce((sum, peer) => sum + world.linkCount(peer), 0) / 2;
  world.run(WATCH_MS);
  const falseShare = (world.counters.silentHangUps - before) / links;
  if (falseShare > MAX_FALSE_SHARE)
    world.fail(`${(100 * falseShare).toFixed(1)} % of the links were given up though both ends lived`);
  const victim = pick(swarm.random, world.peers());
  if (victim === undefined) return swarm.report({ falseShare });
  world.crash(victim);
  const noLinkMs = world.runUntil(
    'nobody holds a link to the dead one',
    () => awakePeers(world).every((peer) => !world.hasLink(peer, victim)),
    LIMIT_MS,
  );
  const knownMs = world.runUntil('all know that one is gone', () => isGone(swarm, victim), LIMIT_MS);
  return swarm.report({ falseShare, noLinkMs, knownMs: noLinkMs + knownMs });
}

function isGone({ world }: MeshSwarm, victim: string): boolean {
  return awakePeers(world).every((peer) =>
    world
      .node(peer)
      .summary()
      .peers.every(({ peer: other, reachable }) => other !== victim || !reachable),
  );
}
