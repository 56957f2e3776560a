/**
 * The invite link: everything secret travels in the URL fragment, which browsers never send to a server. The fragment is
 * `#/j/` + base64url of {version, board secret, invite key seed, capability} + a 4-byte check, so that a link pasted half is told
 * apart from a forged one before any signature is looked at.
 */
import { concatBytes, equalBytes, fromBase64Url, toBase64Url, type Bytes } from '../kernel/bytes.ts';
import { decodeWith, encodeWith, fixedBytes, record, whole, type Codec } from '../kernel/codec.ts';
import { digestBytes } from '../kernel/hash.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { capabilityCodec, type Capability } from './admission.ts';
import { DOMAIN } from './domains.ts';

export const INVITE_PREFIX = '#/j/';
const LINK_VERSION = 1;
const CHECK_BYTES = 4;
/** Longest fragment accepted, characters (a link of ours has about 700). */
export const MAX_LINK_CHARS = 4096;
/** A link ends where its alphabet does: people paste it with a full stop, a bracket or the rest of a chat message behind it. */
const BASE64URL_RUN = /^[\w-]*/;

export interface Invite {
  readonly version: number;
  /** 32 random bytes known to every member: signaling topic and signaling key derive from it. */
  readonly boardSecret: Bytes;
  /** Ed25519 private key of the invite as PKCS#8's 32-byte seed. */
  readonly inviteSeed: Bytes;
  readonly capability: Capability;
}

/** What a link carries, before its check; its schema is part of the wire hash (test/wire). */
export const inviteCodec: Codec<Invite> = record({
  version: whole(255),
  boardSecret: fixedBytes(32),
  inviteSeed: fixedBytes(32),
  capability: capabilityCodec,
});

/** The fragment of an invite link, `#/j/…`. */
export function inviteFragment(invite: Omit<Invite, 'version'>): string {
  const body = encodeWith(inviteCodec, { version: LINK_VERSION, ...invite });
  const check = digestBytes(DOMAIN.inviteLink, body).slice(0, CHECK_BYTES);
  return INVITE_PREFIX + toBase64Url(concatBytes(body, check));
}

export type InviteLinkRefusal =
  | 'inviteMalformed' // not one of our links at all
  | 'inviteTruncated' // starts like one, but part of it is missing or changed
  | 'inviteNewerVersion';

/** Reads a pasted link or fragment. Signatures, expiry and membership are judged later. */
export function parseInviteLink(pasted: string): Result<Invite, InviteLinkRefusal> {
  const at = pasted.indexOf(INVITE_PREFIX);
  if (at < 0 || pasted.length - at > MAX_LINK_CHARS) return refuse('inviteMalformed');
  const [digits = ''] = BASE64URL_RUN.exec(pasted.slice(at + INVITE_PREFIX.length)) ?? [];
  const bytes = fromBase64Url(digits);
  if (bytes === undefined || bytes.length <= CHECK_BYTES) return refuse('inviteTruncated');
  const body = bytes.slice(0, -CHECK_BYTES);
  const check = digestBytes(DOMAIN.inviteLink, body).slice(0, CHECK_BYTES);
  if (!equalBytes(check, bytes.slice(-CHECK_BYTES))) return refuse('inviteTruncated');
  if (body[0] !== LINK_VERSION) return refuse('inviteNewerVersion');
  const decoded = decodeWith(inviteCodec, body);
  return decoded.ok ? ok(decoded.value) : refuse('inviteMalformed');
}
