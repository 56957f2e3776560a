/**
 * The byte store over IndexedDB with group commit. A strictly durable transaction costs about a millisecond however much it
 * carries (ten times less per write in groups of 32), so calls that arrive while one transaction is on its way share the next.
 */
import { unwrap, type IDBPDatabase } from 'idb';
import type { Bytes } from '../kernel/bytes.ts';
import type { StoreFailure, Write } from '../kernel/machine.ts';
import type { StorePort } from '../kernel/ports.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { getFrom, type Database } from './database.ts';
import { carryOut, rangeOf, type Change } from './changes.ts';
import { Pack, shelfAround, shelfOf, Unpacking } from './packs.ts';
import { isCollection, keepsFirst } from './schema.ts';

/** Most calls in one transaction. Origin: a guess; the gain per call is spent well before. */
export const MAX_GROUP_CALLS = 256;
/** Most bytes in one transaction, unless one call alone has more. Origin: a guess, so that no answer waits for a huge write. */
export const MAX_GROUP_BYTES = 4 * 1024 * 1024;
/** Most bytes that may wait for the disk; a call beyond it is answered `failed` at once. Origin: six boards of 10 MB. */
export const MAX_QUEUED_BYTES = 64 * 1024 * 1024;
/** Most pairs in one batch of a scan (the contract of `StorePort.scan`). */
export const MAX_SCAN_PAIRS = 256;
/** Pairs in the first batch of a scan, before the size of its values is known. Origin: a guess. */
const FIRST_SCAN_PAIRS = 32;
/** Bytes that a batch of a scan aims at; later batches are sized by the mean of the one before. Origin: a guess. */
export const SCAN_BATCH_BYTES = 4 * 1024 * 1024;

type Answer = Result<undefined, StoreFailure>;

interface Call {
  readonly changes: readonly Change[];
  readonly bytes: number;
  readonly answer: (answer: Answer) => void;
}

export class IdbStore implements StorePort {
  readonly #database: Database;
  readonly #queue: Call[] = [];
  #queuedBytes = 0;
  #isRunning = false;
  /** Settles when every call so far has been answered. */
  #answered: Promise<unknown> = Promise.resolve();

  constructor(database: Database) {
    this.#database = database;
  }

  write(writes: readonly Write[]): Promise<Answer> {
    return this.#enqueue(snapshot(writes));
  }

  clear(store: string, prefix: string): Promise<Answer> {
    return this.#enqueue([{ op: 'clear', store, prefix }]);
  }

  /** Sees every write asked for before; may also see later ones. */
  async read(store: string, key: string): Promise<Result<Bytes | undefined, StoreFailure>> {
    if (!isCollection(store)) return refuse('failed');
    await this.#answered;
    const shelf = shelfOf(store, key);
    if (shelf !== undefined) {
      const pack = await this.#database.use((connection) => getFrom(connection, store, shelf));
      if (!pack.ok) return pack;
      const packed = new Pack(shelf, pack.value).get(key);
      if (packed !== undefined) return ok(packed);
    }
    const found = await this.#database.use((connection) => getFrom(connection, store, key));
    if (!found.ok) return found;
    if (found.value === undefined) return ok(undefined);
    return isBytes(found.value) ? ok(found.value) : refuse('failed');
  }

  /** Sees every write asked for before, and may see later ones. Rejects only with what `onBatch` itself throws. */
  async scan(
    store: string,
    prefix: string,
    onBatch: (batch: readonly (readonly [key: string, value: Bytes])[]) => void | Promise<void>,
  ): Promise<Answer> {
    if (!isCollection(store)) return refuse('failed');
    await this.#answered;
    const unpacking = new Unpacking(store);
    const shelf = shelfAround(store, prefix);
    if (shelf !== undefined) {
      const pack = await this.read(store, shelf);
      if (!pack.ok) return pack;
      if (pack.value !== undefined) unpacking.take(shelf, pack.value);
    }
    let after: string | undefined;
    for (let limit = FIRST_SCAN_PAIRS; ;) {
      const page = await this.#page(store, rangeOf(prefix, after), limit);
      if (!page.ok) return page;
      const records = page.value;
      after = records.at(-1)?.[0];
      const isLast = records.length < limit || after === undefined;
      const pairs = records.flatMap(([key, value]) => unpacking.take(key, value));
      if (isLast) pairs.push(...unpacking.rest());
      const inside = shelf === undefined ? pairs : pairs.filter(([key]) => key.startsWith(prefix));
      for (let at = 0; at < inside.length; at += MAX_SCAN_PAIRS)
        await onBatch(inside.slice(at, at + MAX_SCAN_PAIRS));
      if (isLast) return ok(undefined);
      limit = nextLimit(records);
    }
  }

  async #page(
    store: string,
    range: IDBKeyRange | null,
    limit: number,
  ): Promise<Result<readonly (readonly [string, Bytes])[], StoreFailure>> {
    const page = await this.#database.use(async (connection) => {
      const { store: collection, done } = connection.transaction(store, 'readonly');
      const values: Promise<readonly unknown[]> = collection.getAll(range, limit);
      const [keys, found] = await Promise.all([collection.getAllKeys(range, limit), values, done]);
      return { keys, values: found };
    });
    if (!page.ok) return page;
    const { keys, values } = page.value;
    const batch: (readonly [string, Bytes])[] = [];
    for (const [index, key] of keys.entries()) {
      const value = values[index];
      if (typeof key !== 'string' || !isBytes(value)) return refuse('failed');
      batch.push([key, value]);
    }
    return ok(batch);
  }

  #enqueue(changes: readonly Change[]): Promise<Answer> {
    const bytes = changes.reduce((sum, change) => sum + sizeOf(change), 0);
    if (changes.length === 0) return Promise.resolve(ok(undefined));
    if (changes.some((change) => !isCollection(change.store))) return Promise.resolve(refuse('failed'));
    if (this.#queuedBytes + bytes > MAX_QUEUED_BYTES) return Promise.resolve(refuse('failed'));
    const answered = new Promise<Answer>((answer) => this.#queue.push({ changes, bytes, answer }));
    this.#queuedBytes += bytes;
    this.#answered = answered;
    if (!this.#isRunning) void this.#run();
    return answered;
  }

  /** Answers are given in the order of the calls, so awaiting the last one awaits all. */
  async #run(): Promise<void> {
    this.#isRunning = true;
    await Promise.resolve(); // calls made in the same turn join the first transaction
    while (this.#queue.length > 0) {
      const group = this.#takeGroup();
      const together = await this.#commit(group);
      // One call's mistake or size must not fail its neighbours; without a database there is no point in asking again.
      const isHopeless = together.ok || group.length === 1 || together.code === 'unavailable';
      for (const call of group) {
        this.#queuedBytes -= call.bytes;
        call.answer(isHopeless ? together : await this.#commit([call]));
      }
    }
    this.#isRunning = false;
  }

  #takeGroup(): readonly Call[] {
    let count = 0;
    let bytes = 0;
    for (const call of this.#queue) {
      // What is cleared are the records that were there before: none of a pack that the same transaction has yet to write.
      if (count > 0 && (isClear(call) || isClear(this.#queue[count - 1]))) break;
      if (count === MAX_GROUP_CALLS || (count > 0 && bytes + call.bytes > MAX_GROUP_BYTES)) break;
      count += 1;
      bytes += call.bytes;
    }
    return this.#queue.splice(0, count);
  }

  async #commit(group: readonly Call[]): Promise<Answer> {
    const changes = group.flatMap((call) => call.changes);
    const stores = [...new Set(changes.map((change) => change.store))];
    return this.#database.use(async (connection) => {
      await transact(connection, stores, changes);
      return undefined;
    });
  }
}

/** Carries out `changes` in one strictly durable transaction; rejects when nothing of it happened. */
async function transact(
  connection: IDBPDatabase,
  stores: readonly string[],
  changes: readonly Change[],
): Promise<void> {
  // The raw database: its requests need an error handler more than a promise each, and only the `abort` event knows why.
  const transaction = unwrap(connection).transaction([...stores], 'readwrite', { durability: 'strict' });
  const ended = endOf(transaction);
  try {
    carryOut(transaction, changes);
  } catch (error) {
    transaction.abort();
    await ended.catch(() => undefined); // says no more than `error`
    throw error;
  }
  await ended;
}

function endOf(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => {
      resolve();
    };
    transaction.onabort = () => {
      reject(transaction.error ?? new DOMException('the transaction was aborted', 'AbortError'));
    };
  });
}

function nextLimit(batch: readonly (readonly [string, Bytes])[]): number {
  const bytes = batch.reduce((sum, [, value]) => sum + value.length, 0);
  const wanted = Math.floor((SCAN_BATCH_BYTES * batch.length) / Math.max(1, bytes));
  return Math.max(1, Math.min(MAX_SCAN_PAIRS, wanted));
}

/** Copies of the values, since the caller may reuse its buffers while the call waits; in one piece, since a buffer for each costs more than the copying. */
function snapshot(writes: readonly Write[]): readonly Write[] {
  const copies = new Uint8Array(
    writes.reduce((sum, write) => sum + (write.op === 'put' ? write.value.length : 0), 0),
  );
  let at = 0;
  return writes.map((write) => {
    if (write.op !== 'put') return write;
    const { op, store, key, value } = write;
    copies.set(value, at);
    at += value.length;
    return { op, store, key, value: copies.subarray(at - value.length, at) };
  });
}

function isClear(call: Call | undefined): boolean {
  return call?.changes.some(({ op, store }) => op === 'clear' && keepsFirst(store)) === true;
}

function sizeOf(change: Change): number {
  if (change.op === 'clear') return 0;
  return change.op === 'put' ? change.key.length + change.value.length : change.key.length;
}

function isBytes(value: unknown): value is Bytes {
  return value instanceof Uint8Array;
}
