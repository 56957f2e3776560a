/**
 * A committee of four real Chromium tabs, each in a profile of its own, on the application as it ships: WebRTC, WebCrypto, strict writes. Every tab votes on
 * a proposal of its own, over and over (`npm run bench -- consensus --tabs`, explained in docs/benchmarks.md).
 */
import type { Page } from 'playwright-core';
import { startSwarm, type Swarm } from '../test/support/swarm.ts';
import { inviteFrom, join, untilStatus } from '../test/support/tab.ts';
import { NAME_HELPER } from './mesh-page.ts';
import { one, whole, type Row, type Section } from './table.ts';

const NAMES = ['Bo', 'Chi', 'Di'] as const;
/** Time for four tabs to be seated, ms. */
const SEATED_MS = 120_000;
/** Time before each measurement in which the same happens and nothing is counted, ms. */
const WARM_MS = 1_000;

/** How much is asked for at once: by how many tabs, and how many votes each has under way; 32 are the most that a tab may have. */
const LOADS = [
  { what: 'one in flight', tabs: 1, outstanding: 1, least: 150, unit: 'decisions' },
  { what: 'pipelined (4 x 8 in flight)', tabs: 4, outstanding: 8, least: 1_000, unit: 'decisions' },
  { what: 'batched (4 x 32 in flight)', tabs: 4, outstanding: 32, least: 3_000, unit: 'operations' },
] as const;
const MOST_P50_MS = 10;
const MOST_P99_SHARE = 3;

/** What one tab saw of its own votes. Milliseconds, ascending. */
interface Votes {
  readonly latencies: readonly number[];
  readonly refused: number;
  /** Places in the order that were executed meanwhile. */
  readonly places: number;
}

export interface TabsMeasured {
  readonly figures: readonly object[];
  readonly section: Section;
}

/** Throws when the tabs do not get their seats. */
export async function measureTabs(seconds: number): Promise<TabsMeasured> {
  const swarm = await startSwarm({ profiles: 4 });
  try {
    for (const profile of swarm.contexts) await profile.addInitScript({ content: NAME_HELPER });
    const pages = await seated(swarm);
    const proposals = await Promise.all(pages.map((page) => openProposal(page)));
    const figures: object[] = [];
    const rows: Row[] = [];
    for (const load of LOADS) {
      const voting = pages.slice(0, load.tabs).map((page, tab) => ({ page, proposal: proposals[tab] ?? '' }));
      await voteFor(voting, load.outstanding, WARM_MS);
      const votes = await voteFor(voting, load.outstanding, seconds * 1000);
      const measured = { ...load, ...summaryOf(votes, seconds) };
      figures.push(measured);
      rows.push(...rowsOf(measured));
    }
    return { figures, section: { title: 'four Chromium tabs, WebRTC, strict writes', rows } };
  } finally {
    await swarm.close();
  }
}

async function seated(swarm: Swarm): Promise<readonly Page[]> {
  const first = await swarm.open(0);
  const url = await inviteFrom(first, { uses: NAMES.length });
  const others = await Promise.all(
    NAMES.map(async (name, index) => {
      const page = await swarm.open(index + 1, '/#/');
      await join(page, url, name);
      return page;
    }),
  );
  const pages = [first, ...others];
  for (const page of pages)
    await untilStatus(
      page,
      'a committee of four',
      ({ committee, links }) =>
        committee?.n === 4 && committee.seated && committee.hasQuorum && links.length === NAMES.length,
      SEATED_MS,
    );
  return pages;
}

const openProposal = (page: Page): Promise<string> =>
  page.evaluate(async () => (await tabswarm.propose({ title: 'Again and again' })).proposalId);

type Voting = readonly { readonly page: Page; readonly proposal: string }[];

function voteFor(voting: Voting, outstanding: number, ms: number): Promise<readonly Votes[]> {
  return Promise.all(voting.map(({ page, proposal }) => votesOf(page, proposal, outstanding, ms)));
}

/** Keeps `outstanding` votes of a tab under way for `ms`, and waits for the last ones. */
function votesOf(page: Page, proposal: string, outstanding: number, ms: number): Promise<Votes> {
  return page.evaluate(
    ([id, most, during]) =>
      new Promise<{ latencies: number[]; refused: number; places: number }>((resolve) => {
        const executed = (): number => tabswarm.status().committee?.lastExecuted ?? 0;
        const from = executed();
        const endsAt = performance.now() + during;
        const latencies: number[] = [];
        /** A client's operations are executed in the order of their numbers here, where nothing is lost. */
        const begun: number[] = [];
        let [count, refused] = [0, 0];
        const ask = (): void => {
          begun.push(performance.now());
          tabswarm.vote(id, count++ % 2 === 0 ? 'approve' : 'reject').catch(() => {
            begun.pop();
            refused += 1;
            setTimeout(ask, 1);
          });
        };
        const stop = tabswarm.on('decision', (detail: unknown) => {
          const { kind, own } = detail as { readonly kind: string | null; readonly own: boolean };
          if (!own || kind !== 'castBallot') return;
          const at = performance.now();
          const since = begun.shift();
          if (since !== undefined && at <= endsAt) latencies.push(at - since);
          if (at < endsAt) ask();
          else if (begun.length === 0) {
            stop();
            resolve({ latencies: latencies.sort((a, b) => a - b), refused, places: executed() - from });
          }
        });
        for (let i = 0; i < most; i++) ask();
      }),
    [proposal, outstanding, ms] as const,
  );
}

interface Summary {
  readonly perSecond: number;
  readonly placesPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  readonly count: number;
  readonly refused: number;
}

function summaryOf(votes: readonly Votes[], seconds: number): Summary {
  const all = votes.flatMap(({ latencies }) => latencies).sort((a, b) => a - b);
  const at = (share: number): number => all[Math.floor((all.length - 1) * share)] ?? Infinity;
  return {
    perSecond: all.length / seconds,
    placesPerSecond: Math.max(...votes.map(({ places }) => places)) / seconds,
    p50: at(0.5),
    p99: at(0.99),
    longest: at(1),
    count: all.length,
    refused: votes.reduce((sum, { refused }) => sum + refused, 0),
  };
}

function rowsOf(measured: Summary & (typeof LOADS)[number]): readonly Row[] {
  const { least, outstanding, p50, p99, perSecond, placesPerSecond, unit, what } = measured;
  const rate: Row = {
    what: `${what}: ${unit} a second`,
    stock: '',
    ours: `${whole(perSecond)} (${whole(placesPerSecond)} batches)`,
    target: `>= ${whole(least)}`,
    holds: perSecond >= least,
  };
  const isOne = outstanding === 1;
  const latency: Row = {
    what: `${what}: from script to decision, p50; p99`,
    stock: '',
    ours: `${one(p50)}; ${one(p99)} ms`,
    target: isOne ? `< ${MOST_P50_MS} ms; < ${MOST_P99_SHARE} x p50` : '',
    holds: isOne ? p50 < MOST_P50_MS && p99 < MOST_P99_SHARE * p50 : null,
  };
  return [rate, latency];
}
