import { describe, expect, it, vi } from 'vitest';
import { equalBytes, toHex, type Bytes } from '../../../src/kernel/bytes.ts';
import type { BoardId, PeerId } from '../../../src/kernel/ids.ts';
import { refuse } from '../../../src/kernel/result.ts';
import {
  admissionChecks,
  judgeAdmission,
  MAX_INVITE_USES,
  MAX_PREVIEW_TITLE_BYTES,
} from '../../../src/identity/admission.ts';
import { boardIdOf, decodeGenesis, encodeGenesis, genesisCheck } from '../../../src/identity/genesis.ts';
import { parseInviteLink, type Invite } from '../../../src/identity/invite-link.ts';
import { MAX_NAME_BYTES, peerCertificateCheck } from '../../../src/identity/peer-certificate.ts';
import {
  createVerifier,
  generateKeyPair,
  memberSignerFrom,
  randomBytes,
  signerFrom,
  type MemberSigner,
} from '../../../src/runtime/crypto.ts';
import {
  createGenesis,
  createInvite,
  generateBoardSecret,
  issuePeerCertificate,
  redeemInvite,
  verifyInvite,
  type InviteOptions,
} from '../../../src/runtime/identity-service.ts';

const verifier = createVerifier();
const newMember = async (): Promise<MemberSigner> => memberSignerFrom(await generateKeyPair());
const board = 'ab'.repeat(32) as BoardId;

const inviteOptions = (rest: Partial<InviteOptions> = {}): InviteOptions => ({
  boardId: board,
  boardSecret: generateBoardSecret(),
  role: 'editor',
  uses: 5,
  expiresAt: 2_000_000_000_000,
  boardTitle: 'Garden',
  issuerName: 'Ada',
  ...rest,
});

async function makeInvite(
  issuer: MemberSigner,
  rest: Partial<InviteOptions> = {},
): Promise<{ invite: Invite; inviteKey: Bytes }> {
  const made = await createInvite(issuer, inviteOptions(rest));
  if (!made.ok) throw new Error(made.code);
  const parsed = parseInviteLink(`https://board.example/${made.value.fragment}`);
  if (!parsed.ok) throw new Error(parsed.code);
  return { invite: parsed.value, inviteKey: made.value.capability.inviteKey };
}

const broken: MemberSigner = {
  memberId: 'cd'.repeat(32) as MemberSigner['memberId'],
  sign: () => Promise.reject(new DOMException('no', 'OperationError')),
};

describe('signed records', () => {
  it('[KEY-16] a genesis verifies, has an id, and no two are alike', async () => {
    const creator = await newMember();
    const [first, second] = await Promise.all([
      createGenesis(creator, { electorate: 'tab', wallMs: 1234.5 }),
      createGenesis(creator, { electorate: 'tab', wallMs: 1234.5 }),
    ]);
    if (!first.ok || !second.ok) throw new Error('no genesis');
    expect(first.value).toMatchObject({ creator: creator.memberId, electorate: 'tab', createdAt: 1234 });
    expect(await verifier.verifyAll([genesisCheck(first.value)])).toBe(true);
    expect(boardIdOf(first.value)).not.toBe(boardIdOf(second.value));
    expect(decodeGenesis(encodeGenesis(first.value), boardIdOf(first.value)).ok).toBe(true);
  });

  it('[KEY-16] a peer certificate verifies; long names are cut between characters', async () => {
    const member = await newMember();
    const { peerId: peer } = await signerFrom(await generateKeyPair());
    const name = '\u{1f600}'.repeat(100);
    const certificate = await issuePeerCertificate(member, { peer, slot: 3, name });
    if (!certificate.ok) throw new Error(certificate.code);
    expect(await verifier.verifyAll([peerCertificateCheck(certificate.value)])).toBe(true);
    expect(certificate.value).toMatchObject({ member: member.memberId, peer, slot: 3 });
    expect(certificate.value.name).toBe('\u{1f600}'.repeat(MAX_NAME_BYTES / 4));
    const odd = await issuePeerCertificate(member, { peer, slot: undefined, name: 'a\ud800' });
    expect(odd.ok && odd.value.name).toBe('a\ufffd');
    expect(odd.ok && (await verifier.verifyAll([peerCertificateCheck(odd.value)]))).toBe(true);
  });

  it('[KEY-16] a signature that the platform refuses is a coded failure', async () => {
    expect(await createGenesis(broken, { electorate: 'tab', wallMs: 1 })).toEqual(refuse('signingFailed'));
    const tab = { peer: 'ef'.repeat(32) as PeerId, slot: 0, name: 'Ada' };
    expect(await issuePeerCertificate(broken, tab)).toEqual(refuse('signingFailed'));
    expect(await createInvite(broken, inviteOptions())).toEqual(refuse('signingFailed'));
  });
});

describe('invites', () => {
  it('[KEY-17] a link made here is read, verified, redeemed and admitted', async () => {
    const [issuer, joiner] = await Promise.all([newMember(), newMember()]);
    const { invite, inviteKey } = await makeInvite(issuer);
    const preview = await verifyInvite(verifier, invite);
    expect(preview.ok && preview.value).toMatchObject({
      boardTitle: 'Garden',
      issuerName: 'Ada',
      role: 'editor',
    });
    const admission = await redeemInvite(verifier, invite, joiner.memberId);
    if (!admission.ok) throw new Error(admission.code);
    expect(await verifier.verifyAll(admissionChecks(admission.value))).toBe(true);
    const judged = judgeAdmission(admission.value, {
      board,
      roleOf: (member) => (member === issuer.memberId ? 'owner' : undefined),
      isRevoked: () => false,
      admittedBy: (key) => (key === toHex(inviteKey) ? 4 : 99),
      wallMs: 1_999_999_999_999,
    });
    expect(judged).toEqual({ ok: true, value: 'editor' });
  });

  it('[KEY-17] an admission proves one member and no other', async () => {
    const [issuer, joiner, thief] = await Promise.all([newMember(), newMember(), newMember()]);
    const admission = await redeemInvite(verifier, (await makeInvite(issuer)).invite, joiner.memberId);
    if (!admission.ok) throw new Error(admission.code);
    const stolen = { ...admission.value, member: thief.memberId };
    expect(await verifier.verifyAll(admissionChecks(stolen))).toBe(false);
  });

  it('[KEY-18] a link whose words or key were changed is forged', async () => {
    const issuer = await newMember();
    const { invite } = await makeInvite(issuer);
    const other = (await makeInvite(issuer)).invite;
    const { capability } = invite;
    const forgeries: Invite[] = [
      { ...invite, capability: { ...capability, role: 'agent' } },
      { ...invite, capability: { ...capability, uses: 500 } },
      { ...invite, capability: { ...capability, expiresAt: undefined } },
      { ...invite, capability: { ...capability, boardTitle: 'Bank' } },
      { ...invite, capability: { ...capability, board: 'cd'.repeat(32) as BoardId } },
      { ...invite, capability: { ...capability, issuer: (await newMember()).memberId } },
      { ...invite, capability: { ...capability, inviteKey: randomBytes(32) } },
      { ...invite, inviteSeed: other.inviteSeed },
      { ...invite, inviteSeed: randomBytes(32) },
    ];
    const member = (await newMember()).memberId;
    for (const forgery of forgeries) {
      expect(await verifyInvite(verifier, forgery)).toEqual(refuse('inviteForged'));
      expect(await redeemInvite(verifier, forgery, member)).toEqual(refuse('inviteForged'));
    }
    expect((await verifyInvite(verifier, invite)).ok).toBe(true);
  });

  it('[KEY-18] a forged link is never signed for', async () => {
    const { invite } = await makeInvite(await newMember());
    const sign = vi.spyOn(crypto.subtle, 'sign');
    const forged = { ...invite, capability: { ...invite.capability, role: 'agent' as const } };
    await redeemInvite(verifier, forged, (await newMember()).memberId);
    expect(sign).not.toHaveBeenCalled();
    sign.mockRestore();
  });

  it('[KEY-19] no copy of an invite key is left behind', async () => {
    const { invite } = await makeInvite(await newMember());
    const wrapped: Bytes[] = [];
    const importKey = crypto.subtle.importKey.bind(crypto.subtle);
    const spy = vi.spyOn(crypto.subtle, 'importKey').mockImplementation(((
      ...args: Parameters<typeof importKey>
    ) => {
      if ((args[0] as string) === 'pkcs8') {
        wrapped.push(args[1] as unknown as Bytes);
        expect(args[3]).toBe(false);
      }
      return importKey(...args);
    }) as typeof importKey);
    await redeemInvite(verifier, invite, (await newMember()).memberId);
    spy.mockRestore();
    expect(wrapped).toHaveLength(1);
    expect(wrapped.every((bytes) => equalBytes(bytes, new Uint8Array(bytes.length)))).toBe(true);
  });

  it('[KEY-20] refuses uses and expiries that a link cannot carry, and cuts texts', async () => {
    const issuer = await newMember();
    for (const uses of [0, -1, 1.5, MAX_INVITE_USES + 1, NaN, Infinity])
      expect(await createInvite(issuer, inviteOptions({ uses }))).toEqual(refuse('badInvite'));
    for (const expiresAt of [-1, 0.5, NaN, Infinity])
      expect(await createInvite(issuer, inviteOptions({ expiresAt }))).toEqual(refuse('badInvite'));
    const { invite } = await makeInvite(issuer, {
      uses: MAX_INVITE_USES,
      expiresAt: undefined,
      boardTitle: `x${'\u00e9'.repeat(200)}`,
    });
    expect(invite.capability.boardTitle).toBe(`x${'\u00e9'.repeat(MAX_PREVIEW_TITLE_BYTES / 2 - 1)}`);
    expect((await verifyInvite(verifier, invite)).ok).toBe(true);
  });
});
