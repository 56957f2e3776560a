/** Goal: marks say the truth about people, and lists that did not change are the same objects. Method: drawn presences, one after the other. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { marksAmong, marksFrom, NO_MARKS } from '../../../src/ui/presence/marks.ts';
import { DOINGS, type PresenceStatus } from '../../../src/ui/ports.ts';
import { DOINGS as TOLD } from '../../../src/replication/presence.ts';

const one: fc.Arbitrary<PresenceStatus> = fc.record({
  peerId: fc.string({ maxLength: 3 }),
  memberId: fc.constantFrom('self', 'ada', 'bo', 'cy'),
  cardId: fc.constantFrom('1', '2', '3'),
  doing: fc.constantFrom(...DOINGS),
  asleep: fc.boolean(),
});

describe('marks', () => {
  it('[PRE-12] are one for each other person on a card, awake and busiest first', () => {
    fc.assert(
      fc.property(fc.array(one, { maxLength: 12 }), (others) => {
        const marks = marksFrom(NO_MARKS, others, 'self');
        for (const cardId of ['1', '2', '3']) {
          const here = others.filter((each) => each.cardId === cardId && each.memberId !== 'self');
          const list = marks.get(cardId) ?? [];
          expect(list.map(({ memberId }) => memberId)).toEqual(
            [...new Set(here.map(({ memberId }) => memberId))].sort(),
          );
          for (const mark of list) {
            const tabs = here.filter(({ memberId }) => memberId === mark.memberId);
            expect(mark.asleep).toBe(tabs.every(({ asleep }) => asleep));
            const shown = tabs.filter(({ asleep }) => asleep === mark.asleep);
            expect(DOINGS.indexOf(mark.doing)).toBe(
              Math.max(...shown.map(({ doing }) => DOINGS.indexOf(doing))),
            );
          }
        }
      }),
    );
  });

  it('[PRE-13] keep the lists of cards where nothing changed, and all of it when nothing did', () => {
    fc.assert(
      fc.property(fc.array(one, { maxLength: 12 }), fc.array(one, { maxLength: 3 }), (others, more) => {
        const before = marksFrom(NO_MARKS, others, 'self');
        expect(marksFrom(before, [...others].reverse(), 'self')).toBe(before);
        const after = marksFrom(before, [...others, ...more], 'self');
        for (const [cardId, list] of after)
          if (!more.some((each) => each.cardId === cardId)) expect(list).toBe(before.get(cardId));
        const among = marksAmong(NO_MARKS, after, new Set(['1']));
        expect([...among.keys()]).toEqual(after.has('1') ? ['1'] : []);
        expect(marksAmong(among, after, new Set(['1']))).toBe(among);
      }),
    );
  });

  it('[PRE-1] know the words that others say', () => {
    expect(DOINGS).toEqual(TOLD);
  });
});
