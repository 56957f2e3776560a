/**
 * Invites in the agreed order: how often each was used, and which are void. Two members who admit at the same moment with one link of one use
 * are ordered here, and the second is refused. What has expired by agreed time admits nobody whatever is remembered of it, so it makes room.
 */
import { toHex, type Bytes } from '../kernel/bytes.ts';
import {
  fixedBytes,
  list,
  memberIdCodec,
  oneOf,
  optional,
  record,
  whole,
  type Codec,
} from '../kernel/codec.ts';
import type { MemberId } from '../kernel/ids.ts';
import { MAX_INVITE_USES, type Capability } from '../identity/admission.ts';
import { INVITABLE_ROLES, type InvitableRole } from '../identity/roles.ts';
import { MAX_INVITES, MAX_INVITES_EACH } from './limits.ts';
import type { GovernanceRefusal } from './outcomes.ts';

/** An invite that is not void, on the terms on which it was first heard of. */
export interface InviteRow {
  readonly inviteKey: Bytes;
  readonly issuer: MemberId;
  readonly role: InvitableRole;
  readonly uses: number;
  readonly expiresAt: number | undefined;
  /** Members that it let in. */
  readonly used: number;
}

/** A void invite; `expiresAt`: when it need not be remembered any more. */
export interface VoidRow {
  readonly inviteKey: Bytes;
  readonly expiresAt: number | undefined;
}

export const inviteRowsCodec: Codec<readonly InviteRow[]> = list(
  record<InviteRow>({
    inviteKey: fixedBytes(32),
    issuer: memberIdCodec,
    role: oneOf(INVITABLE_ROLES),
    uses: whole(MAX_INVITE_USES),
    expiresAt: optional(whole()),
    used: whole(MAX_INVITE_USES),
  }),
  MAX_INVITES,
);

export const voidRowsCodec: Codec<readonly VoidRow[]> = list(
  record<VoidRow>({ inviteKey: fixedBytes(32), expiresAt: optional(whole()) }),
  MAX_INVITES,
);

export class Invites {
  readonly #rows = new Map<string, InviteRow>();
  readonly #void = new Map<string, VoidRow>();

  /** False when a key is named twice. */
  restore(rows: readonly InviteRow[], voids: readonly VoidRow[]): boolean {
    this.#rows.clear();
    this.#void.clear();
    for (const row of rows) this.#rows.set(toHex(row.inviteKey), row);
    for (const row of voids) this.#void.set(toHex(row.inviteKey), row);
    return this.#rows.size === rows.length && this.#void.size === voids.length;
  }

  /** Sorted by key. */
  rows(): InviteRow[] {
    return sorted(this.#rows);
  }

  voidRows(): VoidRow[] {
    return sorted(this.#void);
  }

  /** The invite of a key, hex, unless it is unknown or void. */
  get(inviteKey: string): InviteRow | undefined {
    return this.#rows.get(inviteKey);
  }

  isRevoked(inviteKey: string): boolean {
    return this.#void.has(inviteKey);
  }

  /** Members that came in by an invite key, hex. */
  usedOf(inviteKey: string): number {
    return this.#rows.get(inviteKey)?.used ?? 0;
  }

  /** Why this invite, of a member who may make it, cannot be remembered. */
  whyNotKeep(capability: Capability, time: number): GovernanceRefusal | undefined {
    const known = this.#rows.get(toHex(capability.inviteKey));
    if (known !== undefined) return isOnTerms(known, capability) ? undefined : 'inviteChanged';
    const live = [...this.#rows.values()].filter((row) => !isOver(row, time));
    const own = live.filter(({ issuer }) => issuer === capability.issuer).length;
    return own >= MAX_INVITES_EACH || live.length >= MAX_INVITES ? 'tooManyInvites' : undefined;
  }

  /** Remembers an invite, and counts `uses` more uses of it. */
  use(capability: Capability, uses: 0 | 1, time: number): void {
    forgetExpired(this.#rows, time);
    const { inviteKey, issuer, role, expiresAt } = capability;
    const key = toHex(inviteKey);
    const row = this.#rows.get(key) ?? { inviteKey, issuer, role, uses: capability.uses, expiresAt, used: 0 };
    this.#rows.set(key, { ...row, used: row.used + uses });
  }

  /** Half of the room is for owners, so that nobody else can use it up. */
  whyNotRevoke(inviteKey: Bytes, time: number, isByOwner: boolean): GovernanceRefusal | undefined {
    if (this.#void.has(toHex(inviteKey))) return undefined;
    const live = [...this.#void.values()].filter((row) => !isOver(row, time)).length;
    return live >= (isByOwner ? MAX_INVITES : MAX_INVITES / 2) ? 'tooManyInvites' : undefined;
  }

  /** Nobody comes in by this key any more, heard of or not. */
  revoke(inviteKey: Bytes, time: number): void {
    forgetExpired(this.#void, time);
    const key = toHex(inviteKey);
    const expiresAt = this.#rows.get(key)?.expiresAt;
    if (!this.#void.has(key)) this.#void.set(key, { inviteKey, expiresAt });
    this.#rows.delete(key);
  }

  /** The member was evicted: whatever it signed admits nobody, so none of it need be remembered. */
  forgetIssuer(issuer: MemberId): void {
    for (const [key, row] of this.#rows) if (row.issuer === issuer) this.#rows.delete(key);
  }
}

function isOver({ expiresAt }: Pick<VoidRow, 'expiresAt'>, time: number): boolean {
  return expiresAt !== undefined && expiresAt <= time;
}

function forgetExpired(rows: Map<string, Pick<VoidRow, 'expiresAt'>>, time: number): void {
  for (const [key, row] of rows) if (isOver(row, time)) rows.delete(key);
}

function sorted<Row>(rows: ReadonlyMap<string, Row>): Row[] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

function isOnTerms(row: InviteRow, { issuer, role, uses, expiresAt }: Capability): boolean {
  return row.issuer === issuer && row.role === role && row.uses === uses && row.expiresAt === expiresAt;
}
