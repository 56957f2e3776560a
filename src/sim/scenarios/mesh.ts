/**
 * Swarm testing of the overlay: the seed draws how many peers there are, how they join, and what goes wrong meanwhile; all the time
 * somebody broadcasts. Afterwards everything works again, and the swarm must become whole, deliver every broadcast made
 * by somebody who stayed to everybody who stayed, and be quiet.
 */
import type { PeerId } from '../../kernel/ids.ts';
import { pick, randomFrom, shuffled } from '../../kernel/random.ts';
import { drawFaults, drawParticipant, unleash, type Faults } from '../faults.ts';
import { awakePeers, MIN_LINKS } from '../mesh-graph.ts';
import { MESH_PLANTS } from '../mesh-plants.ts';
import { MeshSwarm } from '../mesh-swarm.ts';
import type { Scenario, ScenarioOptions, ScenarioReport } from '../scenario.ts';

/** Sizes that a seed draws: mostly few, where running is cheap and edge cases live, and in one of eight seeds up to many. */
const MIN_PEERS = 8;
const FEW_PEERS = 18;
const MAX_PEERS = 64;
/** Longest time between two joins of those that join in turn, ms. */
const IN_TURN_MS = 2_000;
/** How long things go wrong, ms. Origin: guess, twice what a failure detector needs at worst. */
const TROUBLE_MS = 20_000;
/** Until the last sleeper is awake, ms: as `unleash` promises. */
const AWAKE_MS = 31_000;
/** Until the swarm is whole after that. Origin: guess, twice the slowest announcement (30 s). */
const WHOLE_MS = 60_000;
/** Until a broadcast has arrived everywhere. Origin: guess, above the round trips of every repair. */
const GIVEN_MS = 15_000;
/** From a whole swarm to a settled one, and how long it is watched then. */
const SETTLE_MS = 25_000;
/** So much longer when many are gone for good: everybody has to find out about those whom it remembers. */
const MOURNING_MS = 30_000;
const QUIET_MS = 10_000;
/** Until a peer that was given up in vain is linked again. Origin: guess, a failed dial and another one. */
const MENDED_MS = 5_000;
/**
 * Dials per peer that a settled swarm may still make in `QUIET_MS`. Origin: guess; loss goes on, so now and then a link is given up and
 * replaced. A storm has tens. */
const QUIET_DIALS_PER_PEER = 1;
/** Until everybody knows of everybody again: the longest time between two announcements of one peer, and their way. */
const BELIEVED_MS = 65_000;
/** Broadcasts during the trouble, and after it. */
const BROADCASTS = 20;
const LAST_BROADCASTS = 4;

const ENDS = ['nothing', 'nothing', 'kill half', 'leave', 'two servers'] as const;

export const meshScenario: Scenario = {
  name: 'mesh',
  about: 'a swarm of drawn size while drawn things go wrong: whole again, everything delivered, quiet',
  usualPeers: undefined,
  plants: MESH_PLANTS,
  run,
};

interface Story {
  readonly swarm: MeshSwarm;
  readonly faults: Faults;
  readonly size: number;
  readonly isInTurn: boolean;
  readonly end: (typeof ENDS)[number];
}

function run(options: ScenarioOptions): ScenarioReport {
  const story = drawStory(options);
  const { swarm, faults } = story;
  const { world, oracle } = swarm;
  join(story);
  world.run(swarm.random.below(5_000));
  unleash(world, faults, swarm.random.fork('unleash'), TROUBLE_MS);
  broadcastMeanwhile(swarm);
  world.run(TROUBLE_MS + 1);
  end(story);
  const oneMs = swarm.untilOne(WHOLE_MS);
  world.runUntil(
    'everybody is awake',
    () => awakePeers(world).length === world.runningPeers().length,
    AWAKE_MS,
  );
  const wholeMs = swarm.untilWhole(WHOLE_MS);
  for (const broadcast of oracle.broadcasts()) swarm.untilGiven(broadcast, GIVEN_MS);
  const isMourning = story.end === 'kill half' || story.end === 'leave';
  if (isMourning) world.run(MOURNING_MS);
  const quietDialsPerPeer = settle(swarm);
  stayOne(swarm);
  swarm.untilBelieved(BELIEVED_MS);
  for (let i = 0; i < LAST_BROADCASTS; i++) {
    const sender = pick(swarm.random, awakePeers(world));
    const broadcast = sender === undefined ? undefined : oracle.broadcast(sender);
    if (broadcast !== undefined) swarm.untilGiven(broadcast, GIVEN_MS);
  }
  return swarm.report({ oneMs, wholeMsAwake: wholeMs, quietDialsPerPeer });
}

function drawStory(options: ScenarioOptions): Story {
  const random = randomFrom(`story ${options.seed}`);
  const drawn = MIN_PEERS + random.below((random.below(8) === 0 ? MAX_PEERS : FEW_PEERS) - MIN_PEERS + 1);
  const size = options.peers ?? drawn;
  const isInTurn = random.below(3) === 0;
  const theEnd = pick(random, ENDS) ?? 'nothing';
  const faults = drawFaults(random.fork('faults'));
  const described = [isInTurn ? 'joining in turn' : 'joining at once', `end: ${theEnd}`, ...faults.described];
  const swarm = new MeshSwarm(options, size, { settings: faults.settings, faults: described });
  return { swarm, faults, size, isInTurn, end: theEnd };
}

function join({ swarm, faults, size, isInTurn, end: theEnd }: Story): void {
  const { world, random } = swarm;
  const draws = random.fork('participants');
  let at = 0;
  for (let index = 0; index < size; index++) {
    at += random.below(isInTurn ? IN_TURN_MS : 20);
    const drawn = drawParticipant(faults, draws);
    // Symmetric ones reach none of their kind: with more than a quarter of them there may be no way to link all.
    const isTooMany = drawn.nat === 'symmetric' && index % 4 !== 3;
    world.after(at, () => {
      swarm.join(`p${index}`, isTooMany ? { ...drawn, nat: 'restricted' } : drawn);
      if (theEnd === 'two servers') splitServer(swarm);
    });
  }
  world.run(at);
}

/** Every second peer is on another server from the beginning. */
function splitServer({ world }: MeshSwarm): void {
  const peers = world.peers();
  world.splitServer([0, 1].map((half) => peers.filter((_, index) => index % 2 === half)));
}

function broadcastMeanwhile({ world, oracle, random }: MeshSwarm): void {
  const draws = random.fork('broadcasts');
  for (let i = 0; i < BROADCASTS; i++) {
    world.after(draws.below(TROUBLE_MS), () => {
      const sender = pick(draws, awakePeers(world));
      if (sender !== undefined) oracle.broadcast(sender);
    });
  }
}

/** What happens once more, without being put right, when everything else is. */
function end({ swarm, end: theEnd }: Story): void {
  const { world, random } = swarm;
  const victims: readonly PeerId[] = shuffled(random, world.peers()).slice(
    0,
    Math.floor(world.peers().length / 2),
  );
  if (theEnd === 'kill half') for (const peer of victims) world.crash(peer);
  if (theEnd === 'leave') for (const peer of victims) world.leave(peer);
  if (theEnd === 'two servers') world.splitServer([]);
}

/** A settled swarm is one, but for a peer that loss made all its neighbours give up: that one is back at once, and then it lasts. */
function stayOne(swarm: MeshSwarm): void {
  if (swarm.untilOne(MENDED_MS) === 0) return;
  swarm.world.run(SETTLE_MS);
  swarm.untilOne(0);
}

/** Waits until nobody who has enough links dials any more. Returns the dials per peer in the last `QUIET_MS`. */
function settle(swarm: MeshSwarm): number {
  const { world } = swarm;
  world.run(SETTLE_MS);
  const { dials } = world.counters;
  world.run(QUIET_MS);
  const peers = awakePeers(world);
  const perPeer = (world.counters.dials - dials) / peers.length;
  // Who has too few links goes on looking for others, as it should.
  const isContent = peers.every((peer) => world.linkCount(peer) >= MIN_LINKS);
  if (isContent && perPeer > QUIET_DIALS_PER_PEER)
    world.fail(`churn: ${perPeer.toFixed(2)} dials per peer in ${QUIET_MS} ms of a settled swarm`);
  return perPeer;
}
