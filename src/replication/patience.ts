/**
 * For how long a neighbour may keep to itself what it holds. An honest one says it every few seconds, answers a pull at once without a timer, and gives
 * what it shows: whoever lives and does none of that keeps back, and its link is worth more with somebody else. Time is that of our own rounds as they were
 * armed, so neither our sleep nor our throttled timers count against anybody. Rules REP-62 to REP-64.
 */
import type { PeerId } from '../kernel/ids.ts';
import { pick, type Random } from '../kernel/random.ts';
import { MAX_VAIN_PULLS, QUIET_ASK_MS, QUIET_MS } from './limits.ts';
import type { ReplicationMessage } from './messages.ts';
import type { Neighbour } from './neighbours.ts';

/** What follows from a round. */
export interface Verdicts {
  /** Neighbours to be asked for what they hold. */
  readonly asked: readonly Neighbour[];
  /** Neighbours that keep back. */
  readonly given: readonly PeerId[];
}

/** Which messages say what their sender holds, or give it. */
const TELLING: ReadonlySet<ReplicationMessage['kind']> = new Set([
  'digest',
  'frontier',
  'batch',
  'checkpoint',
  'chunk',
]);

/** The neighbour said something. */
export function noteTold(neighbour: Neighbour, { kind }: ReplicationMessage): void {
  if (TELLING.has(kind)) neighbour.quietMs = undefined;
}

/**
 * A round that had been armed for `roundMs` is over. If all neighbours keep back, one stays until the next round: over it others are found.
 */
export function judgeNeighbours(neighbours: readonly Neighbour[], roundMs: number, random: Random): Verdicts {
  for (const neighbour of neighbours)
    neighbour.quietMs = neighbour.quietMs === undefined ? 0 : neighbour.quietMs + roundMs;
  const keeping = neighbours.filter(keepsBack);
  const isAll = keeping.length === neighbours.length && keeping.length > 1;
  const spared = isAll ? pick(random, keeping) : undefined;
  return {
    asked: neighbours.filter(({ quietMs = 0 }) => quietMs >= QUIET_ASK_MS),
    given: keeping.filter((neighbour) => neighbour !== spared).map(({ peer }) => peer),
  };
}

function keepsBack({ quietMs = 0, vainPulls }: Neighbour): boolean {
  return quietMs >= QUIET_MS || vainPulls >= MAX_VAIN_PULLS;
}
