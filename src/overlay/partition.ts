/**
 * Whether the swarm seems split, and on which side of it we are. Peers that were here lately, said no goodbye, were not found dead by
 * their neighbours and do not sleep, but cannot be reached, are on another side. Below half of everybody we may be the smaller part;
 * at exactly half the part with the lowest peer id counts as the larger one, so that never both do. Rules OVL-50, OVL-51.
 */
import type { PeerId } from '../kernel/ids.ts';
import { isAwake, type Directory } from './directory.ts';
import { MISSING_AFTER_MS, MISSING_MS } from './limits.ts';

export type Partition = 'none' | 'majority' | 'minority';

export interface PartitionEstimate {
  readonly partition: Partition;
  /** Peers that should be here and cannot be reached. */
  readonly missing: number;
}

/** What the directory says at `now`. */
export function estimatePartition(self: PeerId, directory: Directory, now: number): PartitionEstimate {
  let here = 1;
  let missing = 0;
  let lowest = self;
  let isLowestHere = true;
  for (const entry of directory.all()) {
    const isHere = entry.reachable;
    if (!isHere && !isMissing(entry, now)) continue;
    if (isHere) here += 1;
    else missing += 1;
    if (entry.peer > lowest) continue;
    lowest = entry.peer;
    isLowestHere = isHere;
  }
  if (missing === 0) return { partition: 'none', missing };
  const isLarger = here > missing || (here === missing && isLowestHere);
  return { partition: isLarger ? 'majority' : 'minority', missing };
}

function isMissing(entry: Parameters<typeof isAwake>[0], now: number): boolean {
  if (entry.heardAt === undefined || !isAwake(entry) || entry.lostAt < 0) return false;
  const lostMs = now - entry.lostAt;
  return lostMs >= MISSING_AFTER_MS && lostMs < MISSING_MS;
}
