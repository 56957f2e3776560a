/** A board of ten megabytes is copied over the mesh, with progress on screen and a page that stays usable. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { untilAgreed } from '../support/agreement.ts';
import { reportFigure } from '../support/report-figure.ts';
import { startSwarm, type Swarm } from '../support/swarm.ts';
import { boardOf, cardsOf, firstColumn, inviteFrom } from '../support/tab.ts';

/** 160 notes of 65,536 characters: 10 MiB of text. */
const CARDS = 160;
const NOTE_CHARS = 65_536;
const BOARD_BYTES = CARDS * NOTE_CHARS;
const COPY_TIMEOUT_MS = 240_000;

interface Progress {
  readonly at: number;
  readonly received: number;
  readonly total: number;
}

declare global {
  var seenProgress: Progress[] | undefined;
  var longTasks: number[] | undefined;
}

let swarm: Swarm;

beforeAll(async () => {
  swarm = await startSwarm({ profiles: 2 });
});

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles()).toEqual([]);
});

/** Writes the notes, each different, through the scripting interface. */
async function fillBoard(page: Page): Promise<void> {
  const columnId = await firstColumn(page);
  await page.evaluate(
    async ([column, cards, chars]) => {
      const titles = Array.from({ length: cards }, (_, index) => `large ${index}`);
      const { ids } = await tabswarm.board.apply({ type: 'addCards', columnId: column, titles });
      for (const [index, cardId] of ids.entries()) {
        const line = `Note ${index} has a line of its own, and so no two notes are the same. `;
        const notes = line.repeat(Math.ceil(chars / line.length)).slice(0, chars);
        await tabswarm.board.apply({ type: 'updateCard', cardId, changes: { notes } });
      }
    },
    [columnId, CARDS, NOTE_CHARS] as const,
  );
}

/** Starts to note, in the page, what its progress bar shows and which of its tasks took longer than 50 ms. */
async function watchPage(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen: Progress[] = [];
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

describe('a board of 10 MB', () => {
  it('is copied over the mesh with progress on screen, and is the same in the end', async () => {
    const owner = await swarm.open(0);
    await fillBoard(owner);
    const url = await inviteFrom(owner);
    const joiner = await swarm.open(1, url);
    await watchPage(joiner);
    await watchPage(owner);
    await joiner.getByRole('textbox', { name: 'Your name' }).fill('Lena');
    const startedAt = await joiner.evaluate(() => performance.now());
    await joiner.getByRole('button', { name: 'Join' }).click();
    await joiner
      .getByRole('progressbar', { name: 'Copying the board' })
      .waitFor({ timeout: COPY_TIMEOUT_MS });
    await joiner.waitForURL(/#\/b\//, { timeout: COPY_TIMEOUT_MS });
    const endedAt = await joiner.evaluate(() => performance.now());
    const seen = await joiner.evaluate(() => globalThis.seenProgress ?? []);
    await untilAgreed([owner, joiner], [], COPY_TIMEOUT_MS);
    expect(await boardOf(joiner)).toEqual(await boardOf(owner));
    expect(cardsOf(await boardOf(joiner)).filter(({ notes }) => notes.length === NOTE_CHARS)).toHaveLength(
      CARDS,
    );

    const last = seen.at(-1);
    reportFigure('size of the copy', (last?.total ?? 0) / 1e6, 'MB');
    reportFigure('joined in', (endedAt - startedAt) / 1000, 's');
    reportFigure('steps of progress seen', seen.length, '');
    const longest = async (page: Page): Promise<number> =>
      Math.max(0, ...(await page.evaluate(() => globalThis.longTasks ?? [])));
    reportFigure('longest task of the joiner', await longest(joiner), 'ms');
    reportFigure('longest task of the giver', await longest(owner), 'ms');

    expect(last?.total).toBeGreaterThanOrEqual(BOARD_BYTES);
    expect(seen.length).toBeGreaterThan(10);
    for (const [index, step] of seen.entries()) {
      expect(step.received).toBeGreaterThanOrEqual(seen[index - 1]?.received ?? 0);
      expect(step.received).toBeLessThanOrEqual(step.total);
    }
    expect(last?.received).toBeGreaterThan(BOARD_BYTES * 0.8);
  });

  it('opens again from this device', async () => {
    const page = await swarm.open(1);
    expect(cardsOf(await boardOf(page)).filter(({ notes }) => notes.length === NOTE_CHARS)).toHaveLength(
      CARDS,
    );
    const took = await page.evaluate(() => performance.now());
    reportFigure('10 MB board on screen after a cold start, at most', took, 'ms');
  });
});
