/**
 * Whole nodes run the committee of their board over the mesh: tabs come, crash, lose what they signed, sleep and are cut off, up to f seats lie, and people
 * propose, vote, change roles and evict. Then everything works again, and all tabs have to come to one state, which is what a count of the judge's own says.
 */
import { peerIdFrom, type MemberId, type PeerId } from '../../kernel/ids.ts';
import { pick, randomFrom, shuffled, type Random } from '../../kernel/random.ts';
import { createBoardIdentities, type BoardIdentities } from '../board-identities.ts';
import type { BoardWorld } from '../board-life.ts';
import { CommitteeAnnals } from '../committee-annals.ts';
import { CommitteeAudit } from '../committee-audit.ts';
import { CommitteeOracle } from '../committee-oracle.ts';
import { CommitteePeople } from '../committee-people.ts';
import {
  COMMITTEE_PLANTS,
  committeePlant,
  type CommitteeMode,
  type CommitteePlant,
} from '../committee-plants.ts';
import { CommitteeTabs } from '../committee-tabs.ts';
import { drawCommitteeTrouble, type CommitteeTrouble } from '../committee-trouble.ts';
import { drawParticipant, unleash } from '../faults.ts';
import type { Scenario, ScenarioOptions, ScenarioReport } from '../scenario.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { World } from '../world.ts';
import { reportOf } from '../world-report.ts';

/** Until all tabs have come and have their seats, before things go wrong. */
const FORMED_MS = 180_000;
/** How long things go wrong, and people do things. */
const TROUBLE_MS = 45_000;
/** Things done for each tab meanwhile. */
const ACTIONS_EACH = 2;
/** Until all is level, after everything works again; a sleeper may need 30 s of it to wake up. */
const LEVEL_MS = 300_000;
/** The same where a bug is planted: what is not level by then will not be. */
const PLANTED_LEVEL_MS = 120_000;
/** How far ahead of its own clock anybody takes a time for the present (CON-28), and how wrong clocks are at most. */
const LATEST_MS = 60_000 + 20_000 + 20_000;
/** How long two tabs are there together, and how often everybody meets everybody. */
const MEETING_MS = 15_000;
const ROUNDS = 6;
/** What a tab takes for sleep, and not for a slow machine (src/runtime/driver-gap.ts). */
const SHORTEST_NAP_MS = 5_500;

const scenarioOf = (name: string, mode: CommitteeMode | undefined, about: string): Scenario => ({
  name,
  about,
  usualPeers: undefined,
  plants: mode === undefined ? COMMITTEE_PLANTS : [],
  curves: true,
  records: true,
  run: (options) => runPlanted(options, mode),
});

export const COMMITTEE_SCENARIOS: readonly Scenario[] = [
  scenarioOf('committee', undefined, 'whole nodes run their committee while anything goes wrong'),
  scenarioOf(
    'committeeSleep',
    'sleep',
    'tabs of a committee sleep and wake, and nobody leaves a view for that',
  ),
  scenarioOf('committeePairs', 'pairs', 'four seats of which no three are ever there together decide'),
];

function runPlanted(options: ScenarioOptions, mode: CommitteeMode | undefined): ScenarioReport {
  const plant = committeePlant(options.plant);
  const undo = plant?.install?.();
  try {
    return new CommitteeRun(options, mode, plant).run();
  } finally {
    undo?.();
  }
}

class CommitteeRun {
  readonly #drawn: CommitteeTrouble;
  readonly #random: Random;
  readonly #world: BoardWorld;
  readonly #identities: BoardIdentities;
  readonly #annals: CommitteeAnnals;
  readonly #oracle: CommitteeOracle;
  readonly #tabs: CommitteeTabs;
  readonly #people: CommitteePeople;
  readonly #audit: CommitteeAudit;
  readonly #levelMs: number;
  readonly #figures = { formedMs: 0, levelMs: 0, meetings: 0, losses: 0, quorate: 1 };

  constructor(options: ScenarioOptions, mode: CommitteeMode | undefined, plant: CommitteePlant | undefined) {
    const { curve, peers, record, replay, seed } = options;
    const drawn = drawCommitteeTrouble(seed, peers, mode, plant);
    this.#drawn = drawn;
    this.#levelMs = plant === undefined ? LEVEL_MS : PLANTED_LEVEL_MS;
    this.#random = randomFrom(`committee run ${seed}`);
    const { described, faults } = drawn;
    this.#world = new World({ seed, replay, curve, settings: faults.settings, faults: described });
    const { keys } = this.#world;
    const { isOneEach } = drawn;
    const electorate = isOneEach ? 'member' : 'tab';
    this.#identities = createBoardIdentities(keys, 'm0', DEFAULT_SETTINGS.startWallMs, electorate);
    const { board } = this.#identities;
    const member = (name: string): MemberId => this.#identities.member(name);
    const keyOf = (name: string): PeerId => peerIdFrom(keys.publicKey(`peer ${name}`));
    const liars = new Set(drawn.tabs.flatMap(({ lie, name }) => (lie === undefined ? [] : [keyOf(name)])));
    const creator = member('m0');
    this.#annals = new CommitteeAnnals({ board, creator, firstTab: keyOf('p0'), isOneEach });
    this.#oracle = new CommitteeOracle({
      ...{ board, annals: this.#annals, keys, liars },
      name: (peer) => this.#world.name(peer),
      latest: () => DEFAULT_SETTINGS.startWallMs + this.#world.now + LATEST_MS,
      now: () => this.#world.now,
      fail: (what) => this.#world.fail(what),
    });
    const oracle = this.#oracle;
    const tabs = { identities: this.#identities, plant, liars, record, oracle: () => oracle };
    this.#tabs = new CommitteeTabs({ world: this.#world, random: this.#random.fork('lies'), ...tabs });
    this.#people = new CommitteePeople({
      ...{ world: this.#world, random: this.#random.fork('people'), mode: drawn.mode, creator },
      present: () => this.#tabs.present(),
      wallMs: (peer) => this.#tabs.wallMs(peer),
      others: [...new Set(drawn.tabs.map((tab) => member(tab.member)))].filter((each) => each !== creator),
    });
    const audited = { annals: this.#annals, identities: this.#identities, oracle, tabs: this.#tabs };
    this.#audit = new CommitteeAudit({ world: this.#world, isOneEach, ...audited });
  }

  run(): ScenarioReport {
    this.#gather();
    switch (this.#drawn.mode) {
      case 'trouble':
        this.#trouble();
        break;
      case 'sleep':
        this.#sleep();
        break;
      case 'pairs':
        this.#pairs();
        break;
    }
    this.#level();
    this.#again();
    return this.#report();
  }

  /** Tabs come, and take their seats. */
  #gather(): void {
    const { faults, isEarly, tabs } = this.#drawn;
    const clocks = this.#random.fork('clocks');
    for (const plan of tabs) {
      const participant = drawParticipant(faults, clocks);
      if (plan.afterMs === 0) this.#people.addColumns(this.#tabs.open(plan, participant));
      else this.#world.after(plan.afterMs, () => void this.#tabs.open(plan, participant));
    }
    this.#world.run(1 + Math.max(...tabs.map(({ afterMs }) => afterMs)));
    if (!isEarly) this.#figures.formedMs = this.#until('all have their seats', FORMED_MS);
  }

  /** Lets time pass until everybody is level. How long it took, ms. */
  #until(what: string, limitMs: number): number {
    const since = this.#world.now;
    for (;;) {
      const difference = this.#audit.difference();
      if (difference === undefined) return this.#world.now - since;
      if (this.#world.now - since >= limitMs)
        this.#world.fail(`not within ${limitMs} ms: ${what}: ${difference}`);
      this.#world.run(500);
    }
  }

  #trouble(): void {
    const { faults, leavers, losses, splitMs, tabs } = this.#drawn;
    const random = this.#random.fork('trouble');
    this.#people.act(ACTIONS_EACH * tabs.length, TROUBLE_MS);
    const isGone = (peer: PeerId): boolean => this.#tabs.isGone(peer);
    unleash(this.#world, faults, random.fork('unleash'), TROUBLE_MS, isGone);
    for (let i = 0; i < losses; i++)
      this.#world.after(random.below(TROUBLE_MS), () => this.#lose(random.fork(`loss ${i}`)));
    for (let i = 0; i < leavers; i++)
      this.#world.after(random.below(TROUBLE_MS), () => this.#leave(random.fork(`leaver ${i}`)));
    if (splitMs > 0)
      this.#world.after(random.below(TROUBLE_MS - splitMs), () => this.#split(random, splitMs));
    this.#world.run(TROUBLE_MS);
  }

  /** Whether one more seat may be lost for good. */
  #canSpare(): boolean {
    const { keys } = this.#annals.newest;
    const lost = keys.filter(
      (key) =>
        this.#tabs.isGone(key) ||
        this.#oracle.hasLost(key) ||
        this.#tabs.all().some(({ lie, peer }) => peer === key && lie !== undefined),
    ).length;
    return lost + 1 <= Math.floor((keys.length - 1) / 3);
  }

  #victim(random: Random): PeerId | undefined {
    if (!this.#canSpare()) return undefined;
    return pick(
      random,
      this.#tabs.present().filter((peer) => this.#tabs.all()[0]?.peer !== peer),
    );
  }

  #lose(random: Random): void {
    const peer = this.#victim(random);
    if (peer === undefined) return;
    if (this.#tabs.lose(peer, random.below(3) === 0)) this.#figures.losses += 1;
    this.#world.after(random.below(5_000), () => this.#world.restart(peer));
  }

  #leave(random: Random): void {
    const peer = this.#victim(random);
    if (peer !== undefined) this.#tabs.close(peer);
  }

  /** The group falls in two; a side with fewer seats than a quorum decides nothing. */
  #split(random: Random, forMs: number): void {
    const peers = shuffled(random, this.#world.peers());
    const at = 1 + random.below(peers.length - 1);
    const sides = [peers.slice(0, at), peers.slice(at)];
    const { keys, quorum } = this.#annals.newest;
    const isSmall = (side: readonly PeerId[]): boolean =>
      keys.filter((key) => side.includes(key)).length < quorum;
    this.#world.partition(sides);
    this.#oracle.minorities = sides
      .filter(isSmall)
      .map((side) => ({ side: new Set(side), since: this.#world.now }));
    this.#world.after(forMs, () => {
      this.#world.heal();
      this.#oracle.minorities = [];
    });
  }

  /** All sleep at once, or some that do not lead; nothing else goes wrong, so nobody has a reason to leave a view. */
  #sleep(): void {
    const random = this.#random.fork('sleep');
    this.#oracle.isPeaceful = true;
    for (let nap = 0; nap < 5; nap++) {
      this.#people.act(4, 4_000);
      this.#world.run(2_000 + random.below(6_000));
      const forMs = SHORTEST_NAP_MS + random.below(random.below(2) === 0 ? 20_000 : 120_000);
      for (const peer of this.#sleepers(random))
        this.#world.sleep(peer, forMs + random.below(100), random.below(2) === 0);
      this.#world.run(forMs + 100);
    }
  }

  #sleepers(random: Random): readonly PeerId[] {
    const { keys, number } = this.#annals.newest;
    if (random.below(2) === 0) return this.#world.peers();
    const leader = keys[number % keys.length];
    const others = shuffled(
      random,
      keys.filter((key) => key !== leader),
    );
    return others.slice(0, Math.floor((keys.length - 1) / 3));
  }

  /** Everybody closes the tab; then two open it together, and two others, and never three: what one asked for is decided all the same. */
  #pairs(): void {
    const world = this.#world;
    const random = this.#random.fork('pairs');
    const peers = world.peers();
    const isClosed = random.below(2) === 0;
    if (isClosed) for (const peer of peers) world.leave(peer);
    this.#oracle.isPeaceful = true;
    // Whoever asks never meets the tab that leads, while the others have theirs open and can hand on what they heard.
    const { keys, number } = this.#annals.newest;
    const leader = keys[number % keys.length];
    const [asker] = peers.filter((peer) => peer !== leader);
    const pairs = peers
      .flatMap((a, at) => peers.slice(at + 1).map((b) => [a, b] as const))
      .filter(
        (pair) => isClosed || !(pair.some((peer) => peer === asker) && pair.some((peer) => peer === leader)),
      );
    const { open, promised } = {
      open: () => this.#oracle.open(() => false),
      promised: this.#oracle.promised,
    };
    const rounds = Array.from({ length: ROUNDS }, () => shuffled(random, pairs)).flat();
    let isAsked = false;
    for (const pair of rounds) {
      const alone = peers.filter((peer) => !pair.includes(peer)).map((peer) => [peer]);
      if (isClosed) for (const peer of pair) world.restart(peer);
      else world.partition([pair, ...alone]);
      world.run(5_000);
      if (!isAsked && asker !== undefined && pair.includes(asker)) {
        this.#people.propose(asker, { kind: 'none' }, 3_600_000);
        isAsked = true;
      }
      world.run(MEETING_MS);
      this.#figures.meetings += 1;
      const isDone = promised.length > 0 && open().length === 0;
      if (isClosed) for (const peer of pair) world.leave(peer);
      if (isDone) return this.#meet(peers);
    }
    world.fail(`pairs: nothing is decided after ${this.#figures.meetings} meetings of two`);
  }

  /** All are there together again. */
  #meet(peers: readonly PeerId[]): void {
    this.#oracle.isPeaceful = false;
    this.#world.heal();
    for (const peer of peers) this.#world.restart(peer);
  }

  /** Everything works again: all that was asked for is decided, and one thing more. */
  #level(): void {
    if (!this.#audit.isQuorate()) {
      this.#figures.quorate = 0;
      return;
    }
    this.#figures.levelMs = this.#until('everything is decided and carried out', this.#levelMs);
    this.#people.askAll(4_000);
    this.#world.run(6_000);
    this.#until('one more question is decided', this.#levelMs);
    const wrong = this.#audit.whole();
    if (wrong !== undefined) this.#world.fail(wrong);
  }

  /** The same from what the disks hold. */
  #again(): void {
    const world = this.#world;
    if (this.#figures.quorate === 0) return;
    const peers = world.peers().filter((peer) => !this.#tabs.isGone(peer));
    for (const peer of peers) world.crash(peer);
    for (const peer of peers) world.restart(peer);
    world.run(1);
    this.#until('all are level after all were started again', this.#levelMs);
  }

  #report(): ScenarioReport {
    const { annals } = { annals: this.#annals };
    const results = [...annals.model.votes.values()].map(({ result }) => result);
    return reportOf(this.#world, {
      tabs: this.#drawn.tabs.length,
      liars: this.#drawn.tabs.filter(({ lie }) => lie !== undefined).length,
      ...this.#figures,
      epochs: annals.newest.number + 1,
      decided: annals.last,
      executed: annals.history.length,
      passed: results.filter((result) => result === 'passed').length,
      viewChanges: this.#oracle.viewChanges,
      convicted: this.#oracle.convicts(),
    });
  }
}
