/** Plain values as bytes: one value, one encoding; foreign bytes never throw. Rule NOD-124 of docs/spec/node.md rests on it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex, utf8, type Bytes } from '../../../src/kernel/bytes.ts';
import { decodeWith, encodeWith } from '../../../src/kernel/codec.ts';
import { float64, plainCodec } from '../../../src/kernel/plain.ts';
import { bytesOf } from './arbitrary-bytes.ts';

const encoded = (value: unknown): Bytes => encodeWith(plainCodec, value);
const decoded = (bytes: Bytes): unknown => decodeWith(plainCodec, bytes);
const codeOf = (...bytes: number[]): string => {
  const result = decodeWith(plainCodec, Uint8Array.from(bytes));
  return result.ok ? 'ok' : result.code;
};

const names = fc.string().filter((name) => name !== '__proto__' && !/^(?:0|[1-9]\d*)$/.test(name));
const { plain } = fc.letrec((tie) => ({
  plain: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<unknown>(undefined, null, true, false, -0, NaN, Infinity, 2 ** 53, 2 ** 53 - 1),
    fc.double(),
    fc.integer(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\ud800', 'a\udfff', '\ud83d\ude00'),
    bytesOf(0, 40),
    fc.array(tie('plain'), { maxLength: 4 }),
    fc.dictionary(names, tie('plain'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

describe('plain values', () => {
  it('[NOD-124] come back as they were, down to the order of fields', () => {
    fc.assert(
      fc.property(plain, (value) => {
        const result = decodeWith(plainCodec, encoded(value));
        expect(result).toEqual({ ok: true, value });
        if (!result.ok) return;
        expect(toHex(encoded(result.value))).toBe(toHex(encoded(value)));
      }),
    );
  });

  it('[NOD-124] have one encoding each: what decodes encodes to the same bytes, and nothing throws', () => {
    const near = fc
      .tuple(plain, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
      .map(([value, changes]) => {
        const bytes = encoded(value).slice();
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(bytesOf(0, 60), near), (bytes) => {
        const result = decodeWith(plainCodec, bytes);
        if (result.ok) expect(toHex(encoded(result.value))).toBe(toHex(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  it('[NOD-124] are refused with a code when they are spelled otherwise, or promise more than is there', () => {
    expect(codeOf(11)).toBe('unknownKind');
    expect(codeOf(1, 1)).toBe('trailing');
    expect(codeOf(9, 3, 0, 0)).toBe('truncated'); // three items, two there
    expect(codeOf(9, 0xff, 0xff, 0xff, 0xff, 0x0f)).toBe('truncated'); // 2^32 items: nothing is allocated
    expect(codeOf(10, 2, 1, 97, 0, 1, 97, 0)).toBe('badValue'); // a field twice
    expect(codeOf(10, 1, 1, 49, 0)).toBe('badValue'); // a field named 1 would not stay where it is
    expect(codeOf(10, 1, 9, ...utf8('__proto__'), 0)).toBe('badValue');
    expect(codeOf(5, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0)).toBe('notCanonical'); // 1 as a double
    expect(codeOf(5, 0x7f, 0xf8, 0, 0, 0, 0, 0, 1)).toBe('notCanonical'); // another NaN
    expect(codeOf(7, 2, 0, 97)).toBe('notCanonical'); // "a" as UTF-16
    expect(codeOf(7, 1, 0)).toBe('badValue');
    expect(codeOf(6, 1, 0xff)).toBe('badValue');
    expect(codeOf(...Array.from({ length: 40 }, () => [9, 1]).flat(), 0)).toBe('tooLong');
  });

  it('[NOD-124] leave nothing behind that is no value: a prototype stays what it is', () => {
    const result = decoded(encoded({ constructor: 1, toString: 'x' }));
    expect(result).toEqual({ ok: true, value: { constructor: 1, toString: 'x' } });
  });

  it('[NOD-124] stop us when we write something else', () => {
    for (const value of [new Map(), Symbol('x'), () => 1, 1n, new Date(0)])
      expect(() => encoded({ value })).toThrow('plain value');
  });

  it('[NOD-124] keep every time to the bit', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const result = decodeWith(float64, encodeWith(float64, value));
        expect(result.ok && Object.is(result.value, value)).toBe(true);
      }),
    );
  });
});
