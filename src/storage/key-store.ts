/**
 * Where key pairs are kept: as `CryptoKeyPair` objects, whose private halves are not extractable, so that no script can carry them
 * off. They lie in the same database as what they signed: whoever wipes one wipes the other (DESIGN section 5).
 */
import type { StoreFailure } from '../kernel/machine.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { getFrom, type Database } from './database.ts';
import { KEY_COLLECTION } from './schema.ts';

/** Key pairs by name. Structurally the port that runtime/keys.ts asks for. */
export interface KeyStore {
  /** Whether a key that was put is still there after a restart. */
  readonly isDurable: boolean;
  get(name: string): Promise<Result<CryptoKeyPair | undefined, StoreFailure>>;
  /** Strictly durable when it answers ok; replaces. */
  put(name: string, pair: CryptoKeyPair): Promise<Result<undefined, StoreFailure>>;
  delete(name: string): Promise<Result<undefined, StoreFailure>>;
}

export class IdbKeyStore implements KeyStore {
  readonly isDurable = true;
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async get(name: string): Promise<Result<CryptoKeyPair | undefined, StoreFailure>> {
    const found = await this.#database.use((connection) => getFrom(connection, KEY_COLLECTION, name));
    if (!found.ok) return found;
    if (found.value === undefined) return ok(undefined);
    return isKeyPair(found.value) ? ok(found.value) : refuse('failed');
  }

  put(name: string, pair: CryptoKeyPair): Promise<Result<undefined, StoreFailure>> {
    const { publicKey, privateKey } = pair;
    return this.#change((collection) => collection.put({ publicKey, privateKey }, name));
  }

  delete(name: string): Promise<Result<undefined, StoreFailure>> {
    return this.#change((collection) => collection.delete(name));
  }

  #change(change: (collection: KeyCollection) => Promise<unknown>): Promise<Result<undefined, StoreFailure>> {
    return this.#database.use(async (connection) => {
      const transaction = connection.transaction(KEY_COLLECTION, 'readwrite', { durability: 'strict' });
      // The transaction's own outcome says all; a request that fails makes it fail.
      await Promise.all([change(transaction.store), transaction.done]);
      return undefined;
    });
  }
}

interface KeyCollection {
  put(value: CryptoKeyPair, key: string): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}

/** Keys for the life of the tab. */
export class MemoryKeyStore implements KeyStore {
  readonly isDurable = false;
  readonly #pairs = new Map<string, CryptoKeyPair>();

  get(name: string): Promise<Result<CryptoKeyPair | undefined, StoreFailure>> {
    return Promise.resolve(ok(this.#pairs.get(name)));
  }

  put(name: string, pair: CryptoKeyPair): Promise<Result<undefined, StoreFailure>> {
    this.#pairs.set(name, pair);
    return Promise.resolve(ok(undefined));
  }

  delete(name: string): Promise<Result<undefined, StoreFailure>> {
    this.#pairs.delete(name);
    return Promise.resolve(ok(undefined));
  }
}

function isKeyPair(value: unknown): value is CryptoKeyPair {
  if (typeof value !== 'object' || value === null) return false;
  if (!('publicKey' in value) || !('privateKey' in value)) return false;
  return value.publicKey instanceof CryptoKey && value.privateKey instanceof CryptoKey;
}
