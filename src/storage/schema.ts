/**
 * What lies on disk, and how older databases become it (docs/spec/storage.md). Values of the byte collections are opaque
 * here; whoever owns a collection writes its keys and its codec.
 */

/** Name of the one database of this origin. */
export const DATABASE_NAME = 'tabswarm';

/** Collections of bytes, in the order of their introduction. */
export const COLLECTIONS = [
  'journal',
  'boards',
  'meta',
  'outgoing',
  'peers',
  'scratch',
  'checkpoints',
  'consensus',
] as const;

/** The collection of `CryptoKeyPair` records. It is not reachable through the byte store. */
export const KEY_COLLECTION = 'keys';

/** Collections where the first value of a key stays until it is deleted: an entry at a journal position never changes. */
const KEEP_FIRST: ReadonlySet<string> = new Set(['journal']);

/** Whether `name` is a collection of bytes. */
export function isCollection(name: string): boolean {
  return (COLLECTIONS as readonly string[]).includes(name);
}

/** Whether a put into `name` keeps an existing value. */
export function keepsFirst(name: string): boolean {
  return KEEP_FIRST.has(name);
}

/** The part of a database that a migration changes; the callback's transaction ends when it returns. */
export interface Migrating {
  createObjectStore(name: string): unknown;
}

/** One step from version n - 1 to n. Steps are never edited once released: a mistake is mended by another step. */
export type Migration = (database: Migrating) => void;

/** `MIGRATIONS[n]` makes version n + 1 out of version n. */
export const MIGRATIONS: readonly Migration[] = [
  // 1: boards, their journals, this device's notes, and its keys.
  (database) => {
    for (const name of ['journal', 'boards', 'meta', KEY_COLLECTION]) database.createObjectStore(name);
  },
  // 2: messages that wait for somebody who is away, and the peers that we knew, so that a split can heal after a restart.
  (database) => {
    for (const name of ['outgoing', 'peers']) database.createObjectStore(name);
  },
  // 3: updates of scratch boards.
  (database) => {
    database.createObjectStore('scratch');
  },
  // 4: checkpoints of boards, in pieces.
  (database) => {
    database.createObjectStore('checkpoints');
  },
  // 5: small entries of a journal share records (packs.ts), which older builds cannot read. Those that have one of their own keep it.
  () => undefined,
  // 6: what keys signed as seats of committees, and what was decided.
  (database) => {
    database.createObjectStore('consensus');
  },
];

/** Version that this build reads and writes. */
export const DATABASE_VERSION = MIGRATIONS.length;

/** Brings a database of version `from` (0: new and empty) to {@link DATABASE_VERSION}. */
export function migrate(database: Migrating, from: number): void {
  for (const step of MIGRATIONS.slice(from)) step(database);
}

/** The smallest text that comes after every text starting with `prefix` in UTF-16 order, or undefined when there is none. */
export function prefixEnd(prefix: string): string | undefined {
  for (let length = prefix.length; length > 0; length--) {
    const unit = prefix.charCodeAt(length - 1);
    if (unit < 0xffff) return prefix.slice(0, length - 1) + String.fromCharCode(unit + 1);
  }
  return undefined;
}
