/**
 * N members of one board edit at the same time while whatever the seed has drawn goes wrong. Afterwards everything works again, and
 * all must hold and show the same: every card whose adding was reported as durable, on every disk; and the same once
 * more after all have been switched off and on.
 */
import { unreachable } from '../../kernel/invariant.ts';
import type { PeerId } from '../../kernel/ids.ts';
import type { Machine } from '../../kernel/machine.ts';
import { pick, randomFrom, type Random } from '../../kernel/random.ts';
import type { BoardCommand } from '../../board/command.ts';
import type { CardSnapshot } from '../../board/snapshot.ts';
import type { NodeCommand, NodeEvent } from '../../node/events.ts';
import type { NodeMessage } from '../../node/messages.ts';
import { createBoardIdentities } from '../board-identities.ts';
import { boardLife, type BoardWorld } from '../board-life.ts';
import { BoardOracle } from '../board-oracle.ts';
import { drawParticipant, drawFaults, unleash } from '../faults.ts';
import type { Scenario, ScenarioOptions, ScenarioReport } from '../scenario.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { World } from '../world.ts';

/** How long members edit and things go wrong, virtual ms. */
const TROUBLE_MS = 30_000;
/** Until all have met, before the trouble starts. */
const MEETING_MS = 60_000;
/** Until all agree, after everything works again; a sleeper may need 30 s of it to wake up. */
const AGREEMENT_MS = 120_000;
const USUAL_PEERS = 6;
/** Actions per member. */
const ACTIONS = 8;
/** A planted bug forgets every so many writes. */
const FORGETS_EVERY = 5;

const KINDS = ['addCard', 'addCard', 'updateCard', 'moveCard', 'archiveCard', 'removeCard', 'undo'] as const;

export const boardScenario: Scenario = {
  name: 'board',
  about: 'members of one board edit at once while things go wrong; all end up with the same board',
  usualPeers: USUAL_PEERS,
  plants: ['forgetfulDisk'],
  run,
};

function run(options: ScenarioOptions): ScenarioReport {
  const size = options.peers ?? USUAL_PEERS;
  const drawn = randomFrom(`faults ${options.seed}`);
  const faults = drawFaults(drawn);
  const world: BoardWorld = new World({
    seed: options.seed,
    replay: options.replay,
    settings: faults.settings,
    faults: faults.described,
  });
  const oracle = new BoardOracle();
  const expect = (wrong: string | undefined): void => {
    if (wrong !== undefined) world.fail(wrong);
  };
  const names = Array.from({ length: size }, (_, index) => `p${index}`);
  const identities = createBoardIdentities(world.keys, 'p0', DEFAULT_SETTINGS.startWallMs);
  const clocks = drawn.fork('clocks');
  for (const name of names) {
    const life = boardLife({
      name,
      identities,
      hasBoard: name === 'p0',
      onEvent: (_peer, event) => expect(oracle.hears(event)),
      wrap: options.plant === undefined ? undefined : forgetful,
    });
    world.addPeer({ name, ...drawParticipant(faults, clocks) }, life);
  }
  world.onStep((peer) => expect(oracle.judgeStep(world, peer)));

  const editors = new Editors(world, oracle);
  editors.addColumns();
  const meetingMs = world.runUntil(
    'all are members',
    () => world.peers().every((peer) => isMember(world, peer)),
    MEETING_MS,
  );
  editors.edit(size * ACTIONS);
  unleash(world, faults, drawn.fork('unleash'), TROUBLE_MS);
  world.run(TROUBLE_MS);
  const agreementMs = agree(world, oracle);

  // The same once more from what the disks hold.
  for (const peer of world.peers()) world.crash(peer);
  for (const peer of world.peers()) world.restart(peer);
  world.run(1);
  agree(world, oracle);

  return {
    virtualMs: world.now,
    events: world.events,
    sentMessages: world.counters.sentMessages,
    sentBytes: world.counters.sentBytes,
    traceDigest: world.trace.digest(),
    figures: { meetingMs, agreementMs, done: oracle.doneActions, maxLinks: oracle.maxLinks },
  };
}

function isMember(world: BoardWorld, peer: PeerId): boolean {
  return world.node(peer).joinState().phase === 'joined';
}

function agree(world: BoardWorld, oracle: BoardOracle): number {
  let last: string | undefined;
  const isAgreed = (): boolean => {
    last = oracle.difference(world);
    return last === undefined;
  };
  const since = world.now;
  while (!isAgreed()) {
    if (world.now - since >= AGREEMENT_MS)
      world.fail(`no agreement within ${AGREEMENT_MS} ms: ${last ?? ''}`);
    world.run(500);
  }
  const [first] = world.peers();
  const wrong = first === undefined ? undefined : oracle.broken(world.node(first).snapshot());
  if (wrong !== undefined) world.fail(wrong);
  return world.now - since;
}

/** Members who do something every now and then, to whatever their own node shows at that moment. */
class Editors {
  readonly #world: BoardWorld;
  readonly #oracle: BoardOracle;
  readonly #random: Random;
  readonly #addedBy = new Map<PeerId, readonly string[]>();
  #count = 0;

  constructor(world: BoardWorld, oracle: BoardOracle) {
    this.#world = world;
    this.#oracle = oracle;
    this.#random = world.random.fork('editors');
  }

  /** The creator sets the board up. */
  addColumns(): void {
    const [creator] = this.#world.peers();
    if (creator === undefined) return;
    this.#world.after(100, () => {
      for (const title of ['To do', 'Doing', 'Done']) this.#command(creator, { type: 'addColumn', title });
    });
  }

  edit(actions: number): void {
    for (let i = 0; i < actions; i++) {
      this.#world.after(this.#random.below(TROUBLE_MS), () => {
        const peer = pick(this.#random, this.#world.runningPeers());
        if (peer !== undefined && isMember(this.#world, peer)) this.#act(peer);
      });
    }
  }

  #act(peer: PeerId): void {
    const { columns } = this.#world.node(peer).snapshot();
    const column = pick(this.#random, columns);
    if (column === undefined) return;
    const card = pick(
      this.#random,
      columns.flatMap(({ cards }) => cards),
    );
    const kind = pick(this.#random, KINDS) ?? 'addCard';
    if (kind === 'undo') this.#undo(peer);
    else if (kind === 'addCard' || card === undefined) this.#add(peer, column.id);
    else this.#command(peer, this.#change(kind, card, column.id));
  }

  #change(
    kind: Exclude<(typeof KINDS)[number], 'addCard' | 'undo'>,
    card: CardSnapshot,
    columnId: string,
  ): BoardCommand {
    switch (kind) {
      case 'updateCard':
        return { type: kind, cardId: card.id, changes: { notes: `note ${this.#random.below(1000)}` } };
      case 'moveCard':
        return { type: kind, cardId: card.id, columnId, position: 'top' };
      case 'archiveCard':
        return { type: kind, cardId: card.id };
      case 'removeCard':
        this.#oracle.asksToRemove(card.title);
        return { type: kind, cardId: card.id };
      default:
        return unreachable(kind);
    }
  }

  #add(peer: PeerId, columnId: string): void {
    const title = `card ${this.#count}`;
    this.#oracle.asksFor(`token ${this.#count}`, title);
    this.#addedBy.set(peer, [...(this.#addedBy.get(peer) ?? []), title]);
    this.#command(peer, { type: 'addCard', columnId, title });
  }

  /** An undo may take back the adding of any card of this member: those may be there or not. */
  #undo(peer: PeerId): void {
    for (const title of this.#addedBy.get(peer) ?? []) this.#oracle.asksToRemove(title);
    this.#send(peer, { kind: 'undo' });
  }

  #command(peer: PeerId, command: BoardCommand): void {
    this.#send(peer, { kind: 'run', command });
  }

  #send(peer: PeerId, action: (NodeCommand & { type: 'act' })['action']): void {
    this.#world.command(peer, {
      type: 'act',
      token: `token ${this.#count++}`,
      action,
      wallMs: DEFAULT_SETTINGS.startWallMs,
    });
  }
}

/** The planted bug: every few writes nothing gets to the disk, and the machine is told that it did. */
function forgetful(
  machine: Machine<NodeMessage, NodeCommand, NodeEvent>,
): Machine<NodeMessage, NodeCommand, NodeEvent> {
  let writes = 0;
  return {
    step: (input, now) =>
      machine.step(input, now).map((effect) => {
        if (effect.kind !== 'persist') return effect;
        writes += 1;
        return writes % FORGETS_EVERY === 0 ? { ...effect, writes: [] } : effect;
      }),
  };
}
