/** Goal: a first look shows what the board shows, is bounded, and nothing else is taken for one. Method: drawn boards and damaged bytes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFirstLook, encodeFirstLook, MAX_LOOK_BYTES } from '../../../src/board/first-look.ts';
import { runCommand } from '../../../src/board/run-command.ts';
import type { MemberId } from '../../../src/kernel/ids.ts';
import { randomFrom } from '../../../src/kernel/random.ts';
import type { BoardSnapshot, CardSnapshot } from '../../../src/board/snapshot.ts';
import { commandFor, drawArb } from './arbitrary-command.ts';
import { ADA, NOW, smallBoard } from './board-fixture.ts';

const CONTEXT = { random: randomFrom('first look'), memberId: ADA as MemberId, wallMs: NOW };

function cardOf(n: number, changes: Partial<CardSnapshot> = {}): CardSnapshot {
  return {
    ...{ id: `card-${n}`, title: `Card ${n}`, notes: '', labels: [], due: null, assignees: [], comments: [] },
    ...{ createdAt: 1_760_000_000_000, createdBy: 'ad'.repeat(32), conflicts: [] },
    ...changes,
  };
}

function boardWith(cards: readonly CardSnapshot[], columns = 1): BoardSnapshot {
  return {
    title: 'Board',
    conflicts: [],
    columns: Array.from({ length: columns }, (_, n) => ({
      ...{ id: `column-${n}`, title: `Column ${n}`, conflicts: [], cards },
    })),
    archive: [],
  };
}

/** What a face shows. */
const faces = ({ title, columns }: BoardSnapshot): unknown => ({
  title,
  columns: columns.map((column) => ({
    id: column.id,
    title: column.title,
    cards: column.cards.map((card) => ({
      ...{ id: card.id, title: card.title, labels: card.labels, due: card.due, people: card.assignees },
      ...{ comments: card.comments.length, hasNotes: card.notes !== '', createdBy: card.createdBy },
    })),
  })),
});

describe('a first look', () => {
  it('[STO-19] shows the faces of all cards as the board does, whatever was done to it', () => {
    fc.assert(
      fc.property(fc.array(drawArb, { maxLength: 40 }), (draws) => {
        const { replica } = smallBoard();
        for (const draw of draws) runCommand(replica.doc, commandFor(draw, replica.board), CONTEXT);
        const bytes = encodeFirstLook(replica.board);
        const shown = bytes === undefined ? undefined : decodeFirstLook(bytes);
        expect(shown === undefined ? undefined : faces(shown)).toEqual(faces(replica.board));
      }),
      { numRuns: 40 },
    );
  });

  it('[STO-22] keeps the beginnings of long texts, and no number that it cannot write', () => {
    const long = cardOf(1, {
      notes: 'n'.repeat(65_536),
      createdAt: Number.NaN,
      labels: Array.from({ length: 60 }, (_, n) => `label ${n}`),
      comments: [{ id: 'c', text: '\ud83c'.repeat(9_000), author: 'x'.repeat(200), at: -1 }],
    });
    const shown = decodeFirstLook(encodeFirstLook(boardWith([long])) ?? new Uint8Array(0));
    const card = shown?.columns[0]?.cards[0];
    expect(card?.notes).toHaveLength(200);
    expect(card?.notes.endsWith('\u2026')).toBe(true);
    expect(card?.labels).toHaveLength(50);
    expect(card?.comments[0]?.text).toHaveLength(200);
    expect([card?.createdAt, card?.comments[0]?.at]).toEqual([0, 0]);
  });

  it('[STO-22] is bounded: of large boards it keeps the first cards of each column, of monsters nothing', () => {
    const many = Array.from({ length: 20_000 }, (_, n) =>
      cardOf(n, { title: `Card ${n} `.padEnd(100, 'x') }),
    );
    const large = encodeFirstLook(boardWith(many, 2));
    expect(large?.length).toBeLessThanOrEqual(MAX_LOOK_BYTES + 64);
    expect(decodeFirstLook(large ?? new Uint8Array(0))?.columns.map(({ cards }) => cards.length)).toEqual([
      60, 60,
    ]);
    const wide = Array.from({ length: 8 }, (_, n) =>
      cardOf(n, {
        title: '\u20ac'.repeat(500),
        notes: '\u20ac'.repeat(200),
        comments: Array.from({ length: 50 }, () => ({
          id: 'c',
          text: '\u20ac'.repeat(200),
          author: 'a',
          at: 1,
        })),
      }),
    );
    expect(encodeFirstLook(boardWith(wide, 100))).toBeUndefined();
  });

  it('[STO-21] is not read when a bit of it is wrong, it is cut, or of another version', () => {
    const bytes =
      encodeFirstLook(boardWith([cardOf(1), cardOf(2, { due: '2026-01-01' })])) ?? new Uint8Array(0);
    expect(decodeFirstLook(bytes)).toBeDefined();
    for (let at = 0; at < bytes.length; at++) {
      const flipped = bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
      expect(decodeFirstLook(flipped), `bit in byte ${at}`).toBeUndefined();
      expect(decodeFirstLook(bytes.slice(0, at))).toBeUndefined();
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(decodeFirstLook(new Uint8Array(noise))).toBeUndefined();
      }),
    );
  });
});
