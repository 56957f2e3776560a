/** The way in: opens the database and hands out what lies on it, or the stand-ins when there is none. */
import type { StorePort } from '../kernel/ports.ts';
import { openDatabase, type DatabaseOptions, type StorageState } from './database.ts';
import { IdbStore } from './idb-store.ts';
import { IdbKeyStore, MemoryKeyStore, type KeyStore } from './key-store.ts';
import { MemoryStore } from './memory-store.ts';

/** What the browser says about the space of this origin. Numbers are null where it does not say. */
export interface StorageEstimate {
  /** Whether the browser has promised not to evict us under pressure. */
  readonly persistent: boolean;
  readonly usedBytes: number | null;
  readonly quotaBytes: number | null;
}

export interface Storage {
  readonly store: StorePort;
  readonly keys: KeyStore;
  /** Where the disk stands now; changes are told to `onState`. Anything but `ok` is shown as "Not saved". */
  readonly state: StorageState;
  estimate(): Promise<StorageEstimate>;
  /** Asks the browser not to evict us; true when it agrees. To be called at the first real edit: some browsers ask the person. */
  requestPersistence(): Promise<boolean>;
  close(): void;
}

export interface StorageOptions extends DatabaseOptions {
  /** The browser's storage manager, undefined where it has none. */
  readonly manager: Pick<StorageManager, 'estimate' | 'persist' | 'persisted'> | undefined;
}

/**
 * Opens this origin's storage. Never rejects. With state `unavailable` everything works in memory, keys included, so that what a key
 * signed and the key itself still go together. With `blocked` and `newerVersion` there is data that we may not touch, and every call
 * answers `unavailable`: an empty board list would be a lie.
 */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const database = await openDatabase(options);
  const isAbsent = database.state === 'unavailable';
  return {
    store: isAbsent ? new MemoryStore() : new IdbStore(database),
    keys: isAbsent ? new MemoryKeyStore() : new IdbKeyStore(database),
    get state() {
      return database.state;
    },
    estimate: () => estimate(options.manager),
    requestPersistence: () => quietly(() => options.manager?.persist(), false),
    close: () => {
      database.close();
    },
  };
}

async function estimate(manager: StorageOptions['manager']): Promise<StorageEstimate> {
  const persistent = await quietly(() => manager?.persisted(), false);
  const space: StorageEstimateOfBrowser = await quietly(() => manager?.estimate(), {});
  return { persistent, usedBytes: space.usage ?? null, quotaBytes: space.quota ?? null };
}

type StorageEstimateOfBrowser = Awaited<ReturnType<StorageManager['estimate']>>;

/** An answer that is only shown: a browser that refuses to give it is one that does not say. */
async function quietly<Value>(ask: () => Promise<Value> | undefined, otherwise: Value): Promise<Value> {
  try {
    return (await ask()) ?? otherwise;
  } catch {
    return otherwise;
  }
}
