/**
 * A committee of real tabs goes on while tabs are loaded anew in the middle of decisions, and when the tab that leads is killed, and as many more as it bears.
 * Rules NOD-50 to NOD-60. Four tabs, each loaded anew once; `COMMITTEE_TABS` and `COMMITTEE_RELOADS` ask for more (docs/benchmarks.md).
 */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { killTab } from '../support/kill-tab.ts';
import { reportFigure } from '../support/report-figure.ts';
import { startSwarm, type Swarm } from '../support/swarm.ts';
import { quorumsOf } from '../../src/consensus/quorum.ts';
import { inviteFrom, join, PATIENCE_MS, ready, statusOf, untilStatus } from '../support/tab.ts';
import { waitUntil } from '../support/wait-until.ts';

const TABS = Number(process.env['COMMITTEE_TABS'] ?? 4);
/** How often tabs are loaded anew, in turn. */
const RELOADS = Number(process.env['COMMITTEE_RELOADS'] ?? TABS);
/** For what is done once for each tab: twelve on two cores take their time. */
const LONG_MS = PATIENCE_MS * Math.max(2, Math.ceil(TABS / 2));
/** Decisions one after the other. */
const IN_A_ROW = 30;

const { faults, quorum } = quorumsOf(TABS);

let swarm: Swarm;
let pages: Page[] = [];

const untilSeated = async (): Promise<void> => {
  for (const page of pages)
    await untilStatus(
      page,
      `a committee of ${TABS}`,
      ({ committee }) => committee?.n === TABS && committee.seated && committee.hasQuorum,
      LONG_MS,
    );
};

beforeAll(async () => {
  swarm = await startSwarm({ profiles: TABS });
  const ada = await swarm.open(0);
  await ada.evaluate(() => tabswarm.setName('Ada'));
  const url = await inviteFrom(ada, { uses: TABS - 1 });
  const begun = performance.now();
  const others = await Promise.all(
    Array.from({ length: TABS - 1 }, async (_, index) => {
      const page = await swarm.open(index + 1, '/#/');
      await join(page, url, `Tab ${index + 1}`);
      return page;
    }),
  );
  pages = [ada, ...others];
  await untilSeated();
  reportFigure(`${TABS} tabs that join at once, until all have seats`, performance.now() - begun, 'ms');
  const { committee } = await statusOf(ada);
  expect(committee).toMatchObject({ n: TABS, f: faults, quorum });
}, 2 * LONG_MS);

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles()).toEqual([]);
});

const propose = (page: Page, title: string): Promise<string> =>
  page.evaluate(async (text) => (await tabswarm.propose({ title: text })).proposalId, title);

const loadAnew = async (page: Page): Promise<void> => {
  await page.reload();
  await ready(page);
};

interface Told {
  readonly executed: number;
  /** Titles and ids of all proposals, and by place in the order what was decided there: what has to be the same everywhere. */
  readonly proposals: readonly string[];
  readonly decided: readonly (readonly [place: string, what: string])[];
}

const told = (page: Page): Promise<Told> =>
  page.evaluate(() => ({
    executed: tabswarm.status().committee?.lastExecuted ?? 0,
    proposals: (tabswarm.proposals()?.proposals ?? [])
      .map(({ proposalId, title }) => `${proposalId} ${title}`)
      .sort(),
    decided: tabswarm
      .decisions()
      .map(({ sequence, place, kind, at, memberId, refusal, proposalId }) => [
        `${sequence}/${place}`,
        JSON.stringify([kind, at, memberId, refusal, proposalId]),
      ]),
  }));

/** Places at which two tabs tell different things. A tab that took over a state does not know what led to it, so some places may be missing. */
const contradictions = (all: readonly Told[]): readonly string[] => {
  const known = new Map<string, string>();
  return all.flatMap(({ decided }) =>
    decided.flatMap(([place, what]) => {
      const other = known.get(place) ?? what;
      known.set(place, other);
      return other === what ? [] : [`${place}: ${what}, ${other}`];
    }),
  );
};

/** Resolves when all tabs have executed equally far and know the same proposals, these among them. What they tell of the order has no contradiction. */
const untilOneOrder = async (proposals: readonly string[]): Promise<void> => {
  const all = await waitUntil(
    async () => {
      const each = await Promise.all(pages.map(told));
      const states = new Set(each.map((one) => `${one.executed} ${one.proposals.join()}`));
      const [first = ''] = states;
      return states.size === 1 && proposals.every((id) => first.includes(id)) ? each : undefined;
    },
    { timeoutMs: LONG_MS, what: 'one state in all tabs', everyMs: 100 },
  );
  expect(contradictions(all)).toEqual([]);
  expect(all.every(({ decided }) => decided.length > 0)).toBe(true);
};

/** Takes back what was proposed, where all know it: a group has room for so many open proposals only. */
const withdrawnIn = async (proposals: readonly string[]): Promise<string[]> => {
  await untilOneOrder(proposals);
  for (const page of pages)
    await page.evaluate(async (ids) => {
      const { memberId: self } = tabswarm.status();
      for (const { proposalId, memberId } of tabswarm.proposals()?.proposals ?? [])
        if (memberId === self && ids.includes(proposalId)) await tabswarm.withdraw(proposalId);
    }, proposals);
  return [];
};

describe('a committee of real tabs', () => {
  it('[NOD-53] decides one thing after the other', async () => {
    const [ada] = pages as [Page];
    const proposalId = await propose(ada, 'Tea or coffee');
    await untilOneOrder([proposalId]);
    const took = await ada.evaluate(
      async ([id, times]) => {
        const all: number[] = [];
        for (let i = 0; i < times; i += 1) {
          const { lastExecuted = 0 } = tabswarm.status().committee ?? {};
          const begun = performance.now();
          const decided = new Promise<void>((resolve) => {
            const stop = tabswarm.on('decision', () => {
              const own = tabswarm.decisions({ since: lastExecuted + 1 }).find((one) => one.own);
              if (own?.kind !== 'castBallot') return;
              stop();
              resolve();
            });
          });
          await tabswarm.vote(id, i % 2 === 0 ? 'approve' : 'reject');
          await decided;
          all.push(performance.now() - begun);
        }
        return all.sort((a, b) => a - b);
      },
      [proposalId, IN_A_ROW] as const,
    );
    expect(took.length).toBe(IN_A_ROW);
    reportFigure('a vote to its decision, median', took[IN_A_ROW / 2] ?? NaN, 'ms');
    reportFigure('a vote to its decision, longest', took.at(-1) ?? NaN, 'ms');
    await untilOneOrder([proposalId]);
  });

  it('[NOD-52, NOD-59] loses nothing when each tab in turn is loaded anew while something is being decided', async () => {
    const peers = await Promise.all(pages.map(async (page) => (await statusOf(page)).peerId));
    let proposals: string[] = [];
    for (let at = 0; at < RELOADS; at++) {
      if (at > 0 && at % TABS === 0) proposals = await withdrawnIn(proposals);
      const [page, other] = [at, at + 1].map((index) => pages[index % TABS]) as [Page, Page];
      // What the tab itself asks for is on its disk; what another asks for meets a tab that is just loading.
      proposals.push(await propose(page, `by the tab that goes, ${at}`));
      const [, id] = await Promise.all([loadAnew(page), propose(other, `meanwhile, ${at}`)]);
      proposals.push(id);
      await untilStatus(page, 'its seat again', ({ committee }) => committee?.seated === true, PATIENCE_MS);
    }
    await untilSeated();
    await untilOneOrder(proposals);
    expect(await Promise.all(pages.map(async (page) => (await statusOf(page)).peerId))).toEqual(peers);
  });

  it('[NOD-53] goes on when the tab that leads is killed, and then as many as it bears', async () => {
    const before = (await statusOf(pages[0] as Page)).committee;
    for (let killed = 1; killed <= faults; killed++) {
      const { committee } = await statusOf(pages[0] as Page);
      const peers = await Promise.all(pages.map(async (page) => (await statusOf(page)).peerId));
      const leader = pages[peers.indexOf(committee?.primary ?? '')];
      if (leader === undefined) throw new Error('nobody leads');
      pages = pages.filter((page) => page !== leader);
      await killTab(leader);
      const begun = performance.now();
      const id = await propose(pages[0] as Page, `Without ${killed} that led`);
      await untilOneOrder([id]);
      reportFigure(`a decision after ${killed} of ${TABS} were killed`, performance.now() - begun, 'ms');
    }
    const after = await statusOf(pages[0] as Page);
    expect(after.committee?.view).toBeGreaterThan(before?.view ?? NaN);
    expect(after.committee?.n).toBe(TABS);
  });
});
