import 'fake-indexeddb/auto';
import { forceCloseDatabase } from 'fake-indexeddb';
import { deleteDB, openDB } from 'idb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Write } from '../../../src/kernel/machine.ts';
import { ok, refuse } from '../../../src/kernel/result.ts';
import {
  openDatabase,
  OPEN_DEADLINE_MS,
  type Database,
  type StorageState,
} from '../../../src/storage/database.ts';
import { IdbStore } from '../../../src/storage/idb-store.ts';
import { DATABASE_VERSION } from '../../../src/storage/schema.ts';
import { onTransaction } from './spy-on-indexeddb.ts';

const write: Write = { op: 'put', store: 'meta', key: 'k', value: new Uint8Array([1]) };
const never = { after: () => () => undefined };
let count = 0;

interface Opened {
  readonly name: string;
  readonly database: Database;
  readonly store: IdbStore;
  readonly states: StorageState[];
  /** The connections that the platform gave us, oldest first. */
  readonly connections: IDBDatabase[];
}

async function open(): Promise<Opened> {
  count += 1;
  const name = `database-${count}`;
  const states: StorageState[] = [];
  const connections: IDBDatabase[] = [];
  const database = await openDatabase({ name, clock: never, onState: (state) => states.push(state) });
  onTransaction((connection) => {
    if (!connections.includes(connection)) connections.push(connection);
  });
  return { name, database, store: new IdbStore(database), states, connections };
}

/** What a browser does when it drops a connection by force. */
function dropConnection(connection: IDBDatabase | undefined): void {
  if (connection !== undefined) forceCloseDatabase(connection as never); // its declared parameter is the class
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('opening', () => {
  it('[STO-13] no IndexedDB is unavailable', async () => {
    vi.stubGlobal('indexedDB', undefined);
    const database = await openDatabase({ clock: never });
    expect(database.state).toBe('unavailable');
    expect(await new IdbStore(database).write([write])).toEqual(refuse('unavailable'));
  });

  it('[STO-13] an IndexedDB that may not be touched is unavailable', async () => {
    vi.spyOn(globalThis, 'indexedDB', 'get').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    expect((await openDatabase({ clock: never })).state).toBe('unavailable');
  });

  it('[STO-13] a database that does not open is unavailable, and the cause is told', async () => {
    vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    const causes: string[] = [];
    const database = await openDatabase({ clock: never, onFailure: (_code, cause) => causes.push(cause) });
    expect(database.state).toBe('unavailable');
    expect(causes).toEqual(['SecurityError: denied']);
  });

  it('[STO-2] refuses a database of a newer version and leaves it alone', async () => {
    const newer = await openDB('newer', DATABASE_VERSION + 1, {
      upgrade: (database) => {
        void database.createObjectStore('meta').put('of the future', 'k');
      },
    });
    const database = await openDatabase({ name: 'newer', clock: never });
    expect(database.state).toBe('newerVersion');
    expect(await new IdbStore(database).read('meta', 'k')).toEqual(refuse('unavailable'));
    expect(await newer.get('meta', 'k')).toBe('of the future');
    newer.close();
  });

  it('[STO-14] waits for older tabs to let go, for a bounded time', async () => {
    const old = await openDB('held', 1, {
      upgrade: (database) => void database.createObjectStore('journal'),
    });
    let expire = (): void => undefined;
    const wasBlocked = new Promise<void>((resolve) => {
      old.onversionchange = () => {
        resolve();
      };
    });
    const opening = openDatabase({
      name: 'held',
      clock: {
        after: (ms, callback) => {
          expect(ms).toBe(OPEN_DEADLINE_MS);
          expire = callback;
          return () => undefined;
        },
      },
    });
    await wasBlocked;
    // `blocked` is raised after every holder has heard `versionchange`.
    const probe = await openDB('probe');
    probe.close();
    expire();
    const database = await opening;
    expect(database.state).toBe('blocked');
    expect(await new IdbStore(database).write([write])).toEqual(refuse('unavailable'));
    old.close();
    // The late connection does not stay open: it would block the next tab.
    await deleteDB('held');
  });
});

describe('an open database', () => {
  it('[STO-15] lets a newer build in, reports it, and refuses from then on', async () => {
    const { name, database, store, states } = await open();
    const pending = store.write([write]);
    expect(await pending).toEqual(ok(undefined));
    const newer = await openDB(name, DATABASE_VERSION + 1);
    expect(states).toEqual(['newerVersion']);
    expect(database.state).toBe('newerVersion');
    expect(await store.write([write])).toEqual(refuse('unavailable'));
    expect(await store.read('meta', 'k')).toEqual(refuse('unavailable'));
    newer.close();
  });

  it('[STO-15] lets itself be deleted, and does not come back', async () => {
    const { name, store, states } = await open();
    await store.write([write]);
    await deleteDB(name);
    expect(states).toEqual(['closed']);
    expect(await store.write([write])).toEqual(refuse('unavailable'));
    expect((await indexedDB.databases()).map((each) => each.name)).not.toContain(name);
  });

  it('[STO-16] comes back after the browser dropped the connection', async () => {
    const { store, connections, states } = await open();
    await store.write([write]);
    dropConnection(connections[0]);
    expect(await store.read('meta', 'k')).toEqual(ok(new Uint8Array([1])));
    dropConnection(connections[1]);
    expect(await store.write([write])).toEqual(ok(undefined));
    expect(connections).toHaveLength(3);
    expect(states).toEqual([]);
  });

  it('[STO-16] comes back when a request finds the connection dead, once per call', async () => {
    const { store, connections, database } = await open();
    await store.write([write]);
    connections[0]?.close(); // no `close` event, as in WebKit
    const answers = await Promise.all([
      store.write([write]),
      store.read('meta', 'k'),
      store.read('meta', 'none'),
    ]);
    expect(answers).toEqual([ok(undefined), ok(new Uint8Array([1])), ok(undefined)]);
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(() => {
      throw new DOMException('Connection to Indexed Database server lost', 'UnknownError');
    });
    expect(await store.write([write])).toEqual(refuse('failed'));
    expect(database.state).toBe('ok');
  });

  it('[STO-16] does not make an empty database in place of a lost one', async () => {
    const { name, store, connections, states } = await open();
    await store.write([write]);
    dropConnection(connections[0]);
    await deleteDB(name);
    expect(await store.write([write])).toEqual(refuse('unavailable'));
    expect(states).toEqual(['closed']);
    expect((await indexedDB.databases()).map((each) => each.name)).not.toContain(name);
  });

  it('[STO-16] stands aside when a newer build came while it was away', async () => {
    const { name, store, connections, states } = await open();
    await store.write([write]);
    dropConnection(connections[0]);
    (await openDB(name, DATABASE_VERSION + 1)).close();
    expect(await store.write([write])).toEqual(refuse('unavailable'));
    expect(states).toEqual(['newerVersion']);
  });

  it('[STO-13] answers after close are coded, and running writes are finished', async () => {
    const { database, store, states } = await open();
    const running = store.write([write]);
    await Promise.resolve();
    await Promise.resolve();
    database.close();
    database.close();
    expect((await running).ok || (await running)).toBe(true);
    expect(await store.write([write])).toEqual(refuse('unavailable'));
    expect(states).toEqual(['closed']);
  });
});
