/** Scratch boards in real tabs: ours with each other, with a stock y-webrtc application, alone, offline, and made into a full board. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { BrowserContext, Page } from 'playwright-core';
import { build } from 'vite';
import type { BoardSnapshot } from '../../src/board/snapshot.ts';
import { parseScratchLink, roomName, roomPassword } from '../../src/scratch/scratch-link.ts';
import { PROJECT_ROOT } from '../support/run-command.ts';
import { startSwarm, type Swarm } from '../support/swarm.ts';
import {
  apply,
  applyOne,
  boardOf,
  firstColumn,
  inviteFrom,
  join,
  joinCode,
  ready,
  statusOf,
  titlesOf,
  untilStatus,
} from '../support/tab.ts';
import type {} from '../support/stock-board-page.ts';
import { waitUntil } from '../support/wait-until.ts';

const TIMEOUT_MS = 60_000;
const LABEL = 'Scratch board: anyone with the link can change anything';

/** Offline on purpose; the stock page has no icon; and y-webrtc publishes what it was encrypting while its socket closed. */
const EXPECTED = [/ERR_INTERNET_DISCONNECTED/, /status of 404/, /already in CLOSING or CLOSED state/];

let swarm: Swarm;
let ada: Page;
let boardId = '';
let link = '';

beforeAll(async () => {
  swarm = await startSwarm({ profiles: 4 });
  ada = await swarm.open(0, '/#/');
});

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles(EXPECTED)).toEqual([]);
});

async function untilTitles(page: Page, titles: readonly string[]): Promise<void> {
  await waitUntil(async () => titlesOf(await boardOf(page)).join() === [...titles].sort().join(), {
    timeoutMs: TIMEOUT_MS,
    what: `the cards ${titles.join()}`,
  });
}

/** A page of the server's own origin that runs an application of its own on the published y-webrtc provider. */
async function openStock(context: BrowserContext, server: string): Promise<Page> {
  const lib = { entry: 'test/support/stock-board-page.ts', formats: ['iife' as const], name: 'stockPage' };
  const built = await build({
    root: PROJECT_ROOT,
    configFile: false,
    logLevel: 'warn',
    build: { write: false, minify: false, lib },
  });
  const [output] = Array.isArray(built) ? built : [];
  if (output === undefined) throw new Error('nothing was built');
  const page = await context.newPage();
  await page.goto(`${server}/healthz`);
  await page.evaluate(output.output[0].code);
  return page;
}

describe('a scratch board', () => {
  it('[SCR-13] loads y-webrtc only when one is opened', async () => {
    const loaded = (): Promise<string[]> =>
      ada.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
    await ada.evaluate(() => tabswarm.createBoard({ title: 'Full', template: 'blank' }));
    expect((await loaded()).filter((name) => name.includes('scratch-session'))).toEqual([]);
    boardId = await ada.evaluate(
      async () => (await tabswarm.createBoard({ title: 'Sketch', template: 'blank', scratch: true })).boardId,
    );
    expect((await loaded()).filter((name) => name.includes('scratch-session'))).not.toEqual([]);
  });

  it('[SCR-6] is labelled on its screen, and its status says only what is known', async () => {
    await ada.getByText(LABEL).waitFor();
    const status = await statusOf(ada);
    expect(status).toMatchObject({
      boardId,
      copies: null,
      partition: null,
      frontierDigest: null,
      pending: { unacknowledged: null, unsaved: 0 },
      scratch: { fullBoardId: null, skipped: { columns: 0, cards: 0, comments: 0 }, notices: [] },
    });
    link = await inviteFrom(ada);
    expect(link).toContain('/#scratch=');
    expect(await ada.evaluate(() => location.href)).not.toContain('scratch=');
  });

  it('[SCR-1] refuses half a link by its code, in a script and on screen', async () => {
    const page = await swarm.open(1, `/${link.slice(link.indexOf('#'), -3)}`);
    await page.getByText('A piece of this scratch board’s link is missing').waitFor();
    expect(await joinCode(page, link.slice(0, -1))).toBe('scratchTruncated');
    await page.close();
  });

  it('[SCR-2] is joined by its link, which then leaves the address bar, and tabs of three profiles converge', async () => {
    await apply(ada, { type: 'addCard', columnId: await firstColumn(ada), title: 'of ada' });
    const bo = await swarm.open(1, `/${link.slice(link.indexOf('#'))}`);
    await bo.getByText('A scratch board', { exact: true }).waitFor();
    await bo.getByLabel('Your name').fill('Bo');
    await bo.getByRole('button', { name: 'Join' }).click();
    await bo.getByText(LABEL).waitFor();
    expect(await bo.evaluate(() => location.hash)).toBe(`#/b/${boardId}`);
    await untilTitles(bo, ['of ada']);
    const chi = await swarm.open(2, '/#/');
    await join(chi, link, 'Chi');
    const twin = await swarm.open(0, `/#/b/${boardId}`);
    await Promise.all([untilTitles(chi, ['of ada']), untilTitles(twin, ['of ada'])]);
    const column = await firstColumn(ada);
    await Promise.all(
      [ada, bo, chi, twin].map((page, at) =>
        apply(page, { type: 'addCard', columnId: column, title: `at once ${at}` }),
      ),
    );
    const all = ['of ada', 'at once 0', 'at once 1', 'at once 2', 'at once 3'];
    for (const page of [ada, bo, chi, twin]) await untilTitles(page, all);
    const digests = await Promise.all([ada, bo, chi, twin].map((page) => statusOf(page)));
    expect(new Set(digests.map(({ boardDigest }) => boardDigest)).size).toBe(1);
    await untilStatus(ada, 'Bo is named', ({ members }) => members.some(({ name }) => name === 'Bo'));
    await Promise.all([bo.close(), chi.close(), twin.close()]);
  });

  it('[SCR-4] is edited by a stock y-webrtc application in both directions, and what that writes wrongly is left out and counted', async () => {
    const stock = await openStock(swarm.profile(3), swarm.server.url);
    const keys = parseScratchLink(link);
    if (!keys.ok) throw new Error(keys.code);
    await stock.evaluate(([room, password]) => stockBoard.join(room, password), [
      roomName(keys.value),
      roomPassword(keys.value),
    ] as const);
    await stock.waitForFunction(() => stockBoard.titles().includes('of ada'));
    await stock.evaluate(() => stockBoard.addCard('To do', 'of stock'));
    await waitUntil(async () => titlesOf(await boardOf(ada)).includes('of stock'), {
      timeoutMs: TIMEOUT_MS,
      what: 'the card of stock',
    });
    await apply(ada, { type: 'addCard', columnId: await firstColumn(ada), title: 'back to stock' });
    await stock.waitForFunction(() => stockBoard.titles().includes('back to stock'));
    await stock.evaluate(() => stockBoard.scribble());
    await untilStatus(ada, 'two cards are left out', ({ scratch }) => scratch?.skipped.cards === 2);
    await ada.getByText('Left out: 2 cards.').waitFor();
    expect((await statusOf(ada)).scratch?.notices).toEqual(['scratchSkipped']);
    await stock.close();
  });

  it('[SCR-10] survives a reload, and edits made offline on both sides are merged', async () => {
    const bo = await swarm.open(1, `/#/b/${boardId}`);
    await untilStatus(bo, 'both are here', ({ links }) => links.length === 1);
    const before = (await statusOf(ada)).boardDigest;
    await waitUntil(async () => (await statusOf(bo)).boardDigest === before, {
      timeoutMs: TIMEOUT_MS,
      what: 'one board',
    });
    await bo.close();
    await swarm.profile(0).setOffline(true);
    await apply(ada, { type: 'addCard', columnId: await firstColumn(ada), title: 'while away' });
    await swarm.profile(0).setOffline(false);
    await ada.close();
    const bo2 = await swarm.open(1, `/#/b/${boardId}`);
    await apply(bo2, { type: 'addCard', columnId: await firstColumn(bo2), title: 'meanwhile' });
    ada = await swarm.open(0, `/#/b/${boardId}`);
    await ada.getByText(LABEL).waitFor();
    for (const page of [ada, bo2])
      await waitUntil(
        async () => {
          const titles = titlesOf(await boardOf(page));
          return titles.includes('while away') && titles.includes('meanwhile');
        },
        { timeoutMs: TIMEOUT_MS, what: 'both edits' },
      );
    await bo2.close();
  });

  it('[SCR-14] becomes a full board that holds everything, while it stays as it is', async () => {
    const columnId = await firstColumn(ada);
    const card = await applyOne(ada, { type: 'addCard', columnId, title: 'rich', position: 1 });
    const changes = { notes: 'two\nlines', labels: ['red', 'blue'], due: '2026-12-24' };
    await apply(ada, { type: 'updateCard', cardId: card, changes });
    await apply(ada, { type: 'addComment', cardId: card, text: 'a remark' });
    const gone = await applyOne(ada, { type: 'addCard', columnId, title: 'put away' });
    await apply(ada, { type: 'archiveCard', cardId: gone });
    const scratch = await boardOf(ada);
    await ada.getByRole('button', { name: 'Make it a full board' }).click();
    await ada.getByText('Brought over from a scratch board on').waitFor();
    const full = await statusOf(ada);
    expect(full.role).toBe('owner');
    const creator = full.memberId;
    const { broughtOver, ...board } = await boardOf(ada);
    // Who archived a card is known where entries are signed: whoever brought it over.
    const archive = scratch.archive.map((one) => ({ ...one, by: [creator] }));
    expect(board).toEqual({ ...scratch, archive } satisfies BoardSnapshot);
    expect(Math.abs(Number(broughtOver) - Date.now())).toBeLessThan(120_000);
    expect(full.pending.unacknowledged).toBeGreaterThan(0);

    const newcomer = await swarm.open(2, '/#/');
    await join(newcomer, await inviteFrom(ada), 'Chi');
    expect(await boardOf(newcomer)).toEqual(await boardOf(ada));
    await newcomer.close();

    await ada.evaluate((id) => tabswarm.openBoard(id), boardId);
    expect(await boardOf(ada)).toEqual(scratch);
    const { scratch: facts } = await statusOf(ada);
    expect(facts?.fullBoardId).toBe(full.boardId);
    await ada.getByRole('link', { name: 'Go to the full board made from it' }).waitFor();
  });

  it('[SCR-15] is listed on Home as what it is, and erased for good when left so', async () => {
    await ada.goto('/#/');
    await ready(ada);
    const entry = ada
      .getByRole('listitem')
      .filter({ hasText: 'Sketch' })
      .filter({ hasText: 'Scratch board' });
    await entry.waitFor();
    expect(await ada.evaluate(() => tabswarm.boards().filter(({ scratch }) => scratch === true).length)).toBe(
      1,
    );
    await entry.getByRole('button', { name: 'Leave Sketch' }).click();
    await ada.getByRole('button', { name: 'Leave and erase it here' }).click();
    await waitUntil(
      async () => ada.evaluate((id) => tabswarm.boards().every((one) => one.boardId !== id), boardId),
      {
        timeoutMs: TIMEOUT_MS,
        what: 'the board to be gone',
      },
    );
    const kept = await ada.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const request = indexedDB.open('tabswarm');
          request.onsuccess = () => {
            const count = request.result.transaction('scratch').objectStore('scratch').count();
            count.onsuccess = () => resolve(count.result);
          };
        }),
    );
    expect(kept).toBe(0);
  });
});
