/**
 * N members of one board edit at the same time while whatever the seed has drawn goes wrong. Afterwards everything works again, and
 * all must hold and show the same: every card whose adding was reported as durable, on every disk; and the same once
 * more after all have been switched off and on.
 */
import type { Machine } from '../../kernel/machine.ts';
import { randomFrom } from '../../kernel/random.ts';
import type { NodeCommand, NodeEvent } from '../../node/events.ts';
import type { NodeMessage } from '../../node/messages.ts';
import { agree, Editors, isMember } from '../board-editors.ts';
import { createBoardIdentities } from '../board-identities.ts';
import { blamed, shortTempered } from '../blame-watch.ts';
import { boardLife, type BoardWorld } from '../board-life.ts';
import { BoardOracle } from '../board-oracle.ts';
import { drawParticipant, drawFaults, unleash } from '../faults.ts';
import type { Scenario, ScenarioOptions, ScenarioReport } from '../scenario.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { World } from '../world.ts';
import { reportOf } from '../world-report.ts';

/** How long members edit and things go wrong, virtual ms. */
const TROUBLE_MS = 30_000;
/** Until all have met, before the trouble starts. */
const MEETING_MS = 60_000;
const USUAL_PEERS = 6;
/** Actions per member. */
const ACTIONS = 8;
/** A planted bug forgets every so many writes. */
const FORGETS_EVERY = 5;
/** Messages between two timers that are too many for `shortTempered`. */
const MANY_AT_ONCE = 16;

type BoardMachine = Machine<NodeMessage, NodeCommand, NodeEvent>;

const PLANTS: Readonly<Record<string, (machine: BoardMachine) => BoardMachine>> = {
  forgetfulDisk: forgetful,
  shortTempered: (machine) => shortTempered(machine, MANY_AT_ONCE),
};

export const boardScenario: Scenario = {
  name: 'board',
  about: 'members of one board edit at once while things go wrong; all end up with the same board',
  usualPeers: USUAL_PEERS,
  plants: Object.keys(PLANTS),
  curves: true,
  records: true,
  run,
};

function run(options: ScenarioOptions): ScenarioReport {
  const size = options.peers ?? USUAL_PEERS;
  const drawn = randomFrom(`faults ${options.seed}`);
  const faults = drawFaults(drawn);
  const world: BoardWorld = new World({
    seed: options.seed,
    replay: options.replay,
    curve: options.curve,
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
      onBlame: (peer, other, why) => world.fail(blamed(world.name(peer), world.name(other), why)),
      wrap: options.plant === undefined ? undefined : PLANTS[options.plant],
      record: options.record,
    });
    world.addPeer({ name, ...drawParticipant(faults, clocks) }, life);
  }
  world.onStep((peer) => expect(oracle.judgeStep(world, peer)));

  const editors = new Editors(world, oracle, TROUBLE_MS);
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

  return reportOf(world, { meetingMs, agreementMs, done: oracle.doneActions, maxLinks: oracle.maxLinks });
}

/** The planted bug: every few writes nothing gets to the disk, and the machine is told that it did. */
function forgetful(machine: BoardMachine): BoardMachine {
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
