/** Four real tabs decide together: by screen and by script, everybody sees the same, and the proof of it convinces a tab without a network. Rules of docs/spec/decisions.md. */
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startSwarm, type Swarm } from '../support/swarm.ts';
import { inviteFrom, join, PATIENCE_MS, statusOf, untilStatus } from '../support/tab.ts';
import { waitUntil } from '../support/wait-until.ts';

const NAMES = ['Bo', 'Chi', 'Di'] as const;

let swarm: Swarm;
let ada: Page;
let bo: Page;
let chi: Page;
let di: Page;
let boardId = '';

const all = (): readonly Page[] => [ada, bo, chi, di];

/** Resolves when all four tabs have a seat, and know it. */
const seated = async (): Promise<void> => {
  for (const page of all())
    await untilStatus(
      page,
      'a committee of four',
      ({ committee }) => committee?.n === 4 && committee.seated && committee.hasQuorum,
      2 * PATIENCE_MS,
    );
};

beforeAll(async () => {
  swarm = await startSwarm({ profiles: 4 });
  ada = await swarm.open(0);
  await ada.evaluate(() => tabswarm.setName('Ada'));
  const url = await inviteFrom(ada, { uses: 3 });
  [bo, chi, di] = (await Promise.all(
    NAMES.map(async (name, index) => {
      const page = await swarm.open(index + 1, '/#/');
      boardId = await join(page, url, name);
      return page;
    }),
  )) as [Page, Page, Page];
  await seated();
}, 4 * PATIENCE_MS);

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles()).toEqual([]);
});

const proposal = (page: Page, title: string): Locator =>
  page.locator('ts-proposal').filter({ hasText: title });

/** The proposal of this title as a tab has it, once it does. */
const known = (page: Page, title: string): Promise<{ proposalId: string; closedSequence: number | null }> =>
  waitUntil(
    () => page.evaluate((named) => tabswarm.proposals()?.proposals.find((one) => one.title === named), title),
    { timeoutMs: PATIENCE_MS, what: `“${title}” in a tab`, everyMs: 100 },
  );

/** Resolves when every tab says that the proposal is at this stage. */
const everywhere = async (title: string, stage: string): Promise<void> => {
  for (const page of all())
    await waitUntil(
      () =>
        page.evaluate(
          ([named, wanted]) =>
            tabswarm.proposals()?.proposals.some((one) => one.title === named && one.stage === wanted),
          [title, stage] as const,
        ),
      { timeoutMs: PATIENCE_MS, what: `“${title}” ${stage} in every tab`, everyMs: 100 },
    );
};

/** Opens the Decisions screen from the board. */
const openDecisions = async (page: Page): Promise<void> => {
  await page.goto(`/#/b/${boardId}`);
  await page.getByRole('link', { name: /^Decisions/ }).click();
  await page.getByRole('heading', { name: 'Committee' }).waitFor();
};

const voteOnScreen = async (page: Page, title: string, choice: string): Promise<void> => {
  await openDecisions(page);
  await proposal(page, title).getByRole('radio', { name: choice, exact: true }).check();
  await proposal(page, title).getByRole('button', { name: 'Vote', exact: true }).click();
  await proposal(page, title).getByText(`You ${choice.toLowerCase()}`, { exact: true }).waitFor();
};

const voteByScript = async (page: Page, title: string, choice: string): Promise<void> => {
  const { proposalId } = await known(page, title);
  await page.evaluate(([id, said]) => tabswarm.vote(id, said, { reason: 'by a script' }), [
    proposalId,
    choice,
  ] as const);
};

describe('four tabs', () => {
  it('[DEC-4, DEC-6, DEC-7] decide a proposal that one made on screen, and every screen shows the result', async () => {
    const title = 'Make Di a viewer';
    await openDecisions(ada);
    await ada.getByRole('button', { name: 'New proposal' }).click();
    const dialog = ada.locator('ts-propose-dialog dialog[open]');
    await dialog.getByRole('radio', { name: 'Change a role' }).check();
    await dialog.getByLabel('Who').selectOption({ label: 'Di' });
    await dialog.getByLabel('Role', { exact: true }).selectOption({ label: 'Viewer' });
    await dialog.getByText('Di becomes a viewer.').waitFor();
    await dialog.getByText('3 people may vote. It needs 3 yes if all do').waitFor();
    await dialog.getByRole('checkbox', { name: 'Votes are final' }).check();
    await dialog.getByRole('button', { name: 'Propose', exact: true }).click();
    await untilStatus(bo, 'a proposal that needs a vote', ({ pending }) => pending.needsVote === 1);
    await bo.goto(`/#/b/${boardId}`);
    await bo.getByRole('link', { name: 'Decisions: 1 needs your vote' }).waitFor();
    await voteOnScreen(ada, title, 'Agree');
    await voteOnScreen(bo, title, 'Agree');
    await voteByScript(chi, title, 'approve');
    await everywhere(title, 'passed');
    for (const page of all()) {
      await openDecisions(page);
      await proposal(page, title).getByText('Passed').waitFor();
    }
    await proposal(ada, title).getByText('Who voted (3 of 3)').click();
    await proposal(ada, title).getByText('by a script').waitFor();
    const told = await chi.evaluate(() => tabswarm.decisions().map(({ kind }) => kind));
    expect(told).toEqual(expect.arrayContaining(['propose', 'castBallot', 'close']));
  });

  it('[DEC-12] see the role change on the board', async () => {
    const { memberId } = await statusOf(di);
    for (const page of all())
      await untilStatus(page, 'a viewer', ({ members }) =>
        members.some((one) => one.memberId === memberId && one.role === 'viewer'),
      );
    await openDecisions(bo);
    await proposal(bo, 'Make Di a viewer').getByText('Carried out.').waitFor();
    await di.goto(`/#/b/${boardId}`);
    await di.getByText('You are a viewer', { exact: false }).first().waitFor();
  });

  it('[DEC-10, DEC-11] have a proof of it, which holds in another tab without a network, and not with one byte altered', async () => {
    await openDecisions(bo);
    await bo.getByRole('button', { name: 'Evidence of: Make Di a viewer' }).click();
    const dialog = bo.locator('ts-evidence-dialog dialog[open]');
    await dialog.getByText('Committed by').waitFor();
    const download = bo.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Save certificate' }).click();
    const text = await readFile(await (await download).path(), 'utf8');
    const { closedSequence } = await known(bo, 'Make Di a viewer');
    await openDecisions(chi);
    await swarm.profile(2).setOffline(true);
    const choose = (name: string, content: string): Promise<void> =>
      chi
        .locator('ts-certificate-check input')
        .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(content) });
    await choose('good.json', text);
    const check = chi.locator('ts-certificate-check');
    await check.getByText('It holds.').waitFor();
    await check.getByText('this board', { exact: true }).waitFor();
    expect(await chi.evaluate((given) => tabswarm.verifyCertificate(given), text)).toMatchObject({
      valid: true,
      reason: null,
      claim: { boardId, sequence: closedSequence, kind: 'close' },
    });
    const at = text.lastIndexOf('"') - 40;
    await choose('bad.json', text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1));
    await check.getByText('It proves nothing.').waitFor();
    await swarm.profile(2).setOffline(false);
  });
});
