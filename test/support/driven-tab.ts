/** Tabs of browsers that puppeteer-core drives: the Firefox that people have, over WebDriver BiDi (Playwright's is a build of its own). */
import { launch, type Browser, type LaunchOptions, type Page } from 'puppeteer-core';
import { ready, type Tab } from './tab.ts';

/** Starting and loading on two busy cores: 28 s were seen with Firefox at a load of 33. */
export const START_TIMEOUT_MS = 120_000;

/**
 * Host candidates carry addresses, as they do in the tests' Chromium, because a machine for tests has no multicast DNS; and loopback counts,
 * because it may have no other network.
 */
const FIREFOX_PREFERENCES = {
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.peerconnection.ice.loopback': true,
};

/** One browser with one tab of the application. */
export interface DrivenTab {
  readonly tab: Tab;
  /** Uncaught errors of the page so far. */
  readonly troubles: readonly string[];
  close(): Promise<void>;
}

/** Starts the Firefox at `executablePath` with a profile of its own and opens `url`. */
export async function openFirefox(executablePath: string, url: string): Promise<DrivenTab> {
  return openDriven({ browser: 'firefox', executablePath, extraPrefsFirefox: FIREFOX_PREFERENCES }, url);
}

/** Starts a browser and opens `url` in a tab of it. */
export async function openDriven(
  options: LaunchOptions,
  url: string,
): Promise<DrivenTab & { readonly browser: Browser; readonly page: Page }> {
  const browser = await launch({
    ...options,
    headless: true,
    timeout: START_TIMEOUT_MS,
    protocolTimeout: START_TIMEOUT_MS,
  });
  try {
    const page = await browser.newPage();
    const troubles: string[] = [];
    page.on('pageerror', (error) => troubles.push(String(error)));
    await page.goto(url, { timeout: START_TIMEOUT_MS });
    const tab: Tab = { evaluate: evaluateBy(page) };
    await ready(tab);
    return { browser, page, tab, troubles, close: () => browser.close() };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** What Playwright's `evaluate` does, as far as our functions use it. The answer travels as text: BiDi leaves out what lies deeper than a few levels. */
function evaluateBy(page: Page): Tab['evaluate'] {
  return async (run: unknown, given?: unknown) => {
    const call = `(${String(run)})(${JSON.stringify(given)})`;
    const text = await page.evaluate(`(async () => JSON.stringify(await ${call}))()`);
    return typeof text === 'string' ? (JSON.parse(text) as unknown) : undefined;
  };
}
