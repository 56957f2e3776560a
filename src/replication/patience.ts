/**
 * For how long a neighbour may keep to itself what it holds. An honest one says it every few seconds, answers a pull at once without a timer, and gives
 * what it shows: whoever lives and does none of that keeps back, and its link is worth more with somebody else. Time is that of our own rounds as they were
 * armed, so neither our sleep nor our throttled timers count against anybody. Rules REP-62 to REP-64.
 */
import type { PeerId } from '../kernel/ids.ts';
import { pick, type Random } from '../kernel/random.ts';
import { DIGEST_MAX_MS, MAX_VAIN_PULLS, OWED_MS, QUIET_ASK_MS, QUIET_MS } from './limits.ts';
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
export function noteTold(neighbour: Neighbour, message: ReplicationMessage): void {
  if (TELLING.has(message.kind)) neighbour.quietMs = undefined;
  // A batch that nobody asked for answers nothing.
  if (message.kind === 'batch' && message.pull >= (neighbour.owed?.pull ?? 0)) neighbour.owed = undefined;
}

/** The neighbour was asked for what it had shown. It owes an answer from the next round on, as the round under way may be nearly over. */
export function noteAsked(neighbour: Neighbour, pull: number): void {
  neighbour.owed ??= { pull, ms: -DIGEST_MAX_MS };
}

/**
 * A round that had been armed for `roundMs` is over. If all neighbours keep back, one stays until the next round: over it others are found.
 */
export function judgeNeighbours(neighbours: readonly Neighbour[], roundMs: number, random: Random): Verdicts {
  for (const neighbour of neighbours) {
    neighbour.quietMs = neighbour.quietMs === undefined ? 0 : neighbour.quietMs + roundMs;
    const { owed } = neighbour;
    if (owed !== undefined) neighbour.owed = { ...owed, ms: owed.ms + roundMs };
  }
  const keeping = neighbours.filter(keepsBack);
  const isAll = keeping.length === neighbours.length && keeping.length > 1;
  const spared = isAll ? pick(random, keeping) : undefined;
  return {
    asked: neighbours.filter(({ quietMs = 0, owed }) => Math.max(quietMs, owed?.ms ?? 0) >= QUIET_ASK_MS),
    given: keeping.filter((neighbour) => neighbour !== spared).map(({ peer }) => peer),
  };
}

function keepsBack({ quietMs = 0, owed, vainPulls }: Neighbour): boolean {
  return quietMs >= QUIET_MS || (owed?.ms ?? 0) >= OWED_MS || vainPulls >= MAX_VAIN_PULLS;
}
