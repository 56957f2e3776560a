/** What owners alone may write into a board's journals about others: who has to go, who may do what, which invite is void. */
import {
  encodeWith,
  decodeWith,
  fixedBytes,
  hashCodec,
  list,
  memberIdCodec,
  oneOf,
  peerIdCodec,
  record,
  whole,
  type Codec,
} from '../kernel/codec.ts';
import type { Bytes } from '../kernel/bytes.ts';
import type { Hash, MemberId, PeerId } from '../kernel/ids.ts';
import { ROLES, type Role } from './roles.ts';

/** Journals of its member that an eviction may name (guess: the tabs of one member in years). What is not named stays as the owner had it. */
export const MAX_CUTS = 256;

/** The last entry that stays of one journal; place 0 and zero bytes for none. */
export interface Cut {
  readonly author: PeerId;
  readonly seq: number;
  readonly head: Hash;
}

/** Removes a member for good, and says what stays of its journals. */
export interface Eviction {
  readonly member: MemberId;
  readonly cuts: readonly Cut[];
}

/** Gives a member another role. */
export interface RoleChange {
  readonly member: MemberId;
  readonly role: Role;
}

/** Makes an invite void: nobody is admitted by it any more. */
export interface Revocation {
  /** Public half of the key in the link. */
  readonly inviteKey: Bytes;
}

export const evictionCodec: Codec<Eviction> = record<Eviction>({
  member: memberIdCodec,
  cuts: list(record<Cut>({ author: peerIdCodec, seq: whole(), head: hashCodec }), MAX_CUTS),
});

export const roleChangeCodec: Codec<RoleChange> = record<RoleChange>({
  member: memberIdCodec,
  role: oneOf(ROLES),
});

export const revocationCodec: Codec<Revocation> = record<Revocation>({ inviteKey: fixedBytes(32) });

/** One of them, with the kind of entry that carries it. */
export type Decree =
  | ({ readonly kind: 'evict' } & Eviction)
  | ({ readonly kind: 'role' } & RoleChange)
  | ({ readonly kind: 'revoke' } & Revocation);

/** The payload of an entry of that kind. */
export function encodeDecree(decree: Decree): Bytes {
  switch (decree.kind) {
    case 'evict':
      return encodeWith(evictionCodec, { member: decree.member, cuts: decree.cuts });
    case 'role':
      return encodeWith(roleChangeCodec, { member: decree.member, role: decree.role });
    case 'revoke':
      return encodeWith(revocationCodec, { inviteKey: decree.inviteKey });
  }
}

/** What the payload of an entry of `kind` decrees; undefined for other kinds, and for bytes that are none. */
export function decodeDecree(kind: string, payload: Bytes): Decree | undefined {
  if (kind === 'evict') {
    const read = decodeWith(evictionCodec, payload);
    return read.ok ? { kind, ...read.value } : undefined;
  }
  if (kind === 'role') {
    const read = decodeWith(roleChangeCodec, payload);
    return read.ok ? { kind, ...read.value } : undefined;
  }
  if (kind !== 'revoke') return undefined;
  const read = decodeWith(revocationCodec, payload);
  return read.ok ? { kind, ...read.value } : undefined;
}
