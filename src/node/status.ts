/** What a node says about itself: JSON-ready values, safe to ask for often. Shapes follow the scripting interface (docs/api.md). */
import type { MemberId, PeerId } from '../kernel/ids.ts';
import type { StoreFailure } from '../kernel/machine.ts';
import type { Role } from '../identity/roles.ts';
import type { Overlay } from '../overlay/overlay.ts';
import type { Partition } from '../overlay/partition.ts';
import type { Copying } from '../replication/anti-entropy.ts';
import type { Replication } from '../replication/replication.ts';
import type { EvictionNotice, Roster } from './roster.ts';

/**
 * How a member stands. `frozen`: one of its tabs signed two different entries for one place, and what that tab writes is ignored; its other
 * tabs go on. Over once the tab has a new key and nobody is here under the old one. `evicted`: an owner removed it.
 */
export type MemberStanding = 'good' | 'frozen' | 'evicted';

/** Why nobody accepts what this tab writes: its member was evicted, its journal forked, or part of it was cut off. */
export type Barred = 'evicted' | 'forked' | 'cut';

export interface NodeMember {
  readonly memberId: MemberId;
  readonly name: string;
  /** Of an evicted member, the last one it had. */
  readonly role: Role;
  readonly standing: MemberStanding;
  /** Whether it made the board: nobody may restrict it. */
  readonly creator: boolean;
  /** Which member removed it, and when by that one's clock; null unless it was evicted. */
  readonly eviction: EvictionNotice | null;
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
  readonly barred: Barred | undefined;
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
  const forked = new Set(replication.proofs.map(({ author }) => author));
  const here = new Set(peers.flatMap(({ peer, reachable, asleep }) => (reachable || asleep ? [peer] : [])));
  const isOver = (author: PeerId): boolean =>
    author !== self && !here.has(author) && roster.successorsOf(author).some((peer) => !forked.has(peer));
  const frozen = new Set(
    [...forked].filter((author) => !isOver(author)).map((peer) => roster.memberOf(peer)),
  );
  const members = roster.members().map(({ member: id, name, role, evicted }): NodeMember => {
    const count = tabs.get(id) ?? { awake: 0, asleep: 0 };
    const isSelf = id === member;
    const reachable = count.awake + count.asleep + (isSelf ? 1 : 0);
    return {
      memberId: id,
      name: name === '' && isSelf ? ownName : name,
      role,
      standing: evicted ? 'evicted' : frozen.has(id) ? 'frozen' : 'good',
      creator: id === roster.founder(),
      eviction: evictionOf(id, roster, replication),
      online: reachable > 0,
      asleep: !isSelf && count.awake === 0 && count.asleep > 0,
      peers: reachable,
      self: isSelf,
    };
  });
  return {
    role: roster.roleOf(member),
    barred: barredOf(member, roster, replication),
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

/** Why nobody accepts what our tab writes, or undefined if they do. */
export function barredOf(member: MemberId, roster: Roster, replication: Replication): Barred | undefined {
  return roster.isEvicted(member) ? 'evicted' : replication.barred;
}

function evictionOf(member: MemberId, roster: Roster, { journals }: Replication): EvictionNotice | null {
  const hash = roster.evictionOf(member);
  const entry = hash && journals.get(hash);
  const by = entry && roster.memberOf(entry.author);
  if (entry !== undefined && by !== undefined) return { by, at: entry.wallMs };
  return roster.isEvicted(member) ? (roster.notice ?? null) : null;
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
