import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { utf8 } from '../../../src/kernel/bytes.ts';
import type { Write } from '../../../src/kernel/machine.ts';
import { ok, refuse } from '../../../src/kernel/result.ts';
import { DATABASE_VERSION } from '../../../src/storage/schema.ts';
import type { KeyStore } from '../../../src/storage/key-store.ts';
import { openStorage, type Storage, type StorageOptions } from '../../../src/storage/open-storage.ts';

const write: Write = { op: 'put', store: 'meta', key: 'k', value: new Uint8Array([1]) };

const open = (options: Partial<StorageOptions> = {}): Promise<Storage> =>
  openStorage({
    name: 'open-storage',
    clock: { after: () => () => undefined },
    manager: undefined,
    ...options,
  });

const newPair = (): Promise<CryptoKeyPair> => crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);

async function proves(keys: KeyStore, name: string, pair: CryptoKeyPair): Promise<boolean> {
  const kept = await keys.get(name);
  if (!kept.ok || kept.value === undefined) return false;
  const signature = await crypto.subtle.sign('Ed25519', kept.value.privateKey, utf8('words'));
  return crypto.subtle.verify('Ed25519', pair.publicKey, signature, utf8('words'));
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('storage', () => {
  it('[STO-13, STO-17] keeps bytes and non-extractable keys over a restart', async () => {
    const first = await open();
    expect(first.state).toBe('ok');
    expect(first.keys.isDurable).toBe(true);
    const pair = await newPair();
    expect(await first.keys.put('peer/0', pair)).toEqual(ok(undefined));
    expect(await first.store.write([write])).toEqual(ok(undefined));
    first.close();
    expect(first.state).toBe('closed');

    const second = await open();
    expect(await second.store.read('meta', 'k')).toEqual(ok(new Uint8Array([1])));
    expect(await proves(second.keys, 'peer/0', pair)).toBe(true);
    const kept = await second.keys.get('peer/0');
    expect(kept.ok && kept.value?.privateKey.extractable).toBe(false);
    expect(await second.keys.delete('peer/0')).toEqual(ok(undefined));
    expect(await second.keys.get('peer/0')).toEqual(ok(undefined));
    second.close();
    expect(await second.keys.get('peer/0')).toEqual(refuse('unavailable'));
    expect(await second.keys.put('peer/0', pair)).toEqual(refuse('unavailable'));
  });

  it('[STO-17] a record that is no key pair is a coded failure', async () => {
    const storage = await open({ name: 'odd-keys' });
    const raw = await openDB('odd-keys', DATABASE_VERSION);
    for (const [name, value] of Object.entries({
      text: 'key',
      empty: {},
      half: { publicKey: 1, privateKey: 2 },
    })) {
      await raw.put('keys', value, name);
      expect(await storage.keys.get(name)).toEqual(refuse('failed'));
    }
    raw.close();
    storage.close();
  });

  it('[STO-13] without IndexedDB the tab works in memory, keys included, and the state says so', async () => {
    vi.stubGlobal('indexedDB', undefined);
    const storage = await open();
    expect(storage.state).toBe('unavailable');
    expect(storage.keys.isDurable).toBe(false);
    expect(await storage.store.write([write])).toEqual(ok(undefined));
    expect(await storage.store.read('meta', 'k')).toEqual(ok(new Uint8Array([1])));
    const pair = await newPair();
    await storage.keys.put('member', pair);
    expect(await proves(storage.keys, 'member', pair)).toBe(true);
    await storage.keys.delete('member');
    expect(await storage.keys.get('member')).toEqual(ok(undefined));
  });

  it('[STO-13] beside a newer build nothing is read, written or pretended', async () => {
    (await openDB('of-the-future', DATABASE_VERSION + 1)).close();
    const storage = await open({ name: 'of-the-future' });
    expect(storage.state).toBe('newerVersion');
    expect(await storage.store.write([write])).toEqual(refuse('unavailable'));
    expect(await storage.keys.get('member')).toEqual(refuse('unavailable'));
  });

  it('[STO-18] tells what the browser says about space, and asks it not to evict us', async () => {
    const manager = {
      persisted: () => Promise.resolve(true),
      persist: () => Promise.resolve(true),
      estimate: () => Promise.resolve({ usage: 10, quota: 100 }),
    };
    const storage = await open({ manager });
    expect(await storage.estimate()).toEqual({ persistent: true, usedBytes: 10, quotaBytes: 100 });
    expect(await storage.requestPersistence()).toBe(true);
    storage.close();
  });

  it('[STO-18] a browser that does not say is not an error', async () => {
    const silent = await open();
    expect(await silent.estimate()).toEqual({ persistent: false, usedBytes: null, quotaBytes: null });
    expect(await silent.requestPersistence()).toBe(false);
    silent.close();
    const no = (): Promise<never> => Promise.reject(new TypeError('not here'));
    const refusing = await open({ manager: { persisted: no, persist: no, estimate: no } });
    expect(await refusing.estimate()).toEqual({ persistent: false, usedBytes: null, quotaBytes: null });
    expect(await refusing.requestPersistence()).toBe(false);
    refusing.close();
  });
});
