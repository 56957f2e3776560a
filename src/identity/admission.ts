/**
 * Invites as capabilities (DESIGN section 5). A *capability* is an issuer's signed word that whoever holds a certain invite key
 * may become a member; an *admission* is the holder's proof, made with that invite key, that a certain member key is theirs. The two
 * together convince anybody who knows the issuer, without asking anyone.
 */
import type { Bytes } from '../kernel/bytes.ts';
import {
  boardIdCodec,
  encodeWith,
  fixedBytes,
  memberIdCodec,
  oneOf,
  optional,
  record,
  signatureCodec,
  text,
  whole,
  type Codec,
} from '../kernel/codec.ts';
import { toHex } from '../kernel/bytes.ts';
import type { BoardId, MemberId } from '../kernel/ids.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { DOMAIN } from './domains.ts';
import { INVITABLE_ROLES, mayInvite, type InvitableRole, type Role } from './roles.ts';
import { domainSeparated } from './signing.ts';
import { MAX_NAME_BYTES } from './peer-certificate.ts';

/** Most members one link may admit (guess: a large class; larger groups make several links). */
export const MAX_INVITE_USES = 1000;
/** Longest title carried for the preview, UTF-8 bytes. */
export const MAX_PREVIEW_TITLE_BYTES = 240;

export interface Capability {
  readonly board: BoardId;
  readonly issuer: MemberId;
  /** Public half of the key in the link. */
  readonly inviteKey: Bytes;
  readonly role: InvitableRole;
  /** How many members it may admit, 1 to {@link MAX_INVITE_USES}. */
  readonly uses: number;
  /** Milliseconds since 1970, or undefined for no expiry. Judged by the admitting member's clock. */
  readonly expiresAt: number | undefined;
  /** For the preview on the joiner's screen. Signed, so that a forwarded link cannot be relabelled. */
  readonly boardTitle: string;
  readonly issuerName: string;
  readonly signature: Bytes;
}

export type UnsignedCapability = Omit<Capability, 'signature'>;

const unsignedFields = {
  board: boardIdCodec,
  issuer: memberIdCodec,
  inviteKey: fixedBytes(32),
  role: oneOf(INVITABLE_ROLES),
  uses: whole(MAX_INVITE_USES),
  expiresAt: optional(whole()),
  boardTitle: text(MAX_PREVIEW_TITLE_BYTES),
  issuerName: text(MAX_NAME_BYTES),
} as const;

const unsignedCodec: Codec<UnsignedCapability> = record(unsignedFields);
export const capabilityCodec: Codec<Capability> = record({ ...unsignedFields, signature: signatureCodec });

export function capabilityToSign(capability: UnsignedCapability): Bytes {
  const { board, issuer, inviteKey, role, uses, expiresAt, boardTitle, issuerName } = capability;
  const body = { board, issuer, inviteKey, role, uses, expiresAt, boardTitle, issuerName };
  return domainSeparated(DOMAIN.capability, encodeWith(unsignedCodec, body));
}

export function capabilityCheck(capability: Capability): SignatureCheck {
  return { signer: capability.issuer, body: capabilityToSign(capability), signature: capability.signature };
}

export interface Admission {
  readonly capability: Capability;
  readonly member: MemberId;
  /** By the invite key over board and member. */
  readonly proof: Bytes;
}

export const admissionCodec: Codec<Admission> = record({
  capability: capabilityCodec,
  member: memberIdCodec,
  proof: signatureCodec,
});

const proofCodec: Codec<{ board: BoardId; member: MemberId }> = record({
  board: boardIdCodec,
  member: memberIdCodec,
});

/** What the invite key signs for `member`. */
export function admissionToSign(board: BoardId, member: MemberId): Bytes {
  return domainSeparated(DOMAIN.admission, encodeWith(proofCodec, { board, member }));
}

/** Both signatures of an admission. */
export function admissionChecks(admission: Admission): readonly SignatureCheck[] {
  const { capability, member, proof } = admission;
  return [
    capabilityCheck(capability),
    {
      signer: toHex(capability.inviteKey),
      body: admissionToSign(capability.board, member),
      signature: proof,
    },
  ];
}

export type AdmissionRefusal =
  | 'inviteWrongBoard'
  | 'inviteUnknownIssuer'
  | 'inviteRoleNotAllowed'
  | 'inviteRevoked'
  | 'inviteExpired'
  | 'inviteUsedUp';

/** What the judge of an admission knows. */
export interface AdmissionContext {
  readonly board: BoardId;
  /** Role of a member, or undefined for a stranger. */
  roleOf(member: MemberId): Role | undefined;
  /** Whether an owner revoked the invite key, hex. */
  isRevoked(inviteKey: string): boolean;
  /** Members (other than the applicant) already admitted by that invite key, hex. */
  admittedBy(inviteKey: string, except: MemberId): number;
  /** Local clock, milliseconds since 1970; undefined skips the expiry (for history that another member judged in its time). */
  readonly wallMs: number | undefined;
}

/** Judges an admission whose signatures hold. */
export function judgeAdmission(
  admission: Admission,
  context: AdmissionContext,
): Result<InvitableRole, AdmissionRefusal> {
  const { capability, member } = admission;
  if (capability.board !== context.board) return refuse('inviteWrongBoard');
  const issuerRole = context.roleOf(capability.issuer);
  if (issuerRole === undefined) return refuse('inviteUnknownIssuer');
  if (!mayInvite(issuerRole, capability.role)) return refuse('inviteRoleNotAllowed');
  if (context.isRevoked(toHex(capability.inviteKey))) return refuse('inviteRevoked');
  const { expiresAt } = capability;
  if (context.wallMs !== undefined && expiresAt !== undefined && context.wallMs >= expiresAt)
    return refuse('inviteExpired');
  if (context.admittedBy(toHex(capability.inviteKey), member) >= capability.uses)
    return refuse('inviteUsedUp');
  return ok(capability.role);
}
