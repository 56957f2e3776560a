/** A toy swarm in the simulated world: it converges whatever the seed does to it, runs repeat themselves, and a planted bug is caught. */
import { describe, expect, it } from 'vitest';
import { randomFrom } from '../../src/kernel/random.ts';
import { SimulationFailure } from '../../src/sim/failure.ts';
import { drawParticipant, drawFaults, unleash } from '../../src/sim/faults.ts';
import { World } from '../../src/sim/world.ts';
import { gossipLife, isOnDisk, type Gossip, type Say, type Words } from '../support/sim-gossip.ts';

type GossipWorld = World<Gossip, Words, Say, never>;

const FAULTS_MS = 20_000;

function createSwarm(seed: string, size: number, sendsTooEarly = false): GossipWorld {
  const random = randomFrom(`faults ${seed}`);
  const faults = drawFaults(random);
  const { settings, described } = faults;
  const world: GossipWorld = new World({
    seed,
    replay: 'npx vitest run test/sim',
    settings,
    faults: described,
  });
  const clocks = random.fork('clocks');
  for (let i = 0; i < size; i++) {
    world.addPeer({ name: `p${i}`, ...drawParticipant(faults, clocks) }, gossipLife(sendsTooEarly));
  }
  unleash(world, faults, random.fork('unleash'), FAULTS_MS);
  return world;
}

/** Words said while everything goes wrong. */
function saySomething(world: GossipWorld): void {
  for (let i = 0; i < 20; i++) {
    world.after(world.random.below(FAULTS_MS), () => {
      const running = world.runningPeers();
      const speaker = running[world.random.below(Math.max(1, running.length))];
      if (speaker !== undefined) world.command(speaker, { kind: 'say', text: `word ${i}` });
    });
  }
}

/** A word that anybody else holds is on its author's disk: what "durable before sent" promises. */
function watchDurability(world: GossipWorld): void {
  world.onStep((peer) => {
    for (const { author, text } of world.node(peer).words) {
      if (author === peer || isOnDisk(world.disk(author), text)) continue;
      throw new Error(`${text} was sent, and is not on its author's disk`);
    }
  });
}

function converge(world: GossipWorld): void {
  world.run(FAULTS_MS);
  world.runUntil(
    'all hold the same words',
    () => {
      const texts = world.peers().map((peer) => world.node(peer).texts.join());
      return texts.every((text) => text === texts[0]);
    },
    120_000,
  );
}

describe('a toy swarm', () => {
  it.each(Array.from({ length: 30 }, (_, seed) => seed))('converges, seed %i', (seed) => {
    const world = createSwarm(`gossip ${seed}`, 8);
    watchDurability(world);
    saySomething(world);
    converge(world);
    const [first] = world.peers();
    expect(first === undefined ? [] : world.node(first).texts).not.toHaveLength(0);
  });

  it('does the same thing again from the same seed, and another from another', () => {
    const digest = (seed: string): string => {
      const world = createSwarm(seed, 8);
      saySomething(world);
      world.run(40_000);
      expect(world.trace.count).toBeGreaterThan(1_000);
      return world.trace.digest();
    };
    const digests = ['1', '1', '2'].map(digest);
    expect(digests[1]).toBe(digests[0]);
    expect(digests[2]).not.toBe(digests[0]);
  });

  it('catches a planted bug: words sent before they are durable', () => {
    const caught: SimulationFailure[] = [];
    for (let seed = 0; seed < 40 && caught.length === 0; seed++) {
      const world = createSwarm(`planted ${seed}`, 3, true);
      watchDurability(world);
      saySomething(world);
      try {
        converge(world);
      } catch (error) {
        if (error instanceof SimulationFailure) caught.push(error);
        else throw error;
      }
    }
    expect(caught[0]?.message).toMatch(/was sent, and is not on its author's disk/);
    expect(caught[0]?.message).toMatch(
      /seed: planted \d+\nfaults: .*\nthe last 100 lines:\n[\s\S]*\nreplay: npx vitest run/,
    );
  });
});
