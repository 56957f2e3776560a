/** A board of many megabytes, and what a page shows and how long it is busy while it is copied. Everything here runs in real tabs. */
import type { BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import { cardsOf, boardOf, firstColumn } from './tab.ts';

/** As many characters as notes can have: 64 KiB a card. */
export const NOTE_CHARS = 65_536;

/** What the progress bar said, and when by the page's clock (milliseconds). Bytes of the board. */
export interface SeenProgress {
  readonly at: number;
  readonly received: number;
  readonly total: number;
}

declare global {
  var seenProgress: SeenProgress[] | undefined;
  /** Milliseconds of each task of the page that took more than 50. */
  var longTasks: number[] | undefined;
}

/** Writes `cards` notes, each different, through the scripting interface. */
export async function fillBoard(page: Page, cards: number): Promise<void> {
  const columnId = await firstColumn(page);
  await page.evaluate(
    async ([column, count, chars]) => {
      const ids: string[] = [];
      while (ids.length < count) {
        // As many as one command takes.
        const next = Math.min(500, count - ids.length);
        const titles = Array.from({ length: next }, (_, index) => `large ${ids.length + index}`);
        ids.push(...(await tabswarm.board.apply({ type: 'addCards', columnId: column, titles })).ids);
      }
      for (const [index, cardId] of ids.entries()) {
        const line = `Note ${index} has a line of its own, and so no two notes are the same. `;
        const notes = line.repeat(Math.ceil(chars / line.length)).slice(0, chars);
        await tabswarm.board.apply({ type: 'updateCard', cardId, changes: { notes } });
      }
    },
    [columnId, cards, NOTE_CHARS] as const,
  );
}

/** How many cards of the page's board have notes as long as {@link fillBoard} writes them. */
export async function filledCards(page: Page): Promise<number> {
  return cardsOf(await boardOf(page)).filter(({ notes }) => notes.length === NOTE_CHARS).length;
}

/** Pages of `context` note from now on what their progress bar shows, and which of their tasks took longer than 50 ms. */
export async function watchCopies(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const seen: SeenProgress[] = [];
    const long: number[] = [];
    globalThis.seenProgress = seen;
    globalThis.longTasks = long;
    new PerformanceObserver((list) => {
      long.push(...list.getEntries().map(({ duration }) => duration));
    }).observe({ type: 'longtask' });
    const bar = (): HTMLProgressElement | null | undefined =>
      document
        .querySelector('ts-app')
        ?.shadowRoot?.querySelector('ts-join-screen')
        ?.shadowRoot?.querySelector('progress');
    const look = (): void => {
      const shown = bar();
      if (shown == null) return;
      const { value: received, max: total } = shown;
      if (seen.at(-1)?.received !== received) seen.push({ at: performance.now(), received, total });
    };
    setInterval(look, 20);
  });
}

export async function progressOf(page: Page): Promise<readonly SeenProgress[]> {
  return page.evaluate(() => globalThis.seenProgress ?? []);
}

/** Checks that progress never went back, nor beyond the whole. */
export function expectOnward(seen: readonly SeenProgress[]): void {
  for (const [at, step] of seen.entries()) {
    expect(step.received).toBeGreaterThanOrEqual(seen[at - 1]?.received ?? 0);
    expect(step.received).toBeLessThanOrEqual(step.total);
  }
}

/** The page's longest task so far, milliseconds; 0 if none took more than 50. */
export async function longestTaskOf(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, ...(globalThis.longTasks ?? [])));
}
