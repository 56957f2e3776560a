/** Goal: small entries side by side share a record, and nobody can tell but by the cost. Method: records looked at beside the store. */
import 'fake-indexeddb/auto';
import { openDB, type IDBPDatabase } from 'idb';
import { describe, expect, it } from 'vitest';
import { utf8, type Bytes } from '../../../src/kernel/bytes.ts';
import type { Write } from '../../../src/kernel/machine.ts';
import { ok } from '../../../src/kernel/result.ts';
import { openDatabase } from '../../../src/storage/database.ts';
import { IdbStore } from '../../../src/storage/idb-store.ts';
import {
  MAX_PACK_BYTES,
  MAX_PACK_PAIRS,
  MAX_PACKED_VALUE_BYTES,
  MIN_PACKED_PAIRS,
  Pack,
  unpack,
} from '../../../src/storage/packs.ts';
import { readAll } from '../../contract/store-suite.ts';

const SHELF = 'board/author/0000000001';
const keyAt = (place: number, hash = 'h'): string =>
  `board/author/${String(place).padStart(12, '0')}/${hash}`;
const put = (place: number, value = `entry ${place}`): Write => ({
  op: 'put',
  store: 'journal',
  key: keyAt(place),
  value: utf8(value),
});
const remove = (place: number): Write => ({ op: 'delete', store: 'journal', key: keyAt(place) });
const some = (first: number, count: number): Write[] =>
  Array.from({ length: count }, (_, n) => put(first + n));

let count = 0;

async function open(): Promise<{ store: IdbStore; raw: IDBPDatabase; again: () => Promise<IdbStore> }> {
  count += 1;
  const name = `packs-${count}`;
  const again = async (): Promise<IdbStore> =>
    new IdbStore(await openDatabase({ name, clock: { after: () => () => undefined } }));
  return { store: await again(), raw: await openDB(name), again };
}

describe('entries side by side', () => {
  it('[STO-25] share a record for a hundred places', async () => {
    const { store, raw } = await open();
    await store.write(some(90, 120));
    expect(await raw.getAllKeys('journal')).toEqual([0, 1, 2].map((n) => `board/author/000000000${n}`));
    const { pairs } = await readAll(store, 'journal');
    expect(pairs).toEqual(some(90, 120).map((write) => [write.key, write.op === 'put' && write.value]));
    expect(await store.read('journal', keyAt(150))).toEqual(ok(utf8('entry 150')));
    expect(await store.read('journal', keyAt(89))).toEqual(ok(undefined));
    expect((await readAll(store, 'journal', keyAt(150))).pairs.length).toBe(1);
  });

  it('[STO-25] have records of their own when they are few or large', async () => {
    const { store, raw } = await open();
    await store.write(some(100, MIN_PACKED_PAIRS - 1));
    expect((await raw.getAllKeys('journal')).length).toBe(MIN_PACKED_PAIRS - 1);
    const large = { ...put(150), value: new Uint8Array(MAX_PACKED_VALUE_BYTES + 1) } as Write;
    await store.write([...some(120, MIN_PACKED_PAIRS), large]);
    const keys = await raw.getAllKeys('journal');
    expect(keys.length).toBe(MIN_PACKED_PAIRS - 1 + 2);
    expect(keys).toContain(SHELF);
    expect(keys).toContain(keyAt(150));
    expect((await readAll(store, 'journal')).pairs.length).toBe(2 * MIN_PACKED_PAIRS);
  });

  it('[STO-26] keep the first value of a key, wherever it lies', async () => {
    const { store } = await open();
    await store.write([put(100, 'first')]);
    await store.write(some(100, 10));
    await store.write([put(105, 'second')]);
    await store.write(some(104, 10).map((write) => ({ ...write, value: utf8('third') }) as Write));
    const { pairs } = await readAll(store, 'journal');
    expect(new Map(pairs).get(keyAt(100))).toEqual(utf8('first'));
    expect(new Map(pairs).get(keyAt(105))).toEqual(utf8('entry 105'));
    expect(await store.read('journal', keyAt(105))).toEqual(ok(utf8('entry 105')));
    expect(new Map(pairs).get(keyAt(113))).toEqual(utf8('third'));
    expect(pairs.length).toBe(14);
    await store.write([remove(105)]);
    expect(await store.read('journal', keyAt(105))).toEqual(ok(undefined));
    await store.write([put(105, 'fourth')]);
    expect(await store.read('journal', keyAt(105))).toEqual(ok(utf8('fourth')));
  });

  it('[STO-26] are the same whichever tab of the profile stored which of them', async () => {
    const { store, again } = await open();
    const other = await again();
    await Promise.all([
      store.write(some(100, 40)),
      other.write(some(110, 60)),
      store.write(some(140, 20)),
      other.write([put(170)]),
    ]);
    const all = some(100, 71).map((write) => [write.key, write.op === 'put' && write.value]);
    expect((await readAll(store, 'journal')).pairs).toEqual(all);
    expect((await readAll(other, 'journal')).pairs).toEqual(all);
  });

  it('[STO-27] go one by one, and their record with the last', async () => {
    const { store, raw } = await open();
    await store.write(some(100, 20));
    await store.write(Array.from({ length: 12 }, (_, n) => remove(100 + n)));
    expect((await readAll(store, 'journal')).pairs.map(([key]) => key)).toEqual(
      Array.from({ length: 8 }, (_, n) => keyAt(112 + n)),
    );
    expect(await raw.getAllKeys('journal')).toEqual([SHELF]);
    await store.write(Array.from({ length: 8 }, (_, n) => remove(112 + n)));
    expect(await raw.getAllKeys('journal')).toEqual([]);
    await store.write(some(100, 20));
    await store.clear('journal', keyAt(110).slice(0, -2));
    expect((await readAll(store, 'journal')).pairs.length).toBe(19);
    await store.clear('journal', 'board/');
    expect(await raw.getAllKeys('journal')).toEqual([]);
  });

  it('[STO-28] that cannot be read are not there, and find room again when somebody gives them back', async () => {
    const { store, raw } = await open();
    await store.write(some(100, 20));
    const whole = (await raw.get('journal', SHELF)) as Bytes;
    await raw.put('journal', whole.slice(0, whole.length / 2), SHELF);
    const left = (await readAll(store, 'journal')).pairs;
    expect(left.length).toBeGreaterThan(5);
    expect(left.length).toBeLessThan(15);
    expect(left).toEqual(
      some(100, left.length).map((write) => [write.key, write.op === 'put' && write.value]),
    );
    await store.write(some(100 + left.length, 20 - left.length));
    expect((await readAll(store, 'journal')).pairs.length).toBe(20);
    await raw.put('journal', new Uint8Array([255, 255, 255]), SHELF);
    expect((await readAll(store, 'journal')).pairs).toEqual([]);
  });

  it('[STO-25] beyond what a record holds have records of their own', () => {
    const pack = new Pack(SHELF, undefined);
    let added = 0;
    while (pack.add(keyAt(100, `h${added}`), new Uint8Array(1))) added += 1;
    expect(added).toBe(MAX_PACK_PAIRS);
    const heavy = new Pack(SHELF, undefined);
    let bytes = 0;
    while (heavy.add(keyAt(100, `h${bytes}`), new Uint8Array(MAX_PACKED_VALUE_BYTES)))
      bytes += MAX_PACKED_VALUE_BYTES;
    expect(bytes).toBeGreaterThan(0.9 * MAX_PACK_BYTES);
    expect(bytes).toBeLessThanOrEqual(MAX_PACK_BYTES);
    expect(unpack(SHELF, heavy.record() ?? new Uint8Array(0)).length).toBe(bytes / MAX_PACKED_VALUE_BYTES);
  });
});
