/** Capabilities, proofs and their judgement. Rules of docs/spec/identity.md. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/kernel/bytes.ts';
import { decodeWith, encodeWith } from '../../../src/kernel/codec.ts';
import type { MemberId } from '../../../src/kernel/ids.ts';
import { ok, refuse } from '../../../src/kernel/result.ts';
import {
  admissionChecks,
  admissionToSign,
  capabilityCheck,
  capabilityCodec,
  capabilityToSign,
  judgeAdmission,
  MAX_INVITE_USES,
  MAX_PREVIEW_TITLE_BYTES,
  type Admission,
  type AdmissionContext,
  type AdmissionRefusal,
  type Capability,
} from '../../../src/identity/admission.ts';
import { MAX_NAME_BYTES } from '../../../src/identity/peer-certificate.ts';
import type { InvitableRole, Role } from '../../../src/identity/roles.ts';
import { ADA, ADMISSION, anyCapability, BEA, BOARD, CAPABILITY, key, OTHER_BOARD } from './sample-records.ts';

const EXPIRY = CAPABILITY.expiresAt ?? 0;

const contextWith = (rest: Partial<AdmissionContext> = {}): AdmissionContext => ({
  board: BOARD,
  roleOf: (member) => (member === ADA ? 'owner' : undefined),
  isRevoked: () => false,
  admittedBy: () => 0,
  wallMs: EXPIRY - 1,
  ...rest,
});

const withCapability = (change: Partial<Capability>): Admission => ({
  ...ADMISSION,
  capability: { ...CAPABILITY, ...change },
});

describe('a capability', () => {
  it('[IDN-3] is read as it was written', () => {
    const property = fc.property(anyCapability, (capability) => {
      const bytes = encodeWith(capabilityCodec, capability);
      expect(decodeWith(capabilityCodec, bytes)).toEqual({ ok: true, value: capability });
    });
    fc.assert(property, { seed: 104, numRuns: 200 });
  });

  it('[IDN-3] is signed by its issuer, over every field', () => {
    const check = capabilityCheck(CAPABILITY);
    expect(check.signer).toBe(CAPABILITY.issuer);
    expect(toHex(check.signature)).toBe(toHex(CAPABILITY.signature));
    const changes: readonly Partial<Capability>[] = [
      { board: OTHER_BOARD },
      { issuer: BEA },
      { inviteKey: key('another invite') },
      { role: 'agent' },
      { uses: 6 },
      { expiresAt: EXPIRY + 1 },
      { expiresAt: undefined },
      { boardTitle: 'Gardens' },
      { issuerName: 'Ado' },
      { boardTitle: 'GardenA', issuerName: 'da' },
    ];
    const bodies = changes.map((change) => toHex(capabilityToSign({ ...CAPABILITY, ...change })));
    expect(new Set([toHex(check.body), ...bodies]).size).toBe(changes.length + 1);
    expect(toHex(capabilityToSign({ ...CAPABILITY, ...{ signature: key('x') } }))).toBe(toHex(check.body));
  });

  it('[IDN-3] cannot say more than its bounds', () => {
    const longest = {
      uses: MAX_INVITE_USES,
      boardTitle: 'x'.repeat(MAX_PREVIEW_TITLE_BYTES),
      issuerName: 'x'.repeat(MAX_NAME_BYTES),
    };
    expect(encodeWith(capabilityCodec, { ...CAPABILITY, ...longest }).length).toBeGreaterThan(600);
    const wrong: readonly Partial<Capability>[] = [
      { uses: longest.uses + 1 },
      { boardTitle: `${longest.boardTitle}x` },
      { issuerName: `${longest.issuerName}x` },
    ];
    for (const change of wrong)
      expect(() => encodeWith(capabilityCodec, { ...CAPABILITY, ...change })).toThrow();
  });

  it('[IDN-7] has no way to give ownership', () => {
    const owner = { ...CAPABILITY, role: 'owner' as InvitableRole };
    expect(() => encodeWith(capabilityCodec, owner)).toThrow();
    const bytes = encodeWith(capabilityCodec, CAPABILITY);
    const roleAt = 96; // behind board, issuer and invite key
    const roles = Array.from({ length: 128 }, (_, place) => {
      bytes[roleAt] = place;
      const read = decodeWith(capabilityCodec, bytes);
      return read.ok ? read.value.role : read.code;
    });
    expect(new Set(roles)).toEqual(new Set(['editor', 'viewer', 'agent', 'badValue']));
    expect(roles.filter((role) => role !== 'badValue')).toEqual(['editor', 'viewer', 'agent']);
  });
});

describe('an admission', () => {
  it('[IDN-4] is proven for one member and one board', () => {
    const bodies = [
      admissionToSign(BOARD, BEA),
      admissionToSign(BOARD, ADA),
      admissionToSign(OTHER_BOARD, BEA),
      admissionToSign(BEA as string as typeof BOARD, BOARD as string as MemberId),
    ].map(toHex);
    expect(new Set(bodies).size).toBe(4);
    const proofBody = (admission: Admission): string => toHex(admissionChecks(admission)[1]?.body ?? key(''));
    expect(proofBody(ADMISSION)).toBe(bodies[0]);
    expect(proofBody({ ...ADMISSION, member: ADA })).toBe(bodies[1]);
    expect(proofBody(withCapability({ board: OTHER_BOARD }))).toBe(bodies[2]);
  });
});

describe('judging an admission', () => {
  const faults: readonly [AdmissionRefusal, Partial<AdmissionContext>][] = [
    ['inviteWrongBoard', { board: OTHER_BOARD }],
    ['inviteUnknownIssuer', { roleOf: () => undefined }],
    ['inviteRoleNotAllowed', { roleOf: () => 'viewer' }],
    ['inviteExpired', { wallMs: EXPIRY }],
    ['inviteUsedUp', { admittedBy: () => CAPABILITY.uses }],
  ];

  it.each(faults)('[IDN-5] refuses as %s', (code, fault) => {
    expect(judgeAdmission(ADMISSION, contextWith(fault))).toEqual(refuse(code));
  });

  it('[IDN-5] of several faults names the first', () => {
    for (let chosen = 1; chosen < 1 << faults.length; chosen++) {
      // Later faults first, so that of the two that concern the issuer the one that hides the other is kept.
      const present = faults.filter((_, place) => (chosen & (1 << place)) !== 0);
      const context = contextWith(
        Object.assign({}, ...present.toReversed().map(([, fault]) => fault)) as Partial<AdmissionContext>,
      );
      expect(judgeAdmission(ADMISSION, context)).toEqual(refuse(present[0]?.[0] ?? ''));
    }
  });

  it('[IDN-5] expires at the moment written down, or never', () => {
    const at = (wallMs: number, expiresAt: number | undefined): unknown =>
      judgeAdmission(withCapability({ expiresAt }), contextWith({ wallMs }));
    expect(at(EXPIRY - 1, EXPIRY)).toEqual(ok('editor'));
    expect(at(EXPIRY, EXPIRY)).toEqual(refuse('inviteExpired'));
    expect(at(EXPIRY + 1, EXPIRY)).toEqual(refuse('inviteExpired'));
    expect(at(0, 0)).toEqual(refuse('inviteExpired'));
    expect(at(Number.MAX_SAFE_INTEGER, undefined)).toEqual(ok('editor'));
  });

  it('[IDN-6] as history never expires, and is judged in all else', () => {
    const history = contextWith({ wallMs: undefined });
    expect(judgeAdmission(withCapability({ expiresAt: 0 }), history)).toEqual(ok('editor'));
    for (const [code, fault] of faults.filter(([each]) => each !== 'inviteExpired'))
      expect(judgeAdmission(ADMISSION, { ...history, ...fault })).toEqual(refuse(code));
  });

  it('[IDN-7] asks what the issuer may give', () => {
    const given = (issuer: Role, role: InvitableRole): boolean =>
      judgeAdmission(withCapability({ role }), contextWith({ roleOf: () => issuer })).ok;
    expect(given('editor', 'editor')).toBe(true);
    expect(given('viewer', 'viewer')).toBe(true);
    expect(given('viewer', 'agent')).toBe(false);
    expect(given('agent', 'viewer')).toBe(false);
  });
});
