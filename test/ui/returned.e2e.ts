/** Goal: nobody loses words that were not taken over, and everybody finds them; by mouse, by keyboard alone, on a phone. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { BoardCommand } from '../../src/board/command.ts';
import { BOARD_HASH, cardFace, useUiPages } from './ui-page.ts';

const pages = useUiPages();
const WORDS = 'Words that somebody would miss';

function commands(page: Page): Promise<BoardCommand[]> {
  return page.evaluate(() => [...globalThis.fakeApp.commands]);
}

/** A card is added, and refused. */
async function refused(page: Page, code: string): Promise<void> {
  await page.evaluate((given) => {
    globalThis.fakeApp.refuseNext = given;
  }, code);
  await page.getByRole('button', { name: 'Add a card to Doing' }).click();
  await page.locator('ts-quick-add textarea').fill(WORDS);
  await page.keyboard.press('Enter');
}

const dialog = (page: Page) => page.locator('ts-returned dialog[open]');

describe('what was not taken over', () => {
  it('[RET-4, RET-9] is said in a bar, shown with its reason, and done again', async () => {
    const page = await pages.open(BOARD_HASH);
    expect(await page.locator('ts-returned .bar').count()).toBe(0);
    await refused(page, 'evicted');
    await page.getByText('A change of yours was not taken over.').waitFor();
    await page.getByRole('button', { name: 'Look at it' }).click();
    await dialog(page).getByText(WORDS).last().waitFor();
    await dialog(page).getByText('An owner removed you from this board.').waitFor();
    await dialog(page).getByRole('button', { name: 'Do it again' }).click();
    await dialog(page).getByText('Nothing is left here.').waitFor();
    expect((await commands(page)).map(({ type }) => type)).toEqual(['addCard', 'addCard']);
    await dialog(page).getByRole('button', { name: 'Close' }).click();
    await page.locator('ts-card', { hasText: WORDS }).waitFor();
    expect(await page.locator('ts-returned .bar').count()).toBe(0);
  });

  it('[RET-9] is copied and dismissed by keyboard alone', async () => {
    const page = await pages.open(BOARD_HASH);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await refused(page, 'notAllowed');
    await page.getByRole('button', { name: 'Look at it' }).focus();
    await page.keyboard.press('Enter');
    await dialog(page).waitFor();
    const press = async (name: string): Promise<void> => {
      const button = dialog(page).getByRole('button', { name });
      for (
        let presses = 0;
        presses < 8 && !(await button.evaluate((each) => each.matches(':focus')));
        presses++
      )
        await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
    };
    await press('Copy what I wrote');
    await page.getByText('Copied').first().waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(WORDS);
    await press('Dismiss');
    await dialog(page).getByText('Nothing is left here.').waitFor();
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    expect(await commands(page)).toHaveLength(1);
  });

  it('[RET-4] has the comment that was being typed when somebody put the card away', async () => {
    const page = await pages.open(BOARD_HASH);
    const card = await page.locator('ts-card').first().locator('button').first().innerText();
    await cardFace(page, card.trim()).click();
    await page.locator('ts-card-comments textarea').fill(WORDS);
    await page.evaluate(() => {
      const cardId = globalThis.fakeApp.board.snapshot()?.columns[0]?.cards[0]?.id ?? '';
      globalThis.fakeApp.remoteEdit({ type: 'archiveCard', cardId });
    });
    await page.getByText('A change of yours was not taken over.').waitFor();
    await page.getByRole('button', { name: 'Look at it' }).click();
    await dialog(page).getByText(WORDS).waitFor();
    await dialog(page).getByText('That card is gone.').waitFor();
  });
});
