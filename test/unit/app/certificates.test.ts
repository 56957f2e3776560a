/** Certificates checked in a tab: the same verdict as the program's, with what it says in words. Rules of docs/spec/decisions.md. */
import { describe, expect, it } from 'vitest';
import { verifyCertificate } from '../../../src/app/certificates.ts';
import type { Names } from '../../../src/app/decision-words.ts';
import { createVerifier } from '../../../src/runtime/crypto.ts';
import { decisionTexts } from '../../../src/ui/decisions/decision-texts.ts';
import { REASONS } from '../../../verify/describe.ts';
import { sampleFile } from '../verify/certificates.ts';
import { memberOf } from './group.ts';

const NOBODY: Names = {
  member: () => undefined,
  memberOf: () => undefined,
  column: () => undefined,
  proposal: () => undefined,
};
const sample = sampleFile({ kind: 'changeRole', member: memberOf('bo'), role: 'viewer' });
const verify = (text: string): ReturnType<typeof verifyCertificate> =>
  verifyCertificate(text, createVerifier(), NOBODY);

describe('a certificate', () => {
  it('[DEC-11] that holds says what was decided, where, by whom and by how many', async () => {
    const [client] = sample.committee.keys;
    expect(await verify(sample.text)).toEqual({
      valid: true,
      reason: null,
      claim: {
        ...{
          boardId: sample.committee.board,
          creator: sample.genesis.creator,
          committee: sample.committee.digest,
        },
        ...{
          epoch: 0,
          resets: 0,
          view: 5,
          n: 4,
          f: 1,
          quorum: 3,
          primary: 1,
          sequence: 12,
          place: 2,
          batch: 3,
        },
        peerId: client,
        kind: 'changeRole',
        summary: `tab ${client?.slice(0, 8) ?? ''} makes member ${memberOf('bo').slice(0, 8)} viewer`,
        signers: [0, 1, 2].map((seat) => ({ seat, key: sample.committee.keys[seat] })),
      },
    });
  });

  it('[DEC-11] with one byte altered proves nothing, with the reason', async () => {
    const { text } = sample;
    const altered = (at: number): string =>
      text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1);
    const end = text.lastIndexOf('"');
    const reasons = new Set<string | null>();
    for (let at = end - 1; at > end - 400; at -= 7) {
      const { claim, reason, valid } = await verify(altered(at));
      expect([valid, claim]).toEqual([false, null]);
      reasons.add(reason);
    }
    expect([...reasons].sort()).toContain('badSignature');
    expect((await verify(altered(3))).reason).toBe('notACertificate');
    expect((await verify('')).reason).toBe('notACertificate');
    expect((await verify(altered(text.indexOf('"genesis": "') + 20))).reason).toBe('badGenesis');
  });

  it('[DEC-11] has words for every reason', () => {
    for (const code of Object.keys(REASONS))
      expect(decisionTexts.reasonOf(code)).not.toBe(
        decisionTexts.reasonOf('unheard of').replace('unheard of', code),
      );
  });
});
