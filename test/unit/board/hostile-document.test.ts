import fc from 'fast-check';
import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import { boardDigest } from '../../../src/board/digest.ts';
import { MAX_NOTES_CHARS, MAX_TITLE_CHARS } from '../../../src/board/limits.ts';
import { Projection } from '../../../src/board/projection.ts';
import { ROOT_NAMES } from '../../../src/board/schema.ts';
import { commandFor, drawArb } from './arbitrary-command.ts';
import { ADA, exchange, Replica, smallBoard, stampOf } from './board-fixture.ts';

/** What a lying member may put under any key: every kind of content that Yjs knows. */
const plainArb = fc.oneof(
  fc.jsonValue(),
  fc.double(),
  fc.constantFrom(
    undefined,
    true,
    -0,
    NaN,
    Infinity,
    1e300,
    'x'.repeat(MAX_TITLE_CHARS - 1) + '😀😀',
    '2026-13-01',
    ADA,
  ),
  fc.constant(['A', 'a0.aaaaaa']),
  fc.constant([[], {}]),
  fc.constant([3, -1, 'x', 5]),
  fc.constant([1, 2, 3, 4, 5, 6, 7]),
  fc.uint8Array({ maxLength: 8 }),
);

type Make = () => unknown;
const typeArb: fc.Arbitrary<Make> = fc.constantFrom<Make>(
  () => new Y.Array(),
  () => new Y.Text('text'),
  () => new Y.XmlText('xml'),
  () => new Y.XmlElement('b'),
  () => new Y.XmlFragment(),
  () => new Y.XmlHook('hook'),
  () => new Y.Doc(),
  () => new Y.Map([['title', 'nested']]),
);
const valueArb: fc.Arbitrary<Make> = fc.oneof(
  plainArb.map((value) => () => value),
  typeArb,
);

const ID_KEYS = [
  'A',
  'B',
  'c1',
  'c2',
  '',
  '__proto__',
  'constructor',
  'toString',
  'no good',
  'x'.repeat(65),
  'é',
];
const FIELD_KEYS = [
  ...[
    'title',
    'position',
    'place',
    'due',
    'archived',
    'removed',
    'createdAt',
    'createdBy',
    'card',
    'text',
    'author',
    'at',
    'order',
  ],
  ...[
    'notes:1',
    'notes:',
    'notes',
    'label:',
    'label:x',
    `label:${'y'.repeat(70)}`,
    `assignee:${ADA}`,
    'assignee:x',
    'settled:title:1.0',
  ],
  ...['__proto__', 'constructor', 'hasOwnProperty'],
];
const writeArb = fc.record({
  root: fc.constantFrom(...ROOT_NAMES),
  id: fc.constantFrom(...ID_KEYS),
  /** null: the value is written under the id itself. */
  field: fc.option(fc.constantFrom(...FIELD_KEYS)),
  make: valueArb,
});

function write(
  doc: Y.Doc,
  { root, id, field, make }: { root: string; id: string; field: string | null; make: Make },
) {
  const map = doc.getMap(root);
  if (field === null) {
    map.set(id, make());
    return;
  }
  const entry = map.get(id);
  const target: Y.Map<unknown> = entry instanceof Y.Map ? entry : new Y.Map<unknown>();
  if (target !== entry) map.set(id, target);
  target.set(field, make());
}

/** Whether a snapshot has the types that it declares, all the way down. */
function expectSane(replica: Replica): void {
  const { title, columns, archive } = replica.board;
  expect(typeof title).toBe('string');
  const cards = [...columns.flatMap((column) => column.cards), ...archive];
  const ids = [...columns, ...cards, ...cards.flatMap((card) => card.comments)].map(({ id }) => id);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  for (const card of cards) {
    expect(card.title.length).toBeLessThanOrEqual(MAX_TITLE_CHARS);
    expect(card.title).not.toMatch(/\p{Surrogate}/u);
    expect([null, '2026-02-28']).toContain(card.due); // the only real date that is ever written
    expect(Number.isSafeInteger(card.createdAt) && card.createdAt >= 0).toBe(true);
    expect(card.createdBy === '' || card.createdBy === ADA).toBe(true);
    for (const text of [card.notes, ...card.labels, ...card.assignees]) expect(typeof text).toBe('string');
  }
}

describe('a document in which anybody wrote anything', () => {
  it('[BRD-2] is shown as something sane, alike everywhere, and can be worked on', () => {
    fc.assert(
      fc.property(
        fc.array(writeArb, { maxLength: 40 }),
        fc.array(drawArb, { maxLength: 10 }),
        (writes, draws) => {
          const liar = new Replica(1);
          const ada = new Replica(2);
          for (const one of writes) {
            write(liar.doc, one);
            if (one.field === null) exchange(liar, ada);
            expectSane(liar);
          }
          exchange(liar, ada);
          for (const draw of draws) ada.try(commandFor(draw, ada.board));
          expectSane(ada);
          exchange(liar, ada);
          expect(liar.board).toEqual(ada.board);
          expect(liar.digest).toBe(ada.digest);
          const fresh = new Projection(ada.doc, stampOf);
          expect(fresh.snapshot()).toEqual(ada.board);
          expect(boardDigest(fresh.snapshot())).toBe(ada.digest);
          ada.history.undo();
          expectSane(ada);
        },
      ),
      { seed: 21, numRuns: 200 },
    );
  });

  it('[BRD-2] survives list content where maps are expected', () => {
    const liar = new Y.Doc();
    liar.getArray('cards').insert(0, [1, new Y.Map([['title', 'x']]), 'c']);
    liar.getText('columns').insert(0, 'columns', { bold: true });
    liar.getXmlFragment('comments').insert(0, [new Y.XmlElement('p')]);
    const replica = smallBoard().replica;
    const before = replica.board;
    replica.receive(Y.encodeStateAsUpdate(liar));
    liar.getArray('cards').delete(0, 2);
    replica.receive(Y.encodeStateAsUpdate(liar));
    expect(replica.board).toBe(before);
  });

  it('[BRD-2] reads fields of a wrong type or range as their defaults', () => {
    const { replica, cards } = smallBoard();
    const id = cards[0] ?? '';
    const card = replica.doc.getMap('cards').get(id) as Y.Map<unknown>;
    const wrong: readonly (readonly [string, unknown, object])[] = [
      ['title', { length: 3 }, { title: '' }],
      ['due', '2026-13-01', { due: null }],
      ['due', 20260101, { due: null }],
      ['createdAt', 8.64e15 + 2, { createdAt: 0 }],
      ['createdAt', -1, { createdAt: 0 }],
      ['createdBy', 'Ada', { createdBy: '' }],
      ['notes:1', 'a plain text', { notes: '' }],
      ['assignee:Ada', true, { assignees: [] }],
      [`label:${'x'.repeat(61)}`, true, { labels: [] }],
      ['label:', true, { labels: [] }],
    ];
    for (const [key, value, expected] of wrong) {
      card.set(key, value);
      expect(replica.card(id)).toMatchObject(expected);
    }
    card.set('archived', -1);
    expect(replica.board.archive).toEqual([]);
    card.set('place', ['', 'a0.aaaaaa']);
    expect(replica.board.archive.map(({ reason }) => reason)).toEqual(['columnRemoved']);
  });

  it('[BRD-2] cuts long texts between characters', () => {
    const { replica, cards } = smallBoard();
    const id = cards[0] ?? '';
    const card = replica.doc.getMap('cards').get(id) as Y.Map<unknown>;
    card.set('title', 'x'.repeat(MAX_TITLE_CHARS - 1) + '😀');
    card.set('notes:9', new Y.Text('y'.repeat(MAX_NOTES_CHARS - 1) + '😀😀'));
    expect(replica.card(id).title).toBe('x'.repeat(MAX_TITLE_CHARS - 1));
    expect(replica.card(id).notes).toBe('y'.repeat(MAX_NOTES_CHARS - 1));
  });

  it('[BRD-2] never sees a write from its reader', () => {
    const { replica, cards } = smallBoard();
    const before = Y.encodeStateAsUpdate(replica.doc);
    const sent = replica.sent.length;
    const other = new Replica(2);
    other.receive(before);
    expect(other.board).toEqual(replica.board);
    expect(other.projection.cardCount()).toBe(cards.length);
    expect(Y.encodeStateAsUpdate(other.doc)).toEqual(before);
    expect(other.sent).toEqual([]);
    expect(replica.sent).toHaveLength(sent);
  });
});
