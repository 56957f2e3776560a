/** Tabs whose timers ring once a second: how often one takes another for gone that is not, and how soon one that is. */
import type { Contender } from './mesh-contenders.ts';
import { measureKill } from './mesh-extremes.ts';
import { inAll, Swarm } from './mesh-swarm.ts';
import { observe } from './observe.ts';

/** How long nobody fails. Twenty heartbeats of the slowest kind (3 s). */
const WATCH_MS = 60_000;
/** Tabs settle for so long first. */
const SETTLE_MS = 5000;

export interface ThrottleFigures {
  readonly tabs: number;
  readonly watchedMs: number;
  /** Pairs of a tab and another that it watched. */
  readonly pairs: number;
  /** Pairs in which the one took the other for gone. */
  readonly falseAlarms: number;
  /** Links that ended although both tabs were there. */
  readonly linksLost: number;
  /** No tab shows a killed one as here; null: not within the window. */
  readonly knownEverywhereMs: number | null;
}

/** `tabs` tabs of ours, all of them throttled; nobody fails until the last moment. */
export async function measureThrottled(contender: Contender, tabs: number): Promise<ThrottleFigures> {
  const swarm = await Swarm.open(contender, tabs, { isThrottled: true });
  try {
    await swarm.form();
    await observe(SETTLE_MS);
    const people = await inAll(swarm.pages, () => bench.person());
    await Promise.all(swarm.pages.map((page) => page.evaluate(watchAll, people)));
    const linksBefore = await inAll(swarm.pages, () => bench.views.length);
    await observe(WATCH_MS);
    const gone = await inAll(swarm.pages, () => bench.gone);
    const views = await inAll(swarm.pages, () => bench.views);
    const { knownEverywhereMs } = await measureKill(swarm);
    return {
      tabs,
      watchedMs: WATCH_MS,
      pairs: tabs * (tabs - 1),
      falseAlarms: gone.reduce((sum, each) => sum + Object.keys(each).length, 0),
      linksLost: views.reduce((sum, each, tab) => sum + endings(each.slice((linksBefore[tab] ?? 1) - 1)), 0),
      knownEverywhereMs,
    };
  } finally {
    await swarm.close();
  }
}

/** In the page: forgets who was once away, and watches all others. */
function watchAll(people: readonly string[]): void {
  bench.watchPeople(people.filter((person) => person !== bench.person()));
  for (const person of Object.keys(bench.gone)) Reflect.deleteProperty(bench.gone, person);
}

/** Links that were in one look and not in the next; each is seen from both of its ends. */
function endings(views: readonly { readonly peers: readonly string[] }[]): number {
  return views.reduce((sum, { peers }, i) => {
    const next = views[i + 1]?.peers ?? peers;
    return sum + peers.filter((peer) => !next.includes(peer)).length;
  }, 0);
}
