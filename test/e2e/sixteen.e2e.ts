/** Sixteen tabs in sixteen profiles: joining at once, losing half of them at once, and growing while the server is dead. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { isOneComponent, linksBy, statusesOf, untilAgreed, untilMeshed } from '../support/agreement.ts';
import { fairBound, measureShare } from '../support/cpu-share.ts';
import { killTab } from '../support/kill-tab.ts';
import { meshedAt, mostLinks, recordedLinks, recordLinks } from '../support/link-recorder.ts';
import { reportFigure } from '../support/report-figure.ts';
import { SERVER_GONE, startSwarm, type Swarm } from '../support/swarm.ts';
import { apply, directLinks, firstColumn, inviteFrom, join, statusOf } from '../support/tab.ts';
import { waitUntil } from '../support/wait-until.ts';

const TABS = 16;
/** NUMBERS, "Mesh, real tabs", on a machine of its own: half of the tabs killed, one component again. */
const HEALED_WITHIN_MS = 10_000;
/** ... a newcomer is in without the server; the last of four is given twice that. */
const JOINED_WITHIN_MS = 6000;
/** Tabs that come when the server is dead, each of a profile that has a tab in the swarm. */
const LATE = 4;

let swarm: Swarm;
/** By profile, until half of them are killed. */
let pages: Page[] = [];
let late: readonly Page[] = [];

/** Sixteen pages load in half a minute on two idle cores; a busy machine may take several times that. */
const PATIENCE_MS = 240_000;
/** Pages that load at once. */
const LANES = 4;

let url = '';

beforeAll(async () => {
  swarm = await startSwarm({ profiles: TABS });
  const owner = await swarm.open(0);
  url = await inviteFrom(owner, { uses: TABS });
  pages[0] = owner;
  const openSome = async (lane: number): Promise<void> => {
    for (let profile = 1 + lane; profile < TABS; profile += LANES)
      pages[profile] = await swarm.open(profile, '/#/');
  };
  await Promise.all(Array.from({ length: LANES }, (_, lane) => openSome(lane)));
}, PATIENCE_MS);

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles([SERVER_GONE])).toEqual([]);
});

/** A card in the first column, made in `page`; resolves when all of `pages` hold the same and it. */
async function editReachesAll(page: Page, title: string): Promise<void> {
  await apply(page, { type: 'addCard', columnId: await firstColumn(page), title });
  await untilAgreed(pages, [title]);
}

/** Links of every tab over time, by peer. */
async function recordings(): Promise<Map<string, Awaited<ReturnType<typeof recordedLinks>>>> {
  const each = pages.map(async (page) => [(await statusOf(page)).peerId, await recordedLinks(page)] as const);
  return new Map(await Promise.all(each));
}

const now = (): number => performance.timeOrigin + performance.now();

describe('sixteen tabs', { timeout: PATIENCE_MS }, () => {
  it('that join at once are one group, with three to five links each', async () => {
    const others = pages.slice(1);
    await Promise.all(pages.map((page) => recordLinks(page)));
    const shareSoFar = await measureShare(swarm.browser);
    const startedAt = now();
    await Promise.all(others.map((page, index) => join(page, url, `Peer ${index + 1}`)));
    const share = await shareSoFar();
    const statuses = await untilMeshed(pages, 3);
    const recorded = await recordings();
    const connectedMs = (meshedAt(recorded, 1) ?? Infinity) - startedAt;
    reportFigure('share of the machine that was ours', share * 100, '%');
    reportFigure('16 tabs joining at once, one group', connectedMs, 'ms');
    reportFigure(
      '16 tabs joining at once, three links each',
      (meshedAt(recorded, 3) ?? Infinity) - startedAt,
      'ms',
    );
    expect(isOneComponent(linksBy(statuses))).toBe(true);
    for (const [peer, samples] of recorded)
      expect(mostLinks(samples), `links of ${peer.slice(0, 8)}`).toBeLessThanOrEqual(5);
    await untilAgreed(pages);
    await editReachesAll(pages[TABS - 1] as Page, 'by the last of sixteen');
  });

  it('of which half are killed close ranks, and an edit reaches all that are left', async () => {
    const victims = pages.filter((_, index) => index % 2 === 1);
    const gone = (await statusesOf(victims)).map(({ peerId }) => peerId);
    pages = pages.filter((_, index) => index % 2 === 0);
    const shareSoFar = await measureShare(swarm.browser);
    const killedAt = performance.now();
    await Promise.all(victims.map((page) => killTab(page)));
    await waitUntil(
      async () => {
        const statuses = await statusesOf(pages);
        const isClear = statuses.every((status) => !directLinks(status).some((peer) => gone.includes(peer)));
        return isClear && isOneComponent(linksBy(statuses));
      },
      { timeoutMs: 60_000, what: 'one group without the killed', everyMs: 50 },
    );
    const healedMs = performance.now() - killedAt;
    await editReachesAll(pages[0] as Page, 'after half of them were killed');
    const share = await shareSoFar();
    reportFigure('half of 16 tabs killed, one group without them', healedMs, 'ms');
    for (const status of await untilMeshed(pages, 3))
      expect(directLinks(status).length).toBeLessThanOrEqual(5);
    expect(healedMs).toBeLessThan(fairBound(HEALED_WITHIN_MS, share));
  });

  it('take in four more while the signaling server is dead', async () => {
    const { boardId } = await statusOf(pages[0] as Page);
    // Their pages are loaded before: the server that dies also serves the application.
    late = await Promise.all(Array.from({ length: LATE }, (_, index) => swarm.open(2 * index, '/#/')));
    await swarm.server.kill();
    const shareSoFar = await measureShare(swarm.browser);
    const startedAt = performance.now();
    await Promise.all(late.map((page) => page.evaluate((id) => tabswarm.openBoard(id), boardId)));
    pages = [...pages, ...late];
    await waitUntil(
      async () => {
        const statuses = await statusesOf(pages);
        return (
          statuses.every((status) => directLinks(status).length > 0) && isOneComponent(linksBy(statuses))
        );
      },
      { timeoutMs: 60_000, what: 'the late tabs to be in', everyMs: 50 },
    );
    const joinedMs = performance.now() - startedAt;
    const share = await shareSoFar();
    reportFigure('four tabs joined without the server', joinedMs, 'ms');
    await untilMeshed(pages, 3);
    await editReachesAll(late[LATE - 1] as Page, 'by one who came without the server');
    await editReachesAll(pages[0] as Page, 'to those who came without the server');
    const statuses = await statusesOf(pages);
    expect(new Set(statuses.map(({ peerId }) => peerId)).size).toBe(pages.length);
    for (const { signaling } of statuses) expect(signaling).not.toBe('connected');
    expect(joinedMs).toBeLessThan(fairBound(JOINED_WITHIN_MS, share));
  });
});
