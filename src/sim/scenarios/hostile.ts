/**
 * Fifty members of one board, of whom up to twenty mean harm: they carry out the attacks of src/sim/attacks, forge, flood, replay, keep back, lie
 * about what they hold, defy owners who put them out, vouch for one another, fork their journals. The others edit meanwhile. Afterwards all honest
 * members must hold and show exactly what has effect, everything that one of them was told is saved, and nothing that was made to harm.
 */
import type { PeerId } from '../../kernel/ids.ts';
import type { Machine, Write } from '../../kernel/machine.ts';
import { pick, randomFrom, shuffled, type Random } from '../../kernel/random.ts';
import { invariant } from '../../kernel/invariant.ts';
import type { NodeCommand, NodeEvent, OwnerDecree } from '../../node/events.ts';
import type { NodeMessage } from '../../node/messages.ts';
import type { Node } from '../../node/node.ts';
import { putEntry } from '../../replication/commands.ts';
import type { Attack } from '../attacks/attack.ts';
import { Attention } from '../attention.ts';
import { ATTACKS } from '../attacks/registry.ts';
import { settleBoard, type SettledBoard } from '../attacks/settled-board.ts';
import { createBoardIdentities } from '../board-identities.ts';
import { blamed } from '../blame-watch.ts';
import { boardLife, type BoardWorld } from '../board-life.ts';
import type { Outcome } from '../entry-ledger.ts';
import { Deeds, type Deed } from '../hostile-deeds.ts';
import { attackCommand, HABITS, hostileMachine, type Habit } from '../hostile-life.ts';
import { HostileOracle } from '../hostile-oracle.ts';
import { HOSTILE_PLANTS, hostilePlant, isEverywhere } from '../hostile-plants.ts';
import type { Life, LifeFactory } from '../participant.ts';
import type { Scenario, ScenarioOptions, ScenarioReport } from '../scenario.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { Sieges } from '../sieges.ts';
import { World } from '../world.ts';
import { reportOf } from '../world-report.ts';

const USUAL_PEERS = 50;
/** Hostile among 50 at most; of fewer peers, the same share. */
const MAX_HOSTILE_PERCENT = 40;
/** Of the hostile, one in so many is a viewer. */
const VIEWER_EVERY = 5;
/** All start at once, and a mesh forms. When attacks and edits begin and end, ms. Origin: guess; a swarm of 50 is one component after about two seconds. */
const TROUBLE_FROM_MS = 3_000;
const TROUBLE_TO_MS = 10_000;
/** Until all honest members agree after that, ms. Origin: guess, some rounds of anti-entropy. */
const AGREEMENT_MS = 30_000;
/** The same for whoever had links to hostile members only until half a minute before: as the scenario `siege` has it, ms. */
const SIEGE_MS = 180_000;
/** How long forks have to become known after the last one is sent, ms: 5 s from its arrival, and what it takes to arrive. */
const FORK_MS = 5_500;
/** Owners besides the creator, honest ones; and of the hostile one in so many is put out or down by an owner. */
const OWNERS = 2;
const DECREED_EVERY = 3;
/** Owners are made right after the beginning, and decree something this much later, when they have heard of it. Origin: guess. */
const PROMOTION_MS = 200;
const DECREES_FROM_MS = 1_500;
/** Cards of whoever defies a decree. */
const DEFIANCES = 3;
/** Edits of each honest member, and attacks of each hostile one. */
const EDITS = 1;
const ATTACKS_EACH = 2;
/** In one seed of so many messages travel as bytes. */
const ENCODED_EVERY = 4;

type HostileFactory = LifeFactory<Node, NodeMessage, NodeCommand, NodeEvent>;
type HostileLife = Life<Node, NodeMessage, NodeCommand, NodeEvent>;
type BoardMachine = Machine<NodeMessage, NodeCommand, NodeEvent>;

export const hostileScenario: Scenario = {
  name: 'hostile',
  about:
    'fifty members, up to twenty of them hostile: the honest ones end up with one board, without a trace of harm',
  usualPeers: USUAL_PEERS,
  plants: HOSTILE_PLANTS,
  run,
};

/** The people of one seed. */
interface Cast {
  readonly names: readonly string[];
  readonly hostile: ReadonlySet<string>;
  readonly viewers: ReadonlySet<string>;
}

function drawCast(random: Random, size: number): Cast {
  const names = Array.from({ length: size }, (_, index) => (index === 0 ? 'alice' : `p${index}`));
  const most = Math.floor((size * MAX_HOSTILE_PERCENT) / 100);
  const hostile = shuffled(random, names.slice(1)).slice(0, 1 + random.below(Math.max(1, most)));
  return {
    names,
    hostile: new Set(hostile),
    viewers: new Set(hostile.filter((_, index) => index % VIEWER_EVERY === VIEWER_EVERY - 1)),
  };
}

/** Everything of one run. */
class Story {
  readonly world: BoardWorld;
  readonly board: SettledBoard;
  readonly oracle: HostileOracle;
  readonly sieges: Sieges;
  readonly #identities;
  readonly #cast: Cast;
  readonly #random: Random;
  readonly #peers = new Map<string, PeerId>();
  readonly #deeds: Deeds;
  /** Hostile members about whom owners decree something. */
  readonly #decreed: ReadonlySet<string>;
  #count = 0;

  constructor(options: ScenarioOptions) {
    const size = options.peers ?? USUAL_PEERS;
    this.#random = randomFrom(`hostile ${options.seed}`);
    this.#cast = drawCast(this.#random.fork('cast'), size);
    const { names, hostile, viewers } = this.#cast;
    // Noise needs bytes to be noise in; handing values over is twice as fast.
    const isEncoded = this.#random.fork('bytes').below(ENCODED_EVERY) === 0;
    this.world = new World({
      seed: options.seed,
      replay: options.replay,
      settings: { isEncoded },
      faults: [`hostile ${[...hostile].join(' ')}`, `viewers ${[...viewers].join(' ')}`],
    });
    const { keys } = this.world;
    this.#identities = createBoardIdentities(keys, 'alice', DEFAULT_SETTINGS.startWallMs);
    this.board = settleBoard(keys, this.#identities, names, viewers, this.#random.fork('board'));
    const honest = new Set<PeerId>();
    for (const [name, writer] of this.board.writers) {
      this.#peers.set(name, writer.peer);
      if (!hostile.has(name)) honest.add(writer.peer);
    }
    const { board: boardId, genesis } = this.#identities;
    this.oracle = new HostileOracle(this.world, honest, boardId, genesis.creator);
    this.sieges = new Sieges(this.world, honest);
    this.oracle.begins(this.board.history.map(({ bytes }) => bytes));
    const { board, oracle } = this;
    const rest = { keys, identities: this.#identities, board, oracle, hostile };
    this.#deeds = new Deeds({ ...rest, random: this.#random.fork('deeds') });
    this.#decreed = new Set([...hostile].filter((name) => this.#isDecreed(name)));
    const { plant } = options;
    const some = plant !== undefined && isEverywhere(plant) ? [...honest] : [...honest].slice(1, 3);
    const bugged = new Set(plant === undefined ? [] : some);
    for (const name of names) {
      const peer = this.#peers.get(name);
      const bug = peer !== undefined && bugged.has(peer) ? plant : undefined;
      this.world.addPeer({ name }, this.#lifeOf(name, bug));
    }
  }

  #isDecreed(name: string): boolean {
    const isViewer = this.#cast.viewers.has(name);
    return !isViewer && this.#random.fork(`decree ${name}`).below(DECREED_EVERY) === 0;
  }

  #expect(wrong: string | undefined): void {
    if (wrong !== undefined) this.world.fail(wrong);
  }

  #lifeOf(name: string, plant: string | undefined): HostileFactory {
    const isHostile = this.#cast.hostile.has(name);
    const base = boardLife({
      name,
      identities: this.#identities,
      hasBoard: true,
      onEvent: (peer, event) => {
        if (!isHostile) this.#expect(this.oracle.hears(peer, event));
      },
      onBlame: (peer, other, why) => {
        const [one, another] = [this.world.name(peer), this.world.name(other)];
        if (!isHostile && !this.#cast.hostile.has(another)) this.world.fail(blamed(one, another, why));
      },
    });
    const habits = this.#random.fork(`habits ${name}`);
    return (birth) => {
      if (birth.life === 0) birth.disk.accept(0, 0, this.#writes());
      birth.disk.drain();
      const life = base(birth);
      if (!isHostile)
        return this.#watched(
          birth.peer,
          plant === undefined ? life : { ...life, ...hostilePlant(plant, life.node) },
        );
      const habit: Habit = pick(habits, HABITS) ?? 'none';
      const random = habits.fork('deeds');
      const isPromising = habit === 'withholds' && random.fork('promises').below(2) === 0;
      const machine: BoardMachine = hostileMachine(life.node, {
        self: birth.peer,
        habit: isPromising ? 'promises' : habit,
        random,
        craft: (number) => this.#deeds.craft(number),
      });
      return this.#watched(birth.peer, { ...life, machine });
    };
  }

  /** The judge sees what arrives from whom the node listens to, whatever it makes of it. */
  #watched(peer: PeerId, life: HostileLife): HostileLife {
    const inner = life.machine ?? life.node;
    const attention = new Attention();
    const machine: BoardMachine = {
      step: (input, now) => {
        attention.before(input);
        if (input.kind === 'received' && attention.isPaidTo(input.from))
          this.oracle.arrives(peer, input.message);
        const effects = inner.step(input, now);
        attention.after(effects);
        return effects;
      },
    };
    return { ...life, machine };
  }

  #writes(): Write[] {
    return this.board.history.map((entry) => putEntry(this.#identities.board, entry));
  }

  // What happens.

  edits(): void {
    const random = this.#random.fork('edits');
    for (const name of this.#cast.names) {
      if (this.#cast.hostile.has(name)) continue;
      for (let i = 0; i < EDITS; i++) this.#at(random, () => this.#edit(name));
    }
  }

  #at(random: Random, run: () => void): void {
    this.world.after(TROUBLE_FROM_MS + random.below(TROUBLE_TO_MS - TROUBLE_FROM_MS), run);
  }

  #edit(name: string): void {
    const peer = this.#peers.get(name);
    if (peer === undefined) return;
    this.#count += 1;
    const [token, title] = [`token ${this.#count}`, `card ${this.#count} of ${name}`];
    this.oracle.asks(token, title);
    const command = { type: 'addCard', columnId: this.board.columnId, title } as const;
    const wallMs = DEFAULT_SETTINGS.startWallMs;
    this.world.command(peer, { type: 'act', token, action: { kind: 'run', command }, wallMs });
  }

  /** Draws what each hostile member does when. */
  attacks(): void {
    const random = this.#random.fork('attacks');
    const usable = ATTACKS.filter(({ leaves }) => leaves === undefined || leaves === 'unharmed');
    for (const name of this.#cast.hostile) {
      const isViewer = this.#cast.viewers.has(name);
      const mine = usable.filter((attack) => isViewersAttack(attack) === isViewer);
      const list: Deed[] = shuffled(random, mine).slice(0, ATTACKS_EACH);
      if (random.below(3) === 0) list.push('forgery');
      if (!isViewer && random.below(8) === 0) list.push('flood');
      if (!isViewer && random.below(16) === 0) list.push('hoard');
      for (const deed of list) this.#strikeAt(random, name, deed);
    }
  }

  /** The creator makes owners; they and the creator put hostile members out or down, who go on as if they had not heard of it. */
  decrees(): void {
    const random = this.#random.fork('decrees');
    const editors = this.#cast.names.slice(1).filter((name) => !this.#cast.hostile.has(name));
    const owners = shuffled(random, editors).slice(0, OWNERS);
    this.world.after(TROUBLE_FROM_MS - PROMOTION_MS, () => {
      for (const name of owners)
        this.#decree('alice', { kind: 'role', member: this.#identities.member(name), role: 'owner' });
    });
    const friends = [...this.#cast.hostile].filter((name) => !this.#cast.viewers.has(name));
    for (const name of this.#decreed) {
      const member = this.#identities.member(name);
      const by = pick(random, ['alice', ...owners]) ?? 'alice';
      const also = random.below(4) === 0 ? pick(random, owners) : undefined;
      const decree: OwnerDecree =
        random.below(3) === 0 ? { kind: 'role', member, role: 'viewer' } : { kind: 'evict', member };
      const from = TROUBLE_FROM_MS + DECREES_FROM_MS;
      const at = from + random.below(TROUBLE_TO_MS - from);
      for (const each of [by, also])
        if (each !== undefined) this.world.after(at + random.below(100), () => this.#decree(each, decree));
      for (let i = 0; i < DEFIANCES; i++) this.#strikeAt(random, name, 'defiance');
      const friend = pick(random, friends);
      if (friend !== undefined && friend !== name) this.#strikeAt(random, friend, 'vouching');
    }
    const { inviteKey } = this.#identities.ticket('nobody', 'viewer').capability;
    if (random.below(4) === 0) this.#at(random, () => this.#decree('alice', { kind: 'revoke', inviteKey }));
  }

  /** Whoever has not heard yet that it is an owner leaves it to the creator. */
  #decree(by: string, decree: OwnerDecree): void {
    const wanted = this.#peers.get(by);
    const creator = this.#peers.get('alice');
    invariant(wanted !== undefined && creator !== undefined, 'an owner who is nobody');
    const peer = this.world.node(wanted).role === 'owner' ? wanted : creator;
    this.#count += 1;
    const wallMs = DEFAULT_SETTINGS.startWallMs;
    this.world.command(peer, { type: 'decree', token: `decree ${this.#count}`, decree, wallMs });
  }

  /** One editor in four forks its journal, for each half of its neighbours in another way. */
  forks(): void {
    const random = this.#random.fork('forks');
    const forking = ATTACKS.filter(({ leaves }) => leaves === 'forked');
    for (const name of this.#cast.hostile) {
      const fork = pick(random, forking);
      if (this.#cast.viewers.has(name) || random.below(4) !== 0 || fork === undefined) continue;
      this.#strikeAt(random, name, fork, 0);
    }
  }

  #strikeAt(random: Random, by: string, deed: Deed, at?: number): void {
    const number = this.#deeds.plan(by, deed);
    const strike = (): void => {
      const peer = this.#peers.get(by);
      if (peer !== undefined) this.world.command(peer, attackCommand(number));
    };
    if (at === undefined) this.#at(random, strike);
    else this.world.after(at, strike);
  }

  agree(): number {
    const since = this.world.now;
    for (;;) {
      const outcome = this.oracle.outcome();
      const wrong = this.oracle.difference(outcome);
      if (wrong === undefined) break;
      const spentMs = this.world.now - since;
      const late = this.oracle.behind(outcome);
      const areBesieged = late.length > 0 && late.every((peer) => this.sieges.within(peer, AGREEMENT_MS));
      const allowedMs = areBesieged ? SIEGE_MS : AGREEMENT_MS;
      if (spentMs >= allowedMs) this.world.fail(`no agreement within ${allowedMs} ms: ${wrong}`);
      this.sieges.run(500);
    }
    this.#expect(this.oracle.excess());
    return this.world.now - since;
  }

  /** What became of those who forked. */
  judgeForks(): Outcome {
    const outcome = this.oracle.outcome();
    this.#expect(this.oracle.freezes(outcome, (peer) => this.sieges.within(peer, FORK_MS)).wrong);
    return outcome;
  }
}

function isViewersAttack({ name }: Attack): boolean {
  return name.startsWith('viewer');
}

function run(options: ScenarioOptions): ScenarioReport {
  const story = new Story(options);
  const { world, oracle, sieges } = story;
  story.edits();
  story.attacks();
  story.decrees();
  sieges.run(TROUBLE_TO_MS);
  const agreementMs = story.agree();
  // What honest members agree on is settled. Whoever forks now has to be frozen by all of them within some seconds, and leave the same to all.
  story.forks();
  sieges.run(FORK_MS);
  const frozen = oracle.freezes(story.judgeForks(), (peer) => sieges.within(peer, FORK_MS));
  const secondAgreementMs = story.agree();
  return reportOf(world, {
    agreementMs,
    secondAgreementMs,
    saved: oracle.savedCards,
    decrees: oracle.savedDecrees,
    refusals: oracle.refusals,
    diskBytes: oracle.largestDisk(),
    forks: frozen.authors,
    frozenMs: frozen.worstMs,
    besieged: sieges.count,
  });
}
