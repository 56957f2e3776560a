/** What a page's profile has on disk in journals, read beside the application. */
import type { Page } from 'playwright-core';
import type { Bytes } from '../../src/kernel/bytes.ts';
import { Unpacking } from '../../src/storage/packs.ts';

/** Pairs whose keys start with `prefix`, in the order of their keys. */
export async function storedEntries(
  page: Page,
  prefix = '',
): Promise<(readonly [key: string, value: Bytes])[]> {
  const records = await page.evaluate(readJournal);
  const unpacking = new Unpacking('journal');
  const pairs = records.flatMap(([key, text]) =>
    unpacking.take(key, Uint8Array.from(Buffer.from(text, 'base64'))),
  );
  return [...pairs, ...unpacking.rest()].filter(([key]) => key.startsWith(prefix));
}

/** Bytes of all values in a collection of a page's profile. */
export function storedBytes(page: Page, collection: 'journal' | 'checkpoints'): Promise<number> {
  return page.evaluate(async (name) => {
    const opened = indexedDB.open('tabswarm');
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      opened.addEventListener('success', () => resolve(opened.result));
      opened.addEventListener('error', () => reject(new Error('the database does not open')));
    });
    const values = database.transaction(name).objectStore(name).getAll();
    await new Promise<unknown>((resolve, reject) => {
      values.addEventListener('success', resolve);
      values.addEventListener('error', () => reject(new Error('the collection cannot be read')));
    });
    database.close();
    return values.result.reduce<number>(
      (sum, value: unknown) => sum + (value instanceof Uint8Array ? value.length : 0),
      0,
    );
  }, collection);
}

/** In the page: keys and values, these as base64. */
async function readJournal(): Promise<(readonly [key: string, value: string])[]> {
  const opened = indexedDB.open('tabswarm');
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    opened.addEventListener('success', () => resolve(opened.result));
    opened.addEventListener('error', () => reject(new Error('the database does not open')));
  });
  const journal = database.transaction('journal').objectStore('journal');
  const [keys, values] = [journal.getAllKeys(), journal.getAll()];
  await new Promise<unknown>((resolve, reject) => {
    values.addEventListener('success', resolve);
    values.addEventListener('error', () => reject(new Error('the journals cannot be read')));
  });
  database.close();
  return keys.result.map((key, at) => {
    const value: unknown = values.result[at];
    let text = '';
    if (value instanceof Uint8Array) for (const byte of value) text += String.fromCharCode(byte);
    return [typeof key === 'string' ? key : '', btoa(text)] as const;
  });
}
