/** Every scenario that `npm run sim` knows. A new one is a file in this folder and a line here. */
import type { Scenario } from '../scenario.ts';
import { boardScenario } from './board.ts';
import { BROADCAST_SCENARIOS } from './broadcast.ts';
import { checkpointScenario } from './checkpoint.ts';
import { COMMITTEE_SCENARIOS } from './committee.ts';
import { consensusScenario } from './consensus.ts';
import { councilScenario } from './council.ts';
import { hostileScenario } from './hostile.ts';
import { joinAtOnceScenario, joinFewScenario } from './join-at-once.ts';
import { joinInTurnScenario } from './join-in-turn.ts';
import { halfKilledScenario, killMostScenario } from './kill.ts';
import { meshScenario } from './mesh.ts';
import { noServerScenario } from './no-server.ts';
import { presenceCostScenario, presenceScenario } from './presence.ts';
import { siegeScenario } from './siege.ts';
import { SPLIT_SCENARIOS } from './split.ts';
import { throttledScenario } from './throttled.ts';
import { twinsScenario } from './twins.ts';

export const SCENARIOS: readonly Scenario[] = [
  meshScenario,
  ...BROADCAST_SCENARIOS,
  joinAtOnceScenario,
  joinFewScenario,
  joinInTurnScenario,
  killMostScenario,
  halfKilledScenario,
  ...SPLIT_SCENARIOS,
  noServerScenario,
  throttledScenario,
  boardScenario,
  checkpointScenario,
  hostileScenario,
  siegeScenario,
  consensusScenario,
  councilScenario,
  ...COMMITTEE_SCENARIOS,
  twinsScenario,
  presenceScenario,
  presenceCostScenario,
];
