import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { concatBytes, type Bytes } from '../../../src/kernel/bytes.ts';
import { SharedDocument } from '../../../src/replication/document.ts';
import { MAX_TYPE_DEPTH, MAX_VALUE_DEPTH } from '../../../src/replication/limits.ts';
import { checkUpdate, clockAfter } from '../../../src/replication/update-rules.ts';
import { decodedFrom } from './decoded.ts';
import { ONE_NUMBER, REF, rootItem, updateOf, varint, yText } from '../../../src/sim/attacks/update-bytes.ts';
import { Author, ROOTS } from './author.ts';
import { stateOf } from './holder.ts';

const MALLORY = 7;
const ALICE = 8;
/** Where Alice's things lie: keys 0 to 9 of the board, then a text and its letters. */
const TEXT = 10;
const FIRST_LETTER = 11;
const LAST_LETTER = 26;

/** A document in which Alice wrote ten values and a text. */
function aliceWrote(): SharedDocument {
  const alice = new Y.Doc({ gc: false });
  alice.clientID = ALICE;
  for (let i = 0; i < 10; i++) alice.getMap('board').set(`key ${i}`, i);
  const text = new Y.Text();
  alice.getMap('cards').set('notes', text);
  text.insert(0, 'what Alice wrote');
  const shared = new SharedDocument('test');
  shared.applying((apply) => apply(decodedFrom(Y.encodeStateAsUpdate(alice) as Bytes)));
  return shared;
}

function check(update: Bytes, shared = aliceWrote(), clientId = MALLORY): string | number {
  const checked = checkUpdate(update, {
    clientId,
    view: shared.viewOf((client) => shared.clockOf(client)),
    roots: ROOTS,
  });
  return checked.ok ? checked.value : checked.code;
}

const byMallory = (...structs: number[][]): Bytes => updateOf([{ client: MALLORY, clock: 0, structs }]);
const set = (key: string): number[] => rootItem('board', key, ONE_NUMBER, REF.any);
/** An item after (or before) another one, which gives it its parent. */
const after = (client: number, clock: number): number[] => [
  0x80 | REF.any,
  ...varint(client),
  ...varint(clock),
  ...ONE_NUMBER,
];
const before = (client: number, clock: number): number[] => [
  0x40 | REF.any,
  ...varint(client),
  ...varint(clock),
  ...ONE_NUMBER,
];
/** An item under `key` of a type given by id. */
const within = (client: number, clock: number, content: readonly number[], ref: number): number[] => [
  0x20 | ref,
  0,
  ...varint(client),
  ...varint(clock),
  ...yText('k'),
  ...content,
];
const Y_MAP = 1;

describe('what an update by hand may do', () => {
  it('[REP-20] lets an author append under their own client id', () => {
    expect(check(byMallory(set('a'), set('b')))).toBe(2);
  });

  it('[REP-20] refuses structs under another client id, its own beside them or not', () => {
    expect(check(updateOf([{ client: ALICE, clock: 11, structs: [set('a')] }]))).toBe('updateForeignClient');
    expect(check(updateOf([{ client: 9, clock: 0, structs: [set('a')] }]))).toBe('updateForeignClient');
  });

  it('[REP-21] refuses a clock that is not the next one', () => {
    for (const clock of [1, 5, 2 ** 40])
      expect(check(updateOf([{ client: MALLORY, clock, structs: [set('a')] }]))).toBe('updateGap');
    expect(check(updateOf([{ client: ALICE, clock: 3, structs: [set('a')] }]), aliceWrote(), ALICE)).toBe(
      'updateGap',
    );
  });

  it('[REP-21] refuses a hole that is hidden by a skip', () => {
    expect(check(byMallory(set('a'), [REF.skip, ...varint(8)], set('b')))).toBe('updateGap');
    const author = new Author('gap hider');
    author.doc.clientID = MALLORY;
    const updates: Uint8Array[] = [];
    author.doc.on('update', (update: Uint8Array) => updates.push(update));
    for (let i = 0; i < 10; i++) author.doc.getMap('board').set(`k${i}`, i);
    expect(check(Y.mergeUpdates([updates[0], updates[9]].filter((u) => u !== undefined)) as Bytes)).toBe(
      'updateGap',
    );
  });

  it.each([
    ['a left neighbour that does not exist', after(ALICE, 500)],
    ['a right neighbour that does not exist', before(ALICE, 500)],
    ['a parent that does not exist', within(9, 0, ONE_NUMBER, REF.any)],
    ['itself', after(MALLORY, 0)],
    ['what it writes later', after(MALLORY, 1)],
  ])('[REP-22] refuses a reference to %s', (_what, item) => {
    expect(check(byMallory(item, set('later')))).toBe('updateDangling');
  });

  it('[REP-22] lets references reach what exists, in the update itself too', () => {
    expect(check(byMallory(after(ALICE, LAST_LETTER), set('a'), after(MALLORY, 0)))).toBe(3);
  });

  const between = (left: [number, number], right: [number, number]): number[] => [
    0xc0 | REF.any,
    ...left.flatMap(varint),
    ...right.flatMap(varint),
    ...ONE_NUMBER,
  ];

  it('[REP-30] refuses an item between two that were not next to each other for its author', () => {
    const [first, second, third] = [FIRST_LETTER, FIRST_LETTER + 1, FIRST_LETTER + 2];
    expect(check(byMallory(between([ALICE, first], [ALICE, second])))).toBe(1);
    expect(check(byMallory(between([ALICE, first], [ALICE, third])))).toBe('updateMisplaced');
    expect(check(byMallory(between([ALICE, second], [ALICE, first])))).toBe('updateMisplaced');
    expect(check(byMallory(between([ALICE, first], [ALICE, first])))).toBe('updateMisplaced');
    expect(check(byMallory(before(ALICE, first)))).toBe(1);
    expect(check(byMallory(before(ALICE, second)))).toBe('updateMisplaced');
    expect(check(byMallory(after(ALICE, LAST_LETTER)))).toBe(1);
    expect(check(byMallory(after(ALICE, first)))).toBe('updateMisplaced');
    // Of two places, and over what the update itself put in between.
    expect(check(byMallory(between([ALICE, 0], [ALICE, first])))).toBe('updateMisplaced');
    const twice = between([ALICE, first], [ALICE, second]);
    expect(check(byMallory(twice, twice))).toBe('updateMisplaced');
    expect(check(byMallory(twice, between([ALICE, first], [MALLORY, 0])))).toBe(2);
    expect(check(byMallory(twice, between([MALLORY, 0], [ALICE, second])))).toBe(2);
  });

  it('[REP-30] refuses to begin a place that is not empty, and to put anything into what is no type', () => {
    expect(check(byMallory(rootItem('board', 'key 1', ONE_NUMBER, REF.any)))).toBe('updateMisplaced');
    expect(check(byMallory(rootItem('board', 'key x', ONE_NUMBER, REF.any)))).toBe(1);
    expect(check(byMallory(within(ALICE, 0, ONE_NUMBER, REF.any)))).toBe('updateMisplaced');
    expect(check(byMallory(set('a'), within(MALLORY, 0, ONE_NUMBER, REF.any)))).toBe('updateMisplaced');
    expect(check(byMallory(within(ALICE, TEXT, ONE_NUMBER, REF.any)))).toBe(1);
  });

  it('[REP-30] refuses two values under one key, unless they followed each other and are gone', () => {
    const two = rootItem('board', 'k', [2, 125, 1, 125, 2], REF.any);
    const deleting = (clock: number, len: number): Bytes =>
      updateOf(
        [{ client: MALLORY, clock: 0, structs: [two, after(MALLORY, 1)] }],
        [{ client: MALLORY, clock, len }],
      );
    expect(check(byMallory(two))).toBe('updateMisplaced');
    expect(check(deleting(0, 1))).toBe('updateMisplaced');
    expect(check(deleting(1, 1))).toBe('updateMisplaced');
    expect(check(deleting(0, 2))).toBe(3);
  });

  it('[REP-30] judges by what the author saw, not by what came meanwhile', () => {
    const shared = aliceWrote();
    const seen = shared.clockOf(ALICE);
    const alice = new Y.Doc({ gc: false });
    Y.applyUpdate(alice, Y.encodeStateAsUpdate(shared.doc));
    alice.clientID = ALICE;
    const text = alice.getMap('cards').get('notes');
    if (text instanceof Y.Text) text.insert(1, 'meanwhile');
    alice.getMap('board').set('key 1', 'meanwhile');
    shared.applying((apply) =>
      apply(decodedFrom(Y.encodeStateAsUpdate(alice, Y.encodeStateVector(shared.doc)) as Bytes)),
    );
    const judge = (update: Bytes, known: number): unknown =>
      checkUpdate(update, {
        clientId: MALLORY,
        view: shared.viewOf((client) => (client === ALICE ? known : 0)),
        roots: ROOTS,
      });
    const update = byMallory(between([ALICE, FIRST_LETTER], [ALICE, FIRST_LETTER + 1]), after(ALICE, 1));
    expect(judge(update, seen)).toEqual({ ok: true, value: 2 });
    expect(judge(update, shared.clockOf(ALICE))).toEqual({ ok: false, code: 'updateMisplaced' });
    expect(judge(byMallory(after(ALICE, seen)), seen)).toEqual({ ok: false, code: 'updateDangling' });
  });

  it('[REP-23] refuses to delete what does not exist yet', () => {
    const deleting = (client: number, clock: number, len: number): Bytes =>
      updateOf([], [{ client, clock, len }]);
    expect(check(deleting(ALICE, 0, 65_536))).toBe('updateForeignDelete');
    expect(check(deleting(9, 0, 1))).toBe('updateForeignDelete');
    expect(check(deleting(MALLORY, 0, 1))).toBe('updateForeignDelete');
    expect(check(deleting(ALICE, 0, 0))).toBe('updateForeignDelete');
    expect(check(deleting(ALICE, 0, Number.MAX_SAFE_INTEGER))).toBe('updateForeignDelete');
    expect(check(deleting(ALICE, 0, 10))).toBe(0);
  });

  it('[REP-24] refuses other roots than those of a board', () => {
    expect(check(byMallory(rootItem('elsewhere', 'a', ONE_NUMBER, REF.any)))).toBe('updateUnknownRoot');
    expect(check(byMallory(rootItem('__proto__', 'a', ONE_NUMBER, REF.any)))).toBe('updateUnknownRoot');
  });

  it('[REP-25] refuses a document within the document', () => {
    const author = new Author('nester');
    author.doc.clientID = MALLORY;
    const update = author.doc;
    update.getMap('board').set('doc', new Y.Doc());
    expect(check(Y.encodeStateAsUpdate(update) as Bytes)).toBe('updateSubdocument');
  });

  it.each([
    ['a format', rootItem('board', 'k', [...yText('bold'), ...yText('true')], REF.format)],
    ['an embed', rootItem('board', 'k', yText('{}'), REF.embed)],
    ['bytes', rootItem('board', 'k', [1, 0], REF.binary)],
    ['older JSON', rootItem('board', 'k', [1, ...yText('1')], REF.json)],
  ])('[REP-25] refuses %s', (_what, item) => {
    expect(check(byMallory(item))).toBe('updateContent');
  });

  it('[REP-25] refuses values with prototypes of their own, in which any depth would hide', () => {
    const object = (key: string, value: readonly number[]): number[] => [118, 1, ...yText(key), ...value];
    const put = (value: readonly number[]): Bytes =>
      byMallory(rootItem('board', 'k', [1, ...value], REF.any));
    expect(check(put(object('plain', object('inner', [125, 1]))))).toBe(1);
    expect(check(put(object('__proto__', [118, 0])))).toBe('updateContent');
    expect(check(put(object('plain', [117, 1, ...object('__proto__', [117, 0])])))).toBe('updateContent');
    // A prototype can only be an object: anything else is thrown away.
    expect(check(put(object('__proto__', [125, 1])))).toBe(1);
  });

  it('[REP-25] refuses whatever stands under the key that would be the prototype of who reads the map', () => {
    const under = (key: string): Bytes =>
      byMallory(rootItem('board', key, [1, 118, 1, ...yText('isAdmin'), 120], REF.any));
    expect(check(under('__proto__'))).toBe('updateContent');
    expect(check(under('constructor'))).toBe(1);
  });

  it('[REP-30] looks for the deletion of what several values under one key left in any order of ranges', () => {
    const runs = [0, 1, 2].map((i) => rootItem('board', `run ${i}`, [2, 125, 1, 125, 2], REF.any));
    const gone = (...ranges: [number, number][]): Bytes =>
      concatBytes(
        byMallory(...runs).subarray(0, -1),
        new Uint8Array([1, MALLORY, ranges.length, ...ranges.flat()]),
      );
    expect(check(gone([4, 2], [0, 2], [2, 2]))).toBe(6);
    expect(check(gone([1, 4], [0, 4], [3, 1]))).toBe('updateMisplaced');
    expect(check(gone([0, 6]))).toBe(6);
    expect(check(gone([4, 2], [0, 2]))).toBe('updateMisplaced');
  });

  it('[REP-26] refuses clock values without content', () => {
    expect(check(byMallory([REF.gc, ...varint(65_536)]))).toBe('updateSquatting');
    expect(check(byMallory([REF.gc, ...varint(2 ** 46)]))).toBe('updateSquatting');
    expect(check(byMallory(rootItem('board', 'k', varint(65_536), REF.deleted)))).toBe('updateSquatting');
    expect(check(updateOf([{ client: ALICE, clock: 0, structs: [[REF.gc, ...varint(65_536)]] }]))).toBe(
      'updateForeignClient',
    );
  });

  it('[REP-27] refuses types and values that nest too deep, however they get there', () => {
    const chain = (levels: number): number[][] =>
      Array.from({ length: levels }, (_, i) =>
        i === 0 ? rootItem('cards', 'k', [Y_MAP], REF.type) : within(MALLORY, i - 1, [Y_MAP], REF.type),
      );
    expect(check(byMallory(...chain(MAX_TYPE_DEPTH)))).toBe(MAX_TYPE_DEPTH);
    expect(check(byMallory(...chain(MAX_TYPE_DEPTH + 1)))).toBe('updateTooDeep');
    const shared = aliceWrote();
    shared.applying((apply) => apply(decodedFrom(byMallory(...chain(MAX_TYPE_DEPTH)))));
    const next = (item: number[]): Bytes =>
      updateOf([{ client: MALLORY, clock: MAX_TYPE_DEPTH, structs: [item] }]);
    const list = (clock: number): number[] => [REF.type, 0, ...varint(MALLORY), ...varint(clock), Y_MAP];
    expect(check(next(list(MAX_TYPE_DEPTH - 2)), shared)).toBe(MAX_TYPE_DEPTH + 1);
    expect(check(next(list(MAX_TYPE_DEPTH - 1)), shared)).toBe('updateTooDeep');
    const value = (depth: number): number[] => [
      ...Array.from({ length: depth }, () => [117, 1]).flat(),
      125,
      1,
    ];
    const nested = (depth: number): Bytes => byMallory(rootItem('board', 'k', [1, ...value(depth)], REF.any));
    expect(check(nested(MAX_VALUE_DEPTH))).toBe(1);
    expect(check(nested(MAX_VALUE_DEPTH + 1))).toBe('updateTooDeep');
    expect(['updateTooDeep', 'updateMalformed']).toContain(check(nested(100_000)));
  });

  it('[REP-28] refuses two sections of one client, of which Yjs would apply only the last', () => {
    const twice = updateOf([
      { client: MALLORY, clock: 0, structs: [set('a')] },
      { client: MALLORY, clock: 1, structs: [set('b')] },
    ]);
    expect(check(twice)).toBe('updateMalformed');
  });

  it('[REP-28] refuses bytes that Yjs cannot read', () => {
    for (const bytes of [[], [1], [255, 255, 255], [1, 1, MALLORY, 0, 11, 0], [1, 200, MALLORY, 0, 8, 0]])
      expect(check(new Uint8Array(bytes))).toBe('updateMalformed');
  });
});

describe('honest updates', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), key: fc.nat(5), value: fc.jsonValue({ maxDepth: 4 }) }),
    fc.record({ kind: fc.constant('remove' as const), key: fc.nat(5) }),
    fc.record({
      kind: fc.constant('write' as const),
      key: fc.nat(3),
      at: fc.nat(30),
      text: fc.string({ unit: 'binary' }),
    }),
    fc.record({ kind: fc.constant('erase' as const), key: fc.nat(3), at: fc.nat(30), length: fc.nat(9) }),
    fc.record({ kind: fc.constant('nest' as const), key: fc.nat(5) }),
    fc.record({ kind: fc.constant('makeAndDrop' as const), key: fc.nat(5) }),
    fc.record({ kind: fc.constant('undo' as const) }),
    fc.record({ kind: fc.constant('redo' as const) }),
  );
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  function textAt(doc: Y.Doc, key: number): Y.Text {
    const map = doc.getMap<Y.Text>('cards');
    const known = map.get(`text ${key}`);
    if (known instanceof Y.Text) return known;
    const made = new Y.Text();
    map.set(`text ${key}`, made);
    return made;
  }

  function run(doc: Y.Doc, undo: Y.UndoManager, one: Step): void {
    const map = doc.getMap('board');
    switch (one.kind) {
      case 'set':
        map.set(`k${one.key}`, one.value);
        return;
      case 'remove':
        map.delete(`k${one.key}`);
        return;
      case 'write':
        textAt(doc, one.key).insert(Math.min(one.at, textAt(doc, one.key).length), one.text);
        return;
      case 'erase': {
        const text = textAt(doc, one.key);
        const at = Math.min(one.at, text.length);
        text.delete(at, Math.min(one.length, text.length - at));
        return;
      }
      case 'nest': {
        const inner = new Y.Map();
        doc.getMap('cards').set(`m${one.key}`, inner);
        inner.set('text', new Y.Text('nested'));
        return;
      }
      case 'makeAndDrop':
        doc.transact(() => {
          doc.getMap('cards').set(`m${one.key}`, new Y.Map([['a', new Y.Text('soon gone')]]));
          doc.getMap('cards').delete(`m${one.key}`);
        }, 'local');
        return;
      case 'undo':
        undo.undo();
        return;
      case 'redo':
        undo.redo();
    }
  }

  it('[REP-29] always pass: sets, removals, texts, create and delete at once, undo and redo, of two authors in turn', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.array(step, { maxLength: 4 })), { maxLength: 25 }),
        (turns) => {
          const shared = new SharedDocument('test');
          const clients = [101, 202];
          const docs = clients.map((clientID) => Object.assign(new Y.Doc({ gc: false }), { clientID }));
          const undos = docs.map(
            (doc) =>
              new Y.UndoManager([doc.getMap('board'), doc.getMap('cards')], {
                captureTimeout: 0,
                trackedOrigins: new Set(['local']),
              }),
          );
          for (const [second, steps] of turns) {
            const who = second ? 1 : 0;
            const [doc, undo, client] = [docs[who], undos[who], clients[who]];
            if (doc === undefined || undo === undefined || client === undefined) continue;
            const updates: Uint8Array[] = [];
            const capture = (update: Uint8Array): void => void updates.push(update);
            doc.on('update', capture);
            for (const one of steps) {
              if (one.kind === 'undo' || one.kind === 'redo') run(doc, undo, one);
              else doc.transact(() => run(doc, undo, one), 'local');
            }
            doc.off('update', capture);
            if (updates.length === 0) continue;
            const update = Y.mergeUpdates(updates) as Bytes;
            const start = shared.clockOf(client);
            const verdict = check(update, shared, client);
            expect(verdict).toBeTypeOf('number');
            expect(clockAfter(update, start)).toBe(verdict);
            shared.applying((apply) => apply(decodedFrom(update)));
            expect(shared.clockOf(client)).toBe(verdict);
            for (const other of docs) if (other !== doc) Y.applyUpdate(other, update, 'remote');
          }
          for (const doc of docs) expect(stateOf(doc)).toEqual(stateOf(shared.doc));
        },
      ),
      { seed: 1, numRuns: 150 },
    );
  });
});

describe('whatever passes', () => {
  /** Contents that pass, with their lengths; types by Yjs's numbers, of which 3 and 5 carry a name. */
  const content = fc.oneof(
    fc
      .nat(3)
      .map((n): [number, number[], number] => [
        REF.any,
        [n + 1, ...Array.from({ length: n + 1 }, () => [125, 1]).flat()],
        n + 1,
      ]),
    fc
      .string({ unit: 'binary', minLength: 1, maxLength: 6 })
      .map((text): [number, number[], number] => [REF.string, yText(text), text.length]),
    fc
      .nat(6)
      .map((type): [number, number[], number] => [
        REF.type,
        type === 3 || type === 5 ? [type, ...yText('n')] : [type],
        1,
      ]),
  );
  const hostile = fc.record({
    structs: fc.array(fc.record({ content, place: fc.nat(20), at: fc.nat(40) }), {
      minLength: 1,
      maxLength: 6,
    }),
    deletes: fc.array(
      fc.record({ own: fc.boolean(), clock: fc.nat(20), len: fc.integer({ min: 1, max: 4 }) }),
      {
        maxLength: 2,
      },
    ),
  });
  type Hostile = typeof hostile extends fc.Arbitrary<infer T> ? T : never;
  interface Spot {
    readonly parent: readonly number[];
    readonly key: string | null;
    readonly ids: [client: number, clock: number][];
  }

  /** An update that puts any content anywhere, deletes anything, and says truly where it stands. */
  function bytesOf(client: number, { structs, deletes }: Hostile): Bytes {
    const letters = Array.from({ length: 16 }, (_, i): [number, number] => [ALICE, FIRST_LETTER + i]);
    const spots: Spot[] = [
      { parent: [0, ALICE, TEXT], key: null, ids: letters },
      { parent: [0, ALICE, TEXT], key: 'odd', ids: [] },
      { parent: [1, ...yText('cards')], key: null, ids: [] },
      { parent: [1, ...yText('cards')], key: 'k', ids: [] },
      { parent: [1, ...yText('board')], key: 'key 1', ids: [[ALICE, 1]] },
    ];
    let clock = 0;
    const items = structs.map(({ content: drawn, place, at }) => {
      const { parent, key, ids } = spots[place % spots.length] ?? { parent: [], key: null, ids: [] };
      const [ref, bytes, length] = key !== null && drawn[2] > 1 ? ([REF.any, ONE_NUMBER, 1] as const) : drawn;
      const where = at % (ids.length + 1);
      const [left, right] = [ids[where - 1], ids[where]];
      const start = clock;
      clock += length;
      ids.splice(where, 0, ...Array.from({ length }, (_, i): [number, number] => [client, start + i]));
      if (ref === REF.type) {
        spots.push({ parent: [0, ...varint(client), start], key: null, ids: [] });
        spots.push({ parent: [0, ...varint(client), start], key: 'k', ids: [] });
      }
      const alone = left === undefined && right === undefined;
      const info = ref | (left ? 0x80 : 0) | (right ? 0x40 : 0) | (key === null ? 0 : 0x20);
      const placed = alone ? [...parent, ...(key === null ? [] : yText(key))] : [];
      return [info, ...(left ?? []).flatMap(varint), ...(right ?? []).flatMap(varint), ...placed, ...bytes];
    });
    const ranges = deletes.map(({ own, clock: from, len }) => ({
      client: own ? client : ALICE,
      clock: from,
      len,
    }));
    const byClient = [client, ALICE].flatMap((one) =>
      ranges.filter((range) => range.client === one).slice(0, 1),
    );
    return updateOf([{ client, clock: 0, structs: items }], byClient);
  }

  it('[REP-28, REP-30] is applied completely, throws nothing, writes nothing in answer, and in any order shows the same', () => {
    const clients = [MALLORY, 9, 300];
    let passed = 0;
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 3, maxLength: 3 }), fc.nat(5), (all, order) => {
        const good: Bytes[] = [];
        const there = aliceWrote();
        const alices = there.clockOf(ALICE);
        for (const [i, one] of all.entries()) {
          const client = clients[i] ?? 0;
          const update = bytesOf(client, one);
          const verdict = check(update, aliceWrote(), client);
          if (typeof verdict !== 'number') {
            expect(['updateForeignDelete', 'updateMisplaced']).toContain(verdict);
            continue;
          }
          good.push(update);
          there.applying((apply) => apply(decodedFrom(update)));
          expect(there.clockOf(client)).toBe(verdict);
        }
        passed += good.length;
        expect(there.clockOf(ALICE)).toBe(alices);
        const turned = [...good.slice(order % 3), ...good.slice(0, order % 3)];
        if (order > 2) turned.reverse();
        const other = aliceWrote();
        for (const update of turned) other.applying((apply) => apply(decodedFrom(update)));
        expect(stateOf(other.doc)).toEqual(stateOf(there.doc));
      }),
      { seed: 2, numRuns: 1200 },
    );
    expect(passed).toBeGreaterThan(1500);
  });

  it('[REP-28] is so even after bytes were changed', () => {
    const seed = byMallory(
      set('a'),
      after(ALICE, 12),
      rootItem('cards', 'm', [Y_MAP], REF.type),
      within(MALLORY, 2, ONE_NUMBER, REF.any),
    );
    let passed = 0;
    fc.assert(
      fc.property(fc.nat(seed.length - 1), fc.nat(255), (at, byte) => {
        const update = seed.slice();
        update[at] = byte;
        const shared = aliceWrote();
        const verdict = check(update, shared);
        if (typeof verdict !== 'number') return;
        passed += 1;
        shared.applying((apply) => apply(decodedFrom(update)));
        expect(shared.clockOf(MALLORY)).toBe(verdict);
      }),
      { seed: 3, numRuns: 2000 },
    );
    expect(passed).toBeGreaterThan(5);
  });
});
