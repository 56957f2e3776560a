/** Goal: first looks are written rarely, and never stand in anybody's way. Method: a store in memory and a clock of the test's own. */
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../../src/kernel/bytes.ts';
import type { BoardId } from '../../../src/kernel/ids.ts';
import { FirstLooks, LOOK_DELAY_MS, lookKey } from '../../../src/runtime/first-looks.ts';
import { MemoryStore } from '../../../src/storage/memory-store.ts';
import { ManualClock } from '../../contract/manual-clock.ts';

const BOARD = 'ab'.repeat(32) as BoardId;

function bench() {
  const store = new MemoryStore();
  const clock = new ManualClock();
  const looks = new FirstLooks(store, clock);
  const shown: { bytes: Bytes | undefined; asked: number } = { bytes: new Uint8Array([1]), asked: 0 };
  const source = {
    boardId: BOARD,
    look: () => {
      shown.asked += 1;
      return shown.bytes;
    },
  };
  const stored = async (): Promise<Bytes | undefined> => {
    const read = await store.read('meta', lookKey(BOARD));
    return read.ok ? read.value : undefined;
  };
  return { store, clock, looks, shown, source, stored };
}

describe('first looks', () => {
  it('[STO-22] are written once after many changes, and not again when nothing differs', async () => {
    const { clock, looks, shown, source, stored } = bench();
    for (let n = 0; n < 100; n++) {
      looks.changed(source);
      clock.advance(LOOK_DELAY_MS / 100 - 1);
    }
    expect(await stored()).toBeUndefined();
    clock.advance(LOOK_DELAY_MS);
    expect([await stored(), shown.asked]).toEqual([new Uint8Array([1]), 1]);
    clock.advance(LOOK_DELAY_MS * 10);
    expect(shown.asked).toBe(1);
    looks.changed(source);
    shown.bytes = new Uint8Array([2]);
    looks.flush(source);
    looks.flush(source);
    expect([await stored(), shown.asked]).toEqual([new Uint8Array([2]), 2]);
    expect(clock.armed).toBe(0);
  });

  it('[STO-22] of a board that has none to give, or was erased, are not written', async () => {
    const { clock, looks, shown, source, stored } = bench();
    shown.bytes = undefined;
    looks.changed(source);
    clock.advance(LOOK_DELAY_MS);
    shown.bytes = new Uint8Array([3]);
    looks.changed(source);
    looks.drop();
    clock.advance(LOOK_DELAY_MS);
    expect(await stored()).toBeUndefined();
  });

  it('[STO-19] are read as they were written, and nothing is read of a store that fails', async () => {
    const { looks, shown, source, store } = bench();
    expect(await looks.read(BOARD)).toBeUndefined();
    looks.changed(source);
    looks.flush(source);
    expect(await new FirstLooks(store, new ManualClock()).read(BOARD)).toEqual(new Uint8Array([1]));
    // What was read is not written again.
    const again = new FirstLooks(store, new ManualClock());
    await again.read(BOARD);
    let writes = 0;
    const write = store.write.bind(store);
    store.write = (list) => {
      writes += 1;
      return write(list);
    };
    again.changed(source);
    again.flush(source);
    expect([writes, shown.asked]).toEqual([0, 2]);
  });
});
