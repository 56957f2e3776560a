import { describe, expect, it } from 'vitest';
import {
  admissionChecks,
  admissionCodec,
  admissionToSign,
  capabilityToSign,
  type Admission,
} from '../../../src/identity/admission.ts';
import { boardIdOf, genesisCheck, genesisCodec, genesisToSign } from '../../../src/identity/genesis.ts';
import { inviteFragment, parseInviteLink } from '../../../src/identity/invite-link.ts';
import {
  peerCertificateCheck,
  peerCertificateCodec,
  peerCertificateToSign,
} from '../../../src/identity/peer-certificate.ts';
import { decodeWith, encodeWith, type Codec } from '../../../src/kernel/codec.ts';
import type { SignatureCheck } from '../../../src/kernel/machine.ts';
import {
  createVerifier,
  generateInviteKey,
  generateKeyPair,
  memberSignerFrom,
  randomBytes,
  signerFrom,
  signWithSeed,
} from '../../../src/runtime/crypto.ts';

interface Signed<T> {
  readonly codec: Codec<T>;
  readonly value: T;
  readonly checks: (value: T) => readonly SignatureCheck[];
}

async function board(): Promise<{ all: Signed<unknown>[]; fragment: string; admission: Admission }> {
  const ada = await memberSignerFrom(await generateKeyPair());
  const bo = await memberSignerFrom(await generateKeyPair());
  const tab = await signerFrom(await generateKeyPair());
  const invite = await generateInviteKey();
  const body = {
    creator: ada.memberId,
    electorate: 'tab',
    createdAt: 1_700_000_000_000,
    nonce: randomBytes(16),
  } as const;
  const genesis = { ...body, signature: await ada.sign(genesisToSign(body)) };
  const claim = { member: ada.memberId, peer: tab.peerId, slot: 0, name: 'Ada' };
  const certificate = { ...claim, signature: await ada.sign(peerCertificateToSign(claim)) };
  const unsigned = {
    board: boardIdOf(genesis),
    issuer: ada.memberId,
    inviteKey: invite.publicKey,
    role: 'editor',
    uses: 3,
    expiresAt: undefined,
    boardTitle: 'Board',
    issuerName: 'Ada',
  } as const;
  const capability = { ...unsigned, signature: await ada.sign(capabilityToSign(unsigned)) };
  const fragment = inviteFragment({ boardSecret: randomBytes(32), inviteSeed: invite.seed, capability });
  const proof = await signWithSeed(invite.seed, admissionToSign(unsigned.board, bo.memberId));
  const admission = { capability, member: bo.memberId, proof };
  const signed = <T>(one: Signed<T>): Signed<unknown> => one as unknown as Signed<unknown>;
  const all = [
    signed({ codec: genesisCodec, value: genesis, checks: (value) => [genesisCheck(value)] }),
    signed({
      codec: peerCertificateCodec,
      value: certificate,
      checks: (value) => [peerCertificateCheck(value)],
    }),
    signed({ codec: admissionCodec, value: admission, checks: admissionChecks }),
  ];
  return { all, fragment, admission };
}

describe('with real Ed25519 keys', () => {
  it('[IDN-10] all records hold, and none does after a change', async () => {
    const { all } = await board();
    const verifier = createVerifier();
    for (const { codec, value, checks } of all) {
      expect(await verifier.verifyAll(checks(value))).toBe(true);
      const bytes = encodeWith(codec, value);
      const verdicts = await Promise.all(
        Array.from(bytes, async (byte, at) => {
          const changed = bytes.slice();
          changed[at] = byte ^ 1;
          const decoded = decodeWith(codec, changed);
          return decoded.ok && (await verifier.verifyAll(checks(decoded.value)));
        }),
      );
      expect(verdicts).not.toContain(true);
    }
  });

  it('[IDN-10] whoever reads the link can make the proof', async () => {
    const { fragment, admission } = await board();
    const parsed = parseInviteLink(`https://board.example/${fragment}`);
    if (!parsed.ok) throw new Error(parsed.code);
    const { inviteSeed, capability } = parsed.value;
    const cy = await memberSignerFrom(await generateKeyPair());
    const proof = await signWithSeed(inviteSeed, admissionToSign(capability.board, cy.memberId));
    const verifier = createVerifier();
    expect(await verifier.verifyAll(admissionChecks({ capability, member: cy.memberId, proof }))).toBe(true);
    expect(await verifier.verifyAll(admissionChecks({ ...admission, member: cy.memberId }))).toBe(false);
  });
});
