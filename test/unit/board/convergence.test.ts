import fc from 'fast-check';
import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import { boardDigest } from '../../../src/board/digest.ts';
import { Projection } from '../../../src/board/projection.ts';
import { randomFrom, shuffled } from '../../../src/kernel/random.ts';
import { commandFor, drawArb } from './arbitrary-command.ts';
import { exchange, Replica, smallBoard, stampOf } from './board-fixture.ts';

/** A step of one replica: a command, an undo, a redo, or a meeting with the next replica. */
const stepArb = fc.record({ who: fc.nat(2), what: fc.nat(9), draw: drawArb });

function replicas(count: number): Replica[] {
  const first = smallBoard().replica;
  const others = Array.from({ length: count - 1 }, (_, at) => new Replica(at + 2));
  for (const other of others) for (const update of first.sent) other.receive(update);
  return [first, ...others];
}

function take(
  all: readonly Replica[],
  { who, what, draw }: { who: number; what: number; draw: Parameters<typeof commandFor>[0] },
) {
  const replica = all[who % all.length] ?? new Replica(99);
  const next = all[(who + 1) % all.length] ?? new Replica(98);
  if (what === 0) replica.history.undo();
  else if (what === 1) replica.history.redo();
  else if (what === 2) exchange(replica, next);
  else replica.try(commandFor(draw, replica.board));
}

describe('replicas', () => {
  it('[BRD-3] show one board and have one digest after any commands, whatever order updates arrive in', () => {
    fc.assert(
      fc.property(fc.array(stepArb, { maxLength: 40 }), fc.string(), (steps, order) => {
        const all = replicas(3);
        for (const step of steps) take(all, step);
        const updates = all.flatMap((replica) => replica.sent);
        for (const [at, replica] of all.entries()) {
          for (const update of shuffled(randomFrom(order + String(at)), updates)) replica.receive(update);
        }
        const [first, ...others] = all;
        for (const other of others) {
          expect(other.board).toEqual(first?.board);
          expect(other.digest).toBe(first?.digest);
        }
      }),
      { seed: 11, numRuns: 150 },
    );
  });

  it('[BRD-14] keep a snapshot that equals one built anew after every step', () => {
    fc.assert(
      fc.property(fc.array(stepArb, { maxLength: 30 }), (steps) => {
        const all = replicas(2);
        for (const step of steps) {
          take(all, step);
          for (const replica of all) {
            const fresh = new Projection(replica.doc, stampOf);
            expect(replica.board).toEqual(fresh.snapshot());
            expect(replica.digest).toBe(boardDigest(fresh.snapshot()));
            fresh.destroy();
          }
        }
      }),
      { seed: 12, numRuns: 60 },
    );
  });

  it('[BRD-4] agree on the order of concurrent inserts, and every insert lands where it was put', () => {
    const insertArb = fc.record({ who: fc.nat(3), at: fc.nat(30), meet: fc.nat(4) });
    fc.assert(
      fc.property(fc.array(insertArb, { maxLength: 60 }), (inserts) => {
        const all = replicas(4);
        for (const { who, at, meet } of inserts) {
          const replica = all[who] ?? new Replica(99);
          if (meet === 0) exchange(...all);
          const column = replica.board.columns[0];
          const before = (column?.cards ?? []).map((card) => card.id);
          const index = at % (before.length + 1);
          const id = replica.add({
            type: 'addCard',
            columnId: column?.id ?? '',
            title: 'new',
            position: index,
          });
          before.splice(index, 0, id);
          expect(replica.board.columns[0]?.cards.map((card) => card.id)).toEqual(before);
        }
        exchange(...all);
        exchange(...all);
        for (const replica of all) expect(replica.titles()).toEqual(all[0]?.titles());
      }),
      { seed: 13, numRuns: 60 },
    );
  });

  it('[BRD-1] leave a card that two peers moved at once in one of the two places', () => {
    const { replica: ada, columns, cards } = smallBoard();
    const bo = new Replica(2);
    exchange(ada, bo);
    ada.run({ type: 'addCards', columnId: columns[1], titles: ['b1', 'b2'] });
    exchange(ada, bo);
    ada.run({ type: 'moveCard', cardId: cards[0] ?? '', columnId: columns[1], position: 1 });
    bo.run({ type: 'moveCard', cardId: cards[0] ?? '', columnId: columns[0], position: 'bottom' });
    exchange(ada, bo);
    expect(ada.board).toEqual(bo.board);
    expect([
      [
        ['a2', 'a3'],
        ['b1', 'a1', 'b2'],
      ],
      [
        ['a2', 'a3', 'a1'],
        ['b1', 'b2'],
      ],
    ]).toContainEqual(ada.titles());
  });

  it('[BRD-1] hold nothing outside the four root maps', () => {
    const { replica } = smallBoard();
    expect([...replica.doc.share.keys()].sort()).toEqual(['board', 'cards', 'columns', 'comments']);
    const copy = new Y.Doc();
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(replica.doc));
    expect([...copy.share.keys()].sort()).toEqual(['board', 'cards', 'columns']);
  });
});
