/**
 * A member's word that a peer key is one of its tabs. Every journal starts with one, and every link's hello carries one, so
 * whatever a tab signs can be laid at its member's door.
 */
import type { Bytes } from '../kernel/bytes.ts';
import {
  encodeWith,
  memberIdCodec,
  peerIdCodec,
  record,
  signatureCodec,
  text,
  whole,
  type Codec,
} from '../kernel/codec.ts';
import type { MemberId, PeerId } from '../kernel/ids.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import { DOMAIN } from './domains.ts';
import { domainSeparated } from './signing.ts';

/** Longest member name in UTF-8 bytes (60 characters of up to 4 bytes). */
export const MAX_NAME_BYTES = 240;
/** Highest tab slot. */
export const MAX_SLOT = 4095;

export interface PeerCertificate {
  readonly member: MemberId;
  readonly peer: PeerId;
  /** Tab slot of the profile, from 0. */
  readonly slot: number;
  /** The member's name at the time, 1 to 60 characters. A label chosen by its owner, proof of nothing. */
  readonly name: string;
  /** By the member key. */
  readonly signature: Bytes;
}

type Unsigned = Omit<PeerCertificate, 'signature'>;

const unsignedCodec: Codec<Unsigned> = record({
  member: memberIdCodec,
  peer: peerIdCodec,
  slot: whole(MAX_SLOT),
  name: text(MAX_NAME_BYTES),
});

export const peerCertificateCodec: Codec<PeerCertificate> = record({
  member: memberIdCodec,
  peer: peerIdCodec,
  slot: whole(MAX_SLOT),
  name: text(MAX_NAME_BYTES),
  signature: signatureCodec,
});

export function peerCertificateToSign(certificate: Unsigned): Bytes {
  const { member, peer, slot, name } = certificate;
  return domainSeparated(DOMAIN.peerCertificate, encodeWith(unsignedCodec, { member, peer, slot, name }));
}

export function peerCertificateCheck(certificate: PeerCertificate): SignatureCheck {
  return {
    signer: certificate.member,
    body: peerCertificateToSign(certificate),
    signature: certificate.signature,
  };
}
