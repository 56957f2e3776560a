import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Write } from '../../../src/kernel/machine.ts';
import { DiskQueue } from '../../../src/replication/disk-queue.ts';

const put = (key: number): Write => ({
  op: 'put',
  store: 'journal',
  key: String(key),
  value: new Uint8Array(1),
});

describe('the disk queue', () => {
  it('[REP-7] has one write under way, and what comes meanwhile shares the next', () => {
    const queue = new DiskQueue<number>('test', 5000);
    expect(queue.push([put(1)], 1)).toEqual([{ kind: 'persist', tag: 'test/1', writes: [put(1)] }]);
    expect(queue.push([put(2)], 2)).toEqual([]);
    expect(queue.push([put(3)], 3)).toEqual([]);
    expect(queue.durable('elsewhere/1')).toBeUndefined();
    const done = queue.durable('test/1');
    expect(done).toEqual({
      notes: [1],
      effects: [{ kind: 'persist', tag: 'test/2', writes: [put(2), put(3)] }],
    });
    expect(queue.durable('test/1')).toBeUndefined();
    expect(queue.durable('test/2')).toEqual({ notes: [2, 3], effects: [] });
  });

  it('[REP-7] writes at most 1,000 at once', () => {
    const queue = new DiskQueue<number>('test', 5000);
    queue.push([put(0)], 0);
    for (let i = 1; i <= 1500; i++) queue.push([put(i)], i);
    const sizes: number[] = [];
    for (let tag = 1; ; tag++) {
      const done = queue.durable(`test/${tag}`);
      if (done === undefined) break;
      sizes.push(done.notes.length);
    }
    expect(sizes).toEqual([1, 1000, 500]);
  });

  it('[REP-44] lets wait what may wait, until time is up or something comes that may not', () => {
    const queue = new DiskQueue<number>('test', 5000);
    expect(queue.push([put(1)], 1, true)).toEqual([{ kind: 'arm', timer: 'test/later', afterMs: 100 }]);
    expect(queue.push([put(2)], 2, true)).toEqual([]);
    expect(queue.later()).toEqual([{ kind: 'persist', tag: 'test/1', writes: [put(1), put(2)] }]);
    expect(queue.push([put(3)], 3, true)).toEqual([]);
    expect(queue.durable('test/1')).toEqual({
      notes: [1, 2],
      effects: [{ kind: 'arm', timer: 'test/later', afterMs: 100 }],
    });
    expect(queue.push([put(4)], 4)).toEqual([{ kind: 'persist', tag: 'test/2', writes: [put(3), put(4)] }]);
    expect(queue.later()).toEqual([]);
    expect(queue.durable('test/2')).toEqual({ notes: [3, 4], effects: [] });
    expect(queue.push([put(5)], 5, true)).toEqual([{ kind: 'arm', timer: 'test/later', afterMs: 100 }]);
    const large = { ...put(6), value: new Uint8Array(64 * 1024) } as Write;
    expect(queue.push([large], 6, true)).toEqual([
      { kind: 'persist', tag: 'test/3', writes: [put(5), large] },
    ]);
  });

  it('[REP-8] keeps a failed write for the retry timer and starts no other meanwhile', () => {
    const queue = new DiskQueue<number>('test', 5000);
    queue.push([put(1)], 1);
    expect(queue.failed('test/1', 'quota')).toEqual([{ kind: 'arm', timer: 'test/retry', afterMs: 5000 }]);
    expect(queue.failure).toBe('quota');
    expect(queue.push([put(2)], 2)).toEqual([]);
    expect(queue.failed('test/1', 'quota')).toEqual([]);
    const [again] = queue.retry();
    expect(again).toMatchObject({ kind: 'persist', tag: 'test/2' });
    expect(queue.retry()).toEqual([]);
    expect(queue.durable('test/1')).toBeUndefined();
    expect(queue.durable('test/2')?.notes).toEqual([1, 2]);
    expect(queue.failure).toBeUndefined();
    expect(queue.retry()).toEqual([]);
  });

  it('[REP-7, REP-8] makes durable a prefix of what was pushed, whatever fails', () => {
    const step = fc.constantFrom('push', 'durable', 'failed', 'retry');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const queue = new DiskQueue<number>('test', 5000);
        const durable: number[] = [];
        let pushed = 0;
        let underWay: string | undefined;
        const follow = (effects: readonly { kind: string; tag?: string }[]): void => {
          for (const effect of effects) {
            if (effect.kind !== 'persist') continue;
            expect(underWay).toBeUndefined();
            underWay = effect.tag;
          }
        };
        for (const one of [...steps, 'retry', 'durable', 'durable', 'durable']) {
          const tag = underWay ?? 'none';
          if (one === 'push') follow(queue.push([put(pushed)], pushed++));
          else if (one === 'retry') follow(queue.retry());
          else if (one === 'failed') {
            if (underWay !== undefined) underWay = undefined;
            follow(queue.failed(tag, 'failed'));
          } else {
            const done = queue.durable(tag);
            if (done === undefined) continue;
            underWay = undefined;
            durable.push(...done.notes);
            follow(done.effects);
          }
        }
        expect(durable).toEqual(Array.from({ length: durable.length }, (_, i) => i));
        expect(durable.length).toBe(pushed);
      }),
      { seed: 6, numRuns: 500 },
    );
  });
});
