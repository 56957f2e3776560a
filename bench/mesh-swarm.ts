/** N tabs of one contender in one browser, each in a profile of its own, and the graph that their links make. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchBrowser } from '../test/support/browser.ts';
import type { Contender } from './mesh-contenders.ts';
import { installProbe, installThrottle, NAME_HELPER, type PeerView } from './mesh-page.ts';
import { observe } from './observe.ts';

/** How long a swarm may form; the stock one was once watched for as long (16 tabs, never complete). */
const JOIN_WINDOW_MS = 40_000;
/** The same for more tabs than {@link LONG_WINDOW_TABS}: stock ones were once watched for 150 s without being complete. */
const LARGE_JOIN_WINDOW_MS = 25_000;
const LONG_WINDOW_TABS = 16;
/** After it has formed, so that late signals are counted. */
const SETTLE_WINDOW_MS = 3000;
/** Between looks from outside; the times themselves are taken in the tabs. */
const LOOK_EVERY_MS = 250;
/** A swarm in which nothing changed for so long is at rest: above the pauses between admission and seats (CALM_MS of src/node/errands.ts). */
const REST_WINDOW_MS = 5_000;
/** The longest that is waited for rest. Ours took 8 s to seat 16 tabs, before that was mended 25 s. */
const REST_LIMIT_MS = 60_000;
/** Cards of the shared document. */
export const CARDS = 50;

/** Milliseconds since the first tab began to join; null: not within the window. */
export interface Forming {
  readonly oneGroupMs: number | null;
  readonly allLinksMs: number | null;
  readonly windowMs: number;
  readonly signalingBytes: number;
  /** Connections that each tab made until then; two ends make one link. */
  readonly made: readonly number[];
}

/** How the tabs of a swarm are opened. */
export interface SwarmOptions {
  /** Their timers ring once a second. */
  readonly isThrottled?: boolean;
}

/** Tabs that load at once: more only wait for the processors, and a page that waits too long is given up by Playwright. */
const LOADING_AT_ONCE = 4;
/** Little to paint: drawing in software would take the processors from what is measured, on both sides. */
const VIEWPORT = { width: 480, height: 320 };

/** A swarm of open tabs. */
export class Swarm {
  readonly contender: Contender;
  readonly pages: readonly Page[];
  readonly #browser: Browser;

  private constructor(contender: Contender, pages: readonly Page[], browser: Browser) {
    this.contender = contender;
    this.pages = pages;
    this.#browser = browser;
  }

  /** Opens the tabs, each in a profile of its own; nobody has joined. */
  static async open(contender: Contender, tabs: number, options: SwarmOptions = {}): Promise<Swarm> {
    const browser = await launchBrowser();
    const pages: Page[] = [];
    const openSome = async (lane: number): Promise<void> => {
      for (let i = lane; i < tabs; i += LOADING_AT_ONCE) {
        const context = await browser.newContext({ viewport: VIEWPORT });
        await context.addInitScript({ content: NAME_HELPER });
        if (options.isThrottled === true) await context.addInitScript(installThrottle);
        await context.addInitScript(installProbe);
        pages[i] = await openTab(contender, context, `tab ${i}`);
      }
    };
    try {
      await Promise.all(Array.from({ length: LOADING_AT_ONCE }, (_, lane) => openSome(lane)));
    } catch (error) {
      await browser.close();
      throw error;
    }
    return new Swarm(contender, pages, browser);
  }

  /** A second tab of the profile that tab `index` belongs to; it has not joined. */
  async openBeside(index: number): Promise<Page> {
    const context = this.pages[index]?.context();
    if (context === undefined) throw new Error(`there is no tab ${index}`);
    return openTab(this.contender, context, `second tab beside ${index}`);
  }

  close(): Promise<void> {
    return this.#browser.close();
  }

  /** Loads every page anew; nobody has joined. */
  async reload(): Promise<void> {
    await Promise.all(
      this.pages.map(async (page) => {
        await page.goto('about:blank'); // a fragment alone would not load it again
        await this.contender.prepare(page);
      }),
    );
  }

  /** The first tab makes the document; all others join it at once. */
  async form(): Promise<Forming> {
    const { contender, pages } = this;
    const bytesBefore = await contender.server.signalingBytes();
    const [first, ...others] = pages;
    if (first === undefined) throw new Error('a swarm needs a tab');
    const invitation = await contender.found(first, CARDS);
    const began = Math.min(...(await Promise.all(others.map((page) => contender.join(page, invitation)))));
    const wanted = contender.wantedLinks(pages.length);
    const windowMs = pages.length > LONG_WINDOW_TABS ? LARGE_JOIN_WINDOW_MS : JOIN_WINDOW_MS;
    const graph = await this.observeGraph(began + windowMs, (seen) => {
      const isComplete = seen.firstAt((links) => links.every((peers) => peers.size >= wanted)) !== null;
      return isComplete && seen.firstAt(isOneGroup) !== null;
    });
    const since = (at: number | null): number | null => (at === null ? null : at - began);
    await observe(SETTLE_WINDOW_MS);
    return {
      oneGroupMs: since(graph.firstAt(isOneGroup)),
      allLinksMs: since(graph.firstAt((links) => links.every((peers) => peers.size >= wanted))),
      windowMs,
      signalingBytes: (await contender.server.signalingBytes()) - bytesBefore,
      made: await inAll(pages, () => bench.connections().made),
    };
  }

  /**
   * Until nothing has changed in any tab for {@link REST_WINDOW_MS}: links, and in ours the committee, which seats the tabs when they are linked. Resolves with the
   * milliseconds that took; after {@link REST_LIMIT_MS} it is not waited for any longer.
   */
  async rest(): Promise<number> {
    const began = performance.now();
    let before: string | undefined;
    for (;;) {
      const now = (await inAll(this.pages, progressOf)).join('\n');
      const took = performance.now() - began;
      if (now === before || took > REST_LIMIT_MS) return took;
      before = now;
      await observe(REST_WINDOW_MS);
    }
  }

  /** Looks at the tabs' histories again and again until `isEnough` or the Unix time `until`. */
  async observeGraph(
    until: number,
    isEnough: (graph: GraphHistory) => boolean,
    pages = this.pages,
  ): Promise<GraphHistory> {
    for (;;) {
      const graph = new GraphHistory(
        await inAll(pages, () => ({ self: bench.self(), cap: bench.cap(), views: bench.views })),
      );
      if (isEnough(graph) || Date.now() >= until) return graph;
      await observe(LOOK_EVERY_MS);
    }
  }
}

async function openTab(contender: Contender, context: BrowserContext, name: string): Promise<Page> {
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error(`${contender.name}, ${name}: ${String(error)}`));
  await contender.prepare(page);
  return page;
}

/** In the page: a text that changes while the tab still settles. */
function progressOf(): string {
  const committee = 'tabswarm' in globalThis ? JSON.stringify(tabswarm.status().committee) : '';
  return `${bench.views.length} ${committee}`;
}

/** Runs `look` in every page at once. */
export function inAll<Value>(pages: readonly Page[], look: () => Value): Promise<Value[]> {
  return Promise.all(pages.map((page) => page.evaluate(look)));
}

/** What one tab saw of its links. */
export interface TabHistory {
  readonly self: string;
  readonly cap: number;
  readonly views: readonly PeerView[];
}

/** Links by tab; a link counts when both of its ends have it. */
type Links = readonly ReadonlySet<number>[];

/** The graph over time, put together from what each tab saw of itself. */
export class GraphHistory {
  readonly tabs: readonly TabHistory[];
  readonly #index: ReadonlyMap<string, number>;

  constructor(tabs: readonly TabHistory[]) {
    this.tabs = tabs;
    this.#index = new Map(tabs.map(({ self }, i) => [self, i]));
  }

  /** When `holds` was true first, not before `from`; null: never. */
  firstAt(holds: (links: Links) => boolean, from = 0): number | null {
    const changes = this.tabs
      .flatMap(({ views }, tab) => views.map(({ at, peers }) => ({ at, tab, peers })))
      .sort((a, b) => a.at - b.at);
    const seen: (readonly string[])[] = this.tabs.map(() => []);
    let isPast = false;
    for (const { at, tab, peers } of changes) {
      if (at >= from && !isPast) {
        isPast = true;
        if (holds(this.#linksOf(seen))) return from;
      }
      seen[tab] = peers;
      if (at >= from && holds(this.#linksOf(seen))) return at;
    }
    return !isPast && from > 0 && holds(this.#linksOf(seen)) ? from : null;
  }

  /** Links per tab as each sees it last. */
  counts(): readonly number[] {
    return this.tabs.map(({ views }) => views.at(-1)?.peers.length ?? 0);
  }

  /** Tabs that once had more links than their cap. */
  aboveCap(): number {
    return this.tabs.filter(({ cap, views }) => views.some(({ peers }) => peers.length > cap)).length;
  }

  #linksOf(seen: readonly (readonly string[])[]): Links {
    const claimed = seen.map((peers) => new Set(peers.map((peer) => this.#index.get(peer) ?? -1)));
    return claimed.map(
      (peers, tab) => new Set([...peers].filter((other) => claimed[other]?.has(tab) === true)),
    );
  }
}

/** Whether every tab can be reached from the first. */
export function isOneGroup(links: Links): boolean {
  const reached = new Set([0]);
  for (const tab of reached) {
    for (const other of links[tab] ?? []) reached.add(other); // a set is walked while it grows
  }
  return reached.size === links.length;
}
