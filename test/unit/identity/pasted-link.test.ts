/** Invite links as they are pasted. Rules of docs/spec/identity.md. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, toBase64Url, type Bytes } from '../../../src/kernel/bytes.ts';
import { encodeWith } from '../../../src/kernel/codec.ts';
import { digestBytes } from '../../../src/kernel/hash.ts';
import { ok, refuse } from '../../../src/kernel/result.ts';
import {
  INVITE_PREFIX,
  inviteCodec,
  inviteFragment,
  MAX_LINK_CHARS,
  parseInviteLink,
  type Invite,
} from '../../../src/identity/invite-link.ts';
import { bytesOf } from '../kernel/arbitrary-bytes.ts';
import { anyCapability, CAPABILITY, key } from './sample-records.ts';

const INVITE: Invite = {
  version: 1,
  boardSecret: key('secret'),
  inviteSeed: key('seed'),
  capability: CAPABILITY,
};
const LINK = inviteFragment(INVITE);
const LINK_DIGITS = LINK.length - INVITE_PREFIX.length;

/** A link around any body, with the check that belongs to it, made as docs/spec/identity.md says. */
function linkAround(body: Bytes): string {
  const check = digestBytes('tabswarm/invite-link/1', body).slice(0, 4);
  return `#/j/${toBase64Url(concatBytes(body, check))}`;
}

describe('an invite link', () => {
  it('[IDN-8] is read as it was made', () => {
    const invite = fc.record({
      version: fc.constant(1),
      boardSecret: bytesOf(32, 32),
      inviteSeed: bytesOf(32, 32),
      capability: anyCapability,
    });
    const property = fc.property(invite, (value) => {
      const link = inviteFragment(value);
      expect(link).toMatch(/^#\/j\/[A-Za-z0-9_-]+$/);
      expect(parseInviteLink(link)).toEqual(ok(value));
      expect(link).toBe(linkAround(encodeWith(inviteCodec, value)));
    });
    fc.assert(property, { seed: 105, numRuns: 150 });
  });

  it.each([
    ['behind an address', `https://board.example/app/${LINK}`],
    ['with spaces and line breaks around', ` \t\n${LINK}\r\n `],
    ['at the end of a sentence', `Come in: https://board.example/${LINK}.`],
    ['in brackets', `<https://board.example/${LINK}>`],
    ['in the middle of a message', `Join https://board.example/${LINK} and bring tea`],
    ['before a second one', `${LINK} ${LINK}`],
  ])('[IDN-8] is found %s', (_where, pasted) => {
    expect(parseInviteLink(pasted)).toEqual(ok(INVITE));
  });

  it('[IDN-8] with any character changed, left out, doubled or broken off is truncated', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (let place = 0; place < LINK_DIGITS; place++) {
      const at = place + INVITE_PREFIX.length;
      const [before, digit, after] = [LINK.slice(0, at), LINK.charAt(at), LINK.slice(at + 1)];
      const next = alphabet.charAt((alphabet.indexOf(digit) + 1 + (place % 62)) % 64);
      const broken = [next, '', digit + digit, '=', ' ', 'é', `${digit}\n`];
      for (const instead of place === LINK_DIGITS - 1 ? broken.slice(0, -1) : broken)
        expect(parseInviteLink(before + instead + after)).toEqual(refuse('inviteTruncated'));
    }
  });

  it('[IDN-8] is malformed when it is none, or longer than any', () => {
    for (const text of ['', 'https://board.example/', '#/b/abc', LINK.slice(1), LINK.replace('/j/', '/J/')])
      expect(parseInviteLink(text)).toEqual(refuse('inviteMalformed'));
    const padded = (length: number): string => LINK.padEnd(length, ' ');
    expect(parseInviteLink(padded(MAX_LINK_CHARS))).toEqual(ok(INVITE));
    expect(parseInviteLink(padded(MAX_LINK_CHARS + 1))).toEqual(refuse('inviteMalformed'));
    expect(parseInviteLink(' '.repeat(MAX_LINK_CHARS * 2) + LINK)).toEqual(ok(INVITE));
  });

  it('[IDN-8] of a later version says so, whatever else it carries', () => {
    for (const version of [2, 3, 127]) {
      const body = encodeWith(inviteCodec, { ...INVITE, version });
      expect(parseInviteLink(linkAround(body))).toEqual(refuse('inviteNewerVersion'));
      expect(parseInviteLink(linkAround(new Uint8Array([version])))).toEqual(refuse('inviteNewerVersion'));
    }
  });
});
