/** What somebody does who has never seen it, on screen alone: by the roles and names that a screen reader would say. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { startSwarm, type Swarm } from '../support/swarm.ts';
import { PATIENCE_MS } from '../support/tab.ts';

let swarm: Swarm;
let first: Page;
let second: Page;

beforeAll(async () => {
  swarm = await startSwarm({ profiles: 2 });
  await swarm.profile(0).grantPermissions(['clipboard-read', 'clipboard-write']);
});

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles()).toEqual([]);
});

const column = (page: Page, title: string): Locator => page.getByRole('region', { name: title });
const card = (page: Page, title: string): Locator => page.getByRole('button', { name: title, exact: true });
/** Titles of the cards of a column, from top to bottom. */
const cardsIn = async (page: Page, title: string): Promise<string[]> => {
  const items = await column(page, title).getByRole('listitem').all();
  return Promise.all(items.map((item) => item.getByRole('button').first().innerText()));
};
const state = (page: Page, words: string | RegExp): Promise<void> =>
  page.getByRole('status').filter({ hasText: words }).waitFor({ timeout: PATIENCE_MS });
const seen = (locator: Locator): Promise<void> => locator.waitFor({ timeout: PATIENCE_MS });

async function open(profile: number, path = '/'): Promise<Page> {
  const page = await swarm.profile(profile).newPage();
  await page.goto(path);
  return page;
}

async function copyInvite(page: Page): Promise<string> {
  await page.getByRole('link', { name: 'Share' }).click();
  await page.getByRole('button', { name: 'Make link' }).click();
  await page.getByRole('button', { name: 'Copy link' }).click();
  await seen(page.getByRole('button', { name: 'Copied' }));
  await seen(page.getByRole('img', { name: 'QR code of the invite link' }));
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(await page.getByRole('textbox', { name: 'Invite link' }).inputValue()).toBe(copied);
  await page.getByRole('link', { name: 'Back to the board' }).click();
  return copied;
}

describe('a newcomer', () => {
  it('finds a board at once and renames it', async () => {
    first = await open(0);
    await seen(first.getByRole('heading', { level: 1, name: 'My first board' }));
    await state(first, /^Only you · /);
    await first.getByRole('button', { name: 'My first board' }).click();
    await first.getByRole('textbox', { name: 'Board title' }).fill('Garden party');
    await first.keyboard.press('Enter');
    await seen(first.getByRole('heading', { level: 1, name: 'Garden party' }));
    expect(await first.title()).toBe('Garden party · Tabswarm');
  });

  it('adds cards by typing and by pasting lines', async () => {
    await first.getByRole('button', { name: 'Add a card to To do' }).click();
    const field = first.getByRole('textbox', { name: 'Add a card to To do' });
    await field.fill('Borrow chairs');
    await field.press('Enter');
    await field.fill('Bake a cake');
    await field.press('Enter');
    await seen(card(first, 'Bake a cake'));
    await first.evaluate(() => navigator.clipboard.writeText('- Lemonade\n- Lanterns\n- Music'));
    await field.press('Control+v');
    await seen(card(first, 'Music'));
    await field.press('Escape');
    expect((await cardsIn(first, 'To do')).slice(-5)).toEqual([
      'Borrow chairs',
      'Bake a cake',
      'Lemonade',
      'Lanterns',
      'Music',
    ]);
  });

  it('moves a card with the keyboard, and one by its menu', async () => {
    await card(first, 'Music').focus();
    await first.keyboard.press('Space');
    await first.keyboard.press('ArrowRight');
    await first.keyboard.press('Space');
    await seen(column(first, 'Doing').getByRole('button', { name: 'Music', exact: true }));

    await card(first, 'Lanterns').hover();
    await first.getByRole('button', { name: 'Lanterns: more' }).click();
    await first.getByRole('menuitem', { name: 'Move to…' }).click();
    const dialog = first.getByRole('dialog', { name: 'Move card' });
    await dialog.getByRole('radio', { name: /^Done/ }).check();
    await dialog.getByRole('button', { name: 'Move', exact: true }).click();
    await seen(column(first, 'Done').getByRole('button', { name: 'Lanterns', exact: true }));
    expect((await cardsIn(first, 'To do')).slice(-3)).toEqual(['Borrow chairs', 'Bake a cake', 'Lemonade']);
  });

  it('shares a link, and somebody else joins by it', async () => {
    const url = await copyInvite(first);
    expect(url).toMatch(/#\/j\/[\w-]{100,}$/);
    second = await open(1, url);
    await seen(second.getByRole('heading', { name: 'Garden party' }));
    await second.getByRole('textbox', { name: 'Your name' }).fill('Grace');
    await second.getByRole('button', { name: 'Join' }).click();
    await seen(second.getByRole('heading', { level: 1, name: 'Garden party' }));
    await seen(card(second, 'Bake a cake'));
    await state(second, 'Live · 1 peer');
    await state(first, 'Live · 1 peer');
    await seen(first.getByRole('list', { name: 'Here now' }).getByRole('img', { name: 'Grace' }));
  });

  it('sees what the other does, and the other way round', async () => {
    await second.getByRole('button', { name: 'Add a card to Doing' }).click();
    const field = second.getByRole('textbox', { name: 'Add a card to Doing' });
    await field.fill('Invite the neighbours');
    await field.press('Enter');
    await field.press('Escape');
    await seen(card(first, 'Invite the neighbours'));
    await card(first, 'Bake a cake').focus();
    await first.keyboard.press('F2');
    await first.getByRole('textbox', { name: 'Card title' }).fill('Bake two cakes');
    await first.keyboard.press('Enter');
    await seen(card(second, 'Bake two cakes'));
  });

  it('closes everything, and finds it all again', async () => {
    const columns = ['To do', 'Doing', 'Done'];
    const before = await Promise.all(columns.map((title) => cardsIn(first, title)));
    await second.close();
    await state(first, /^Only you · /);
    await first.close();
    first = await open(0);
    await seen(first.getByRole('heading', { level: 1, name: 'Garden party' }));
    await seen(card(first, 'Bake two cakes'));
    expect(await Promise.all(columns.map((title) => cardsIn(first, title)))).toEqual(before);
    await state(first, /^Only you · /);
  });
});
