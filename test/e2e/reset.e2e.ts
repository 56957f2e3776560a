/**
 * Two of four real tabs never come back: the board's maker begins the committee anew, the other follows, decisions go on, and whoever comes back later sees it. Rules NOD-65
 * and NOD-66. By script, since the dialog offers it after five minutes without a quorum only (DEC-14, test/ui/decisions.e2e.ts).
 */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startSwarm, type Swarm } from '../support/swarm.ts';
import { inviteFrom, join, PATIENCE_MS, untilStatus } from '../support/tab.ts';
import { waitUntil } from '../support/wait-until.ts';

let swarm: Swarm;
let ada: Page;
let bo: Page;
let boardId = '';

beforeAll(async () => {
  swarm = await startSwarm({ profiles: 4 });
  ada = await swarm.open(0);
  await ada.evaluate(() => tabswarm.setName('Ada'));
  const url = await inviteFrom(ada, { uses: 3 });
  const others = await Promise.all(
    ['Bo', 'Chi', 'Di'].map(async (name, index) => {
      const page = await swarm.open(index + 1, '/#/');
      boardId = await join(page, url, name);
      return page;
    }),
  );
  bo = others[0] as Page;
  for (const page of [ada, ...others])
    await untilStatus(
      page,
      'a committee of four',
      ({ committee }) => committee?.n === 4 && committee.seated && committee.hasQuorum,
      2 * PATIENCE_MS,
    );
  // Chi's tab is closed and comes back much later; Di's whole profile is gone.
  await others[1]?.close();
  await swarm.profile(3).close();
}, 6 * PATIENCE_MS);

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles()).toEqual([]);
});

const openDecisions = async (page: Page): Promise<void> => {
  await page.goto(`/#/b/${boardId}/decisions`);
  await page.getByRole('heading', { name: 'Committee', exact: true }).waitFor();
};

const untilKnown = (page: Page, title: string): Promise<unknown> =>
  waitUntil(
    () => page.evaluate((named) => tabswarm.proposals()?.proposals.some((one) => one.title === named), title),
    { timeoutMs: 2 * PATIENCE_MS, what: `“${title}” in a tab`, everyMs: 100 },
  );

describe('a committee that lost its quorum for good', () => {
  it(
    '[NOD-65] is begun anew by whoever made the board, and decides again with whoever is there',
    async () => {
      for (const page of [ada, bo])
        await untilStatus(page, 'no quorum', ({ committee }) => committee?.hasQuorum === false);
      await ada.evaluate(() => tabswarm.propose({ title: 'Asked in between' }));
      await ada.evaluate(() => tabswarm.resetCommittee());
      await openDecisions(ada);
      await ada.getByText('Ada began the committee anew, with 2 of 4 seats').waitFor();
      for (const page of [ada, bo]) {
        await untilStatus(
          page,
          'a new committee of two',
          ({ committee }) =>
            committee?.n === 2 && committee.seated && committee.hasQuorum && committee.resets === 1,
          2 * PATIENCE_MS,
        );
        await untilKnown(page, 'Asked in between');
      }
      await bo.evaluate(() => tabswarm.propose({ title: 'Asked afterwards' }));
      for (const page of [ada, bo]) await untilKnown(page, 'Asked afterwards');
    },
    8 * PATIENCE_MS,
  );

  it('[NOD-65] shows in every certificate from then on', async () => {
    const verdict = await bo.evaluate(async () => {
      const last = tabswarm.decisions().at(-1);
      if (last === undefined) throw new Error('nothing was decided');
      return tabswarm.verifyCertificate(await tabswarm.certificate(last.sequence, last.place));
    });
    expect(verdict).toMatchObject({ valid: true, claim: { resets: 1, n: 2 } });
  });

  it(
    '[NOD-66] is followed by a tab that comes back later, whose Decisions page says what happened',
    async () => {
      const chi = await swarm.open(2, `/#/b/${boardId}`);
      await untilStatus(
        chi,
        'Chi follows and has a seat',
        ({ committee }) => committee?.resets === 1 && committee.n === 3 && committee.seated,
        3 * PATIENCE_MS,
      );
      await untilKnown(chi, 'Asked afterwards');
      await openDecisions(chi);
      await chi.getByText('Ada began the committee anew, with 2 of 4 seats').waitFor();
    },
    6 * PATIENCE_MS,
  );
});
