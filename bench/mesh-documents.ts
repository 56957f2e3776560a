/** Large documents that a second tab joins. */
import type { Page } from 'playwright-core';
import type { Contender } from './mesh-contenders.ts';
import { Swarm } from './mesh-swarm.ts';
import { observe } from './observe.ts';

/** Stock syncs 200 KiB in a fraction of a second; what is not there by then never comes (watched for minutes once). */
const STOCK_WINDOW_MS = 10_000;
const OURS_WINDOW_MS = 240_000;
const LOOK_EVERY_MS = 100;
const KIB = 1024;
/** One card holds 64 Ki characters of notes. */
const NOTE_CHARS = 64 * KIB - 1;

/** One document that a second tab joins. */
export interface DocumentFigures {
  readonly bytes: number;
  /** From the beginning of the join until all of it is there; null: not within the window. */
  readonly milliseconds: number | null;
  readonly windowMs: number;
  /** Times that the joiner told its screen how far it is; 0 in stock, which has no such thing. */
  readonly progressSteps: number;
  /** Longest task of either page while the document was copied; null where it was not watched. */
  readonly longestTaskMs: { readonly joiner: number; readonly giver: number } | null;
}

/** A document of `kib` KiB in a stock tab, one update, and a second tab. */
export async function measureStockDocument(contender: Contender, kib: number): Promise<DocumentFigures> {
  const length = kib * KIB;
  return withPair(contender, async (first, second) => {
    const invitation = await contender.found(first, 1);
    await first.evaluate((size) => stock.write(size), length);
    const began = await contender.join(second, invitation);
    const milliseconds = await watch(second, began, STOCK_WINDOW_MS, () => stock.written() > 0);
    return { bytes: length, milliseconds, windowMs: STOCK_WINDOW_MS, progressSteps: 0, longestTaskMs: null };
  });
}

/** A board of `mib` MiB in a tab of ours, and a second tab. */
export async function measureOurDocument(contender: Contender, mib: number): Promise<DocumentFigures> {
  const cards = Math.ceil((mib * KIB * KIB) / NOTE_CHARS);
  return withPair(contender, async (first, second) => {
    const invitation = await contender.found(first, cards);
    await first.evaluate(fillNotes, NOTE_CHARS);
    const wanted = await first.evaluate(() => bench.digest());
    await second.evaluate(watchProgress);
    await Promise.all([first, second].map((page) => page.evaluate(() => bench.longTasks.splice(0))));
    const began = await contender.join(second, invitation);
    await second.evaluate((count) => Object.assign(globalThis, { wantedCards: count }), cards);
    const hasJoined = await watch(second, began, OURS_WINDOW_MS, hasAllNotes);
    // Before the digest is computed, which is a long task of the bench's own.
    const longest = async (page: Page): Promise<number> =>
      page.evaluate(() => Math.max(0, ...bench.longTasks));
    const longestTaskMs = { joiner: await longest(second), giver: await longest(first) };
    const isWhole = (await second.evaluate(() => bench.digest())) === wanted;
    const progressSteps = await second.evaluate(() => Number(Reflect.get(globalThis, 'progressSteps')));
    return {
      bytes: cards * NOTE_CHARS,
      milliseconds: isWhole ? hasJoined : null,
      windowMs: OURS_WINDOW_MS,
      progressSteps,
      longestTaskMs,
    };
  });
}

/** In the page: counts how often the join tells its screen how far it is. */
function watchProgress(): void {
  let steps = 0;
  Object.assign(globalThis, { progressSteps: 0 });
  tabswarm.on('join', () => Object.assign(globalThis, { progressSteps: ++steps }));
}

/** In the page: whether every card has notes. */
function hasAllNotes(): boolean {
  const cards = tabswarm.board.snapshot()?.columns.flatMap((column) => column.cards) ?? [];
  return cards.length === Reflect.get(globalThis, 'wantedCards') && cards.every(({ notes }) => notes !== '');
}

/** In the page: notes that differ in every card, so that nothing can be sent once for all. */
async function fillNotes(length: number): Promise<void> {
  const cards = tabswarm.board.snapshot()?.columns.flatMap((column) => column.cards) ?? [];
  for (const [i, { id }] of cards.entries()) {
    const notes = `${i} `.repeat(length).slice(0, length);
    await tabswarm.board.apply({ type: 'updateCard', cardId: id, changes: { notes } });
  }
}

/** Two tabs, neither of which has joined. */
export async function withPair<Value>(
  contender: Contender,
  work: (first: Page, second: Page) => Promise<Value>,
): Promise<Value> {
  const swarm = await Swarm.open(contender, 2);
  try {
    const [first, second] = swarm.pages;
    if (first === undefined || second === undefined) throw new Error('two tabs were asked for');
    return await work(first, second);
  } finally {
    await swarm.close();
  }
}

/** Milliseconds from `began` until `holds` in the page; null: not within the window. */
async function watch(
  page: Page,
  began: number,
  windowMs: number,
  holds: () => boolean,
): Promise<number | null> {
  while (Date.now() < began + windowMs) {
    if (await page.evaluate(holds)) return Date.now() - began;
    await observe(LOOK_EVERY_MS);
  }
  return null;
}
