import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64Url, toBase64Url, toHex, type Bytes } from '../../../src/kernel/bytes.ts';
import {
  isScratchId,
  isScratchLink,
  parseScratchLink,
  roomName,
  roomPassword,
  scratchFragment,
  scratchId,
} from '../../../src/scratch/scratch-link.ts';

const KEYS = { room: new Uint8Array(16).fill(7), secret: new Uint8Array(16).fill(9) };
/** As made by the first version; a link that somebody kept is opened by every later one. */
const FROZEN = '#scratch=AQcHBwcHBwcHBwcHBwcHBwcJCQkJCQkJCQkJCQkJCQkJClviTQ';

describe('the link of a scratch board', () => {
  it('[SCR-1] is read again, from a bare fragment and out of a sentence', () => {
    const fragment = scratchFragment(KEYS);
    for (const pasted of [
      fragment,
      `https://board.example/${fragment}`,
      `Come here: https://x.y/${fragment}. See you!`,
    ]) {
      expect(isScratchLink(pasted)).toBe(true);
      expect(parseScratchLink(pasted)).toEqual({ ok: true, value: KEYS });
    }
    expect(fragment).toBe(FROZEN);
  });

  it('[SCR-1] that lacks any part, or has any character changed, is scratchTruncated', () => {
    const fragment = scratchFragment(KEYS);
    const body = fragment.slice('#scratch='.length);
    for (let end = 0; end < body.length; end++) {
      expect(parseScratchLink(`#scratch=${body.slice(0, end)}`)).toEqual({
        ok: false,
        code: 'scratchTruncated',
      });
    }
    for (let at = 0; at < body.length; at++) {
      const other = body[at] === 'A' ? 'B' : 'A';
      const changed = `#scratch=${body.slice(0, at)}${other}${body.slice(at + 1)}`;
      expect(parseScratchLink(changed)).toEqual({ ok: false, code: 'scratchTruncated' });
    }
  });

  it('[SCR-1] of a later version is scratchNewerVersion, and anything else is inviteMalformed', async () => {
    const bytes = fromBase64Url(scratchFragment(KEYS).slice('#scratch='.length)) ?? new Uint8Array();
    const { digestBytes } = await import('../../../src/kernel/hash.ts');
    const later: Bytes = bytes.slice(0, -4);
    later[0] = 2;
    const check = digestBytes('tabswarm/scratch-link/1', later).slice(0, 4);
    expect(parseScratchLink(`#scratch=${toBase64Url(new Uint8Array([...later, ...check]))}`)).toEqual({
      ok: false,
      code: 'scratchNewerVersion',
    });
    for (const text of ['', 'scratch=abc', 'https://x.y/#/j/abc', `#scratch=${'A'.repeat(5000)}`])
      expect(parseScratchLink(text)).toEqual({ ok: false, code: 'inviteMalformed' });
  });

  it('[SCR-1] reads any text without throwing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseScratchLink(`#scratch=${text}`).ok).toBe(false);
        parseScratchLink(text);
      }),
      { seed: 61 },
    );
  });

  it('[SCR-2] has a room name that says nothing of the password, and an id that depends on both', () => {
    const others = { room: KEYS.room, secret: new Uint8Array(16).fill(8) };
    expect(roomName(KEYS)).toBe(roomName(others));
    expect(roomName(KEYS)).not.toContain(roomPassword(KEYS));
    expect(roomName(KEYS)).not.toContain(toHex(KEYS.secret));
    expect(scratchId(KEYS)).not.toBe(scratchId(others));
    expect(isScratchId(scratchId(KEYS))).toBe(true);
    for (const text of ['', 'scratch-', 'ab'.repeat(32), `${scratchId(KEYS)}0`])
      expect(isScratchId(text)).toBe(false);
  });
});
