/** The signaling server only introduces: without it connected tabs go on, and with it back they find it again. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { linksBy, statusesOf, untilAgreed, untilMeshed } from '../support/agreement.ts';
import { mostLinks, recordedLinks, recordLinks } from '../support/link-recorder.ts';
import { killTab } from '../support/kill-tab.ts';
import { reportFigure } from '../support/report-figure.ts';
import { SERVER_GONE, startSwarm, type Swarm } from '../support/swarm.ts';
import { apply, directLinks, firstColumn, inviteFrom, join, statusOf, untilStatus } from '../support/tab.ts';
import { waitUntil } from '../support/wait-until.ts';

/** With six, a tab has three to five links and can lose one: the mesh is not complete. */
const TABS = 8;

let swarm: Swarm;
let pages: Page[] = [];
let url = '';

beforeAll(async () => {
  swarm = await startSwarm({ profiles: TABS + 1 });
  const owner = await swarm.open(0);
  url = await inviteFrom(owner, { uses: TABS + 1 });
  const others = await Promise.all(
    Array.from({ length: TABS - 1 }, async (_, index) => {
      const page = await swarm.open(index + 1, '/#/');
      await join(page, url, `Peer ${index + 1}`);
      return page;
    }),
  );
  pages = [owner, ...others];
  await untilMeshed(pages, 3);
  for (const page of pages) await recordLinks(page);
});

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles([SERVER_GONE])).toEqual([]);
});

async function editEverywhere(what: string): Promise<void> {
  const column = await firstColumn(pages[0] as Page);
  const titles = pages.map((_, index) => `${what} ${index}`);
  await Promise.all(
    pages.map((page, index) =>
      apply(page, { type: 'addCard', columnId: column, title: titles[index] ?? '' }),
    ),
  );
  await untilAgreed(pages, titles);
}

describe('connected tabs without the signaling server', () => {
  it('notice, keep their links and carry every edit on', async () => {
    const before = linksBy(await statusesOf(pages));
    await swarm.server.kill();
    for (const page of pages)
      await untilStatus(page, 'the loss', ({ signaling }) => signaling !== 'connected');
    await editEverywhere('without server');
    const after = linksBy(await statusesOf(pages));
    for (const [peer, links] of before) expect(after.get(peer)).toEqual(expect.arrayContaining([...links]));
  });

  it('repair their mesh through itself when a tab is killed', async () => {
    const victim = pages.pop() as Page;
    const { peerId } = await statusOf(victim);
    const neighbours = (await statusesOf(pages)).filter((status) =>
      directLinks(status).includes(peerId),
    ).length;
    expect(neighbours).toBeGreaterThanOrEqual(3);
    const at = performance.now();
    await killTab(victim);
    await waitUntil(
      async () =>
        (await statusesOf(pages)).every(({ links }) => links.every((link) => link.peerId !== peerId)),
      { timeoutMs: 30_000, what: 'its links to end', everyMs: 50 },
    );
    reportFigure('a killed tab noticed by all neighbours, server dead', performance.now() - at, 'ms');
    await untilMeshed(pages, 3);
    reportFigure('three links everywhere again, server dead', performance.now() - at, 'ms');
    await editEverywhere('after the kill');
    for (const page of pages) expect(mostLinks(await recordedLinks(page))).toBeLessThanOrEqual(5);
  });

  it('find the server again when it is back, and newcomers can join', async () => {
    await swarm.server.restart();
    const at = performance.now();
    for (const page of pages)
      await untilStatus(page, 'the server again', ({ signaling }) => signaling === 'connected');
    reportFigure('all connected to the restarted server', performance.now() - at, 'ms');
    const newcomer = await swarm.open(TABS, '/#/');
    await join(newcomer, url, 'Newcomer');
    pages.push(newcomer);
    await editEverywhere('with server');
    await untilMeshed(pages, 3);
  });
});
