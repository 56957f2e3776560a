/** What every end-to-end test starts from: the real server, one browser with several profiles, and an ear for whatever goes wrong in a page. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { startAppServer, type AppServer } from './app-server.ts';
import { launchProfiles } from './browser.ts';
import { ready } from './tab.ts';

export interface Swarm {
  readonly server: AppServer;
  readonly browser: Browser;
  /** One per profile. */
  readonly contexts: readonly BrowserContext[];
  /** The profile `index`. */
  profile(index: number): BrowserContext;
  /** A new tab of a profile at `path`, with its application running. `#/` is Home: no board is opened. */
  open(profile: number, path?: string): Promise<Page>;
  /** Errors that pages reported since the last call, those left out that match one of `expected`. */
  troubles(expected?: readonly RegExp[]): string[];
  close(): Promise<void>;
}

/** Chromium writes these to the console when nobody answers at the server's port; no page can prevent it. */
export const SERVER_GONE = /WebSocket connection to .* failed|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET/;

export interface SwarmOptions {
  readonly profiles: number;
  /** More switches for Chromium. */
  readonly args?: readonly string[];
}

/** Starts server and browser. Close it when done. */
export async function startSwarm(options: SwarmOptions): Promise<Swarm> {
  const server = await startAppServer();
  const profiles = await launchProfiles(options.profiles, {
    baseURL: server.url,
    ...(options.args === undefined ? {} : { args: options.args }),
  });
  const { contexts } = profiles;
  const heard: string[] = [];
  for (const context of contexts) await hearTroubles(context, heard);
  const profile = (index: number): BrowserContext => {
    const context = contexts[index];
    if (context === undefined) throw new Error(`there are ${contexts.length} profiles, none is ${index}`);
    return context;
  };
  return {
    server,
    browser: profiles.browser,
    contexts,
    profile,
    open: async (index, path = '/') => {
      const page = await profile(index).newPage();
      await page.goto(path);
      await ready(page);
      return page;
    },
    troubles: (expected = []) =>
      heard.splice(0).filter((line) => !expected.some((pattern) => pattern.test(line))),
    close: async () => {
      await profiles.close();
      await server.stop();
    },
  };
}

/** Adds to `heard` every console error, uncaught exception and breach of the content security policy in `context`. */
export async function hearTroubles(context: BrowserContext, heard: string[]): Promise<void> {
  context.on('console', (message) => {
    if (message.type() === 'error') heard.push(`console: ${message.text()}`);
  });
  context.on('weberror', (error) => heard.push(`uncaught: ${String(error.error().stack)}`));
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      reportError(new Error(`policy: ${event.violatedDirective} forbids ${event.blockedURI}`));
    });
  });
}
