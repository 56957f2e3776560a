/**
 * Swarm testing (Groce et al., "Swarm testing", ISSTA 2012): each seed switches whole kinds of faults on or off and draws how bad
 * the others are, so that runs differ in kind and not only in detail. When all are on at once, some bugs hide behind others.
 */
import type { PeerId } from '../kernel/ids.ts';
import type { Machine } from '../kernel/machine.ts';
import { pick, shuffled, type Random } from '../kernel/random.ts';
import { happens } from './network.ts';
import type { ParticipantOptions } from './participant.ts';
import type { NatClass } from './paths.ts';
import type { WorldSettings } from './settings.ts';
import type { World } from './world.ts';

/** What one seed does to its world. Means are of the pauses between two faults of a kind, ms; 0: that kind is off. */
export interface Faults {
  readonly settings: Partial<WorldSettings>;
  readonly crashEveryMs: number;
  readonly sleepEveryMs: number;
  readonly partitionEveryMs: number;
  readonly cutEveryMs: number;
  readonly signalingOutageEveryMs: number;
  /** Connections of links that break. */
  readonly breakEveryMs: number;
  /** Per thousand pairs that can never connect directly. */
  readonly noPathPerMille: number;
  /** Per thousand pairs that connect only when the one, and not the other, dials. */
  readonly oneWayPerMille: number;
  /** Per thousand participants behind a restricted and behind a symmetric NAT; the latter at most a quarter, so that all can be reached. */
  readonly restrictedPerMille: number;
  readonly symmetricPerMille: number;
  /** Per thousand participants whose timers are throttled. */
  readonly throttledPerMille: number;
  /** Monotonic clocks and their timers drift by up to this, parts per million; 0: all start at 0 and run alike. */
  readonly clockDriftPpm: number;
  /** Wall clocks are off by up to this, ms, and drift by up to 200 parts per million. */
  readonly wallOffsetMs: number;
  /** In words, for the failure's text. */
  readonly described: readonly string[];
}

/** The faults of one seed. */
export function drawFaults(random: Random): Faults {
  const described: string[] = [];
  const draw = (name: string, from: number, to: number): number => {
    const own = random.fork(name);
    if (own.below(2) === 0) return 0;
    const value = from + own.below(to - from + 1);
    described.push(`${name} ${value}`);
    return value;
  };
  const slowDiskMs = draw('slowDiskMs', 20, 400);
  const slowChecksMs = draw('slowChecksMs', 1, 40);
  const jitterMs = draw('jitterMs', 10, 300);
  return {
    settings: {
      connectFailuresPerMille: draw('connectFailuresPerMille', 50, 400),
      lossPerMille: draw('lossPerMille', 10, 100),
      signalLossPerMille: draw('signalLossPerMille', 20, 200),
      signalTwicePerMille: draw('signalTwicePerMille', 20, 300),
      ...(slowDiskMs > 0 ? { writeMs: [1, slowDiskMs] } : {}),
      ...(slowChecksMs > 0 ? { verifyMs: [0, slowChecksMs], signMs: [0, slowChecksMs] } : {}),
      ...(jitterMs > 0 ? { jitterMs: [0, jitterMs] } : {}),
    },
    crashEveryMs: draw('crashEveryMs', 1_000, 8_000),
    sleepEveryMs: draw('sleepEveryMs', 1_000, 8_000),
    partitionEveryMs: draw('partitionEveryMs', 4_000, 20_000),
    cutEveryMs: draw('cutEveryMs', 1_000, 6_000),
    signalingOutageEveryMs: draw('signalingOutageEveryMs', 4_000, 15_000),
    breakEveryMs: draw('breakEveryMs', 1_000, 8_000),
    noPathPerMille: draw('noPathPerMille', 20, 150),
    oneWayPerMille: draw('oneWayPerMille', 50, 200),
    restrictedPerMille: draw('restrictedPerMille', 200, 1_000),
    symmetricPerMille: draw('symmetricPerMille', 50, 250),
    throttledPerMille: draw('throttledPerMille', 100, 1_000),
    clockDriftPpm: draw('clockDriftPpm', 100, 20_000),
    wallOffsetMs: draw('wallOffsetMs', 1_000, 3_600_000),
    described,
  };
}

/** What these faults make of one more participant: its clocks, its timers, its NAT. */
export function drawParticipant(faults: Faults, random: Random): Omit<ParticipantOptions, 'name'> {
  const { wallOffsetMs, clockDriftPpm } = faults;
  const spread = (limit: number): number => random.below(2 * limit + 1) - limit;
  return {
    ...(wallOffsetMs === 0 ? {} : { wallOffsetMs: spread(wallOffsetMs), wallDriftPpm: spread(200) }),
    ...(clockDriftPpm === 0
      ? {}
      : { clockDriftPpm: spread(clockDriftPpm), clockStartMs: random.below(MAX_CLOCK_START_MS) }),
    isThrottled: happens(random, faults.throttledPerMille),
    nat: drawNat(faults, random),
  };
}

function drawNat({ restrictedPerMille, symmetricPerMille }: Faults, random: Random): NatClass {
  if (happens(random, symmetricPerMille)) return 'symmetric';
  return happens(random, restrictedPerMille) ? 'restricted' : 'open';
}

/** How long a page may have been open, ms. Origin: guess, a day. */
const MAX_CLOCK_START_MS = 86_400_000;
/** How long the ends of a broken link take to notice, ms. Origin: guess; ICE fails within 15 s (research/mesh.md 0.2), our own silence before. */
const BREAK_WITHIN_MS = 5_000;
/** Longest crash and longest partition, ms. Origin: guess; both longer than a silence, so that links end. */
const MAX_CRASH_MS = 10_000;
const MAX_PARTITION_MS = 15_000;
/** Longest sleep, ms. Origin: the frozen tab of the end-to-end tests sleeps 30 s. */
const MAX_SLEEP_MS = 30_000;

/**
 * Lets the faults happen from now on for `forMs`, and then puts everything right again: all run, all are awake within
 * 30 s, all paths are open, signaling is up. Participants must have been added before. Whoever `isGone` is not started again.
 */
export function unleash<Node extends Machine<Message, Command, Event>, Message, Command, Event>(
  world: World<Node, Message, Command, Event>,
  faults: Faults,
  random: Random,
  forMs: number,
  isGone: (peer: PeerId) => boolean = () => false,
): void {
  const until = world.now + forMs;
  const peers = world.peers();
  const repeat = (everyMs: number, name: string, strike: (own: Random) => void): void => {
    if (everyMs === 0) return;
    const own = random.fork(name);
    const next = (): void => {
      const pauseMs = 1 + own.below(2 * everyMs);
      if (world.now + pauseMs >= until) return;
      world.after(pauseMs, () => {
        strike(own);
        next();
      });
    };
    next();
  };
  const anyone = (own: Random): PeerId | undefined => pick(own, world.runningPeers());

  repeat(faults.crashEveryMs, 'crash', (own) => {
    const peer = anyone(own);
    if (peer === undefined) return;
    if (own.below(4) === 0) world.leave(peer);
    else world.crash(peer);
    world.after(own.below(MAX_CRASH_MS), () => {
      if (!isGone(peer)) world.restart(peer);
    });
  });
  repeat(faults.sleepEveryMs, 'sleep', (own) => {
    const peer = anyone(own);
    if (peer !== undefined) world.sleep(peer, 100 + own.below(MAX_SLEEP_MS), own.below(2) === 0);
  });
  repeat(faults.partitionEveryMs, 'partition', (own) => {
    const order = shuffled(own, peers);
    const at = own.below(order.length);
    world.partition([order.slice(0, at), order.slice(at)], own.below(2) === 0 ? 0 : undefined);
    world.after(own.below(MAX_PARTITION_MS), () => world.heal());
  });
  repeat(faults.cutEveryMs, 'cut', (own) => {
    const [from, to] = shuffled(own, peers);
    if (from !== undefined && to !== undefined) world.cut(from, to);
  });
  repeat(faults.signalingOutageEveryMs, 'signaling', (own) => {
    world.signaling(false);
    world.after(own.below(MAX_PARTITION_MS), () => world.signaling(true));
  });
  repeat(faults.breakEveryMs, 'break', (own) => {
    const peer = anyone(own);
    const other = peer === undefined ? undefined : pick(own, world.neighbours(peer));
    if (peer !== undefined && other !== undefined) world.breakLink(peer, other, BREAK_WITHIN_MS);
  });
  closePaths(world, faults, random.fork('paths'), peers);
  world.after(forMs, () => calm(world, isGone));
}

function closePaths<Node extends Machine<Message, Command, Event>, Message, Command, Event>(
  world: World<Node, Message, Command, Event>,
  faults: Faults,
  random: Random,
  peers: readonly PeerId[],
): void {
  for (const [index, a] of peers.entries()) {
    for (const b of peers.slice(index + 1)) {
      if (happens(random, faults.noPathPerMille)) world.neverConnects(a, b);
      else if (happens(random, faults.oneWayPerMille)) world.neverDials(a, b);
    }
  }
}

/** Everything works again. Pairs that never connect stay so. */
function calm<Node extends Machine<Message, Command, Event>, Message, Command, Event>(
  world: World<Node, Message, Command, Event>,
  isGone: (peer: PeerId) => boolean,
): void {
  world.heal();
  world.signaling(true);
  for (const peer of world.peers()) if (!isGone(peer)) world.restart(peer);
}
