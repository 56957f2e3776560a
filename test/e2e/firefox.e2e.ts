/** A tab in Firefox and three in Chromium are one swarm: edits flow both ways. Where no Firefox is to be had, the runner leaves this file out and says so. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isOneComponent, linksBy, untilAgreed, untilMeshed } from '../support/agreement.ts';
import { openFirefox, type DrivenTab } from '../support/driven-tab.ts';
import { findFirefox, NO_FIREFOX } from '../support/find-browser.ts';
import { reportFigure } from '../support/report-figure.ts';
import { startSwarm, type Swarm } from '../support/swarm.ts';
import {
  apply,
  boardOf,
  cardsOf,
  firstColumn,
  inviteFrom,
  join,
  statusOf,
  type Tab,
} from '../support/tab.ts';

const CHROMIUM_TABS = 3;

let swarm: Swarm;
let firefox: DrivenTab;
/** The last one is in Firefox. */
let tabs: readonly Tab[] = [];

beforeAll(async () => {
  const path = await findFirefox();
  if (path === undefined) throw new Error(NO_FIREFOX);
  swarm = await startSwarm({ profiles: CHROMIUM_TABS });
  firefox = await openFirefox(path, `${swarm.server.url}/#/`);
});

afterAll(async () => {
  await firefox.close();
  await swarm.close();
});

afterEach(() => {
  expect(swarm.troubles()).toEqual([]);
  expect(firefox.troubles).toEqual([]);
});

describe('a tab in Firefox', () => {
  it('joins a swarm of Chromium tabs and is linked with them', async () => {
    const owner = await swarm.open(0);
    const url = await inviteFrom(owner, { uses: CHROMIUM_TABS });
    const others = await Promise.all([1, 2].map((profile) => swarm.open(profile, '/#/')));
    tabs = [owner, ...others, firefox.tab];
    const before = performance.now();
    await Promise.all([...others, firefox.tab].map((tab, index) => join(tab, url, `Peer ${index}`)));
    const statuses = await untilMeshed(tabs, CHROMIUM_TABS);
    reportFigure('three Chromium tabs and one in Firefox meshed', performance.now() - before, 'ms');
    expect(isOneComponent(linksBy(statuses))).toBe(true);
    expect(await firefox.tab.evaluate(() => navigator.userAgent)).toContain('Firefox');
    await untilAgreed(tabs);
  });

  it('sees what is done in Chromium, and Chromium what is done in it', async () => {
    const column = await firstColumn(firefox.tab);
    const titles = tabs.map((_, index) => `by tab ${index}`);
    await Promise.all(
      tabs.map((tab, index) =>
        apply(tab, { type: 'addCard', columnId: column, title: `by tab ${index}`, position: 'top' }),
      ),
    );
    await untilAgreed(tabs, titles);
    const card = cardsOf(await boardOf(tabs[0] as Tab)).find(({ title }) => title === 'by tab 0');
    const cardId = card?.id ?? '';
    await apply(firefox.tab, { type: 'updateCard', cardId, changes: { title: 'renamed in Firefox' } });
    await untilAgreed(tabs, ['renamed in Firefox']);
    const boards = await Promise.all(tabs.map((tab) => boardOf(tab)));
    for (const board of boards) expect(board).toEqual(boards[0]);
    expect((await statusOf(firefox.tab)).members).toHaveLength(tabs.length);
  });
});
