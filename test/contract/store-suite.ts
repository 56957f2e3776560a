/** What every `StorePort` promises (docs/spec/storage.md). Run on the memory store and on IndexedDB. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8, type Bytes } from '../../src/kernel/bytes.ts';
import type { Write } from '../../src/kernel/machine.ts';
import type { StorePort } from '../../src/kernel/ports.ts';
import { ok } from '../../src/kernel/result.ts';

const put = (store: string, key: string, value: string): Write => ({
  op: 'put',
  store,
  key,
  value: utf8(value),
});
const remove = (store: string, key: string): Write => ({ op: 'delete', store, key });

/** Every pair below `prefix`, and how many came in each batch. */
export async function readAll(
  store: StorePort,
  name: string,
  prefix = '',
): Promise<{ pairs: [string, Bytes][]; batches: number[] }> {
  const pairs: [string, Bytes][] = [];
  const batches: number[] = [];
  const outcome = await store.scan(name, prefix, (batch) => {
    batches.push(batch.length);
    for (const [key, value] of batch) pairs.push([key, value]);
  });
  expect(outcome).toEqual(ok(undefined));
  return { pairs, batches };
}

const keysOf = async (store: StorePort, name: string, prefix = ''): Promise<string[]> =>
  (await readAll(store, name, prefix)).pairs.map(([key]) => key);

/** `open` gives an empty store each time it is called. */
export function describeStore(name: string, open: () => Promise<StorePort>): void {
  describe(`StorePort: ${name}`, () => {
    describe('writes', () => {
      writeTests(open);
    });
    describe('scans', () => {
      scanTests(open);
    });
    it('[STO-3, STO-6, STO-8] agrees with a plain map on any sequence of calls', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 30 }), prefixText, (steps, prefix) =>
          agree(open, steps, prefix),
        ),
        {
          seed: 20_261_122,
          numRuns: 120,
        },
      );
    });
  });
}

function writeTests(open: () => Promise<StorePort>): void {
  it('[STO-3] gives back what was written, and undefined for what was not', async () => {
    const store = await open();
    expect(await store.write([put('meta', 'a', 'one'), put('boards', 'a', 'two')])).toEqual(ok(undefined));
    expect(await store.read('meta', 'a')).toEqual(ok(utf8('one')));
    expect(await store.read('boards', 'a')).toEqual(ok(utf8('two')));
    expect(await store.read('meta', 'b')).toEqual(ok(undefined));
  });

  it('[STO-3] carries calls out in order, without waiting for answers', async () => {
    const store = await open();
    const calls = [
      store.write([put('meta', 'k', '1')]),
      store.clear('meta', 'k'),
      store.write([put('meta', 'k', '2'), put('meta', 'gone', 'x'), remove('meta', 'gone')]),
    ];
    expect(await store.read('meta', 'k')).toEqual(ok(utf8('2')));
    expect(await store.read('meta', 'gone')).toEqual(ok(undefined));
    expect(await Promise.all(calls)).toEqual([ok(undefined), ok(undefined), ok(undefined)]);
  });

  it('[STO-4, STO-5] a call that cannot be carried out changes nothing and fails alone', async () => {
    const store = await open();
    const answers = await Promise.all([
      store.write([put('meta', 'before', '1')]),
      store.write([put('meta', 'half', '1'), put('noSuchCollection', 'x', '1')]),
      store.write([put('meta', 'after', '1')]),
    ]);
    expect(answers).toEqual([ok(undefined), { ok: false, code: 'failed' }, ok(undefined)]);
    expect(await keysOf(store, 'meta')).toEqual(['after', 'before']);
  });

  it('[STO-6] the first entry at a journal position stays, until it is deleted', async () => {
    const store = await open();
    await store.write([put('journal', 'p', 'first')]);
    expect(await store.write([put('journal', 'p', 'second'), put('meta', 'm', '1')])).toEqual(ok(undefined));
    expect(await store.read('journal', 'p')).toEqual(ok(utf8('first')));
    expect(await store.read('meta', 'm')).toEqual(ok(utf8('1')));
    await store.write([remove('journal', 'p'), put('journal', 'p', 'third'), put('journal', 'p', 'fourth')]);
    expect(await store.read('journal', 'p')).toEqual(ok(utf8('third')));
  });

  it('[STO-7] keeps its own copy of exactly the bytes that were handed over', async () => {
    const store = await open();
    const message = new Uint8Array(64).fill(7);
    const entry = message.subarray(10, 20);
    const answer = store.write([{ op: 'put', store: 'meta', key: 'k', value: entry }]);
    message.fill(9);
    await answer;
    const read = await store.read('meta', 'k');
    expect(read).toEqual(ok(new Uint8Array(10).fill(7)));
    expect(read.ok && read.value?.buffer.byteLength).toBe(10);
  });

  it('[STO-3] an empty call is answered ok', async () => {
    expect(await (await open()).write([])).toEqual(ok(undefined));
  });

  it('[STO-5] a collection that does not exist is refused, for keys as well', async () => {
    const store = await open();
    for (const name of ['noSuchCollection', 'keys']) {
      expect(await store.write([put(name, 'a', '1')])).toEqual({ ok: false, code: 'failed' });
      expect(await store.read(name, 'a')).toEqual({ ok: false, code: 'failed' });
      expect(await store.scan(name, '', () => undefined)).toEqual({ ok: false, code: 'failed' });
      expect(await store.clear(name, '')).toEqual({ ok: false, code: 'failed' });
    }
  });
}

function scanTests(open: () => Promise<StorePort>): void {
  it('[STO-8] scans one prefix in key order, in batches of at most 256', async () => {
    const store = await open();
    const inside = Array.from({ length: 700 }, (_, i) => `b/a/${String(i).padStart(12, '0')}`);
    const outside = ['b', 'b/', 'b/a', 'b/b/1', 'b0', 'a/z', 'b/a0'];
    await store.write([...outside, ...inside.toReversed()].map((key) => put('journal', key, key)));
    const { pairs, batches } = await readAll(store, 'journal', 'b/a/');
    expect(pairs.map(([key]) => key)).toEqual(inside);
    expect(pairs.at(-1)?.[1]).toEqual(utf8(inside.at(-1) ?? ''));
    expect(Math.max(...batches)).toBeLessThanOrEqual(256);
    expect(await keysOf(store, 'journal', '')).toHaveLength(707);
  });

  it('[STO-8] an empty range calls nobody', async () => {
    const store = await open();
    await store.write([put('meta', 'a', '1')]);
    expect((await readAll(store, 'meta', 'b')).batches).toEqual([]);
  });

  it('[STO-8] whoever reads a batch may write, and is waited for', async () => {
    const store = await open();
    await store.write(Array.from({ length: 300 }, (_, i) => put('outgoing', `q/${1000 + i}`, 'x')));
    const moved: string[] = [];
    await store.scan('outgoing', 'q/', async (batch) => {
      const answer = await store.write(batch.map(([key]) => remove('outgoing', key)));
      expect(answer).toEqual(ok(undefined));
      moved.push(...batch.map(([key]) => key));
    });
    expect(moved).toHaveLength(300);
    expect(await keysOf(store, 'outgoing')).toEqual([]);
  });

  it('[STO-8] an exception of the reader reaches the caller of the scan', async () => {
    const store = await open();
    await store.write([put('meta', 'a', '1')]);
    const scan = store.scan('meta', '', () => Promise.reject(new Error('mistake of the reader')));
    await expect(scan).rejects.toThrow('mistake of the reader');
  });

  it('[STO-9] clears one prefix and nothing else', async () => {
    const store = await open();
    const keys = ['a', 'a/', 'a/1', 'a/1/2', 'a0', 'b/1', 'a/\uffff', 'a/\uffff\uffff'];
    await store.write(keys.map((key) => put('peers', key, '1')));
    expect(await store.clear('peers', 'a/')).toEqual(ok(undefined));
    expect(await keysOf(store, 'peers')).toEqual(['a', 'a0', 'b/1']);
    await store.clear('peers', '');
    expect(await keysOf(store, 'peers')).toEqual([]);
  });
}

type Step =
  | { readonly call: 'write'; readonly writes: readonly Write[] }
  | { readonly call: 'clear'; readonly store: string; readonly prefix: string };

const storeName = fc.constantFrom('journal', 'meta');
/** Keys of entries, as journals have them, around the ends of a shelf. */
const entryKey = (place: number, hash = 'h'): string => `b/a/${String(place).padStart(12, '0')}/${hash}`;
const entryText = fc
  .tuple(fc.integer({ min: 95, max: 104 }), fc.constantFrom('g', 'h'))
  .map((of) => entryKey(...of));
const keyText = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '/', '\u{ffff}', '\u{1f600}'), maxLength: 3 }),
  entryText,
);
/** Prefixes that end within keys of entries, too. */
const prefixText = fc.oneof(
  keyText,
  fc.tuple(entryText, fc.nat(18)).map(([key, length]) => key.slice(0, length)),
);
const change: fc.Arbitrary<Write> = fc.oneof(
  fc.record({
    op: fc.constant('put' as const),
    store: storeName,
    key: keyText,
    value: fc.uint8Array({ maxLength: 4 }).map((bytes) => Uint8Array.from(bytes)),
  }),
  fc.record({ op: fc.constant('delete' as const), store: storeName, key: keyText }),
);
/** Entries side by side, as a copy brings them, some of them large. */
const runOfEntries: fc.Arbitrary<readonly Write[]> = fc
  .record({
    first: fc.integer({ min: 88, max: 102 }),
    count: fc.integer({ min: 1, max: 24 }),
    hash: fc.constantFrom('g', 'h'),
    fill: fc.nat(255),
    large: fc.nat(30),
  })
  .map(({ first, count, hash, fill, large }) =>
    Array.from({ length: count }, (_, n): Write => {
      const value = new Uint8Array(n === large ? 5000 : 3).fill(fill);
      return { op: 'put', store: 'journal', key: entryKey(first + n, hash), value };
    }),
  );
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ call: fc.constant('write' as const), writes: runOfEntries }) },
  {
    weight: 1,
    arbitrary: fc.record({
      call: fc.constant('write' as const),
      writes: runOfEntries.map((writes) =>
        writes.map(({ store, key }): Write => ({ op: 'delete', store, key })),
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ call: fc.constant('write' as const), writes: fc.array(change, { maxLength: 4 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ call: fc.constant('clear' as const), store: storeName, prefix: prefixText }),
  },
);

/** Plays `steps` without waiting in between, then compares every pair with a map that did the same. */
async function agree(open: () => Promise<StorePort>, steps: readonly Step[], prefix: string): Promise<void> {
  const store = await open();
  const model = new Map<string, Bytes>();
  const answers = steps.map((next) => {
    if (next.call === 'clear') {
      for (const key of [...model.keys()])
        if (key.startsWith(`${next.store}:${next.prefix}`)) model.delete(key);
      return store.clear(next.store, next.prefix);
    }
    for (const write of next.writes) {
      const key = `${write.store}:${write.key}`;
      if (write.op === 'delete') model.delete(key);
      else if (write.store !== 'journal' || !model.has(key)) model.set(key, write.value);
    }
    return store.write(next.writes);
  });
  for (const name of ['journal', 'meta']) {
    const expected = [...model]
      .filter(([key]) => key.startsWith(`${name}:`))
      .map(([key, value]): [string, Bytes] => [key.slice(name.length + 1), value])
      .sort(([a], [b]) => (a < b ? -1 : 1));
    expect((await readAll(store, name)).pairs).toEqual(expected);
    const inside = expected.filter(([key]) => key.startsWith(prefix));
    expect((await readAll(store, name, prefix)).pairs).toEqual(inside);
    for (const [key, value] of expected.slice(0, 3)) expect(await store.read(name, key)).toEqual(ok(value));
  }
  expect((await Promise.all(answers)).every((answer) => answer.ok)).toBe(true);
}
