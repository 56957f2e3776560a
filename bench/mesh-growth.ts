/** A tab joins while the signaling server is dead. */
import type { Contender } from './mesh-contenders.ts';
import { Swarm } from './mesh-swarm.ts';
import { observe } from './observe.ts';

const WINDOW_MS = 20_000;
const LOOK_EVERY_MS = 50;
/** Links that a tab wants (DESIGN section 7). */
const WANTED_LINKS = 3;

/** Milliseconds since the newcomer opened the board; null: not within the window. */
export interface GrowthFigures {
  readonly tabs: number;
  /** It holds what the others hold and one of them has a link to it. */
  readonly joinedMs: number | null;
  /** It has three links: all but the first came through the mesh. */
  readonly meshedMs: number | null;
  readonly editMs: number | null;
}

/**
 * A swarm of ours forms, the server is killed, and a second tab of one member's profile opens the board: it is introduced to its twin by
 * BroadcastChannel and to everybody else through the mesh. Its page is loaded before, since the dead server is also the web server.
 */
export async function measureGrowth(contender: Contender, tabs: number): Promise<GrowthFigures> {
  const swarm = await Swarm.open(contender, tabs);
  try {
    await swarm.form();
    const [first] = swarm.pages;
    if (first === undefined) throw new Error('a swarm needs a tab');
    const newcomer = await swarm.openBeside(tabs - 1);
    const boardId = await first.evaluate(() => tabswarm.status().boardId ?? '');
    await contender.adopt(newcomer);
    await contender.server.kill();
    const began = await newcomer.evaluate((id) => {
      const at = bench.now();
      tabswarm.openBoard(id).catch((error: unknown) => reportError(error));
      return at;
    }, boardId);
    const figures = { tabs, joinedMs: null as number | null, meshedMs: null as number | null };
    const wanted = Math.min(WANTED_LINKS, tabs);
    while (Date.now() < began + WINDOW_MS && (figures.joinedMs === null || figures.meshedMs === null)) {
      const [links, digest] = await newcomer.evaluate(
        () => [bench.views.at(-1)?.peers.length ?? 0, bench.digest()] as const,
      );
      const theirs = await first.evaluate(() => bench.digest());
      if (links > 0 && digest === theirs) figures.joinedMs ??= Date.now() - began;
      if (links >= wanted) figures.meshedMs ??= Date.now() - began;
      await observe(LOOK_EVERY_MS);
    }
    return { ...figures, editMs: await editOf(swarm, newcomer) };
  } finally {
    await swarm.close();
    await contender.server.restart();
  }
}

/** Milliseconds until an edit of the newcomer is everywhere. */
async function editOf(swarm: Swarm, newcomer: Swarm['pages'][number]): Promise<number | null> {
  const text = 'made by the newcomer';
  const began = await newcomer.evaluate((title) => bench.edit(0, title), text);
  while (Date.now() < began + WINDOW_MS) {
    const times = await Promise.all(
      swarm.pages.map((page) => page.evaluate((title) => bench.arrivals[title] ?? null, text)),
    );
    if (!times.includes(null)) return Math.max(...times.filter((at) => at !== null)) - began;
    await observe(LOOK_EVERY_MS);
  }
  return null;
}
