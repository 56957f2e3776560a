/** What a node says about itself: JSON-ready values, safe to ask for often. Shapes follow the scripting interface (docs/api.md). */
import type { MemberId, PeerId } from '../kernel/ids.ts';
import type { StoreFailure } from '../kernel/machine.ts';
import type { Role } from '../identity/roles.ts';
import type { Overlay } from '../overlay/overlay.ts';
import type { Partition } from '../overlay/partition.ts';
import type { Copying } from '../replication/anti-entropy.ts';
import type { Replication } from '../replication/replication.ts';
import type { Roster } from './roster.ts';

export interface NodeMember {
  readonly memberId: MemberId;
  readonly name: string;
  readonly role: Role;
  readonly online: boolean;
  /** All its reachable tabs said that they sleep. */
  readonly asleep: boolean;
  /** Its tabs that we can reach, ourselves included. */
  readonly peers: number;
  readonly self: boolean;
}

export interface NodeStatus {
  /** Our role, or undefined while we are not in the roster. */
  readonly role: Role | undefined;
  readonly neighbours: readonly PeerId[];
  readonly members: readonly NodeMember[];
  readonly knownPeers: number;
  readonly reachablePeers: number;
  /** Peers that should be here and cannot be reached: on another side of a split. */
  readonly missingPeers: number;
  /** Whether the swarm seems split, and on which side we are. */
  readonly partition: Partition;
  /** Peers with which no direct link could be made, reached over others. */
  readonly relayed: readonly PeerId[];
  readonly frontierDigest: string;
  readonly unacknowledged: number;
  readonly unsaved: number;
  readonly storeFailure: StoreFailure | undefined;
  readonly copies: number;
}

/** Where a newcomer stands. */
export type JoinState =
  | { readonly phase: 'finding' }
  | { readonly phase: 'copying'; readonly receivedBytes: number; readonly totalBytes: number }
  | { readonly phase: 'joined' };

export function joinStateOf(isComplete: boolean, copying: Copying | undefined): JoinState {
  if (isComplete) return { phase: 'joined' };
  return copying === undefined ? { phase: 'finding' } : { phase: 'copying', ...copying };
}

export function summarise(parts: {
  readonly self: PeerId;
  readonly member: MemberId;
  readonly ownName: string;
  readonly roster: Roster;
  readonly overlay: Overlay;
  readonly replication: Replication;
}): NodeStatus {
  const { self, member, ownName, roster, overlay, replication } = parts;
  const { knownPeers, reachablePeers, missingPeers, partition, peers } = overlay.summary();
  const tabs = new Map<MemberId, { awake: number; asleep: number }>();
  for (const { peer, asleep, reachable } of peers) {
    const owner = roster.memberOf(peer);
    // Who sleeps is not gone, though nothing reaches it.
    if (owner === undefined || peer === self || (!reachable && !asleep)) continue;
    const count = tabs.get(owner) ?? { awake: 0, asleep: 0 };
    count[asleep ? 'asleep' : 'awake'] += 1;
    tabs.set(owner, count);
  }
  const members = roster.members().map(({ member: id, name, role }): NodeMember => {
    const count = tabs.get(id) ?? { awake: 0, asleep: 0 };
    const isSelf = id === member;
    const reachable = count.awake + count.asleep + (isSelf ? 1 : 0);
    return {
      memberId: id,
      name: name === '' && isSelf ? ownName : name,
      role,
      online: reachable > 0,
      asleep: !isSelf && count.awake === 0 && count.asleep > 0,
      peers: reachable,
      self: isSelf,
    };
  });
  return {
    role: roster.roleOf(member),
    neighbours: overlay.neighbours(),
    members,
    knownPeers,
    reachablePeers,
    missingPeers,
    partition,
    relayed: peers.filter(({ relayed }) => relayed).map(({ peer }) => peer),
    // Computed when read: it hashes all authors' heads anew after every write, and screens never look at it.
    get frontierDigest() {
      return replication.journals.frontierDigest();
    },
    unacknowledged: replication.unacknowledgedCount,
    unsaved: replication.unsavedCount,
    storeFailure: replication.storeFailure,
    copies: countCopies(member, roster, replication),
  };
}

/** Devices known to hold all that we hold, ourselves included, whether or not they are here now. Several tabs of one member are one device. */
function countCopies(member: MemberId, roster: Roster, replication: Replication): number {
  const holders = new Set<MemberId>([member]);
  for (const peer of replication.holdersOfAll()) {
    const owner = roster.memberOf(peer);
    if (owner !== undefined) holders.add(owner);
  }
  return holders.size;
}
