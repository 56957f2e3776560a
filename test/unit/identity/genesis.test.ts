/** A board's birth certificate and its id. Rules of docs/spec/identity.md. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/kernel/bytes.ts';
import { refuse } from '../../../src/kernel/result.ts';
import { boardIdOf, decodeGenesis, encodeGenesis, genesisCheck } from '../../../src/identity/genesis.ts';
import { anyGenesis, BOARD, flipped, GENESIS, OTHER_BOARD } from './sample-records.ts';

const SIGNATURE_BYTES = 64;

describe('a genesis', () => {
  it('[IDN-2] is read for the board it belongs to and for no other', () => {
    const property = fc.property(anyGenesis, (genesis) => {
      const bytes = encodeGenesis(genesis);
      expect(decodeGenesis(bytes, boardIdOf(genesis))).toEqual({ ok: true, value: genesis });
      expect(decodeGenesis(bytes, OTHER_BOARD)).toEqual(refuse('wrongBoard'));
    });
    fc.assert(property, { seed: 102, numRuns: 200 });
  });

  it('[IDN-3] with any bit of its body changed is unreadable or another board', () => {
    const bytes = encodeGenesis(GENESIS);
    const codes = new Set<string>();
    for (let at = 0; at < bytes.length - SIGNATURE_BYTES; at++)
      for (let bit = 0; bit < 8; bit++) {
        const read = decodeGenesis(flipped(bytes, at, bit), BOARD);
        expect(read.ok).toBe(false);
        if (!read.ok) codes.add(read.code);
      }
    expect([...codes].sort()).toEqual(['malformed', 'wrongBoard']);
  });

  it('[IDN-3] with a changed signature is the same board, and that signature is what is checked', () => {
    const bytes = encodeGenesis(GENESIS);
    const good = genesisCheck(GENESIS);
    for (let at = bytes.length - SIGNATURE_BYTES; at < bytes.length; at++) {
      const read = decodeGenesis(flipped(bytes, at, at % 8), BOARD);
      if (!read.ok) expect.fail(read.code);
      const check = genesisCheck(read.value);
      expect(toHex(check.body)).toBe(toHex(good.body));
      expect(toHex(check.signature)).not.toBe(toHex(good.signature));
    }
  });
});
