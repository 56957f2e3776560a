/**
 * Twins (Bano and others, "Twins: BFT systems made robust", OPODIS 2021): an unmodified replica that is there twice with one key does
 * whatever a liar can do who says nothing that an honest seat could not say: equivocate, vote twice, forget. All scenarios of four seats, of
 * which seat 0 is there twice: for each view, who leads it and into which two groups the replicas fall meanwhile. A seed is the number of a
 * scenario. Safety is judged after every step, and nothing else.
 */
import { SimulationFailure } from '../failure.ts';
import type { Scenario, ScenarioOptions, ScenarioReport } from '../scenario.ts';
import { TWINS_PLANTS, twinsPlant } from '../twins-plants.ts';
import { TwinsTable, type Instance } from '../twins-table.ts';

const SEATS = 4;
/**
 * Who is in the first group: both twins, the first or none of them, and how many of the others. All ways into which one pair of twins and three
 * that differ in nothing fall into two groups, one of which may be empty.
 */
const GROUPS: readonly (readonly [twins: readonly number[], others: number])[] = [
  [[0, 1], 3],
  [[0, 1], 2],
  [[0, 1], 1],
  [[0, 1], 0],
  [[0], 0],
  [[0], 1],
];
/** Ways that one view can go. */
const WAYS = SEATS * GROUPS.length;
const VIEWS = [3, 4] as const;
/** Scenarios of three views; those of four follow in the numbering. */
export const SHORT_SCENARIOS = WAYS ** VIEWS[0];
export const ALL_SCENARIOS = SHORT_SCENARIOS + WAYS ** VIEWS[1];

export const twinsScenario: Scenario = {
  name: 'twins',
  about: `four seats, one of them twice; a seed is the number of a scenario, 0 to ${SHORT_SCENARIOS - 1} of three views, to ${ALL_SCENARIOS - 1} of four`,
  usualPeers: SEATS,
  plants: TWINS_PLANTS,
  run,
};

interface View {
  readonly leader: number;
  readonly groups: (typeof GROUPS)[number];
}

/** The views of the scenario of a number: its digits. */
export function viewsOf(number: number): readonly View[] {
  const isShort = number < SHORT_SCENARIOS;
  let rest = isShort ? number : number - SHORT_SCENARIOS;
  return Array.from({ length: VIEWS[isShort ? 0 : 1] }, () => {
    const way = rest % WAYS;
    rest = Math.floor(rest / WAYS);
    return { leader: way % SEATS, groups: GROUPS[Math.floor(way / SEATS)] ?? [[], 0] };
  });
}

function run({ seed, plant: name, replay }: ScenarioOptions): ScenarioReport {
  const number = Number(seed) % ALL_SCENARIOS;
  const plant = twinsPlant(name);
  const twins = plant?.liars?.kind === 'twin' ? 2 : 1;
  const views = viewsOf(number);
  const faults = views.map(
    ({ leader, groups: [first, others] }) => `${leader} leads, ${first.length} + ${others}`,
  );
  const table: TwinsTable = new TwinsTable(twins, plant, (what): never => {
    throw new SimulationFailure(what, { seed, command: replay }, faults, table.trace.lines());
  });
  play(table, views);
  return {
    virtualMs: 0,
    events: table.trace.count,
    sentMessages: table.messages,
    sentBytes: 0,
    traceDigest: table.trace.digest(),
    figures: { decided: table.decided },
  };
}

function play(table: TwinsTable, views: readonly View[]): void {
  let view = -1;
  for (const { leader, groups } of views) {
    // The seat v mod n leads view v. Views between are left before anything comes of them.
    do view += 1;
    while (view % SEATS !== leader);
    table.group(namesOf(table.instances, groups));
    table.leaveFor(view);
    for (const each of table.instances) if (each.seat === leader) table.ask(each);
  }
  table.group(new Map());
  table.repeat();
}

/** The group of each: honest seats in their order, the first so many in the first group. With more twins than one all go like the first. */
function namesOf(instances: readonly Instance[], [first, others]: View['groups']): Map<string, number> {
  const honest = instances.filter(({ isTwin }) => !isTwin);
  return new Map(
    instances.map((each) => {
      const isIn = each.isTwin
        ? first.includes(each.name.endsWith("'") ? 1 : 0)
        : honest.indexOf(each) < others;
      return [each.name, isIn ? 0 : 1];
    }),
  );
}
