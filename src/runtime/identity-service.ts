/**
 * The workshop of signed records: asks WebCrypto for the signatures that the pure shapes of `identity/` describe. Whoever receives
 * such a record judges it there; here it is made, and an invite link is looked at before anything is sent.
 */
import { fromUtf8, utf8, type Bytes } from '../kernel/bytes.ts';
import type { BoardId, MemberId, PeerId } from '../kernel/ids.ts';
import type { VerifierPort } from '../kernel/ports.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import {
  admissionChecks,
  admissionToSign,
  capabilityCheck,
  capabilityToSign,
  MAX_INVITE_USES,
  MAX_PREVIEW_TITLE_BYTES,
  type Admission,
  type Capability,
} from '../identity/admission.ts';
import { genesisToSign, type Electorate, type Genesis } from '../identity/genesis.ts';
import { inviteFragment, type Invite } from '../identity/invite-link.ts';
import {
  MAX_NAME_BYTES,
  MAX_SLOT,
  peerCertificateToSign,
  type PeerCertificate,
} from '../identity/peer-certificate.ts';
import type { InvitableRole } from '../identity/roles.ts';
import { generateInviteKey, randomBytes, signWithSeed, type MemberSigner } from './crypto.ts';

/** Bytes of a genesis nonce (identity/genesis.ts). */
const NONCE_BYTES = 16;
/** Bytes of a board secret (identity/invite-link.ts). */
const BOARD_SECRET_BYTES = 32;

/** WebCrypto refused to sign: not the fault of any input, and worth another try. */
export type SigningFailure = 'signingFailed';

/** A board's secret, made with its genesis. */
export function generateBoardSecret(): Bytes {
  return randomBytes(BOARD_SECRET_BYTES);
}

/** The signed birth certificate of a new board. `wallMs` is shown as its creation time. */
export async function createGenesis(
  signer: MemberSigner,
  options: { readonly electorate: Electorate; readonly wallMs: number },
): Promise<Result<Genesis, SigningFailure>> {
  const createdAt = Math.max(0, Math.floor(options.wallMs));
  const nonce = randomBytes(NONCE_BYTES);
  const body = { creator: signer.memberId, electorate: options.electorate, createdAt, nonce };
  const signature = await attempt(() => signer.sign(genesisToSign(body)));
  return signature.ok ? ok({ ...body, signature: signature.value }) : signature;
}

/** The member's word that `peer` is one of its tabs. A tab without a slot is certified with the last one. */
export async function issuePeerCertificate(
  signer: MemberSigner,
  tab: { readonly peer: PeerId; readonly slot: number | undefined; readonly name: string },
): Promise<Result<PeerCertificate, SigningFailure>> {
  const name = cutToBytes(tab.name, MAX_NAME_BYTES);
  const unsigned = { member: signer.memberId, peer: tab.peer, slot: tab.slot ?? MAX_SLOT, name };
  const signature = await attempt(() => signer.sign(peerCertificateToSign(unsigned)));
  return signature.ok ? ok({ ...unsigned, signature: signature.value }) : signature;
}

export interface InviteOptions {
  readonly boardId: BoardId;
  readonly boardSecret: Bytes;
  readonly role: InvitableRole;
  /** 1 to {@link MAX_INVITE_USES}. */
  readonly uses: number;
  /** Milliseconds since 1970, or undefined for no expiry. */
  readonly expiresAt: number | undefined;
  /** For the joiner's preview; cut to what a link carries. */
  readonly boardTitle: string;
  readonly issuerName: string;
}

/** A new invite: the fragment of its link, and what its issuer signed, which can be kept: it opens nothing. */
export async function createInvite(
  signer: MemberSigner,
  options: InviteOptions,
): Promise<
  Result<{ readonly fragment: string; readonly capability: Capability }, SigningFailure | 'badInvite'>
> {
  const { boardId, boardSecret, role, uses, expiresAt } = options;
  if (!isWhole(uses) || uses < 1 || uses > MAX_INVITE_USES) return refuse('badInvite');
  if (expiresAt !== undefined && !isWhole(expiresAt)) return refuse('badInvite');
  const made = await attempt(generateInviteKey);
  if (!made.ok) return made;
  const { seed: inviteSeed, publicKey: inviteKey } = made.value;
  const unsigned = {
    board: boardId,
    issuer: signer.memberId,
    inviteKey,
    role,
    uses,
    expiresAt,
    boardTitle: cutToBytes(options.boardTitle, MAX_PREVIEW_TITLE_BYTES),
    issuerName: cutToBytes(options.issuerName, MAX_NAME_BYTES),
  };
  const signature = await attempt(() => signer.sign(capabilityToSign(unsigned)));
  if (!signature.ok) return signature;
  const capability = { ...unsigned, signature: signature.value };
  const fragment = inviteFragment({ boardSecret, inviteSeed, capability });
  inviteSeed.fill(0);
  return ok({ fragment, capability });
}

/** `inviteForged`: the issuer did not sign what the link says, or the link's key is not the one that was signed. */
export type InviteRefusal = 'inviteForged';

/**
 * Whether a link holds together: its issuer's signature is right, and its key is the one it speaks of. That the issuer is a member who
 * may invite, and that the link has uses left, only members of the board can tell.
 */
export async function verifyInvite(
  verifier: VerifierPort,
  invite: Invite,
): Promise<Result<Capability, InviteRefusal>> {
  // The proof is made for the issuer, who is a member already: if it ever leaked, it would admit nobody new.
  const { capability } = invite;
  const admission = await signAdmission(invite, capability.issuer);
  if (!admission.ok) return refuse('inviteForged');
  return (await verifier.verifyAll(admissionChecks(admission.value)))
    ? ok(capability)
    : refuse('inviteForged');
}

/**
 * The proof that the holder of the link is `member`, to be shown to any member of the board. The invite key is used once and not
 * kept: the caller scrubs the link, and nothing else here has a copy.
 */
export async function redeemInvite(
  verifier: VerifierPort,
  invite: Invite,
  member: MemberId,
): Promise<Result<Admission, InviteRefusal | SigningFailure>> {
  if (!(await verifier.verifyAll([capabilityCheck(invite.capability)]))) return refuse('inviteForged');
  const admission = await signAdmission(invite, member);
  if (!admission.ok) return admission;
  return (await verifier.verifyAll(admissionChecks(admission.value))) ? admission : refuse('inviteForged');
}

async function signAdmission(invite: Invite, member: MemberId): Promise<Result<Admission, SigningFailure>> {
  const { capability, inviteSeed } = invite;
  const proof = await attempt(() => signWithSeed(inviteSeed, admissionToSign(capability.board, member)));
  return proof.ok ? ok({ capability, member, proof: proof.value }) : proof;
}

async function attempt<Value>(make: () => Promise<Value>): Promise<Result<Value, SigningFailure>> {
  try {
    return ok(await make());
  } catch {
    return refuse('signingFailed');
  }
}

const isWhole = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** The longest start of `text` that fits `maxBytes` of UTF-8, cut between characters and free of lone surrogates. */
function cutToBytes(text: string, maxBytes: number): string {
  let cut = '';
  let bytes = 0;
  for (const character of fromUtf8(utf8(text))) {
    bytes += utf8(character).length;
    if (bytes > maxBytes) break;
    cut += character;
  }
  return cut;
}
