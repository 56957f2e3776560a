import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  inviteFragment,
  INVITE_PREFIX,
  MAX_LINK_CHARS,
  parseInviteLink,
} from '../../../src/identity/invite-link.ts';
import { fromBase64Url, toBase64Url } from '../../../src/kernel/bytes.ts';
import { digestBytes } from '../../../src/kernel/hash.ts';
import { concatBytes } from '../../../src/kernel/bytes.ts';
import { capabilityOf, KEYS } from './records.ts';

const INVITE = {
  boardSecret: KEYS.publicKey('secret'),
  inviteSeed: KEYS.publicKey('seed'),
  capability: capabilityOf('ada', { boardTitle: 'Käse & ☕', expiresAt: 1_800_000_000_000 }),
};
const FRAGMENT = inviteFragment(INVITE);

/** The fragment of a body, with a check that is right. */
function withCheck(body: Uint8Array<ArrayBuffer>): string {
  const check = digestBytes('tabswarm/invite-link/1', body).slice(0, 4);
  return INVITE_PREFIX + toBase64Url(concatBytes(body, check));
}

const bodyOf = (fragment: string): Uint8Array<ArrayBuffer> =>
  (fromBase64Url(fragment.slice(INVITE_PREFIX.length)) ?? new Uint8Array()).slice(0, -4);

describe('invite links', () => {
  it('[IDN-8] come back from a link, a fragment, and what people paste around them', () => {
    const expected = { ok: true, value: { version: 1, ...INVITE } };
    for (const pasted of [
      FRAGMENT,
      `https://board.example/${FRAGMENT}`,
      `  http://localhost:4444/${FRAGMENT}\n`,
      `Join my board: https://board.example/?x=1${FRAGMENT}  `,
    ])
      expect(parseInviteLink(pasted)).toEqual(expected);
    expect(FRAGMENT.length).toBeLessThan(800);
  });

  it('[IDN-8] tell half a link from none', () => {
    for (let length = INVITE_PREFIX.length; length < FRAGMENT.length; length++)
      expect(parseInviteLink(FRAGMENT.slice(0, length))).toEqual({ ok: false, code: 'inviteTruncated' });
    for (const text of ['', 'hello', '#/j', 'https://board.example/#/b/abc'])
      expect(parseInviteLink(text)).toEqual({ ok: false, code: 'inviteMalformed' });
    expect(parseInviteLink(INVITE_PREFIX + 'A'.repeat(MAX_LINK_CHARS))).toEqual({
      ok: false,
      code: 'inviteMalformed',
    });
  });

  it('[IDN-8] notice any changed character', () => {
    for (let at = INVITE_PREFIX.length; at < FRAGMENT.length; at++) {
      const other = FRAGMENT[at] === 'A' ? 'B' : 'A';
      const changed = FRAGMENT.slice(0, at) + other + FRAGMENT.slice(at + 1);
      expect(parseInviteLink(changed)).toEqual({ ok: false, code: 'inviteTruncated' });
    }
  });

  it('[IDN-8] of a later version say so, and a right check over nonsense is no link', () => {
    const later = bodyOf(FRAGMENT);
    later[0] = 2;
    expect(parseInviteLink(withCheck(later))).toEqual({ ok: false, code: 'inviteNewerVersion' });
    expect(parseInviteLink(withCheck(bodyOf(FRAGMENT).slice(0, 50)))).toEqual({
      ok: false,
      code: 'inviteMalformed',
    });
    expect(parseInviteLink(withCheck(bodyOf(FRAGMENT)))).toMatchObject({ ok: true });
  });

  it('[IDN-8] are read from any text without throwing', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constant(INVITE_PREFIX),
      fc.constant(FRAGMENT),
      fc.base64String(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 4 }), (pieces) => {
        const parsed = parseInviteLink(pieces.join(''));
        if (!parsed.ok) expect(['inviteMalformed', 'inviteTruncated']).toContain(parsed.code);
      }),
      { seed: 7, numRuns: 1000 },
    );
  });
});
