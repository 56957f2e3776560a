/** Goal: owners decide by mouse and by keyboard alone and know what it means; everybody sees what became of whom, and of themselves. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { ADA, BO } from './fake-board.ts';
import { BOARD_HASH, cardFace, PHONE, useUiPages } from './ui-page.ts';

const pages = useUiPages();
const SHARE = `${BOARD_HASH}/share`;
const CARD = 'Fix the flicker when two people drag the same card';

const said = (page: Page): Promise<string[]> => page.evaluate(() => [...globalThis.fakeApp.govern.said]);

const person = (page: Page, name: string) => page.locator('ts-people-list li', { hasText: name });

describe('an owner', () => {
  it('changes a role, having read what it means', async () => {
    const page = await pages.open(SHARE);
    await page.getByRole('button', { name: 'Manage Ada Okafor' }).click();
    const dialog = page.locator('ts-member-dialog dialog[open]');
    const change = dialog.getByRole('button', { name: 'Change role' });
    expect(await change.isDisabled()).toBe(true);
    await dialog.getByRole('radio', { name: 'Viewer' }).check();
    await dialog.getByText('Changes they make before they hear of it are taken off the board.').waitFor();
    await change.click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('Ada Okafor is now a viewer.').waitFor();
    await person(page, 'Ada Okafor').getByText('Viewer').waitFor();
    expect(await said(page)).toEqual([`setRole ${ADA} viewer`]);
  });

  it('removes somebody by keyboard alone, after having been told what stays and what goes', async () => {
    const page = await pages.open(SHARE);
    await page.getByRole('button', { name: 'Manage Bo Lindqvist' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.locator('ts-member-dialog dialog[open]');
    await dialog.waitFor();
    const ask = dialog.getByRole('button', { name: 'Remove from board…' });
    for (let n = 0; n < 8 && !(await ask.evaluate((button) => button.matches(':focus'))); n++)
      await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await dialog.getByText('What stays').waitFor();
    await dialog.getByText('What goes').waitFor();
    // The harmless answer has the focus.
    const cancel = dialog.getByRole('button', { name: 'Cancel' });
    await expect.poll(() => cancel.evaluate((button) => button.matches(':focus'))).toBe(true);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await said(page)).toEqual([]);
    await page.getByRole('button', { name: 'Manage Bo Lindqvist' }).click();
    await ask.click();
    await cancel.waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('Bo Lindqvist was removed. What they wrote stays.').waitFor();
    await page.getByText('No longer on this board').waitFor();
    await person(page, 'Bo Lindqvist').getByText('Removed by Mira Holt, just now').waitFor();
    expect(await page.getByRole('button', { name: 'Manage Bo Lindqvist' }).count()).toBe(0);
    expect(await said(page)).toEqual([`evict ${BO}`]);
  });

  it('is told why something was refused, and nothing has changed', async () => {
    const page = await pages.open(SHARE);
    await page.getByRole('button', { name: 'Manage Ada Okafor' }).click();
    const dialog = page.locator('ts-member-dialog dialog[open]');
    await dialog.getByRole('radio', { name: 'Owner' }).check();
    await dialog.getByText('Only whoever made the board can take this back.').waitFor();
    await page.evaluate(() => {
      globalThis.fakeApp.refuseNext = 'memberProtected';
    });
    await dialog.getByRole('button', { name: 'Change role' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'cannot be changed by you' }).waitFor();
    await page.keyboard.press('Escape');
    await person(page, 'Ada Okafor').getByText('Editor').waitFor();
  });

  it('revokes a link of the list, or one that is pasted', async () => {
    const page = await pages.open(SHARE);
    const list = page.locator('ts-invite-list');
    await list.getByText('for up to 5 people, 2 joined', { exact: false }).waitFor();
    await list.getByRole('button', { name: /^Revoke: Join as editor/ }).click();
    await page.getByText('Nobody can join by that link any more.').waitFor();
    await list.getByText('for up to 5 people, 2 joined', { exact: false }).waitFor({ state: 'detached' });
    await list.getByText('Revoke a link that you have').click();
    await list.getByLabel('Link to revoke').fill('https://board.example/#/j/abc');
    await page.keyboard.press('Enter');
    await expect.poll(() => list.getByLabel('Link to revoke').inputValue()).toBe('');
    expect(await said(page)).toEqual([
      `revokeInvite ${'71'.repeat(32)}`,
      'revokeInvite https://board.example/#/j/abc',
    ]);
  });
});

describe('everybody else', () => {
  it('sees who is out, who is ignored and the proof, and manages nobody', async () => {
    const page = await pages.open(`?troubled&role=editor${SHARE}`);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await person(page, 'Chidi').getByText('Removed by Mira Holt, 2 days ago').waitFor();
    await person(page, 'Bo Lindqvist').getByText('One tab is ignored').waitFor();
    const proof = page.locator('ts-evidence-list');
    await proof.getByText('A tab of Bo Lindqvist signed two different changes').waitFor();
    await proof.getByText('This device learned of it 1 hour ago.').waitFor();
    await proof.getByRole('button', { name: 'Copy the proof' }).click();
    await page.getByText('Copied').first().waitFor();
    const copied: unknown = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
    expect(copied).toMatchObject({ kind: 'equivocation', place: 17, memberId: BO });
    expect(await page.getByRole('button', { name: /^Manage/ }).count()).toBe(0);
    expect(await page.locator('ts-invite-list').count()).toBe(0);
  });

  it('as a viewer has nothing to edit with, and hears why a key does nothing', async () => {
    const page = await pages.open(`?role=viewer${BOARD_HASH}`);
    await cardFace(page, CARD).focus();
    for (const key of ['Space', 'F2', 'n', 'Control+z']) {
      await page.keyboard.press(key);
      const toast = page.locator('ts-toasts').getByText('Your role on this board does not allow that.');
      await toast.waitFor();
      await page.locator('ts-toasts').getByRole('button', { name: 'Close' }).click();
      await toast.waitFor({ state: 'detached' });
      await cardFace(page, CARD).focus();
    }
    expect(await page.getByRole('button', { name: /^Add a card|: more$|Undo|Add column/ }).count()).toBe(0);
    expect(await page.evaluate(() => globalThis.fakeApp.commands)).toEqual([]);
    await cardFace(page, CARD).click();
    await page.getByText('You can read this card but not change it.').waitFor();
    expect(await page.getByLabel('Write a comment').count()).toBe(0);
  });
});

describe('a board that is over', () => {
  it('[DEC-20] says so and by which decision, can be read and copied, and offers no edit', async () => {
    const page = await pages.open(`?closed&group=small${BOARD_HASH}`);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const notice = page
      .getByRole('alert')
      .filter({ hasText: 'The group decided that this board is over, 1 hour ago.' });
    await notice.getByText('“Autumn is over”, decision 12 in the order.').waitFor();
    expect(await page.getByRole('button', { name: /^Add a card|: more$|Undo|Add column/ }).count()).toBe(0);
    await cardFace(page, CARD).focus();
    await page.keyboard.press('F2');
    await page.locator('ts-toasts').getByText('The group decided that this board is over.').waitFor();
    expect(await page.evaluate(() => globalThis.fakeApp.commands)).toEqual([]);
    await notice.getByRole('button', { name: 'Copy the board as text' }).click();
    await page.getByText('The board is copied.').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(`- ${CARD}`);
    await notice.getByRole('link', { name: 'See the decisions' }).click();
    await page.getByRole('heading', { name: 'Check a certificate' }).waitFor();
  });
});

describe('a tab whose changes nobody takes', () => {
  it('says who removed its member, keeps the board to be read and copied, and offers nothing else', async () => {
    const page = await pages.open(`?barred=evicted&troubled${BOARD_HASH}`);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const notice = page.getByRole('alert').filter({ hasText: 'An owner removed you from this board.' });
    await notice.getByText('ask for a new invite and open it in another browser', { exact: false }).waitFor();
    expect(await page.getByRole('button', { name: 'Go on with a new key' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: /^Add a card|: more$|Undo|Add column/ }).count()).toBe(0);
    await notice.getByRole('button', { name: 'Copy the board as text' }).click();
    await page.getByText('The board is copied.').waitFor();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    expect(text).toMatch(/^Autumn reading group\n\n## Ideas\n- /u);
    expect(text).toContain(`- ${CARD}`);
    await page.getByRole('link', { name: 'Share' }).click();
    await page.locator('ts-share-screen').getByRole('alert').first().waitFor();
    expect(await page.getByRole('button', { name: 'Make link' }).count()).toBe(0);
  });

  for (const [muted, words] of [
    ['keyLost', 'This tab’s record of its votes is lost or damaged'],
    ['convicted', 'This tab signed two different votes for one place'],
  ] as const)
    it(`[NOD-101] whose key has no say (${muted}) goes on with a new key, and edits the board meanwhile`, async () => {
      const page = await pages.open(`?muted=${muted}&group=busy${BOARD_HASH}`, PHONE);
      const notice = page.getByRole('alert').filter({ hasText: words });
      await notice.waitFor();
      await page.getByRole('button', { name: 'Add column' }).waitFor();
      await notice.getByRole('button', { name: 'Go on with a new key' }).click();
      await notice.waitFor({ state: 'detached' });
      expect(await said(page)).toEqual(['renewKey']);
    });

  for (const [barred, words] of [
    ['forked', 'This tab signed two different histories'],
    ['cut', 'Your rights changed while you were writing.'],
  ] as const)
    it(`whose journal is ${barred} goes on with a new key, where it is`, async () => {
      const page = await pages.open(`?barred=${barred}${BOARD_HASH}`, PHONE);
      const notice = page.getByRole('alert').filter({ hasText: words });
      await notice.waitFor();
      expect(await page.getByRole('button', { name: 'Add column' }).count()).toBe(0);
      await notice.getByRole('button', { name: 'Go on with a new key' }).click();
      await page.getByText('This tab has a new key. You can go on.').waitFor();
      await notice.waitFor({ state: 'detached' });
      expect(await said(page)).toEqual(['renewKey']);
      await page.getByRole('button', { name: 'Add column' }).waitFor();
      expect(await page.evaluate(() => location.hash)).toBe(BOARD_HASH);
    });
});
