/** Goal: one sees who is at which card, in words too, and nothing moves or is drawn anew for it. Method: the screens on a fake application. */
import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import type { PresenceStatus } from '../../src/ui/ports.ts';
import { ADA, BO, SELF } from './fake-board.ts';
import { BOARD_HASH, cardFace, titlesIn, useUiPages } from './ui-page.ts';

const pages = useUiPages();

type Other = Partial<PresenceStatus>;

/** Others at the card at `index` of the first column, which is returned. */
async function showOthers(page: Page, index: number, others: readonly Other[]): Promise<string> {
  return page.evaluate(
    ([at, list]) => {
      const card = globalThis.fakeApp.board.snapshot()?.columns[0]?.cards[at];
      if (card === undefined) throw new Error('no such card');
      globalThis.fakeApp.setOthers(
        list.map((other, n) => ({
          ...{ peerId: `peer ${n}`, memberId: `member ${n}`, cardId: card.id, doing: 'open', asleep: false },
          ...other,
        })),
      );
      return card.title;
    },
    [index, others] as const,
  );
}

const said = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    globalThis.fakeApp.said.map((one) => (one === null ? 'nothing' : `${one.doing} ${one.cardId}`)),
  );

const cardId = (page: Page, index: number): Promise<string> =>
  page.evaluate((at) => globalThis.fakeApp.board.snapshot()?.columns[0]?.cards[at]?.id ?? '', index);

describe('marks on cards', () => {
  it('[PRE-12] say who does what, for people and not for tabs, and nobody for oneself', async () => {
    const page = await pages.open(BOARD_HASH);
    await showOthers(page, 1, [
      { memberId: ADA, doing: 'title' },
      { memberId: ADA },
      { memberId: BO, asleep: true },
      { memberId: SELF },
    ]);
    const marks = page.locator('ts-card ts-mark-row ts-avatar [role=img]');
    await expect.poll(() => marks.count()).toBe(2);
    const labels = await marks.evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')));
    expect(labels.sort()).toEqual([
      'Ada Okafor is editing the title',
      'Bo Lindqvist has this card open, asleep',
    ]);
    expect(await marks.first().textContent()).toMatch(/^[A-Z]{2}$/);
    await showOthers(page, 1, []);
    await expect.poll(() => marks.count()).toBe(0);
  });

  it('[PRE-12] of many people are counted', async () => {
    const page = await pages.open(BOARD_HASH);
    await showOthers(
      page,
      0,
      Array.from({ length: 8 }, () => ({})),
    );
    await expect.poll(() => page.locator('ts-mark-row .extra').textContent()).toBe('+5');
    expect(await page.locator('ts-card ts-mark-row ts-avatar').count()).toBe(3);
  });

  it('[PRE-13] move nothing, and draw no other card anew', async () => {
    const page = await pages.open(BOARD_HASH);
    const boxes = (): Promise<unknown> =>
      page.locator('ts-card').evaluateAll((all) =>
        all.map((each) => {
          const { x, y, width, height } = each.getBoundingClientRect();
          return [x, y, width, height];
        }),
      );
    const before = await boxes();
    await page.locator('ts-card').evaluateAll((all) => {
      for (const each of all) {
        const card = each as HTMLElement & { performUpdate(): void };
        const draw = card.performUpdate.bind(card);
        card.performUpdate = () => {
          card.dataset['drawn'] = 'yes';
          draw();
        };
      }
    });
    await showOthers(page, 2, [{ memberId: ADA, doing: 'move' }]);
    await page.locator('ts-card ts-mark-row').waitFor();
    expect(await boxes()).toEqual(before);
    expect(await page.locator('ts-card[data-drawn]').count()).toBe(1);
  });

  it('[PRE-13] are looked at a few times a second, however often they change, and end up true', async () => {
    const page = await pages.open(BOARD_HASH);
    await page.evaluate(() => {
      const app = globalThis.fakeApp;
      const others = app.presence.others.bind(app.presence);
      const counted = globalThis as { looks?: number };
      counted.looks = 0;
      Object.assign(app.presence, {
        others: () => {
          counted.looks = (counted.looks ?? 0) + 1;
          return others();
        },
      });
      const card = app.board.snapshot()?.columns[0]?.cards[0]?.id ?? '';
      for (let n = 1; n <= 101; n++) {
        app.setOthers(
          Array.from({ length: n % 3 }, (_, at) => ({
            ...{ peerId: `${at}`, memberId: `${at}`, cardId: card, doing: 'open' as const, asleep: false },
          })),
        );
      }
    });
    await expect.poll(() => page.locator('ts-card ts-mark-row ts-avatar').count()).toBe(2);
    expect(await page.evaluate(() => (globalThis as { looks?: number }).looks)).toBe(2);
  });
});

describe('the open card', () => {
  it('[PRE-12] says near each field who edits it, and moves nothing for it', async () => {
    const page = await pages.open(BOARD_HASH);
    const title = await showOthers(page, 1, []);
    await cardFace(page, title).click();
    const notes = page.locator('ts-card-sheet #notes');
    await notes.waitFor();
    const before = await notes.boundingBox();
    await showOthers(page, 1, [
      { memberId: ADA, doing: 'title' },
      { memberId: BO, doing: 'title' },
      { memberId: 'f6'.repeat(32), doing: 'notes' },
    ]);
    await page.getByText('Chidi is editing the notes').waitFor();
    await page
      .getByText(/^(Ada Okafor and Bo Lindqvist|Bo Lindqvist and Ada Okafor) are editing the title$/)
      .waitFor();
    expect(await notes.boundingBox()).toEqual(before);
  });
});

describe('what this tab says', () => {
  it('[PRE-14] follows what its person does with a card', async () => {
    const page = await pages.open(BOARD_HASH);
    const [id, [title = '']] = [await cardId(page, 0), await titlesIn(page, 0)];
    await cardFace(page, title).click();
    await expect.poll(() => said(page)).toEqual([`open ${id}`]);
    await page.locator('ts-card-sheet #notes').focus();
    await expect.poll(async () => (await said(page)).at(-1)).toBe(`notes ${id}`);
    await page.locator('ts-card-sheet ts-card-comments textarea').focus();
    await expect.poll(async () => (await said(page)).at(-1)).toBe(`open ${id}`);
    await page.keyboard.type('I');
    await expect.poll(async () => (await said(page)).at(-1)).toBe(`comment ${id}`);
    await page.keyboard.press('Escape');
    await expect.poll(async () => (await said(page)).at(-1)).toBe('nothing');
    await cardFace(page, title).focus();
    await page.keyboard.press(' ');
    await expect.poll(async () => (await said(page)).at(-1)).toBe(`move ${id}`);
    await page.keyboard.press('Escape');
    await expect.poll(async () => (await said(page)).at(-1)).toBe('nothing');
    await page.keyboard.press('F2');
    await expect.poll(async () => (await said(page)).at(-1)).toBe(`title ${id}`);
    await page.keyboard.press('Escape');
  });

  it('[PRE-14] is nothing once the board is closed', async () => {
    const page = await pages.open(BOARD_HASH);
    const [title = ''] = await titlesIn(page, 0);
    await cardFace(page, title).click();
    await expect.poll(async () => (await said(page)).length).toBe(1);
    await page.evaluate(() => {
      location.hash = '#/';
    });
    await expect.poll(async () => (await said(page)).at(-1)).toBe('nothing');
  });
});
