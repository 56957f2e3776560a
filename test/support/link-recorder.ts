/** Writes down in the page, from its own clock, when which links were up: what polling from outside would miss. */
import type { Page } from 'playwright-core';
import { isOneComponent } from './agreement.ts';

/** The links of one tab from `at` on. */
export interface LinkSample {
  /** Milliseconds since 1970, comparable between the tabs of one machine. */
  readonly at: number;
  /** Peer ids. */
  readonly links: readonly string[];
}

declare global {
  var linkSamples: LinkSample[] | undefined;
}

/** Starts recording: at every change of status, and every 50 ms. A reload ends it. */
export async function recordLinks(page: Page): Promise<void> {
  await page.evaluate(() => {
    const samples: LinkSample[] = [];
    const look = (): void => {
      const direct = tabswarm.status().links.filter(({ relayed }) => !relayed);
      const links = direct.map(({ peerId }) => peerId);
      if (samples.at(-1)?.links.join() === links.join()) return;
      samples.push({ at: performance.timeOrigin + performance.now(), links });
    };
    globalThis.linkSamples = samples;
    tabswarm.on('status', look);
    setInterval(look, 50);
    look();
  });
}

/** Everything recorded in the page so far. */
export async function recordedLinks(page: Page): Promise<readonly LinkSample[]> {
  return page.evaluate(() => globalThis.linkSamples ?? []);
}

/** Most links that were up at once. */
export const mostLinks = (samples: readonly LinkSample[]): number =>
  Math.max(0, ...samples.map(({ links }) => links.length));

/** When every tab had at least `least` links and all were one component for the first time; undefined if never. */
export function meshedAt(
  recorded: ReadonlyMap<string, readonly LinkSample[]>,
  least: number,
): number | undefined {
  const changes = [...recorded]
    .flatMap(([peer, samples]) => samples.map(({ at, links }) => ({ peer, at, links })))
    .sort((a, b) => a.at - b.at);
  const now = new Map<string, readonly string[]>([...recorded.keys()].map((peer) => [peer, []]));
  for (const { peer, at, links } of changes) {
    now.set(peer, links);
    if ([...now.values()].every(({ length }) => length >= least) && isOneComponent(now)) return at;
  }
  return undefined;
}
