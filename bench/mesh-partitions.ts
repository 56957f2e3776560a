/** Swarms with little room for connections: how often they split for good, and what never arrives then. */
import { measurePacedAlone } from './mesh-edits.ts';
import type { Contender } from './mesh-contenders.ts';
import { isOneGroup, Swarm } from './mesh-swarm.ts';
import { observe } from './observe.ts';

/** A swarm of 8 is one group within 2 s or never was (research: watched for 15 s and for 20 s, same result). */
const RUN_WINDOW_MS = 15_000;
/** Tabs join in turn, one after so long. */
const TURN_MS = 100;
/** After the last one: a group that parts again at once is none. */
const SETTLE_MS = 500;

/** Runs in which tabs joined in turn. */
export interface PartitionFigures {
  readonly runs: number;
  /** Not one group within the window. */
  readonly partitioned: number;
  /** Some tab had more links than its cap at some time. */
  readonly aboveCap: number;
  readonly medianMs: number | null;
}

/** `runs` swarms of the same pages, which are loaded anew for each. */
export async function measurePartitions(
  contender: Contender,
  tabs: number,
  runs: number,
): Promise<PartitionFigures> {
  const swarm = await Swarm.open(contender, tabs);
  const times: number[] = [];
  let aboveCap = 0;
  try {
    for (let run = 0; run < runs; run++) {
      if (run > 0) await swarm.reload();
      const { oneGroupMs, isAboveCap } = await joinInTurn(swarm);
      if (oneGroupMs !== null) times.push(oneGroupMs);
      if (isAboveCap) aboveCap++;
      if (process.env['CI'] === undefined && run % 10 === 9)
        console.error(`${contender.name}: ${run + 1} of ${runs} runs, ${run + 1 - times.length} partitioned`);
    }
  } finally {
    await swarm.close();
  }
  times.sort((a, b) => a - b);
  return {
    runs,
    partitioned: runs - times.length,
    aboveCap,
    medianMs: times[Math.floor(times.length / 2)] ?? null,
  };
}

async function joinInTurn(swarm: Swarm) {
  const { contender, pages } = swarm;
  const [first, ...others] = pages;
  if (first === undefined) throw new Error('a swarm needs a tab');
  const invitation = await contender.found(first, 1);
  let began = 0;
  for (const page of others) {
    began = await contender.join(page, invitation);
    await observe(TURN_MS);
  }
  const isWhole = (graph: { firstAt(holds: typeof isOneGroup, from: number): number | null }): boolean =>
    graph.firstAt(isOneGroup, began) !== null;
  const graph = await swarm.observeGraph(began + RUN_WINDOW_MS, isWhole);
  const at = graph.firstAt(isOneGroup, began);
  await observe(SETTLE_MS);
  const last = await swarm.observeGraph(0, () => true);
  return { oneGroupMs: at === null ? null : at - began, isAboveCap: last.aboveCap() > 0 };
}

/** A swarm that joined at once under a cap on connections, and edits in it. */
export interface CappedFigures {
  readonly oneGroupMs: number | null;
  readonly tabsAboveCap: number;
  readonly deliveries: number;
  readonly lost: number;
}

/** All join at once and edit. */
export async function measureCapped(
  contender: Contender,
  tabs: number,
  edits: number,
): Promise<CappedFigures> {
  const swarm = await Swarm.open(contender, tabs);
  try {
    const { oneGroupMs } = await swarm.form();
    const { deliveries, lost } = await measurePacedAlone(swarm, edits);
    const graph = await swarm.observeGraph(0, () => true);
    return { oneGroupMs, tabsAboveCap: graph.aboveCap(), deliveries, lost };
  } finally {
    await swarm.close();
  }
}
