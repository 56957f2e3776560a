/** Records with made-up keys and signatures: for what can be told without cryptography. */
import fc from 'fast-check';
import { utf8, type Bytes } from '../../../src/kernel/bytes.ts';
import { digestBytes } from '../../../src/kernel/hash.ts';
import { boardIdFrom, memberIdFrom, peerIdFrom, type BoardId } from '../../../src/kernel/ids.ts';
import type { Admission, Capability } from '../../../src/identity/admission.ts';
import { boardIdOf, ELECTORATES, type Genesis } from '../../../src/identity/genesis.ts';
import type { LinkProofBody } from '../../../src/identity/link-proof.ts';
import { MAX_SLOT, type PeerCertificate } from '../../../src/identity/peer-certificate.ts';
import { INVITABLE_ROLES } from '../../../src/identity/roles.ts';
import { bytesOf } from '../kernel/arbitrary-bytes.ts';

/** 32 bytes that depend on `label` alone. */
export const key = (label: string): Bytes => digestBytes('test/key', utf8(label));

export const ADA = memberIdFrom(key('ada'));
export const BEA = memberIdFrom(key('bea'));
export const ADA_TAB = peerIdFrom(key('ada tab'));
export const BEA_TAB = peerIdFrom(key('bea tab'));

export const GENESIS: Genesis = {
  creator: ADA,
  electorate: 'tab',
  createdAt: 1_760_000_000_000,
  nonce: key('nonce').slice(0, 16),
  signature: new Uint8Array(64).fill(1),
};

export const BOARD: BoardId = boardIdOf(GENESIS);
export const OTHER_BOARD: BoardId = boardIdFrom(key('another board'));

export const CERTIFICATE: PeerCertificate = {
  member: ADA,
  peer: ADA_TAB,
  slot: 3,
  name: 'Ada',
  signature: new Uint8Array(64).fill(2),
};

export const CAPABILITY: Capability = {
  board: BOARD,
  issuer: ADA,
  inviteKey: key('invite'),
  role: 'editor',
  uses: 5,
  expiresAt: 1_770_000_000_000,
  boardTitle: 'Garden',
  issuerName: 'Ada',
  signature: new Uint8Array(64).fill(3),
};

export const ADMISSION: Admission = {
  capability: CAPABILITY,
  member: BEA,
  proof: new Uint8Array(64).fill(4),
};

export const LINK_PROOF: LinkProofBody = {
  topic: '0f'.repeat(16),
  attempt: key('attempt').slice(0, 8),
  initiator: ADA_TAB,
  responder: BEA_TAB,
  initiatorFingerprint: 'SHA-256 AA:BB',
  responderFingerprint: 'SHA-256 CC:DD',
  byInitiator: true,
};

const shortText = fc.string({ unit: 'grapheme', maxLength: 12 });

export const anyCapability: fc.Arbitrary<Capability> = fc.record({
  board: bytesOf(32, 32).map(boardIdFrom),
  issuer: bytesOf(32, 32).map(memberIdFrom),
  inviteKey: bytesOf(32, 32),
  role: fc.constantFrom(...INVITABLE_ROLES),
  uses: fc.integer({ min: 1, max: 1000 }),
  expiresAt: fc.option(fc.maxSafeNat(), { nil: undefined }),
  boardTitle: shortText,
  issuerName: shortText,
  signature: bytesOf(64, 64),
});

export const anyGenesis: fc.Arbitrary<Genesis> = fc.record({
  creator: bytesOf(32, 32).map(memberIdFrom),
  electorate: fc.constantFrom(...ELECTORATES),
  createdAt: fc.maxSafeNat(),
  nonce: bytesOf(16, 16),
  signature: bytesOf(64, 64),
});

export const anyCertificate: fc.Arbitrary<PeerCertificate> = fc.record({
  member: bytesOf(32, 32).map(memberIdFrom),
  peer: bytesOf(32, 32).map(peerIdFrom),
  slot: fc.integer({ min: 0, max: MAX_SLOT }),
  name: shortText,
  signature: bytesOf(64, 64),
});

/** `bytes` with bit `bit` (0 to 7) of the byte at `at` changed. */
export function flipped(bytes: Bytes, at: number, bit: number): Bytes {
  return bytes.map((byte, i) => (i === at ? byte ^ (1 << bit) : byte));
}
