import { describe, expect, it } from 'vitest';
import { refuse } from '../../../src/kernel/result.ts';
import {
  MAX_SLOTS,
  RELOAD_WAIT_MS,
  takeSlot,
  wasReloaded,
  withLock,
  type Locks,
  type Slot,
  type SlotOptions,
} from '../../../src/runtime/slots.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { FakeLockWorld, FakeSession, FakeTimers } from './fake-locks.ts';

const prefix = 'slot/';

function optionsFor(
  locks: Locks | undefined,
  session: SlotOptions['session'],
  rest: Partial<SlotOptions> = {},
): SlotOptions {
  return { locks, prefix, session, isReload: false, clock: new FakeTimers(), ...rest };
}

async function take(
  world: FakeLockWorld,
  session: FakeSession,
  rest: Partial<SlotOptions> = {},
): Promise<Slot & { end: () => void }> {
  const page = world.page();
  const taken = await takeSlot(optionsFor(page, session, rest));
  if (!taken.ok) throw new Error(taken.code);
  return {
    ...taken.value,
    end: () => {
      page.end();
    },
  };
}

/** What a reload is: the old page says goodbye, the new one asks while the old one still holds its lock. */
async function reload(
  world: FakeLockWorld,
  old: Slot & { end: () => void },
  session: FakeSession,
): Promise<Slot> {
  old.leaving();
  const coming = take(world, session);
  await waitUntil(() => world.waiting() === 1, { timeoutMs: 5000, what: 'the new page to wait', everyMs: 1 });
  old.end();
  return coming;
}

describe('slots', () => {
  it('[KEY-1] four tabs opened at once take four different slots, the lowest', async () => {
    const world = new FakeLockWorld();
    const tabs = await Promise.all(Array.from({ length: 4 }, () => take(world, new FakeSession())));
    expect(tabs.map((tab) => tab.slot).sort()).toEqual([0, 1, 2, 3]);
    expect(world.held()).toEqual(['slot/0', 'slot/1', 'slot/2', 'slot/3']);
  });

  it('[KEY-1] a slot is free again when its tab ends, or gives it up', async () => {
    const world = new FakeLockWorld();
    const [first, second] = [await take(world, new FakeSession()), await take(world, new FakeSession())];
    first.end();
    expect((await take(world, new FakeSession())).slot).toBe(0);
    second.release();
    await waitUntil(() => !world.held().includes('slot/1'), {
      timeoutMs: 5000,
      what: 'the release',
      everyMs: 1,
    });
    expect((await take(world, new FakeSession())).slot).toBe(1);
  });

  it('[KEY-2] a reloaded tab waits for its old page and gets its slot back', async () => {
    const world = new FakeLockWorld();
    const sessions = Array.from({ length: 4 }, () => new FakeSession());
    for (const [index, session] of sessions.entries()) {
      const page = await take(world, session);
      expect(page.slot).toBe(index);
      if (index === 2) expect((await reload(world, page, session)).slot).toBe(2);
    }
    expect(world.held()).toHaveLength(4);
  });

  it('[KEY-2] four tabs reloaded at once all keep their slots', async () => {
    const world = new FakeLockWorld();
    const sessions = Array.from({ length: 4 }, () => new FakeSession());
    const old: (Slot & { end: () => void })[] = [];
    for (const session of sessions) old.push(await take(world, session));
    for (const page of old) page.leaving();
    const coming = Promise.all(sessions.map((session) => take(world, session)));
    await waitUntil(() => world.waiting() === 4, { timeoutMs: 5000, what: 'four waiting pages', everyMs: 1 });
    for (const page of old.toReversed()) page.end();
    expect((await coming).map((tab) => tab.slot)).toEqual([0, 1, 2, 3]);
  });

  it('[KEY-2] a reload that the browser reports is enough, and a reload again works as well', async () => {
    const world = new FakeLockWorld();
    const session = new FakeSession();
    await take(world, new FakeSession());
    const first = await take(world, session);
    const coming = take(world, session, { isReload: true });
    await waitUntil(() => world.waiting() === 1, {
      timeoutMs: 5000,
      what: 'the new page to wait',
      everyMs: 1,
    });
    first.end();
    const second = await coming;
    expect(second.slot).toBe(1);
    second.end();
    expect((await take(world, session)).slot).toBe(1);
  });

  it('[KEY-3] a duplicated tab takes another slot at once, and the original keeps its own', async () => {
    const world = new FakeLockWorld();
    const session = new FakeSession();
    const timers = new FakeTimers();
    const original = await take(world, session);
    const copied = session.copy();
    const duplicate = await take(world, copied, { clock: timers });
    expect([original.slot, duplicate.slot]).toEqual([0, 1]);
    expect(timers.waiting()).toEqual([]);
    duplicate.leaving();
    duplicate.end();
    expect((await take(world, copied)).slot).toBe(1);
    original.leaving();
    original.end();
    expect((await take(world, session)).slot).toBe(0);
  });

  it('[KEY-3] a page that came back from the cache and is duplicated then is not taken for a reload', async () => {
    const world = new FakeLockWorld();
    const session = new FakeSession();
    const original = await take(world, session);
    original.leaving();
    original.returned();
    const timers = new FakeTimers();
    expect((await take(world, session.copy(), { clock: timers })).slot).toBe(1);
    expect(timers.waiting()).toEqual([]);
  });

  it('[KEY-4] the wait for an old page is bounded', async () => {
    const world = new FakeLockWorld();
    const session = new FakeSession();
    const old = await take(world, session);
    old.leaving();
    const timers = new FakeTimers();
    const coming = take(world, session, { clock: timers });
    await waitUntil(() => world.waiting() === 1, {
      timeoutMs: 5000,
      what: 'the new page to wait',
      everyMs: 1,
    });
    expect(timers.waiting()).toEqual([RELOAD_WAIT_MS]);
    timers.ring();
    expect((await coming).slot).toBe(1);
    expect(world.waiting()).toBe(0);
  });

  it('[KEY-4] the wait leaves no timer behind', async () => {
    const world = new FakeLockWorld();
    const session = new FakeSession();
    const old = await take(world, session);
    const timers = new FakeTimers();
    const coming = take(world, session, { clock: timers, isReload: true });
    await waitUntil(() => world.waiting() === 1, {
      timeoutMs: 5000,
      what: 'the new page to wait',
      everyMs: 1,
    });
    old.end();
    await coming;
    expect(timers.waiting()).toEqual([]);
  });

  it('[KEY-5] without locks, or with locks that refuse, there is no slot', async () => {
    expect(await takeSlot(optionsFor(undefined, new FakeSession()))).toEqual(refuse('noLocks'));
    const refusing = { request: () => Promise.reject(new DOMException('opaque', 'SecurityError')) };
    expect(await takeSlot(optionsFor(refusing, new FakeSession()))).toEqual(refuse('noLocks'));
    const leftBehind = new FakeSession(new Map([['tabswarm/slot', '-3']]));
    expect(await takeSlot(optionsFor(refusing, leftBehind))).toEqual(refuse('noLocks'));
  });

  it('[KEY-5] beyond the last slot there is none', async () => {
    const world = new FakeLockWorld();
    for (let i = 0; i < MAX_SLOTS; i++) await take(world, new FakeSession());
    expect(await takeSlot(optionsFor(world.page(), new FakeSession()))).toEqual(refuse('allTaken'));
  });

  it.each(['', 'x', '-', '1.5', '64', '9999', '-64', ' 1', '0x1', '99999999999999999999'])(
    '[KEY-1] a memory that makes no sense (%j) is ignored',
    async (text) => {
      const session = new FakeSession(new Map([['tabswarm/slot', text]]));
      expect((await take(new FakeLockWorld(), session)).slot).toBe(0);
    },
  );

  it('[KEY-1] works without session storage, and with one that throws', async () => {
    const world = new FakeLockWorld();
    const denied = (): never => {
      throw new DOMException('denied', 'SecurityError');
    };
    const first = await takeSlot(optionsFor(world.page(), undefined));
    const second = await takeSlot(optionsFor(world.page(), { getItem: denied, setItem: denied }));
    expect([first.ok && first.value.slot, second.ok && second.value.slot]).toEqual([0, 1]);
  });

  it('[KEY-2] reads the kind of navigation', () => {
    const timing = (type: string | undefined) => ({
      getEntriesByType: () => (type === undefined ? [] : [{ type } as unknown as PerformanceEntry]),
    });
    expect(
      ['reload', 'navigate', 'back_forward', undefined].map((type) => wasReloaded(timing(type))),
    ).toEqual([true, false, false, false]);
  });
});

describe('withLock', () => {
  it('[KEY-6] runs one at a time, in any tab, and passes the outcome on', async () => {
    const world = new FakeLockWorld();
    const order: string[] = [];
    const work = (name: string) => async (): Promise<string> => {
      order.push(`${name} begins`);
      await Promise.resolve();
      await Promise.resolve();
      order.push(`${name} ends`);
      return name;
    };
    const outcomes = ['a', 'b', 'c'].map((name) => withLock(world.page(), 'm', work(name)));
    expect(await Promise.all(outcomes)).toEqual(['a', 'b', 'c']);
    expect(order).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]));
    const failing = withLock(world.page(), 'm', () => Promise.reject(new Error('mine')));
    await expect(failing).rejects.toThrow('mine');
    expect(await withLock(undefined, 'm', work('d'))).toBe('d');
  });
});
