/** Two people who work apart and meet: the value that lost, the card that was removed, and how far changes have come. In real tabs. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { untilAgreed } from '../support/agreement.ts';
import { SERVER_GONE, startSwarm, type Swarm } from '../support/swarm.ts';
import {
  apply,
  applyOne,
  boardOf,
  cardsOf,
  firstColumn,
  inviteFrom,
  join,
  PATIENCE_MS,
  statusOf,
  untilStatus,
} from '../support/tab.ts';
import { waitUntil } from '../support/wait-until.ts';

let swarm: Swarm;

beforeAll(async () => {
  swarm = await startSwarm({ profiles: 2 });
});

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles([SERVER_GONE])).toEqual([]);
});

const alone = (page: Page): Promise<unknown> =>
  untilStatus(page, 'to be alone', ({ links }) => links.length === 0);

const card = async (page: Page, id: string) => {
  const board = await boardOf(page);
  return [...cardsOf(board), ...board.archive].find((other) => other.id === id);
};

describe('two people who changed one board apart', () => {
  it('find both titles, choose one, take that back, and keep the card that one of them removed', async () => {
    const a = await swarm.open(0);
    await a.evaluate(() => tabswarm.setName('Ana'));
    const columnId = await firstColumn(a);
    const contested = await applyOne(a, { type: 'addCard', columnId, title: 'Dinner' });
    const doomed = await applyOne(a, { type: 'addCard', columnId, title: 'Book a room' });
    const url = await inviteFrom(a);
    const b = await swarm.open(1, '/#/');
    const boardId = await join(b, url, 'Ben');
    await b.goto(`/#/b/${boardId}`);
    await untilAgreed([a, b]);
    await untilStatus(a, 'everything received', ({ pending }) => pending.unacknowledged === 0);
    await a.getByRole('status').filter({ hasText: 'on 2 devices' }).waitFor({ timeout: PATIENCE_MS });

    // Apart: Ben's tab is closed while Ana works, and the other way round.
    await b.close();
    await alone(a);
    await apply(a, { type: 'updateCard', cardId: contested, changes: { title: 'Dinner at seven' } });
    await apply(a, { type: 'removeCard', cardId: doomed });
    await a
      .locator('ts-card', { hasText: 'Dinner at seven' })
      .getByText('Only on this device so far')
      .waitFor({
        state: 'attached',
      });
    expect(
      await a.evaluate((id) => tabswarm.board.deliveries().find(({ cardId }) => cardId === id), contested),
    ).toMatchObject({
      waiting: 1,
      copies: 1,
    });
    await a.close();
    const b2 = await swarm.open(1, `/#/b/${boardId}`);
    await apply(b2, { type: 'updateCard', cardId: contested, changes: { title: 'Dinner at eight' } });
    await apply(b2, {
      type: 'updateCard',
      cardId: doomed,
      changes: { notes: 'The small one has a projector.' },
    });

    const a2 = await swarm.open(0, `/#/b/${boardId}`);
    await untilAgreed([a2, b2]);
    expect((await statusOf(a2)).boardDigest).toBe((await statusOf(b2)).boardDigest);
    const [conflict] = (await card(a2, contested))?.conflicts ?? [];
    expect(conflict?.values.map(({ value }) => value).sort()).toEqual(['Dinner at eight', 'Dinner at seven']);
    const [shown, lost] = conflict?.values ?? [];

    // Whoever opens the card chooses the value that lost; the other side follows.
    await a2
      .locator('ts-card', { hasText: shown?.value ?? '' })
      .getByText('Also edited')
      .waitFor();
    await a2
      .locator('ts-column')
      .getByRole('button', { name: shown?.value ?? '', exact: true })
      .click();
    await a2.getByRole('button', { name: new RegExp(`^Use (mine|theirs): ${lost?.value ?? ''}$`) }).click();
    const settled = async (
      page: Page,
      title: string | null | undefined,
      conflicts: number,
    ): Promise<void> => {
      await waitUntil(
        async () => {
          const now = await card(page, contested);
          return now?.title === title && now?.conflicts.length === conflicts ? true : undefined;
        },
        { timeoutMs: PATIENCE_MS, what: `“${title ?? ''}” with ${conflicts} conflicts` },
      );
    };
    await settled(b2, lost?.value, 0);
    await a2.keyboard.press('Escape');
    await a2.locator('ts-board-header').getByRole('button', { name: 'Undo' }).click();
    await settled(b2, shown?.value, 1);

    // The removed card came back into the archive with Ben's words.
    for (const page of [a2, b2])
      expect(await card(page, doomed)).toMatchObject({
        reason: 'removed',
        notes: 'The small one has a projector.',
      });
    await b2.getByRole('button', { name: /^Archive/ }).click();
    await b2.getByText('Restored to the archive: Ana removed it while Ben was editing').waitFor();
    await b2.locator('ts-archive-panel').getByRole('button', { name: 'Restore' }).click();
    await untilAgreed([a2, b2]);
    expect(cardsOf(await boardOf(a2)).map(({ id }) => id)).toContain(doomed);
    await untilStatus(b2, 'everything received', ({ pending }) => pending.unacknowledged === 0);
    await b2.keyboard.press('Escape');
    await b2.locator('ts-card', { hasText: 'Book a room' }).getByText('Only on this device so far').waitFor({
      state: 'detached',
    });
  });
});
