/** The roster as a checkpoint keeps it: each member once, with what all entries up to its frontier lead to. */
import type { Bytes } from '../kernel/bytes.ts';
import {
  decodeWith,
  encodeWith,
  fixedBytes,
  flag,
  list,
  memberIdCodec,
  oneOf,
  optional,
  record,
  text,
  type Codec,
} from '../kernel/codec.ts';
import { toHex } from '../kernel/bytes.ts';
import type { MemberId } from '../kernel/ids.ts';
import { admissionCodec, type Admission } from '../identity/admission.ts';
import { MAX_NAME_BYTES } from '../identity/peer-certificate.ts';
import { ROLES } from '../identity/roles.ts';
import { MAX_SETTLED_ITEMS } from './limits.ts';
import type { SettledMember } from './standings.ts';

export interface RosterItem extends SettledMember {
  /** As in the newest claim; empty until one of its tabs wrote. */
  readonly name: string;
  readonly admission: Admission | undefined;
}

export interface InviteUses {
  readonly inviteKey: Bytes;
  readonly members: readonly MemberId[];
}

export interface SettledRoster {
  readonly members: readonly RosterItem[];
  readonly invites: readonly InviteUses[];
  /** Keys of invites that were made void. */
  readonly revoked: readonly Bytes[];
}

export const settledRosterCodec: Codec<SettledRoster> = record<SettledRoster>({
  members: list(
    record<RosterItem>({
      member: memberIdCodec,
      granted: optional(oneOf(ROLES)),
      changed: optional(oneOf(ROLES)),
      isEvicted: flag,
      name: text(MAX_NAME_BYTES),
      admission: optional(admissionCodec),
    }),
    MAX_SETTLED_ITEMS,
  ),
  invites: list(
    record<InviteUses>({ inviteKey: fixedBytes(32), members: list(memberIdCodec, MAX_SETTLED_ITEMS) }),
    MAX_SETTLED_ITEMS,
  ),
  revoked: list(fixedBytes(32), MAX_SETTLED_ITEMS),
});

/** The one encoding of a roster: everything in the order of its name. Undefined for one that is too large. */
export function encodeRoster({ members, invites, revoked }: SettledRoster): Bytes | undefined {
  const sizes = [members.length, invites.length, revoked.length];
  if (Math.max(...sizes, ...invites.map((invite) => invite.members.length)) > MAX_SETTLED_ITEMS)
    return undefined;
  return encodeWith(settledRosterCodec, {
    members: members.toSorted((a, b) => order(a.member, b.member)),
    invites: invites.toSorted((a, b) => order(toHex(a.inviteKey), toHex(b.inviteKey))),
    revoked: revoked.toSorted((a, b) => order(toHex(a), toHex(b))),
  });
}

/** What a certified checkpoint says; undefined for bytes that are no roster. */
export function decodeRoster(bytes: Bytes): SettledRoster | undefined {
  const decoded = decodeWith(settledRosterCodec, bytes);
  return decoded.ok ? decoded.value : undefined;
}

function order(a: string, b: string): number {
  return a < b ? -1 : 1;
}
