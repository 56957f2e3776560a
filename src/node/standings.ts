/**
 * Which role each member has at any point of the causal order: what was granted, changed and taken by entries, each known by its hash, so that
 * the same question can be asked of every causal past.
 *
 * Of changes that do not know of each other the most restrictive counts, and an eviction before all, as in p2panda's strong removal. Nobody restricts the creator, and only the creator restricts owners: so two owners cannot evict
 * each other, and a board always has an owner.
 */
import { toHex } from '../kernel/bytes.ts';
import type { Hash, MemberId } from '../kernel/ids.ts';
import type { Decree } from '../identity/decrees.ts';
import { strongerRole, weakerRole, type Role } from '../identity/roles.ts';
import { NO_HASH } from '../replication/entry.ts';

/** What a checkpoint says about one member. */
export interface SettledMember {
  readonly member: MemberId;
  /** By admissions; undefined for the creator. */
  readonly granted: Role | undefined;
  /** By owners' changes. */
  readonly changed: Role | undefined;
  readonly isEvicted: boolean;
}

/** Stands for whatever entry a checkpoint replaced: it lies in every causal past that counts. */
const SETTLED = NO_HASH;

/** A part of the causal order: whether an entry lies in it. */
export type Has = (entry: Hash) => boolean;

interface Grant {
  readonly role: Role;
  readonly entry: Hash;
}

interface Change extends Grant {
  /** Earlier changes that its author knew of, and overruled. */
  readonly overrules: ReadonlySet<Hash>;
}

export class Standings {
  #creator: MemberId | undefined;
  readonly #grants = new Map<MemberId, readonly Grant[]>();
  readonly #changes = new Map<MemberId, readonly Change[]>();
  readonly #evictions = new Map<MemberId, readonly Hash[]>();
  readonly #revocations = new Map<string, readonly Hash[]>();

  found(creator: MemberId): void {
    this.#creator = creator;
  }

  clear(): void {
    this.#creator = undefined;
    this.#grants.clear();
    this.#changes.clear();
    this.#evictions.clear();
    this.#revocations.clear();
  }

  /** Begins with what a checkpoint says. `revoked`: invite keys, hex. */
  settle(members: readonly SettledMember[], revoked: readonly string[]): void {
    for (const { member, granted, changed, isEvicted } of members) {
      if (granted !== undefined) this.#grants.set(member, [{ role: granted, entry: SETTLED }]);
      if (changed !== undefined)
        this.#changes.set(member, [{ role: changed, entry: SETTLED, overrules: new Set() }]);
      if (isEvicted) this.#evictions.set(member, [SETTLED]);
    }
    for (const key of revoked) this.#revocations.set(key, [SETTLED]);
  }

  /** What a checkpoint is to say of a member, if it replaces all that is known. */
  settled(member: MemberId): SettledMember {
    const grants = (this.#grants.get(member) ?? []).map(({ role }) => role);
    const granted = grants.length === 0 ? undefined : grants.reduce(strongerRole);
    const isChanged = (this.#changes.get(member) ?? []).length > 0;
    const changed = isChanged ? this.#roleGiven(() => true, member) : undefined;
    return { member, granted, changed, isEvicted: this.isEvicted(() => true, member) };
  }

  /** Keys (hex) of the invites that were made void, sorted. */
  revoked(): readonly string[] {
    return [...this.#revocations.keys()].sort();
  }

  /** An entry admitted the member. */
  grant(member: MemberId, role: Role, entry: Hash): void {
    this.#grants.set(member, [...(this.#grants.get(member) ?? []), { role, entry }]);
  }

  /** An owner's entry took effect; `has`: what lay behind it. */
  decree(decree: Decree, entry: Hash, has: Has): void {
    if (decree.kind === 'revoke') {
      const key = toHex(decree.inviteKey);
      this.#revocations.set(key, [...(this.#revocations.get(key) ?? []), entry]);
      return;
    }
    const { member } = decree;
    if (decree.kind === 'evict') {
      this.#evictions.set(member, [...(this.#evictions.get(member) ?? []), entry]);
      return;
    }
    const earlier = this.#changes.get(member) ?? [];
    const overrules = new Set(
      earlier.filter((change) => isIn(has, change.entry)).map((change) => change.entry),
    );
    this.#changes.set(member, [...earlier, { role: decree.role, entry, overrules }]);
  }

  /** Everybody who was ever let in, the creator first. */
  members(): readonly MemberId[] {
    const admitted = [...this.#grants.keys()].filter((member) => member !== this.#creator);
    return this.#creator === undefined ? admitted : [this.#creator, ...admitted];
  }

  isEvicted(has: Has, member: MemberId): boolean {
    return (this.#evictions.get(member) ?? []).some((entry) => isIn(has, entry));
  }

  /** Hash of an entry that evicted the member; undefined when a checkpoint replaced it. */
  evictionOf(member: MemberId): Hash | undefined {
    return this.#evictions.get(member)?.find((entry) => entry !== SETTLED);
  }

  /** Hashes of the entries that changed the member's role, without those that a checkpoint replaced. */
  changesOf(member: MemberId): readonly Hash[] {
    const changes = this.#changes.get(member) ?? [];
    return changes.flatMap(({ entry }) => (entry === SETTLED ? [] : [entry]));
  }

  isRevoked(has: Has, inviteKey: string): boolean {
    return (this.#revocations.get(inviteKey) ?? []).some((entry) => isIn(has, entry));
  }

  /** The member's role; undefined for strangers and for whoever was evicted. */
  roleIn(has: Has, member: MemberId): Role | undefined {
    return this.isEvicted(has, member) ? undefined : this.#roleGiven(has, member);
  }

  /** The member's role after all that is known, evicted or not. */
  lastRoleOf(member: MemberId): Role {
    return this.#roleGiven(() => true, member) ?? 'viewer';
  }

  /** How many members there are; not counted on from `enough`, if all that is known has fewer. */
  count(has: Has, enough: number): number {
    const members = this.members();
    if (members.length < enough) return members.length;
    return members.filter((member) => this.#roleGiven(has, member) !== undefined).length;
  }

  /** Why `by` may not decree this, or undefined when it may. */
  whyNot(decree: Decree, by: MemberId, has: Has): 'authorRole' | 'decreeInvalid' | undefined {
    if (this.roleIn(has, by) !== 'owner') return 'authorRole';
    if (decree.kind === 'revoke') return undefined;
    const role = this.roleIn(has, decree.member);
    if (role === undefined || decree.member === this.#creator) return 'decreeInvalid';
    return role === 'owner' && by !== this.#creator ? 'authorRole' : undefined;
  }

  #roleGiven(has: Has, member: MemberId): Role | undefined {
    if (member === this.#creator) return 'owner';
    const changes = (this.#changes.get(member) ?? []).filter(({ entry }) => isIn(has, entry));
    const last = changes.filter(({ entry }) => !changes.some(({ overrules }) => overrules.has(entry)));
    const roles = last.map(({ role }) => role);
    if (roles.length > 0) return roles.reduce(weakerRole);
    const granted = (this.#grants.get(member) ?? [])
      .filter(({ entry }) => isIn(has, entry))
      .map(({ role }) => role);
    return granted.length === 0 ? undefined : granted.reduce(strongerRole);
  }
}

function isIn(has: Has, entry: Hash): boolean {
  return entry === SETTLED || has(entry);
}
