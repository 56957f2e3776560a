/** How long until the next round of digests: soon in a small swarm in which digests differ, later in a large one or one where they do not. */
import type { Random } from '../kernel/random.ts';
import { DIGEST_JITTER_MS, DIGEST_MAX_MS, DIGEST_MIN_MS, LARGE_SWARM, SMALL_SWARM } from './limits.ts';

/** Milliseconds until the next round, from DIGEST_MIN_MS to DIGEST_MAX_MS. `peers`: how large the swarm is. */
export function roundAfter(peers: number, isRestless: boolean, random: Random): number {
  const [soonest, latest] = [DIGEST_MIN_MS + DIGEST_JITTER_MS, DIGEST_MAX_MS - DIGEST_JITTER_MS];
  const growth = (peers - SMALL_SWARM) / (LARGE_SWARM - SMALL_SWARM);
  const share = isRestless ? Math.min(1, Math.max(0, growth)) : 1;
  const middle = soonest + Math.round((latest - soonest) * share);
  return middle - DIGEST_JITTER_MS + random.below(2 * DIGEST_JITTER_MS + 1);
}
