/** Goal: everything on a board can be done by keyboard alone, by taps alone, with a mouse and with a finger. */
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { BOARD_HASH, cardFace, focusedCard, PHONE, spoken, titlesIn, useUiPages } from './ui-page.ts';

const pages = useUiPages();

const FIRST = 'Send the invite links to the reading group';
const SECOND = 'Fix the flicker when two people drag the same card';
const THIRD = 'Ask Bo about the venue';

async function commandTypes(page: Page): Promise<string[]> {
  return page.evaluate(() => globalThis.fakeApp.commands.map((command) => command.type));
}

async function columnTitles(page: Page): Promise<string[]> {
  const titles = await page.locator('ts-column h2 .name').allTextContents();
  return titles.map((title) => title.trim());
}

/** Middle of an element, in viewport pixels. */
async function middle(locator: Locator): Promise<{ x: number; y: number }> {
  const box = await locator.boundingBox();
  if (box === null) throw new Error('not drawn');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

describe('keyboard alone', () => {
  it('roams, picks up, moves, drops, and keeps the focus on the moved card', async () => {
    const page = await pages.open(BOARD_HASH);
    await cardFace(page, FIRST).focus();
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => focusedCard(page)).toBe(SECOND);
    await page.keyboard.press(' ');
    await expect.poll(() => spoken(page).textContent()).toContain(`Picked up ${SECOND}`);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => spoken(page).textContent()).toBe('This week, position 2 of 10');
    await expect.poll(() => focusedCard(page)).toBe(SECOND);
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => spoken(page).textContent()).toBe('This week, position 1 of 10');
    await page.keyboard.press(' ');
    await expect
      .poll(() => spoken(page).textContent())
      .toContain(`Dropped ${SECOND} in This week at position 1`);
    expect((await titlesIn(page, 1))[0]).toBe(SECOND);
    expect(await focusedCard(page)).toBe(SECOND);
    expect(await commandTypes(page)).toEqual(['moveCard']);
    await page.keyboard.press('Control+z');
    await expect.poll(async () => (await titlesIn(page, 0))[1]).toBe(SECOND);
    await page.keyboard.press('Control+Shift+z');
    await expect.poll(async () => (await titlesIn(page, 1))[0]).toBe(SECOND);
  });

  it('puts a picked-up card back with Escape and changes nothing', async () => {
    const page = await pages.open(BOARD_HASH);
    const before = await titlesIn(page, 0);
    await cardFace(page, FIRST).focus();
    await page.keyboard.press(' ');
    await page.keyboard.press('ArrowDown');
    await expect.poll(async () => (await titlesIn(page, 0))[1]).toBe(FIRST);
    await page.keyboard.press('Escape');
    await expect.poll(() => titlesIn(page, 0)).toEqual(before);
    await expect.poll(() => focusedCard(page)).toBe(FIRST);
    expect(await commandTypes(page)).toEqual([]);
  });

  it('opens a card with Enter, closes it with Escape, and comes back to it', async () => {
    const page = await pages.open(BOARD_HASH);
    await cardFace(page, THIRD).focus();
    await page.keyboard.press('Enter');
    await page.locator('ts-card-sheet dialog[open]').waitFor();
    await page.getByLabel('Notes').fill('Call before noon.');
    await page.keyboard.press('Escape');
    await page.locator('ts-card-sheet dialog').waitFor({ state: 'hidden' });
    await expect.poll(() => focusedCard(page)).toBe(THIRD);
    expect(await commandTypes(page)).toEqual(['updateCard']);
  });

  it('makes cards with N, filters with /, and leaves fields alone', async () => {
    const page = await pages.open(BOARD_HASH);
    await cardFace(page, FIRST).focus();
    await page.keyboard.press('n');
    await page.keyboard.type('Nine new names / really?');
    await page.keyboard.press('Enter');
    await page.keyboard.type('And another');
    await page.keyboard.press('Enter');
    await expect
      .poll(async () => (await titlesIn(page, 0)).slice(-2))
      .toEqual(['Nine new names / really?', 'And another']);
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type('another');
    await page.getByRole('button', { name: '1 of 32 Clear filter' }).waitFor();
    expect(await titlesIn(page, 0)).toEqual(['And another']);
    await page.keyboard.press('Escape');
    await expect.poll(async () => (await titlesIn(page, 0)).length).toBe(14);
  });

  it('[STO-29] opens the help that was asked for before its code was here', async () => {
    const page = await pages.open(BOARD_HASH);
    const held: (() => void)[] = [];
    await page.route(/late-parts/, async (route) => {
      await new Promise<void>((resolve) => held.push(resolve));
      await route.continue();
    });
    await page.reload();
    await cardFace(page, FIRST).focus();
    await page.keyboard.press('?');
    await expect.poll(() => held.length).toBeGreaterThan(0);
    expect(await page.getByLabel('Single-letter shortcuts').count()).toBe(0);
    for (const release of held) release();
    await page.getByLabel('Single-letter shortcuts').waitFor();
  });

  it('turns single-letter shortcuts off, and they stay off after a reload', async () => {
    const page = await pages.open(BOARD_HASH);
    await page.keyboard.press('?');
    await page.getByLabel('Single-letter shortcuts').uncheck();
    await page.keyboard.press('Escape');
    await page.reload();
    await cardFace(page, FIRST).focus();
    await page.keyboard.press('n');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => focusedCard(page)).toBe(SECOND);
    expect(await page.locator('ts-quick-add textarea').count()).toBe(0);
  });

  it('edits a title in place with F2', async () => {
    const page = await pages.open(BOARD_HASH);
    await cardFace(page, THIRD).focus();
    await page.keyboard.press('F2');
    await page.locator('ts-card textarea').waitFor();
    await page.keyboard.type('Ask Bo about two venues');
    await page.keyboard.press('Enter');
    await expect.poll(() => focusedCard(page)).toBe('Ask Bo about two venues');
  });
});

describe('pointer', () => {
  it('drags a card with the mouse between two others', async () => {
    const page = await pages.open(BOARD_HASH);
    const target = await titlesIn(page, 2);
    const from = await middle(cardFace(page, FIRST));
    const below = await middle(cardFace(page, target[0] ?? ''));
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x + 20, from.y + 5, { steps: 3 });
    await page.mouse.move(below.x, below.y + 50, { steps: 8 });
    await page.locator('ts-drag-layer .line:not([hidden])').waitFor();
    await page.mouse.up();
    await expect.poll(async () => (await titlesIn(page, 2))[1]).toBe(FIRST);
    await expect.poll(() => focusedCard(page)).toBe(FIRST);
    expect(await page.locator('ts-card-sheet dialog[open]').count()).toBe(0);
    expect(await commandTypes(page)).toEqual(['moveCard']);
  });

  it('gives a drag up with Escape', async () => {
    const page = await pages.open(BOARD_HASH);
    const from = await middle(cardFace(page, FIRST));
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x + 400, from.y + 60, { steps: 5 });
    await page.locator('ts-drag-layer[on]').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('ts-drag-layer:not([on])').waitFor({ state: 'attached' });
    await page.mouse.up();
    expect(await commandTypes(page)).toEqual([]);
  });

  it('drags a column by its header', async () => {
    const page = await pages.open(BOARD_HASH);
    const from = await middle(page.locator('ts-column .count').first());
    const to = await middle(page.locator('ts-column').nth(2));
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(to.x + 40, from.y + 10, { steps: 8 });
    await page.locator('ts-drag-layer .line:not([hidden])').waitFor();
    await page.mouse.up();
    await expect.poll(() => columnTitles(page)).toEqual(['This week', 'Doing', 'Ideas', 'Done']);
  });
});

interface TouchPoint {
  readonly x: number;
  readonly y: number;
}

describe('touch', () => {
  async function touch(page: Page): Promise<(type: string, points: readonly TouchPoint[]) => Promise<void>> {
    const session = await page.context().newCDPSession(page);
    return async (type, points) => {
      await session.send('Input.dispatchTouchEvent', {
        type: type as 'touchStart',
        touchPoints: points.map((point) => ({ ...point })),
      });
    };
  }

  it('lifts a card after a long press and drops it elsewhere', async () => {
    const page = await pages.open(BOARD_HASH, PHONE);
    const send = await touch(page);
    const from = await middle(cardFace(page, FIRST));
    const third = await middle(cardFace(page, THIRD));
    await send('touchStart', [from]);
    await page.locator('ts-drag-layer[on]').waitFor();
    for (const share of [0.25, 0.5, 0.75, 1]) {
      await send('touchMove', [{ x: from.x, y: from.y + (third.y + 30 - from.y) * share }]);
    }
    await page.locator('ts-drag-layer .line:not([hidden])').waitFor();
    await send('touchEnd', []);
    await expect.poll(async () => (await titlesIn(page, 0)).slice(0, 3)).toEqual([SECOND, THIRD, FIRST]);
    expect(await page.locator('ts-card-sheet dialog[open]').count()).toBe(0);
  });

  it('scrolls, and lifts nothing, when the finger moves at once', async () => {
    const page = await pages.open(BOARD_HASH, PHONE);
    const send = await touch(page);
    const from = await middle(cardFace(page, THIRD));
    await send('touchStart', [from]);
    for (const step of [1, 2, 3, 4, 5, 6]) await send('touchMove', [{ x: from.x, y: from.y - step * 40 }]);
    await send('touchEnd', []);
    const scrolled = (): Promise<number> =>
      page
        .locator('ts-column .list')
        .first()
        .evaluate((list) => list.scrollTop);
    await expect.poll(scrolled).toBeGreaterThan(50);
    expect(await commandTypes(page)).toEqual([]);
    expect(await page.locator('ts-drag-layer[on]').count()).toBe(0);
  });

  it('moves a card by taps alone', async () => {
    const page = await pages.open(BOARD_HASH, PHONE);
    await page.getByRole('button', { name: `${SECOND}: more` }).tap();
    await page.getByRole('menuitem', { name: 'Move to…' }).tap();
    await page.getByRole('radio', { name: 'Doing' }).tap();
    await page.getByRole('button', { name: 'One place down' }).tap();
    await page.getByRole('button', { name: 'Move', exact: true }).tap();
    await expect.poll(async () => (await titlesIn(page, 2))[1]).toBe(SECOND);
    expect(await commandTypes(page)).toEqual(['moveCard']);
  });

  it.each([320, 390])('fits %i pixels without scrolling the page sideways', async (width) => {
    const phone = { ...PHONE, viewport: { width, height: 700 } };
    for (const where of [BOARD_HASH, '#/', `${BOARD_HASH}/share`, '#/j/good']) {
      const page = await pages.open(where, phone);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect([where, overflow]).toEqual([where, 0]);
    }
  });

  it('gives every control on the board 44 pixels', async () => {
    const page = await pages.open(BOARD_HASH, PHONE);
    const small: string[] = [];
    for (const button of await page.locator('button:visible, a:visible').all()) {
      const box = await button.boundingBox();
      if (box === null || (await button.evaluate((element) => element.classList.contains('title')))) continue;
      if (box.height < 43.5 || box.width < 24) small.push(await button.evaluate((it) => it.outerHTML));
    }
    expect(small).toEqual([]);
  });
});

describe('editing', () => {
  it('makes one card a line from a paste, as one command', async () => {
    const page = await pages.open(BOARD_HASH);
    await page.getByRole('button', { name: 'Add a card to Doing' }).click();
    const field = page.locator('ts-quick-add textarea');
    await field.evaluate((element) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', '- Bread\n- [ ] Butter\n\n3. Jam\n');
      element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    });
    await expect.poll(async () => (await titlesIn(page, 2)).slice(-3)).toEqual(['Bread', 'Butter', 'Jam']);
    expect(await commandTypes(page)).toEqual(['addCards']);
  });

  it('archives with a way back', async () => {
    const page = await pages.open(BOARD_HASH);
    await cardFace(page, FIRST).click();
    await page.getByRole('button', { name: 'Archive', exact: true }).click();
    await page.getByText(`Archived “${FIRST}”.`).waitFor();
    await page.getByRole('button', { name: 'Undo', exact: true }).last().click();
    await expect.poll(async () => (await titlesIn(page, 0))[0]).toBe(FIRST);
  });

  it('shows what a refusal means', async () => {
    const page = await pages.open(BOARD_HASH);
    await page.evaluate(() => {
      globalThis.fakeApp.refuseNext = 'tooManyItems';
    });
    await page.getByRole('button', { name: 'Add a card to Doing' }).click();
    await page.keyboard.type('One more');
    await page.keyboard.press('Enter');
    await page.getByText('That is more than a board can hold.').waitFor();
  });

  it('renames board and column in place', async () => {
    const page = await pages.open(BOARD_HASH);
    await page.getByRole('button', { name: 'Autumn reading group' }).click();
    await page.keyboard.type('Winter reading group');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Winter reading group' }).waitFor();
    await page.getByRole('button', { name: 'Doing', exact: true }).click();
    await page.keyboard.type('In hand');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'In hand', exact: true }).waitFor();
  });

  it('lets a viewer look and change nothing', async () => {
    const page = await pages.open(`?role=viewer${BOARD_HASH}`);
    await page.getByText('You are a viewer').waitFor();
    await cardFace(page, FIRST).focus();
    await page.keyboard.press(' ');
    await page.keyboard.press('n');
    await page.keyboard.press('F2');
    expect(await page.locator('ts-board-screen textarea').count()).toBe(0);
    expect(await page.locator('ts-quick-add').count()).toBe(0);
    await page.keyboard.press('Escape');
    await cardFace(page, SECOND).click();
    await page.getByText('You can read this card but not change it.').waitFor();
    expect(await page.locator('ts-card-sheet textarea, ts-card-sheet input').count()).toBe(0);
    expect(await commandTypes(page)).toEqual([]);
  });

  it('draws hostile text as text', async () => {
    const page = await pages.open(BOARD_HASH);
    const hostile = '<img src=x onerror="globalThis.refusals.push(1)">';
    await page.evaluate((title) => {
      globalThis.fakeApp.remoteEdit({
        type: 'updateCard',
        cardId: 'card-0',
        changes: { title, labels: [title] },
      });
    }, hostile);
    await cardFace(page, hostile).waitFor();
    expect(await page.locator('img').count()).toBe(0);
  });
});
