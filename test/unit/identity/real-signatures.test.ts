/** Real Ed25519 signatures outside the purpose they were made for. Rules of docs/spec/identity.md. */
import { beforeAll, describe, expect, it } from 'vitest';
import { equalBytes } from '../../../src/kernel/bytes.ts';
import type { SignerPort } from '../../../src/kernel/ports.ts';
import type { Result } from '../../../src/kernel/result.ts';
import { capabilityCheck } from '../../../src/identity/admission.ts';
import { boardIdOf, genesisCheck, type Genesis } from '../../../src/identity/genesis.ts';
import { parseInviteLink, type Invite } from '../../../src/identity/invite-link.ts';
import { linkProofToSign, type LinkProofBody } from '../../../src/identity/link-proof.ts';
import { peerCertificateCheck } from '../../../src/identity/peer-certificate.ts';
import {
  createVerifier,
  generateKeyPair,
  memberSignerFrom,
  signerFrom,
  type MemberSigner,
} from '../../../src/runtime/crypto.ts';
import {
  createGenesis,
  createInvite,
  generateBoardSecret,
  issuePeerCertificate,
} from '../../../src/runtime/identity-service.ts';
import { LINK_PROOF } from './sample-records.ts';

const verifier = createVerifier();

function valueOf<Value>(result: Result<Value, string>): Value {
  if (!result.ok) expect.fail(result.code);
  return result.value;
}

describe('with real keys', () => {
  let creator: MemberSigner;
  let tab: SignerPort;
  let genesis: Genesis;
  let invite: Invite;

  beforeAll(async () => {
    creator = await memberSignerFrom(await generateKeyPair());
    tab = await signerFrom(await generateKeyPair());
    genesis = valueOf(await createGenesis(creator, { electorate: 'member', wallMs: 1_760_000_000_000 }));
    const made = await createInvite(creator, {
      boardId: boardIdOf(genesis),
      boardSecret: generateBoardSecret(),
      role: 'agent',
      uses: 2,
      expiresAt: undefined,
      boardTitle: 'Garden',
      issuerName: 'Ada',
    });
    invite = valueOf(parseInviteLink(valueOf(made).fragment));
  });

  it('[IDN-10] a link proof holds for the connection it was made for alone', async () => {
    const body: LinkProofBody = { ...LINK_PROOF, initiator: tab.peerId };
    const signature = await tab.sign(linkProofToSign(body));
    const holds = (said: LinkProofBody): Promise<boolean> =>
      verifier.verifyAll([{ signer: tab.peerId, body: linkProofToSign(said), signature }]);
    expect(await holds(body)).toBe(true);
    expect(await holds({ ...body, byInitiator: false })).toBe(false);
    expect(await holds({ ...body, responderFingerprint: 'SHA-256 CC:DE' })).toBe(false);
    expect(await holds({ ...body, attempt: new Uint8Array(8) })).toBe(false);
  });

  it('[IDN-1] a signature made for one purpose holds for no other', async () => {
    const certificate = valueOf(
      await issuePeerCertificate(creator, { peer: tab.peerId, slot: 0, name: 'Ada' }),
    );
    const checks = [
      genesisCheck(genesis),
      peerCertificateCheck(certificate),
      capabilityCheck(invite.capability),
    ];
    for (const body of checks.map((check) => check.body))
      for (const signed of checks) {
        const isItsOwn = equalBytes(signed.body, body);
        expect(await verifier.verifyAll([{ ...signed, body }])).toBe(isItsOwn);
      }
  });
});
