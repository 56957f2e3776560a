/** Whether tabs hold the same, and how they hang together. */
import type { FullStatus } from '../../src/app/application.ts';
import { boardOf, directLinks, lastTrace, PATIENCE_MS, statusOf, titlesOf, type Tab } from './tab.ts';
import { waitUntil } from './wait-until.ts';

export async function statusesOf(pages: readonly Tab[]): Promise<FullStatus[]> {
  return Promise.all(pages.map((page) => statusOf(page)));
}

/** Resolves when every tab shows a card of each of `titles` and all hold the same; rejects with what each held. */
export async function untilAgreed(
  pages: readonly Tab[],
  titles: readonly string[] = [],
  timeoutMs = PATIENCE_MS,
): Promise<void> {
  try {
    await waitUntil(async () => (await haveAll(pages, titles)) && allEqual(await statusesOf(pages)), {
      timeoutMs,
      what: 'all tabs to hold the same',
      everyMs: 100,
    });
  } catch (error) {
    throw new Error(await disagreement(pages, titles), { cause: error });
  }
}

async function haveAll(pages: readonly Tab[], titles: readonly string[]): Promise<boolean> {
  if (titles.length === 0) return true;
  const held = await Promise.all(pages.map((page) => page.evaluate(shownTitles)));
  return held.every((shown) => titles.every((title) => shown.includes(title)));
}

/** Runs in the page: titles of cards and columns. */
function shownTitles(): string[] {
  const columns = tabswarm.board.snapshot()?.columns ?? [];
  return columns.flatMap((column) => [column.title, ...column.cards.map((card) => card.title)]);
}

function allEqual(statuses: readonly FullStatus[]): boolean {
  const [first] = statuses;
  return (
    typeof first?.boardDigest === 'string' &&
    statuses.every(
      ({ boardDigest, frontierDigest }) =>
        boardDigest === first.boardDigest && frontierDigest === first.frontierDigest,
    )
  );
}

async function disagreement(pages: readonly Tab[], titles: readonly string[]): Promise<string> {
  const lines = await Promise.all(
    pages.map(async (page, index) => {
      const { frontierDigest, boardDigest, links, peerId } = await statusOf(page);
      const shown = titlesOf(await boardOf(page));
      const missing = titles.filter((title) => !shown.includes(title));
      const to = links.map((link) => link.peerId.slice(0, 6)).join(' ');
      return `tab ${index} ${peerId.slice(0, 6)}: frontier ${String(frontierDigest?.slice(0, 8))}, board ${String(boardDigest?.slice(0, 8))}, links ${to}, missing ${missing.join(', ')}\n${await lastTrace(page, 25)}`;
    }),
  );
  return `the tabs differ:\n${lines.join('\n')}`;
}

/** Whether the links that tabs name connect all of them. */
export function isOneComponent(links: ReadonlyMap<string, readonly string[]>): boolean {
  const [start] = links.keys();
  const seen = new Set(start === undefined ? [] : [start]);
  for (const peer of seen) {
    for (const [other, to] of links) {
      if (to.includes(peer) || links.get(peer)?.includes(other) === true) seen.add(other);
    }
  }
  return seen.size === links.size;
}

/** Who is linked with whom, by peer id; peers that others relay to are no links. */
export function linksBy(statuses: readonly FullStatus[]): Map<string, readonly string[]> {
  return new Map(statuses.map((status) => [status.peerId, directLinks(status)]));
}

/** Resolves with the statuses once every tab has at least `least` links and all are one component. */
export async function untilMeshed(
  pages: readonly Tab[],
  least: number,
  timeoutMs = PATIENCE_MS,
): Promise<readonly FullStatus[]> {
  let last: readonly FullStatus[] = [];
  try {
    return await waitUntil(
      async () => {
        last = await statusesOf(pages);
        const links = linksBy(last);
        return last.every((status) => directLinks(status).length >= least) && isOneComponent(links) && last;
      },
      { timeoutMs, what: `${least} links everywhere`, everyMs: 100 },
    );
  } catch (error) {
    const counts = last.map((status) => directLinks(status).length).join(' ');
    const poorest = last.findIndex((status) => directLinks(status).length < least);
    const page = pages[Math.max(poorest, 0)];
    const trace = page === undefined ? '' : await lastTrace(page, 80);
    throw new Error(`not a mesh after ${timeoutMs} ms: links ${counts}; trace of tab ${poorest}:\n${trace}`, {
      cause: error,
    });
  }
}
