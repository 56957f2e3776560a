/** What was decoded to be judged is put into the document as Yjs itself would put it there. */
import fc from 'fast-check';
import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../../src/kernel/bytes.ts';
import { integrate } from '../../../src/replication/integrate.ts';
import { decodedFrom } from './decoded.ts';

const AUTHORS = 3;

interface Step {
  readonly author: number;
  readonly what: number;
  readonly at: number;
  readonly length: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  author: fc.nat(AUTHORS - 1),
  what: fc.nat(6),
  at: fc.nat(40),
  length: fc.integer({ min: 1, max: 8 }),
});

function edit(doc: Y.Doc, { what, at, length }: Step): void {
  const board = doc.getMap<unknown>('board');
  const text = doc.getText('text');
  const within = at % (text.length + 1);
  if (what === 0) board.set(`key ${at % 4}`, at);
  else if (what === 1) board.delete(`key ${at % 4}`);
  else if (what === 2) board.set(`map ${at % 3}`, new Y.Map([['name', at]]));
  else if (what === 3) setInside(board.get(`map ${at % 3}`), at);
  else if (what < 6) text.insert(within, 'abcdefgh'.slice(0, length));
  else text.delete(within, Math.min(length, text.length - within));
}

function setInside(map: unknown, value: number): void {
  if (map instanceof Y.Map) map.set('name', value);
}

/** What somebody who observes the document is told. */
function told(doc: Y.Doc): string[] {
  const lines: string[] = [];
  for (const [name, root] of [
    ['board', doc.getMap('board')] as const,
    ['text', doc.getText('text')] as const,
  ])
    root.observeDeep((events) => {
      for (const event of events)
        lines.push(
          `${name} ${event.path.join('/')} ${JSON.stringify([...event.keys])} ${JSON.stringify(event.delta)}`,
        );
    });
  return lines;
}

describe('an accepted update, decoded once', () => {
  it('[REP-28] leads to the bytes and the events that it leads to when Yjs reads it itself', () => {
    let parts = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 30, maxLength: 80, size: 'max' }), (steps) => {
        const authors = Array.from({ length: AUTHORS }, (_, i) => {
          const doc = new Y.Doc({ gc: false });
          doc.clientID = i + 1;
          return doc;
        });
        const [byYjs, byUs] = [new Y.Doc({ gc: false }), new Y.Doc({ gc: false })];
        const [toldByYjs, toldByUs] = [told(byYjs), told(byUs)];
        for (const one of steps) {
          const doc = authors[one.author];
          const other = authors[(one.author + one.at) % AUTHORS];
          if (doc === undefined || other === undefined) throw new Error('an author');
          const updates: Bytes[] = [];
          const keep = (update: Uint8Array): void => void updates.push(update as Bytes);
          doc.on('update', keep);
          doc.transact(() => {
            edit(doc, one);
          });
          doc.off('update', keep);
          for (const update of updates) {
            Y.applyUpdate(byYjs, update);
            Y.transact(byUs, (transaction) => {
              integrate(transaction, decodedFrom(update));
            });
            if (one.what === 6 && one.length > 1) parts += 1;
          }
          expect(Y.encodeStateAsUpdate(byUs)).toEqual(Y.encodeStateAsUpdate(byYjs));
          if (one.at % 3 === 0) Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
        }
        expect(toldByUs).toEqual(toldByYjs);
      }),
      { seed: 20_261_128, numRuns: 150 },
    );
    expect(parts).toBeGreaterThan(100);
  });
});
