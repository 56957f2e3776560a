/** What goes wrong in a run of the consensus scenario. */
import type { Random } from '../kernel/random.ts';
import { FAIR_WEATHER, type Weather } from './consensus-network.ts';

export interface Drawn {
  readonly weather: Weather;
  readonly crashPerMille: number;
  readonly partitionEveryMs: number;
  readonly tamperPerMille: number;
  /** How often, about, somebody asks for other seats; 0: never. */
  readonly reseatEveryMs: number;
  /** More seats than can be borne are lost for good, and an owner begins anew. */
  readonly isLost: boolean;
  readonly isEncoded: boolean;
  readonly described: readonly string[];
}

export const NO_TROUBLE: Drawn = {
  weather: FAIR_WEATHER,
  crashPerMille: 0,
  partitionEveryMs: 0,
  tamperPerMille: 0,
  reseatEveryMs: 0,
  isLost: false,
  isEncoded: false,
  described: [],
};

export const WORST_TROUBLE: Drawn = {
  weather: { delayMs: [1, 1_500], lossPerMille: 300, twicePerMille: 300, replayPerMille: 200 },
  crashPerMille: 5,
  partitionEveryMs: 1_000,
  tamperPerMille: 50,
  reseatEveryMs: 0,
  isLost: false,
  isEncoded: false,
  described: ['the worst of everything'],
};

/** What one seed does to its committee: each kind of trouble on or off, and how bad (src/sim/faults.ts says why). */
export function drawTrouble(random: Random): Drawn {
  const described: string[] = [];
  const draw = (name: string, from: number, to: number): number => {
    const own = random.fork(name);
    if (own.below(2) === 0) return 0;
    const value = from + own.below(to - from + 1);
    described.push(`${name} ${value}`);
    return value;
  };
  const slowMs = draw('slowMs', 100, 1_500);
  return {
    weather: {
      delayMs: [1, Math.max(60, slowMs)],
      lossPerMille: draw('lossPerMille', 10, 300),
      twicePerMille: draw('twicePerMille', 10, 300),
      replayPerMille: draw('replayPerMille', 10, 200),
    },
    crashPerMille: draw('crashPerMille', 1, 12),
    partitionEveryMs: draw('partitionEveryMs', 1_000, 8_000),
    tamperPerMille: draw('tamperPerMille', 5, 50),
    reseatEveryMs: draw('reseatEveryMs', 400, 6_000),
    isLost: draw('isLost', 0, 3) === 3,
    isEncoded: random.fork('encoded').below(4) === 0,
    described,
  };
}
