import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_POSITION_CHARS } from '../../../src/board/limits.ts';
import { comparePlaced, planInsert, readPositionKey, type Placed } from '../../../src/board/ordering.ts';
import { randomFrom } from '../../../src/kernel/random.ts';

const seed = { seed: 7, numRuns: 200 };

/** Siblings in order, as a reader makes them from whatever is in the document. */
const siblingsOf = (keys: readonly unknown[]): Placed[] =>
  keys.map((key, at) => ({ id: `id${at}`, key: readPositionKey(key) })).sort(comparePlaced);

/** The siblings after an insert plan, in order. */
function apply(siblings: readonly Placed[], index: number, ids: readonly string[], random = randomFrom('x')) {
  const plan = planInsert(siblings, index, ids.length, random);
  const moved = new Map(plan.rekeyed.map(({ id, key }) => [id, key]));
  const after = siblings.map(({ id, key }) => ({ id, key: moved.get(id) ?? key }));
  ids.forEach((id, at) => after.push({ id, key: plan.keys[at] ?? '' }));
  return { after: after.sort(comparePlaced), plan };
}

const keyLike = fc.oneof(
  fc.constantFrom(
    'a0.aaaaaa',
    'a0.bbbbbb',
    'a0V.cccccc',
    'a1',
    'Zz.dddddd',
    'a0VV',
    'm' + 'z'.repeat(13),
    'N' + '0'.repeat(13),
  ),
  fc.stringMatching(/^[a-cY-Z][0-9A-Za-z]{1,6}(\.[a-z2-9]{6})?$/),
  fc.anything(),
);

describe('position keys', () => {
  it('[BRD-4] puts items between the neighbours they were given, whatever keys those have', () => {
    fc.assert(
      fc.property(
        fc.array(keyLike, { maxLength: 12 }),
        fc.nat(),
        fc.integer({ min: 1, max: 5 }),
        (keys, at, count) => {
          const siblings = siblingsOf(keys);
          const index = at % (siblings.length + 1);
          const ids = Array.from({ length: count }, (_, i) => `new${i}`);
          const { after, plan } = apply(siblings, index, ids);
          const expected = siblings.map(({ id }) => id);
          expected.splice(index, 0, ...ids);
          expect(after.map(({ id }) => id)).toEqual(expected);
          for (const key of [...plan.keys, ...plan.rekeyed.map((item) => item.key)]) {
            expect(readPositionKey(key)).toBe(key);
            expect(key.length).toBeLessThanOrEqual(MAX_POSITION_CHARS);
          }
        },
      ),
      seed,
    );
  });

  it('[BRD-4] orders siblings totally', () => {
    fc.assert(
      fc.property(fc.array(keyLike, { maxLength: 12 }), (keys) => {
        const siblings = siblingsOf(keys);
        expect([...siblings].reverse().sort(comparePlaced)).toEqual(siblings);
      }),
      seed,
    );
  });

  it('[BRD-5] re-keys nobody while the gap has room', () => {
    const siblings = siblingsOf(['a0.aaaaaa', 'a1.aaaaaa', 'a2.aaaaaa']);
    for (const index of [0, 1, 2, 3])
      expect(planInsert(siblings, index, 3, randomFrom('x')).rekeyed).toEqual([]);
  });

  it('[BRD-5] re-keys one neighbour where two peers inserted at one gap', () => {
    const siblings = siblingsOf(['a0.aaaaaa', 'a0V.aaaaaa', 'a0V.bbbbbb', 'a1.aaaaaa']);
    expect(planInsert(siblings, 2, 1, randomFrom('x')).rekeyed).toHaveLength(1);
  });

  it('[BRD-5] keeps keys short over 3,000 inserts at one gap, re-keying few siblings each time', () => {
    let siblings = siblingsOf(['a0.aaaaaa', 'a1.aaaaaa']);
    const random = randomFrom('many');
    let most = 0;
    for (let i = 0; i < 3_000; i++) {
      const { after, plan } = apply(siblings, 1, [`n${i}`], random);
      most = Math.max(most, plan.rekeyed.length);
      expect(after[1]?.id).toBe(`n${i}`);
      siblings = after;
    }
    expect(Math.max(...siblings.map(({ key }) => key.length))).toBeLessThanOrEqual(MAX_POSITION_CHARS);
    expect(most).toBeLessThan(64);
  });

  it('[BRD-2] reads what is no key of ours as one after all that are', () => {
    const foreign = [
      undefined,
      null,
      7,
      '',
      'a',
      'a00',
      'zz',
      'A'.repeat(27),
      'a0.',
      'a0~abcdef',
      'é',
      `a0${'V'.repeat(60)}`,
    ];
    for (const value of foreign) expect(readPositionKey(value) > 'm', String(value)).toBe(true);
    expect(readPositionKey('a0.abcdef')).toBe('a0.abcdef');
  });
});
