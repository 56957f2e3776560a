/** The rows of the mesh bench that belong to no group size. */
import type { DocumentFigures } from './mesh-documents.ts';
import type { GapFigures } from './mesh-gap.ts';
import type { GrowthFigures } from './mesh-growth.ts';
import type { CappedFigures, PartitionFigures } from './mesh-partitions.ts';
import type { ThrottleFigures } from './mesh-throttle.ts';
import { medianOf, type IntakeCopies, type VerifyFigures } from './mesh-verify.ts';
import { bytes, one, time, whole, type Row } from './table.ts';

/** A stock swarm whose tabs may have `cap` connections, beside ours of the same size, whose tabs may always have 5. */
export function cappedRows(stock: CappedFigures, ours: CappedFigures | undefined): readonly Row[] {
  const lost = ({ lost: count, deliveries }: CappedFigures): string => `${count} of ${deliveries}`;
  return [
    {
      what: 'edits never delivered',
      stock: lost(stock),
      ours: ours === undefined ? '' : lost(ours),
      target: '0',
      holds: ours === undefined ? null : ours.lost === 0,
    },
    {
      what: 'tabs that exceeded their own cap',
      stock: String(stock.tabsAboveCap),
      ours: ours === undefined ? '' : String(ours.tabsAboveCap),
      target: '0',
      holds: ours === undefined ? null : ours.tabsAboveCap === 0,
    },
    {
      what: 'one group after',
      stock: time(stock.oneGroupMs),
      ours: ours === undefined ? '' : time(ours.oneGroupMs),
      target: '',
      holds: null,
    },
  ];
}

/** Runs in which tabs joined in turn. */
export function partitionRows(stock: PartitionFigures, ours: PartitionFigures): readonly Row[] {
  const of = (count: (side: PartitionFigures) => number) => ({
    stock: `${count(stock)} of ${stock.runs}`,
    ours: `${count(ours)} of ${ours.runs}`,
  });
  return [
    {
      what: 'runs that split for good',
      ...of(({ partitioned }) => partitioned),
      target: '0',
      holds: ours.partitioned === 0,
    },
    {
      what: 'runs in which a tab exceeded its own cap',
      ...of(({ aboveCap }) => aboveCap),
      target: '0',
      holds: ours.aboveCap === 0,
    },
    {
      what: 'one group after the last began to join, median',
      stock: time(stock.medianMs),
      ours: time(ours.medianMs),
      target: '',
      holds: null,
    },
  ];
}

/** A tab that joins without the server. */
export function growthRows(ours: GrowthFigures): readonly Row[] {
  const row = (what: string, ms: number | null, most?: number): Row => ({
    what,
    stock: 'impossible',
    ours: time(ms),
    target: most === undefined ? '' : `< ${whole(most)} ms`,
    holds: most === undefined ? null : ms !== null && ms < most,
  });
  return [
    row('signaling server dead: a new tab has a link and holds all after', ours.joinedMs, 3000),
    row('signaling server dead: the new tab has three links after', ours.meshedMs),
    row('signaling server dead: an edit of the new tab is everywhere after', ours.editMs),
  ];
}

/** The documents of either side. */
export function documentRows(stock: readonly DocumentFigures[], ours: DocumentFigures): readonly Row[] {
  const text = ({ bytes: size, milliseconds, windowMs }: DocumentFigures): string =>
    `${bytes(size)} ${milliseconds === null ? `not in ${time(windowMs)}` : `in ${time(milliseconds)}`}`;
  return [
    {
      what: 'a document joined by a second tab',
      stock: stock.map(text).join('; '),
      ours: text(ours),
      target: 'all of it',
      holds: ours.milliseconds !== null,
    },
    {
      what: 'times the joiner was told how far it is',
      stock: '0',
      ours: String(ours.progressSteps),
      target: 'more than 1',
      holds: ours.progressSteps > 1,
    },
    {
      what: 'longest task of the joiner; of the giver',
      stock: '',
      ours: `${time(ours.longestTaskMs?.joiner ?? null)}; ${time(ours.longestTaskMs?.giver ?? null)}`,
      target: '',
      holds: null,
    },
  ];
}

/** The longest stall that a missing update may cause. */
const MOST_GAP_MS = 50;

/** One missing update with 999 behind it, in Node.js. */
export function gapRows({ stock, ours }: { stock: GapFigures; ours: GapFigures }): readonly Row[] {
  return [
    {
      what: 'time for all 1,000',
      stock: time(stock.totalMs),
      ours: time(ours.totalMs),
      target: `<= ${MOST_GAP_MS} ms`,
      holds: ours.totalMs <= MOST_GAP_MS,
    },
    {
      what: 'longest time that one update took',
      stock: time(stock.longestMs),
      ours: time(ours.longestMs),
      target: '',
      holds: null,
    },
  ];
}

/** Tabs whose timers ring once a second. */
export function throttleRows(ours: ThrottleFigures): readonly Row[] {
  const share = (100 * ours.falseAlarms) / ours.pairs;
  return [
    {
      what: `others taken for gone in ${whole(ours.watchedMs / 1000)} s, of all pairs of tabs`,
      stock: '',
      ours: `${ours.falseAlarms} of ${ours.pairs} (${one(share)} %)`,
      target: '< 1 %',
      holds: share < 1,
    },
    {
      what: 'ends of links lost meanwhile',
      stock: '',
      ours: String(ours.linksLost),
      target: '',
      holds: null,
    },
    {
      what: 'killed tab: shown as gone by all',
      stock: '',
      ours: time(ours.knownEverywhereMs),
      target: '<= 4,000 ms',
      holds: ours.knownEverywhereMs !== null && ours.knownEverywhereMs <= 4000,
    },
  ];
}

/** Entries a second that are enough, whatever the processor could do. */
const ENOUGH_ENTRIES = 10_000;
/** Share of what WebCrypto verifies that counts as all of it. */
const BOUND_SHARE = 0.9;

/** Entries verified and taken in by a tab that joins, and by a tab alone. */
export function verifyRows(joining: VerifyFigures, { onPage, withWorker }: IntakeCopies): readonly Row[] {
  const row = (
    what: string,
    { boundPerSecond, milliseconds, entries }: VerifyFigures,
    isJudged = true,
  ): Row => {
    const rate = milliseconds === null ? 0 : (entries * 1000) / milliseconds;
    return {
      what,
      stock: '',
      ours: `${whole(rate)}, ${one((100 * rate) / boundPerSecond)} % of the bound`,
      target: isJudged ? `>= ${whole(ENOUGH_ENTRIES)} or the bound, ${whole(boundPerSecond)}` : '',
      holds: isJudged ? rate >= ENOUGH_ENTRIES || rate >= BOUND_SHARE * boundPerSecond : null,
    };
  };
  return [
    row('joined by a second tab: entries verified and in the document a second', joining),
    row('the same from memory, in a tab alone, median of five copies', medianOf(withWorker)),
    row('the same without a worker for signatures', medianOf(onPage), false),
  ];
}
