/** One browser, one UI server and a page for each test of the screens. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { BOARD } from './fake-app.ts';
import { startUiServer, type UiServer } from './ui-server.ts';

export const BOARD_HASH = `#/b/${BOARD}`;
export const DESK: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };
export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
};

export interface UiPages {
  /** Opens the harness; `where` is its query and fragment. Whatever was open before is closed after the test. */
  open(where: string, options?: BrowserContextOptions): Promise<Page>;
}

/** Starts server and browser around a test file; every page must stay free of errors and policy refusals. */
export function useUiPages(): UiPages {
  let server: UiServer;
  let browser: Browser;
  let problems: string[] = [];
  let pages: Page[] = [];

  beforeAll(async () => {
    server = await startUiServer();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });
  afterEach(async () => {
    for (const page of pages) {
      problems.push(...(await page.evaluate(() => globalThis.refusals)));
      await page.context().close();
    }
    const found = problems;
    problems = [];
    pages = [];
    expect(found).toEqual([]);
  });

  return {
    open: async (where, options = DESK) => {
      const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
      const page = await context.newPage();
      page.on('pageerror', (error) => problems.push(error.message));
      pages.push(page);
      await page.goto(server.url + where);
      await page.locator('h1').first().waitFor({ state: 'attached' });
      return page;
    },
  };
}

/** The titles of a column's drawn cards, from top to bottom. */
export async function titlesIn(page: Page, columnIndex: number): Promise<string[]> {
  return page
    .locator('ts-column')
    .nth(columnIndex)
    .locator('li .text')
    .allTextContents()
    .then((titles) => titles.map((title) => title.trim()));
}

/** The button that is a card's face. */
export function cardFace(page: Page, title: string): Locator {
  return page.locator('ts-column').getByRole('button', { name: title, exact: true });
}

/** Title of the card that has the keyboard focus, or null. */
export async function focusedCard(page: Page): Promise<string | null> {
  return page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement != null) element = element.shadowRoot.activeElement;
    return element?.classList.contains('title') === true ? element.textContent.trim() : null;
  });
}

/** What the polite live region says. */
export function spoken(page: Page): Locator {
  return page.locator('[aria-live=polite]');
}

/** Violations of WCAG 2.2 A and AA that axe finds, one line each. */
export async function axeProblems(page: Page): Promise<string[]> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  return problemsOf(new AxeBuilder({ page }).withTags(tags));
}

/** Of those, what depends on colours. */
export async function axeColourProblems(page: Page): Promise<string[]> {
  return problemsOf(new AxeBuilder({ page }).withRules(['color-contrast', 'link-in-text-block']));
}

async function problemsOf(axe: AxeBuilder): Promise<string[]> {
  const { violations } = await axe.analyze();
  return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(' | ')}`);
}
