/**
 * A committee executes governance while tabs crash, messages are lost and up to f seats lie: members ask for more admissions than their invites allow, vote,
 * change their minds and close. All honest seats have to come to one state, and that state to what a count of its own says.
 */
import { digest } from '../../kernel/hash.ts';
import { pick, randomFrom, shuffled, type Random } from '../../kernel/random.ts';
import { fromHex, type Bytes } from '../../kernel/bytes.ts';
import type { Hash, PeerId } from '../../kernel/ids.ts';
import { ownerToSign, type Link } from '../../consensus/chain.ts';
import { openCommittee, recordOf, type Committee } from '../../consensus/committee.ts';
import type { ConsensusEvent } from '../../consensus/events.ts';
import { firstSnapshot } from '../../consensus/execution.ts';
import type { ConsensusMessage } from '../../consensus/messages.ts';
import { decodeOperation, proposalIdOf } from '../../governance/operations.ts';
import type { Founding } from '../../governance/state.ts';
import { ConsensusHost } from '../consensus-host.ts';
import { createLiar, LIAR_KINDS, type Liar, type LiarKind } from '../consensus-liars.ts';
import { ConsensusNetwork, FAIR_WEATHER } from '../consensus-network.ts';
import { CouncilApplication, type CouncilBug } from '../council-application.ts';
import { COUNCIL_BOARD, CouncilLife, foundingOf, tabAt } from '../council-life.ts';
import { CouncilOracle } from '../council-oracle.ts';
import type { Scenario, ScenarioOptions, ScenarioReport } from '../scenario.ts';
import { ConsensusVerdicts } from '../consensus-verdicts.ts';
import { SimKeys } from '../sim-keys.ts';

const SIZES = [4, 4, 4, 5, 6, 7];
const TROUBLE_MS = 25_000;
/** Until all that was asked for is executed everywhere, after everything honest works again. */
const LEVEL_MS = 300_000;
/** How often somebody asks for something, ms on average. */
const ASK_MS = 150;
/** How wrong a clock is at most, ms. */
const CLOCK_ERROR_MS = 200;
const CHECKPOINT_EVERY = 4;
const WINDOW = 8;
/** A restart may repeat what was under way, so the trace bears some loss; replays of the network are the consensus scenario's matter. */
const BAD_WEATHER = { delayMs: [5, 300], lossPerMille: 100, twicePerMille: 50, replayPerMille: 0 } as const;

/** Bugs to plant in every honest seat. */
const PLANTS: Readonly<Record<string, CouncilBug>> = {
  forgetfulInvites: {
    tamper: ({ state }) => {
      state.invites.usedOf = () => 0;
    },
  },
  ownClock: { clockErrorMs: (name) => (name === 's1' ? 500 : 0) },
  lateBallots: {
    tamper: ({ state }) => {
      const { proposals } = state;
      const whyNotCast = proposals.whyNotCast.bind(proposals);
      proposals.whyNotCast = (id, voter, reason) => whyNotCast(id, voter, reason, 0);
    },
  },
  lowThreshold: {
    tamper: ({ state }) => {
      const open = state.proposals.open.bind(state.proposals);
      state.proposals.open = (proposal) => open({ ...proposal, thresholdPercent: 51 });
    },
  },
  lowQuorum: {
    tamper: ({ state }) => {
      const open = state.proposals.open.bind(state.proposals);
      state.proposals.open = (proposal) => open({ ...proposal, neededBallots: 1 });
    },
  },
  earlyClosing: {
    tamper: ({ state }) => {
      const { proposals } = state;
      const whyNotClose = proposals.whyNotClose.bind(proposals);
      proposals.whyNotClose = (id) => whyNotClose(id, Number.MAX_SAFE_INTEGER);
    },
  },
};

export const councilScenario: Scenario = {
  name: 'council',
  about: 'a committee executes governance while tabs crash and up to f seats lie',
  usualPeers: undefined,
  plants: Object.keys(PLANTS),
  run: (options) => new CouncilRun(options).run(),
};

interface Seat {
  readonly host: ConsensusHost;
  readonly liar: Liar | undefined;
}

class CouncilRun {
  readonly #bug: CouncilBug;
  readonly #keys: SimKeys;
  readonly #committee: Committee;
  readonly #founding: Founding;
  readonly #life: CouncilLife;
  readonly #network: ConsensusNetwork;
  readonly #oracle: CouncilOracle;
  readonly #seats: Seat[] = [];
  readonly #applications = new Map<PeerId, CouncilApplication>();
  readonly #verdicts: ConsensusVerdicts;
  readonly #link: Link;
  readonly #liars: number;
  readonly #crashPerMille: number;
  #crashes = 0;

  constructor(options: ScenarioOptions) {
    const random = randomFrom(`council scenario ${options.seed}`);
    this.#bug = PLANTS[options.plant ?? ''] ?? {};
    const size = options.peers ?? pick(random.fork('size'), SIZES) ?? 4;
    this.#keys = new SimKeys(random.fork('keys'));
    this.#founding = foundingOf(this.#keys, size);
    this.#committee = this.#openCommittee(size);
    this.#life = new CouncilLife(this.#keys, random.fork('life'), size);
    this.#crashPerMille = random.fork('crashes').below(8);
    const liars = this.#drawLiars(random.fork('liars'));
    this.#liars = liars.size;
    const lies = [...liars].map(([seat, kind]) => `seat ${seat} is ${kind}`);
    this.#network = new ConsensusNetwork(options.seed, options.replay, [
      `crashPerMille ${this.#crashPerMille}`,
      ...lies,
    ]);
    this.#oracle = new CouncilOracle(this.#founding, (what) => this.#network.fail(what));
    this.#verdicts = new ConsensusVerdicts(this.#keys, false, undefined);
    this.#link = this.#found();
    for (const [seat, key] of this.#committee.keys.entries()) this.#addSeat(seat, key, liars.get(seat));
  }

  #openCommittee(size: number): Committee {
    const opened = openCommittee({
      board: COUNCIL_BOARD,
      epoch: 0,
      start: 0,
      previous: undefined,
      resets: 0,
      seats: Array.from({ length: size }, (_, seat) => ({ key: tabAt(this.#keys, seat), leaseMs: 0 })),
      checkpointEvery: CHECKPOINT_EVERY,
      window: WINDOW,
    });
    if (!opened.ok) throw new RangeError(`No committee of ${size} seats.`);
    return opened.value;
  }

  /** The first link, which the board's maker signs. */
  #found(): Link {
    const { creator: owner } = this.#founding;
    const application = new CouncilApplication(this.#founding, '', {}, () => undefined);
    const { digest: state } = firstSnapshot(application, this.#committee);
    const signature = this.#keys.sign(owner, ownerToSign('founding', this.#committee, state));
    return { committee: recordOf(this.#committee), state, proof: { kind: 'founding', owner, signature } };
  }

  /** Twins need a second tab each, and are the consensus scenario's matter. */
  #drawLiars(random: Random): ReadonlyMap<number, LiarKind> {
    const kinds = LIAR_KINDS.filter((kind) => kind !== 'twin');
    const seats = shuffled(random, [...this.#committee.seats.keys()]);
    const liars = seats.slice(0, random.below(this.#committee.faults + 1));
    return new Map(liars.map((seat) => [seat, pick(random, kinds) ?? 'silent']));
  }

  #addSeat(seat: number, key: PeerId, kind: LiarKind | undefined): void {
    const committee = this.#committee;
    const sign = (body: Bytes): Bytes => this.#keys.sign(key, body);
    const random = this.#network.random.fork(`liar ${seat}`);
    const former = { committee, seat };
    const liar = kind && createLiar(kind, { self: key, committee, seat, former, random, sign });
    const host = new ConsensusHost({
      name: `s${seat}`,
      self: key,
      owners: [this.#founding.creator],
      founding: this.#link,
      clockErrorMs: random.fork('clock').below(2 * CLOCK_ERROR_MS) - CLOCK_ERROR_MS,
      network: this.#network,
      sign,
      send: (from, message, to) => this.#send(from, message, to),
      onSign: () => undefined,
      onEvent: (from, event) => {
        if (liar === undefined) this.#hear(from, event);
      },
      onExecute: (entries) => {
        if (liar === undefined) this.#executed(key, entries);
      },
      createApplication: (told) => {
        const bug = liar === undefined ? this.#bug : {};
        const application = new CouncilApplication(this.#founding, `s${seat}`, bug, told);
        this.#applications.set(key, application);
        return application;
      },
      tamper: (parts) => liar?.tamper?.(parts),
      reads: () => true,
    });
    this.#seats.push({ host, liar });
  }

  #executed(key: PeerId, entries: readonly string[]): void {
    const application = this.#applications.get(key);
    if (application === undefined) return;
    const state = digest('council state', application.governance.snapshot());
    this.#oracle.executes(`s${this.#committee.keys.indexOf(key)}`, entries, state);
  }

  #hear({ options: { name } }: ConsensusHost, event: ConsensusEvent): void {
    if (event.type === 'halted') this.#network.fail(`halted: ${name} says ${event.reason}`);
  }

  #send(from: ConsensusHost, message: ConsensusMessage, to: PeerId | undefined): void {
    const { liar } = this.#seats.find(({ host }) => host === from) ?? {};
    for (const key of to === undefined ? this.#committee.keys : [to]) {
      if (key === from.options.self) continue;
      for (const each of liar?.lie(message, key) ?? [{ to: key, message }])
        this.#network.after('afterMs' in each ? (each.afterMs ?? 0) : 0, () =>
          this.#carry(from, each.to, each.message),
        );
    }
  }

  #carry(from: ConsensusHost, to: PeerId, message: ConsensusMessage): void {
    const { host } = this.#seats.find((each) => each.host.options.self === to) ?? {};
    if (host === undefined) return;
    this.#network.carry(from.options.name, host.options.name, () => {
      if (host.isRunning && this.#verdicts.holds(host, message)) host.receive(message);
    });
  }

  #honest(): ConsensusHost[] {
    return this.#seats.filter(({ liar }) => liar === undefined).map(({ host }) => host);
  }

  #ask(random: Random): void {
    const host = pick(random, this.#honest());
    if (host?.isRunning === true) host.submit(this.#life.next(this.#proposals(host.executed)));
    this.#network.after(random.below(2 * ASK_MS), () => {
      if (this.#network.now < TROUBLE_MS) this.#ask(random);
    });
  }

  /** The last proposals that a seat has executed. */
  #proposals(entries: readonly string[]): Hash[] {
    return entries
      .flatMap((entry) => {
        const [, client = '', number = '', hex = ''] = entry.split('/');
        const decoded = decodeOperation(COUNCIL_BOARD, fromHex(hex));
        if (!decoded.ok || decoded.value.kind !== 'propose') return [];
        return [proposalIdOf({ client: client as PeerId, number: Number(number) }, decoded.value)];
      })
      .slice(-3);
  }

  #isLevel(): boolean {
    const lengths = new Set(this.#honest().map(({ executed }) => executed.length));
    return lengths.size === 1;
  }

  run(): ScenarioReport {
    const network = this.#network;
    for (const { host } of this.#seats) host.start();
    network.weather = BAD_WEATHER;
    for (const host of this.#honest()) host.crashPerMille = this.#crashPerMille;
    this.#ask(network.random.fork('asking'));
    network.run(TROUBLE_MS);
    network.weather = FAIR_WEATHER;
    for (const { host } of this.#seats) {
      host.crashPerMille = 0;
      this.#crashes += host.lives - 1;
      host.start();
    }
    // Whatever was under way is executed first.
    network.run(20_000);
    if (!network.runUntil(LEVEL_MS, () => this.#isLevel()))
      network.fail('undecided: honest seats are not level');
    return this.#report();
  }

  #report(): ScenarioReport {
    const { counters, now, trace } = this.#network;
    let figures = { passed: 0, admitted: 0 };
    for (const host of this.#honest()) {
      const application = this.#applications.get(host.options.self);
      if (application !== undefined) figures = this.#oracle.audit(host.executed, application.governance);
    }
    return {
      virtualMs: now,
      events: counters.events,
      sentMessages: counters.sentMessages,
      sentBytes: 0,
      traceDigest: trace.digest(),
      figures: {
        seats: this.#committee.seats.length,
        liars: this.#liars,
        crashes: this.#crashes,
        executed: this.#honest()[0]?.executed.length ?? 0,
        ...figures,
      },
    };
  }
}
