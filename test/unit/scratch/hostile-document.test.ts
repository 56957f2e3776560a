/**
 * Goal: whatever strangers put into the document, the board is shown, bounded, can be worked on and can be carried over. Method: documents of
 * every kind of Yjs content in every place, and damaged updates, given to a session as y-webrtc would give them.
 */
import fc from 'fast-check';
import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import { fillBoard } from '../../../src/board/content.ts';
import { MAX_COLUMNS, MAX_TITLE_CHARS } from '../../../src/board/limits.ts';
import { Projection } from '../../../src/board/projection.ts';
import type { BoardSnapshot } from '../../../src/board/snapshot.ts';
import type { ScratchSession } from '../../../src/scratch/scratch-session.ts';
import { commandFor, drawArb } from '../board/arbitrary-command.ts';
import { openSession, receive } from './sessions.ts';

const ROOTS = ['board', 'columns', 'cards', 'comments', 'elsewhere'];
const KEYS = [
  'a',
  'b',
  'title',
  'place',
  'notes:1',
  'label:x',
  'card',
  'archived',
  '__proto__',
  'no good',
  '',
];

type Make = (depth: number) => unknown;
const plainArb: fc.Arbitrary<Make> = fc
  .oneof(
    fc.jsonValue(),
    fc.double(),
    fc.uint8Array({ maxLength: 4 }),
    fc.constantFrom(undefined, NaN, 'x'.repeat(600), '😀'.repeat(400), ['a', 'a0.aaaaaa'], ['b', '~'], 'a'),
  )
  .map((value) => () => value);
const typeArb = fc.constantFrom<Make>(
  () => new Y.Array(),
  () => Y.Array.from([1, 'a', [2]]),
  () => new Y.Text('text'),
  () => new Y.XmlText('xml'),
  () => new Y.XmlElement('b'),
  () => new Y.XmlFragment(),
  () => new Y.XmlHook('hook'),
  () => new Y.Doc(),
  (depth) => nested(depth),
);
const valueArb = fc.oneof(plainArb, typeArb);

/** Maps within maps; Yjs content cannot hold itself, so this is as circular as it gets. */
function nested(depth: number): Y.Map<unknown> {
  const top = new Y.Map<unknown>();
  let inner = top;
  for (let level = 0; level < depth; level++) {
    const next = new Y.Map<unknown>();
    inner.set('a', next);
    inner = next;
  }
  return top;
}

const stepArb = fc.record({
  root: fc.constantFrom(...ROOTS),
  key: fc.constantFrom(...KEYS),
  field: fc.constantFrom(null, ...KEYS),
  make: valueArb,
  depth: fc.nat(300),
  how: fc.nat(9),
});
type Step = typeof stepArb extends fc.Arbitrary<infer T> ? T : never;

function scribble(doc: Y.Doc, { root, key, field, make, depth, how }: Step): void {
  if (how === 0) return doc.getMap(root).delete(key);
  if (how === 1) return doc.getMap(root).clear();
  const entry: unknown = doc.getMap(root).get(key);
  if (field === null || !(entry instanceof Y.Map))
    doc.getMap(root).set(key, field === null ? make(depth) : new Y.Map());
  const target: unknown = doc.getMap(root).get(key);
  if (field !== null && target instanceof Y.Map) target.set(field, make(depth));
}

/** Writes into the roots as if they were lists and texts, which another application may do. */
function misuse(doc: Y.Doc, root: string): void {
  doc.getArray(root).insert(0, [1, 'c', new Y.Map([['title', 'x']])]);
}

function expectSane({ columns, archive, title }: BoardSnapshot): void {
  expect(columns.length).toBeLessThanOrEqual(MAX_COLUMNS);
  for (const text of [title, ...columns.map((column) => column.title)]) {
    expect(typeof text).toBe('string');
    expect(text.length).toBeLessThanOrEqual(MAX_TITLE_CHARS);
  }
  for (const card of [...columns.flatMap((column) => column.cards), ...archive]) {
    for (const text of [card.id, card.title, card.notes, ...card.labels]) expect(typeof text).toBe('string');
    expect(card.title.length).toBeLessThanOrEqual(MAX_TITLE_CHARS);
  }
}

function expectUsable(session: ScratchSession): void {
  const board = session.snapshot();
  expectSane(board);
  const { skipped, notices } = session.facts();
  const left = skipped.columns + skipped.cards + skipped.comments;
  expect(left).toBeGreaterThanOrEqual(0);
  expect(notices.includes('scratchSkipped')).toBe(left > 0);
  const content = session.content();
  if (!content.ok) throw new Error(content.code);
  const full = new Y.Doc({ gc: false });
  fillBoard(full, content.value, 1_700_000_000_000);
  expect(new Projection(full).snapshot()).toEqual({
    ...board,
    // A column whose id no reader accepts has no title to show either.
    archive: board.archive.map((card) => ({ ...card, column: card.column === '' ? null : card.column })),
    broughtOver: 1_700_000_000_000,
  });
}

describe('a document that strangers wrote', () => {
  it('[SCR-8] is shown, bounded, worked on and carried over, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(stepArb, { maxLength: 25 }),
        fc.array(drawArb, { maxLength: 6 }),
        fc.option(fc.constantFrom(...ROOTS)),
        async (steps, draws, misused) => {
          const stranger = new Y.Doc();
          const { session } = await openSession();
          await session.act({ kind: 'template', name: 'blank', title: 'Ours' });
          receive(stranger, Y.encodeStateAsUpdate(session.doc));
          for (const step of steps) {
            scribble(stranger, step);
            receive(session.doc, Y.encodeStateAsUpdate(stranger, Y.encodeStateVector(session.doc)));
            expectSane(session.snapshot());
          }
          if (misused !== null) {
            const lister = new Y.Doc();
            misuse(lister, misused);
            receive(session.doc, Y.encodeStateAsUpdate(lister));
          }
          for (const draw of draws)
            await session.act({ kind: 'run', command: commandFor(draw, session.snapshot()) });
          expectUsable(session);
          await session.act({ kind: 'undo' });
          expectUsable(session);
        },
      ),
      { seed: 62, numRuns: 120 },
    );
  });

  it('[SCR-8] and damaged updates leave a board that is shown and can be worked on', async () => {
    const source = await openSession();
    await source.session.act({ kind: 'template', name: 'team', title: 'Source' });
    const update = Y.encodeStateAsUpdate(source.session.doc);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ at: fc.nat(update.length - 1), to: fc.nat(255) }), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.nat(update.length),
        async (changes, end) => {
          const { session } = await openSession();
          await session.act({ kind: 'template', name: 'blank', title: 'Ours' });
          const damaged = update.slice(0, Math.max(1, end));
          for (const { at, to } of changes) if (at < damaged.length) damaged[at] = to;
          receive(session.doc, damaged);
          expectUsable(session);
          const columnId = session.snapshot().columns[0]?.id ?? '';
          const added = await session.act({
            kind: 'run',
            command: { type: 'addCard', columnId, title: 'still' },
          });
          expect(added.ok).toBe(true);
        },
      ),
      { seed: 63, numRuns: 300 },
    );
  });
});
