/**
 * The committee bounds the history of a board in real tabs: entries that are old enough leave every disk, a checkpoint that a quorum of the seats made is there in
 * their place, and whoever joins then loads that. The ten minutes that seats wait pass while all tabs are closed. Rules NOD-70 to NOD-73.
 */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { untilAgreed } from '../support/agreement.ts';
import { reportFigure } from '../support/report-figure.ts';
import { storedBytes, storedEntries } from '../support/stored-entries.ts';
import { startSwarm, type Swarm } from '../support/swarm.ts';
import {
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

const MEMBERS = ['Bo', 'Chi'] as const;
/** Edits of one card, of so many characters each: a few times what is worth a checkpoint. */
const EDITS = 100;
const NOTE_CHARS = 600;

let swarm: Swarm;

beforeAll(async () => {
  swarm = await startSwarm({ profiles: MEMBERS.length + 2 });
});

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles()).toEqual([]);
});

const untilSeated = (page: Page): Promise<unknown> =>
  untilStatus(
    page,
    'its seat',
    ({ committee }) => committee?.n === MEMBERS.length + 1 && committee.seated && committee.hasQuorum,
    2 * PATIENCE_MS,
  );

/** Makes and rewrites a card, edit by edit; each is durable before the next. */
async function write(page: Page): Promise<void> {
  const cardId = await applyOne(page, {
    type: 'addCard',
    columnId: await firstColumn(page),
    title: 'Rewritten',
  });
  await page.evaluate(
    async ([id, edits, chars]) => {
      for (let at = 0; at < edits; at++) {
        const notes = `${at} ${String.fromCodePoint(0x100 + at).repeat(chars)}`;
        await tabswarm.board.apply({ type: 'updateCard', cardId: id, changes: { notes } });
      }
    },
    [cardId, EDITS, NOTE_CHARS] as const,
  );
}

describe('the history of a board', () => {
  it('[NOD-70, NOD-73] leaves the disks of real tabs, and a newcomer loads what a quorum certified', async () => {
    const first = await swarm.open(0);
    await first.evaluate(() => tabswarm.setName('Ada'));
    const url = await inviteFrom(first, { uses: MEMBERS.length + 1 });
    const others = await Promise.all(
      MEMBERS.map(async (name, at) => {
        const page = await swarm.open(at + 1, '/#/');
        await join(page, url, name);
        return page;
      }),
    );
    const pages = [first, ...others];
    await Promise.all(pages.map(untilSeated));
    const boardId = (await statusOf(first)).boardId ?? '';
    await write(first);
    await untilAgreed(pages);
    const before = await storedEntries(first, `${boardId}/`);
    expect(before.length).toBeGreaterThan(EDITS);
    const bytesBefore = await storedBytes(first, 'journal');
    const shown = await boardOf(first);
    await Promise.all(pages.map((page) => page.close()));

    // An hour later by everybody's clock.
    for (const context of swarm.contexts)
      await context.addInitScript(() => {
        const { now } = Date;
        Date.now = () => now() + 3_600_000;
      });
    const again = await Promise.all(
      pages.map(async (_, at) => {
        const page = await swarm.open(at, `/#/b/${boardId}`);
        await page.evaluate((id) => tabswarm.openBoard(id), boardId);
        return page;
      }),
    );
    const begun = performance.now();
    await waitUntil(
      async () => {
        const left = await Promise.all(again.map((page) => storedEntries(page, `${boardId}/`)));
        return left.every((entries) => entries.length < 10);
      },
      { timeoutMs: 2 * PATIENCE_MS, what: 'disks without the old entries', everyMs: 500 },
    );
    reportFigure('until the history was replaced in all tabs', performance.now() - begun, 'ms');
    const [ada] = again as [Page];
    const bytesAfter = (await storedBytes(ada, 'journal')) + (await storedBytes(ada, 'checkpoints'));
    reportFigure('journals before', bytesBefore / 1000, 'kB');
    reportFigure('checkpoint and journals after', bytesAfter / 1000, 'kB');
    expect(bytesAfter).toBeLessThan(bytesBefore / 5);
    expect(await boardOf(ada)).toEqual(shown);

    const eve = await swarm.open(MEMBERS.length + 1, '/#/');
    const joining = performance.now();
    await join(eve, url, 'Eve');
    reportFigure('a newcomer has the board', performance.now() - joining, 'ms');
    await untilAgreed([...again, eve]);
    expect(cardsOf(await boardOf(eve))).toEqual(cardsOf(shown));
    expect((await storedEntries(eve, `${boardId}/`)).length).toBeLessThan(20);
    expect(await storedBytes(eve, 'checkpoints')).toBeGreaterThan(0);
    // Everybody goes on from there, also after being loaded anew.
    await applyOne(eve, { type: 'addColumn', title: 'By Eve' });
    await ada.reload();
    await ada.evaluate(() => tabswarm.ready);
    await untilAgreed([...again, eve]);
    expect((await boardOf(ada)).columns.map(({ title }) => title)).toContain('By Eve');
  });
});
