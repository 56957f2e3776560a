/** Watches and disturbs the calls that the store makes to IndexedDB. Undone by `vi.restoreAllMocks()`. */
import { vi } from 'vitest';

/** Calls back for every transaction that is begun. */
export function onTransaction(
  seen: (connection: IDBDatabase, transaction: IDBTransaction, durability: string | undefined) => void,
): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the connection below
  const original = IDBDatabase.prototype.transaction;
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (
    this: IDBDatabase,
    stores,
    mode,
    options,
  ) {
    const transaction = original.call(this, stores, mode, options);
    seen(this, transaction, options?.durability);
    return transaction;
  });
}

/** Calls back for every put, which may throw, or disturb the request that it gets. */
export function onPut(
  seen: (key: IDBValidKey | undefined, request: () => IDBRequest<IDBValidKey>) => void,
): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the collection below
  const original = IDBObjectStore.prototype.put;
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value, key) {
    let request: IDBRequest<IDBValidKey> | undefined;
    const make = (): IDBRequest<IDBValidKey> => (request ??= original.call(this, value, key));
    seen(key, make);
    return make();
  });
}
