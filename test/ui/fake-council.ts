/** Groups that have something to decide, for the Decisions screen: real governance, and the application's own view of it. */
import type { DecidingHost } from '../../src/app/deciding.ts';
import { proposalIdOf, type Question } from '../../src/governance/operations.ts';
import type { Hash, BoardId, MemberId, PeerId } from '../../src/kernel/ids.ts';
import type { PlacedDecision } from '../../src/app/council-port.ts';
import type { MemberStatus, Role } from '../../src/ui/ports.ts';
import { SittingCouncil } from '../support/sitting-council.ts';
import { ADA, BO, SELF } from './fake-board.ts';
import { CHIDI } from './fake-governing.ts';

export const GROUPS = ['none', 'empty', 'busy', 'small', 'alone'] as const;
export type Group = (typeof GROUPS)[number];

/** Tabs of the four members; the last one is our second. */
export const TABS = {
  self: '11'.repeat(32) as PeerId,
  ada: '22'.repeat(32) as PeerId,
  bo: '33'.repeat(32) as PeerId,
  chidi: '55'.repeat(32) as PeerId,
  second: '44'.repeat(32) as PeerId,
} as const;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const LONG_TEXT = `The hall is cold, far from the station, and costs 40 a month. The library would give us a room for nothing on Tuesdays, with a projector and a kettle.

What speaks against it: we would have to leave at nine, and there are twelve seats. Chidi measured both on Friday; the numbers are on the card. If this passes, I call them tomorrow and we meet there from December on. Whoever cannot come on Tuesdays should say so here, because that is the one thing that we cannot change.`;

export interface FakeCouncil {
  readonly council: SittingCouncil | undefined;
  /** What the fake application tells of it. */
  host(facts: Pick<DecidingHost, 'facts'>): DecidingHost;
  /** Moves the clock of the group, ms. */
  pass(ms: number): void;
}

function foundingOf(role: Role): ConstructorParameters<typeof SittingCouncil>[0]['founding'] {
  const owner = role === 'owner' ? SELF : ADA;
  const others = [SELF, ADA, BO, CHIDI].filter((member) => member !== owner);
  const roleOf = (member: string): Role => (member === SELF ? role : 'editor');
  return {
    board: 'd4'.repeat(32) as BoardId,
    creator: owner as MemberId,
    electorate: 'tab',
    members: others.map((member) => ({ member: member as MemberId, role: roleOf(member) })),
    tabs: [
      { peer: TABS.self, member: SELF as MemberId },
      { peer: TABS.second, member: SELF as MemberId },
      { peer: TABS.ada, member: ADA as MemberId },
      { peer: TABS.bo, member: BO as MemberId },
      { peer: TABS.chidi, member: CHIDI as MemberId },
    ],
  };
}

/** A group that began three days ago. */
export function fakeCouncil(
  group: Group,
  role: Role,
  changed: (decision: PlacedDecision | undefined) => void,
): FakeCouncil {
  let offset = 0;
  let hasBegun = false;
  const tell = (decision: PlacedDecision | undefined): void => {
    if (hasBegun) changed(decision);
  };
  const now = (): number => Date.now() + offset;
  const seats =
    group === 'small'
      ? [TABS.self, TABS.ada, TABS.bo]
      : [TABS.self, TABS.ada, TABS.bo, TABS.chidi, TABS.second];
  const council =
    group === 'none'
      ? undefined
      : new SittingCouncil({ founding: foundingOf(role), self: TABS.self, seats, now, changed: tell });
  if (council !== undefined && group !== 'empty') {
    const ago = (ms: number): void => {
      offset = -ms;
    };
    fillHistory(council, ago);
    fillOpen(council, ago);
    ago(0);
    if (group === 'alone') council.reach([TABS.self, TABS.second]);
  }
  hasBegun = true;
  return {
    council,
    host: ({ facts }) => ({ isOpen: true, council, facts, sign: (toSign) => Promise.resolve(toSign) }),
    pass: (ms) => {
      offset += ms;
      changed(undefined);
    },
  };
}

function asked(changes: Partial<Question>): Question {
  return {
    ...{ title: 'Lunch?', body: '', action: { kind: 'none' }, closesInMs: DAY },
    ...{ thresholdPercent: undefined, areBallotsFinal: false },
    ...changes,
  };
}

/** Makes a proposal; its id. */
export function propose(council: SittingCouncil, tab: PeerId, changes: Partial<Question>): Hash {
  const question = asked(changes);
  const before = new Set(council.state.proposals.rows().map(({ id }) => id));
  const { refusal } = council.ask(tab, { kind: 'propose', ...question });
  if (refusal !== undefined) throw new RangeError(refusal);
  const made = council.state.proposals.rows().find(({ id }) => !before.has(id));
  if (made === undefined) throw new RangeError(proposalIdOf({ client: tab, number: 0 }, question));
  return made.id;
}

const cast = (
  council: SittingCouncil,
  tab: PeerId,
  proposal: Hash,
  choice: 'approve' | 'reject' | 'abstain',
  reason = '',
): PlacedDecision => council.ask(tab, { kind: 'castBallot', proposal, choice, reason });

/** What was decided: one of each result. */
function fillHistory(council: SittingCouncil, ago: (ms: number) => void): void {
  const { ada, bo, chidi, self } = TABS;
  ago(3 * DAY);
  const quorum = propose(council, chidi, { title: 'Shall we print the programme?', closesInMs: HOUR });
  cast(council, chidi, quorum, 'approve');
  const rejected = propose(council, bo, { title: 'Meet on Mondays instead of Thursdays', closesInMs: HOUR });
  cast(council, bo, rejected, 'approve', 'Thursdays are full for me until March.');
  for (const tab of [ada, chidi, self]) cast(council, tab, rejected, 'reject');
  const promoted = propose(council, ada, {
    title: 'Make Bo Lindqvist a viewer while he is away',
    closesInMs: HOUR,
    action: { kind: 'role', member: BO as MemberId, role: 'viewer' },
  });
  const column = propose(council, chidi, {
    title: 'Remove the column “Done”',
    closesInMs: HOUR,
    action: { kind: 'removeColumn', columnId: 'column-3' },
  });
  for (const proposal of [promoted, column])
    for (const tab of [ada, chidi, self]) cast(council, tab, proposal, 'approve');
  ago(3 * DAY - 2 * HOUR);
  for (const proposal of [quorum, rejected, promoted, column]) council.ask(ada, { kind: 'close', proposal });
  const owner = council.state.founding.creator === SELF ? self : ada;
  council.ask(owner, { kind: 'changeRole', member: BO as MemberId, role: 'editor' });
  council.ask(bo, { kind: 'takeSeat', replaces: undefined });
  const withdrawn = propose(council, ada, { title: 'Move everything to another board' });
  council.ask(ada, { kind: 'withdraw', proposal: withdrawn });
}

/** What is open: one that needs our vote and one that closes soon, one that we answered, one of our own. */
function fillOpen(council: SittingCouncil, ago: (ms: number) => void): void {
  const { ada, bo, chidi, self } = TABS;
  ago(5 * HOUR);
  const answered = propose(council, chidi, {
    title: 'Remove the column “Ideas”',
    closesInMs: 4 * DAY,
    action: { kind: 'removeColumn', columnId: 'column-0' },
  });
  cast(council, self, answered, 'approve', 'Nobody has looked at it since summer.');
  cast(council, ada, answered, 'abstain');
  ago(4 * HOUR);
  const author = council.state.members.roleOf(SELF as MemberId) === 'viewer' ? ada : self;
  propose(council, author, {
    title: 'Decide by three quarters from now on',
    closesInMs: 7 * DAY,
    areBallotsFinal: true,
    action: { kind: 'policy', policy: { ...council.state.policy, thresholdPercent: 75 } },
  });
  ago(3 * HOUR);
  const room = propose(council, bo, { title: 'Meet in the library from December on', body: LONG_TEXT });
  cast(council, bo, room, 'approve');
  cast(council, chidi, room, 'reject', 'I cannot come on Tuesdays.');
  ago(2 * HOUR - 8 * MINUTE);
  const evict = propose(council, ada, {
    title: 'Remove Chidi from this board',
    body: 'He asked for it himself: he has moved away, and his laptop is still signed in at the old office.',
    closesInMs: 2 * HOUR,
    action: { kind: 'evict', member: CHIDI as MemberId, cuts: [] },
  });
  cast(council, ada, evict, 'approve', 'He wrote to all of us on Friday.');
}

/** What the board says of members, for the application's view. */
export function factsOf(
  members: () => readonly MemberStatus[],
  columnTitle: (id: string) => string | undefined,
): DecidingHost['facts'] {
  const find = (id: string): MemberStatus | undefined => members().find(({ memberId }) => memberId === id);
  return {
    peerId: TABS.self,
    memberId: SELF as MemberId,
    roleOf: (id) => {
      const member = find(id);
      return member === undefined || member.standing === 'evicted' ? null : member.role;
    },
    nameOf: (id) => find(id)?.name,
    columnTitle,
  };
}
