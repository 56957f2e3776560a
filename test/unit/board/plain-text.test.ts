import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCalendarDate } from '../../../src/board/calendar-date.ts';
import { cut, oneLine, textEdit, wellFormed } from '../../../src/board/plain-text.ts';

const textArb = fc.string({ unit: fc.constantFrom('a', 'b', '😀', '😃', '🀀', '🐀'), maxLength: 12 });
const run = { seed: 41, numRuns: 500 };

describe('text edits', () => {
  it('[BRD-9] turn one text into the other and never cut a character', () => {
    fc.assert(
      fc.property(textArb, textArb, (before, after) => {
        const edit = textEdit(before, after);
        if (edit === undefined) {
          expect(after).toBe(before);
          return;
        }
        const { at, remove, insert } = edit;
        expect(before.slice(0, at) + insert + before.slice(at + remove)).toBe(after);
        for (const part of [
          before.slice(0, at),
          before.slice(at, at + remove),
          before.slice(at + remove),
          insert,
        ]) {
          expect(part).not.toMatch(/\p{Surrogate}/u);
        }
      }),
      run,
    );
  });

  it('[BRD-9] keep the common beginning and end', () => {
    expect(textEdit('one two three', 'one 2 three')).toEqual({ at: 4, remove: 3, insert: '2' });
    expect(textEdit('aa', 'aaa')).toEqual({ at: 2, remove: 0, insert: 'a' });
    expect(textEdit('x😀y', 'x😃y')).toEqual({ at: 1, remove: 2, insert: '😃' });
    // These two differ in their first half only.
    expect(textEdit('x🀀y', 'x🐀y')).toEqual({ at: 1, remove: 2, insert: '🐀' });
  });
});

describe('stored text', () => {
  it('[BRD-8] is well formed and titles are one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(wellFormed(text)).not.toMatch(/\p{Surrogate}/u);
        expect(oneLine(text)).not.toMatch(/[\n\r\t]/);
      }),
      run,
    );
    expect(wellFormed('a\ud800b')).toBe('a\ufffdb');
    expect(oneLine(' a\r\n\tb ')).toBe('a b');
  });

  it('[BRD-2] is cut between characters', () => {
    expect(cut('ab😀', 3)).toBe('ab');
    expect(cut('ab😀', 4)).toBe('ab😀');
  });
});

describe('calendar dates', () => {
  it('[BRD-8] are days that exist', () => {
    for (const day of ['2024-02-29', '2000-02-29', '0001-01-01', '9999-12-31'])
      expect(isCalendarDate(day)).toBe(true);
    const wrong = [
      '2023-02-29',
      '1900-02-29',
      '2026-00-10',
      '2026-13-01',
      '2026-04-31',
      '2026-01-00',
      '0000-01-01',
    ];
    for (const day of [...wrong, '2026-1-1', '2026-01-01T00:00', ' 2026-01-01', '２０２６-01-01', '']) {
      expect(isCalendarDate(day)).toBe(false);
    }
  });
});
