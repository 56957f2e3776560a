/** Operations about who is on the board: tabs, invites, admissions, roles, evictions, forks. Each says why not before it changes anything. */
import { toHex } from '../kernel/bytes.ts';
import type { MemberId, PeerId } from '../kernel/ids.ts';
import { judgeAdmission, type Admission, type Capability } from '../identity/admission.ts';
import type { Cut, RoleChange } from '../identity/decrees.ts';
import { mayEdit, mayInvite, type Role } from '../identity/roles.ts';
import type { OperationKinds } from './operations.ts';
import type { GovernanceRefusal, Outcome } from './outcomes.ts';
import type { GovernanceState } from './state.ts';
import type { Asking } from './asking.ts';

export type Answer = GovernanceRefusal | readonly Outcome[];

/** Any member's tab may do so: the certificate is that member's own word. */
export function introduce(
  { members }: GovernanceState,
  { certificate: { peer, member } }: OperationKinds['introduce'],
): Answer {
  if (members.roleOf(member) === undefined) return 'unknownMember';
  const why = members.whyNotIntroduce(peer, member);
  if (why !== undefined) return why;
  members.introduce(peer, member);
  return [];
}

export function registerInvite(state: GovernanceState, asking: Asking, capability: Capability): Answer {
  const why = whyNotInvite(state, capability, asking.time);
  if (why !== undefined) return why;
  state.invites.use(capability, 0, asking.time);
  return [];
}

function whyNotInvite(
  { invites, members }: GovernanceState,
  capability: Capability,
  time: number,
): GovernanceRefusal | undefined {
  const { issuer, role, inviteKey, expiresAt } = capability;
  const issuerRole = members.roleOf(issuer);
  if (issuerRole === undefined) return 'inviteUnknownIssuer';
  if (!mayInvite(issuerRole, role)) return 'inviteRoleNotAllowed';
  if (invites.isRevoked(toHex(inviteKey))) return 'inviteRevoked';
  if (expiresAt !== undefined && time >= expiresAt) return 'inviteExpired';
  return invites.whyNotKeep(capability, time);
}

/** Owners revoke any invite, heard of or not; others their own that the group knows. */
export function revokeInvite(
  { invites }: GovernanceState,
  { member, role, time }: Asking,
  { inviteKey }: OperationKinds['revokeInvite'],
): Answer {
  const isByOwner = role === 'owner';
  const key = toHex(inviteKey);
  if (!isByOwner && invites.get(key)?.issuer !== member) return 'notAllowed';
  const why = invites.whyNotRevoke(inviteKey, time, isByOwner);
  if (why !== undefined) return why;
  invites.revoke(inviteKey, time);
  return [{ kind: 'inviteRevoked', inviteKey: key }];
}

export function admit(
  state: GovernanceState,
  { time }: Asking,
  { admission, certificate }: OperationKinds['admit'],
): Answer {
  const { members, invites } = state;
  const { capability, member } = admission;
  const why = members.whyNotAdd(member) ?? whyNotAdmit(state, admission, time);
  if (why !== undefined) return why;
  if (certificate !== undefined && certificate.member !== member) return 'unknownTab';
  const whyNotTab = certificate && members.whyNotIntroduce(certificate.peer, member);
  if (whyNotTab !== undefined) return whyNotTab;
  members.add(member, capability.role);
  if (certificate !== undefined) members.introduce(certificate.peer, member);
  invites.use(capability, 1, time);
  return [{ kind: 'memberAdmitted', member, role: capability.role }];
}

function whyNotAdmit(
  { founding, invites, members }: GovernanceState,
  admission: Admission,
  time: number,
): GovernanceRefusal | undefined {
  const judged = judgeAdmission(admission, {
    board: founding.board,
    roleOf: (member) => members.roleOf(member),
    isRevoked: (inviteKey) => invites.isRevoked(inviteKey),
    admittedBy: (inviteKey) => invites.usedOf(inviteKey),
    wallMs: time,
  });
  return judged.ok ? invites.whyNotKeep(admission.capability, time) : judged.code;
}

/** Why an owner may not restrict or raise this member alone. Whoever made the board is beyond everybody; owners are beyond each other. */
function whyNotDecree(
  state: GovernanceState,
  { member: by, role }: Asking,
  about: MemberId,
): GovernanceRefusal | undefined {
  if (role !== 'owner') return 'notAllowed';
  if (state.policy.membersBy === 'vote') return 'needsVote';
  const { creator } = state.founding;
  if (about === creator) return 'memberProtected';
  return state.members.roleOf(about) === 'owner' && by !== creator ? 'memberProtected' : undefined;
}

export function changeRole(state: GovernanceState, asking: Asking, { member, role }: RoleChange): Answer {
  return (
    whyNotDecree(state, asking, member) ??
    whyNotChangeRole(state, member, role) ??
    applyRole(state, member, role)
  );
}

export function evict(
  state: GovernanceState,
  asking: Asking,
  member: MemberId,
  cuts: readonly Cut[],
): Answer {
  return (
    whyNotDecree(state, asking, member) ?? whyNotEvict(state, member) ?? applyEviction(state, member, cuts)
  );
}

/** Whether all seats are this member's: somebody has to decide. */
function holdsAllSeats({ members, seats }: GovernanceState, member: MemberId): boolean {
  const own = seats.of(members.placeOf(member) ?? -1).length;
  return own > 0 && own === seats.rows().length;
}

export function whyNotChangeRole(
  state: GovernanceState,
  member: MemberId,
  role: Role,
): GovernanceRefusal | undefined {
  if (member === state.founding.creator) return 'memberProtected';
  if (state.members.roleOf(member) === undefined) return 'unknownMember';
  return !mayEdit(role) && holdsAllSeats(state, member) ? 'lastSeat' : undefined;
}

export function whyNotEvict(state: GovernanceState, member: MemberId): GovernanceRefusal | undefined {
  if (member === state.founding.creator) return 'memberProtected';
  if (state.members.roleOf(member) === undefined) return 'unknownMember';
  return holdsAllSeats(state, member) ? 'lastSeat' : undefined;
}

/** Viewers have no seats. */
export function applyRole(state: GovernanceState, member: MemberId, role: Role): readonly Outcome[] {
  state.members.change(member, { role });
  const left = mayEdit(role) ? [] : unseat(state, member);
  return [{ kind: 'roleChanged', member, role }, ...left];
}

export function applyEviction(
  state: GovernanceState,
  member: MemberId,
  cuts: readonly Cut[],
): readonly Outcome[] {
  state.members.change(member, { isEvicted: true });
  state.invites.forgetIssuer(member);
  return [{ kind: 'memberEvicted', member, cuts }, ...unseat(state, member)];
}

function unseat({ members, seats }: GovernanceState, member: MemberId): readonly Outcome[] {
  const left = seats.of(members.placeOf(member) ?? -1);
  for (const seat of left) seats.leave(seat);
  return left.map((seat) => ({ kind: 'seatLeft', seat }));
}

/** Anybody may show the proof. The tab keeps its key for nothing here; its member goes on with another one. What it wrote on the board stays. */
export function convict(
  state: GovernanceState,
  { seq, time }: Asking,
  { proof }: OperationKinds['convict'],
): Answer {
  const { convictions, members } = state;
  const { key: tab } = proof;
  if (members.tab(tab) === undefined) return 'unknownTab';
  if (convictions.has(tab)) return [];
  convictions.add(proof, seq, time);
  return [{ kind: 'tabConvicted', tab }, ...unseatTab(state, tab)];
}

/** Anybody may show the proof. The tab keeps its key for nothing here; its member goes on with another one. */
export function cut(state: GovernanceState, { proof }: OperationKinds['cut']): Answer {
  const { author, seq } = proof;
  const { members } = state;
  const tab = members.tab(author);
  if (tab === undefined) return 'unknownTab';
  if (tab.forkedAt !== undefined && tab.forkedAt <= seq) return [];
  members.fork(author, seq);
  return [{ kind: 'journalCut', author, seq }, ...unseatTab(state, author)];
}

/** The last seat stays where it is: with nobody seated, nothing could ever be decided again. */
function unseatTab({ seats }: GovernanceState, seat: PeerId): readonly Outcome[] {
  if (!seats.has(seat) || seats.whyNotLeave(seat) !== undefined) return [];
  seats.leave(seat);
  return [{ kind: 'seatLeft', seat }];
}
