/** Real Chromium for the end-to-end tests: profiles (separate storage) and tabs. */
import { chromium, type Browser, type BrowserContext, type LaunchOptions, type Page } from 'playwright-core';
import { findChromium } from './find-browser.ts';

/** `n` profiles of one browser process. */
export interface Profiles {
  readonly browser: Browser;
  /** Separate storage, locks and BroadcastChannel each: what a profile is to a person. */
  readonly contexts: readonly BrowserContext[];
  close(): Promise<void>;
}

export interface ProfileOptions {
  /** Where `page.goto('/')` goes. */
  readonly baseURL: string;
  /** More switches for Chromium. */
  readonly args?: readonly string[];
}

/**
 * Switches of every run. A machine for tests has no multicast DNS, so host candidates must carry addresses; and tabs of a
 * mesh are all in the background but one, so throttling would measure the browser instead of us.
 */
const SWITCHES = [
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
  '--disable-sync',
  '--disable-features=WebRtcHideLocalIpsWithMdns,HttpsUpgrades,Translate,MediaRouter,OptimizationHints',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--disable-background-timer-throttling',
];

/** What every browser of the tests is started with. Rejects with one line when there is no Chromium and none can be had. */
export async function launchOptions(args: readonly string[] = []): Promise<LaunchOptions> {
  const isRoot = process.getuid?.() === 0;
  return {
    executablePath: await findChromium(),
    headless: true,
    args: [...SWITCHES, ...(isRoot ? ['--no-sandbox'] : []), ...args],
  };
}

/** Starts one browser process. */
export async function launchBrowser(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch(await launchOptions(args));
}

/** One browser process with `count` profiles that share nothing. */
export async function launchProfiles(count: number, options: ProfileOptions): Promise<Profiles> {
  const browser = await launchBrowser(options.args);
  const contexts: BrowserContext[] = [];
  for (let index = 0; index < count; index++) {
    contexts.push(await browser.newContext({ baseURL: options.baseURL }));
  }
  return { browser, contexts, close: () => browser.close() };
}

/** Opens `count` tabs of one profile at `path`, all at once, and waits until each has loaded. */
export async function openTabs(context: BrowserContext, count: number, path = '/'): Promise<Page[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const page = await context.newPage();
      await page.goto(path);
      return page;
    }),
  );
}
