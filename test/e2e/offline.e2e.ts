/** Edits made while nobody else can be reached: kept through closings, counted, delivered later. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { untilAgreed } from '../support/agreement.ts';
import { launchOptions } from '../support/browser.ts';
import { reportFigure } from '../support/report-figure.ts';
import { hearTroubles, SERVER_GONE, startSwarm, type Swarm } from '../support/swarm.ts';
import {
  apply,
  boardOf,
  firstColumn,
  inviteFrom,
  join,
  ready,
  statusOf,
  titlesOf,
  untilStatus,
} from '../support/tab.ts';

let swarm: Swarm;

beforeAll(async () => {
  swarm = await startSwarm({ profiles: 4 });
});

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles([SERVER_GONE])).toEqual([]);
});

const addCards = async (page: Page, titles: readonly string[]): Promise<void> => {
  const columnId = await firstColumn(page);
  for (const title of titles) await apply(page, { type: 'addCard', columnId, title });
};

/** Two tabs of two profiles on one board, everything received on both sides. */
async function pair(first: number, second: number): Promise<{ a: Page; b: Page; boardId: string }> {
  const a = await swarm.open(first);
  const url = await inviteFrom(a);
  const b = await swarm.open(second, '/#/');
  const boardId = await join(b, url, 'Ben');
  await untilAgreed([a, b]);
  return { a, b, boardId };
}

const received = (page: Page): Promise<unknown> =>
  untilStatus(page, 'everything received', ({ pending }) => pending.unacknowledged === 0);

/** The words of the state pill. */
const pill = (page: Page, words: string | RegExp): Promise<void> =>
  page.getByRole('status').filter({ hasText: words }).waitFor({ timeout: 60_000 });

describe('edits on two sides that cannot reach each other', () => {
  it('survive the closing of both tabs and meet when both are open', async () => {
    const { a, b, boardId } = await pair(0, 1);
    await Promise.all([received(a), received(b)]);
    await b.close();
    await untilStatus(a, 'the other to be gone', ({ links }) => links.length === 0);
    await addCards(a, ['a1', 'a2', 'a3']);
    expect((await statusOf(a)).pending.unacknowledged).toBe(3);
    await pill(a, 'Only you · 3 changes saved here');
    await a.close();

    const b2 = await swarm.open(1, `/#/b/${boardId}`);
    expect(titlesOf(await boardOf(b2))).not.toContain('a1');
    await addCards(b2, ['b1', 'b2']);
    expect((await statusOf(b2)).pending.unacknowledged).toBe(2);

    const a2 = await swarm.open(0, `/#/b/${boardId}`);
    await untilAgreed([a2, b2], ['a1', 'a2', 'a3', 'b1', 'b2']);
    await received(a2);
    await received(b2);
    await pill(a2, 'Live · 1 peer');
    await Promise.all([a2.close(), b2.close()]);
  });

  it('meet again by themselves when the server comes back to two open tabs that never met', async () => {
    const { a, b, boardId } = await pair(2, 3);
    await Promise.all([received(a), received(b)]);
    const path = '/#/';
    await Promise.all([a, b].map((page) => page.close()));
    const [a2, b2] = await Promise.all([swarm.open(2, path), swarm.open(3, path)]);
    await swarm.server.kill();
    for (const page of [a2, b2]) await page.evaluate((id) => tabswarm.openBoard(id), boardId);
    await addCards(a2, ['apart a1', 'apart a2']);
    await addCards(b2, ['apart b1']);
    await Promise.all([a2, b2].map((page) => pill(page, 'Offline · saved on this device')));
    expect((await statusOf(a2)).pending.unacknowledged).toBe(2);
    expect((await statusOf(b2)).links).toEqual([]);
    await swarm.server.restart();
    const before = performance.now();
    await untilAgreed([a2, b2], ['apart a1', 'apart a2', 'apart b1']);
    reportFigure('two tabs merged after the server came back', performance.now() - before, 'ms');
    await Promise.all([received(a2), received(b2)]);
    await Promise.all([a2.close(), b2.close()]);
  });
});

describe('a browser that is closed', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(joinPath(tmpdir(), 'tabswarm-profile-'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  const start = async (heard: string[]): Promise<BrowserContext> => {
    const context = await chromium.launchPersistentContext(folder, {
      ...(await launchOptions()),
      baseURL: swarm.server.url,
    });
    await hearTroubles(context, heard);
    return context;
  };

  it('comes back with its board, its keys and its unsent edits', async () => {
    const heard: string[] = [];
    let context = await start(heard);
    let page = await context.newPage();
    await page.goto('/');
    await ready(page);
    await page.evaluate(() => tabswarm.setName('Persistent Pia'));
    const url = await inviteFrom(page);
    const other = await swarm.open(0, '/#/');
    const boardId = await join(other, url, 'Omar');
    await received(page);
    await other.close();
    await untilStatus(page, 'the other to be gone', ({ links }) => links.length === 0);
    await addCards(page, ['unsent 1', 'unsent 2', 'unsent 3', 'unsent 4']);
    const before = await statusOf(page);
    expect(before.pending).toMatchObject({ unacknowledged: 4, unsaved: 0 });
    const board = await boardOf(page);
    await context.close();

    context = await start(heard);
    page = await context.newPage();
    await page.goto('/');
    await ready(page);
    const after = await statusOf(page);
    expect(await boardOf(page)).toEqual(board);
    for (const key of ['peerId', 'memberId', 'name', 'boardId', 'role', 'frontierDigest'] as const)
      expect(after[key], key).toBe(before[key]);
    expect(after.pending).toMatchObject({ unacknowledged: 4, unsaved: 0 });

    const again = await swarm.open(0, `/#/b/${boardId}`);
    await untilAgreed([page, again], ['unsent 1', 'unsent 2', 'unsent 3', 'unsent 4']);
    await received(page);
    await context.close();
    await again.close();
    expect(heard).toEqual([]);
  });
});
