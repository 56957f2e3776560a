/**
 * A committee decides while tabs crash between any two effects, messages are lost, doubled, reordered and repeated, groups are cut off, a relay
 * changes what it hands on, and up to f seats lie. Then everything honest works again, and everything asked for has to be decided.
 */
import { utf8, type Bytes } from '../../kernel/bytes.ts';
import { boardIdFrom, peerIdFrom, type PeerId } from '../../kernel/ids.ts';
import { digestBytes } from '../../kernel/hash.ts';
import { pick, randomFrom, shuffled, type Random } from '../../kernel/random.ts';
import { openCommittee, type Committee } from '../../consensus/committee.ts';
import type { ConsensusEvent } from '../../consensus/events.ts';
import { genesisSnapshot } from '../../consensus/execution.ts';
import {
  consensusProtocol,
  messageChecks,
  refuseMessage,
  type ConsensusMessage,
} from '../../consensus/messages.ts';
import { ConsensusHost } from '../consensus-host.ts';
import { ConsensusLedger } from '../consensus-ledger.ts';
import {
  createLiar,
  LIAR_KINDS,
  tampered,
  type Liar,
  type LiarContext,
  type LiarKind,
} from '../consensus-liars.ts';
import { ConsensusNetwork, FAIR_WEATHER, type Weather } from '../consensus-network.ts';
import { ConsensusOracle } from '../consensus-oracle.ts';
import { CONSENSUS_PLANTS, consensusPlant, type ConsensusPlant } from '../consensus-plants.ts';
import type { Scenario, ScenarioOptions, ScenarioReport } from '../scenario.ts';
import { SimKeys } from '../sim-keys.ts';

/** Sizes that a seed draws from: small ones more often, and every kind of remainder by three. */
const SIZES = [4, 4, 4, 4, 5, 6, 7, 7, 10, 13];
/** How long things go wrong. */
const TROUBLE_MS = 20_000;
/** Operations that each honest seat asks for meanwhile, and one more afterwards. */
const OPERATIONS_EACH = 4;
/** Until everything asked for is decided, after everything honest works again. */
export const DECIDED_MS = 300_000;
/** How often somebody asks for something more while we wait, so that a primary can be busy with other things. */
const CHATTER_MS = 500;
/** A checkpoint every 4 decisions in a window of 8, so that runs of a minute see many. */
const CHECKPOINT_EVERY = 4;
const WINDOW = 8;

export const consensusScenario: Scenario = {
  name: 'consensus',
  about: 'a committee decides while tabs crash, messages are lost and up to f seats lie',
  usualPeers: undefined,
  plants: CONSENSUS_PLANTS,
  run: (options) => new CommitteeRun(options).run(),
};

interface Drawn {
  readonly weather: Weather;
  readonly crashPerMille: number;
  readonly partitionEveryMs: number;
  readonly tamperPerMille: number;
  readonly isEncoded: boolean;
  readonly described: readonly string[];
}

const NO_TROUBLE: Drawn = {
  weather: FAIR_WEATHER,
  crashPerMille: 0,
  partitionEveryMs: 0,
  tamperPerMille: 0,
  isEncoded: false,
  described: [],
};

const WORST_TROUBLE: Drawn = {
  weather: { delayMs: [1, 1_500], lossPerMille: 300, twicePerMille: 300, replayPerMille: 200 },
  crashPerMille: 5,
  partitionEveryMs: 1_000,
  tamperPerMille: 50,
  isEncoded: false,
  described: ['the worst of everything'],
};

/** What one seed does to its committee: each kind of trouble on or off, and how bad (src/sim/faults.ts says why). */
function drawTrouble(random: Random): Drawn {
  const described: string[] = [];
  const draw = (name: string, from: number, to: number): number => {
    const own = random.fork(name);
    if (own.below(2) === 0) return 0;
    const value = from + own.below(to - from + 1);
    described.push(`${name} ${value}`);
    return value;
  };
  const slowMs = draw('slowMs', 100, 1_500);
  return {
    weather: {
      delayMs: [1, Math.max(60, slowMs)],
      lossPerMille: draw('lossPerMille', 10, 300),
      twicePerMille: draw('twicePerMille', 10, 300),
      replayPerMille: draw('replayPerMille', 10, 200),
    },
    crashPerMille: draw('crashPerMille', 1, 12),
    partitionEveryMs: draw('partitionEveryMs', 1_000, 8_000),
    tamperPerMille: draw('tamperPerMille', 5, 50),
    isEncoded: random.fork('encoded').below(4) === 0,
    described,
  };
}

interface Member {
  readonly host: ConsensusHost;
  readonly liar: Liar | undefined;
}

class CommitteeRun {
  readonly #plant: ConsensusPlant | undefined;
  readonly #drawn: Drawn;
  readonly #committee: Committee;
  readonly #network: ConsensusNetwork;
  readonly #keys: SimKeys;
  readonly #oracle: ConsensusOracle;
  readonly #liars: ReadonlyMap<number, LiarKind>;
  readonly #members: Member[] = [];
  readonly #verdicts = new WeakMap<ConsensusMessage, boolean>();
  readonly #relay: LiarContext;
  readonly #genesis = genesisSnapshot(new ConsensusLedger(() => undefined)).digest;
  readonly #figures = { crashes: 0, refused: 0, held: 0, evidence: 0, transfers: 0, highestView: 0 };
  #asked = 0;

  constructor(options: ScenarioOptions) {
    const random = randomFrom(`consensus scenario ${options.seed}`);
    this.#plant = consensusPlant(options.plant);
    const trouble = this.#plant?.trouble;
    const forced = trouble === 'worst' ? WORST_TROUBLE : NO_TROUBLE;
    this.#drawn = trouble === undefined ? drawTrouble(random.fork('trouble')) : forced;
    const drawn = this.#plant === undefined ? pick(random.fork('size'), SIZES) : 4;
    const size = this.#plant?.peers ?? options.peers ?? drawn ?? 4;
    this.#keys = new SimKeys(random.fork('keys'));
    const committee = this.#openCommittee(size);
    this.#liars = this.#drawLiars(random.fork('liars'), committee);
    const lies = [...this.#liars].map(([seat, kind]) => `seat ${seat} of ${size} is ${kind}`);
    this.#network = new ConsensusNetwork(options.seed, options.replay, [...this.#drawn.described, ...lies]);
    const liars = new Set([...this.#liars.keys()].map((seat) => committee.seats[seat] ?? ('' as PeerId)));
    this.#oracle = new ConsensusOracle(committee, liars, this.#keys, (what) => this.#network.fail(what));
    const quorum = this.#plant?.quorum?.(committee);
    this.#committee = quorum === undefined ? committee : { ...committee, quorum };
    this.#relay = {
      committee: this.#committee,
      seat: 0,
      random: random.fork('relay'),
      sign: () => new Uint8Array(64),
    };
    for (const seat of this.#committee.seats.keys()) this.#addSeat(seat);
  }

  #openCommittee(size: number): Committee {
    const seats = Array.from({ length: size }, (_, seat) => peerIdFrom(this.#keys.publicKey(`seat ${seat}`)));
    const board = boardIdFrom(digestBytes('consensus scenario'));
    const opened = openCommittee({
      board,
      epoch: 0,
      seats,
      checkpointEvery: CHECKPOINT_EVERY,
      window: WINDOW,
    });
    if (!opened.ok) throw new RangeError(`No committee of ${size} seats.`);
    return opened.value;
  }

  #drawLiars(random: Random, committee: Committee): Map<number, LiarKind> {
    const forced = this.#plant?.liars;
    const all = [...committee.seats.keys()];
    if (forced !== undefined)
      return new Map(all.slice(0, forced.count(committee)).map((seat) => [seat, forced.kind]));
    const seats = shuffled(random, all).slice(0, random.below(committee.faults + 1));
    return new Map(seats.map((seat) => [seat, pick(random, LIAR_KINDS) ?? 'silent']));
  }

  #addSeat(seat: number): void {
    const kind = this.#liars.get(seat);
    const key = this.#committee.seats[seat] ?? '';
    const sign = (body: Bytes): Bytes => this.#keys.sign(key, body);
    const random = this.#network.random.fork(`liar ${seat}`);
    const liar =
      kind === undefined ? undefined : createLiar(kind, { committee: this.#committee, seat, random, sign });
    for (const name of kind === 'twin' ? [`s${seat}`, `s${seat}'`] : [`s${seat}`]) {
      const isHonest = liar === undefined;
      const host = new ConsensusHost({
        name,
        committee: this.#committee,
        seat,
        network: this.#network,
        sign,
        send: (from, message, to) => this.#send(from, message, to),
        onSign: (body) => {
          if (isHonest) this.#oracle.signs(seat, body);
        },
        onEvent: (from, event) => {
          if (isHonest) this.#hear(from, event);
        },
        onExecute: (entries, isTakenOver) => {
          if (isHonest) this.#oracle.executes(seat, entries, isTakenOver);
        },
        tamper: (parts) => {
          if (isHonest) this.#plant?.tamper?.(parts);
          else liar.tamper?.(parts);
        },
        reads: (stored) => !isHonest || (this.#plant?.reads?.(stored) ?? true),
      });
      this.#members.push({ host, liar });
    }
  }

  #hear({ options: { seat, name } }: ConsensusHost, event: ConsensusEvent): void {
    switch (event.type) {
      case 'decided':
        this.#oracle.decides(seat, event.certificate);
        return;
      case 'halted':
        return this.#network.fail(`halted: ${name} says ${event.reason}`);
      case 'notSigned':
        return this.#network.fail(
          `guard: ${name} had to be kept from signing a ${event.statement.kind} (${event.code})`,
        );
      case 'evidence':
        this.#figures.evidence += 1;
        if (!this.#liars.has(event.evidence.first.seat))
          this.#network.fail(
            `evidence: ${name} has a proof against honest seat ${event.evidence.first.seat}`,
          );
        return;
      case 'caughtUp':
        this.#figures.transfers += 1;
        return;
      case 'view':
        this.#figures.highestView = Math.max(this.#figures.highestView, event.view);
        return;
      case 'refused':
        if (event.code !== 'tooManyOutstanding')
          this.#network.fail(`refused: ${name} cannot ask for anything (${event.code})`);
        // A committee that waits for a late view decides nothing meanwhile, and the chatter goes on.
        this.#oracle.refuses(this.#committee.seats[seat] ?? ('' as PeerId), `operation ${this.#asked}`);
        this.#figures.held += 1;
        return;
      case 'broadcast':
      case 'submitted':
        return;
    }
  }

  /** Brings a message to every tab of a seat, or of all seats but the sender's. */
  #send(from: ConsensusHost, message: ConsensusMessage, to: number | undefined): void {
    const { liar } = this.#members.find(({ host }) => host === from) ?? {};
    for (const seat of to === undefined ? this.#committee.seats.keys() : [to]) {
      if (seat === from.options.seat) continue;
      for (const delivery of liar?.lie(message, seat) ?? [{ to: seat, message }]) {
        const carry = (): void => this.#carry(from, delivery.to, delivery.message);
        if ((delivery.afterMs ?? 0) > 0) this.#network.after(delivery.afterMs ?? 0, carry);
        else carry();
      }
    }
  }

  #carry(from: ConsensusHost, to: number, message: ConsensusMessage): void {
    const isTampered = this.#relay.random.below(1000) < this.#drawn.tamperPerMille;
    const carried = isTampered ? tampered(this.#relay, message) : message;
    for (const { host } of this.#members) {
      if (host.options.seat !== to) continue;
      this.#network.carry(from.options.name, host.options.name, () => {
        if (!host.isRunning) return;
        if (this.#holds(carried)) host.receive(carried);
        else this.#figures.refused += 1;
      });
    }
  }

  /** Whether a message is well formed and its signatures hold; the same for all who receive it. */
  #holds(message: ConsensusMessage): boolean {
    const known = this.#verdicts.get(message);
    if (known !== undefined) return known;
    const verdict = this.#isWellFormed(message) && this.#keys.holds(this.#checksOf(message));
    this.#verdicts.set(message, verdict);
    return verdict;
  }

  #isWellFormed(message: ConsensusMessage): boolean {
    if (!this.#drawn.isEncoded) return refuseMessage(this.#committee, this.#genesis, message) === undefined;
    const protocol = consensusProtocol(this.#committee, this.#genesis);
    return protocol.decode(protocol.encode(message)).ok;
  }

  #checksOf(message: ConsensusMessage): ReturnType<typeof messageChecks> {
    const checks = messageChecks(this.#committee, message);
    if (this.#plant?.checks === 'none') return [];
    return this.#plant?.checks === 'own' ? checks.slice(0, 1) : checks;
  }

  run(): ScenarioReport {
    const network = this.#network;
    for (const { host } of this.#members) host.start();
    if (this.#plant?.trouble === 'split') this.#split();
    if (this.#plant?.trouble !== 'none') this.#ask(TROUBLE_MS);
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
    const healedAt = network.now;
    this.#oneMore();
    this.#chatter(network.random.fork('chatter'));
    if (!network.runUntil(DECIDED_MS, () => this.#isDone())) network.fail(`undecided: ${this.#missing()}`);
    const { events, sentMessages } = network.counters;
    return {
      virtualMs: network.now,
      events,
      sentMessages,
      sentBytes: 0,
      traceDigest: network.trace.digest(),
      figures: {
        seats: this.#committee.seats.length,
        liars: this.#liars.size,
        healMs: network.now - healedAt,
        decided: this.#oracle.length,
        ...this.#figures,
      },
    };
  }

  readonly #due: (readonly [client: PeerId, operation: string])[] = [];

  #honest(): ConsensusHost[] {
    return this.#members.filter(({ liar }) => liar === undefined).map(({ host }) => host);
  }

  #submit(host: ConsensusHost, isDue: boolean): void {
    if (!host.isRunning) return;
    const operation = `operation ${(this.#asked += 1)}`;
    const client = this.#committee.seats[host.options.seat] ?? ('' as PeerId);
    this.#oracle.asks(client, operation);
    if (isDue) this.#due.push([client, operation]);
    host.submit(utf8(operation));
  }

  /** Everybody asks for a few things in the next `ms`. What a tab that dies at once was asked is not promised to anybody. */
  #ask(ms: number): void {
    const random = this.#network.random.fork('asking');
    for (const host of this.#honest())
      for (let count = 0; count < OPERATIONS_EACH; count++)
        this.#network.after(random.below(ms), () => this.#submit(host, false));
  }

  #oneMore(): void {
    for (const host of this.#honest()) this.#submit(host, true);
  }

  #chatter(random: Random): void {
    this.#network.after(CHATTER_MS, () => {
      const host = pick(random, this.#honest());
      if (host !== undefined) this.#submit(host, false);
      this.#chatter(random);
    });
  }

  /** The second of each twin and every other seat on one side, the rest on the other. */
  #split(): void {
    for (const [at, { host }] of this.#members.entries()) {
      const { name, seat } = host.options;
      const isSecond = this.#liars.has(seat) ? name.endsWith("'") : at % 2 === 0;
      this.#network.groups.set(name, isSecond ? 1 : 0);
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

  #isDone(): boolean {
    return (
      this.#due.every(([client, operation]) => this.#oracle.isExecuted(client, operation)) && this.#isLevel()
    );
  }

  /** Whether every honest seat has executed what was due when it was asked. */
  #isLevel(): boolean {
    return this.#honest().every((host) =>
      this.#due.every(([client, operation]) =>
        host.executed.some((entry) => entry.startsWith(client) && entry.endsWith(`/${operation}`)),
      ),
    );
  }

  #missing(): string {
    const waiting = this.#due.filter(([client, operation]) => !this.#oracle.isExecuted(client, operation));
    const places = this.#honest().map(({ options, executed, parts }) => {
      const { views } = parts ?? {};
      return `${options.name} executed ${executed.length} in view ${views?.view ?? -1}${views?.isActive === true ? '' : ' (waiting)'}`;
    });
    return `${waiting.length} operations of ${this.#due.length}; ${places.join(', ')}`;
  }
}
