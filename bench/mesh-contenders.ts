/** The two applications that the mesh bench compares, behind one interface. */
import type { Page } from 'playwright-core';
import type { Tabswarm } from '../src/app/scripting.ts';
import { MAX_PLACES, MIN_LINKS } from '../src/overlay/limits.ts';
import type { BenchServer } from './bench-server.ts';
import { adoptOurs } from './mesh-page.ts';
import type {} from './stock/page.ts';

declare global {
  var tabswarm: Tabswarm;
}

/** An application whose tabs form a mesh. */
export interface Contender {
  readonly name: 'stock' | 'ours';
  readonly server: BenchServer;
  /** Loads the page and stops short of joining. */
  prepare(page: Page): Promise<void>;
  /** Makes a shared document with `cards` cards in the first tab; what it returns lets the others in. */
  found(page: Page, cards: number): Promise<string>;
  /** Installs the interface of mesh-page.ts in a tab that will not be told to join. */
  adopt(page: Page): Promise<void>;
  /** Begins to join; returns when that began (Unix milliseconds of the page). */
  join(page: Page, invitation: string): Promise<number>;
  /** Links that a tab wants among so many tabs. */
  wantedLinks(tabs: number): number;
}

/** Ours: an invite for everybody, accepted by everybody. */
export function oursAt(server: BenchServer): Contender {
  return {
    name: 'ours',
    server,
    prepare: async (page) => {
      await page.goto(`${server.url}/#/`); // Home: no board is opened, nothing is signaled
      await page.evaluate(() => tabswarm.ready);
    },
    adopt: (page) => page.evaluate(adoptOurs, MAX_PLACES),
    found: async (page, cards) => {
      await page.evaluate(adoptOurs, MAX_PLACES);
      return page.evaluate(foundOurs, cards);
    },
    join: async (page, invitation) => {
      await page.evaluate(adoptOurs, MAX_PLACES);
      return page.evaluate((url) => {
        const at = bench.now();
        tabswarm.join(url).catch((error: unknown) => reportError(error));
        return at;
      }, invitation);
    },
    wantedLinks: (tabs) => Math.min(MIN_LINKS, tabs - 1),
  };
}

async function foundOurs(cards: number): Promise<string> {
  await tabswarm.createBoard({ title: 'Bench' });
  const { ids } = await tabswarm.board.apply({ type: 'addColumn', title: 'Cards' });
  const mostAtOnce = 200; // well below what one command may bring
  for (let first = 0; first < cards; first += mostAtOnce) {
    const titles = Array.from({ length: Math.min(mostAtOnce, cards - first) }, (_, i) => `card ${first + i}`);
    await tabswarm.board.apply({ type: 'addCards', columnId: ids[0], titles });
  }
  return tabswarm.invite({ role: 'editor', uses: 1000 });
}

/** Each founding takes a room of its own: rooms outlive the pages that were in them. */
let rooms = 0;

/** Below this many tabs the provider's own random `maxConns` (20 to 34) cannot matter. */
const LEAST_STOCK_CAP = 20;

/** Stock y-webrtc; `cap` replaces the provider's own `maxConns`. */
export function stockAt(server: BenchServer, cap: number | undefined): Contender {
  const join = (page: Page, room: string): Promise<number> =>
    page.evaluate(
      ({ name, most }) => {
        const at = bench.now();
        stock.join(name, most ?? undefined);
        return at;
      },
      { name: room, most: cap ?? null },
    );
  return {
    name: 'stock',
    server,
    prepare: async (page) => {
      await page.goto(server.url);
      await page.waitForFunction(() => 'stock' in globalThis);
    },
    adopt: () => Promise.resolve(), // the page has it from the start
    found: async (page, cards) => {
      const room = `bench-${++rooms}`;
      await join(page, room);
      await page.evaluate((count) => {
        for (let i = 0; i < count; i++) bench.edit(i, `card ${i}`);
      }, cards);
      return room;
    },
    join,
    wantedLinks: (tabs) => Math.min(cap ?? LEAST_STOCK_CAP, tabs - 1),
  };
}
