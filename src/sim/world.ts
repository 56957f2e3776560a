/**
 * The deterministic world: participants with machines, disks and clocks, links between them, a signaling server, and whatever goes
 * wrong, in virtual time. A run is a function of its seed: one ordered queue of events, one random generator forked by name, no
 * clock, no platform. docs/simulation.md is the introduction.
 */
import type { Bytes } from '../kernel/bytes.ts';
import { peerIdFrom, type PeerId } from '../kernel/ids.ts';
import { invariant } from '../kernel/invariant.ts';
import type { Instant, Machine, StoreFailure } from '../kernel/machine.ts';
import { randomFrom, type Random } from '../kernel/random.ts';
import { Dialling } from './dialling.ts';
import { Discovery } from './discovery.ts';
import { SimDriver } from './driver.ts';
import { createEdges, type EdgesHost } from './edges.ts';
import type { WorldEvent } from './event-heap.ts';
import { EventQueue } from './event-queue.ts';
import { SimulationFailure } from './failure.ts';
import { LocalClock } from './local-clock.ts';
import { drawBetween, Network, type NetworkCounters, type NetworkHost } from './network.ts';
import type { LifeFactory, Participant, ParticipantOptions } from './participant.ts';
import { Paths } from './paths.ts';
import { DEFAULT_SETTINGS, type WorldSettings } from './settings.ts';
import { SimDisks, type SimDisk } from './sim-disk.ts';
import { SimKeys, type Curve } from './sim-keys.ts';
import { Signals } from './signals.ts';
import { WorldTrace } from './world-trace.ts';

/** How often {@link World.runUntil} looks at its condition, virtual ms. */
const LOOK_EVERY_MS = 25;

export interface WorldOptions {
  readonly seed: string;
  /** The one command that repeats this run; every failure ends with it. */
  readonly replay: string;
  readonly settings?: Partial<WorldSettings>;
  /** What the seed switched on, for the failure's text. */
  readonly faults?: readonly string[];
  readonly curve?: Curve | undefined;
}

/** Looks at the world after a step of `peer`; throws when something is wrong that must never be. */
export type StepCheck = (peer: PeerId) => void;

export class World<Node extends Machine<Message, Command, Event>, Message, Command, Event> {
  /** For the scenario's own draws. */
  readonly random: Random;
  readonly keys: SimKeys;
  readonly trace = new WorldTrace();
  readonly #options: WorldOptions;
  readonly #settings: WorldSettings;
  readonly #seeded: Random;
  readonly #queue = new EventQueue();
  readonly #paths = new Paths();
  readonly #participants = new Map<PeerId, Participant<Node, Message, Command, Event>>();
  readonly #names = new Map<PeerId, string>();
  readonly #disks = new SimDisks();
  readonly #network: Network<Message>;
  readonly #signals: Signals<Message>;
  readonly #dialling: Dialling<Message>;
  readonly #discovery: Discovery<Message>;
  readonly #checks: StepCheck[] = [];
  /** Those that run, in the order in which they were added; undefined: to be found out again. */
  #running: readonly PeerId[] | undefined;
  #now = 0;
  #events = 0;
  #failure: { readonly cause: unknown } | undefined;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#settings = { ...DEFAULT_SETTINGS, ...options.settings };
    this.#seeded = randomFrom(options.seed);
    this.random = this.#seeded.fork('scenario');
    this.keys = new SimKeys(this.#seeded.fork('keys'), options.curve);
    const host = this.#networkHost();
    this.#network = new Network(host, this.#seeded.fork('network'));
    const carrierOf = (peer: PeerId) => this.#participant(peer).running?.life.carrier;
    this.#signals = new Signals(host, this.#network, this.#seeded.fork('signals'), carrierOf);
    this.#dialling = new Dialling(host, this.#network, this.#signals, this.#seeded.fork('dialling'));
    const people = {
      running: () => this.runningPeers(),
      component: (peer: PeerId) => this.#participant(peer).component,
      discovered: (peer: PeerId, other: PeerId, via: 'signaling' | 'browser', component: Bytes | undefined) =>
        this.#participant(peer).running?.driver.discovered(other, via, component),
    };
    this.#discovery = new Discovery(host, this.#seeded.fork('discovery'), people, this.#network.counters);
  }

  // What a scenario does to the world.

  /** Adds a participant and starts it. Its peer id is drawn from its name. */
  addPeer(options: ParticipantOptions, factory: LifeFactory<Node, Message, Command, Event>): PeerId {
    const peer = peerIdFrom(this.keys.publicKey(`peer ${options.name}`));
    invariant(!this.#participants.has(peer), `a second participant ${options.name}`);
    if (options.browser !== undefined) this.#paths.setBrowser(peer, options.browser);
    if (options.nat !== undefined) this.#paths.setNat(peer, options.nat);
    const { wallOffsetMs = 0, wallDriftPpm = 0, clockDriftPpm = 0, clockStartMs = 0 } = options;
    const phaseMs = this.#seeded.fork(`phase ${options.name}`).below(1000);
    const participant: Participant<Node, Message, Command, Event> = {
      peer,
      name: options.name,
      disk: this.#disks.of(options.sharesDisk === true ? options.browser : undefined),
      factory,
      wallMs: () =>
        Math.floor(this.#settings.startWallMs + wallOffsetMs + this.#now * (1 + wallDriftPpm / 1_000_000)),
      clock: new LocalClock({
        driftPpm: clockDriftPpm,
        startMs: clockStartMs,
        phaseMs,
        isThrottled: options.isThrottled === true,
      }),
      life: 0,
      running: undefined,
      component: undefined,
      isAsleep: false,
      putOff: [],
    };
    this.#participants.set(peer, participant);
    this.#names.set(peer, options.name);
    this.#start(participant);
    return peer;
  }

  /** Gives a participant a command; false when it does not run or does not take it. */
  command(peer: PeerId, command: Command): boolean {
    const participant = this.#participant(peer);
    if (participant.isAsleep) return false;
    return participant.running?.driver.command(command) ?? false;
  }

  /** Dies without a word; only what was durable (and by chance some of what was being written) is left. */
  crash(peer: PeerId): void {
    const participant = this.#participant(peer);
    if (participant.running === undefined) return;
    this.#record('crash', participant);
    const { driver } = participant.running;
    this.#endLife(participant);
    participant.disk.crash(this.#seeded.fork(`crash ${peer} ${participant.life}`));
    this.#dialling.crash(peer);
    this.#network.crash(peer);
    driver.stop();
    this.#network.pathsChanged([peer]);
  }

  /** Leaves in good order: neighbours hear a goodbye, the disk finishes what it was given. */
  leave(peer: PeerId): void {
    const participant = this.#participant(peer);
    if (participant.running === undefined) return;
    this.#record('leave', participant);
    const { driver } = participant.running;
    this.#network.leave(peer);
    this.#dialling.crash(peer);
    this.#endLife(participant);
    participant.disk.drain();
    driver.stop();
  }

  /** Starts a participant again from its disk. */
  restart(peer: PeerId): void {
    const participant = this.#participant(peer);
    if (participant.running !== undefined) return;
    this.#record('restart', participant);
    this.#start(participant);
  }

  /**
   * Nothing happens at `peer` for `forMs`; then everything that was put off happens at once. `isWarned`: its page is told
   * before and after, as a browser does that freezes a tab, and not one whose machine is closed.
   */
  sleep(peer: PeerId, forMs: number, isWarned = false): void {
    const participant = this.#participant(peer);
    if (participant.running === undefined || participant.isAsleep) return;
    this.#record('sleep', participant, `${forMs} ms${isWarned ? ', warned' : ''}`);
    if (isWarned) participant.running.life.onFreeze?.();
    participant.isAsleep = true;
    this.#network.pathsChanged([peer]);
    const { life } = participant;
    this.#schedule(forMs, () => {
      if (participant.life === life) this.#wake(participant, isWarned ? forMs : undefined);
    });
  }

  /** From now on timers of `peer` fire once a second only, or as they should. */
  throttle(peer: PeerId, isThrottled: boolean): void {
    const participant = this.#participant(peer);
    this.#record('throttle', participant, isThrottled ? 'on' : 'off');
    participant.clock.isThrottled = isThrottled;
  }

  /** The connection between the two breaks; each learns of it by itself, at most `withinMs` later. */
  breakLink(a: PeerId, b: PeerId, withinMs: number): void {
    this.#recordWorld('break', `${this.name(a)} - ${this.name(b)}`);
    this.#network.breakLink(a, b, withinMs);
  }

  /** Splits the world; whoever is in no group is in the first. `signalingGroup`: only that group reaches the server. */
  partition(groups: readonly (readonly PeerId[])[], signalingGroup?: number): void {
    this.#recordWorld('partition', groups.map((group) => group.length).join(' + '));
    this.#paths.partition(groups, signalingGroup);
    this.#network.pathsChanged(this.#participants.keys());
  }

  /** Nothing gets from `from` to `to` any more; the way back stays open. */
  cut(from: PeerId, to: PeerId): void {
    this.#recordWorld('cut', `${this.name(from)} > ${this.name(to)}`);
    this.#paths.cut(from, to);
    this.#network.pathsChanged([from, to]);
  }

  /** Ends partitions and cuts. */
  heal(): void {
    this.#recordWorld('heal', '');
    this.#paths.heal();
    this.#network.pathsChanged(this.#participants.keys());
  }

  /** No direct connection between the two is ever possible, and no `heal` changes that. */
  neverConnects(a: PeerId, b: PeerId): void {
    this.#recordWorld('no path', `${this.name(a)} - ${this.name(b)}`);
    this.#paths.neverConnects(a, b);
  }

  /** No attempt that `from` begins with `to` ever succeeds; the other way round may. */
  neverDials(from: PeerId, to: PeerId): void {
    this.#recordWorld('no dial', `${this.name(from)} > ${this.name(to)}`);
    this.#paths.neverDials(from, to);
  }

  /** Who could ever connect to whom. */
  get paths(): Pick<Paths, 'canConnect' | 'isUnhindered'> {
    return this.#paths;
  }

  signaling(isUp: boolean): void {
    this.#recordWorld(isUp ? 'signaling up' : 'signaling down', '');
    this.#paths.setSignaling(isUp);
    if (isUp) this.#reconnect();
  }

  /** Each group meets on a server of its own; without groups all meet on one again. */
  splitServer(groups: readonly (readonly PeerId[])[]): void {
    this.#recordWorld('server split', groups.map((group) => group.length).join(' + '));
    this.#paths.splitServer(groups);
    this.#reconnect();
  }

  /** From now on the disk answers every write with `failure`, or works again. */
  diskFails(peer: PeerId, failure: StoreFailure | undefined): void {
    const participant = this.#participant(peer);
    this.#record('disk', participant, failure ?? 'works');
    participant.disk.failure = failure;
  }

  /** Does something in `afterMs`. */
  after(afterMs: number, run: () => void): void {
    this.#schedule(afterMs, run);
  }

  /** Looks at the world after every step of every participant. */
  onStep(check: StepCheck): void {
    this.#checks.push(check);
  }

  // Letting time pass.

  /** Lets `forMs` pass. Throws {@link SimulationFailure} when a node stops or a check fails. */
  run(forMs: number): void {
    const until = this.#now + forMs;
    for (let at = this.#queue.nextAt(); at !== undefined && at <= until; at = this.#queue.nextAt()) {
      this.#runNext();
    }
    this.#now = until;
  }

  /** Lets time pass until `condition` holds; fails when it does not within `limitMs`. Returns how long it took, ms. */
  runUntil(what: string, condition: () => boolean, limitMs: number): number {
    const since = this.#now;
    while (!condition()) {
      if (this.#now - since >= limitMs) this.fail(`not within ${limitMs} ms: ${what}`);
      this.run(LOOK_EVERY_MS);
    }
    return this.#now - since;
  }

  /** Ends the run as failed. */
  fail(what: string, cause?: unknown): never {
    const { seed, replay, faults = [] } = this.#options;
    throw new SimulationFailure(what, { seed, command: replay }, faults, this.trace.lines(), cause);
  }

  // Looking at it.

  get now(): Instant {
    return this.#now as Instant;
  }

  /** Events that happened so far. */
  get events(): number {
    return this.#events;
  }

  get counters(): Readonly<NetworkCounters> {
    return this.#network.counters;
  }

  /** All participants, running or not, in the order in which they were added. */
  peers(): PeerId[] {
    return [...this.#participants.keys()];
  }

  runningPeers(): readonly PeerId[] {
    return (this.#running ??= this.peers().filter((peer) => this.isRunning(peer)));
  }

  isRunning(peer: PeerId): boolean {
    return this.#participant(peer).running !== undefined;
  }

  isAsleep(peer: PeerId): boolean {
    return this.#participant(peer).isAsleep;
  }

  /** Lives that `peer` has behind it: another number means that it crashed or left meanwhile. */
  life(peer: PeerId): number {
    return this.#participant(peer).life;
  }

  name(peer: PeerId): string {
    return this.#names.get(peer) ?? peer.slice(0, 8);
  }

  /** The machine of a running participant. */
  node(peer: PeerId): Node {
    const { running, name } = this.#participant(peer);
    invariant(running !== undefined, `${name} does not run`);
    return running.node;
  }

  disk(peer: PeerId): SimDisk {
    return this.#participant(peer).disk;
  }

  /** Peers to which `peer` holds an established link, as the link layer sees it. */
  neighbours(peer: PeerId): PeerId[] {
    return this.#network.neighbours(peer);
  }

  linkCount(peer: PeerId): number {
    return this.#network.linkCount(peer);
  }

  hasLink(peer: PeerId, other: PeerId): boolean {
    return this.#network.hasLink(peer, other);
  }

  /** Links of `peer` and links that it waits for. */
  placeCount(peer: PeerId): number {
    return this.#network.linkCount(peer) + this.#dialling.attemptCount(peer);
  }

  #participant(peer: PeerId): Participant<Node, Message, Command, Event> {
    const participant = this.#participants.get(peer);
    invariant(participant !== undefined, `no participant ${peer}`);
    return participant;
  }

  #start(participant: Participant<Node, Message, Command, Event>): void {
    const { peer, life } = participant;
    const made = participant.factory({
      peer,
      life,
      random: this.#seeded.fork(`life ${peer} ${life}`),
      disk: participant.disk,
      keys: this.keys,
      wallMs: participant.wallMs,
      command: (command) => (participant.life === life ? this.command(peer, command) : false),
      announce: () => {
        if (participant.life === life) this.#discovery.announce(peer);
      },
      belong: (component) => {
        if (participant.life === life) participant.component = component;
      },
      introduced: (sealed) => this.#signals.introduced(peer, sealed),
    });
    const delays = this.#seeded.fork(`delays ${peer} ${life}`);
    const edges = createEdges(this.#edgesHost(), participant, made, delays);
    const driver = new SimDriver(made.machine ?? made.node, made.protocol, edges);
    participant.running = { node: made.node, driver, life: made };
    this.#running = undefined;
    driver.start();
    made.onStart?.();
    this.#discovery.join(peer);
  }

  #endLife(participant: Participant<Node, Message, Command, Event>): void {
    participant.life += 1;
    participant.running = undefined;
    participant.component = undefined;
    this.#running = undefined;
    participant.isAsleep = false;
    participant.putOff = [];
  }

  /** Everybody notices after a while that the server is there again, and says so. */
  #reconnect(): void {
    const random = this.#seeded.fork(`reconnect ${this.#now}`);
    for (const peer of this.runningPeers()) {
      const afterMs = drawBetween(random, this.#settings.reconnectMs);
      this.#scheduleFor(peer, afterMs, () => this.#discovery.announce(peer));
    }
  }

  #wake(participant: Participant<Node, Message, Command, Event>, warnedMs: number | undefined): void {
    this.#record('wake', participant, `${participant.putOff.length} put off`);
    participant.isAsleep = false;
    if (warnedMs !== undefined) participant.running?.life.onResume?.(warnedMs);
    const burst = participant.putOff;
    participant.putOff = [];
    for (const run of burst) run();
    this.#network.pathsChanged([participant.peer]);
  }

  #runNext(): void {
    const event = this.#queue.pop();
    if (event === undefined || event.cancelled) return;
    this.#now = event.at;
    this.#events += 1;
    try {
      event.run();
    } catch (error) {
      this.#failure ??= { cause: error };
    }
    if (this.#failure === undefined) return;
    const { cause } = this.#failure;
    if (cause instanceof SimulationFailure) throw cause;
    this.fail(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause), cause);
  }

  #schedule(afterMs: number, run: () => void): WorldEvent {
    return this.#queue.push(this.#now + Math.max(0, afterMs), run);
  }

  #scheduleFor(peer: PeerId, afterMs: number, run: () => void): WorldEvent {
    const participant = this.#participant(peer);
    const { life } = participant;
    const event = this.#schedule(afterMs, () => {
      if (participant.life !== life || participant.running === undefined) return;
      if (!participant.isAsleep) run();
      else
        participant.putOff.push(() => {
          if (participant.life === life && !event.cancelled) run();
        });
    });
    return event;
  }

  #networkHost(): NetworkHost<Message> {
    return {
      settings: this.#settings,
      paths: this.#paths,
      now: () => this.#now,
      schedule: (afterMs, run) => this.#schedule(afterMs, run),
      cancel: (event) => this.#queue.cancel(event),
      scheduleFor: (peer, afterMs, run) => void this.#scheduleFor(peer, afterMs, run),
      isAwake: (peer) => {
        const { running, isAsleep } = this.#participant(peer);
        return running !== undefined && !isAsleep;
      },
      linkEvent: (peer, input) => this.#participant(peer).running?.driver.linkEvent(input),
      received: (peer, from, cargo) => this.#participant(peer).running?.driver.received(from, cargo),
    };
  }

  #edgesHost(): EdgesHost<Message> {
    return {
      settings: this.#settings,
      keys: this.keys,
      trace: this.trace,
      network: this.#network,
      dialling: this.#dialling,
      now: () => this.#now,
      name: (peer) => this.name(peer),
      scheduleFor: (peer, afterMs, run) => this.#scheduleFor(peer, afterMs, run),
      cancel: (event) => this.#queue.cancel(event),
      stepped: (peer) => {
        for (const check of this.#checks) check(peer);
      },
      stopped: (error) => {
        this.#failure ??= { cause: error };
      },
    };
  }

  #record(what: string, participant: Participant<Node, Message, Command, Event>, detail = ''): void {
    this.trace.record(this.#now, participant.name, what, '', detail);
  }

  #recordWorld(what: string, detail: string): void {
    this.trace.record(this.#now, 'world', what, '', detail);
  }
}
