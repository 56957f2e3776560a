import { describe, expect, it } from 'vitest';
import { admissionCodec, type Admission } from '../../../src/identity/admission.ts';
import { peerCertificateCodec, type PeerCertificate } from '../../../src/identity/peer-certificate.ts';
import { toHex, type Bytes } from '../../../src/kernel/bytes.ts';
import { encodeWith } from '../../../src/kernel/codec.ts';
import type { Hash, PeerId } from '../../../src/kernel/ids.ts';
import { MAX_CREDENTIAL } from '../../../src/node/limits.ts';
import { entryChecks, Roster } from '../../../src/node/roster.ts';
import type { Past } from '../../../src/replication/causal-past.ts';
import { NO_HASH, type Entry, type EntryKind } from '../../../src/replication/entry.ts';
import {
  admissionOf,
  BOARD,
  capabilityOf,
  certificateOf,
  GENESIS,
  inviteKeyOf,
  KEYS,
  memberOf,
  peerOf,
} from '../identity/records.ts';

function entry(author: PeerId, seq: number, kind: EntryKind, payload: Bytes): Entry {
  return {
    author,
    session: 1,
    seq,
    previous: NO_HASH,
    heads: [],
    epoch: 0,
    wallMs: 0,
    kind,
    payload,
    hash: `${author.slice(0, 56)}${seq.toString(16).padStart(8, '0')}` as Hash,
    signature: new Uint8Array(64),
    bytes: new Uint8Array(),
  };
}

const claimOf = (certificate: PeerCertificate, seq = 1): Entry =>
  entry(certificate.peer, seq, 'claim', encodeWith(peerCertificateCodec, certificate));
const admitBy = (author: PeerId, seq: number, admission: Admission): Entry =>
  entry(author, seq, 'admit', encodeWith(admissionCodec, admission));
const updateBy = (author: PeerId, seq = 2): Entry => entry(author, seq, 'update', new Uint8Array([0, 0]));

/** A past that has everything, or nothing but what is listed. */
const EVERYTHING: Past = { has: () => true, reach: () => 1_000_000 };
const only = (counts: Readonly<Record<string, number>>): Past => ({
  has: (hash) => {
    const of = Object.keys(counts).find((author) => author.startsWith(hash.slice(0, 56)));
    return parseInt(hash.slice(56), 16) <= (counts[of ?? ''] ?? 0);
  },
  reach: () => 0,
});

const ADA = certificateOf('ada');
const BO = certificateOf('bo');

function founded(): Roster {
  const roster = new Roster(BOARD, memberOf('ada'), GENESIS);
  roster.applied(claimOf(ADA), EVERYTHING);
  return roster;
}

describe('the roster', () => {
  it('[NOD-12] begins with the creator as owner', () => {
    const roster = founded();
    expect(roster.roleOf(memberOf('ada'))).toBe('owner');
    expect(roster.memberOf(ADA.peer)).toBe(memberOf('ada'));
    expect(roster.roleOf(memberOf('bo'))).toBeUndefined();
    expect(new Roster(BOARD, memberOf('bo'), undefined).members()).toEqual([]);
    expect(roster.isOurs(ADA.peer)).toBe(true);
    expect(roster.isElsewhere(ADA.peer)).toBe(false);
    expect(roster.isElsewhere(BO.peer)).toBe(false);
  });

  it('[NOD-12] gives members the strongest role that an admission gave', () => {
    const roster = founded();
    const give = (seq: number, role: 'viewer' | 'editor' | 'agent'): void =>
      roster.applied(admitBy(ADA.peer, seq, admissionOf('bo', capabilityOf('ada', { role }))), EVERYTHING);
    give(2, 'viewer');
    expect(roster.roleOf(memberOf('bo'))).toBe('viewer');
    give(3, 'editor');
    give(4, 'agent');
    expect(roster.roleOf(memberOf('bo'))).toBe('editor');
    roster.applied(claimOf(BO), EVERYTHING);
    expect(roster.members().find(({ member }) => member === memberOf('bo'))).toMatchObject({
      name: 'bo',
      role: 'editor',
    });
    expect(roster.isElsewhere(BO.peer)).toBe(true);
  });

  it("[NOD-12] judges claims: the certificate is the peer's own, of a member, and always of the same one", () => {
    const roster = founded();
    const judge = (one: Entry, opening = one): unknown => roster.judge(one, EVERYTHING, opening);
    expect(judge(claimOf(ADA))).toMatchObject({ ok: true });
    expect(judge(claimOf(BO))).toEqual({ ok: false, code: 'authorUnknown' });
    expect(judge({ ...claimOf(ADA), author: BO.peer })).toEqual({ ok: false, code: 'claimInvalid' });
    expect(judge({ ...claimOf(ADA), payload: new Uint8Array(3) })).toEqual({
      ok: false,
      code: 'claimInvalid',
    });
    roster.applied(admitBy(ADA.peer, 2, admissionOf('bo', capabilityOf('ada'))), EVERYTHING);
    expect(judge(claimOf(BO))).toMatchObject({ ok: true });
    const turncoat = certificateOf('bo', 'ada');
    expect(judge(claimOf(turncoat, 2), claimOf(ADA))).toEqual({ ok: false, code: 'claimInvalid' });
  });

  it('[NOD-12] judges entries by the role in their own past', () => {
    const roster = founded();
    roster.applied(
      admitBy(ADA.peer, 2, admissionOf('bo', capabilityOf('ada', { role: 'viewer' }))),
      EVERYTHING,
    );
    roster.applied(claimOf(BO), EVERYTHING);
    roster.applied(
      admitBy(ADA.peer, 7, admissionOf('bo', capabilityOf('ada', { role: 'editor' }))),
      EVERYTHING,
    );
    const at = (count: number): unknown =>
      roster.judge(updateBy(BO.peer), only({ [ADA.peer]: count, [BO.peer]: 1 }), claimOf(BO));
    expect(at(1)).toEqual({ ok: false, code: 'authorUnknown' });
    expect(at(2)).toEqual({ ok: false, code: 'authorRole' });
    expect(at(6)).toEqual({ ok: false, code: 'authorRole' });
    expect(at(7)).toMatchObject({ ok: true });
    expect(roster.judge(claimOf(BO), only({ [ADA.peer]: 1 }), claimOf(BO))).toEqual({
      ok: false,
      code: 'authorUnknown',
    });
    expect(roster.judge(updateBy(peerOf('eve')), EVERYTHING, updateBy(peerOf('eve')))).toEqual({
      ok: false,
      code: 'authorUnknown',
    });
    expect(
      roster.judge({ ...updateBy(BO.peer), kind: 'part' }, only({ [ADA.peer]: 2 }), claimOf(BO)),
    ).toEqual({
      ok: false,
      code: 'authorRole',
    });
  });

  it("[NOD-12] judges admissions by the issuer's role in their past, expiry and uses aside", () => {
    const roster = founded();
    roster.applied(
      admitBy(ADA.peer, 2, admissionOf('bo', capabilityOf('ada', { role: 'viewer' }))),
      EVERYTHING,
    );
    roster.applied(claimOf(BO), EVERYTHING);
    const judge = (admission: Admission, past: Past = EVERYTHING): boolean =>
      roster.judge(admitBy(ADA.peer, 3, admission), past, claimOf(ADA)).ok;
    expect(judge(admissionOf('cy', capabilityOf('ada', { expiresAt: 1, uses: 1 })))).toBe(true);
    expect(judge(admissionOf('cy', capabilityOf('bo', { role: 'viewer' })))).toBe(true);
    expect(judge(admissionOf('cy', capabilityOf('bo', { role: 'editor' })))).toBe(false);
    expect(judge(admissionOf('cy', capabilityOf('bo', { role: 'viewer' })), only({ [ADA.peer]: 1 }))).toBe(
      false,
    );
    expect(judge(admissionOf('cy', capabilityOf('eve')))).toBe(false);
    expect(roster.judge(entry(ADA.peer, 3, 'admit', new Uint8Array(2)), EVERYTHING, claimOf(ADA))).toEqual({
      ok: false,
      code: 'admissionInvalid',
    });
    // Anybody who belongs may write an admission down, a viewer too.
    const byViewer = admitBy(BO.peer, 2, admissionOf('cy', capabilityOf('ada')));
    expect(roster.judge(byViewer, EVERYTHING, claimOf(BO)).ok).toBe(true);
  });

  it('[NOD-13] counts uses of an invite, those under way included, the applicant aside', () => {
    const roster = founded();
    const key = toHex(inviteKeyOf('first'));
    roster.applied(admitBy(ADA.peer, 2, admissionOf('bo', capabilityOf('ada'))), EVERYTHING);
    roster.applied(admitBy(ADA.peer, 3, admissionOf('bo', capabilityOf('ada'))), EVERYTHING);
    expect(roster.admittedBy(key, memberOf('cy'))).toBe(1);
    expect(roster.admittedBy(key, memberOf('bo'))).toBe(0);
    roster.reserve(admissionOf('cy', capabilityOf('ada')));
    expect(roster.admittedBy(key, memberOf('di'))).toBe(2);
    expect(roster.roleOf(memberOf('cy'))).toBeUndefined();
    expect(roster.admittedBy(toHex(inviteKeyOf('other')), memberOf('di'))).toBe(0);
  });

  it('[NOD-6] leads from the creator to a member by a chain of admissions, of bounded length', () => {
    const roster = founded();
    const names = Array.from({ length: MAX_CREDENTIAL + 4 }, (_, i) => `member ${i}`);
    for (const [i, name] of names.entries()) {
      const issuer = i === 0 ? 'ada' : (names[i - 1] ?? '');
      roster.applied(admitBy(ADA.peer, i + 2, admissionOf(name, capabilityOf(issuer))), EVERYTHING);
    }
    expect(roster.credentialOf(memberOf('ada'))).toEqual([]);
    expect(roster.credentialOf(memberOf('eve'))).toEqual([]);
    expect(roster.credentialOf(memberOf('member 2')).map(({ member }) => member)).toEqual(
      names.slice(0, 3).map(memberOf),
    );
    expect(roster.credentialOf(memberOf(names.at(-1) ?? '')).length).toBe(MAX_CREDENTIAL);
  });

  it('[NOD-17] asks for every signature in and of an entry', () => {
    const admission = admissionOf('bo', capabilityOf('ada'));
    expect(entryChecks(updateBy(ADA.peer)).map(({ signer }) => signer)).toEqual([ADA.peer]);
    expect(entryChecks(claimOf(ADA)).map(({ signer }) => signer)).toEqual([ADA.peer, memberOf('ada')]);
    expect(entryChecks(admitBy(ADA.peer, 2, admission)).map(({ signer }) => signer)).toEqual([
      ADA.peer,
      memberOf('ada'),
      toHex(inviteKeyOf('first')),
    ]);
    expect(KEYS.holds(entryChecks(claimOf(ADA)).slice(1))).toBe(true);
    expect(entryChecks(entry(ADA.peer, 1, 'claim', new Uint8Array(1))).length).toBe(1);
  });
});
