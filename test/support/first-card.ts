/** When a page first shows a card, and the first look on disk that it may come from. */
import type { BrowserContext, Page } from 'playwright-core';
import { storedEntries } from './stored-entries.ts';

declare global {
  /** Milliseconds from the beginning of the navigation until a card was on screen. */
  var firstCardMs: number | undefined;
  /** Whether nothing could be edited then. */
  var firstCardReadOnly: boolean | undefined;
}

/** Every page of `context` notes from now on when its first card is there. */
export async function noteFirstCards(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const look = (): void => {
      const screen = document.querySelector('ts-app')?.shadowRoot?.querySelector('ts-board-screen');
      const column = [...(screen?.shadowRoot?.querySelectorAll('ts-column') ?? [])];
      const isThere = column.some(
        (each) => each.shadowRoot?.querySelector('ts-card')?.shadowRoot?.querySelector('.text') != null,
      );
      if (!isThere) {
        requestAnimationFrame(look);
        return;
      }
      globalThis.firstCardMs = performance.now();
      globalThis.firstCardReadOnly = (screen as { readonly readOnly?: boolean } | null)?.readOnly;
    };
    look();
  });
}

/** Puts `bytes` in the place of every first look, or takes all of them away. Other tabs must not be writing any. */
export async function replaceLooks(page: Page, bytes?: readonly number[]): Promise<number> {
  return page.evaluate(async (given) => {
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => {
          resolve(request.result);
        };
        request.onerror = () => {
          reject(request.error ?? new Error('no reason'));
        };
      });
    const database = await done(indexedDB.open('tabswarm'));
    const store = database.transaction('meta', 'readwrite').objectStore('meta');
    const keys = (await done(store.getAllKeys())).filter(
      (key) => typeof key === 'string' && key.startsWith('look/'),
    );
    for (const key of keys) {
      if (given === null) await done(store.delete(key));
      else await done(store.put(new Uint8Array(given), key));
    }
    database.close();
    return keys.length;
  }, bytes ?? null);
}

/** What a profile has on disk in journals, of all its boards. */
export async function storedJournals(page: Page): Promise<{ entries: number; bytes: number }> {
  const stored = await storedEntries(page);
  return { entries: stored.length, bytes: stored.reduce((sum, [, { length }]) => sum + length, 0) };
}

/** Whether a first look is on disk. */
export async function hasLook(page: Page): Promise<boolean> {
  return page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('tabswarm');
      request.onsuccess = () => {
        resolve(request.result);
      };
      request.onerror = () => {
        reject(request.error ?? new Error('no reason'));
      };
    });
    const keys = await new Promise<IDBValidKey[]>((resolve) => {
      const request = database.transaction('meta').objectStore('meta').getAllKeys();
      request.onsuccess = () => {
        resolve(request.result);
      };
    });
    database.close();
    return keys.some((key) => typeof key === 'string' && key.startsWith('look/'));
  });
}
