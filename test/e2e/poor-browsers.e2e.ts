/** Browsers that lack something: one clear screen where nothing can work, an honest pill where only saving cannot. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { startSwarm, type Swarm } from '../support/swarm.ts';
import { apply, boardOf, firstColumn, ready, statusOf } from '../support/tab.ts';

let swarm: Swarm;

beforeAll(async () => {
  swarm = await startSwarm({ profiles: 5 });
});

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles()).toEqual([]);
});

/** Opens the application after `change`, source text, has run in the page. */
async function openAfter(profile: number, change: string): Promise<Page> {
  const page = await swarm.profile(profile).newPage();
  await page.addInitScript(change);
  await page.goto('/');
  return page;
}

const startCode = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    try {
      await tabswarm.ready;
      return 'ready';
    } catch (error) {
      return (error as { readonly code: string }).code;
    }
  });

describe('a browser that cannot run us', () => {
  it.each([
    [
      'noSecureContext',
      "Object.defineProperty(globalThis, 'isSecureContext', { value: false })",
      'not opened over a secure address',
    ],
    [
      'noEd25519',
      "SubtleCrypto.prototype.generateKey = () => Promise.reject(new DOMException('no', 'NotSupportedError'))",
      'cannot make the keys',
    ],
    ['noWebRtc', 'delete globalThis.RTCPeerConnection', 'connect'],
  ])('says so once, and what to do: %s', async (code, change, words) => {
    const profile = ['noSecureContext', 'noEd25519', 'noWebRtc'].indexOf(code);
    const page = await openAfter(profile, change);
    expect(await startCode(page)).toBe(code);
    await page.getByText(words).first().waitFor();
    expect(await page.locator('ts-app').count()).toBe(0);
  });
});

describe('a browser without a database', () => {
  it('works, and says that nothing is saved', async () => {
    const page = await openAfter(3, "Object.defineProperty(globalThis, 'indexedDB', { value: undefined })");
    await ready(page);
    await page.getByRole('status').filter({ hasText: 'Not saved' }).waitFor();
    await apply(page, { type: 'addCard', columnId: await firstColumn(page), title: 'on screen only' });
    expect(JSON.stringify(await boardOf(page))).toContain('on screen only');
    expect((await statusOf(page)).storage.state).toBe('unavailable');
  });
});

describe('a device that is full', () => {
  it('keeps the edit on screen, calls it not saved, and sends nothing that is not on disk', async () => {
    const page = await openAfter(
      4,
      `{
        const add = IDBObjectStore.prototype.add;
        IDBObjectStore.prototype.add = function (...given) {
          if (globalThis.isFull) throw new DOMException('full', 'QuotaExceededError');
          return add.apply(this, given);
        };
      }`,
    );
    await ready(page);
    const columnId = await firstColumn(page);
    await page.evaluate((column) => {
      Object.assign(globalThis, { isFull: true });
      void tabswarm.board.apply({ type: 'addCard', columnId: column, title: 'waits for room' });
    }, columnId);
    await page.getByRole('status').filter({ hasText: 'Not saved' }).waitFor();
    const full = await statusOf(page);
    expect(full.storage.state).toBe('quota');
    expect(full.pending.unsaved).toBe(1);
    expect(JSON.stringify(await boardOf(page))).toContain('waits for room');
    await page.evaluate(() => Object.assign(globalThis, { isFull: false }));
    await page.waitForFunction(() => tabswarm.status().pending.unsaved === 0);
    expect((await statusOf(page)).storage.state).toBe('ok');
  });
});
