/** What deciding needs of whatever is open in this tab. */
import type { Participant } from '../runtime/participant.ts';
import type { Session } from '../runtime/session.ts';
import type { BoardFacts } from './decision-views.ts';
import type { DecidingHost } from './deciding.ts';

/** `session`: that of the open full board. */
export function decidingHost(participant: Participant, session: Session | undefined): DecidingHost {
  const { peerId, memberId } = participant.identity;
  return {
    isOpen: session !== undefined,
    council: session?.council,
    sign: (toSign) => participant.identity.memberSigner.sign(toSign),
    facts: { peerId, memberId, ...boardFacts(session) },
  };
}

/** Looked up when they are asked for: most calls never do. */
function boardFacts(session: Session | undefined): Omit<BoardFacts, 'peerId' | 'memberId'> {
  let members: ReadonlyMap<string, ReturnType<Session['node']['status']>['members'][number]> | undefined;
  const member = (id: string): ReturnType<Session['node']['status']>['members'][number] | undefined => {
    members ??= new Map((session?.node.status().members ?? []).map((each) => [each.memberId, each]));
    return members.get(id);
  };
  return {
    roleOf: (id) => {
      const known = member(id);
      return known === undefined || known.standing === 'evicted' ? null : known.role;
    },
    nameOf: (id) => member(id)?.name,
    columnTitle: (id) => session?.node.snapshot().columns.find((column) => column.id === id)?.title,
  };
}
