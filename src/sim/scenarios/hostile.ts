/**
 * Fifty members of one board, of whom up to twenty mean harm: they carry out the attacks of src/sim/attacks, fork their journals, forge, flood,
 * replay, keep back, lie about what they hold. The others edit meanwhile. Afterwards all honest members must hold and show the same,
 * everything that one of them was told is saved, and nothing that was made to harm.
 */
import type { PeerId } from '../../kernel/ids.ts';
import type { Bytes } from '../../kernel/bytes.ts';
import type { Machine } from '../../kernel/machine.ts';
import { pick, randomFrom, shuffled, type Random } from '../../kernel/random.ts';
import type { NodeCommand, NodeEvent } from '../../node/events.ts';
import type { NodeMessage } from '../../node/messages.ts';
import type { Node } from '../../node/node.ts';
import { putEntry } from '../../replication/commands.ts';
import type { Write } from '../../kernel/machine.ts';
import type { Attack, Scene } from '../attacks/attack.ts';
import { ATTACKS } from '../attacks/registry.ts';
import { settleBoard, type SettledBoard } from '../attacks/settled-board.ts';
import { rootItem, REF, ONE_NUMBER, updateOf } from '../attacks/update-bytes.ts';
import type { Writer } from '../attacks/writer.ts';
import { createBoardIdentities } from '../board-identities.ts';
import { boardLife, type BoardWorld } from '../board-life.ts';
import { attackCommand, damaged, HABITS, hostileMachine, type Habit } from '../hostile-life.ts';
import { HostileOracle } from '../hostile-oracle.ts';
import { HOSTILE_PLANTS, hostilePlant } from '../hostile-plants.ts';
import type { LifeFactory } from '../participant.ts';
import type { Scenario, ScenarioOptions, ScenarioReport } from '../scenario.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { World } from '../world.ts';

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
/** How long forks have to become known, ms: what an author who forks may have to be excluded everywhere. */
const FORK_MS = 5_000;
/** Edits of each honest member, and attacks of each hostile one. */
const EDITS = 1;
const ATTACKS_EACH = 2;
/** Entries of one flood, each valid. */
const FLOOD = 60;
/** In one seed of so many messages travel as bytes. */
const ENCODED_EVERY = 4;
/** Attacks above this are for the suite alone: they measure patience, and every seed would pay for them. */
const MAX_ATTACK_BYTES = 20_000;

type HostileFactory = LifeFactory<Node, NodeMessage, NodeCommand, NodeEvent>;
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
  readonly #identities;
  readonly #cast: Cast;
  readonly #random: Random;
  readonly #peers = new Map<string, PeerId>();
  /** What hostile members send, by the number of the attack. */
  readonly #attacks: { readonly by: string; readonly attack: Attack | 'flood' | 'forgery' }[] = [];
  /** Next Yjs clocks of those who flooded: they have written since the beginning. */
  readonly #clocks = new Map<string, number>();
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
    this.oracle = new HostileOracle(this.world, honest);
    const bugged = new Set(options.plant === undefined ? [] : [...honest].slice(1, 3));
    for (const name of names) {
      const peer = this.#peers.get(name);
      const plant = peer !== undefined && bugged.has(peer) ? options.plant : undefined;
      this.world.addPeer({ name }, this.#lifeOf(name, plant));
    }
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
    });
    const habits = this.#random.fork(`habits ${name}`);
    return (birth) => {
      if (birth.life === 0) birth.disk.accept(0, 0, this.#writes());
      birth.disk.drain();
      const life = base(birth);
      if (plant !== undefined) return { ...life, ...hostilePlant(plant, life.node) };
      if (!isHostile) return life;
      const habit: Habit = pick(habits, HABITS) ?? 'none';
      const machine: BoardMachine = hostileMachine(life.node, {
        self: birth.peer,
        habit,
        random: habits.fork('deeds'),
        craft: (number) => this.#craft(number),
      });
      return { ...life, machine };
    };
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
      const list: (Attack | 'flood' | 'forgery')[] = shuffled(random, mine).slice(0, ATTACKS_EACH);
      if (random.below(3) === 0) list.push('forgery');
      if (!isViewer && random.below(8) === 0) list.push('flood');
      for (const attack of list) this.#attackAt(random, name, attack);
    }
  }

  /** One editor in four forks its journal, for each half of its neighbours in another way. */
  forks(): void {
    const random = this.#random.fork('forks');
    const forking = ATTACKS.filter(({ leaves }) => leaves === 'forked');
    for (const name of this.#cast.hostile) {
      const fork = pick(random, forking);
      if (this.#cast.viewers.has(name) || random.below(4) !== 0 || fork === undefined) continue;
      this.#attackAt(random, name, fork, 0);
    }
  }

  #attackAt(random: Random, by: string, attack: Attack | 'flood' | 'forgery', at?: number): void {
    const number = this.#attacks.push({ by, attack }) - 1;
    const strike = (): void => {
      const peer = this.#peers.get(by);
      if (peer !== undefined) this.world.command(peer, attackCommand(number));
    };
    if (at === undefined) this.#at(random, strike);
    else this.world.after(at, strike);
  }

  #craft(number: number): { readonly entries: readonly Bytes[]; readonly twoFaced: boolean } {
    const { by = '', attack } = this.#attacks[number] ?? {};
    const writer = this.board.writers.get(by);
    if (writer === undefined || attack === undefined) return { entries: [], twoFaced: false };
    if (attack === 'flood') return { entries: this.#flood(writer), twoFaced: false };
    if (attack === 'forgery') return { entries: this.#forgery(), twoFaced: false };
    const { seq, head } = writer;
    const entries = attack.entries(this.#sceneOf(writer));
    writer.resume(seq, head);
    const bytes = entries.reduce((sum, entry) => sum + entry.length, 0);
    if (bytes > MAX_ATTACK_BYTES) return { entries: [], twoFaced: false };
    const isFork = attack.leaves === 'forked';
    if (!isFork && !attack.verdicts.includes('known'))
      for (const entry of entries) this.oracle.outlaws(entry, attack.name);
    return { entries, twoFaced: isFork };
  }

  /** Entries that an editor may write, many of them. They change nothing that anybody sees. */
  #flood(writer: Writer): readonly Bytes[] {
    this.#clocks.set(writer.name, FLOOD);
    return Array.from({ length: FLOOD }, (_, index) => {
      const structs = [rootItem('board', `flood ${index}`, ONE_NUMBER, REF.any)];
      return writer.write('update', updateOf([{ client: writer.clientId, clock: index, structs }])).bytes;
    });
  }

  /** Entries of honest members with one bit changed. */
  #forgery(): readonly Bytes[] {
    const random = this.#random.fork('forgery');
    return shuffled(random, this.board.history)
      .slice(0, 5)
      .map(({ bytes }) => {
        const forged = damaged(bytes, random);
        this.oracle.outlaws(forged, 'a forger');
        return forged;
      });
  }

  #sceneOf(me: Writer): Scene {
    const { history, target, writers } = this.board;
    const alice = writers.get('alice') ?? me;
    const heads = [...writers.values()]
      .filter(({ name }) => name !== me.name && !this.#cast.hostile.has(name))
      .map(({ head }) => head);
    const entries = history.filter(({ author }) => author === alice.peer);
    return {
      keys: this.world.keys,
      identities: this.#identities,
      target: { ...target, me: me.clientId, myClock: this.#clocks.get(me.name) ?? 0 },
      me,
      viewer: me,
      heads,
      victim: { entries, head: alice.head, seq: alice.seq },
    };
  }

  agree(): number {
    const since = this.world.now;
    let wrong = this.oracle.difference();
    while (wrong !== undefined) {
      if (this.world.now - since >= AGREEMENT_MS)
        this.world.fail(`no agreement within ${AGREEMENT_MS} ms: ${wrong}`);
      this.world.run(500);
      wrong = this.oracle.difference();
    }
    return this.world.now - since;
  }

  judge(): void {
    this.#expect(this.oracle.outlawed());
  }
}

function isViewersAttack({ name }: Attack): boolean {
  return name.startsWith('viewer');
}

function run(options: ScenarioOptions): ScenarioReport {
  const story = new Story(options);
  const { world, oracle } = story;
  story.edits();
  story.attacks();
  world.run(TROUBLE_TO_MS);
  const agreementMs = story.agree();
  story.judge();
  // What honest members agree on is settled. Whoever forks now is seen by all of them within some seconds, or the figure says by how many.
  story.forks();
  world.run(FORK_MS);
  const known = oracle.forksKnown();
  story.judge();
  return {
    virtualMs: world.now,
    events: world.events,
    sentMessages: world.counters.sentMessages,
    sentBytes: world.counters.sentBytes,
    traceDigest: world.trace.digest(),
    figures: {
      agreementMs,
      saved: oracle.savedCards,
      refusals: oracle.refusals,
      diskBytes: oracle.largestDisk(),
      forks: oracle.forkedAuthors,
      forksKnownPerMille: known.perMille,
      forksKnownMs: known.worstMs,
    },
  };
}
