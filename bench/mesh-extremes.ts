/** Tabs that are killed: one, and half of them at once. */
import type { Page } from 'playwright-core';
import { killTab } from '../test/support/kill-tab.ts';
import { CARDS, inAll, isOneGroup, type GraphHistory, type Swarm } from './mesh-swarm.ts';
import { observe } from './observe.ts';

/** A stock tab needs 15.9 s for its connections to fail; longer than this nobody waits. */
const KILL_WINDOW_MS = 45_000;
const HALF_WINDOW_MS = 30_000;
/** Between looks from outside; the times themselves are taken in the tabs. */
const LOOK_EVERY_MS = 250;

/** Milliseconds since the kill; null: not within the window. */
export interface KillFigures {
  /** Every tab that had a link to the killed one has dropped it. */
  readonly linksDroppedMs: number | null;
  /** No tab shows the killed one as here. */
  readonly knownEverywhereMs: number | null;
}

/** Kills the last tab as a crash does, without a goodbye. The swarm keeps the dead page; close it soon. */
export async function measureKill(swarm: Swarm): Promise<KillFigures> {
  const victim = swarm.pages.at(-1);
  if (victim === undefined) throw new Error('a swarm needs a tab');
  const [name, person] = await victim.evaluate(() => [bench.self(), bench.person()] as const);
  const others = swarm.pages.slice(0, -1);
  const watching = await Promise.all(others.map((page) => page.evaluate(watchOne, person)));
  const killedAt = Date.now();
  await killTab(victim);
  const dropped = (graph: GraphHistory): number | null => linksDropped(graph, killedAt, name);
  const known = async (): Promise<number | null> => {
    const seen = await inAll(others, () => bench.gone);
    const times = seen.flatMap((gone, i) => (watching[i] === true ? [gone[person] ?? null] : []));
    return times.includes(null) ? null : Math.max(killedAt, ...times.filter((at) => at !== null));
  };
  const since = (at: number | null): number | null => (at === null ? null : Math.max(0, at - killedAt));
  for (;;) {
    const graph = await swarm.observeGraph(0, () => true, others);
    const figures = { linksDroppedMs: since(dropped(graph)), knownEverywhereMs: since(await known()) };
    const isDone = figures.linksDroppedMs !== null && figures.knownEverywhereMs !== null;
    if (isDone || Date.now() >= killedAt + KILL_WINDOW_MS) return figures;
    await observe(LOOK_EVERY_MS);
  }
}

/** In the page: begins to watch somebody; whether this tab shows them as here now. */
function watchOne(person: string): boolean {
  bench.watchPeople([person]);
  return bench.gone[person] === undefined;
}

/** When the last tab that had a link to `name` had dropped it; null: one never did. */
function linksDropped(graph: GraphHistory, from: number, name: string): number | null {
  let last = from;
  for (const { views } of graph.tabs) {
    const start = views.findLast(({ at }) => at < from);
    if (start?.peers.includes(name) !== true) continue;
    const change = views.find((view) => view.at >= from && !view.peers.includes(name));
    if (change === undefined) return null;
    last = Math.max(last, change.at);
  }
  return last;
}

/** Milliseconds since half of the tabs were killed; null: not within the window. */
export interface HalfKilledFigures {
  /** The links between those that are left connect all of them. */
  readonly halfKilledMs: number | null;
  /** An edit that one of them made right after the kill is in all of them. */
  readonly halfKilledEditMs: number | null;
}

/** Kills every second of the given tabs at once. */
export async function measureHalfKilled(swarm: Swarm, alive: readonly Page[]): Promise<HalfKilledFigures> {
  const victims = alive.filter((_, i) => i % 2 === 1);
  const others = alive.filter((_, i) => i % 2 === 0);
  const [first] = others;
  if (first === undefined) throw new Error('nobody is left to heal');
  const killedAt = Date.now();
  await Promise.all(victims.map((page) => killTab(page)));
  const text = 'made right after half of the tabs were killed';
  await first.evaluate(([card, title]) => bench.edit(card, title), [CARDS - 1, text] as const);
  const healed = (graph: GraphHistory): number | null => graph.firstAt(isOneGroup, killedAt);
  const arrived = async (): Promise<number | null> => {
    const times = (await inAll(others, () => bench.arrivals)).map((arrivals) => arrivals[text] ?? null);
    return times.includes(null) ? null : Math.max(...times.filter((at) => at !== null));
  };
  const since = (at: number | null): number | null => (at === null ? null : Math.max(0, at - killedAt));
  for (;;) {
    const graph = await swarm.observeGraph(0, () => true, others);
    const figures = { halfKilledMs: since(healed(graph)), halfKilledEditMs: since(await arrived()) };
    const isDone = figures.halfKilledMs !== null && figures.halfKilledEditMs !== null;
    if (isDone || Date.now() >= killedAt + HALF_WINDOW_MS) return figures;
    await observe(LOOK_EVERY_MS);
  }
}
