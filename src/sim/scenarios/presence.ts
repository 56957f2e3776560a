/**
 * Presence in a world where things go wrong: afterwards everybody sees the true presence of everybody, and of those who died none.
 * And what it costs: a settled swarm in which everybody has a card open against the same one in which nobody has.
 */
import type { PeerId } from '../../kernel/ids.ts';
import { pick, randomFrom, type Random } from '../../kernel/random.ts';
import { DOINGS, type Presence } from '../../replication/presence.ts';
import { createBoardIdentities } from '../board-identities.ts';
import { blamed } from '../blame-watch.ts';
import { boardLife, type BoardWorld } from '../board-life.ts';
import { drawFaults, drawParticipant, unleash } from '../faults.ts';
import type { Scenario, ScenarioOptions, ScenarioReport } from '../scenario.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { World } from '../world.ts';
import { reportOf } from '../world-report.ts';

const USUAL_PEERS = 8;
/** Until all are members, before anything is said. */
const MEETING_MS = 60_000;
/** How long things go wrong while everybody opens, moves and edits cards. */
const TROUBLE_MS = 20_000;
/** What everybody says meanwhile. */
const STATEMENTS = 20;
/** How long the longest sleep lasts after the trouble (src/sim/faults.ts). */
const AWAKE_MS = 31_000;
/** Until everybody sees the truth, after everything works again: the longest period between announcements twice. */
const TRUTH_MS = 120_000;
/** Until everybody has its links back. Origin: guess; dials go on for seconds after a trouble. */
const MEND_MS = 10_000;
/** Until those who were killed are seen by nobody: DESIGN section 7. */
const GONE_MS = 10_000;
/** Cards that are spoken of. */
const CARDS = 5;
/** Until everybody has heard what everybody said. */
const TOLD_MS = 5_000;
/** How long the traffic is counted, and how long the swarm settles before. */
const COUNTED_MS = 120_000;
const SETTLE_MS = 60_000;

export const presenceScenario: Scenario = {
  name: 'presence',
  about: 'members open and edit cards while things go wrong; all end up seeing what each is at',
  usualPeers: USUAL_PEERS,
  plants: ['staleSpeaker'],
  run: runTrouble,
};

export const presenceCostScenario: Scenario = {
  name: 'presenceCost',
  about: 'a settled swarm in which nobody has a card open, and then everybody has',
  usualPeers: 16,
  plants: [],
  run: runCost,
};

type Truth = Map<PeerId, Presence | undefined>;

function runTrouble(options: ScenarioOptions): ScenarioReport {
  const drawn = randomFrom(`faults ${options.seed}`);
  const faults = drawFaults(drawn);
  const world = openWorld(options, faults.settings, faults.described);
  const names = Array.from({ length: options.peers ?? USUAL_PEERS }, (_, index) => `p${index}`);
  const clocks = drawn.fork('clocks');
  addMembers(world, names, () => drawParticipant(faults, clocks));
  const random = world.random.fork('speakers');
  for (let i = 0; i < names.length * STATEMENTS; i++) {
    world.after(random.below(TROUBLE_MS), () => {
      const peer = pick(random, world.runningPeers());
      if (peer !== undefined) say(world, peer, draw(random));
    });
  }
  unleash(world, faults, drawn.fork('unleash'), TROUBLE_MS);
  world.run(TROUBLE_MS);
  // Nobody can open a card in a tab that does not run.
  world.runUntil('all are awake', () => world.peers().every((peer) => isAwake(world, peer)), AWAKE_MS);

  const truth: Truth = new Map();
  for (const peer of world.peers()) truth.set(peer, draw(random));
  // The planted bug: one of them is at another card than it says.
  for (const [at, [peer, presence]] of [...truth].entries())
    say(
      world,
      peer,
      options.plant === 'staleSpeaker' && at === 0 ? { cardId: 'stale', doing: 'open' } : presence,
    );
  const truthMs = untilTrue(world, truth, TRUTH_MS);

  // Whoever has a single link, to one of the dead, has to be let in again first: that is no matter of presence.
  world.run(MEND_MS);
  const dead = world.peers().slice(0, 2);
  for (const peer of dead) {
    world.crash(peer);
    truth.set(peer, undefined);
  }
  const goneMs = untilTrue(world, truth, GONE_MS);
  return report(world, { truthMs, goneMs });
}

function runCost(options: ScenarioOptions): ScenarioReport {
  const world = openWorld(options, DEFAULT_SETTINGS, []);
  const names = Array.from({ length: options.peers ?? 16 }, (_, index) => `p${index}`);
  addMembers(world, names, () => ({}));
  world.run(SETTLE_MS);
  const count = (): { messages: number; bytes: number } => {
    const { sentMessages, sentBytes } = { ...world.counters };
    world.run(COUNTED_MS);
    return {
      messages: world.counters.sentMessages - sentMessages,
      bytes: world.counters.sentBytes - sentBytes,
    };
  };
  const idle = count();
  for (const [at, peer] of world.peers().entries()) say(world, peer, { cardId: `card-${at}`, doing: 'open' });
  // The news itself: one announcement each, as for any change.
  world.run(TOLD_MS);
  const present = count();
  return report(world, {
    idleMessages: idle.messages,
    idleBytes: idle.bytes,
    presentMessages: present.messages,
    presentBytes: present.bytes,
  });
}

function openWorld(
  options: ScenarioOptions,
  settings: ReturnType<typeof drawFaults>['settings'],
  faults: readonly string[],
): BoardWorld {
  return new World({ seed: options.seed, replay: options.replay, settings, faults });
}

/** All of them members of one board, each other's presence within reach. */
function addMembers(
  world: BoardWorld,
  names: readonly string[],
  drawn: () => Partial<ReturnType<typeof drawParticipant>>,
): void {
  const identities = createBoardIdentities(world.keys, 'p0', DEFAULT_SETTINGS.startWallMs);
  for (const name of names) {
    const life = boardLife({
      name,
      identities,
      hasBoard: name === 'p0',
      onEvent: () => undefined,
      onBlame: (peer, other, why) => world.fail(blamed(world.name(peer), world.name(other), why)),
    });
    world.addPeer({ name, ...drawn() }, life);
  }
  world.runUntil(
    'all are members',
    () => world.peers().every((peer) => world.node(peer).joinState().phase === 'joined'),
    MEETING_MS,
  );
}

function isAwake(world: BoardWorld, peer: PeerId): boolean {
  return world.isRunning(peer) && !world.isAsleep(peer);
}

function draw(random: Random): Presence | undefined {
  const doing = pick(random, DOINGS);
  return random.below(4) === 0 || doing === undefined
    ? undefined
    : { cardId: `card-${random.below(CARDS)}`, doing };
}

function say(world: BoardWorld, peer: PeerId, presence: Presence | undefined): void {
  world.command(peer, { type: 'presence', presence });
}

/** Virtual time until every running peer sees what all others are at, and nothing else. */
function untilTrue(world: BoardWorld, truth: Truth, limitMs: number): number {
  const since = world.now;
  for (;;) {
    const wrong = falsehood(world, truth);
    if (wrong === undefined) return world.now - since;
    if (world.now - since >= limitMs) world.fail(`untrue after ${limitMs} ms: ${wrong}`);
    world.run(100);
  }
}

function falsehood(world: BoardWorld, truth: Truth): string | undefined {
  for (const viewer of world.runningPeers()) {
    const seen = new Map(
      world
        .node(viewer)
        .presence()
        .map((view) => [view.peerId, view]),
    );
    for (const [peer, said] of truth) {
      if (peer === viewer) continue;
      const view = seen.get(peer);
      if (view?.cardId !== said?.cardId || !agrees(view?.doing, said?.doing))
        return `${world.name(viewer)} sees ${world.name(peer)} at ${view?.cardId ?? 'no card'}, ${view?.doing ?? ''}`;
    }
  }
  return undefined;
}

/** What nobody says again falls back to an open card after a minute. */
function agrees(seen: string | undefined, said: string | undefined): boolean {
  return seen === said || (said !== undefined && seen === 'open');
}

function report(world: BoardWorld, figures: Record<string, number>): ScenarioReport {
  return reportOf(world, figures);
}
