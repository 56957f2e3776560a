/** The rows of one group size of the mesh bench: what was measured of either side beside the target that the project set itself. */
import type { EditFigures } from './mesh-edits.ts';
import type { HalfKilledFigures, KillFigures } from './mesh-extremes.ts';
import type { Forming } from './mesh-swarm.ts';
import { bytes, one, time, type Row } from './table.ts';

/** Everything measured of one swarm. */
export interface SwarmFigures extends Forming, EditFigures {
  /** Undefined where nobody was killed: stock's answer does not depend on the group's size. */
  readonly kill: KillFigures | undefined;
  readonly halfKilled: HalfKilledFigures | undefined;
  readonly links: readonly number[];
  /** Tabs that had more links than their own cap at any time. */
  readonly tabsAboveCap: number;
}

/** Most bytes of signaling by group size. */
const SIGNALING_TARGETS: ReadonlyMap<number, number> = new Map([
  [8, 60_000],
  [16, 150_000],
]);
/** Most times stock's own p50 and p95, by group size. */
const LATENCY_TARGETS: ReadonlyMap<number, readonly [number, number | null]> = new Map([
  [16, [1.5, 1]],
  [32, [0.15, null]],
]);
const LARGE_GROUP = 32;
const LARGE_GROUP_BYTES = 12_000;

/** The rows of one group size. */
export function swarmRows(tabs: number, stock: SwarmFigures, ours: SwarmFigures): readonly Row[] {
  return [
    ...costRows(tabs, stock, ours),
    ...latencyRows(tabs, stock, ours),
    ...shapeRows(tabs, stock, ours),
    ...failureRows(stock, ours),
  ];
}

type Reading = (figures: SwarmFigures) => string;

/** Below nothing there is no figure: a machine that is full sends less while edits are made than when it is idle, which shows nothing. */
function isAtMost(figure: number, most: number): boolean {
  return figure >= 0 && figure <= most;
}

function row(
  what: string,
  sides: readonly [SwarmFigures, SwarmFigures],
  reading: Reading,
  target = '',
  holds: boolean | null = null,
): Row {
  return { what, stock: reading(sides[0]), ours: reading(sides[1]), target, holds };
}

function costRows(tabs: number, stock: SwarmFigures, ours: SwarmFigures): readonly Row[] {
  const sides = [stock, ours] as const;
  const others = tabs - 1;
  // What arrives nowhere costs nothing: only delivered edits may count as cheap.
  const works = ours.lost === 0 && ours.digests === 1;
  const most = (factor: number): string => `<= ${one(factor * others)} (${factor} x ${others})`;
  return [
    row(
      'sends of one edit that carry it',
      sides,
      (side) => one(side.fullPayloads),
      most(1.2),
      works && ours.fullPayloads <= 1.2 * others,
    ),
    row(
      'all sends for one isolated edit, idle ones taken off',
      sides,
      (side) => one(side.isolatedSends),
      most(3),
      works && isAtMost(ours.isolatedSends, 3 * others),
    ),
    row(
      'all sends per edit in a stream, idle ones taken off',
      sides,
      (side) => one(side.streamSends),
      most(1.5),
      works && isAtMost(ours.streamSends, 1.5 * others),
    ),
    row(
      'bytes for one isolated edit, idle ones taken off',
      sides,
      (side) => bytes(side.isolatedBytes),
      tabs === LARGE_GROUP ? `<= ${bytes(LARGE_GROUP_BYTES)}` : '',
      tabs === LARGE_GROUP ? works && isAtMost(ours.isolatedBytes, LARGE_GROUP_BYTES) : null,
    ),
    row('idle sends per tab and second', sides, (side) => one(side.idleSendsPerSecond)),
  ];
}

function latencyRows(tabs: number, stock: SwarmFigures, ours: SwarmFigures): readonly Row[] {
  const sides = [stock, ours] as const;
  const [medianFactor, tailFactor] = LATENCY_TARGETS.get(tabs) ?? [null, null];
  const bounded = (
    what: string,
    factor: number | null,
    reading: (side: SwarmFigures) => number | null,
  ): Row => {
    const [theirs, mine] = [reading(stock), reading(ours)];
    const bound = factor === null || theirs === null ? null : theirs * factor;
    const target = bound === null ? '' : `<= ${factor ?? 1} x stock = ${time(bound)}`;
    // Stock may be so far behind that nothing arrived: then any time will do, but not none.
    const holds = factor === null ? null : mine !== null && (bound === null || mine <= bound);
    return row(what, sides, (side) => time(reading(side)), target, holds);
  };
  const promptShare = ({ late, deliveries }: SwarmFigures): string =>
    `${late} of ${deliveries} (${one((100 * (deliveries - late)) / Math.max(1, deliveries))} % in time)`;
  return [
    bounded('edit to every other tab, p50', medianFactor, (side) => side.latencyP50Ms),
    bounded('edit to every other tab, p95', tailFactor, (side) => side.latencyP95Ms),
    row('one edit a second: to every other tab, p50', sides, (side) => time(side.isolatedP50Ms)),
    row('one edit a second: to every other tab, p95', sides, (side) => time(side.isolatedP95Ms)),
    row(
      'edits not delivered within 100 ms',
      sides,
      promptShare,
      '<= 1 %',
      ours.late <= 0.01 * ours.deliveries,
    ),
    row('edits never delivered', sides, (side) => String(side.lost), '0', ours.lost === 0),
    row('different documents at the end', sides, (side) => String(side.digests), '1', ours.digests === 1),
  ];
}

function shapeRows(tabs: number, stock: SwarmFigures, ours: SwarmFigures): readonly Row[] {
  const sides = [stock, ours] as const;
  const least = Math.min(3, tabs - 1);
  const most = SIGNALING_TARGETS.get(tabs);
  return [
    row(
      'links per tab, least to most',
      sides,
      ({ links }) => `${Math.min(...links)} to ${Math.max(...links)}`,
      `${least} to 5`,
      ours.links.every((count) => count >= least && count <= 5),
    ),
    row(
      'tabs that exceeded their own cap',
      sides,
      (side) => String(side.tabsAboveCap),
      '0',
      ours.tabsAboveCap === 0,
    ),
    row(
      'joining at once: one group after',
      sides,
      (side) => (side.oneGroupMs === null ? `not in ${time(side.windowMs)}` : time(side.oneGroupMs)),
      '< 5,000 ms',
      ours.oneGroupMs !== null && ours.oneGroupMs < 5000,
    ),
    row('joining at once: all wanted links after', sides, (side) =>
      side.allLinksMs === null ? `not in ${time(side.windowMs)}` : time(side.allLinksMs),
    ),
    row(
      'connections made by a tab while joining, mean and most',
      sides,
      ({ made }) =>
        `${one(made.reduce((sum, each) => sum + each, 0) / made.length)} and ${Math.max(...made)}`,
    ),
    row(
      'signaling bytes while joining, in and out',
      sides,
      (side) => bytes(side.signalingBytes),
      most === undefined ? '' : `< ${bytes(most)}`,
      most === undefined ? null : ours.signalingBytes < most,
    ),
  ];
}

function failureRows(stock: SwarmFigures, ours: SwarmFigures): readonly Row[] {
  const sides = [stock, ours] as const;
  const optional =
    (reading: (side: SwarmFigures) => number | null | undefined) =>
    (side: SwarmFigures): string => {
      const value = reading(side);
      return value === undefined ? '' : time(value);
    };
  const within = (value: number | null | undefined, mostMs: number): boolean | null =>
    value === undefined ? null : value !== null && value <= mostMs;
  return [
    row(
      'killed tab: its links dropped by all',
      sides,
      optional(({ kill }) => kill?.linksDroppedMs),
    ),
    row(
      'killed tab: shown as gone by all',
      sides,
      optional(({ kill }) => kill?.knownEverywhereMs),
      '<= 4,000 ms',
      within(ours.kill?.knownEverywhereMs, 4000),
    ),
    row(
      'half the tabs killed at once: one group after',
      sides,
      optional(({ halfKilled }) => halfKilled?.halfKilledMs),
      '<= 10,000 ms',
      within(ours.halfKilled?.halfKilledMs, 10_000),
    ),
    row(
      'half the tabs killed at once: an edit made then is in all others after',
      sides,
      optional(({ halfKilled }) => halfKilled?.halfKilledEditMs),
      '<= 10,000 ms',
      within(ours.halfKilled?.halfKilledEditMs, 10_000),
    ),
  ];
}
