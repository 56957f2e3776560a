/** What the overlay knows of the swarm, for screens and scripts. */
import type { PeerId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/machine.ts';
import type { Directory } from './directory.ts';
import { estimatePartition, type Partition } from './partition.ts';

export interface OverlaySummary {
  /** Peers in the table that have not left and are not known to be dead, ourselves not counted. */
  readonly knownPeers: number;
  /** Peers that a broadcast of ours would reach, ourselves not counted. */
  readonly reachablePeers: number;
  /** Peers that should be here and cannot be reached. */
  readonly missingPeers: number;
  readonly partition: Partition;
  /** Every known peer that was heard of through announcements and is not gone. */
  readonly peers: readonly OverlayPeer[];
}

export interface OverlayPeer {
  readonly peer: PeerId;
  readonly lastHeardAt: Instant;
  /** Its links, by its latest announcement. */
  readonly degree: number;
  readonly asleep: boolean;
  readonly reachable: boolean;
  /** No direct link with it could be made, and it is reached over others. */
  readonly relayed: boolean;
  readonly load: number;
  readonly capabilities: readonly string[];
}

export function summarise(
  self: PeerId,
  directory: Directory,
  links: ReadonlySet<PeerId>,
  now: number,
): OverlaySummary {
  const peers: OverlayPeer[] = [];
  let knownPeers = 0;
  for (const { peer, announcement, heardAt, gone, reachable, noPathAt } of directory.all()) {
    if (gone !== undefined) continue;
    knownPeers += 1;
    if (announcement === undefined || heardAt === undefined) continue;
    const { asleep, load, capabilities, neighbours } = announcement;
    peers.push({
      peer,
      lastHeardAt: heardAt as Instant,
      degree: neighbours.length,
      asleep,
      reachable,
      relayed: reachable && noPathAt !== undefined && !links.has(peer),
      load,
      capabilities,
    });
  }
  const { partition, missing } = estimatePartition(self, directory, now);
  return { knownPeers, reachablePeers: directory.reachable, missingPeers: missing, partition, peers };
}
