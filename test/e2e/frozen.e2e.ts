/**
 * Tabs that do not run for half a minute: one that the browser freezes and one whose process the system stops, each in a browser of its own. The
 * others see them asleep or gone and go on; back again, they suspect nobody, keep their keys and catch up.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isOneComponent, linksBy, statusesOf, untilAgreed, untilMeshed } from '../support/agreement.ts';
import { reportFigure } from '../support/report-figure.ts';
import { openStoppable, type StoppableTab } from '../support/stoppable-tab.ts';
import { startSwarm, type Swarm } from '../support/swarm.ts';
import { apply, firstColumn, inviteFrom, join, statusOf, untilStatus, type Tab } from '../support/tab.ts';
import { waitUntil } from '../support/wait-until.ts';

const AWAKE = 4;
/** Longer than anything of ours waits for a sign of life. */
const ASLEEP_MS = 30_000;

const SLEEPERS = ['Frozen', 'Stopped'];
/** The time in which half of a swarm has to be one component again (NUMBERS). */
const ALONE_FOR_MS = 10_000;

declare global {
  /** Whom this tab showed as gone since it was asked to note it, and for how long in all, in ms. */
  var shownAsGone: Record<string, number> | undefined;
}

let swarm: Swarm;
let frozen: StoppableTab;
let stopped: StoppableTab;
let awake: readonly Tab[] = [];

beforeAll(async () => {
  swarm = await startSwarm({ profiles: AWAKE });
  const url = `${swarm.server.url}/#/`;
  [frozen, stopped] = await Promise.all([openStoppable(url), openStoppable(url)]);
});

afterAll(async () => {
  stopped.go();
  await frozen.close();
  await stopped.close();
  await swarm.close();
});

afterEach(() => {
  expect(swarm.troubles()).toEqual([]);
  expect([...frozen.troubles, ...stopped.troubles]).toEqual([]);
});

/** In the page: notes from now on whom it shows as gone, and for how long. */
function noteGone(): void {
  const gone: Record<string, number> = {};
  let before = performance.now();
  let missing: readonly string[] = [];
  const look = (): void => {
    const now = performance.now();
    for (const name of missing) gone[name] = (gone[name] ?? 0) + now - before;
    before = now;
    missing = tabswarm.status().members.flatMap(({ name, online }) => (online ? [] : [name]));
    for (const name of missing) gone[name] ??= 0;
  };
  globalThis.shownAsGone = gone;
  tabswarm.on('status', look);
  look();
}

/** Whether `tab` shows the member of that name as running. */
async function showsAwake(tab: Tab, name: string): Promise<boolean> {
  const { members } = await statusOf(tab);
  return members.some((member) => member.name === name && member.online && !member.asleep);
}

describe('tabs that do not run for half a minute', () => {
  it('are shown as asleep or gone, and the others go on', async () => {
    const owner = await swarm.open(0);
    const url = await inviteFrom(owner, { uses: AWAKE + 2 });
    const others = await Promise.all(
      Array.from({ length: AWAKE - 1 }, (_, index) => swarm.open(index + 1, '/#/')),
    );
    awake = [owner, ...others];
    await Promise.all(others.map((tab, index) => join(tab, url, `Awake ${index}`)));
    await Promise.all([join(frozen.tab, url, 'Frozen'), join(stopped.tab, url, 'Stopped')]);
    const all = [...awake, frozen.tab, stopped.tab];
    await untilMeshed(all, 3);
    await untilAgreed(all);
    const before = await statusesOf([frozen.tab, stopped.tab]);

    const sleptAt = performance.now();
    await Promise.all([frozen.freeze(), stopped.stop()]);
    for (const name of SLEEPERS) {
      await waitUntil(
        async () => (await Promise.all(awake.map((tab) => showsAwake(tab, name)))).every((is) => !is),
        {
          timeoutMs: ASLEEP_MS,
          what: `everybody to see that ${name} does not run`,
          everyMs: 50,
        },
      );
      reportFigure(`tab ${name} seen asleep or gone by all after`, performance.now() - sleptAt, 'ms');
    }
    await apply(owner, { type: 'addCard', columnId: await firstColumn(owner), title: 'meanwhile' });
    await untilAgreed(awake, ['meanwhile']);
    expect(isOneComponent(linksBy(await statusesOf(awake)))).toBe(true);
    for (const tab of awake) await untilStatus(tab, 'the awake to know one another', allAwake);

    // What is tested is that this much time passes, so the condition is the clock.
    await waitUntil(() => performance.now() - sleptAt >= ASLEEP_MS, {
      timeoutMs: 2 * ASLEEP_MS,
      what: 'half a minute to pass',
    });
    stopped.go();
    await frozen.resume();
    const wokeAt = performance.now();
    await Promise.all(all.map((tab) => tab.evaluate(noteGone)));
    await untilAgreed(all, ['meanwhile']);
    reportFigure('awake again and the same as all others', performance.now() - wokeAt, 'ms');
    for (const tab of all)
      await untilStatus(tab, 'everybody to be back', ({ members }) => members.every(isAwake));
    await untilMeshed(all, 3);
    const after = await statusesOf([frozen.tab, stopped.tab]);
    expect(after.map(({ peerId }) => peerId)).toEqual(before.map(({ peerId }) => peerId));
    for (const tab of awake) {
      const blamed = Object.keys(await tab.evaluate(() => globalThis.shownAsGone ?? { 'never looked': 0 }));
      expect(blamed.filter((name) => !SLEEPERS.includes(name))).toEqual([]);
    }
    for (const { tab } of [frozen, stopped]) {
      // The others had hung up: until it has a link again it is alone, and says so, but not for longer.
      const alone = await tab.evaluate(() => globalThis.shownAsGone ?? { 'never looked': Infinity });
      const longest = Math.max(
        0,
        ...Object.entries(alone).map(([name, ms]) => (SLEEPERS.includes(name) ? 0 : ms)),
      );
      reportFigure('a tab that woke was alone for', longest, 'ms');
      expect(longest).toBeLessThan(ALONE_FOR_MS);
    }
    await apply(frozen.tab, {
      type: 'addCard',
      columnId: await firstColumn(frozen.tab),
      title: 'by the frozen',
    });
    await apply(stopped.tab, {
      type: 'addCard',
      columnId: await firstColumn(stopped.tab),
      title: 'by the stopped',
    });
    await untilAgreed(all, ['meanwhile', 'by the frozen', 'by the stopped']);
  });
});

const isAwake = ({ online, asleep }: { readonly online: boolean; readonly asleep: boolean }): boolean =>
  online && !asleep;

/** All members but the two that sleep. */
function allAwake({
  members,
}: {
  readonly members: readonly { readonly name: string; readonly online: boolean; readonly asleep: boolean }[];
}): boolean {
  return members.filter(({ name }) => !SLEEPERS.includes(name)).every(isAwake);
}
