/** A swarm of overlays under judgement: what every scenario about the mesh begins with, waits for and reports. */
import type { PeerId } from '../kernel/ids.ts';
import { randomFrom, type Random } from '../kernel/random.ts';
import { awakePeers, components, leastComponents, lonelyPeers, mayReach } from './mesh-graph.ts';
import { blamed } from './blame-watch.ts';
import { meshBoard, meshLife, type MeshWorld } from './mesh-life.ts';
import { MeshOracle, type Broadcast } from './mesh-oracle.ts';
import { plantIn } from './mesh-plants.ts';
import type { ParticipantOptions } from './participant.ts';
import type { ScenarioOptions, ScenarioReport } from './scenario.ts';
import type { WorldSettings } from './settings.ts';
import { World } from './world.ts';
import { reportOf } from './world-report.ts';

/** Up to this many participants messages go through the codec in every fourth seed: enough to find what does not survive it, and cheap. */
const ENCODED_PEERS = 16;
/** How often the links are looked at while something is waited for, virtual ms. */
const LOOK_EVERY_MS = 50;

export interface SwarmOptions {
  readonly settings?: Partial<WorldSettings>;
  /** In words, for failures. */
  readonly faults?: readonly string[];
}

export class MeshSwarm {
  readonly world: MeshWorld;
  readonly oracle: MeshOracle;
  /** For what the scenario draws. */
  readonly random: Random;
  readonly #options: ScenarioOptions;

  constructor(options: ScenarioOptions, peers: number, { settings = {}, faults = [] }: SwarmOptions = {}) {
    this.#options = options;
    this.random = randomFrom(`mesh ${options.seed}`);
    const isEncoded = peers <= ENCODED_PEERS && this.random.fork('encoded').below(4) === 0;
    this.world = new World({
      seed: options.seed,
      replay: options.replay,
      settings: { isEncoded, ...settings },
      faults: [`${peers} peers`, ...faults],
    });
    this.oracle = new MeshOracle(this.world);
  }

  /** Lets one more participant join. */
  join(name: string, options: Omit<ParticipantOptions, 'name'> = {}): PeerId {
    const life = meshLife({
      board: meshBoard(this.world.keys),
      onEvent: (peer, event) => this.oracle.hears(peer, event),
      onBlame: (peer, other, why) =>
        this.world.fail(blamed(this.world.name(peer), this.world.name(other), why)),
      wrap: this.#options.plant === undefined ? undefined : plantIn(this.#options.plant),
    });
    return this.world.addPeer({ name, ...options }, life);
  }

  /** Lets `count` participants join at even distances over `withinMs`, and that time pass. */
  joinAll(count: number, withinMs: number, options: Omit<ParticipantOptions, 'name'> = {}): void {
    for (let index = 0; index < count; index++) {
      this.world.after((index * withinMs) / count, () => void this.join(`p${index}`, options));
    }
    this.world.run(withinMs);
  }

  /** Waits until all who are awake are one component over true links (or as few as can be); fails after `limitMs`. Returns the time it took. */
  untilOne(limitMs: number): number {
    let least: number | undefined;
    return this.#until(limitMs, () => {
      const peers = awakePeers(this.world);
      const parts = components(this.world, peers);
      if (parts.length <= 1) return undefined;
      least ??= leastComponents(this.world, peers);
      if (parts.length <= least) return undefined;
      return `${parts.length} components, the largest of ${parts[0]?.length ?? 0} of ${peers.length}`;
    });
  }

  /** The same, and everybody has enough links too. */
  untilWhole(limitMs: number): number {
    const took = this.untilOne(limitMs);
    const lonely = this.#until(limitMs, () => {
      const [first, ...others] = lonelyPeers(this.world, awakePeers(this.world));
      if (first === undefined) return undefined;
      return `${others.length + 1} with too few links: ${this.world.name(first)} has ${this.world.linkCount(first)}`;
    });
    return took + lonely;
  }

  /** Waits until each who is awake is linked with each of the others; fails after `limitMs`. For so few that everybody has room for all. */
  untilFull(limitMs: number): number {
    return this.#until(limitMs, () => {
      const peers = awakePeers(this.world);
      const poor = peers.find((peer) => this.world.linkCount(peer) < peers.length - 1);
      return poor === undefined
        ? undefined
        : `${this.world.name(poor)} has ${this.world.linkCount(poor)} links`;
    });
  }

  /** Waits until a broadcast has reached all whom it has to reach; fails after `limitMs`. */
  untilGiven(broadcast: Broadcast, limitMs: number): number {
    return this.#until(limitMs, () => {
      const running = this.world.runningPeers();
      const missing = this.oracle
        .missing(broadcast)
        .filter((peer) => mayReach(this.world, running, broadcast.sender, peer));
      if (missing.length === 0) return undefined;
      const names = missing.slice(0, 5).map((peer) => this.world.name(peer));
      const sender = this.world.name(broadcast.sender);
      const awaited = `a broadcast of ${sender} at ${broadcast.at.toFixed(0)} ms`;
      return `lost: ${awaited} is missing at ${missing.length} of ${broadcast.lives.size}: ${names.join(', ')}`;
    });
  }

  /**
   * Waits until every awake overlay tells the truth about its links, which must be so at once, and about how many others it reaches:
   * an announcement that got lost when a link broke is made up for by the next one of its peer. Fails after `limitMs`.
   */
  untilBelieved(limitMs: number): number {
    return this.#until(limitMs, () => {
      const peers = awakePeers(this.world);
      const [largest] = components(this.world, peers);
      const isWhole = largest?.length === peers.length;
      for (const peer of peers) {
        const overlay = this.world.node(peer);
        const said = [...overlay.neighbours()].sort().join();
        if (said !== this.world.neighbours(peer).sort().join())
          this.world.fail(`belief: ${this.world.name(peer)} is wrong about its neighbours`);
        const { reachablePeers } = overlay.summary();
        if (isWhole && reachablePeers !== peers.length - 1)
          return `belief: ${this.world.name(peer)} reaches ${peers.length - 1} and says ${reachablePeers}`;
      }
      return undefined;
    });
  }

  report(figures: Readonly<Record<string, number>>): ScenarioReport {
    const { world } = this;
    return reportOf(world, { ...figures, maxLinks: this.oracle.maxLinks });
  }

  #until(limitMs: number, wrong: () => string | undefined): number {
    const { world } = this;
    const since = world.now;
    for (let what = wrong(); what !== undefined; what = wrong()) {
      if (world.now - since >= limitMs) world.fail(`not within ${limitMs} ms: ${what}`);
      world.run(LOOK_EVERY_MS);
    }
    return world.now - since;
  }
}
