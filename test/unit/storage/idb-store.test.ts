import 'fake-indexeddb/auto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Write } from '../../../src/kernel/machine.ts';
import { ok, refuse } from '../../../src/kernel/result.ts';
import { openDatabase, type Database } from '../../../src/storage/database.ts';
import {
  IdbStore,
  MAX_GROUP_BYTES,
  MAX_GROUP_CALLS,
  MAX_QUEUED_BYTES,
  SCAN_BATCH_BYTES,
} from '../../../src/storage/idb-store.ts';
import { readAll } from '../../contract/store-suite.ts';
import { onPut, onTransaction } from './spy-on-indexeddb.ts';

let count = 0;

async function open(): Promise<{ store: IdbStore; database: Database; causes: string[] }> {
  count += 1;
  const causes: string[] = [];
  const database = await openDatabase({
    name: `idb-store-${count}`,
    clock: { after: () => () => undefined },
    onFailure: (_code, cause) => causes.push(cause),
  });
  return { store: new IdbStore(database), database, causes };
}

const put = (key: string, size = 1, store = 'meta'): Write => ({
  op: 'put',
  store,
  key,
  value: new Uint8Array(size),
});

/** The durability of every read-write transaction begun from now on. */
function watchTransactions(): (string | undefined)[] {
  const seen: (string | undefined)[] = [];
  onTransaction((_connection, transaction, durability) => {
    if (transaction.mode === 'readwrite') seen.push(durability);
  });
  return seen;
}

/** Makes puts of `full` fail the way a full disk does: the request is accepted, and its transaction is rolled back with the reason. */
function fillDiskFor(full: string): void {
  onPut((key, make) => {
    if (key !== full) return;
    const request = make();
    request.addEventListener('success', () => {
      const { transaction } = request;
      Object.defineProperty(transaction, 'error', { value: new DOMException('full', 'QuotaExceededError') });
      transaction?.abort();
    });
  });
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('IndexedDB store', () => {
  it('[STO-10] calls made while a transaction is on its way share the next, strictly durable', async () => {
    const { store } = await open();
    const begun = watchTransactions();
    const first = store.write([put('a')]);
    const alsoFirst = store.write([put('b')]);
    await Promise.resolve();
    await Promise.resolve();
    const later = Array.from({ length: 50 }, (_, i) => store.write([put(`c${i}`)]));
    later.push(store.clear('meta', 'b'));
    expect(await Promise.all([first, alsoFirst, ...later])).toEqual(
      Array.from({ length: 53 }, () => ok(undefined)),
    );
    expect(begun).toEqual(['strict', 'strict']);
  });

  it('[STO-10] a group is bounded in calls and in bytes', async () => {
    const { store } = await open();
    const begun = watchTransactions();
    await Promise.all(Array.from({ length: MAX_GROUP_CALLS + 1 }, (_, i) => store.write([put(`k${i}`)])));
    expect(begun).toHaveLength(2);
    begun.length = 0;
    const half = MAX_GROUP_BYTES / 2 + 1;
    await Promise.all(
      [put('x', half), put('y', half), put('z', MAX_GROUP_BYTES * 2)].map((w) => store.write([w])),
    );
    expect(begun).toHaveLength(3);
  });

  it('[STO-10] answers only after its own transaction has completed, in the order of the calls', async () => {
    const { store } = await open();
    const order: string[] = [];
    onTransaction((_connection, transaction) => {
      transaction.addEventListener('complete', () => order.push('complete'));
    });
    const names = ['a', 'b', 'c'];
    await Promise.all(names.map((name) => store.write([put(name)]).then(() => order.push(name))));
    expect(order).toEqual(['complete', 'a', 'b', 'c']);
  });

  it('[STO-5, STO-11] a full disk is told to the caller it hit, and its neighbours are written', async () => {
    const { store, causes } = await open();
    fillDiskFor('big');
    const answers = await Promise.all([
      store.write([put('a')]),
      store.write([put('small'), put('big')]),
      store.write([put('b')]),
    ]);
    expect(answers).toEqual([ok(undefined), refuse('quota'), ok(undefined)]);
    expect((await readAll(store, 'meta')).pairs.map(([key]) => key)).toEqual(['a', 'b']);
    expect(causes).toContain('QuotaExceededError: full');
  });

  it('[STO-11] a put that the platform refuses on the spot rolls its call back', async () => {
    const { store } = await open();
    onPut((key) => {
      if (key === 'bad') throw new DOMException('no', 'DataCloneError');
    });
    expect(await store.write([put('good'), put('bad')])).toEqual(refuse('failed'));
    expect(await store.read('meta', 'good')).toEqual(ok(undefined));
  });

  it('[STO-12] refuses at once what would not fit the queue, and takes more when it has drained', async () => {
    const { store } = await open();
    const held = store.write([put('a', MAX_QUEUED_BYTES - 10)]);
    expect(await store.write([put('b', 100)])).toEqual(refuse('failed'));
    expect(await store.write([put('c', 5)])).toEqual(ok(undefined));
    expect(await held).toEqual(ok(undefined));
    expect(await store.write([put('b', 100)])).toEqual(ok(undefined));
  });

  it('[STO-8] sizes the batches of a scan by what they weigh', async () => {
    const { store } = await open();
    const size = SCAN_BATCH_BYTES / 4;
    for (let i = 0; i < 40; i++) await store.write([put(String(100 + i), size)]);
    const { pairs, batches } = await readAll(store, 'meta');
    expect(pairs).toHaveLength(40);
    expect(batches).toEqual([32, 4, 4]);
  });

  it('[STO-11] a value that is no byte string is a coded failure', async () => {
    const { store, database } = await open();
    await database.use((connection) => connection.put('meta', { not: 'bytes' }, 'odd'));
    expect(await store.read('meta', 'odd')).toEqual(refuse('failed'));
    expect(await store.scan('meta', '', () => undefined)).toEqual(refuse('failed'));
  });
});
