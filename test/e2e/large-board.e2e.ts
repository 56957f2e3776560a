/** A board of ten megabytes is copied over the mesh, with progress on screen and a page that stays usable. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { untilAgreed } from '../support/agreement.ts';
import {
  expectOnward,
  fillBoard,
  filledCards,
  longestTaskOf,
  NOTE_CHARS,
  progressOf,
  watchCopies,
} from '../support/large-board.ts';
import { reportFigure } from '../support/report-figure.ts';
import { startSwarm, type Swarm } from '../support/swarm.ts';
import { boardOf, inviteFrom } from '../support/tab.ts';

/** 10 MiB of text. */
const CARDS = 160;
const BOARD_BYTES = CARDS * NOTE_CHARS;
const COPY_TIMEOUT_MS = 240_000;

let swarm: Swarm;

beforeAll(async () => {
  swarm = await startSwarm({ profiles: 2 });
  for (const context of swarm.contexts) await watchCopies(context);
});

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles()).toEqual([]);
});

describe('a board of 10 MB', () => {
  it('is copied over the mesh with progress on screen, and is the same in the end', async () => {
    const owner = await swarm.open(0);
    await fillBoard(owner, CARDS);
    const url = await inviteFrom(owner);
    const joiner = await swarm.open(1, url);
    await joiner.getByRole('textbox', { name: 'Your name' }).fill('Lena');
    const startedAt = await joiner.evaluate(() => performance.now());
    await joiner.getByRole('button', { name: 'Join' }).click();
    await joiner
      .getByRole('progressbar', { name: 'Copying the board' })
      .waitFor({ timeout: COPY_TIMEOUT_MS });
    await joiner.waitForURL(/#\/b\//, { timeout: COPY_TIMEOUT_MS });
    const endedAt = await joiner.evaluate(() => performance.now());
    const seen = await progressOf(joiner);
    await untilAgreed([owner, joiner], [], COPY_TIMEOUT_MS);
    expect(await boardOf(joiner)).toEqual(await boardOf(owner));
    expect(await filledCards(joiner)).toBe(CARDS);

    const last = seen.at(-1);
    reportFigure('size of the copy', (last?.total ?? 0) / 1e6, 'MB');
    reportFigure('joined in', (endedAt - startedAt) / 1000, 's');
    reportFigure('steps of progress seen', seen.length, '');
    reportFigure('longest task of the joiner', await longestTaskOf(joiner), 'ms');
    reportFigure('longest task of the giver', await longestTaskOf(owner), 'ms');

    expect(last?.total).toBeGreaterThanOrEqual(BOARD_BYTES);
    expect(seen.length).toBeGreaterThan(10);
    expectOnward(seen);
    expect(last?.received).toBeGreaterThan(BOARD_BYTES * 0.8);
  });

  it('opens again from this device', async () => {
    const page = await swarm.open(1);
    expect(await filledCards(page)).toBe(CARDS);
    const took = await page.evaluate(() => performance.now());
    reportFigure('10 MB board on screen after a cold start, at most', took, 'ms');
  });
});
