/** Keys, genesis, invite and certificates of one simulated board, signed with the world's stand-in for Ed25519. */
import { toHex, type Bytes } from '../kernel/bytes.ts';
import { memberIdFrom, type BoardId, type MemberId, type PeerId } from '../kernel/ids.ts';
import {
  admissionToSign,
  capabilityToSign,
  MAX_INVITE_USES,
  type Admission,
  type Capability,
} from '../identity/admission.ts';
import { boardIdOf, genesisToSign, type Electorate, type Genesis } from '../identity/genesis.ts';
import { peerCertificateToSign, type PeerCertificate } from '../identity/peer-certificate.ts';
import type { InvitableRole } from '../identity/roles.ts';
import type { SimKeys } from './sim-keys.ts';

const NONCE_BYTES = 16;

export interface BoardIdentities {
  readonly board: BoardId;
  readonly genesis: Genesis;
  member(name: string): MemberId;
  /** That `peer` is a tab of the member of this name, in its slot `slot`; 0 unless said otherwise. */
  certificate(name: string, peer: PeerId, slot?: number): PeerCertificate;
  /** What a newcomer got with the link for editors, or with the one for viewers. */
  ticket(name: string, role?: InvitableRole): Admission;
}

/** The board that `creator` made at `wallMs`, with links that never expire. */
export function createBoardIdentities(
  keys: SimKeys,
  creator: string,
  wallMs: number,
  electorate: Electorate = 'tab',
): BoardIdentities {
  const member = (name: string): MemberId => memberIdFrom(keys.publicKey(`member ${name}`));
  const nonce: Bytes = keys.publicKey('nonce').slice(0, NONCE_BYTES);
  const body = { creator: member(creator), electorate, createdAt: wallMs, nonce };
  const genesis: Genesis = { ...body, signature: keys.sign(member(creator), genesisToSign(body)) };
  const board = boardIdOf(genesis);
  const capabilityFor = (role: InvitableRole): Capability => {
    const unsigned = {
      board,
      issuer: member(creator),
      inviteKey: keys.publicKey(inviteName(role)),
      role,
      uses: MAX_INVITE_USES,
      expiresAt: undefined,
      boardTitle: 'Board',
      issuerName: creator,
    } as const;
    return { ...unsigned, signature: keys.sign(unsigned.issuer, capabilityToSign(unsigned)) };
  };
  const capabilities = new Map<InvitableRole, Capability>();
  return {
    board,
    genesis,
    member,
    certificate: (name, peer, slot = 0) => {
      const claim = { member: member(name), peer, slot, name };
      return { ...claim, signature: keys.sign(claim.member, peerCertificateToSign(claim)) };
    },
    ticket: (name, role = 'editor') => {
      const capability = capabilities.get(role) ?? capabilityFor(role);
      capabilities.set(role, capability);
      return admissionOf(keys, capability, member(name));
    },
  };
}

/** Proof by the invite key of `capability` that it admits `member`. */
export function admissionOf(keys: SimKeys, capability: Capability, member: MemberId): Admission {
  const proof = keys.sign(toHex(capability.inviteKey), admissionToSign(capability.board, member));
  return { capability, member, proof };
}

/** What the key of the link for one role is drawn from. */
function inviteName(role: InvitableRole): string {
  return role === 'editor' ? 'invite' : `invite ${role}`;
}
