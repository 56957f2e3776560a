/** Tabs of one browser profile: one member, as many peers as tabs. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { statusesOf, untilAgreed, untilMeshed } from '../support/agreement.ts';
import { SERVER_GONE, startSwarm, type Swarm } from '../support/swarm.ts';
import { apply, boardOf, firstColumn, ready, statusOf, untilStatus } from '../support/tab.ts';

const TABS = 4;

let swarm: Swarm;
let pages: Page[] = [];
let boardId = '';

beforeAll(async () => {
  swarm = await startSwarm({ profiles: 1 });
  const first = await swarm.open(0);
  boardId = (await statusOf(first)).boardId ?? '';
  const others = await Promise.all(Array.from({ length: TABS - 1 }, () => swarm.open(0, `/#/b/${boardId}`)));
  pages = [first, ...others];
});

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles([SERVER_GONE])).toEqual([]);
});

const peerIds = async (): Promise<string[]> => (await statusesOf(pages)).map(({ peerId }) => peerId);

async function editEverywhere(what: string): Promise<void> {
  const column = await firstColumn(pages[0] as Page);
  const titles = pages.map((_, index) => `${what} ${index}`);
  await Promise.all(
    titles.map((title, index) => apply(pages[index] as Page, { type: 'addCard', columnId: column, title })),
  );
  await untilAgreed(pages, titles);
}

describe('four tabs of one profile', () => {
  it('are four peers of one member', async () => {
    await untilMeshed(pages, TABS - 1);
    for (const page of pages)
      await untilStatus(page, 'all four tabs', ({ members }) => members[0]?.peers === TABS);
    const statuses = await statusesOf(pages);
    expect(new Set(statuses.map(({ peerId }) => peerId)).size).toBe(TABS);
    expect(new Set(statuses.map(({ memberId }) => memberId)).size).toBe(1);
    for (const { members, links } of statuses) {
      expect(members.map(({ peers, self }) => ({ peers, self }))).toEqual([{ peers: TABS, self: true }]);
      expect(links.every(({ browserLocal }) => browserLocal)).toBe(true);
    }
    await editEverywhere('by all four');
  });

  it('keep their keys when reloaded, one by one and all at once', async () => {
    const before = await peerIds();
    for (const page of pages) {
      await page.reload();
      await ready(page);
      expect(await peerIds()).toEqual(before);
    }
    await Promise.all(
      pages.map(async (page) => {
        await page.reload();
        await ready(page);
      }),
    );
    expect(await peerIds()).toEqual(before);
    await editEverywhere('after reloads');
  });

  it('get a new peer with a duplicate, which has the memory of the tab it was made from', async () => {
    const before = await peerIds();
    const original = pages[1] as Page;
    const [duplicate] = await Promise.all([
      original.waitForEvent('popup'),
      original.evaluate(() => void open(location.href)),
    ]);
    await duplicate.waitForFunction(() => 'tabswarm' in globalThis);
    await ready(duplicate);
    expect(await duplicate.evaluate(() => Object.keys(sessionStorage))).toEqual(
      await original.evaluate(() => Object.keys(sessionStorage)),
    );
    const { peerId, memberId } = await statusOf(duplicate);
    expect(before).not.toContain(peerId);
    expect(memberId).toBe((await statusOf(original)).memberId);
    expect(await peerIds()).toEqual(before);
    pages.push(duplicate);
    await editEverywhere('with the duplicate');
    await duplicate.reload();
    await ready(duplicate);
    expect((await statusOf(duplicate)).peerId).toBe(peerId);
    pages.pop();
    await duplicate.close();
  });

  it('find each other and share edits while the server is dead', async () => {
    await Promise.all(
      pages.map(async (page) => {
        await page.evaluate(() => (location.hash = '#/'));
        await page.reload();
        await ready(page);
      }),
    );
    const before = await boardOf(await openOn(pages[0] as Page));
    await swarm.server.kill();
    await Promise.all(pages.slice(1).map((page) => openOn(page)));
    await untilMeshed(pages, 2);
    await editEverywhere('without server');
    expect((await boardOf(pages[3] as Page)).columns.length).toBe(before.columns.length);
    for (const { signaling } of await statusesOf(pages)) expect(signaling).not.toBe('connected');
  });
});

async function openOn(page: Page): Promise<Page> {
  await page.evaluate((id) => tabswarm.openBoard(id), boardId);
  return page;
}
