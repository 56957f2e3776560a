/**
 * Takes the pictures in docs/screenshots: Home, Board, Share and Decisions of a real board with three people on it, in light, dark and at a phone's
 * width. `npm run screenshots`; the pictures are to be looked at before they are committed.
 */
import { mkdir } from 'node:fs/promises';
import { join as joinPath } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { startAppServer } from './app-server.ts';
import { launchBrowser } from './browser.ts';
import { apply, applyOne, boardOf, inviteFrom, join, ready, statusOf } from './tab.ts';
import { waitUntil } from './wait-until.ts';

const FOLDER = 'docs/screenshots';
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

const LOOKS: readonly (readonly [name: string, options: BrowserContextOptions])[] = [
  ['light', { viewport: DESKTOP, colorScheme: 'light' }],
  ['dark', { viewport: DESKTOP, colorScheme: 'dark' }],
  ['phone', { viewport: PHONE, colorScheme: 'light', hasTouch: true, isMobile: true, deviceScaleFactor: 2 }],
];

const CARDS: readonly (readonly [
  column: number,
  title: string,
  labels: readonly string[],
  due: string | null,
])[] = [
  [0, 'Write the invitation text', ['words'], null],
  [0, 'Ask the library for the big room', ['venue'], '2026-12-04'],
  [0, 'Print 40 name tags', [], null],
  [1, 'Try the projector with an old laptop', ['venue', 'tech'], '2026-11-27'],
  [1, 'Collect recipes for the buffet', ['food'], null],
  [2, 'Pick a date', [], null],
  [2, 'Find three speakers', ['people'], null],
];

async function fill(page: Page): Promise<void> {
  await page.evaluate(() => tabswarm.createBoard({ title: 'Winter meet-up', template: 'blank' }));
  for (const { id } of (await boardOf(page)).columns)
    await apply(page, { type: 'removeColumn', columnId: id });
  const columns: string[] = [];
  for (const title of ['To do', 'Doing', 'Done'])
    columns.push(await applyOne(page, { type: 'addColumn', title }));
  for (const [column, title, labels, due] of CARDS) {
    const cardId = await applyOne(page, { type: 'addCard', columnId: columns[column] ?? '', title });
    await apply(page, { type: 'updateCard', cardId, changes: { labels, due } });
  }
}

/** Something to decide for whoever comes: one proposal that the others have answered, and one that nobody has. */
async function proposeAs(page: Page, other: Page): Promise<void> {
  const propose = (by: Page, title: string, body: string): Promise<string> =>
    by.evaluate(async ([asked, text]) => (await tabswarm.propose({ title: asked, body: text })).proposalId, [
      title,
      body,
    ] as const);
  const room = await propose(
    page,
    'Meet in the library',
    'It costs nothing on Tuesdays and has a projector. We would have to leave at nine.',
  );
  await propose(other, 'Ask everybody for two euros', 'For tea, cups and the name tags.');
  for (const [tab, choice, reason] of [
    [page, 'approve', ''],
    [other, 'reject', 'I cannot come on Tuesdays.'],
  ] as const) {
    await waitUntil(
      () =>
        tab.evaluate(
          (id) => tabswarm.proposals()?.proposals.some(({ proposalId }) => proposalId === id),
          room,
        ),
      { timeoutMs: 60_000, what: 'a proposal to vote on' },
    );
    await tab.evaluate(([id, said, why]) => tabswarm.vote(id, said, { reason: why }), [
      room,
      choice,
      reason,
    ] as const);
  }
}

async function shoot(page: Page, look: string, name: string): Promise<void> {
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.screenshot({ path: joinPath(FOLDER, `${name}-${look}.png`) });
}

/**
 * Decisions of a board of their own, with five people who all stay: whoever joins has a durable seat in the committee, so nobody may leave
 * between two pictures.
 */
async function pictureDecisions(
  open: (options: BrowserContextOptions) => Promise<Page>,
  first: Page,
  second: Page,
): Promise<void> {
  await fill(first);
  const link = await inviteFrom(first, { uses: 20 });
  const boardId = await join(second, link, 'Bo Lindqvist');
  const pages = await Promise.all(LOOKS.map(([, options]) => open(options)));
  for (const [at, name] of ['Chi Tanaka', 'Dina Marsh', 'Elif Demir'].entries()) {
    const page = pages[at];
    if (page !== undefined) await join(page, link, name);
  }
  for (const page of [first, second, ...pages])
    await waitUntil(
      async () => {
        const { committee } = await statusOf(page);
        return committee?.n === 5 && committee.seated && committee.hasQuorum;
      },
      { timeoutMs: 60_000, what: 'a committee of five' },
    );
  await proposeAs(first, second);
  for (const [at, [look]] of LOOKS.entries()) {
    const page = pages[at];
    if (page === undefined) continue;
    await page.goto(`/#/b/${boardId}/decisions`);
    await page.getByText('I cannot come on Tuesdays.').waitFor({ state: 'attached' });
    await shoot(page, look, 'decisions');
  }
}

async function main(): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const server = await startAppServer();
  const browser = await launchBrowser();
  try {
    const open = async (options: BrowserContextOptions): Promise<Page> => {
      const page = await (await browser.newContext({ baseURL: server.url, ...options })).newPage();
      await page.goto('/');
      await ready(page);
      return page;
    };
    const first = await open({ viewport: DESKTOP });
    await first.evaluate(() => tabswarm.setName('Ada Okafor'));
    await fill(first);
    const link = await inviteFrom(first, { uses: 20 });
    const second = await open({ viewport: DESKTOP });
    await join(second, link, 'Bo Lindqvist');
    for (const [look, options] of LOOKS) {
      const page = await open(options);
      const boardId = await join(page, link, 'Chi Tanaka');
      await waitUntil(async () => (await statusOf(page)).members.filter(({ online }) => online).length >= 3, {
        timeoutMs: 60_000,
        what: 'three people online',
      });
      await page.goto(`/#/b/${boardId}`);
      await page.getByText('Pick a date').waitFor({ state: 'attached' });
      // What others are at and what one may do comes with the next look at the status.
      await page.getByRole('button', { name: 'Add column' }).waitFor({ state: 'attached' });
      await page.getByRole('list', { name: 'Here now' }).getByRole('listitem').nth(2).waitFor();
      await shoot(page, look, 'board');
      await page.goto(`/#/b/${boardId}/share`);
      await page.getByRole('button', { name: 'Make link' }).click();
      await page.getByRole('button', { name: /copy/i }).waitFor();
      await page.getByText(/scan/i).waitFor();
      await shoot(page, look, 'share');
      await page.goto('/#/');
      await page.getByRole('heading', { name: 'Your boards' }).waitFor();
      await shoot(page, look, 'home');
      await page.context().close();
    }
    await pictureDecisions(open, first, second);
  } finally {
    await browser.close();
    await server.stop();
  }
}

await main();
