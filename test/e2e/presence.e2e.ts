/** Goal: in real tabs, one sees within a second which card somebody opens, and nothing of those who are gone. Method: three profiles. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { untilMeshed } from '../support/agreement.ts';
import { killTab } from '../support/kill-tab.ts';
import { reportFigure } from '../support/report-figure.ts';
import { startSwarm, type Swarm } from '../support/swarm.ts';
import { apply, firstColumn, inviteFrom, join } from '../support/tab.ts';
import { waitUntil } from '../support/wait-until.ts';

const SEEN_WITHIN_MS = 1_000;
/** DESIGN section 7: the upper bound for noticing that a peer is gone. */
const GONE_WITHIN_MS = 10_000;
const TITLE = 'Buy the paint';

let swarm: Swarm;
let owner: Page;
let others: Page[] = [];

beforeAll(async () => {
  swarm = await startSwarm({ profiles: 3 });
  owner = await swarm.open(0);
  const url = await inviteFrom(owner, { uses: 2 });
  others = await Promise.all(
    ['Ada', 'Bo'].map(async (name, at) => {
      const page = await swarm.open(at + 1, '/#/');
      await join(page, url, name);
      return page;
    }),
  );
  await apply(owner, { type: 'addCard', columnId: await firstColumn(owner), title: TITLE });
  await untilMeshed([owner, ...others], 2);
});

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles()).toEqual([]);
});

/** Writes down, by this machine's clock, when the words first were on a card of `page`; the marks are in shadow roots. */
async function watch(page: Page, words: string): Promise<void> {
  await page.evaluate((wanted) => {
    const seen = (root: ParentNode): boolean =>
      [...root.querySelectorAll('*')].some(
        (each) =>
          each.getAttribute('aria-label') === wanted || (each.shadowRoot !== null && seen(each.shadowRoot)),
      );
    const noted = globalThis as { seenAt?: number | undefined };
    noted.seenAt = undefined;
    const look = (): void => {
      if (seen(document)) noted.seenAt = performance.timeOrigin + performance.now();
      else requestAnimationFrame(look);
    };
    look();
  }, words);
}

const seenAt = (page: Page): Promise<number> =>
  waitUntil(() => page.evaluate(() => (globalThis as { seenAt?: number | undefined }).seenAt), {
    timeoutMs: 20_000,
    what: 'the mark',
    everyMs: 50,
  });

const presences = (page: Page): Promise<number> => page.evaluate(() => tabswarm.presence.others().length);

describe('a card that somebody opens', () => {
  it('is marked in the other tabs within a second, and until its tab is killed', async () => {
    const [ada, bo] = others as [Page, Page];
    const label = 'Ada has this card open';
    for (const page of [owner, bo]) {
      await page.getByText(TITLE).first().waitFor();
      await watch(page, label);
    }
    const face = ada.locator('ts-column').getByRole('button', { name: TITLE, exact: true });
    await face.waitFor();
    const openedAt = await face.evaluate((element) => {
      (element as HTMLElement).click();
      return performance.timeOrigin + performance.now();
    });
    const took = (await Promise.all([owner, bo].map(seenAt))).map((at) => at - openedAt);
    reportFigure('a card opened in one tab is marked in the others', Math.max(...took), 'ms');
    expect(Math.max(...took)).toBeLessThan(SEEN_WITHIN_MS);

    await ada.locator('ts-card-sheet textarea.title').focus();
    await waitUntil(
      async () => {
        const [first] = await bo.evaluate(() => tabswarm.presence.others());
        return first?.doing === 'title';
      },
      { timeoutMs: 5_000, what: 'the title to be edited', everyMs: 50 },
    );

    const killedAt = performance.now();
    await killTab(ada);
    await waitUntil(async () => (await presences(owner)) === 0 && (await presences(bo)) === 0, {
      timeoutMs: 60_000,
      what: 'the dead to vanish',
      everyMs: 50,
    });
    const gone = performance.now() - killedAt;
    reportFigure('the mark of a killed tab vanishes', gone, 'ms');
    expect(gone).toBeLessThan(GONE_WITHIN_MS);
    await waitUntil(async () => (await owner.locator('ts-card ts-mark-row').count()) === 0, {
      timeoutMs: 2_000,
      what: 'the mark to be taken off the card',
      everyMs: 50,
    });
  });
});
