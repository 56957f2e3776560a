import { describe, expect, it } from 'vitest';
import { admissionChecks, judgeAdmission, type AdmissionContext } from '../../../src/identity/admission.ts';
import {
  INVITABLE_ROLES,
  mayEdit,
  mayInvite,
  ROLES,
  strongerRole,
  type Role,
} from '../../../src/identity/roles.ts';
import { toHex } from '../../../src/kernel/bytes.ts';
import type { BoardId, MemberId } from '../../../src/kernel/ids.ts';
import { admissionOf, BOARD, capabilityOf, inviteKeyOf, KEYS, memberOf, NOW } from './records.ts';

function judge(
  admission: ReturnType<typeof admissionOf>,
  changes: Partial<AdmissionContext> = {},
  roles: Readonly<Record<string, Role>> = { ada: 'owner' },
): string {
  const byMember = new Map<MemberId, Role>(
    Object.entries(roles).map(([name, role]) => [memberOf(name), role]),
  );
  const judged = judgeAdmission(admission, {
    board: BOARD,
    roleOf: (member) => byMember.get(member),
    isRevoked: () => false,
    admittedBy: () => 0,
    wallMs: NOW,
    ...changes,
  });
  return judged.ok ? judged.value : judged.code;
}

describe('admissions', () => {
  it("[IDN-4] need the issuer's signature and the invite key's", () => {
    const admission = admissionOf('bo', capabilityOf('ada'));
    const checks = admissionChecks(admission);
    expect(checks.map(({ signer }) => signer)).toEqual([memberOf('ada'), toHex(inviteKeyOf('first'))]);
    expect(KEYS.holds(checks)).toBe(true);
    const stolen = { ...admission, member: memberOf('eve') };
    expect(KEYS.holds(admissionChecks(stolen))).toBe(false);
    const relabelled = { ...admission, capability: { ...admission.capability, uses: 1000 } };
    expect(KEYS.holds(admissionChecks(relabelled))).toBe(false);
    const elsewhere = admissionOf('bo', capabilityOf('ada', { board: 'b1'.repeat(32) as BoardId }));
    expect(elsewhere.proof).not.toEqual(admission.proof);
  });

  const day = 86_400_000;
  it.each([
    ['editor', admissionOf('bo', capabilityOf('ada'))],
    ['viewer', admissionOf('bo', capabilityOf('ada', { role: 'viewer' }))],
    ['agent', admissionOf('bo', capabilityOf('ada', { role: 'agent' }))],
    ['inviteWrongBoard', admissionOf('bo', capabilityOf('ada', { board: 'b1'.repeat(32) as BoardId }))],
    ['inviteUnknownIssuer', admissionOf('bo', capabilityOf('eve'))],
    ['editor', admissionOf('bo', capabilityOf('ada', { expiresAt: NOW + 1 }))],
    ['inviteExpired', admissionOf('bo', capabilityOf('ada', { expiresAt: NOW }))],
    ['inviteExpired', admissionOf('bo', capabilityOf('ada', { expiresAt: NOW - day }))],
    ['inviteExpired', admissionOf('bo', capabilityOf('ada', { expiresAt: 0 }))],
    ['inviteUsedUp', admissionOf('bo', capabilityOf('ada', { uses: 0 }))],
  ])('[IDN-5] lead to %s', (verdict, admission) => {
    expect(judge(admission)).toBe(verdict);
  });

  it('[IDN-5] are refused by the first thing that is wrong', () => {
    const board = 'b1'.repeat(32) as BoardId;
    const all = capabilityOf('eve', { board, expiresAt: 0, uses: 0, role: 'editor' });
    expect(judge(admissionOf('bo', all))).toBe('inviteWrongBoard');
    expect(judge(admissionOf('bo', { ...all, board: BOARD }))).toBe('inviteUnknownIssuer');
    expect(judge(admissionOf('bo', { ...all, board: BOARD }), {}, { eve: 'viewer' })).toBe(
      'inviteRoleNotAllowed',
    );
    expect(judge(admissionOf('bo', { ...all, board: BOARD }), {}, { eve: 'editor' })).toBe('inviteExpired');
    const used = { ...all, board: BOARD, expiresAt: undefined };
    expect(judge(admissionOf('bo', used), {}, { eve: 'editor' })).toBe('inviteUsedUp');
  });

  it('[IDN-5] count the members admitted by the same key, the applicant aside', () => {
    const admission = admissionOf('bo', capabilityOf('ada', { uses: 2 }));
    const asked: [string, MemberId][] = [];
    const admitted = (count: number): Partial<AdmissionContext> => ({
      admittedBy: (inviteKey, except) => {
        asked.push([inviteKey, except]);
        return count;
      },
    });
    expect(judge(admission, admitted(1))).toBe('editor');
    expect(judge(admission, admitted(2))).toBe('inviteUsedUp');
    expect(asked[0]).toEqual([toHex(inviteKeyOf('first')), memberOf('bo')]);
  });

  it('[IDN-6] do not expire as history', () => {
    const admission = admissionOf('bo', capabilityOf('ada', { expiresAt: 1 }));
    expect(judge(admission, { wallMs: undefined })).toBe('editor');
  });
});

describe('roles', () => {
  it('[IDN-7] may edit, viewers aside', () => {
    expect(ROLES.filter(mayEdit)).toEqual(['owner', 'editor', 'agent']);
  });

  it('[IDN-7] hand on no more than they have', () => {
    const table = Object.fromEntries(
      ROLES.map((issuer) => [issuer, INVITABLE_ROLES.filter((given) => mayInvite(issuer, given))]),
    );
    expect(table).toEqual({
      owner: ['editor', 'viewer', 'agent'],
      editor: ['editor', 'viewer', 'agent'],
      viewer: ['viewer'],
      agent: [],
    });
    expect(INVITABLE_ROLES).not.toContain('owner');
  });

  it('[IDN-7] are ordered by strength', () => {
    const order: Role[] = ['owner', 'editor', 'agent', 'viewer'];
    for (const [i, strong] of order.entries())
      for (const weak of order.slice(i)) {
        expect(strongerRole(strong, weak)).toBe(strong);
        expect(strongerRole(weak, strong)).toBe(strong);
      }
  });
});
