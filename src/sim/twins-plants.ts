/**
 * Bugs that twins can find. They forge nothing and nothing crashes here, so most bugs of consensus-plants.ts stay hidden. And in any group of four seats
 * that can decide sits an honest one that knows what was decided before and does not vote against it: a new view that forgets is found only
 * where that is forgotten as well.
 */
import type { Parts } from '../consensus/parts.ts';
import { consensusPlant, votesBlindly, type ConsensusPlant } from './consensus-plants.ts';

function combined(about: string, tamper: (parts: Parts) => void): ConsensusPlant {
  return {
    about: `${about}, and nobody minds voting against what it decided`,
    tamper: (parts) => {
      tamper(parts);
      votesBlindly(parts);
    },
  };
}

const PLANTS: Readonly<Record<string, ConsensusPlant | undefined>> = {
  tooManyTwins: consensusPlant('tooManyTwins'),
  smallQuorum: consensusPlant('smallQuorum'),
  executeAgain: consensusPlant('executeAgain'),
  blindAllNull: combined('new views begin with null batches', (parts) =>
    consensusPlant('allNull')?.tamper?.(parts),
  ),
  blindEmptyViewChange: combined('view changes say that nothing was prepared', (parts) =>
    consensusPlant('emptyViewChange')?.tamper?.(parts),
  ),
};

export const TWINS_PLANTS: readonly string[] = Object.keys(PLANTS);

export function twinsPlant(name: string | undefined): ConsensusPlant | undefined {
  return name === undefined ? undefined : PLANTS[name];
}
