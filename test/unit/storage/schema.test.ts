import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { openDB } from 'idb';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { ok } from '../../../src/kernel/result.ts';
import { openDatabase } from '../../../src/storage/database.ts';
import { IdbStore } from '../../../src/storage/idb-store.ts';
import { IdbKeyStore } from '../../../src/storage/key-store.ts';
import { DATABASE_VERSION, migrate, prefixEnd } from '../../../src/storage/schema.ts';
import { readAll } from '../../contract/store-suite.ts';

const clock = { after: () => () => undefined };

/** The shape of version 1, written out by hand so that an edit of the first step would be noticed. */
async function makeVersion1(name: string): Promise<CryptoKeyPair> {
  const old = await openDB(name, 1, {
    upgrade: (database) => {
      for (const store of ['journal', 'boards', 'meta', 'keys']) database.createObjectStore(store);
    },
  });
  const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  await old.put('journal', utf8('entry'), 'board/author/000000000000');
  await old.put('boards', utf8('board'), 'board');
  await old.put('keys', pair, 'member');
  old.close();
  return pair;
}

describe('schema', () => {
  it('[STO-1] a new database has every collection', async () => {
    const database = await openDatabase({ name: 'fresh', clock });
    expect(database.state).toBe('ok');
    database.close();
    const raw = await openDB('fresh');
    expect(raw.version).toBe(DATABASE_VERSION);
    expect([...raw.objectStoreNames]).toEqual([
      'boards',
      'checkpoints',
      'consensus',
      'journal',
      'keys',
      'meta',
      'outgoing',
      'peers',
      'scratch',
    ]);
    raw.close();
  });

  it('[STO-2] a database of version 1 keeps its data, gains the new collections, and works', async () => {
    const pair = await makeVersion1('old');
    const database = await openDatabase({ name: 'old', clock });
    const store = new IdbStore(database);
    expect(await store.read('journal', 'board/author/000000000000')).toEqual(ok(utf8('entry')));
    expect(await store.read('boards', 'board')).toEqual(ok(utf8('board')));
    for (const name of ['outgoing', 'peers', 'scratch', 'checkpoints', 'consensus']) {
      expect(await store.write([{ op: 'put', store: name, key: 'k', value: utf8(name) }])).toEqual(
        ok(undefined),
      );
      expect((await readAll(store, name)).pairs).toEqual([['k', utf8(name)]]);
    }
    const kept = await new IdbKeyStore(database).get('member');
    const signature = await crypto.subtle.sign('Ed25519', pair.privateKey, utf8('x'));
    expect(
      kept.ok &&
        kept.value !== undefined &&
        (await crypto.subtle.verify('Ed25519', kept.value.publicKey, signature, utf8('x'))),
    ).toBe(true);
  });

  it('[STO-2] every older version is brought to this one, each step once', () => {
    const made = (from: number): string[] => {
      const names: string[] = [];
      migrate({ createObjectStore: (name) => names.push(name) }, from);
      return names;
    };
    const latest = ['outgoing', 'peers', 'scratch', 'checkpoints', 'consensus'];
    expect(made(0)).toEqual(['journal', 'boards', 'meta', 'keys', ...latest]);
    expect(made(1)).toEqual(latest);
    expect(made(2)).toEqual(['scratch', 'checkpoints', 'consensus']);
    expect(made(3)).toEqual(['checkpoints', 'consensus']);
    expect(made(4)).toEqual(['consensus']);
    expect(made(5)).toEqual(['consensus']);
    expect(made(DATABASE_VERSION)).toEqual([]);
  });

  it('[STO-8, STO-9] the end of a prefix separates its texts from all others', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\u{ffff}', '\u{fffe}'), maxLength: 5 });
    const check = fc.property(text, text, (prefix, key) => {
      const end = prefixEnd(prefix);
      const isInside = key >= prefix && (end === undefined || key < end);
      expect(isInside).toBe(key.startsWith(prefix));
    });
    fc.assert(check, { seed: 7, numRuns: 2000 });
  });
});
