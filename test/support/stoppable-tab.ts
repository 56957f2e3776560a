/** Tabs that stop running, in a Chromium that puppeteer-core drives: Playwright makes every page believe that it is looked at, and such a page is never frozen. */
import type { Browser, CDPSession } from 'puppeteer-core';
import { launchOptions } from './browser.ts';
import { openDriven, START_TIMEOUT_MS, type DrivenTab } from './driven-tab.ts';
import { waitUntil } from './wait-until.ts';

/** A Chromium of its own whose tab can be stopped. */
export interface StoppableTab extends DrivenTab {
  /** The browser freezes the tab, as it does to save energy: it is told before, and nothing of it runs until {@link resume}. */
  freeze(): Promise<void>;
  resume(): Promise<void>;
  /** The system stops the tab's process, which is told nothing, as when a machine sleeps. */
  stop(): Promise<void>;
  /** Lets the process go on. */
  go(): void;
}

/** Starts a Chromium with a profile of its own and opens `url` in a tab that is hidden behind another. */
export async function openStoppable(url: string): Promise<StoppableTab> {
  const { executablePath = '', args = [] } = await launchOptions();
  const driven = await openDriven({ executablePath, args: [...args] }, url);
  const { browser, page } = driven;
  const front = await browser.newPage();
  await front.bringToFront();
  await page.waitForFunction(() => document.visibilityState === 'hidden', { timeout: START_TIMEOUT_MS });
  const session: CDPSession = await page.createCDPSession();
  let stopped: readonly number[] = [];
  return {
    ...driven,
    freeze: async () => {
      await page.evaluate(() => {
        document.addEventListener('freeze', () => document.documentElement.setAttribute('data-frozen', ''));
      });
      await session.send('Page.setWebLifecycleState', { state: 'frozen' });
      // The document can be read while its scripts do not run; without the event it is not frozen, and the test would test nothing.
      await waitUntil(() => page.evaluate(() => document.documentElement.hasAttribute('data-frozen')), {
        timeoutMs: START_TIMEOUT_MS,
        what: 'the browser to freeze the tab',
      });
    },
    resume: async () => {
      await session.send('Page.setWebLifecycleState', { state: 'active' });
    },
    stop: async () => {
      stopped = await rendererIds(browser);
      if (stopped.length === 0) throw new Error('no renderer process was found');
      for (const id of stopped) process.kill(id, 'SIGSTOP');
    },
    go: () => {
      for (const id of stopped) process.kill(id, 'SIGCONT');
      stopped = [];
    },
  };
}

/** Process ids of all tabs of a Chromium. */
async function rendererIds(browser: Browser): Promise<readonly number[]> {
  const session = await browser.target().createCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
}
