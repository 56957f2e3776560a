/**
 * The committees of a board decide while tabs crash between any two effects, messages are lost, doubled, reordered and repeated, groups are cut
 * off, a relay changes what it hands on, up to f seats lie, and seats change hands at random times. Some follow without a seat, evicted liars go
 * on, and sometimes a quorum is lost for good and an owner begins anew. Then everything honest works again, and everything asked for
 * has to be decided.
 */
import { utf8, type Bytes } from '../../kernel/bytes.ts';
import { memberIdFrom, peerIdFrom, type MemberId, type PeerId } from '../../kernel/ids.ts';
import { pick, randomFrom, shuffled, type Random } from '../../kernel/random.ts';
import { ownerToSign, type Link } from '../../consensus/chain.ts';
import type { Committee } from '../../consensus/committee.ts';
import type { ConsensusEvent } from '../../consensus/events.ts';
import { MAX_CLOCK_AHEAD_MS, SILENCE_MS, STATUS_MS } from '../../consensus/limits.ts';
import type { ConsensusMessage } from '../../consensus/messages.ts';
import type { Parts } from '../../consensus/parts.ts';
import { rollVerdict } from '../../consensus/roll.ts';
import { ConsensusAnnals } from '../consensus-annals.ts';
import { ConsensusHost, EPOCH_MS } from '../consensus-host.ts';
import { ConsensusLedger } from '../consensus-ledger.ts';
import { createLiar, tampered, type Liar, type LiarContext, type LiarKind } from '../consensus-liars.ts';
import { ConsensusNetwork, FAIR_WEATHER } from '../consensus-network.ts';
import { ConsensusOracle } from '../consensus-oracle.ts';
import { CONSENSUS_PLANTS, consensusPlant, type ConsensusPlant } from '../consensus-plants.ts';
import { drawTrouble, NO_TROUBLE, WORST_TROUBLE, type Drawn } from '../consensus-trouble.ts';
import { drawLiars, foundingOf, linksOf, SeatChanges, openFirst, PACE, placeOf } from '../consensus-seats.ts';
import { ConsensusVerdicts } from '../consensus-verdicts.ts';
import type { Scenario, ScenarioOptions, ScenarioReport } from '../scenario.ts';
import { SimKeys } from '../sim-keys.ts';

/** Sizes that a seed draws from: small ones more often, and every kind of remainder by three. */
const SIZES = [4, 4, 4, 4, 5, 6, 7, 7, 10, 13];
/** Most seats that a committee grows to, unless it begins with more. */
const MOST_SEATS = 13;
/** Peers that have no seat at first, at most, where seats change hands; one at most elsewhere. */
const MOST_FOLLOWERS = 3;
/** How long things go wrong. */
const TROUBLE_MS = 20_000;
/** Operations that each honest peer asks for meanwhile, and one more afterwards. */
const OPERATIONS_EACH = 4;
/** Until everything asked for is decided, after everything honest works again. */
export const DECIDED_MS = 300_000;
/** How often somebody asks for something more while we wait, so that a primary can be busy with other things. */
const CHATTER_MS = 500;
/** Time between the loss of a quorum and an owner's new beginning, and until some of the lost come back. */
const LOSS_MS = 15_000;
const RETURN_MS = 5_000;
/** How wrong a clock is at most. */
const CLOCK_ERROR_MS = 5_000;
/** How often seats are changed for a bug that shows in no other way. */
const RESEAT_MS = 800;
export const consensusScenario: Scenario = {
  name: 'consensus',
  about: 'committees decide and hand over while tabs crash, messages are lost and up to f seats lie',
  usualPeers: undefined,
  plants: CONSENSUS_PLANTS,
  curves: true,
  run: (options) => new CommitteeRun(options).run(),
};

interface Member {
  readonly key: PeerId;
  readonly host: ConsensusHost;
  readonly liar: Liar | undefined;
}

class CommitteeRun {
  readonly #plant: ConsensusPlant | undefined;
  readonly #drawn: Drawn;
  readonly #reseatEveryMs: number;
  readonly #mostSeats: number;
  readonly #network: ConsensusNetwork;
  readonly #keys: SimKeys;
  readonly #oracle: ConsensusOracle;
  readonly #annals: ConsensusAnnals;
  readonly #verdicts: ConsensusVerdicts;
  readonly #owner: MemberId;
  readonly #founding: Link;
  readonly #liars: ReadonlyMap<PeerId, LiarKind>;
  readonly #members: Member[] = [];
  readonly #relay: LiarContext;
  readonly #figures = {
    crashes: 0,
    refused: 0,
    held: 0,
    evidence: 0,
    transfers: 0,
    highestView: 0,
    epochs: 0,
    resets: 0,
  };
  readonly #lostForGood = new Set<ConsensusHost>();
  readonly #due: (readonly [client: PeerId, operation: string])[] = [];
  #draft: Omit<Link, 'proof'> | undefined;
  #asked = 0;
  /** What was submitted last: whether it is refused is told at once. */
  #submitting = '';
  readonly #changes = new SeatChanges();

  constructor(options: ScenarioOptions) {
    const random = randomFrom(`consensus scenario ${options.seed}`);
    this.#plant = consensusPlant(options.plant);
    const trouble = this.#plant?.trouble;
    const forced = trouble === 'worst' ? WORST_TROUBLE : NO_TROUBLE;
    this.#drawn = trouble === undefined ? drawTrouble(random.fork('trouble')) : forced;
    const isReseating = this.#plant?.isReseating === true;
    const drawnMs = this.#plant === undefined ? this.#drawn.reseatEveryMs : 0;
    this.#reseatEveryMs = isReseating ? RESEAT_MS : drawnMs;
    const drawn = this.#plant === undefined ? pick(random.fork('size'), SIZES) : 4;
    const size = this.#plant?.peers ?? options.peers ?? drawn ?? 4;
    this.#keys = new SimKeys(random.fork('keys'), options.curve);
    this.#owner = memberIdFrom(this.#keys.publicKey('owner'));
    const most = this.#reseatEveryMs === 0 ? 1 : MOST_FOLLOWERS;
    const followers = random.fork('followers').below(most + 1);
    const isAlone = this.#plant !== undefined && !isReseating;
    const all = Array.from({ length: isAlone ? size : size + followers }, (_, peer) =>
      peerIdFrom(this.#keys.publicKey(`peer ${peer}`)),
    );
    const committee = openFirst(all.slice(0, size));
    this.#mostSeats = Math.max(MOST_SEATS, size);
    this.#liars = drawLiars(random.fork('liars'), committee, this.#plant?.liars);
    const lies = [...this.#liars].map(([key, kind]) => `${key.slice(0, 8)} is ${kind}`);
    const described = [`${size} seats of ${all.length}`, ...this.#drawn.described, ...lies];
    this.#network = new ConsensusNetwork(options.seed, options.replay, described);
    this.#founding = foundingOf(this.#keys, this.#owner, committee);
    const allows = (keys: readonly PeerId[]): boolean => this.#allows(keys);
    this.#annals = new ConsensusAnnals({ board: committee.board, ...PACE, allows }, committee.keys);
    this.#oracle = new ConsensusOracle({
      annals: this.#annals,
      board: committee.board,
      liars: new Set(this.#liars.keys()),
      keys: this.#keys,
      latest: () => EPOCH_MS + this.#network.now + MAX_CLOCK_AHEAD_MS + CLOCK_ERROR_MS,
      fail: (what) => this.#network.fail(what),
    });
    this.#verdicts = new ConsensusVerdicts(this.#keys, this.#drawn.isEncoded, this.#plant?.checks);
    this.#relay = {
      self: all[0] ?? ('' as PeerId),
      committee,
      seat: 0,
      former: { committee, seat: 0 },
      random: random.fork('relay'),
      sign: () => new Uint8Array(64),
    };
    for (const [at, key] of all.entries()) this.#addPeer(`p${at}`, key, committee);
  }

  /** What the application allows: no more liars than can be borne. */
  #allows(keys: readonly PeerId[]): boolean {
    const liars = keys.filter((key) => this.#liars.has(key)).length;
    return keys.length <= this.#mostSeats && liars <= Math.floor((keys.length - 1) / 3);
  }

  #addPeer(name: string, key: PeerId, committee: Committee): void {
    const kind = this.#liars.get(key);
    const sign = (body: Bytes): Bytes => this.#keys.sign(key, body);
    const random = this.#network.random.fork(`liar ${name}`);
    for (const each of kind === 'twin' ? [name, `${name}'`] : [name]) {
      let parts: Parts | undefined;
      let former = { committee, seat: committee.keys.indexOf(key) };
      const context: LiarContext = {
        self: key,
        random,
        sign,
        get committee() {
          return parts?.committee ?? committee;
        },
        get seat() {
          return parts?.seat ?? former.seat;
        },
        get former() {
          return former;
        },
      };
      const liar = kind === undefined ? undefined : createLiar(kind, context);
      const isHonest = liar === undefined;
      const errorMs = random.fork('clock').below(2 * CLOCK_ERROR_MS) - CLOCK_ERROR_MS;
      const host = new ConsensusHost({
        name: each,
        self: key,
        owners: [this.#owner],
        founding: this.#founding,
        clockErrorMs: errorMs,
        network: this.#network,
        sign,
        createApplication: (told) => new ConsensusLedger({ allows: (keys) => this.#allows(keys), told }),
        send: (from, message, to) => this.#send(from, message, to),
        onSign: (body) => {
          if (isHonest) this.#oracle.signs(key, body);
        },
        onEvent: (from, event) => {
          if (isHonest) this.#hear(from, event);
        },
        onExecute: (entries, isTakenOver) => {
          if (isHonest) this.#oracle.executes(key, entries, isTakenOver);
        },
        tamper: (now) => {
          parts = now;
          if (now.seat !== undefined) former = { committee: now.committee, seat: now.seat };
          const quorum = this.#plant?.quorum?.(now.committee);
          if (quorum !== undefined) Object.assign(now.committee, { quorum });
          if (isHonest) this.#plant?.tamper?.(now);
          else liar.tamper?.(now);
        },
        reads: (stored) => !isHonest || (this.#plant?.reads?.(stored) ?? true),
      });
      this.#members.push({ key, host, liar });
    }
  }

  #hear({ options: { name, self } }: ConsensusHost, event: ConsensusEvent): void {
    switch (event.type) {
      case 'decided':
        this.#oracle.decides(self, event.epoch, event.certificate);
        return;
      case 'halted':
        return this.#network.fail(`halted: ${name} says ${event.reason}`);
      case 'notSigned':
        return this.#network.fail(
          `guard: ${name} had to be kept from signing a ${event.statement.kind} (${event.code})`,
        );
      case 'evidence':
        this.#figures.evidence += 1;
        if (!this.#liars.has(event.proof.key))
          this.#network.fail(`evidence: ${name} has a proof against an honest seat`);
        return;
      case 'caughtUp':
        this.#figures.transfers += 1;
        return;
      case 'view':
        this.#figures.highestView = Math.max(this.#figures.highestView, event.view);
        return;
      case 'epoch':
        this.#figures.epochs = Math.max(this.#figures.epochs, event.committee.epoch);
        return;
      case 'refused':
        if (event.code !== 'tooManyOutstanding')
          this.#network.fail(`refused: ${name} cannot ask for anything (${event.code})`);
        // A committee that waits for a late view decides nothing meanwhile, and the chatter goes on.
        this.#oracle.refuses(self, this.#submitting);
        this.#figures.held += 1;
        return;
      case 'forked':
        return this.#network.fail(`fork: ${name} knows of two committees for one epoch`);
      case 'resetRefused':
        if (event.code === 'committeeLives') return;
        return this.#network.fail(`fork: ${name} does not follow the owner (${event.code})`);
      case 'resetDrafted':
        this.#draft = event.draft;
        return;
      case 'broadcast':
      case 'submitted':
      case 'rolled':
      case 'relieved':
        return;
    }
  }

  /** Brings a message to every tab of a peer, or of all peers but the sender. */
  #send(from: ConsensusHost, message: ConsensusMessage, to: PeerId | undefined): void {
    const { liar } = this.#members.find(({ host }) => host === from) ?? {};
    const all = new Set(this.#members.map(({ key }) => key));
    for (const key of to === undefined ? all : [to]) {
      if (key === from.options.self) continue;
      for (const delivery of liar?.lie(message, key) ?? [{ to: key, message }]) {
        const carry = (): void => this.#carry(from, delivery.to, delivery.message);
        if ((delivery.afterMs ?? 0) > 0) this.#network.after(delivery.afterMs ?? 0, carry);
        else carry();
      }
    }
  }

  #carry(from: ConsensusHost, to: PeerId, message: ConsensusMessage): void {
    const isTampered = this.#relay.random.below(1000) < this.#drawn.tamperPerMille;
    const carried = isTampered ? tampered(this.#relay, message) : message;
    for (const { key, host } of this.#members) {
      if (key !== to) continue;
      this.#network.carry(from.options.name, host.options.name, () => {
        if (!host.isRunning) return;
        if (this.#verdicts.holds(host, carried)) host.receive(carried);
        else this.#figures.refused += 1;
      });
    }
  }

  run(): ScenarioReport {
    const network = this.#network;
    for (const { host } of this.#members) host.start();
    if (this.#plant?.trouble === 'split') this.#split();
    if (this.#plant?.trouble !== 'none' || this.#plant.isReseating === true) this.#ask(TROUBLE_MS);
    this.#reseat();
    network.weather = this.#drawn.weather;
    for (const { host, liar } of this.#members)
      if (liar === undefined) host.crashPerMille = this.#drawn.crashPerMille;
    this.#partition();
    network.run(TROUBLE_MS);
    network.weather = FAIR_WEATHER;
    network.groups = new Map();
    for (const { host } of this.#members) {
      host.crashPerMille = 0;
      this.#figures.crashes += host.lives - 1;
      host.start();
    }
    if (this.#drawn.isLost) this.#lose();
    const healedAt = network.now;
    this.#oneMore();
    this.#chatter(network.random.fork('chatter'));
    if (!network.runUntil(DECIDED_MS, () => this.#isDone())) network.fail(`undecided: ${this.#missing()}`);
    for (const { key, host, liar } of this.#members)
      if (liar === undefined) this.#oracle.shows(key, linksOf(host));
    this.#oracle.overruns();
    const { events, sentMessages } = network.counters;
    return {
      virtualMs: network.now,
      events,
      sentMessages,
      sentBytes: 0,
      traceDigest: network.trace.digest(),
      figures: {
        seats: this.#founding.committee.seats.length,
        liars: this.#liars.size,
        healMs: network.now - healedAt,
        decided: this.#oracle.length,
        ...this.#figures,
      },
    };
  }

  #honest(): ConsensusHost[] {
    return this.#members
      .filter(({ host, liar }) => liar === undefined && !this.#lostForGood.has(host))
      .map(({ host }) => host);
  }

  /** Whoever may still ask. */
  #clients(): ConsensusHost[] {
    return this.#honest().filter(({ options: { self } }) => !this.#annals.isGone(self));
  }

  #submit(host: ConsensusHost, isDue: boolean, operation = `operation ${(this.#asked += 1)}`): void {
    const client = host.options.self;
    if (!host.isRunning || this.#annals.isGone(client)) return;
    this.#submitting = operation;
    this.#oracle.asks(client, operation);
    if (isDue) this.#due.push([client, operation]);
    host.submit(utf8(operation));
  }

  /** Everybody asks for a few things in the next `ms`. What a tab that dies at once was asked is not promised to anybody. */
  #ask(ms: number): void {
    const isDue = this.#drawn.crashPerMille === 0 && !this.#drawn.isLost;
    const random = this.#network.random.fork('asking');
    for (const host of this.#honest())
      for (let count = 0; count < OPERATIONS_EACH; count++)
        this.#network.after(random.below(ms), () => this.#submit(host, isDue));
  }

  #oneMore(): void {
    for (const host of this.#clients()) this.#submit(host, true);
  }

  #chatter(random: Random): void {
    this.#network.after(CHATTER_MS, () => {
      const host = pick(random, this.#clients());
      if (host !== undefined) this.#submit(host, false);
      this.#chatter(random);
    });
  }

  /** Every now and then somebody asks for a seat to be taken, given up, or handed on to another tab. */
  #reseat(): void {
    if (this.#reseatEveryMs === 0) return;
    const random = this.#network.random.fork('reseating');
    const next = (): void => {
      this.#network.after(1 + random.below(2 * this.#reseatEveryMs), () => {
        if (this.#network.now >= TROUBLE_MS) return;
        const host = pick(random, this.#clients());
        const everybody = [...new Set(this.#members.map(({ key }) => key))];
        const change = host && this.#changes.draw(host.options.self, random, everybody, this.#annals);
        if (host !== undefined && change !== undefined) this.#submit(host, false, change);
        next();
      });
    };
    next();
  }

  /** So many seats are lost that nothing can be decided any more; an owner begins anew with those who are left. */
  #lose(): void {
    const network = this.#network;
    const newest = this.#annals.newest;
    if (newest === undefined) return;
    const random = network.random.fork('loss');
    const liarsFirst = shuffled(random, [...newest.keys]).sort(
      (a, b) => Number(this.#liars.has(b)) - Number(this.#liars.has(a)),
    );
    const lost = new Set(liarsFirst.slice(0, newest.keys.length - newest.quorum + 1));
    // What was asked before may yet seat a peer, and one that never comes back would take the quorum of the new beginning with it.
    if (this.#changes.maySeat(lost, this.#oracle)) return;
    for (const { key, host } of this.#members) if (lost.has(key) || this.#liars.has(key)) host.die();
    network.run(LOSS_MS);
    const left = this.#members.filter(({ host }) => host.isRunning);
    const peers = left.map(({ key }) => key);
    for (const { host } of left) host.command({ type: 'reachable', peers });
    const isAnew = this.#beginAnew(
      left.map(({ host }) => host),
      lost,
    );
    network.run(RETURN_MS);
    const staying = newest.keys.filter((key) =>
      left.some((each) => each.key === key && each.host.parts?.chain.current === newest.number),
    );
    // Whoever of the old committee is there must stay less than a quorum: else it was not lost, and goes on by right (CON-31).
    const back = new Set([...lost].slice(0, isAnew ? newest.quorum - 1 - staying.length : lost.size));
    for (const { key, host } of this.#members) {
      if (lost.has(key) && !back.has(key)) this.#lostForGood.add(host);
      else host.revive();
    }
    const everybody = this.#members.map(({ key }) => key);
    for (const { host } of this.#members) host.command({ type: 'reachable', peers: everybody });
  }

  /** Whether an owner could begin anew. */
  #beginAnew(left: readonly ConsensusHost[], lost: ReadonlySet<PeerId>): boolean {
    const [best] = [...left].sort((a, b) => b.executed.length - a.executed.length);
    const seats = left
      .map(({ options: { self } }) => self)
      .filter((key) => !this.#annals.isGone(key) && !lost.has(key))
      .map((key) => ({ key, leaseMs: 0 }));
    if (best?.parts === undefined || seats.length === 0) return false;
    best.command({ type: 'callRoll' });
    this.#network.run(SILENCE_MS + 2 * STATUS_MS);
    if (rollVerdict(best.parts) !== 'silent') return false;
    // Of fewer, none need have prepared what somebody committed, and what nobody here holds nobody here can know: seats that come back may decide it, and do not follow (CON-50).
    const { committee: old, execution } = best.parts;
    const there = left.filter(({ options: { self } }) => old.keys.includes(self)).length;
    const areFew = there + old.quorum <= old.keys.length;
    if (areFew && this.#oracle.isCommitted(old.epoch, execution.executed)) return false;
    this.#draft = undefined;
    best.command({ type: 'draftReset', seating: { ...PACE, seats }, token: '' });
    const draft = this.#draft as Omit<Link, 'proof'> | undefined;
    if (draft === undefined) return false;
    const { committee, state } = draft;
    const keys = committee.seats.map(({ key }) => key);
    this.#annals.reset(committee.epoch, keys, committee.start);
    const signature = this.#keys.sign(this.#owner, ownerToSign('reset', committee, state));
    const proof = { kind: 'reset', owner: this.#owner, signature } as const;
    best.command({ type: 'adopt', links: [{ ...draft, proof }] });
    this.#figures.resets += 1;
    return true;
  }

  /** The second of each twin and every other peer on one side, the rest on the other. */
  #split(): void {
    for (const [at, { key, host }] of this.#members.entries()) {
      const isSecond = this.#liars.has(key) ? host.options.name.endsWith("'") : at % 2 === 0;
      this.#network.groups.set(host.options.name, isSecond ? 1 : 0);
    }
  }

  #partition(): void {
    const { partitionEveryMs } = this.#drawn;
    if (partitionEveryMs === 0) return;
    const random = this.#network.random.fork('partitions');
    const names = this.#members.map(({ host }) => host.options.name);
    const next = (): void => {
      this.#network.after(1 + random.below(2 * partitionEveryMs), () => {
        if (this.#network.now >= TROUBLE_MS) return;
        const isWhole = random.below(3) === 0;
        this.#network.groups = new Map(isWhole ? [] : names.map((name) => [name, random.below(2)]));
        next();
      });
    };
    next();
  }

  /** What was asked for by clients who may still ask. */
  #open(): (readonly [client: PeerId, operation: string])[] {
    return this.#due.filter(([client]) => !this.#annals.isGone(client));
  }

  #isDone(): boolean {
    return (
      this.#open().every(([client, operation]) => this.#oracle.isExecuted(client, operation)) &&
      this.#isLevel()
    );
  }

  /** Whether every honest peer, with a seat or without one, has executed what was due when it was asked. */
  #isLevel(): boolean {
    return this.#honest().every((host) =>
      this.#open().every(([client, operation]) =>
        host.executed.some((entry) => entry.startsWith(client) && entry.split('/')[2] === operation),
      ),
    );
  }

  #missing(): string {
    const waiting = this.#open().filter(([client, operation]) => !this.#oracle.isExecuted(client, operation));
    return `${waiting.length} operations of ${this.#due.length}; ${this.#honest().map(placeOf).join('; ')}`;
  }
}
