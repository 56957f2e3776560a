/**
 * What the group decided and journals have to say: evictions and roles as decrees of an owner, removed columns as commands. Everything follows from what is
 * decided and what the board says, so that it is done whenever an owner's tab is there, by the first of them in line, and not twice. Rules NOD-61
 * to NOD-64 of docs/spec/node.md.
 */
import type { MemberId, PeerId } from '../kernel/ids.ts';
import type { Hash } from '../kernel/ids.ts';
import type { Action, Operation } from '../governance/operations.ts';
import type { Proposal } from '../governance/proposals.ts';
import type { GovernanceState } from '../governance/state.ts';
import type { OwnerDecree } from './events.ts';
import type { Roster } from './roster.ts';

/** What an owner's tab has to do. */
export type Deed =
  | { readonly kind: 'decree'; readonly decree: OwnerDecree }
  | { readonly kind: 'removeColumn'; readonly columnId: string; readonly proposal: Hash };

export interface Affairs {
  readonly state: GovernanceState;
  readonly self: PeerId;
  readonly roster: Roster;
  readonly reachable: ReadonlySet<PeerId>;
  /** When an owner last changed the member's role by a decree, by that one's clock; 0 if nobody did. */
  readonly roleChangedAt: (member: MemberId) => number;
  readonly hasColumn: (columnId: string) => boolean;
}

/** Everything decided that the board does not say yet and that falls to this tab. */
export function deedsOf(affairs: Affairs): Deed[] {
  return [...evictions(affairs), ...roles(affairs), ...columns(affairs)];
}

function evictions(affairs: Affairs): Deed[] {
  const { roster, state } = affairs;
  return state.members.rows().flatMap(({ isEvicted, member }): Deed[] => {
    if (!isEvicted || roster.roleOf(member) === undefined) return [];
    return decreed(affairs, { kind: 'evict', member });
  });
}

function roles(affairs: Affairs): Deed[] {
  const { roleChangedAt, roster, state } = affairs;
  return [...passedRoles(state)].flatMap(([member, { at, role }]): Deed[] => {
    const present = roster.roleOf(member);
    // What an owner decreed since holds: the group was told of it, and of a decree that a checkpoint replaced nobody knows the time.
    if (state.members.roleOf(member) !== role) return [];
    if (present === undefined || present === role || roleChangedAt(member) >= at) return [];
    return decreed(affairs, { kind: 'role', member, role });
  });
}

function columns(affairs: Affairs): Deed[] {
  return passed(affairs.state).flatMap(({ action, id }): Deed[] => {
    if (action.kind !== 'removeColumn' || !affairs.hasColumn(action.columnId)) return [];
    const { columnId } = action;
    return isFirst(affairs, () => true) ? [{ kind: 'removeColumn', columnId, proposal: id }] : [];
  });
}

function decreed(affairs: Affairs, decree: OwnerDecree): Deed[] {
  const { roster } = affairs;
  const whole = decree.kind === 'evict' ? { ...decree, cuts: [] } : decree;
  const may = (member: MemberId): boolean => roster.whyNot(whole, member) === undefined;
  return isFirst(affairs, may) ? [{ kind: 'decree', decree }] : [];
}

/** Whether we are the first in line of the owners' tabs that are here and may do it: those with seats first, by seat. */
function isFirst({ reachable, roster, self, state }: Affairs, may: (member: MemberId) => boolean): boolean {
  const isOwners = (peer: PeerId): boolean => {
    const member = roster.memberOf(peer);
    return member !== undefined && roster.roleOf(member) === 'owner' && may(member);
  };
  const here = [self, ...reachable].sort();
  const seated = state.seats.rows().map(({ seat }) => seat);
  const line = [
    ...seated.filter((seat) => here.includes(seat)),
    ...here.filter((peer) => !seated.includes(peer)),
  ];
  return line.find(isOwners) === self;
}

function passed({ proposals }: GovernanceState): Proposal[] {
  return proposals
    .rows()
    .filter(({ closing }) => closing?.result === 'passed' && closing.execution === 'done');
}

/** The last role that the group gave each member by a vote, and when. */
function passedRoles(state: GovernanceState): Map<MemberId, { readonly role: RoleOf; readonly at: number }> {
  const given = new Map<MemberId, { readonly role: RoleOf; readonly at: number; readonly seq: number }>();
  for (const { action, closing } of passed(state)) {
    if (action.kind !== 'role' || closing === undefined) continue;
    const { at, seq } = closing;
    if ((given.get(action.member)?.seq ?? -1) < seq) given.set(action.member, { role: action.role, at, seq });
  }
  return given;
}

type RoleOf = Extract<Action, { readonly kind: 'role' }>['role'];

/** Whether the group decided that the board is over. */
export function isClosed(state: GovernanceState | undefined): boolean {
  return state?.proposals.end() !== undefined;
}

/** What owners decreed by themselves and the group has not been told: only an owner's tab can. */
export function decreesToTell({
  roleChangedAt,
  roster,
  self,
  state,
}: Pick<Affairs, 'roleChangedAt' | 'roster' | 'self' | 'state'>): Operation[] {
  const { founding, members, policy } = state;
  const by = members.memberOf(self);
  if (by === undefined || members.roleOf(by) !== 'owner' || policy.membersBy !== 'owners') return [];
  const given = passedRoles(state);
  return roster.members().flatMap(({ evicted, member, role }): Operation[] => {
    const known = members.roleOf(member);
    const isProtected = member === founding.creator || (known === 'owner' && by !== founding.creator);
    if (known === undefined || isProtected) return [];
    if (evicted) return [{ kind: 'evict', member, cuts: [] }];
    const changedAt = roleChangedAt(member);
    const isNewer = changedAt > 0 && changedAt >= (given.get(member)?.at ?? 0);
    return role !== known && isNewer ? [{ kind: 'changeRole', member, role }] : [];
  });
}
