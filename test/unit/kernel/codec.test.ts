/** The codec: one value, one encoding; foreign bytes never throw. Rules of docs/spec/kernel.md. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, equalBytes, toHex, type Bytes } from '../../../src/kernel/bytes.ts';
import {
  boardIdCodec,
  decodeWith,
  encodeWith,
  fixedBytes,
  flag,
  hashCodec,
  list,
  memberIdCodec,
  oneOf,
  optional,
  peerIdCodec,
  record,
  signatureCodec,
  sizedBytes,
  text,
  union,
  whole,
  type Codec,
  type DecodeCode,
} from '../../../src/kernel/codec.ts';
import { peerIdFrom } from '../../../src/kernel/ids.ts';
import { bytesOf } from './arbitrary-bytes.ts';

/** Every combinator in one value. */
const everything = union({
  small: [1, record<{ n: number; on: boolean }>({ n: whole(1000), on: flag })],
  large: [
    300,
    record<{
      peer: ReturnType<typeof peerIdFrom>;
      body: Bytes;
      name: string | undefined;
      words: readonly ('red' | 'green' | 'blue')[];
      nonce: Bytes;
      big: number;
    }>({
      peer: peerIdCodec,
      body: sizedBytes(50),
      name: optional(text(40)),
      words: list(oneOf(['red', 'green', 'blue']), 5),
      nonce: fixedBytes(16),
      big: whole(),
    }),
  ],
});
type Everything = typeof everything extends Codec<infer T> ? T : never;

const wellFormed = fc.string({ unit: 'grapheme', maxLength: 8 });
const anything: fc.Arbitrary<Everything> = fc.oneof(
  fc.record({ kind: fc.constant('small' as const), n: fc.integer({ min: 0, max: 1000 }), on: fc.boolean() }),
  fc.record({
    kind: fc.constant('large' as const),
    peer: bytesOf(32, 32).map(peerIdFrom),
    body: bytesOf(0, 50),
    name: fc.option(
      wellFormed.filter((value) => new TextEncoder().encode(value).length <= 40),
      { nil: undefined },
    ),
    words: fc.array(fc.constantFrom('red' as const, 'green' as const, 'blue' as const), { maxLength: 5 }),
    nonce: bytesOf(16, 16),
    big: fc.maxSafeNat(),
  }),
);

const SEED = { seed: 20_260_101 };
const code = <T>(codec: Codec<T>, bytes: readonly number[]): DecodeCode | 'ok' => {
  const decoded = decodeWith(codec, new Uint8Array(bytes));
  return decoded.ok ? 'ok' : decoded.code;
};

describe('codec', () => {
  it('[KRN-1] gives every value back', () => {
    fc.assert(
      fc.property(anything, (value) => {
        expect(decodeWith(everything, encodeWith(everything, value))).toEqual({ ok: true, value });
      }),
      { ...SEED, numRuns: 500 },
    );
  });

  it('[KRN-2] has one encoding per value: whatever decodes encodes to the same bytes', () => {
    const nearlyValid = fc
      .tuple(anything, fc.nat(), fc.integer({ min: 0, max: 255 }))
      .map(([value, at, byte]) => {
        const bytes = encodeWith(everything, value);
        bytes[at % bytes.length] = byte;
        return bytes;
      });
    let accepted = 0;
    fc.assert(
      fc.property(nearlyValid, (bytes) => {
        const decoded = decodeWith(everything, bytes);
        if (!decoded.ok) return;
        accepted += 1;
        expect(toHex(encodeWith(everything, decoded.value))).toBe(toHex(bytes));
      }),
      { ...SEED, numRuns: 2_000 },
    );
    expect(accepted).toBeGreaterThan(200);
  });

  it('[KRN-3] never throws on foreign bytes', () => {
    fc.assert(
      fc.property(bytesOf(0, 200), (bytes) => {
        const decoded = decodeWith(everything, bytes);
        expect(typeof decoded.ok).toBe('boolean');
      }),
      { ...SEED, numRuns: 3_000 },
    );
  });

  it('[KRN-4] refuses every strict prefix as truncated', () => {
    fc.assert(
      fc.property(anything, fc.nat(), (value, at) => {
        const bytes = encodeWith(everything, value);
        const prefix = bytes.slice(0, at % bytes.length);
        expect(decodeWith(everything, prefix)).toEqual({ ok: false, code: 'truncated' });
      }),
      { ...SEED, numRuns: 500 },
    );
  });

  it('[KRN-5] refuses bytes behind the value', () => {
    fc.assert(
      fc.property(anything, bytesOf(1, 5), (value, more) => {
        const bytes = concatBytes(encodeWith(everything, value), more);
        expect(decodeWith(everything, bytes)).toEqual({ ok: false, code: 'trailing' });
      }),
      { ...SEED, numRuns: 200 },
    );
  });

  it('[KRN-6] refuses lengths and counts above their bound before it reads what they announce', () => {
    expect(code(sizedBytes(3), [4, 1, 2, 3, 4])).toBe('tooLong');
    expect(code(text(3), [4, 97, 97, 97, 97])).toBe('tooLong');
    expect(code(list(flag, 3), [4, 0, 0, 0, 0])).toBe('tooLong');
    expect(code(sizedBytes(1_000), [0xff, 0xff, 0xff, 0xff, 0x0f])).toBe('tooLong');
    expect(code(list(whole(), 10), [0xff, 0xff, 0xff, 0xff, 0x0f])).toBe('tooLong');
  });

  it('[KRN-7] refuses numbers outside their range and second spellings of a number', () => {
    expect(code(whole(), [0x80, 0])).toBe('notCanonical');
    expect(code(whole(), [0xff, 0x80, 0])).toBe('notCanonical');
    expect(code(whole(), [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])).toBe('badValue');
    expect(code(whole(), [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f])).toBe('ok');
    expect(code(whole(), [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x10])).toBe('badValue');
    expect(code(whole(9), [10])).toBe('badValue');
    expect(code(flag, [2])).toBe('badValue');
    expect(code(oneOf(['a', 'b']), [2])).toBe('badValue');
  });

  it('[KRN-8] refuses text that is not UTF-8 in its only spelling', () => {
    const refused = [[0x80], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82]];
    for (const bytes of refused) expect(code(text(10), [bytes.length, ...bytes])).toBe('badValue');
    expect(decodeWith(text(10), new Uint8Array([3, 0xe2, 0x82, 0xac]))).toEqual({ ok: true, value: '€' });
    expect(decodeWith(text(10), new Uint8Array([3, 0xef, 0xbf, 0xbd]))).toEqual({
      ok: true,
      value: '\uFFFD',
    });
    const withMark = new Uint8Array([4, 0xef, 0xbb, 0xbf, 97]);
    expect(decodeWith(text(10), withMark)).toEqual({ ok: true, value: '\uFEFFa' });
  });

  it('[KRN-9] refuses kinds that it does not know', () => {
    expect(code(everything, [2, 0, 0])).toBe('unknownKind');
    expect(code(everything, [0])).toBe('unknownKind');
  });

  it('[KRN-10] stops at our own mistakes: values outside their bounds', () => {
    expect(() => encodeWith(whole(3), 4)).toThrow('number above 3');
    for (const wrong of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => encodeWith(whole(), wrong)).toThrow();
    expect(() => encodeWith(fixedBytes(2), new Uint8Array(3))).toThrow();
    expect(() => encodeWith(sizedBytes(2), new Uint8Array(3))).toThrow();
    expect(() => encodeWith(text(2), '€')).toThrow();
    expect(() => encodeWith(list(flag, 1), [true, true])).toThrow();
    expect(() => encodeWith(signatureCodec, new Uint8Array(63))).toThrow();
    const twice = {
      a: [1, record<{ x: boolean }>({ x: flag })],
      b: [1, record<{ x: boolean }>({ x: flag })],
    } as const;
    expect(() => union(twice)).toThrow('two kinds share a tag');
  });

  it('[KRN-11] hands out copies: a decoded value does not change with the bytes it came from', () => {
    const bytes = encodeWith(sizedBytes(4), new Uint8Array([1, 2, 3]));
    const decoded = decodeWith(sizedBytes(4), bytes);
    bytes.fill(9);
    expect(decoded.ok && equalBytes(decoded.value, new Uint8Array([1, 2, 3]))).toBe(true);
  });

  it('[KRN-12] writes the bytes that docs/spec/kernel.md says', () => {
    const bytes = encodeWith(everything, { kind: 'small', n: 300, on: true });
    expect(toHex(bytes)).toBe('01ac0201');
    expect(toHex(encodeWith(whole(), Number.MAX_SAFE_INTEGER))).toBe('ffffffffffffff0f');
    expect(toHex(encodeWith(optional(text(9)), 'é'))).toBe('0102c3a9');
    expect(toHex(encodeWith(optional(text(9)), undefined))).toBe('00');
    expect(toHex(encodeWith(list(oneOf(['a', 'b']), 9), ['b', 'a']))).toBe('020100');
    for (const codec of [memberIdCodec, boardIdCodec, hashCodec]) {
      const id = decodeWith(codec as Codec<unknown>, new Uint8Array(32).fill(0xab));
      expect(id).toEqual({ ok: true, value: 'ab'.repeat(32) });
    }
  });

  it('[KRN-13] describes its bytes: what is written differently has another schema', () => {
    const schemas = [
      whole(),
      whole(5),
      flag,
      fixedBytes(5),
      sizedBytes(5),
      text(5),
      list(flag, 5),
      optional(flag),
      oneOf(['a', 'b']),
      oneOf(['b', 'a']),
      peerIdCodec,
      record<{ a: boolean }>({ a: flag }),
      record<{ b: boolean }>({ b: flag }),
      everything,
    ].map(({ schema }) => schema);
    expect(new Set(schemas).size).toBe(schemas.length);
    expect(everything.schema).toBe(
      'union{1=small:{n:whole(1000),on:flag},300=large:{peer:peerId,body:bytes(50),name:optional(text(40)),' +
        'words:list(oneOf(red|green|blue),5),nonce:bytes[16],big:whole(9007199254740991)}}',
    );
  });
});
