/**
 * Who is on the board, in the one order in which the group let them in, and which tabs are theirs. Nobody is ever taken out of the lists: a place
 * names a member for good, an evicted member's key must not come back, and neither must a tab's under another member.
 */
import {
  flag,
  list,
  memberIdCodec,
  oneOf,
  optional,
  peerIdCodec,
  record,
  whole,
  type Codec,
} from '../kernel/codec.ts';
import type { MemberId, PeerId } from '../kernel/ids.ts';
import { ROLES, type Role } from '../identity/roles.ts';
import { MAX_GOVERNED_MEMBERS, MAX_TABS, MAX_TABS_EACH } from './limits.ts';
import type { GovernanceRefusal } from './outcomes.ts';

export interface MemberRow {
  readonly member: MemberId;
  /** The last one that it had, when it was evicted. */
  readonly role: Role;
  readonly isEvicted: boolean;
}

export interface TabRow {
  readonly peer: PeerId;
  /** Place in the list of members. */
  readonly member: number;
  /** Place in its journal from which on it is known to have forked. */
  readonly forkedAt: number | undefined;
}

export const memberRowsCodec: Codec<readonly MemberRow[]> = list(
  record<MemberRow>({ member: memberIdCodec, role: oneOf(ROLES), isEvicted: flag }),
  MAX_GOVERNED_MEMBERS,
);

export const tabRowsCodec: Codec<readonly TabRow[]> = list(
  record<TabRow>({
    peer: peerIdCodec,
    member: whole(MAX_GOVERNED_MEMBERS - 1),
    forkedAt: optional(whole()),
  }),
  MAX_TABS,
);

export class Members {
  #rows: MemberRow[] = [];
  readonly #places = new Map<MemberId, number>();
  readonly #tabs = new Map<PeerId, TabRow>();

  /** Begins with whom rows name; false when they name anybody twice, or tabs of nobody. */
  restore(rows: readonly MemberRow[], tabs: readonly TabRow[]): boolean {
    this.#rows = [...rows];
    this.#places.clear();
    this.#tabs.clear();
    for (const [place, { member }] of rows.entries()) this.#places.set(member, place);
    for (const tab of tabs) this.#tabs.set(tab.peer, tab);
    const isUnique = this.#places.size === rows.length && this.#tabs.size === tabs.length;
    return isUnique && tabs.every(({ member }) => member < rows.length);
  }

  rows(): readonly MemberRow[] {
    return this.#rows;
  }

  /** Sorted by key: the order in which they came is no matter. */
  tabRows(): TabRow[] {
    return [...this.#tabs.values()].sort((a, b) => (a.peer < b.peer ? -1 : 1));
  }

  at(place: number): MemberRow | undefined {
    return this.#rows[place];
  }

  placeOf(member: MemberId): number | undefined {
    return this.#places.get(member);
  }

  /** The member's role; undefined for strangers and for whoever was evicted. */
  roleOf(member: MemberId): Role | undefined {
    const row = this.#row(member);
    return row?.isEvicted === false ? row.role : undefined;
  }

  /** Why nobody of this key can be let in, if so. */
  whyNotAdd(member: MemberId): GovernanceRefusal | undefined {
    const row = this.#row(member);
    if (row !== undefined) return row.isEvicted ? 'wasEvicted' : 'alreadyMember';
    return this.#rows.length >= MAX_GOVERNED_MEMBERS ? 'tooManyMembers' : undefined;
  }

  add(member: MemberId, role: Role): void {
    this.#places.set(member, this.#rows.length);
    this.#rows.push({ member, role, isEvicted: false });
  }

  change(member: MemberId, change: Partial<Omit<MemberRow, 'member'>>): void {
    const place = this.#places.get(member) ?? -1;
    const row = this.#rows[place];
    if (row !== undefined) this.#rows[place] = { ...row, ...change };
  }

  tab(peer: PeerId): TabRow | undefined {
    return this.#tabs.get(peer);
  }

  /** Whose tab it is, as far as is known. */
  memberOf(peer: PeerId): MemberId | undefined {
    return this.#rows[this.#tabs.get(peer)?.member ?? -1]?.member;
  }

  /** Whether the tab may ask for anything: its member is on the board, and it has not forked. */
  mayAsk(peer: PeerId): boolean {
    const tab = this.#tabs.get(peer);
    return tab !== undefined && tab.forkedAt === undefined && this.#rows[tab.member]?.isEvicted === false;
  }

  /** Why the tab cannot be introduced as this member's, who may be about to be let in. */
  whyNotIntroduce(peer: PeerId, member: MemberId): GovernanceRefusal | undefined {
    if (this.#tabs.has(peer)) return this.memberOf(peer) === member ? undefined : 'tabTaken';
    const place = this.#places.get(member);
    let own = 0;
    for (const each of this.#tabs.values()) if (each.member === place) own += 1;
    return own >= MAX_TABS_EACH || this.#tabs.size >= MAX_TABS ? 'tooManyTabs' : undefined;
  }

  /** The tab is this member's. */
  introduce(peer: PeerId, member: MemberId): void {
    const place = this.#places.get(member);
    if (this.#tabs.has(peer) || place === undefined) return;
    this.#tabs.set(peer, { peer, member: place, forkedAt: undefined });
  }

  /** The tab forked its journal at this place. */
  fork(peer: PeerId, at: number): void {
    const tab = this.#tabs.get(peer);
    if (tab !== undefined) this.#tabs.set(peer, { ...tab, forkedAt: at });
  }

  #row(member: MemberId): MemberRow | undefined {
    return this.#rows[this.#places.get(member) ?? -1];
  }
}
