/** Labels that keep signatures and hashes apart. Rules of docs/spec/identity.md. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, toHex, utf8 } from '../../../src/kernel/bytes.ts';
import { digestBytes } from '../../../src/kernel/hash.ts';
import { DOMAIN } from '../../../src/identity/domains.ts';
import { domainSeparated } from '../../../src/identity/signing.ts';
import { bytesOf } from '../kernel/arbitrary-bytes.ts';

const LABELS = Object.values(DOMAIN);

describe('domain labels', () => {
  it('[IDN-1] under two labels, no two bodies are signed or hashed alike', () => {
    const label = fc.constantFrom(...LABELS);
    const property = fc.property(label, label, bytesOf(0, 40), bytesOf(0, 40), (a, b, left, right) => {
      if (a === b) return;
      // The adversary may put the rest of the other label, and a zero byte, into the body.
      const forged = concatBytes(utf8(b.slice(a.length)), new Uint8Array(1), right);
      for (const body of [left, right, forged]) {
        expect(toHex(domainSeparated(a, body))).not.toBe(toHex(domainSeparated(b, right)));
        expect(toHex(digestBytes(a, body))).not.toBe(toHex(digestBytes(b, right)));
      }
    });
    fc.assert(property, { seed: 101, numRuns: 500 });
  });
});
