/** A tab as tests see it: `globalThis.tabswarm` of its page, called from here. */
import type { Page } from 'playwright-core';
import type { FullStatus } from '../../src/app/application.ts';
import type { Tabswarm } from '../../src/app/scripting.ts';
import type { BoardCommand } from '../../src/board/command.ts';
import type { BoardSnapshot, CardSnapshot } from '../../src/board/snapshot.ts';
import type { InviteOptions } from '../../src/ui/ports.ts';
import { waitUntil } from './wait-until.ts';

declare global {
  var tabswarm: Tabswarm;
}

/** What these functions need of a page: Playwright's has it, and so has a tab of another driver (driven-tab.ts). */
export type Tab = Pick<Page, 'evaluate'>;

/** Nothing in these tests takes this long on an idle machine; two shared cores may. */
export const PATIENCE_MS = 60_000;

/** Resolves when the page's application runs. */
export async function ready(page: Tab): Promise<void> {
  await page.evaluate(() => tabswarm.ready);
}

export async function statusOf(page: Tab): Promise<FullStatus> {
  return page.evaluate(() => tabswarm.status());
}

/** Peer ids of those with a link of their own: peers that the mesh relays to are none. */
export function directLinks({ links }: Pick<FullStatus, 'links'>): readonly string[] {
  return links.filter(({ relayed }) => !relayed).map(({ peerId }) => peerId);
}

/** The open board. Rejects when none is open. */
export async function boardOf(page: Tab): Promise<BoardSnapshot> {
  const snapshot = await page.evaluate(() => tabswarm.board.snapshot());
  if (snapshot === null) throw new Error('no board is open in this tab');
  return snapshot;
}

/** Carries out a command; resolves with the ids when it is durable there. */
export async function apply(page: Tab, command: BoardCommand): Promise<readonly string[]> {
  return page.evaluate(async (given) => (await tabswarm.board.apply(given)).ids, command);
}

/** The id of what a command made. */
export async function applyOne(page: Tab, command: BoardCommand): Promise<string> {
  const [id] = await apply(page, command);
  if (id === undefined) throw new Error(`${command.type} made nothing`);
  return id;
}

export async function inviteFrom(page: Tab, options: InviteOptions = {}): Promise<string> {
  return page.evaluate((given) => tabswarm.invite(given), options);
}

/** Joins by script; resolves when the board's content is there. */
export async function join(page: Tab, url: string, name: string): Promise<string> {
  return page.evaluate(async ([link, given]) => (await tabswarm.join(link, { name: given })).boardId, [
    url,
    name,
  ] as const);
}

/** The code that a join through `url` rejects with, or `joined`. */
export async function joinCode(page: Tab, url: string): Promise<string> {
  return page.evaluate(async (link) => {
    try {
      await tabswarm.join(link);
      return 'joined';
    } catch (error) {
      return String((error as { code?: unknown }).code);
    }
  }, url);
}

/** The code that a command is refused with, or `done`. */
export async function applyCode(page: Tab, command: BoardCommand): Promise<string> {
  return page.evaluate(async (given) => {
    try {
      await tabswarm.board.apply(given);
      return 'done';
    } catch (error) {
      return String((error as { code?: unknown }).code);
    }
  }, command);
}

/** All cards in columns. */
export const cardsOf = (board: BoardSnapshot): readonly CardSnapshot[] =>
  board.columns.flatMap(({ cards }) => cards);

/** Titles of all cards in columns, sorted. */
export const titlesOf = (board: BoardSnapshot): readonly string[] =>
  cardsOf(board)
    .map(({ title }) => title)
    .sort();

/** The id of the first column. */
export async function firstColumn(page: Tab): Promise<string> {
  const id = (await boardOf(page)).columns[0]?.id;
  if (id === undefined) throw new Error('the board has no column');
  return id;
}

/** Resolves once a condition on the tab's status holds; runs in the page, so the time until it is seen is short. */
export async function untilStatus(
  page: Tab,
  what: string,
  holds: (status: FullStatus) => boolean,
  timeoutMs = PATIENCE_MS,
): Promise<FullStatus> {
  let last: FullStatus | undefined;
  try {
    return await waitUntil(
      async () => {
        last = await statusOf(page);
        return holds(last) ? last : undefined;
      },
      { timeoutMs, what, everyMs: 50 },
    );
  } catch (error) {
    throw new Error(`${what}: ${JSON.stringify(last)}\n${await lastTrace(page)}`, { cause: error });
  }
}

/** The end of a tab's trace, for the text of a failure. */
export async function lastTrace(page: Tab, lines = 60): Promise<string> {
  const trace = await page.evaluate(() => tabswarm.trace());
  return trace.slice(-lines).join('\n');
}
