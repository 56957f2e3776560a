/** Goal: whoever lost a value sees it, compares it and chooses, by mouse and by keyboard alone. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { BoardCommand } from '../../src/board/command.ts';
import { BOARD_HASH, cardFace, focusedCard, titlesIn, useUiPages } from './ui-page.ts';

const pages = useUiPages();
const CARD = 'Fix the flicker when two people drag the same card';
const LOST = 'Fix the flicker that two people see when they drag one and the same card at once';

function commands(page: Page): Promise<BoardCommand[]> {
  return page.evaluate(() => [...globalThis.fakeApp.commands]);
}

describe('a card with conflicts', () => {
  it('says so on its face, and offers to keep theirs, to use mine, and to see both', async () => {
    const page = await pages.open(`?contested${BOARD_HASH}`);
    await page.locator('ts-card', { hasText: CARD }).getByText('Also edited').first().waitFor();
    await cardFace(page, CARD).click();
    const title = page.locator('ts-conflict-list section', { hasText: 'Title' });
    await title.getByRole('button', { name: `Keep theirs: ${CARD}` }).waitFor();
    expect(await title.getByRole('button', { name: 'See both' }).getAttribute('aria-expanded')).toBe('false');
    await title.getByRole('button', { name: 'See both' }).click();
    await title.getByRole('button', { name: 'Show less' }).waitFor();
    await title.getByRole('button', { name: `Use mine: ${LOST}` }).click();
    await page.getByText('Chosen. The other values').waitFor();
    await title.waitFor({ state: 'detached' });
    expect(await commands(page)).toMatchObject([
      { type: 'resolveConflict', field: 'title', keep: '1.1', among: ['2.1', '1.1'] },
    ]);
    await page.keyboard.press('Escape');
    await expect.poll(async () => (await titlesIn(page, 0))[1]).toBe(LOST);
  });

  it('can be settled and undone by keyboard alone', async () => {
    const page = await pages.open(`?contested${BOARD_HASH}`);
    await cardFace(page, CARD).focus();
    await page.keyboard.press('Enter');
    await page.locator('ts-card-sheet dialog[open]').waitFor();
    const use = page.getByRole('button', { name: `Use mine: ${LOST}` });
    await page.keyboard.press('Tab');
    for (
      let presses = 0;
      presses < 12 && !(await use.evaluate((button) => button.matches(':focus')));
      presses++
    )
      await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await use.waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await expect.poll(() => focusedCard(page)).toBe(LOST);
    await page.keyboard.press('Control+z');
    await expect.poll(async () => (await titlesIn(page, 0))[1]).toBe(CARD);
    await page.locator('ts-card', { hasText: CARD }).getByText('Also edited').first().waitFor();
  });

  it('can be read but not settled by a viewer', async () => {
    const page = await pages.open(`?contested&role=viewer${BOARD_HASH}`);
    await cardFace(page, CARD).click();
    await page.locator('ts-conflict-list').getByText(LOST).waitFor();
    expect(await page.getByRole('button', { name: /^(Keep|Use) / }).count()).toBe(0);
  });
});

describe('titles of columns and boards', () => {
  it('are chosen in a dialog that closes when nothing is left', async () => {
    const page = await pages.open(`?contested${BOARD_HASH}`);
    const dialog = page.locator('ts-conflict-dialog dialog[open]');
    await page.getByRole('button', { name: 'Ideas: also edited, choose what to keep' }).click();
    await dialog.getByRole('button', { name: 'Use mine: Wishes' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page
      .getByRole('button', { name: 'Autumn reading group: also edited, choose what to keep' })
      .click();
    await dialog.getByRole('button', { name: 'Keep theirs: Autumn reading group' }).click();
    await dialog.waitFor({ state: 'detached' });
    const [column, board] = await commands(page);
    expect(column).toMatchObject({ type: 'resolveConflict', columnId: 'column-0', keep: '1.1' });
    expect(board).toMatchObject({ type: 'resolveConflict', field: 'title', keep: '2.1' });
    expect(board).not.toHaveProperty('columnId');
  });
});

describe('the archive', () => {
  it('says who removed what somebody was editing', async () => {
    const page = await pages.open(`?contested${BOARD_HASH}`);
    await page.getByRole('button', { name: /^Archive/ }).click();
    const panel = page.locator('ts-archive-panel');
    for (const words of [
      'Restored to the archive: Ada Okafor removed it while Bo Lindqvist was editing',
      'Ada Okafor archived it without having seen what Bo Lindqvist changed',
      'Ada Okafor removed the column “Waiting” while Bo Lindqvist was putting it there',
      'Archived by Ada Okafor',
    ])
      await panel.getByText(words, { exact: true }).waitFor();
    const marked = panel.getByRole('listitem').filter({ hasText: 'Also edited: restore it to choose' });
    expect(await marked.count()).toBe(1);
    expect(await marked.innerText()).toContain('Book the small room');
  });
});

describe('what was written and cannot be applied', () => {
  it('is handed back with the reason', async () => {
    const page = await pages.open(BOARD_HASH);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await cardFace(page, CARD).click();
    await page.evaluate(() => {
      globalThis.fakeApp.refuseNext = 'notAllowed';
    });
    await page.getByLabel('Notes').fill('Words that took an hour');
    await page.getByText('Your role on this board does not allow that.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.getByRole('button', { name: 'Copy what I wrote' }).click();
    await page.getByText('Copied').first().waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('Words that took an hour');
  });

  it('goes to the card or comes back when somebody puts the card away meanwhile', async () => {
    const page = await pages.open(BOARD_HASH);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await cardFace(page, CARD).click();
    await page.getByLabel('Write a comment').fill('An unsent remark');
    await page.evaluate(() => globalThis.fakeApp.board.apply({ type: 'archiveCard', cardId: 'card-1' }));
    await page.getByText('That card is gone.').waitFor();
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.getByRole('button', { name: 'Copy what I wrote' }).click();
    await page.getByText('Copied').first().waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('An unsent remark');
  });
});
