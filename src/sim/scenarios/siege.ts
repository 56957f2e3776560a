/**
 * An eclipse, built and not drawn: one honest member of a board is cut off from the other honest ones until all its links go to members who keep
 * back, the others edit, and it hears nothing. Then all paths are open, and by itself it has to give up those who keep back and find the others.
 */
import type { PeerId } from '../../kernel/ids.ts';
import type { Write } from '../../kernel/machine.ts';
import { pick, randomFrom } from '../../kernel/random.ts';
import { putEntry } from '../../replication/commands.ts';
import { settleBoard, type SettledBoard } from '../attacks/settled-board.ts';
import { createBoardIdentities, type BoardIdentities } from '../board-identities.ts';
import { blamed } from '../blame-watch.ts';
import { boardLife, type BoardWorld } from '../board-life.ts';
import { hostileMachine, type Habit } from '../hostile-life.ts';
import { patient } from '../hostile-plants.ts';
import type { Scenario, ScenarioOptions, ScenarioReport } from '../scenario.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { World } from '../world.ts';
import { reportOf } from '../world-report.ts';

const USUAL_PEERS = 16;
/** Of the members so many keep back, and never fewer than fill the places of one. */
const HOSTILE_PERCENT = 40;
const MIN_HOSTILE = 6;
/** The one that is cut off. */
const BESIEGED = 'besieged';
/** Within this it has its links, ms. Origin: guess, two attempts that end as timeouts. */
const MEETING_MS = 20_000;
/** From then on, when it edits and the others do, and until when it is cut off, ms. Origin: guess; links are made within two seconds, an edit is everywhere within one. */
const EDITS_FROM_MS = 3_000;
const EDITS_TO_MS = 5_000;
const CUT_MS = 7_000;
/** A cut this long at most until no dial is under way any more and the others agree, ms. Origin: guess; pauses between dials grow to 15 s, and one of a few hundred sieges took two minutes. */
const LULL_MS = 300_000;
/** With so many links it looks for no more (OVL-2). */
const ENOUGH_LINKS = 4;
/**
 * Who besieges: members who say nothing, members who show what they hold and never give it, or some of each; and within what time from the end of the
 * cut all honest members have to agree, ms. Origin: measured, see docs/benchmarks.md. Those who show were pulled from one after the other, four times 6 s each; since they are asked side by side it takes half of that.
 */
const ARMIES: readonly { readonly habits: readonly Habit[]; readonly outMs: number }[] = [
  { habits: ['withholds'], outMs: 60_000 },
  { habits: ['withholds', 'promises'], outMs: 60_000 },
  { habits: ['promises'], outMs: 180_000 },
];

export const siegeScenario: Scenario = {
  name: 'siege',
  about: 'all links of one member go to members who keep everything back: it notices and gets out',
  usualPeers: USUAL_PEERS,
  plants: ['patient'],
  run,
};

class Siege {
  readonly world: BoardWorld;
  readonly besieged: PeerId;
  readonly others: PeerId[] = [];
  readonly hostile: ReadonlySet<PeerId>;
  /** How many of its neighbours the besieged one has given up. */
  givenUp = 0;
  readonly #options: ScenarioOptions;
  readonly #identities: BoardIdentities;
  readonly #board: SettledBoard;
  readonly #outMs: number;
  readonly #asked = new Map<string, string>();
  readonly #names: readonly string[];
  readonly #saved = new Set<string>();

  constructor(options: ScenarioOptions) {
    this.#options = options;
    const random = randomFrom(`siege ${options.seed}`);
    const size = options.peers ?? USUAL_PEERS;
    const { habits: army, outMs } = pick(random, ARMIES) ?? { habits: [], outMs: 0 };
    this.#outMs = outMs;
    const besiegers = Math.max(MIN_HOSTILE, Math.floor((size * HOSTILE_PERCENT) / 100));
    const faults = [`${besiegers} besiegers: ${army.join(', ')}`];
    this.world = new World({ seed: options.seed, replay: options.replay, faults });
    const { keys } = this.world;
    this.#identities = createBoardIdentities(keys, 'alice', DEFAULT_SETTINGS.startWallMs);
    const habits = new Map<string, Habit>([
      ['alice', 'none'],
      [BESIEGED, 'none'],
    ]);
    for (let i = 0; i < besiegers; i++) habits.set(`h${i}`, army[i % army.length] ?? 'none');
    for (let i = habits.size; i < size; i++) habits.set(`p${i}`, 'none');
    const names = [...habits.keys()];
    this.#board = settleBoard(keys, this.#identities, names, new Set(), random.fork('board'));
    this.#names = names.filter((name) => habits.get(name) === 'none' && name !== BESIEGED);
    this.besieged = this.#add(BESIEGED, 'none');
    const hostile = names.filter((name) => habits.get(name) !== 'none');
    this.hostile = new Set(hostile.map((name) => this.#add(name, habits.get(name) ?? 'none')));
  }

  #add(name: string, habit: Habit): PeerId {
    const plant = name === BESIEGED ? this.#options.plant : undefined;
    const base = boardLife({
      name,
      identities: this.#identities,
      hasBoard: true,
      onEvent: (peer, event) => {
        if (habit !== 'none') return;
        if (event.type === 'done') this.#saved.add(this.#asked.get(event.token) ?? '');
        if (event.type !== 'keepsBack') return;
        if (!this.hostile.has(event.peer))
          this.world.fail(`an honest member was given up for keeping back: ${this.world.name(event.peer)}`);
        if (peer === this.besieged) this.givenUp += 1;
      },
      onBlame: (peer, other, why) => {
        if (habit === 'none' && !this.hostile.has(other))
          this.world.fail(blamed(this.world.name(peer), this.world.name(other), why));
      },
    });
    return this.world.addPeer({ name }, (birth) => {
      birth.disk.accept(0, 0, this.#writes());
      birth.disk.drain();
      const life = base(birth);
      if (plant !== undefined) return { ...life, ...patient(life.node) };
      if (habit === 'none') return life;
      const random = this.world.random.fork(`hostile ${name}`);
      const craft = () => ({ entries: [] });
      return { ...life, machine: hostileMachine(life.node, { self: birth.peer, habit, random, craft }) };
    });
  }

  #writes(): Write[] {
    return this.#board.history.map((entry) => putEntry(this.#identities.board, entry));
  }

  /**
   * The other honest ones come. For now nothing gets from the besieged one to any of them, nor back; and later only its own dials get through, as
   * behind a NAT: nobody frees it from outside.
   */
  othersCome(): void {
    for (const name of this.#names) {
      const peer = this.#add(name, 'none');
      this.others.push(peer);
      this.world.cut(this.besieged, peer);
      this.world.cut(peer, this.besieged);
      this.world.neverDials(peer, this.besieged);
    }
  }

  /** All honest ones add a card, the besieged one too. */
  edits(): void {
    const random = this.world.random.fork('edits');
    for (const peer of [this.besieged, ...this.others])
      this.world.after(EDITS_FROM_MS + random.below(EDITS_TO_MS - EDITS_FROM_MS), () => this.#edit(peer));
  }

  #edit(peer: PeerId): void {
    const title = `card of ${this.world.name(peer)}`;
    const token = `token ${this.world.name(peer)}`;
    this.#asked.set(token, title);
    const command = { type: 'addCard', columnId: this.#board.columnId, title } as const;
    const wallMs = DEFAULT_SETTINGS.startWallMs;
    this.world.command(peer, { type: 'act', token, action: { kind: 'run', command }, wallMs });
  }

  /** Whether the besieged one has links and dials nobody, and the others agree. */
  isSettled(): boolean {
    const links = this.world.linkCount(this.besieged);
    const isQuiet = links > 0 && links === this.world.placeCount(this.besieged);
    return isQuiet && this.#difference(this.others) === undefined;
  }

  /** That the siege is one: all links of the besieged go to besiegers, the others agree and hold what it lacks, and lack what it wrote. */
  judgeSiege(): void {
    const { world, besieged, others } = this;
    const links = world.neighbours(besieged);
    if (links.length === 0 || links.some((peer) => !this.hostile.has(peer)))
      world.fail(`no siege: links to ${links.map((peer) => world.name(peer)).join(' ')}`);
    const wrong = this.#difference(others);
    if (wrong !== undefined) world.fail(`no siege: the others differ: ${wrong}`);
    for (const author of [besieged, ...others])
      for (const peer of [besieged, ...others])
        if (this.#shows(peer, author) !== ((peer === besieged) === (author === besieged)))
          world.fail(`no siege: of what ${world.name(author)} wrote, to ${world.name(peer)}`);
  }

  #shows(peer: PeerId, author: PeerId): boolean {
    return JSON.stringify(this.world.node(peer).snapshot()).includes(`"card of ${this.world.name(author)}"`);
  }

  /** Until all honest ones hold and show the same, and all that was saved. */
  out(): number {
    const honest = [this.besieged, ...this.others];
    const isOut = (): boolean =>
      this.#difference(honest) === undefined && honest.every((author) => this.#shows(this.besieged, author));
    return this.world.runUntil('the besieged one holds what the others hold', isOut, this.#outMs);
  }

  #difference(peers: readonly PeerId[]): string | undefined {
    const { world } = this;
    const views = new Set(
      peers.map((peer) => `${world.node(peer).status().frontierDigest} ${world.node(peer).boardDigest()}`),
    );
    return views.size === 1 ? undefined : `${views.size} boards`;
  }

  get saved(): number {
    return this.#saved.size;
  }
}

function run(options: ScenarioOptions): ScenarioReport {
  const siege = new Siege(options);
  const { world } = siege;
  world.runUntil('it has its links', () => world.linkCount(siege.besieged) >= ENOUGH_LINKS, MEETING_MS);
  siege.othersCome();
  siege.edits();
  world.run(CUT_MS);
  // A dial under way would end the siege by chance.
  world.runUntil('the siege is settled', () => siege.isSettled(), LULL_MS);
  siege.judgeSiege();
  world.heal();
  const outMs = siege.out();
  return reportOf(world, { outMs, givenUp: siege.givenUp, saved: siege.saved });
}
