import type { MemberStatus } from './ports.ts';
import { texts } from './texts.ts';

/** Looks up who a member id is. Rebuilt only when the members changed, so that elements can compare it by identity. */
export interface People {
  readonly all: readonly MemberStatus[];
  nameOf(memberId: string): string;
}

/** A lookup over the members of a status. */
export function peopleOf(members: readonly MemberStatus[]): People {
  const names = new Map(members.map((member) => [member.memberId, member.name]));
  return {
    all: members,
    nameOf: (memberId) => names.get(memberId) ?? texts.someone,
  };
}

/** The old lookup when nothing that it shows has changed, else a new one. */
export function keepPeople(old: People, members: readonly MemberStatus[]): People {
  const same =
    old.all.length === members.length &&
    members.every((member, at) => {
      const before = old.all[at];
      return (
        before?.memberId === member.memberId &&
        before.name === member.name &&
        before.online === member.online &&
        before.asleep === member.asleep &&
        before.peers === member.peers &&
        before.role === member.role &&
        before.standing === member.standing
      );
    });
  return same ? old : peopleOf(members);
}
