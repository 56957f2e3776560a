/** Signed identity records of one small board, with any means of signing. */
import { boardIdOf, genesisToSign, type Genesis } from '../../../src/identity/genesis.ts';
import {
  admissionToSign,
  capabilityToSign,
  type Admission,
  type Capability,
  type UnsignedCapability,
} from '../../../src/identity/admission.ts';
import { peerCertificateToSign, type PeerCertificate } from '../../../src/identity/peer-certificate.ts';
import { toHex, type Bytes } from '../../../src/kernel/bytes.ts';
import {
  memberIdFrom,
  peerIdFrom,
  type BoardId,
  type MemberId,
  type PeerId,
} from '../../../src/kernel/ids.ts';
import { randomFrom } from '../../../src/kernel/random.ts';
import { SimKeys } from '../../../src/sim/sim-keys.ts';

export const KEYS = new SimKeys(randomFrom('keys of the identity tests'));
export const NOW = 1_700_000_000_000;

export const memberOf = (name: string): MemberId => memberIdFrom(KEYS.publicKey(`member ${name}`));
export const peerOf = (name: string): PeerId => peerIdFrom(KEYS.publicKey(`peer ${name}`));
export const inviteKeyOf = (name: string): Bytes => KEYS.publicKey(`invite ${name}`);

export function genesisBy(creator: string, changes: Partial<Genesis> = {}): Genesis {
  const body = {
    creator: memberOf(creator),
    electorate: 'tab',
    createdAt: NOW,
    nonce: KEYS.publicKey('nonce').slice(0, 16),
    ...changes,
  } as const;
  return { ...body, signature: KEYS.sign(body.creator, genesisToSign(body)) };
}

export const GENESIS: Genesis = genesisBy('ada');
export const BOARD: BoardId = boardIdOf(GENESIS);

export function certificateOf(member: string, peer = member, name = member, slot = 0): PeerCertificate {
  const unsigned = { member: memberOf(member), peer: peerOf(peer), slot, name };
  return { ...unsigned, signature: KEYS.sign(unsigned.member, peerCertificateToSign(unsigned)) };
}

export function capabilityOf(issuer: string, changes: Partial<UnsignedCapability> = {}): Capability {
  const unsigned: UnsignedCapability = {
    board: BOARD,
    issuer: memberOf(issuer),
    inviteKey: inviteKeyOf('first'),
    role: 'editor',
    uses: 10,
    expiresAt: undefined,
    boardTitle: 'Board',
    issuerName: issuer,
    ...changes,
  };
  return { ...unsigned, signature: KEYS.sign(unsigned.issuer, capabilityToSign(unsigned)) };
}

export function admissionOf(member: string, capability: Capability): Admission {
  const id = memberOf(member);
  const proof = KEYS.sign(toHex(capability.inviteKey), admissionToSign(capability.board, id));
  return { capability, member: id, proof };
}
