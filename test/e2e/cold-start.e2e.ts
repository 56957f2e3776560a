/** Goal: a stored board is on screen before its journals are read, and is the board they make in the end. Method: one tab, loaded anew. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { hasLook, noteFirstCards, replaceLooks } from '../support/first-card.ts';
import { reportFigure } from '../support/report-figure.ts';
import { startSwarm, type Swarm } from '../support/swarm.ts';
import { apply, boardOf, firstColumn, ready, statusOf } from '../support/tab.ts';
import { waitUntil } from '../support/wait-until.ts';

/** 2,000 entries of 1 kB: long enough to read that a first look comes clearly sooner. */
const EDITS = 2_000;
const CARDS = 200;
const NOTE_CHARS = 1_000;

let swarm: Swarm;
let page: Page;

beforeAll(async () => {
  swarm = await startSwarm({ profiles: 1 });
  await noteFirstCards(swarm.profile(0));
  page = await swarm.open(0);
  const columnId = await firstColumn(page);
  await page.evaluate(
    async ([column, cards, edits, chars]) => {
      const titles = Array.from({ length: cards }, (_, n) => `stored ${n}`);
      const { ids } = await tabswarm.board.apply({ type: 'addCards', columnId: column, titles });
      for (let done = 0; done < edits; done += 100) {
        await Promise.all(
          Array.from({ length: 100 }, (_, n) =>
            tabswarm.board.apply({
              type: 'updateCard',
              cardId: ids[(done + n) % cards],
              changes: { notes: `${done + n} `.padEnd(chars, 'x') },
            }),
          ),
        );
      }
    },
    [columnId, CARDS, EDITS, NOTE_CHARS] as const,
  );
  await waitUntil(() => hasLook(page), { timeoutMs: 20_000, what: 'a first look on disk', everyMs: 100 });
});

afterAll(() => swarm.close());

afterEach(() => {
  // A page that is none asks for an icon that is none.
  expect(swarm.troubles([/404/])).toEqual([]);
});

/** Loads the tab anew; milliseconds until a card was on screen, and until the board was there. */
async function reload(): Promise<{ firstCardMs: number; readyMs: number }> {
  await page.reload();
  await ready(page);
  const readyMs = await page.evaluate(() => performance.now());
  const firstCardMs = await waitUntil(() => page.evaluate(() => globalThis.firstCardMs), {
    timeoutMs: 20_000,
    what: 'a card on screen',
    everyMs: 50,
  });
  return { firstCardMs, readyMs };
}

describe('a stored board', () => {
  it('[STO-19] is on screen before its journals are read, and is the whole board then', async () => {
    const before = await boardOf(page);
    const withLook = await reload();
    expect(await boardOf(page)).toEqual(before);
    reportFigure('first card of a stored board, with a first look', withLook.firstCardMs, 'ms');
    reportFigure('the whole of it', withLook.readyMs, 'ms');
    expect(withLook.firstCardMs).toBeLessThan(withLook.readyMs);
    // To look at only, until the board is there.
    expect(await page.evaluate(() => globalThis.firstCardReadOnly)).toBe(true);
    expect(
      await page.locator('ts-board-screen').evaluate((screen) => (screen as { readOnly?: boolean }).readOnly),
    ).toBe(false);
  });

  it('[STO-19] is so without an address of its own, too', async () => {
    await page.goto('/config.json');
    await page.goto('/');
    await ready(page);
    const firstCardMs = await waitUntil(() => page.evaluate(() => globalThis.firstCardMs), {
      timeoutMs: 20_000,
      what: 'a card on screen',
      everyMs: 50,
    });
    reportFigure('first card at the bare address', firstCardMs, 'ms');
    expect(await page.evaluate(() => [globalThis.firstCardReadOnly, location.hash.slice(0, 4)])).toEqual([
      true,
      '#/b/',
    ]);
  });

  it('[STO-20] takes edits that scripts make while it is read', async () => {
    await page.addInitScript(() => {
      const asked = globalThis as { early?: Promise<unknown> };
      const ask = (): void => {
        const card = document.querySelector('ts-app')?.shadowRoot?.querySelector('ts-board-screen');
        if (card == null) requestAnimationFrame(ask);
        else asked.early = tabswarm.board.apply({ type: 'renameBoard', title: 'Renamed early' });
      };
      // Only in this one load.
      if (sessionStorage.getItem('early') === null) {
        sessionStorage.setItem('early', 'asked');
        ask();
      }
    });
    await page.reload();
    await ready(page);
    await waitUntil(async () => (await boardOf(page)).title === 'Renamed early', {
      timeoutMs: 20_000,
      what: 'the early edit',
      everyMs: 50,
    });
    const { pending } = await statusOf(page);
    expect(pending.unsaved).toBe(0);
  });

  it('[STO-21] does not believe bytes that are no first look', async () => {
    const before = await boardOf(page);
    // Written when the tab goes away, so a blank page takes them away.
    await page.goto('/config.json');
    expect(await replaceLooks(page, [1, 2, 3])).toBeGreaterThan(0);
    await page.goto('/');
    await ready(page);
    expect(await boardOf(page)).toEqual(before);
    await apply(page, { type: 'renameBoard', title: 'Once more' });
    await page.locator('ts-card').first().waitFor();
  });
});
