/** Questions about the true links of a simulated swarm, answered from what the link layer holds and never by the overlay itself. */
import type { PeerId } from '../kernel/ids.ts';
import type { MeshWorld } from './mesh-life.ts';

/** Links that nobody may ever exceed (DESIGN section 7). */
export const MAX_LINKS = 5;
/** Links that everybody has in a settled swarm, when there are enough others (NUMBERS: 3 to 5). */
export const MIN_LINKS = 3;

/** Those that run and are awake. */
export function awakePeers(world: MeshWorld): PeerId[] {
  return world.runningPeers().filter((peer) => !world.isAsleep(peer));
}

/** Sets of peers that reach each other over links that are up at both ends, the largest first. */
export function components(world: MeshWorld, peers: readonly PeerId[]): PeerId[][] {
  const isOne = (a: PeerId, b: PeerId): boolean => world.hasLink(b, a);
  return group(peers, (peer) => world.neighbours(peer).filter((other) => isOne(peer, other)));
}

/** How many components there would be if everybody were linked with everybody whom it can ever connect to. */
export function leastComponents(world: MeshWorld, peers: readonly PeerId[]): number {
  if (world.paths.isUnhindered) return Math.min(1, peers.length);
  return group(peers, (peer) => peers.filter((other) => mayConnect(world, peer, other))).length;
}

/** Whether a way from `a` to `b` over others of `peers` is possible at all. */
export function mayReach(world: MeshWorld, peers: readonly PeerId[], a: PeerId, b: PeerId): boolean {
  if (world.paths.isUnhindered) return true;
  const groups = group(peers, (peer) => peers.filter((other) => mayConnect(world, peer, other)));
  return groups.some((members) => members.includes(a) && members.includes(b));
}

/** Peers with too few links, though others could be connected to: others that still have a place for them. */
export function lonelyPeers(world: MeshWorld, peers: readonly PeerId[]): PeerId[] {
  return peers.filter((peer) => {
    const links = world.linkCount(peer);
    if (links >= Math.min(MIN_LINKS, peers.length - 1)) return false;
    return peers.some(
      (other) =>
        mayConnect(world, peer, other) && !world.hasLink(peer, other) && world.linkCount(other) < MAX_LINKS,
    );
  });
}

function mayConnect(world: MeshWorld, a: PeerId, b: PeerId): boolean {
  return a !== b && (world.paths.canConnect(a, b) || world.paths.canConnect(b, a));
}

function group(peers: readonly PeerId[], next: (peer: PeerId) => readonly PeerId[]): PeerId[][] {
  const left = new Set(peers);
  const groups: PeerId[][] = [];
  for (const first of peers) {
    if (!left.delete(first)) continue;
    const members = [first];
    // The list grows while it is walked.
    for (const peer of members) members.push(...next(peer).filter((other) => left.delete(other)));
    groups.push(members);
  }
  return groups.sort((a, b) => b.length - a.length);
}
