/** Who may do what (DESIGN section 5). */
export const ROLES = ['owner', 'editor', 'viewer', 'agent'] as const;
export type Role = (typeof ROLES)[number];

/** Roles that an invite can give. Ownership is never given by a link. */
export const INVITABLE_ROLES = ['editor', 'viewer', 'agent'] as const;
export type InvitableRole = (typeof INVITABLE_ROLES)[number];

/** Whether `role` may change the board. */
export function mayEdit(role: Role): boolean {
  return role !== 'viewer';
}

/** Whether a holder of `issuer` may hand out `given`: nobody gives more than they have, and agents invite nobody. */
export function mayInvite(issuer: Role, given: InvitableRole): boolean {
  if (issuer === 'owner' || issuer === 'editor') return true;
  return issuer === 'viewer' && given === 'viewer';
}

const RANK: Readonly<Record<Role, number>> = { viewer: 0, agent: 1, editor: 2, owner: 3 };

/** The stronger of two roles, for a member who was admitted twice. */
export function strongerRole(a: Role, b: Role): Role {
  return RANK[a] >= RANK[b] ? a : b;
}

/** The weaker of two roles, for a member whose role two owners changed at the same time. */
export function weakerRole(a: Role, b: Role): Role {
  return strongerRole(a, b) === a ? b : a;
}
