/**
 * What broadcasts cost and whether they arrive: a settled swarm, 30 rounds by one sender, 30 by drawn ones; and the same with messages
 * that get lost, peers that come and go, sleep or die. Whoever ran all the time must be given everything.
 */
import type { PeerId } from '../../kernel/ids.ts';
import { pick } from '../../kernel/random.ts';
import { awakePeers } from '../mesh-graph.ts';
import type { Broadcast } from '../mesh-oracle.ts';
import { MESH_PLANTS } from '../mesh-plants.ts';
import { MeshSwarm } from '../mesh-swarm.ts';
import type { Scenario, ScenarioOptions, ScenarioReport } from '../scenario.ts';
import type { WorldSettings } from '../settings.ts';

/** As many as iroh-gossip's simulator has (NUMBERS). */
const USUAL_PEERS = 100;
const ROUNDS = 30;
/** Rounds in which the trees grow; the figures are about the others. Origin: guess, one prune per link. */
const WARM_UP_ROUNDS = 5;
const JOINING_MS = 2_000;
const SETTLE_MS = 40_000;
const ROUND_MS = 2_000;
/** Until a broadcast has arrived everywhere when nothing goes wrong, and when something does: a sleeper has to wake up first. */
const QUIET_GIVEN_MS = 10_000;
const TROUBLE_GIVEN_MS = 45_000;
/** Every so many ms something goes wrong. */
const TROUBLE_EVERY_MS = 1_500;
/** Longest absence and longest sleep, ms. */
const AWAY_MS = 8_000;
const SLEEP_MS = 20_000;

type Trouble = 'none' | 'churn' | 'sleep' | 'crash';

function broadcastScenario(
  name: string,
  about: string,
  trouble: Trouble,
  settings: Partial<WorldSettings> = {},
): Scenario {
  return {
    name,
    about: `broadcasts, ${about}: everything arrives`,
    usualPeers: USUAL_PEERS,
    plants: MESH_PLANTS,
    run: (options) => run(options, trouble, settings),
  };
}

export const BROADCAST_SCENARIOS: readonly Scenario[] = [
  broadcastScenario('broadcast', 'nothing goes wrong', 'none'),
  broadcastScenario('broadcastLoss', '5 % of all messages are sent again', 'none', { lossPerMille: 50 }),
  broadcastScenario('broadcastDrop', '5 % of all messages never arrive', 'none', { dropPerMille: 50 }),
  broadcastScenario('broadcastChurn', 'peers come and go', 'churn'),
  broadcastScenario('broadcastSleep', 'peers sleep', 'sleep'),
  broadcastScenario('broadcastCrash', 'a third of the peers die', 'crash'),
];

function run(options: ScenarioOptions, trouble: Trouble, settings: Partial<WorldSettings>): ScenarioReport {
  const peers = options.peers ?? USUAL_PEERS;
  const swarm = new MeshSwarm(options, peers, { settings });
  const { world, random } = swarm;
  swarm.joinAll(peers, JOINING_MS);
  world.run(SETTLE_MS);
  swarm.untilOne(SETTLE_MS);
  const idlePerMs = controlPerMs(swarm, SETTLE_MS / 4);
  const isCalm = trouble === 'none';
  const [sender] = world.peers();
  if (!isCalm && sender !== undefined) makeTrouble(swarm, trouble, sender);
  const limitMs = isCalm ? QUIET_GIVEN_MS : TROUBLE_GIVEN_MS;
  const one = rounds(swarm, () => sender, idlePerMs);
  for (const broadcast of one.broadcasts) swarm.untilGiven(broadcast, limitMs);
  const many = rounds(swarm, () => pick(random, awakePeers(world)), idlePerMs);
  for (const broadcast of many.broadcasts) swarm.untilGiven(broadcast, limitMs);
  const all = [...one.broadcasts, ...many.broadcasts];
  return swarm.report({
    redundancyOne: one.redundancy,
    redundancyMany: many.redundancy,
    controlOne: one.control,
    controlMany: many.control,
    lastHop: Math.max(...all.map(lastHopOf)),
    lastMs: Math.max(...(isCalm ? all.map(lastMsOf) : [0])),
    missed: all.reduce((sum, broadcast) => sum + swarm.oracle.missing(broadcast).length, 0),
  });
}

interface Rounds {
  readonly broadcasts: readonly Broadcast[];
  /** Payloads sent per peer that had to be given one, less one: 0 is a perfect tree. */
  readonly redundancy: number;
  /** Other messages per broadcast and peer, above those of a swarm in which nobody says anything. */
  readonly control: number;
}

function rounds(swarm: MeshSwarm, sender: () => PeerId | undefined, idlePerMs: number): Rounds {
  const { world, oracle } = swarm;
  const broadcasts: Broadcast[] = [];
  let before = { gossip: 0, control: 0, receivers: 0 };
  let receivers = 0;
  for (let round = 0; round < ROUNDS; round++) {
    if (round === WARM_UP_ROUNDS) before = { ...countSent(swarm), receivers };
    const peer = sender();
    const broadcast = peer === undefined ? undefined : oracle.broadcast(peer);
    if (broadcast !== undefined) broadcasts.push(broadcast);
    receivers += world.runningPeers().length - 1;
    world.run(ROUND_MS);
  }
  const after = countSent(swarm);
  const counted = Math.max(1, receivers - before.receivers);
  const idle = idlePerMs * ROUND_MS * (ROUNDS - WARM_UP_ROUNDS);
  return {
    broadcasts,
    redundancy: (after.gossip - before.gossip) / counted - 1,
    control: (after.control - before.control - idle) / counted,
  };
}

function countSent({ world }: MeshSwarm): { readonly gossip: number; readonly control: number } {
  const { byKind, sentMessages } = world.counters;
  const gossip = byKind.get('gossip') ?? 0;
  return { gossip, control: sentMessages - gossip };
}

function controlPerMs(swarm: MeshSwarm, forMs: number): number {
  const before = countSent(swarm).control;
  swarm.world.run(forMs);
  return (countSent(swarm).control - before) / forMs;
}

/** From now on and through all rounds; the one sender is spared. */
function makeTrouble(swarm: MeshSwarm, trouble: Trouble, spared: PeerId): void {
  const { world, random } = swarm;
  const strikes = Math.floor((2 * ROUNDS * ROUND_MS) / TROUBLE_EVERY_MS);
  const mayDie = Math.floor(world.peers().length / 3);
  let died = 0;
  for (let strike = 0; strike < strikes; strike++) {
    world.after(strike * TROUBLE_EVERY_MS, () => {
      const victim = pick(
        random,
        awakePeers(world).filter((peer) => peer !== spared),
      );
      if (victim === undefined) return;
      if (trouble === 'sleep') world.sleep(victim, 500 + random.below(SLEEP_MS), random.below(2) === 0);
      if (trouble === 'crash' && died++ < mayDie) world.crash(victim);
      if (trouble !== 'churn') return;
      if (random.below(2) === 0) world.crash(victim);
      else world.leave(victim);
      world.after(random.below(AWAY_MS), () => world.restart(victim));
    });
  }
}

function lastHopOf({ given }: Broadcast): number {
  return Math.max(0, ...[...given.values()].map(({ hops }) => hops));
}

function lastMsOf({ at, given }: Broadcast): number {
  return Math.max(0, ...[...given.values()].map((last) => last.at - at));
}
