/** What `status()` says while a scratch board is open: only what y-webrtc lets anybody know. What has no meaning there is null. */
import type { ScratchFacts, ScratchSession } from '../scratch/scratch-session.ts';
import type { ScratchPerson } from '../scratch/meeting.ts';
import type { ScratchRecord } from '../scratch/scratch-shelf.ts';
import type { LinkStatus, MemberStatus, Status, StorageStatus } from '../ui/ports.ts';

type Own = Pick<Status, 'peerId' | 'memberId' | 'name'>;

export interface ScratchFullStatus extends Status {
  readonly frontierDigest: null;
  readonly boardDigest: string | null;
}

const NOTHING_TO_DECIDE = { queuedProposals: 0, queuedBallots: 0, needsVote: 0 } as const;

export function scratchStatus(
  own: Own,
  session: ScratchSession,
  record: ScratchRecord | undefined,
  storage: StorageStatus,
): ScratchFullStatus {
  const facts = session.facts();
  const links = facts.peers.map(({ peerId, isBrowserLocal }): LinkStatus => ({
    peerId,
    state: 'up',
    rttMs: null,
    relayed: false,
    browserLocal: isBrowserLocal,
  }));
  return {
    ...own,
    boardId: session.boardId,
    role: 'editor',
    barred: null,
    signaling: facts.signaling,
    links,
    members: membersOf(own, facts),
    knownPeers: null,
    reachablePeers: links.length,
    partition: null,
    missingPeers: null,
    frontierDigest: null,
    // Computed when read: it walks the whole board.
    get boardDigest() {
      return session.digest();
    },
    pending: { ...NOTHING_TO_DECIDE, unacknowledged: null, unsaved: facts.unsaved },
    committee: null,
    closed: null,
    copies: null,
    storage,
    scratch: {
      fullBoardId: record?.fullBoard ?? null,
      skipped: facts.skipped,
      notices: facts.notices,
      bytes: facts.bytes,
    },
  };
}

/** Who says that they are here, by the member id that they claim; those without one are told apart by name. Nothing of it is proven. */
function membersOf(own: Own, { people }: ScratchFacts): readonly MemberStatus[] {
  const members = new Map<string, MemberStatus>();
  for (const person of people) {
    const memberId = person.memberId === '' ? `unnamed ${person.name}` : person.memberId;
    const known = members.get(memberId);
    members.set(memberId, known === undefined ? memberOf(own, memberId, person) : oneMore(known));
  }
  return [...members.values()];
}

function memberOf(own: Own, memberId: string, { name, isSelf }: ScratchPerson): MemberStatus {
  return {
    memberId,
    name: isSelf ? own.name : name,
    online: true,
    asleep: false,
    role: 'editor',
    standing: 'good',
    creator: false,
    eviction: null,
    peers: 1,
    self: isSelf,
  };
}

const oneMore = (member: MemberStatus): MemberStatus => ({ ...member, peers: member.peers + 1 });
