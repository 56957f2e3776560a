import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../../src/kernel/bytes.ts';
import type { StoreFailure } from '../../../src/kernel/machine.ts';
import { ok, refuse } from '../../../src/kernel/result.ts';
import { MAX_STORED_PIECES } from '../../../src/scratch/limits.ts';
import { SCRATCH_STORE } from '../../../src/scratch/scratch-shelf.ts';
import { UpdateLog } from '../../../src/scratch/update-log.ts';
import { MemoryStore } from '../../../src/storage/memory-store.ts';

const BOARD = `scratch-${'ab'.repeat(16)}`;

class Tab {
  readonly doc = new Y.Doc();
  readonly log: UpdateLog;
  last: Promise<unknown> = Promise.resolve();

  constructor(store: MemoryStore, run: number, clientId = run) {
    this.doc.clientID = clientId;
    this.log = new UpdateLog({
      store,
      boardId: BOARD,
      run: new Uint8Array(8).fill(run),
      encode: () => Y.encodeStateAsUpdate(this.doc) as Bytes,
      onChange: () => undefined,
    });
  }

  async load(): Promise<this> {
    await this.log.load((update) => Y.applyUpdate(this.doc, update, 'disk'));
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'disk') this.last = this.log.append(update as Bytes);
    });
    return this;
  }

  async put(key: string, value: string): Promise<void> {
    this.doc.getMap('m').set(key, value);
    await this.last;
  }

  get content(): unknown {
    return this.doc.getMap('m').toJSON();
  }
}

async function keysOf(store: MemoryStore): Promise<string[]> {
  const keys: string[] = [];
  await store.scan(SCRATCH_STORE, '', (batch) => {
    keys.push(...batch.map(([key]) => key));
  });
  return keys;
}

describe('the updates of a scratch board on disk', () => {
  it('[SCR-10] are all there for the next tab, those of tabs that wrote side by side included', async () => {
    const store = new MemoryStore();
    const [a, b] = await Promise.all([new Tab(store, 1).load(), new Tab(store, 2).load()]);
    await Promise.all([a.put('a', '1'), b.put('b', '2'), a.put('c', '3')]);
    const later = await new Tab(store, 3).load();
    expect(later.content).toEqual({ a: '1', b: '2', c: '3' });
  });

  it('[SCR-11] stay few, however often is written, and merging loses nothing', async () => {
    const store = new MemoryStore();
    const tab = await new Tab(store, 1).load();
    for (let at = 0; at < MAX_STORED_PIECES * 3; at++) await tab.put(`k${at % 50}`, String(at));
    await tab.log.settled();
    expect((await keysOf(store)).length).toBeLessThanOrEqual(MAX_STORED_PIECES);
    expect((await new Tab(store, 2).load()).content).toEqual(tab.content);
  });

  it('[SCR-11] merge only what the merging tab has read: what another tab wrote meanwhile stays', async () => {
    const store = new MemoryStore();
    const a = await new Tab(store, 1).load();
    const b = await new Tab(store, 2).load();
    await b.put('of b', 'kept');
    for (let at = 0; at < MAX_STORED_PIECES; at++) await a.put('k', String(at));
    await a.log.settled();
    expect((await keysOf(store)).length).toBe(2);
    expect((await new Tab(store, 3).load()).content).toMatchObject({ 'of b': 'kept' });
  });

  it('[SCR-10] an update that the disk refused is told, and written with the next one', async () => {
    let failure: StoreFailure | undefined = 'quota';
    const store = new MemoryStore({ onWrite: () => failure });
    const tab = await new Tab(store, 1).load();
    tab.doc.getMap('m').set('a', '1');
    expect(await tab.last).toEqual(refuse('quota'));
    expect([tab.log.failure, tab.log.unsaved]).toEqual(['quota', 1]);
    failure = undefined;
    tab.doc.getMap('m').set('b', '2');
    expect(await tab.last).toEqual(ok(undefined));
    expect([tab.log.failure, tab.log.unsaved]).toEqual([undefined, 0]);
    expect((await new Tab(store, 2).load()).content).toEqual({ a: '1', b: '2' });
  });

  it('[SCR-12] that cannot be read are left where they are, and the others are read', async () => {
    const store = new MemoryStore();
    const tab = await new Tab(store, 1).load();
    await tab.put('a', '1');
    const damaged = `${BOARD}/00-000000000`;
    await store.write([
      { op: 'put', store: SCRATCH_STORE, key: damaged, value: new Uint8Array([255, 255, 255]) },
    ]);
    const later = await new Tab(store, 2).load();
    expect(later.content).toEqual({ a: '1' });
    for (let at = 0; at < MAX_STORED_PIECES; at++) await later.put('k', String(at));
    await later.log.settled();
    expect(await keysOf(store)).toContain(damaged);
  });
});
