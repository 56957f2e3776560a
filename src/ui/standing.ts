import type { MemberStatus, Status } from './ports.ts';

/** Whether a banner has to say why this tab can do less than its person may. */
export function isHindered({ barred, committee }: Pick<Status, 'barred' | 'committee'>): boolean {
  return barred !== null || (committee?.muted ?? null) !== null;
}

/** Whether this tab's person may change the member's role or remove it: owners may, nobody about whoever made the board, and only that one about owners. */
export function mayManage(
  status: Pick<Status, 'role' | 'barred' | 'members'>,
  member: MemberStatus,
): boolean {
  if (status.role !== 'owner' || status.barred !== null) return false;
  if (member.self || member.creator || member.standing === 'evicted') return false;
  return member.role !== 'owner' || status.members.some(({ self, creator }) => self && creator);
}
