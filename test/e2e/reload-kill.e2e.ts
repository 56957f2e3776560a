/** Tabs that are reloaded come back as who they were; tabs that are killed are noticed, and the others close ranks. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { linksBy, statusesOf, untilAgreed, untilMeshed } from '../support/agreement.ts';
import { killTab } from '../support/kill-tab.ts';
import { mostLinks, recordedLinks, recordLinks } from '../support/link-recorder.ts';
import { reportFigure } from '../support/report-figure.ts';
import { startSwarm, type Swarm } from '../support/swarm.ts';
import { apply, boardOf, firstColumn, inviteFrom, join, ready, statusOf } from '../support/tab.ts';
import { waitUntil } from '../support/wait-until.ts';

const TABS = 8;
/** DESIGN section 7: the upper bound for noticing that a peer is gone. */
const NOTICED_WITHIN_MS = 10_000;

let swarm: Swarm;
let pages: Page[] = [];

beforeAll(async () => {
  swarm = await startSwarm({ profiles: TABS });
  const owner = await swarm.open(0);
  const url = await inviteFrom(owner, { uses: TABS });
  const others = await Promise.all(
    Array.from({ length: TABS - 1 }, async (_, index) => {
      const page = await swarm.open(index + 1, '/#/');
      await join(page, url, `Peer ${index + 1}`);
      return page;
    }),
  );
  pages = [owner, ...others];
  await untilMeshed(pages, 3);
});

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles()).toEqual([]);
});

describe('a reload', () => {
  it('of every tab, one after the other, keeps who each is and all they made', async () => {
    const column = await firstColumn(pages[0] as Page);
    const titles: string[] = [];
    for (const [index, page] of pages.entries()) {
      const before = await statusOf(page);
      titles.push(`just before reload ${index}`);
      await apply(page, { type: 'addCard', columnId: column, title: `just before reload ${index}` });
      await page.reload();
      await ready(page);
      const after = await statusOf(page);
      expect(after.peerId).toBe(before.peerId);
      expect(after.memberId).toBe(before.memberId);
      expect(after.boardId).toBe(before.boardId);
      titles.push(`just after reload ${index}`);
      await apply(page, { type: 'addCard', columnId: column, title: `just after reload ${index}` });
    }
    await untilAgreed(pages, titles);
    await untilMeshed(pages, 3);
  });

  it('of all tabs at once loses nothing either', async () => {
    const before = await Promise.all(pages.map((page) => boardOf(page)));
    const ids = (await statusesOf(pages)).map(({ peerId }) => peerId);
    await Promise.all(
      pages.map(async (page) => {
        await page.reload();
        await ready(page);
      }),
    );
    expect((await statusesOf(pages)).map(({ peerId }) => peerId)).toEqual(ids);
    expect(await Promise.all(pages.map((page) => boardOf(page)))).toEqual(before);
    await untilMeshed(pages, 3);
    await untilAgreed(pages);
  });
});

describe('edits on two sides that cannot reach each other', () => {
  it('meet in all eight tabs when these are open again', async () => {
    const { boardId } = await statusOf(pages[0] as Page);
    const path = `/#/b/${String(boardId)}`;
    await Promise.all(pages.map((page) => page.close()));
    const titles: string[] = [];
    for (const side of [1, 6]) {
      const alone = await swarm.open(side, path);
      const columnId = await firstColumn(alone);
      for (const word of ['first', 'second', 'third']) {
        titles.push(`${word} of side ${side}`);
        await apply(alone, { type: 'addCard', columnId, title: `${word} of side ${side}` });
      }
      expect((await statusOf(alone)).reachablePeers).toBe(0);
      await alone.close();
    }
    pages = await Promise.all(Array.from({ length: TABS }, (_, index) => swarm.open(index, path)));
    await untilAgreed(pages, titles);
    await untilMeshed(pages, 3);
  });
});

describe('a killed tab', () => {
  it('is noticed by its neighbours, who mesh again without it', async () => {
    await Promise.all(pages.map((page) => recordLinks(page)));
    const victim = pages.pop() as Page;
    const { peerId } = await statusOf(victim);
    const had = [...linksBy(await statusesOf(pages)).values()].filter((links) => links.includes(peerId));
    expect(had.length).toBeGreaterThanOrEqual(3);
    const killedAt = performance.timeOrigin + performance.now();
    await killTab(victim);
    await waitUntil(
      async () =>
        (await statusesOf(pages)).every(({ links }) => links.every((link) => link.peerId !== peerId)),
      { timeoutMs: 60_000, what: 'its links to end', everyMs: 50 },
    );
    const recorded = await Promise.all(pages.map((page) => recordedLinks(page)));
    const lastSeen = recorded.map((samples) => {
      const last = samples.findLastIndex(({ links }) => links.includes(peerId));
      return last < 0 ? 0 : (samples[last + 1]?.at ?? Infinity) - killedAt;
    });
    reportFigure('a killed tab noticed by its last neighbour', Math.max(...lastSeen), 'ms');
    expect(Math.max(...lastSeen)).toBeLessThan(NOTICED_WITHIN_MS);
    await untilMeshed(pages, 3);
    const [first] = pages;
    if (first === undefined) throw new Error('the owner is left');
    await apply(first, { type: 'addCard', columnId: await firstColumn(first), title: 'after the kill' });
    await untilAgreed(pages, ['after the kill']);
    for (const page of pages) expect(mostLinks(await recordedLinks(page))).toBeLessThanOrEqual(5);
  });
});
