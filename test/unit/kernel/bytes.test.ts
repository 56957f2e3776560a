/** Text forms, comparison and joining of byte strings, and hash vectors. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  concatBytes,
  equalBytes,
  fromBase64Url,
  fromHex,
  fromUtf8,
  isHex,
  toBase64Url,
  toHex,
  utf8,
} from '../../../src/kernel/bytes.ts';
import { digest, digestBytes } from '../../../src/kernel/hash.ts';
import { isIdText, idBytes, peerIdFrom } from '../../../src/kernel/ids.ts';
import { bytesOf } from './arbitrary-bytes.ts';

const SEED = { seed: 20_260_102 };

describe('bytes', () => {
  it('[KRN-14] hex and base64url agree with the platform and give the bytes back', () => {
    fc.assert(
      fc.property(bytesOf(0, 70), (bytes) => {
        expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
        expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
        expect(fromHex(toHex(bytes))).toEqual(bytes);
        expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
      }),
      SEED,
    );
  });

  it('[KRN-15] base64url has one text per value: whatever decodes encodes to the same text', () => {
    const texts = fc.string({
      unit: fc.constantFrom('A', 'B', 'a', 'b', '0', '9', '-', '_', '=', '+', '/', ' ', 'é'),
      maxLength: 12,
    });
    let accepted = 0;
    fc.assert(
      fc.property(texts, (given) => {
        const bytes = fromBase64Url(given);
        if (bytes === undefined) return;
        accepted += 1;
        expect(toBase64Url(bytes)).toBe(given);
      }),
      { ...SEED, numRuns: 3_000 },
    );
    expect(accepted).toBeGreaterThan(100);
    for (const wrong of ['A', 'AB==', 'AB', 'A+', 'A/', 'A A', 'AAAAB'])
      expect(fromBase64Url(wrong)).toBeUndefined();
    expect(fromBase64Url('')).toEqual(new Uint8Array(0));
  });

  it('[KRN-14] knows hex', () => {
    expect(['', 'ab', '00ff'].map(isHex)).toEqual([true, true, true]);
    expect(['a', 'AB', 'ag', ' ab', 'ab\n'].map(isHex)).toEqual([false, false, false, false, false]);
    expect(() => fromHex('AB')).toThrow();
  });

  it('[KRN-16] compares and joins', () => {
    fc.assert(
      fc.property(bytesOf(0, 20), bytesOf(0, 20), (a, b) => {
        expect(equalBytes(a, b)).toBe(toHex(a) === toHex(b));
        expect(toHex(concatBytes(a, b))).toBe(toHex(a) + toHex(b));
        expect(equalBytes(a, a.slice())).toBe(true);
      }),
      SEED,
    );
    expect(concatBytes()).toEqual(new Uint8Array(0));
    expect(fromUtf8(utf8('é€😀'))).toBe('é€😀');
  });

  it('[KRN-17] ids are 64 lower-case hex digits', () => {
    const id = peerIdFrom(new Uint8Array(32).fill(0xcd));
    expect(id).toBe('cd'.repeat(32));
    expect(idBytes(id)).toEqual(new Uint8Array(32).fill(0xcd));
    const texts = [id, id.slice(1), `${id}0`, id.toUpperCase(), `${id.slice(1)}g`];
    expect(texts.map(isIdText)).toEqual([true, false, false, false, false]);
  });
});

describe('hash', () => {
  it('[KRN-18] is SHA-256 of label, zero byte and parts, as the platform computes it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z/1-9]{1,20}$/), bytesOf(0, 200), bytesOf(0, 9), (label, a, b) => {
        const expected = createHash('sha256').update(label).update(new Uint8Array(1)).update(a).update(b);
        expect(toHex(digestBytes(label, a, b))).toBe(expected.digest('hex'));
      }),
      SEED,
    );
  });

  it('[KRN-18] has the frozen vectors', () => {
    expect(digest('tabswarm/test/1')).toBe(
      '50b27cd31226e8ee62c374cba598065d8ed3ac4453b9eaf763b239027bc4dad9',
    );
    expect(digest('tabswarm/test/1', utf8('abc'))).toBe(
      '6763af4b2e22f2f78ab3d9f01e725e670481ef39ed22f4b49594a2f71b1a4a7a',
    );
    expect(digest('tabswarm/test/1', utf8('a'), utf8('bc'))).toBe(digest('tabswarm/test/1', utf8('abc')));
    expect(digest('tabswarm/test/2', utf8('abc'))).not.toBe(digest('tabswarm/test/1', utf8('abc')));
  });
});
