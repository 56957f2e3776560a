/** What goes wrong in a run of the committee scenario, drawn by its seed. */
import { pick, randomFrom, type Random } from '../kernel/random.ts';
import type { CommitteeMode, CommitteePlant } from './committee-plants.ts';
import { LIAR_KINDS, type LiarKind } from './consensus-liars.ts';
import { drawFaults, type Faults } from './faults.ts';

/** Which runs there are of each mode, of so many seeds. */
const MODES: readonly CommitteeMode[] = ['trouble', 'trouble', 'trouble', 'trouble', 'trouble', 'pairs'];
const LEAST_TABS = 4;
const MOST_TABS = 12;
/** Per hundred further tabs, how many are of a member that has one already. */
const SIBLINGS_PER_CENT = 25;
/** Clocks that the network sets differ by less (CON-28 lets a proposal lie 60 s ahead). */
const MAX_WALL_ERROR_MS = 20_000;
/** Lies that need no second tab, no epoch of their own, and no way to hold a message back. */
const LIES = LIAR_KINDS.filter((kind) =>
  ['silent', 'starving', 'equivocating', 'mutating', 'forging', 'hurrying'].includes(kind),
);

export interface CommitteeTrouble {
  readonly mode: CommitteeMode;
  readonly isOneEach: boolean;
  /** Of each tab its name, whose it is, and in which slot. The first made the board. */
  readonly tabs: readonly PlannedTab[];
  readonly faults: Faults;
  /** Whether things go wrong while tabs still come. */
  readonly isEarly: boolean;
  /** How long the group is split in two, ms; 0: it is not. */
  readonly splitMs: number;
  /** How many tabs lose what their key signed, and how many close for good, at most. */
  readonly losses: number;
  readonly leavers: number;
  readonly described: readonly string[];
}

export interface PlannedTab {
  readonly name: string;
  readonly member: string;
  readonly slot: number;
  /** When it comes, ms. */
  readonly afterMs: number;
  readonly lie: LiarKind | undefined;
}

export function drawCommitteeTrouble(
  seed: string,
  size: number | undefined,
  fixed: CommitteeMode | undefined,
  plant: CommitteePlant | undefined,
): CommitteeTrouble {
  const random = randomFrom(`committee ${seed}`);
  const drawn = plant === undefined ? fixed : (plant.mode ?? 'trouble');
  const mode = drawn ?? pick(random.fork('mode'), MODES) ?? 'trouble';
  const isTrouble = mode === 'trouble';
  const needs = plant?.needs ?? {};
  const count = mode === 'pairs' ? LEAST_TABS : (size ?? drawSize(random.fork('size')));
  const isOneEach = isTrouble && (needs.oneEach ?? random.fork('electorate').below(3) === 0);
  const tabs = planTabs(random.fork('tabs'), count, isTrouble, needs);
  const faults = isTrouble ? soundClocks(drawFaults(random.fork('faults')), needs.crashes === true) : CALM;
  const splits = random.fork('split');
  const isSplit = isTrouble && splits.below(2) === 0;
  const losses = isTrouble && (needs.losses === true || random.fork('losses').below(3) === 0) ? 1 : 0;
  const leavers = isTrouble && random.fork('leavers').below(3) === 0 ? 1 : 0;
  return {
    mode,
    isOneEach,
    tabs,
    faults: isSplit ? { ...faults, partitionEveryMs: 0 } : faults,
    isEarly: isTrouble && random.fork('early').below(4) === 0,
    splitMs: isSplit ? 15_000 + splits.below(25_000) : 0,
    losses,
    leavers,
    described: [
      mode,
      `${count} tabs of ${new Set(tabs.map(({ member }) => member)).size} members`,
      ...(isOneEach ? ['one seat each'] : []),
      ...tabs.flatMap(({ name, lie }) => (lie === undefined ? [] : [`${name} is ${lie}`])),
      ...(isSplit ? ['split'] : []),
      ...(losses > 0 ? ['a lost record'] : []),
      ...(leavers > 0 ? ['a tab leaves'] : []),
      ...faults.described,
    ],
  };
}

/** Small ones more often. */
function drawSize(random: Random): number {
  const most = random.below(2) === 0 ? 7 : MOST_TABS;
  return LEAST_TABS + random.below(most - LEAST_TABS + 1);
}

function planTabs(
  random: Random,
  count: number,
  mayShare: boolean,
  { liar, siblings }: NonNullable<CommitteePlant['needs']>,
): PlannedTab[] {
  const tabs: PlannedTab[] = [];
  const slots = new Map<string, number>();
  const lies = random.fork('lies');
  const mostLiars = liar === undefined ? lies.below(3) : 1;
  for (let at = 0; at < count; at++) {
    const isSibling =
      at > 0 && mayShare && (random.below(100) < SIBLINGS_PER_CENT || (siblings === true && at === 1));
    const member = (isSibling ? pick(random, tabs)?.member : undefined) ?? `m${at}`;
    const slot = slots.get(member) ?? 0;
    slots.set(member, slot + 1);
    // Whoever made the board founds its committee, and its other tabs share its disk.
    const isLiar = mayShare && !isSibling && at > 1 && lies.below(3) === 0;
    const liars = tabs.filter(({ lie }) => lie !== undefined).length;
    const lie = liar ?? pick(lies, LIES);
    const isOne = isLiar && liars < Math.min(mostLiars, Math.floor((count - 1) / 3));
    tabs.push({
      name: `p${at}`,
      member,
      slot,
      afterMs: at === 0 ? 0 : random.below(6_000),
      lie: isOne || (liar !== undefined && at === 2 && !isSibling) ? lie : undefined,
    });
  }
  return tabs;
}

function soundClocks(faults: Faults, mustCrash: boolean): Faults {
  const { crashEveryMs, wallOffsetMs } = faults;
  return {
    ...faults,
    ...(mustCrash ? { settings: { ...faults.settings, writeMs: [1, 400] as const } } : {}),
    crashEveryMs: mustCrash ? 600 : crashEveryMs,
    wallOffsetMs: Math.min(wallOffsetMs, MAX_WALL_ERROR_MS),
  };
}

const CALM: Faults = {
  settings: {},
  crashEveryMs: 0,
  sleepEveryMs: 0,
  partitionEveryMs: 0,
  cutEveryMs: 0,
  signalingOutageEveryMs: 0,
  breakEveryMs: 0,
  noPathPerMille: 0,
  oneWayPerMille: 0,
  restrictedPerMille: 0,
  symmetricPerMille: 0,
  throttledPerMille: 0,
  clockDriftPpm: 0,
  wallOffsetMs: 0,
  described: [],
};
