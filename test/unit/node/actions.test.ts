import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Bytes } from '../../../src/kernel/bytes.ts';
import { decodeWith, encodeWith } from '../../../src/kernel/codec.ts';
import { randomFrom } from '../../../src/kernel/random.ts';
import { MAX_OPEN_COMMANDS } from '../../../src/node/limits.ts';
import { broadcastCodec, nodeMessageCodec } from '../../../src/node/messages.ts';
import { Workbench } from '../../../src/node/workbench.ts';
import { gossipId, originOf } from '../../../src/overlay/messages.ts';
import {
  clientIdOf,
  decodeEntry,
  entryToSign,
  hashEntry,
  sealEntry,
  type Entry,
} from '../../../src/replication/entry.ts';
import { MAX_UNSAVED_ENTRIES } from '../../../src/replication/limits.ts';
import { admissionOf, BOARD, capabilityOf, KEYS, memberOf, NOW } from '../identity/records.ts';
import { nodeWorld, Tab, type NodeWorld } from './nodes.ts';
import { decodedFrom } from '../replication/decoded.ts';

function three(): { world: NodeWorld; ada: Tab; bo: Tab; viewer: Tab } {
  const world = nodeWorld();
  const ada = new Tab(world, 'ada');
  world.run(100);
  ada.run({ type: 'addColumn', title: 'First' });
  world.run(100);
  const bo = new Tab(world, 'bo', { ticket: admissionOf('bo', capabilityOf('ada')) });
  const viewer = new Tab(world, 'viewer', {
    ticket: admissionOf('viewer', capabilityOf('ada', { role: 'viewer' })),
  });
  world.connect(ada.tenant, bo.tenant);
  world.connect(ada.tenant, viewer.tenant);
  world.run(8000);
  return { world, ada, bo, viewer };
}

function entriesOf(tab: Tab, author = tab.peer): Entry[] {
  return [...tab.tenant.disk]
    .filter(([key]) => key.startsWith(`journal/${BOARD}/${author}/`))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, bytes]) => {
      const entry = decodeEntry(BOARD, bytes);
      return entry.ok ? [entry.value] : [];
    });
}

describe('actions', () => {
  it('[NOD-15] are done when they are durable, and seen at once', () => {
    const { world, ada } = three();
    ada.tenant.diskFailure = 'quota';
    const token = ada.run({ type: 'addColumn', title: 'Second' });
    expect(ada.columns).toEqual(['First', 'Second']);
    world.run(1000);
    expect(ada.answer(token)).toBeUndefined();
    expect(ada.node.status()).toMatchObject({ unsaved: 1, storeFailure: 'quota' });
    ada.tenant.diskFailure = undefined;
    world.run(6000);
    expect(ada.answer(token)).toBe('done');
    expect(ada.node.status()).toMatchObject({ unsaved: 0, storeFailure: undefined });
    const done = ada.events('done').find((event) => event.token === token);
    expect(done?.outcome.ids.length).toBe(1);
  });

  it('[NOD-15] that change nothing are done at once and write nothing; impossible ones are refused', () => {
    const { world, ada } = three();
    const written = ada.tenant.disk.size;
    ada.run({ type: 'renameBoard', title: 'Name' });
    const again = ada.run({ type: 'renameBoard', title: 'Name' });
    expect(ada.answer(again)).toBe('done');
    expect(ada.answer(ada.run({ type: 'removeCard', cardId: 'none' }))).toBe('unknownCard');
    expect(ada.answer(ada.act({ kind: 'redo' }))).toBe('nothingToRedo');
    world.run(100);
    expect(ada.tenant.disk.size).toBe(written + 1);
  });

  it('[NOD-15] undo, redo and templates reach everybody', () => {
    const { world, ada, bo } = three();
    ada.run({ type: 'addColumn', title: 'Soon gone' });
    expect(ada.node.canUndo()).toBe(true);
    ada.act({ kind: 'undo' });
    expect(ada.node.canRedo()).toBe(true);
    ada.act({ kind: 'redo' });
    ada.act({ kind: 'undo' });
    world.run(1000);
    expect(bo.columns).toEqual(['First']);
    const token = bo.act({ kind: 'template', name: 'team', title: 'Board' });
    world.run(1000);
    expect(bo.answer(token)).toBe('done');
    expect(ada.node.boardDigest()).toBe(bo.node.boardDigest());
    expect(ada.columns.length).toBeGreaterThan(1);
  });

  it('[NOD-15] undo what was written around, after somebody else wrote in between', () => {
    const { world, ada, bo } = three();
    const columnId = ada.node.snapshot().columns[0]?.id ?? '';
    ada.run({ type: 'addCard', columnId, title: 'Card' });
    const cardId = ada.node.snapshot().columns[0]?.cards[0]?.id ?? '';
    const notesOf = (tab: Tab): string | undefined => tab.node.snapshot().columns[0]?.cards[0]?.notes;
    ada.run({ type: 'updateCard', cardId, changes: { notes: 'abc' } });
    ada.run({ type: 'updateCard', cardId, changes: { notes: 'ac' } });
    ada.run({ type: 'removeCard', cardId });
    ada.act({ kind: 'undo' });
    world.run(1000);
    bo.run({ type: 'updateCard', cardId, changes: { notes: 'aNc' } });
    world.run(1000);
    const token = ada.act({ kind: 'undo' });
    world.run(1000);
    expect(ada.answer(token)).toBe('done');
    expect(bo.events('entryRefused')).toEqual([]);
    expect([...(notesOf(ada) ?? '')].sort().join('')).toBe('Nabc');
    expect(notesOf(bo)).toBe(notesOf(ada));
  });

  it('[NOD-15] are not ready before the board is there', () => {
    const world = nodeWorld();
    const bo = new Tab(world, 'bo', { ticket: admissionOf('bo', capabilityOf('ada')) });
    expect(bo.answer(bo.run({ type: 'addColumn', title: 'x' }))).toBe('notReady');
  });

  it('[NOD-15] are refused when too much waits for the disk', () => {
    const world = nodeWorld();
    const ada = new Tab(world, 'ada');
    world.run(100);
    ada.tenant.diskFailure = 'unavailable';
    for (let i = 0; i < MAX_UNSAVED_ENTRIES; i++) ada.run({ type: 'renameBoard', title: `Name ${i}` });
    expect(ada.answer(ada.run({ type: 'renameBoard', title: 'One more' }))).toBe('notSaved');
    expect(ada.node.status().unsaved).toBe(MAX_UNSAVED_ENTRIES);
  });

  it('[NOD-15] that are open are bounded and answered once', () => {
    const bench = new Workbench(BOARD, memberOf('ada'), randomFrom('bench'));
    for (let i = 0; i < MAX_OPEN_COMMANDS; i++) bench.open(`token ${i}`, { ids: [String(i)] });
    const action = { kind: 'run', command: { type: 'addColumn', title: 'x' } } as const;
    expect(bench.act(action, 5, NOW)).toEqual({ ok: false, code: 'notSaved' });
    expect(bench.close('token 7')).toEqual({ ids: ['7'] });
    expect(bench.close('token 7')).toBeUndefined();
    expect(bench.close('')).toBeUndefined();
    expect(bench.act(action, 5, NOW)).toMatchObject({ ok: true });
    expect(bench.snapshot().columns.length).toBe(1);
  });

  it('[NOD-15] answer with what they changed, captured under the given client id', () => {
    const bench = new Workbench(BOARD, memberOf('ada'), randomFrom('bench'));
    const acted = bench.act({ kind: 'run', command: { type: 'addColumn', title: 'x' } }, 77, NOW);
    if (!acted.ok || acted.value.update === undefined) throw new Error('refused');
    expect([...Y.parseUpdateMeta(acted.value.update).from.keys()]).toEqual([77]);
    const copy = new Workbench(BOARD, memberOf('bo'), randomFrom('other'));
    copy.document.applying((apply) => apply(decodedFrom(acted.value.update as Bytes)));
    expect(copy.digest()).toBe(bench.digest());
  });
});

describe('viewers', () => {
  it('[NOD-12, NOD-15] see everything, and are told that they may not edit', () => {
    const { world, ada, viewer } = three();
    expect(viewer.node.role).toBe('viewer');
    expect(viewer.columns).toEqual(['First']);
    expect(viewer.answer(viewer.run({ type: 'addColumn', title: 'Mine' }))).toBe('notAllowed');
    expect(viewer.answer(viewer.act({ kind: 'undo' }))).toBe('notAllowed');
    world.run(1000);
    expect(ada.columns).toEqual(['First']);
  });

  /** What a viewer's tab would write if it were changed to write. */
  function forbidden(viewer: Tab, heads: readonly Entry[]): Entry {
    const doc = new Y.Doc({ gc: false });
    doc.clientID = clientIdOf(BOARD, viewer.peer, 1);
    doc.getMap('board').set('title', 'Mine now');
    const [claim] = entriesOf(viewer);
    if (claim === undefined) throw new Error('no claim');
    const header = {
      author: viewer.peer,
      session: 1,
      seq: 2,
      previous: claim.hash,
      heads: heads.map(({ hash }) => hash).sort(),
      epoch: 0,
      wallMs: NOW,
      kind: 'update',
    } as const;
    const payload = Y.encodeStateAsUpdate(doc) as Bytes;
    const hash = hashEntry(BOARD, header, payload);
    return sealEntry({ ...header, payload, hash }, KEYS.sign(viewer.peer, entryToSign(hash)));
  }

  it('[NOD-12] whose tab was changed to edit are refused by every other peer, by broadcast and by batch', () => {
    const { world, ada, bo, viewer } = three();
    const entry = forbidden(viewer, []);
    const payload = encodeWith(broadcastCodec, { kind: 'entry', bytes: entry.bytes });
    const gossip = encodeWith(nodeMessageCodec, {
      kind: 'overlay',
      body: {
        kind: 'gossip',
        id: gossipId(payload),
        origin: originOf(viewer.peer),
        hops: 1,
        age: 0,
        lane: 'journal',
        payload,
      },
    });
    world.inject(viewer.peer, ada.tenant, gossip);
    const batch = encodeWith(nodeMessageCodec, {
      kind: 'replication',
      body: { kind: 'batch', pull: 1, entries: [entry.bytes], remainingBytes: 0, more: false },
    });
    world.inject(viewer.peer, ada.tenant, batch);
    world.run(10_000);
    for (const tab of [ada, bo]) {
      expect(tab.events('entryRefused').map(({ refused }) => refused)).toEqual([
        { author: viewer.peer, seq: 2, code: 'authorRole' },
      ]);
      expect(tab.node.snapshot().title).not.toBe('Mine now');
    }
    expect(ada.node.status().frontierDigest).toBe(bo.node.status().frontierDigest);
  });

  it('[NOD-5] stay what they are when another tab of theirs comes with a better link', () => {
    const { world, ada, viewer } = three();
    const second = new Tab(world, 'viewer second tab', {
      member: 'viewer',
      ticket: admissionOf('viewer', capabilityOf('ada')),
    });
    world.connect(ada.tenant, second.tenant);
    world.run(5000);
    expect(second.node.role).toBe('viewer');
    expect(viewer.node.role).toBe('viewer');
  });
});

describe('reading messages', () => {
  it('[NOD-17] covers the entries in them', () => {
    const { ada } = three();
    const broken = { kind: 'entry', bytes: new Uint8Array([1, 2, 3]) } as const;
    const payload = encodeWith(broadcastCodec, broken);
    const gossip = encodeWith(nodeMessageCodec, {
      kind: 'overlay',
      body: {
        kind: 'gossip',
        id: gossipId(payload),
        origin: originOf(ada.peer),
        hops: 1,
        age: 0,
        lane: 'journal',
        payload,
      },
    });
    expect(ada.node.decode(gossip)).toEqual({ ok: false, code: 'truncated' });
    const batch = encodeWith(nodeMessageCodec, {
      kind: 'replication',
      body: { kind: 'batch', pull: 1, entries: [broken.bytes], remainingBytes: 0, more: false },
    });
    expect(ada.node.decode(batch)).toEqual({ ok: false, code: 'truncated' });
    const good = encodeWith(nodeMessageCodec, {
      kind: 'replication',
      body: {
        kind: 'batch',
        pull: 1,
        entries: entriesOf(ada).map(({ bytes }) => bytes),
        remainingBytes: 0,
        more: false,
      },
    });
    expect(ada.node.decode(good).ok).toBe(true);
  });

  it('[NOD-17] asks for no signature that is known to hold, and for every other', () => {
    const { ada, viewer } = three();
    const world = nodeWorld('elsewhere');
    const cy = new Tab(world, 'cy', { genesis: undefined });
    const entries = entriesOf(ada);
    const batch = encodeWith(nodeMessageCodec, {
      kind: 'replication',
      body: {
        kind: 'batch',
        pull: 1,
        entries: entries.map(({ bytes }) => bytes),
        remainingBytes: 0,
        more: false,
      },
    });
    const checksFor = (tab: Tab): number => {
      const decoded = tab.node.decode(batch);
      return decoded.ok ? tab.node.checks(decoded.value).length : -1;
    };
    expect(checksFor(viewer)).toBe(0);
    const inner = entries.reduce(
      (sum, { kind }) => sum + (kind === 'claim' ? 1 : kind === 'admit' ? 2 : 0),
      0,
    );
    expect(checksFor(cy)).toBe(entries.length + inner);
    expect(decodeWith(nodeMessageCodec, batch).ok).toBe(true);
  });

  it('[NOD-17, NOD-11] refuses a batch in which one signature does not hold', () => {
    const { world, ada, viewer } = three();
    const newest = entriesOf(ada).at(-1);
    if (newest === undefined) throw new Error('no entries');
    const forged = { ...newest, seq: newest.seq + 1, previous: newest.hash };
    const bytes = sealEntry(
      { ...forged, hash: hashEntry(BOARD, forged, forged.payload) },
      newest.signature,
    ).bytes;
    const batch = encodeWith(nodeMessageCodec, {
      kind: 'replication',
      body: { kind: 'batch', pull: 1, entries: [bytes], remainingBytes: 0, more: false },
    });
    const before = viewer.node.status().frontierDigest;
    for (let i = 0; i < 3; i++) world.inject(ada.peer, viewer.tenant, batch);
    expect(viewer.tenant.hungUp).toEqual([[ada.peer, 'protocolError']]);
    expect(viewer.node.status().frontierDigest).toBe(before);
  });
});

describe('journals of nodes', () => {
  it('[NOD-14] are opened by a claim, once', () => {
    const { ada, bo, viewer } = three();
    for (const tab of [ada, bo, viewer])
      expect(
        entriesOf(tab)
          .filter(({ kind }) => kind === 'claim')
          .map(({ seq }) => seq),
      ).toEqual([1]);
    const again = nodeWorld('again');
    const ada2 = new Tab(again, 'ada', { disk: ada.tenant.disk });
    again.run(1000);
    expect(entriesOf(ada2).length).toBe(entriesOf(ada).length);
    expect(ada2.node.boardDigest()).toBe(ada.node.boardDigest());
  });

  it('[NOD-14] with a hole are left alone until a neighbour fills it', () => {
    const { world, ada, bo } = three();
    ada.run({ type: 'addColumn', title: 'Second' });
    ada.run({ type: 'addColumn', title: 'Third' });
    world.run(8000);
    const damaged = new Map(ada.tenant.disk);
    const second = entriesOf(ada)[1];
    for (const [key, bytes] of damaged) if (bytes === second?.bytes) damaged.delete(key);
    expect(damaged.size).toBe(ada.tenant.disk.size - 1);
    const again = nodeWorld('again');
    const ada2 = new Tab(again, 'ada', { disk: damaged });
    const bo2 = new Tab(again, 'bo', { disk: bo.tenant.disk });
    expect(ada2.answer(ada2.run({ type: 'addColumn', title: 'x' }))).toBe('notReady');
    again.connect(ada2.tenant, bo2.tenant);
    again.run(8000);
    expect(ada2.columns).toEqual(['First', 'Second', 'Third']);
    const token = ada2.run({ type: 'addColumn', title: 'Fourth' });
    again.run(8000);
    expect(ada2.answer(token)).toBe('done');
    expect(bo2.columns).toEqual(['First', 'Second', 'Third', 'Fourth']);
    expect(bo2.events('fork')).toEqual([]);
  });

  it('[NOD-17] survive restored bytes that are no entries', () => {
    const world = nodeWorld();
    const ada = new Tab(world, 'ada', { disk: new Map([['journal/x', new Uint8Array([1, 2, 3])]]) });
    world.run(100);
    expect(ada.node.role).toBe('owner');
    expect(entriesOf(ada).length).toBe(1);
  });
});
