/** The list of edits that were not taken over, on disk. Rules of docs/spec/returned.md. */
import { describe, expect, it } from 'vitest';
import type { Hash } from '../../../src/kernel/ids.ts';
import type { StorePort } from '../../../src/kernel/ports.ts';
import type { WrittenEdit } from '../../../src/node/events.ts';
import {
  MAX_RETURNED,
  MAX_RETURNED_BYTES,
  MAX_RETURNED_TOTAL_BYTES,
  ReturnedEdits,
  returnedPrefix,
} from '../../../src/runtime/returned-edits.ts';
import { MemoryStore } from '../../../src/storage/memory-store.ts';
import { BOARD } from '../identity/records.ts';

const edit = (title: string, notes = ''): WrittenEdit => ({
  cardId: 'card',
  columnId: null,
  title,
  commands: [{ type: 'updateCard', cardId: 'card', changes: { notes } }],
});
const hash = (digit: string): Hash => digit.repeat(64) as Hash;

interface Told {
  readonly changed: boolean[];
  readonly failed: string[];
}

function listOn(store: StorePort = new MemoryStore()): { list: ReturnedEdits; store: StorePort; told: Told } {
  const told: Told = { changed: [], failed: [] };
  const list = new ReturnedEdits(store, BOARD, {
    changed: (isOurs) => told.changed.push(isOurs),
    failed: (code) => told.failed.push(code),
  });
  return { list, store, told };
}

const titles = (list: ReturnedEdits): string[] =>
  list.all().map((each) => (JSON.parse(each.edit) as WrittenEdit).title);

describe('edits that were not taken over', () => {
  it('[RET-5] are there after a restart, oldest first, until they are forgotten', async () => {
    const { list, store } = listOn();
    list.add([
      { code: 'unknownCard', at: 20, edit: edit('later') },
      { code: 'notAllowed', at: 10, edit: edit('earlier', 'words\u2028') },
    ]);
    const again = listOn(store);
    await again.list.load();
    expect(titles(again.list)).toEqual(['earlier', 'later']);
    expect(again.list.all()[0]).toMatchObject({ code: 'notAllowed', at: 10 });
    expect(again.told.changed).toEqual([false]);
    await again.list.remove([again.list.all()[0]?.id ?? '']);
    const third = listOn(store);
    await third.list.load();
    expect(titles(third.list)).toEqual(['later']);
  });

  it('[RET-2] are kept once however often their loss is told, and stay dismissed', async () => {
    const { list, store } = listOn();
    const lost = [
      { code: 'evicted', at: 1, edit: edit('a'), entry: hash('a') },
      { code: 'evicted', at: 2, edit: edit('b'), entry: hash('a') },
    ];
    list.add(lost);
    list.add(lost);
    expect(titles(list)).toEqual(['a', 'b']);
    await list.remove([list.all()[0]?.id ?? '']);
    list.add(lost);
    const again = listOn(store);
    await again.list.load();
    again.list.add(lost);
    expect(titles(list)).toEqual(['b']);
    expect(titles(again.list)).toEqual(['b']);
  });

  it('[RET-7] leave when what they wrote has its effect after all', () => {
    const { list } = listOn();
    list.add([
      { code: 'journalFrozen', at: 1, edit: edit('a'), entry: hash('a') },
      { code: 'journalFrozen', at: 2, edit: edit('b'), entry: hash('b') },
      { code: 'unknownCard', at: 3, edit: edit('c') },
    ]);
    list.settle((entry) => entry === hash('a'));
    expect(titles(list)).toEqual(['b', 'c']);
  });

  it('[RET-5] are bounded one by one, in number and in all; the oldest make room', async () => {
    const { list, store } = listOn();
    expect(list.add([{ code: 'x', at: 0, edit: edit('long', 'n'.repeat(MAX_RETURNED_BYTES)) }])).toBe(0);
    for (let n = 0; n < MAX_RETURNED + 5; n++) list.add([{ code: 'x', at: n, edit: edit(String(n)) }]);
    expect(titles(list)).toEqual(Array.from({ length: MAX_RETURNED }, (_, n) => String(n + 5)));
    const large = 'n'.repeat(MAX_RETURNED_BYTES / 2);
    for (let n = 0; n < 20; n++) list.add([{ code: 'x', at: 1000 + n, edit: edit('large', large) }]);
    const bytes = list.all().reduce((sum, each) => sum + each.edit.length, 0);
    expect(bytes).toBeLessThanOrEqual(MAX_RETURNED_TOTAL_BYTES);
    const again = listOn(store);
    await again.list.load();
    expect(again.list.all().map(({ id }) => id)).toEqual(list.all().map(({ id }) => id));
  });

  it('[RET-5] that cannot be read are left out, and those that cannot be written are told', async () => {
    const { list, store } = listOn();
    list.add([{ code: 'x', at: 1, edit: edit('a') }]);
    await store.write([
      { op: 'put', store: 'meta', key: `${returnedPrefix(BOARD)}broken`, value: new Uint8Array([1, 2]) },
    ]);
    await list.load();
    expect(titles(list)).toEqual(['a']);
    const full = new MemoryStore();
    full.write = () => Promise.resolve({ ok: false, code: 'quota' });
    const { list: other, told } = listOn(full);
    other.add([{ code: 'x', at: 1, edit: edit('still here') }]);
    await Promise.resolve();
    expect(titles(other)).toEqual(['still here']);
    expect(told.failed).toEqual(['quota']);
  });
});
