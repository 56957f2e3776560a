/** Carries out changes within one transaction of IndexedDB. Nothing here waits for promises: a transaction ends when it has nothing to do. */
import type { Bytes } from '../kernel/bytes.ts';
import type { Write } from '../kernel/machine.ts';
import { MAX_PACKED_VALUE_BYTES, MIN_PACKED_PAIRS, Pack, shelfAround, shelfOf } from './packs.ts';
import { keepsFirst, prefixEnd } from './schema.ts';

/** A clear is the only change of its transaction's collection, since it may take pairs out of packs. */
export type Change = Write | { readonly op: 'clear'; readonly store: string; readonly prefix: string };

/** Issues the requests for `changes`; those of one pair happen in their order. Throws what the platform throws. */
export function carryOut(transaction: IDBTransaction, changes: readonly Change[]): void {
  const shelves = new Map<string, Write[]>();
  for (const change of changes) {
    const collection = transaction.objectStore(change.store);
    if (change.op === 'clear') {
      clear(collection, change.prefix);
      continue;
    }
    const shelf = shelfOf(change.store, change.key);
    if (shelf === undefined) carryOutOne(collection, change);
    else {
      // Only one collection has shelves.
      const others = shelves.get(shelf);
      if (others === undefined) shelves.set(shelf, [change]);
      else others.push(change);
    }
  }
  for (const [shelf, writes] of shelves) carryOutOnShelf(transaction, shelf, writes);
}

function carryOutOne(collection: IDBObjectStore, write: Write): void {
  if (write.op === 'delete') collection.delete(write.key);
  else if (keepsFirst(collection.name)) collection.add(alone(write.value), write.key).onerror = keepGoing;
  else collection.put(alone(write.value), write.key);
}

/**
 * The bytes in a buffer of their own: a structured clone of a view keeps the whole buffer under it, so that a 300-byte entry cut out of a
 * 1 MiB message would cost 1 MiB on disk.
 */
function alone(value: Bytes): Bytes {
  return value.byteLength === value.buffer.byteLength ? value : value.slice();
}

/** Changes of pairs that may share a record. */
function carryOutOnShelf(transaction: IDBTransaction, shelf: string, writes: readonly Write[]): void {
  const [first] = writes;
  if (first === undefined) return;
  const collection = transaction.objectStore(first.store);
  const isPacked = writes.filter(isPackable).length >= MIN_PACKED_PAIRS;
  if (!isPacked && writes.every(({ op }) => op === 'put')) {
    for (const write of writes) carryOutOne(collection, write);
    return;
  }
  const read = collection.get(shelf);
  const names = collection.getAllKeys(rangeOf(shelf, shelf));
  // The second of two requests is answered last.
  names.onsuccess = () => {
    const pack = new Pack(shelf, read.result);
    const unpacked = new Set(names.result);
    for (const write of writes) {
      const { key } = write;
      if (write.op === 'delete') {
        pack.delete(key);
        if (unpacked.delete(key)) collection.delete(key);
      } else if (!pack.has(key) && !unpacked.has(key) && !(isPacked && pack.add(key, write.value))) {
        collection.add(alone(write.value), key);
        unpacked.add(key);
      }
    }
    store(collection, shelf, pack);
  };
}

function isPackable(write: Write): boolean {
  return write.op === 'put' && write.value.length <= MAX_PACKED_VALUE_BYTES;
}

function clear(collection: IDBObjectStore, prefix: string): void {
  const range = rangeOf(prefix, undefined);
  if (range === null) collection.clear();
  else collection.delete(range);
  const shelf = shelfAround(collection.name, prefix);
  if (shelf === undefined) return;
  const read = collection.get(shelf);
  read.onsuccess = () => {
    const pack = new Pack(shelf, read.result);
    pack.deleteAll(prefix);
    store(collection, shelf, pack);
  };
}

function store(collection: IDBObjectStore, shelf: string, pack: Pack): void {
  if (!pack.isChanged) return;
  const record = pack.record();
  if (record === undefined) collection.delete(shelf);
  else collection.put(record, shelf);
}

/** An entry that is already there is no error: without this the whole transaction would be rolled back. */
function keepGoing(event: Event): void {
  const request = event.target as IDBRequest;
  if (request.error?.name !== 'ConstraintError') return;
  event.preventDefault();
  event.stopPropagation();
}

/** Keys that start with `prefix` and come after `after`; null for all keys. */
export function rangeOf(prefix: string, after: string | undefined): IDBKeyRange | null {
  const end = prefixEnd(prefix);
  const start = after ?? prefix;
  if (end !== undefined) return IDBKeyRange.bound(start, end, after !== undefined, true);
  return start === '' ? null : IDBKeyRange.lowerBound(start, after !== undefined);
}
