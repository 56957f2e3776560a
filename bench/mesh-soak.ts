/** Tabs of ours that stay open: is their memory flat, and do their connections stay few? */
import type { CDPSession, Page } from 'playwright-core';
import type { Contender } from './mesh-contenders.ts';
import { CARDS, inAll, Swarm } from './mesh-swarm.ts';
import { observe } from './observe.ts';
import { bytes, one, type Row } from './table.ts';

const MINUTE_MS = 60_000;
/** One edit by one tab after the other. */
const EDIT_EVERY_MS = 5000;
/** One tab after the other is loaded anew, but never the first: its memory is watched over the whole time. */
const RELOAD_EVERY_MS = 30_000;
/** Samples, evenly over the whole time. */
const SAMPLES = 20;
/** The history of the board is kept and grows with every edit; what an edit may add to the heap (guess: an entry, its update and its index). */
const EDIT_BYTES = 4096;
/** Beyond that the heap may not grow by more than this from the mean of the second quarter to that of the last (guess). */
const MOST_GROWTH = 1.15;
/** Connections that a tab may make for each time that one of the others is loaded anew (guess: one to it, and one that gives way). */
const MOST_MADE_PER_RELOAD = 2;

interface Sample {
  readonly minute: number;
  /** By tab; the first is never reloaded. After a forced collection. */
  readonly heapBytes: readonly number[];
  readonly open: readonly number[];
  readonly made: readonly number[];
}

export interface SoakFigures {
  readonly tabs: number;
  readonly minutes: number;
  readonly edits: number;
  readonly reloads: number;
  readonly digests: number;
  readonly samples: readonly Sample[];
}

/** Lets `tabs` tabs run for `minutes` minutes, with edits and reloads now and then. */
export async function runSoak(
  contender: Contender,
  tabs: number,
  minutes: number,
): Promise<{ readonly figures: SoakFigures; readonly rows: readonly Row[] }> {
  const swarm = await Swarm.open(contender, tabs);
  try {
    await swarm.form();
    const sessions = await Promise.all(swarm.pages.map((page) => page.context().newCDPSession(page)));
    const boardId = await swarm.pages[0]?.evaluate(() => tabswarm.status().boardId ?? '');
    const began = performance.now();
    const lengthMs = minutes * MINUTE_MS;
    const samples: Sample[] = [];
    let [edits, reloads] = [0, 0];
    for (;;) {
      const elapsed = performance.now() - began;
      if (elapsed >= (samples.length * lengthMs) / SAMPLES) {
        samples.push(await sample(swarm.pages, sessions, elapsed / MINUTE_MS));
        console.error(`soak: ${describe(samples.at(-1))}`);
      }
      if (elapsed >= lengthMs) break;
      if (elapsed >= (edits + 1) * EDIT_EVERY_MS) await edit(swarm.pages, edits++);
      if (elapsed >= (reloads + 1) * RELOAD_EVERY_MS) {
        const page = swarm.pages[1 + (reloads++ % (tabs - 1))];
        if (page !== undefined) await reload(contender, page, boardId ?? '');
      }
      await observe(EDIT_EVERY_MS / 4);
    }
    await observe(5 * EDIT_EVERY_MS);
    const digests = new Set(await inAll(swarm.pages, () => bench.digest())).size;
    const figures = { tabs, minutes, edits, reloads, digests, samples };
    return { figures, rows: rowsOf(figures) };
  } finally {
    await swarm.close();
  }
}

async function edit(pages: readonly Page[], number: number): Promise<void> {
  const text = `edit ${number}`;
  await pages[number % pages.length]?.evaluate(([card, title]) => bench.edit(card, title), [
    number % CARDS,
    text,
  ] as const);
}

async function reload(contender: Contender, page: Page, boardId: string): Promise<void> {
  await page.goto('about:blank');
  await contender.prepare(page);
  await contender.adopt(page);
  await page.evaluate((id) => tabswarm.openBoard(id), boardId);
}

async function sample(
  pages: readonly Page[],
  sessions: readonly CDPSession[],
  minute: number,
): Promise<Sample> {
  const heapBytes = [];
  for (const session of sessions) {
    await session.send('HeapProfiler.collectGarbage');
    heapBytes.push((await session.send('Runtime.getHeapUsage')).usedSize);
  }
  const connections = await inAll(pages, () => bench.connections());
  return {
    minute,
    heapBytes,
    open: connections.map(({ open }) => open),
    made: connections.map(({ made }) => made),
  };
}

function describe(at: Sample | undefined): string {
  if (at === undefined) return 'nothing yet';
  const heaps = at.heapBytes.map((size) => one(size / 1e6)).join(' ');
  return `minute ${one(at.minute)}: heap MB ${heaps}; open ${at.open.join(' ')}; made ${at.made.join(' ')}`;
}

/** What the tab that was never reloaded shows, and the most of any tab. */
function rowsOf({ samples, reloads, digests, edits }: SoakFigures): readonly Row[] {
  const quarter = Math.floor(samples.length / 4);
  const mean = (part: readonly Sample[]): number =>
    part.reduce((sum, { heapBytes }) => sum + (heapBytes[0] ?? 0), 0) / Math.max(1, part.length);
  const [early, late] = [mean(samples.slice(quarter, 2 * quarter)), mean(samples.slice(-quarter))];
  const mostOpen = Math.max(...samples.flatMap(({ open }) => open));
  const made = (samples.at(-1)?.made[0] ?? 0) - (samples[0]?.made[0] ?? 0);
  const row = (what: string, ours: string, target: string, holds: boolean): Row => ({
    what,
    stock: '',
    ours,
    target,
    holds,
  });
  return [
    row(
      'heap of the tab that was never reloaded, second quarter to last',
      `${bytes(early)} to ${bytes(late)}`,
      `<= ${MOST_GROWTH} x, and ${bytes(EDIT_BYTES)} an edit`,
      // Half of all edits lie between the middles of the two quarters.
      late <= MOST_GROWTH * early + EDIT_BYTES * edits * 0.5,
    ),
    row(
      'connections open at once in any tab',
      String(mostOpen),
      '<= 5, and one being replaced',
      mostOpen <= 6,
    ),
    row(
      `connections that it made while others were reloaded ${reloads} times`,
      String(made),
      `<= ${MOST_MADE_PER_RELOAD} a reload`,
      made <= MOST_MADE_PER_RELOAD * reloads,
    ),
    row('different documents at the end', String(digests), '1', digests === 1),
  ];
}
