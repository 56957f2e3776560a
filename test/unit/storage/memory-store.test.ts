import { describe, expect, it } from 'vitest';
import { ok, refuse } from '../../../src/kernel/result.ts';
import { MemoryStore } from '../../../src/storage/memory-store.ts';

const write = { op: 'put', store: 'meta', key: 'a', value: new Uint8Array([1]) } as const;

describe('memory store', () => {
  it('[STO-4] plays the failures it is given, and changes nothing then', async () => {
    let isFull = true;
    let isBroken = false;
    const store = new MemoryStore({
      onWrite: () => (isFull ? 'quota' : undefined),
      onRead: () => (isBroken ? 'failed' : undefined),
    });
    expect(await store.write([write])).toEqual(refuse('quota'));
    expect(await store.clear('meta', '')).toEqual(refuse('quota'));
    expect(await store.read('meta', 'a')).toEqual(ok(undefined));
    isFull = false;
    isBroken = true;
    expect(await store.write([write])).toEqual(ok(undefined));
    expect(await store.read('meta', 'a')).toEqual(refuse('failed'));
    expect(await store.scan('meta', '', () => undefined)).toEqual(refuse('failed'));
  });
});
