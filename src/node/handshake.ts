/**
 * What happens between "the link is authenticated" and "this is a neighbour": both sides say hello, and each judges whether the
 * other's member belongs to the board. Rules NOD-1 to NOD-9 of docs/spec/node.md.
 *
 * Verdicts: `member` (known, or convincing by its admissions), `guest` (it claims to belong, but our own copy is too old to tell: we
 * take its journals, which prove themselves, and give nothing until they have), `fellow` (both of us are newcomers, invited by the same
 * member: a neighbour without journals until one of us belongs and says hello again), `early` (newcomers who have nothing in common:
 * the link waits for the same), or a refusal with its code.
 */
import type { BoardId, MemberId, PeerId } from '../kernel/ids.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import { admissionChecks, judgeAdmission, type Admission } from '../identity/admission.ts';
import { boardIdOf, genesisCheck } from '../identity/genesis.ts';
import { peerCertificateCheck, type PeerCertificate } from '../identity/peer-certificate.ts';
import type { Role } from '../identity/roles.ts';
import { PROTOCOL_VERSION } from './limits.ts';
import type { FarewellCode, Hello } from './messages.ts';
import type { Roster } from './roster.ts';

export type Verdict =
  | { readonly kind: 'member'; readonly admit: readonly Admission[] }
  | { readonly kind: 'guest' }
  | { readonly kind: 'fellow' }
  | { readonly kind: 'early' }
  | { readonly kind: 'refused'; readonly code: FarewellCode };

/** Our own hello. `ticket`: the admission we came with, while we are not in the roster yet. */
export function composeHello(
  roster: Roster,
  certificate: PeerCertificate,
  ticket: Admission | undefined,
  isComplete: boolean,
): Hello {
  const established = isComplete && roster.roleOf(certificate.member) !== undefined;
  const credential = established
    ? roster.credentialOf(certificate.member)
    : ticket === undefined
      ? []
      : [ticket];
  return { version: PROTOCOL_VERSION, certificate, genesis: roster.genesis, credential, established };
}

/** Signatures that a hello must carry before we read it. */
export function helloChecks(hello: Hello, roster: Roster): readonly SignatureCheck[] {
  const { certificate, genesis, credential } = hello;
  const checks = [peerCertificateCheck(certificate)];
  if (genesis !== undefined && roster.genesis === undefined) checks.push(genesisCheck(genesis));
  if (roster.roleOf(certificate.member) === undefined) checks.push(...credential.flatMap(admissionChecks));
  return checks;
}

/** What a hello is judged by. */
export interface Judge {
  readonly board: BoardId;
  readonly roster: Roster;
  readonly wallMs: number;
  /** The admission that we came with. */
  readonly ticket: Admission | undefined;
  /** Whether we are in the roster and hold a complete copy. */
  readonly weBelong: boolean;
}

/** Judges a hello whose signatures hold; adopts the genesis if it is the first we see. */
export function judgeHello(hello: Hello, from: PeerId, judge: Judge): Verdict {
  const { board, roster, wallMs, weBelong } = judge;
  const { certificate, genesis, credential, established, version } = hello;
  if (version !== PROTOCOL_VERSION) return { kind: 'refused', code: 'protocolMismatch' };
  if (certificate.peer !== from) return { kind: 'refused', code: 'notMember' };
  if (genesis !== undefined && roster.genesis === undefined) {
    if (boardIdOf(genesis) !== board) return { kind: 'refused', code: 'inviteWrongBoard' };
    roster.found(genesis);
  }
  if (!weBelong) {
    // Two newcomers cannot vouch for each other; whoever has the board may give it to us, since it proves itself.
    if (!established) return { kind: isFellow(hello, judge) ? 'fellow' : 'early' };
    return roster.genesis === undefined
      ? { kind: 'refused', code: 'notReady' }
      : { kind: 'member', admit: [] };
  }
  if (roster.isEvicted(certificate.member)) return { kind: 'refused', code: 'evicted' };
  if (roster.roleOf(certificate.member) !== undefined) return { kind: 'member', admit: [] };
  const judged = judgeCredential(credential, certificate.member, board, roster, wallMs);
  if (judged === 'ok') return { kind: 'member', admit: credential };
  return established ? { kind: 'guest' } : { kind: 'refused', code: judged };
}

/**
 * Whether a newcomer was invited by the member who invited us. Nobody whom we could ask knows either of us yet, but whoever vouches
 * for us vouches for it as well.
 */
function isFellow({ credential, certificate }: Hello, { board, ticket, wallMs }: Judge): boolean {
  const [admission] = credential;
  if (ticket === undefined || admission?.member !== certificate.member) return false;
  const { issuer } = ticket.capability;
  const judged = judgeAdmission(admission, {
    board,
    roleOf: (id) => (id === issuer ? 'owner' : undefined),
    isRevoked: () => false,
    admittedBy: () => 0,
    wallMs,
  });
  return judged.ok;
}

/** Walks a chain of admissions that starts at somebody we know and ends at `member`. */
function judgeCredential(
  credential: readonly Admission[],
  member: MemberId,
  board: BoardId,
  roster: Roster,
  wallMs: number,
): 'ok' | FarewellCode {
  if (credential.at(-1)?.member !== member) return 'notMember';
  const vouched = new Map<MemberId, Role>();
  for (const admission of credential) {
    const judged = judgeAdmission(admission, {
      board,
      roleOf: (id) => roster.roleOf(id) ?? vouched.get(id),
      isRevoked: (inviteKey) => roster.isRevoked(inviteKey),
      admittedBy: (inviteKey, except) => roster.admittedBy(inviteKey, except),
      wallMs,
    });
    if (!judged.ok) return judged.code;
    if (roster.isEvicted(admission.member)) return 'notMember';
    vouched.set(admission.member, judged.value);
  }
  return 'ok';
}
