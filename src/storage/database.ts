/**
 * The connection to the one IndexedDB database: opening and migrating it, standing aside for a newer build, coming back once
 * after the browser dropped it. Platform exceptions end here as `StoreFailure` codes.
 */
import { openDB, type IDBPDatabase } from 'idb';
import type { StoreFailure } from '../kernel/machine.ts';
import type { ClockPort } from '../kernel/ports.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { DATABASE_NAME, DATABASE_VERSION, migrate } from './schema.ts';

/**
 * Longest wait for the database to open, milliseconds. Origin: a guess; it opens in under 50 ms when nothing is wrong, and a
 * person who stares at a blank screen leaves after about ten seconds.
 */
export const OPEN_DEADLINE_MS = 10_000;

/**
 * Where the disk stands. `unavailable`: this browser gives us no database. `blocked`: a tab with an older build holds it open.
 * `newerVersion`: a newer build has changed, or is about to change, its shape. `closed`: it was deleted under us, lost for good, or
 * closed by us. Only `ok` means that writes reach the disk.
 */
export type StorageState = 'ok' | 'unavailable' | 'blocked' | 'newerVersion' | 'closed';

export interface DatabaseOptions {
  readonly clock: Pick<ClockPort, 'after'>;
  /** For tests; {@link DATABASE_NAME} otherwise. */
  readonly name?: string;
  /** Called once for each change of state after opening. */
  readonly onState?: (state: StorageState) => void;
  /** Every platform failure in the platform's words, for the trace; `code` is what the caller was told. */
  readonly onFailure?: (code: StoreFailure, cause: string) => void;
}

type Connection = IDBPDatabase;

/** One origin's database. Made by {@link openDatabase}. */
export class Database {
  readonly #options: DatabaseOptions;
  #connection: Connection | undefined;
  #reopening: Promise<Connection | undefined> | undefined;
  #state: StorageState;

  constructor(options: DatabaseOptions, opened: Connection | Exclude<StorageState, 'ok'>) {
    this.#options = options;
    if (typeof opened === 'string') {
      this.#state = opened;
      return;
    }
    this.#state = 'ok';
    this.#adopt(opened);
  }

  get state(): StorageState {
    return this.#state;
  }

  /**
   * Runs `work` on the open connection. When the browser has dropped the connection, it is reopened and `work` runs once more from
   * the start, so `work` must be repeatable.
   */
  async use<Value>(work: (connection: Connection) => Promise<Value>): Promise<Result<Value, StoreFailure>> {
    const first = await this.#attempt(work);
    if (first !== 'lost') return first;
    const second = await this.#attempt(work);
    return second === 'lost' ? refuse('failed') : second;
  }

  /** Lets running transactions end, then frees the database; everything asked for later answers `unavailable`. */
  close(): void {
    this.#leave('closed');
  }

  async #attempt<Value>(
    work: (connection: Connection) => Promise<Value>,
  ): Promise<Result<Value, StoreFailure> | 'lost'> {
    const connection = await this.#connected();
    if (connection === undefined) return refuse('unavailable');
    try {
      return ok(await work(connection));
    } catch (error) {
      const code = failureOf(error);
      this.#options.onFailure?.(code, describe(error));
      if (isConnectionLoss(error)) this.#drop(connection);
      return this.#connection === connection ? refuse(code) : 'lost';
    }
  }

  /** Forgets `connection`, unless somebody else has already replaced it. */
  #drop(connection: Connection): void {
    connection.close();
    if (this.#connection === connection) this.#connection = undefined;
  }

  async #connected(): Promise<Connection | undefined> {
    if (this.#state !== 'ok') return undefined;
    if (this.#connection !== undefined) return this.#connection;
    this.#reopening ??= this.#reopen().finally(() => (this.#reopening = undefined));
    return this.#reopening;
  }

  /** A reopened database must be the one we lost: an empty one in its place means that keys and journals are gone together. */
  async #reopen(): Promise<Connection | undefined> {
    const opened = await openConnection(this.#options, { mayCreate: false });
    if (typeof opened === 'string') {
      if (this.#state === 'ok') this.#leave(opened === 'newerVersion' ? opened : 'closed');
      return undefined;
    }
    if (this.#state !== 'ok') {
      opened.close();
      return undefined;
    }
    this.#adopt(opened);
    return opened;
  }

  #adopt(connection: Connection): void {
    this.#connection = connection;
    connection.addEventListener('versionchange', (event) => {
      // A newer build, or a deletion, waits for us. Holding on would freeze that tab; our own build cannot read the new shape.
      if (this.#connection === connection) this.#leave(event.newVersion === null ? 'closed' : 'newerVersion');
    });
    connection.addEventListener('close', () => {
      if (this.#connection === connection) this.#connection = undefined;
    });
  }

  #leave(state: StorageState): void {
    this.#connection?.close();
    this.#connection = undefined;
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    this.#options.onState?.(state);
  }
}

/** Opens (and creates or migrates) the database. Never rejects: what went wrong is the state of the answer. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  return new Database(options, await openConnection(options, { mayCreate: true }));
}

/** One value, or undefined. Awaits the transaction as well, whose failure would otherwise go unhandled. */
export async function getFrom(connection: Connection, store: string, key: string): Promise<unknown> {
  const transaction = connection.transaction(store, 'readonly');
  const [value] = await Promise.all([transaction.store.get(key) as Promise<unknown>, transaction.done]);
  return value;
}

interface OpenMode {
  /** false: an absent database stays absent and the answer is `unavailable`. */
  readonly mayCreate: boolean;
}

async function openConnection(
  options: DatabaseOptions,
  mode: OpenMode,
): Promise<Connection | Exclude<StorageState, 'ok' | 'closed'>> {
  if (!hasIndexedDb()) return 'unavailable';
  let isBlocked = false;
  let isLate = false;
  const open = async (): Promise<Connection | 'newerVersion' | 'unavailable'> => {
    try {
      const connection = await openDB(options.name ?? DATABASE_NAME, DATABASE_VERSION, {
        upgrade: (database, from, _to, transaction) => {
          if (from === 0 && !mode.mayCreate) abandon(transaction);
          else migrate(database, from);
        },
        blocked: () => {
          isBlocked = true;
        },
      });
      if (isLate) connection.close();
      return connection;
    } catch (error) {
      options.onFailure?.('unavailable', describe(error));
      return nameOf(error) === 'VersionError' ? 'newerVersion' : 'unavailable';
    }
  };
  const outcome = open();
  return Promise.race([
    outcome,
    new Promise<'blocked' | 'unavailable'>((resolve) => {
      const cancel = options.clock.after(OPEN_DEADLINE_MS, () => {
        isLate = true;
        resolve(isBlocked ? 'blocked' : 'unavailable');
      });
      void outcome.then(cancel);
    }),
  ]);
}

/** Aborts an upgrade, so that an absent database stays absent. The open request then fails, which is where it is reported. */
function abandon(transaction: { readonly done: Promise<unknown>; abort(): void }): void {
  transaction.done.catch(() => undefined);
  transaction.abort();
}

/** Reading the global throws where the person has forbidden storage to this site. */
function hasIndexedDb(): boolean {
  try {
    return typeof indexedDB === 'object';
  } catch {
    return false;
  }
}

function failureOf(error: unknown): StoreFailure {
  return nameOf(error) === 'QuotaExceededError' ? 'quota' : 'failed';
}

/**
 * `InvalidStateError`: the connection is closing. `UnknownError`: what WebKit answers to every request after it dropped the
 * connection of a page in the background, without a `close` event (WebKit bugs 197050 and 202705).
 */
function isConnectionLoss(error: unknown): boolean {
  const name = nameOf(error);
  return name === 'InvalidStateError' || name === 'UnknownError';
}

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : '';
}

function describe(error: unknown): string {
  return error instanceof Error || error instanceof DOMException
    ? `${error.name}: ${error.message}`
    : String(error);
}
