/**
 * A board that is compacted while its members edit it and things go wrong, and that newcomers join afterwards. All members that run sign a
 * checkpoint, so nobody's edit may be lost by one; each makes it itself, and all must come to the same bytes. Afterwards everybody must
 * hold and show the same, on every disk, and the same once more after all have been switched off and on.
 */
import type { Hash, PeerId } from '../../kernel/ids.ts';
import type { Machine, Write } from '../../kernel/machine.ts';
import { pick, randomFrom } from '../../kernel/random.ts';
import type { NodeCommand, NodeEvent } from '../../node/events.ts';
import type { NodeMessage } from '../../node/messages.ts';
import type { Checkpoint } from '../../replication/checkpoint.ts';
import { agree, Editors, isMember } from '../board-editors.ts';
import { createBoardIdentities, type BoardIdentities } from '../board-identities.ts';
import { blamed } from '../blame-watch.ts';
import { boardLife, JOURNAL_STORE, type BoardWorld } from '../board-life.ts';
import { BoardOracle } from '../board-oracle.ts';
import { drawFaults, drawParticipant, unleash } from '../faults.ts';
import type { Scenario, ScenarioOptions, ScenarioReport } from '../scenario.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { SimQuorum } from '../sim-quorum.ts';
import { World } from '../world.ts';
import { reportOf } from '../world-report.ts';

/** How long members edit and things go wrong, virtual ms. */
const TROUBLE_MS = 40_000;
const MEETING_MS = 60_000;
/** Between two attempts to make a checkpoint. */
const ATTEMPT_MS = 2000;
/** Until a newcomer has the board. */
const JOIN_MS = 30_000;
const USUAL_PEERS = 5;
const NEWCOMERS = 2;
/** Actions per member. */
const ACTIONS = 12;

type BoardMachine = Machine<NodeMessage, NodeCommand, NodeEvent>;

export const checkpointScenario: Scenario = {
  name: 'checkpoint',
  about:
    'history is replaced by checkpoints while members edit and things go wrong; newcomers join afterwards',
  usualPeers: USUAL_PEERS,
  plants: ['checkpointNotWritten', 'hastyQuorum'],
  run,
};

function run(options: ScenarioOptions): ScenarioReport {
  const { plant } = options;
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
  const identities = createBoardIdentities(world.keys, 'p0', DEFAULT_SETTINGS.startWallMs);
  const quorum = new SimQuorum(world.keys);
  const clocks = drawn.fork('clocks');
  const add = (name: string): PeerId =>
    addMember(world, name, {
      ...{ identities, quorum, oracle, expect },
      participant: drawParticipant(faults, clocks),
      wrap: plant === 'checkpointNotWritten' ? withoutCheckpoints : undefined,
    });
  for (let i = 0; i < size; i++) add(`p${i}`);
  world.onStep((peer) => expect(oracle.judgeStep(world, peer)));

  const editors = new Editors(world, oracle, TROUBLE_MS);
  editors.addColumns();
  const areMembers = (): boolean => world.peers().every((peer) => isMember(world, peer));
  const meetingMs = world.runUntil('all are members', areMembers, MEETING_MS);
  const committee = new Committee(world, quorum, plant === 'hastyQuorum');
  editors.edit(size * ACTIONS);
  for (let at = ATTEMPT_MS; at < TROUBLE_MS; at += ATTEMPT_MS) world.after(at, () => committee.attempt());
  unleash(world, faults, drawn.fork('unleash'), TROUBLE_MS);
  world.run(TROUBLE_MS);
  agree(world, oracle);
  committee.attempt();
  agree(world, oracle);

  const joinMs = world.now;
  for (let i = 0; i < NEWCOMERS; i++) add(`n${i}`);
  world.runUntil('newcomers are members', areMembers, JOIN_MS);
  const joinedMs = world.now - joinMs;
  agree(world, oracle);
  expect(oracleOfDisks(world));

  // The same once more from what the disks hold.
  for (const peer of world.peers()) world.crash(peer);
  for (const peer of world.peers()) world.restart(peer);
  world.run(1);
  agree(world, oracle);

  return reportOf(world, { meetingMs, joinedMs, done: oracle.doneActions, checkpoints: committee.count });
}

interface Membership {
  readonly identities: BoardIdentities;
  readonly quorum: SimQuorum;
  readonly oracle: BoardOracle;
  readonly expect: (wrong: string | undefined) => void;
  readonly participant: ReturnType<typeof drawParticipant>;
  readonly wrap: ((machine: BoardMachine) => BoardMachine) | undefined;
}

function addMember(world: BoardWorld, name: string, membership: Membership): PeerId {
  const { identities, quorum, oracle, expect, participant, wrap } = membership;
  const life = boardLife({
    name,
    identities,
    hasBoard: name === 'p0',
    verifier: quorum,
    onEvent: (_peer, event) => expect(oracle.hears(event)),
    onBlame: (peer, other, why) => world.fail(blamed(world.name(peer), world.name(other), why)),
    wrap,
  });
  return world.addPeer({ name, ...participant }, life);
}

/** Members who make checkpoints together, as the committee will. */
class Committee {
  readonly #world: BoardWorld;
  readonly #quorum: SimQuorum;
  readonly #isHasty: boolean;
  readonly #random;
  /** The newest that was certified. */
  #latest: Hash | undefined;
  count = 0;

  /** `isHasty`: the planted bug, that nobody looks whether something would be left out. */
  constructor(world: BoardWorld, quorum: SimQuorum, isHasty: boolean) {
    this.#world = world;
    this.#quorum = quorum;
    this.#isHasty = isHasty;
    this.#random = world.random.fork('committee');
  }

  /** One member proposes how far a checkpoint goes. If all agree, some hear of it; the others do from their neighbours. */
  attempt(): void {
    const members = this.#world.peers();
    const proposer = pick(this.#random, members);
    if (proposer === undefined || members.some((peer) => !this.#canSign(peer))) return;
    const upTo = this.#proposal(proposer);
    const number = this.count + 1;
    const made =
      upTo === undefined
        ? undefined
        : this.#world.node(proposer).composeCheckpoint({ epoch: 0, number, heads: [upTo] });
    if (made === undefined || upTo === undefined) return;
    if (!members.every((peer) => this.#isHasty || this.#signs(peer, made, upTo))) return;
    this.count = number;
    this.#latest = made.hash;
    const certificate = this.#quorum.certify(made.hash);
    for (const peer of members)
      if (peer === proposer || this.#random.below(2) === 0)
        this.#world.command(peer, { type: 'certify', manifest: made.manifest, certificate });
  }

  /** Whether the member is there, and has what was certified last. */
  #canSign(peer: PeerId): boolean {
    return (
      this.#world.isRunning(peer) &&
      !this.#world.isAsleep(peer) &&
      isMember(this.#world, peer) &&
      this.#world.node(peer).checkpoint?.hash === this.#latest
    );
  }

  #proposal(peer: PeerId): Hash | undefined {
    const node = this.#world.node(peer);
    return node.bottleneck(node.entryCount);
  }

  /** Whether the member's own copy says the same, and nothing in it would be left out. */
  #signs(peer: PeerId, { hash, manifest }: Checkpoint, upTo: Hash): boolean {
    const node = this.#world.node(peer);
    if (!node.isBottleneck(upTo)) return false;
    const own = node.composeCheckpoint({ epoch: 0, number: manifest.number, heads: [upTo] });
    if (own === undefined) return false;
    if (own.hash !== hash) this.#world.fail('two members made different checkpoints of the same entries');
    return true;
  }
}

/** Whether a disk still holds entries that a checkpoint replaced. */
function oracleOfDisks(world: BoardWorld): string | undefined {
  for (const peer of world.peers()) {
    const node = world.node(peer);
    const held = world.disk(peer).scan(JOURNAL_STORE).length;
    if (held !== node.entryCount)
      return `${world.name(peer)} holds ${node.entryCount} entries, and ${held} are on its disk`;
  }
  return undefined;
}

/** The planted bug: checkpoints never get to disk, and the machine is told that they did. */
function withoutCheckpoints(machine: BoardMachine): BoardMachine {
  const isKept = ({ op, store }: Write): boolean => op === 'delete' || store !== 'checkpoints';
  return {
    step: (input, now) =>
      machine
        .step(input, now)
        .map((effect) =>
          effect.kind === 'persist' ? { ...effect, writes: effect.writes.filter(isKept) } : effect,
        ),
  };
}
