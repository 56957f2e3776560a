/** Goal: every screen is free of the accessibility faults that a program can find, in light and in dark. */
import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { axeColourProblems, axeProblems, BOARD_HASH, cardFace, DESK, PHONE, useUiPages } from './ui-page.ts';

const pages = useUiPages();

const CARD = 'Fix the flicker when two people drag the same card';

/** Six people at one card, one of them editing its title, one asleep. */
async function showOthers(page: Page): Promise<void> {
  await page.evaluate((title) => {
    const cards = globalThis.fakeApp.board.snapshot()?.columns.flatMap((column) => column.cards) ?? [];
    const cardId = cards.find((card) => card.title === title)?.id ?? '';
    const { members } = globalThis.fakeApp.status();
    const ids = [...members.filter(({ self }) => !self).map(({ memberId }) => memberId), 'a', 'b', 'c'];
    globalThis.fakeApp.setOthers(
      ids.map((memberId, at) => ({
        ...{ peerId: memberId, memberId, cardId },
        ...{ doing: at === 0 ? 'title' : 'open', asleep: at === 1 },
      })),
    );
  }, CARD);
}

/** The screen is loaded behind the others. */
async function decisionsShown(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Check a certificate' }).waitFor();
}

type State = readonly [name: string, where: string, act?: (page: Page) => Promise<void>];

const STATES: readonly State[] = [
  ['home', '#/'],
  ['home without boards', '?empty#/'],
  [
    'home with half a link pasted',
    '#/',
    async (page) => {
      await page.getByLabel('Invite link').fill('https://board.example/#/j/');
      await page.getByRole('button', { name: 'Look at it' }).click();
      await page.getByText('A piece of this link is missing').waitFor();
    },
  ],
  ['board', BOARD_HASH],
  ['board of a viewer, offline', `?role=viewer&state=offline${BOARD_HASH}`],
  ['board not saved', `?state=notSaved${BOARD_HASH}`],
  [
    'card sheet',
    BOARD_HASH,
    async (page) => {
      await cardFace(page, CARD).click();
      await page.locator('ts-card-sheet dialog[open]').waitFor();
    },
  ],
  [
    'card with changes that are only here',
    `?state=alone${BOARD_HASH}`,
    async (page) => {
      await page
        .locator('ts-card', { hasText: CARD })
        .getByText('Only on this device so far')
        .first()
        .waitFor();
      await cardFace(page, CARD).click();
      await page.getByText('2 changes of yours are only on this device so far').waitFor();
    },
  ],
  ['board with conflicts', `?contested${BOARD_HASH}`],
  [
    'card with conflicts',
    `?contested${BOARD_HASH}`,
    async (page) => {
      await cardFace(page, CARD).click();
      await page.getByRole('button', { name: 'See both' }).first().click();
      await page.getByRole('button', { name: 'Show less' }).waitFor();
    },
  ],
  [
    'conflicts of a column',
    `?contested${BOARD_HASH}`,
    async (page) => {
      await page.getByRole('button', { name: 'Ideas: also edited, choose what to keep' }).click();
      await page.locator('ts-conflict-dialog dialog[open]').waitFor();
    },
  ],
  [
    'archive with explanations',
    `?contested${BOARD_HASH}`,
    async (page) => {
      await page.getByRole('button', { name: /^Archive/ }).click();
      await page.getByText('Ada Okafor removed it while').waitFor();
    },
  ],
  [
    'board with others on its cards',
    BOARD_HASH,
    async (page) => {
      await showOthers(page);
      await page.locator('ts-card ts-mark-row .extra').waitFor();
    },
  ],
  [
    'card sheet that others edit too',
    BOARD_HASH,
    async (page) => {
      await showOthers(page);
      await cardFace(page, CARD).click();
      await page.locator('ts-card-sheet .others:not(:empty)').first().waitFor();
    },
  ],
  [
    'state panel',
    `?state=alone${BOARD_HASH}`,
    async (page) => {
      await page.locator('ts-state-pill button.pill').click();
      await page.locator('ts-state-pill').getByText('Only on this device', { exact: true }).waitFor();
    },
  ],
  [
    'help',
    BOARD_HASH,
    async (page) => {
      await page.keyboard.press('?');
      await page.locator('ts-help-dialog dialog[open]').waitFor();
    },
  ],
  [
    'share with a link',
    `${BOARD_HASH}/share`,
    async (page) => {
      await page.getByRole('button', { name: 'Make link' }).click();
      await page.locator('ts-qr-code svg').waitFor();
    },
  ],
  [
    'share with a pairing code',
    `?state=split${BOARD_HASH}/share`,
    async (page) => {
      await page.getByRole('button', { name: 'Make a code' }).click();
      await page.locator('ts-pairing ts-qr-code svg').waitFor();
    },
  ],
  ['share with removed members and a proof', `?troubled${BOARD_HASH}/share`],
  [
    'role of a member',
    `${BOARD_HASH}/share`,
    async (page) => {
      await page.getByRole('button', { name: 'Manage Ada Okafor' }).click();
      await page.locator('ts-member-dialog dialog[open]').getByRole('radio', { name: 'Viewer' }).check();
    },
  ],
  [
    'removal of a member',
    `${BOARD_HASH}/share`,
    async (page) => {
      await page.getByRole('button', { name: 'Manage Ada Okafor' }).click();
      await page.getByRole('button', { name: 'Remove from board…' }).click();
      await page.getByText('What stays').waitFor();
    },
  ],
  ['board of somebody who was removed', `?barred=evicted&troubled${BOARD_HASH}`],
  ['board that is over', `?closed&group=small${BOARD_HASH}`],
  ['share of a tab that forked', `?barred=forked${BOARD_HASH}/share`],
  ['decisions', `?group=busy${BOARD_HASH}/decisions`, decisionsShown],
  ['decisions without a quorum', `?group=alone&state=split${BOARD_HASH}/decisions`, decisionsShown],
  ['decisions of a group that has none yet', `?group=empty${BOARD_HASH}/decisions`, decisionsShown],
  ['decisions of a board without a committee', `${BOARD_HASH}/decisions`, decisionsShown],
  [
    'ballots and the record of decisions',
    `?group=small${BOARD_HASH}/decisions`,
    async (page) => {
      await page.getByText('Who voted (2 of 4)').first().click();
      await page.getByText('Everything in order').click();
      await page.locator('.record li').first().waitFor();
    },
  ],
  [
    'proposal to change the rules',
    `?group=busy${BOARD_HASH}/decisions`,
    async (page) => {
      await page.getByRole('button', { name: 'New proposal' }).click();
      await page.getByRole('radio', { name: 'Change the rules' }).check();
      await page.getByText('The group decides by other rules').last().waitFor();
    },
  ],
  [
    'evidence of a decision',
    `?group=busy${BOARD_HASH}/decisions`,
    async (page) => {
      await page
        .getByRole('button', { name: /^Evidence of/ })
        .first()
        .click();
      await page.getByText('Committed by').waitFor();
    },
  ],
  ['join', '#/j/good'],
  [
    'join while copying',
    '#/j/good',
    async (page) => {
      await page.getByRole('button', { name: 'Join' }).click();
      await page.getByText('Finding people').waitFor();
      await page.evaluate(() => {
        globalThis.fakeApp.setProgress({
          phase: 'copying',
          receivedBytes: 4_200_000,
          totalBytes: 10_300_000,
        });
      });
      await page.getByText('4.2 MB of 10.3 MB').waitFor();
    },
  ],
  ['join with an expired link', '#/j/inviteExpired'],
  ['scratch board', `?scratch${BOARD_HASH}`],
  ['share of a scratch board', `?scratch${BOARD_HASH}/share`],
  ['join a scratch board', '#scratch=demo'],
  ['trouble', '?trouble=noEd25519'],
];

/** In light everything, and in dark what depends on colours: the elements are the same. */
async function expectNothing(page: Page): Promise<void> {
  expect(await axeProblems(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.waitForFunction(() => matchMedia('(prefers-color-scheme: dark)').matches);
  expect(await axeColourProblems(page)).toEqual([]);
}

describe('axe in light and dark', () => {
  it.each(STATES.map(([name, where, act]) => ({ name, where, act })))(
    'finds nothing on: $name',
    async ({ where, act }) => {
      const page = await pages.open(where, { ...DESK, colorScheme: 'light' });
      await act?.(page);
      await expectNothing(page);
    },
  );

  it('finds nothing on a card with conflicts on a phone', async () => {
    const page = await pages.open(`?contested${BOARD_HASH}`, { ...PHONE, colorScheme: 'light' });
    await cardFace(page, CARD).click();
    await page.getByRole('button', { name: 'See both' }).first().waitFor();
    await expectNothing(page);
  });

  it('finds nothing on decisions on a phone', async () => {
    const page = await pages.open(`?group=busy${BOARD_HASH}/decisions`, { ...PHONE, colorScheme: 'light' });
    await decisionsShown(page);
    await expectNothing(page);
  });

  it('finds nothing on the board on a phone', async () => {
    const page = await pages.open(BOARD_HASH, { ...PHONE, colorScheme: 'light' });
    await expectNothing(page);
  });
});
