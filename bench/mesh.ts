/**
 * N real tabs of ours and N of stock y-webrtc in one run, on one machine, with the same Chromium and the same server code
 * (`npm run bench -- mesh`, explained in docs/benchmarks.md). Swarms run one after the other, each alone on the machine.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { serveOurs, serveStock, type BenchServer } from './bench-server.ts';
import { oursAt, stockAt, type Contender } from './mesh-contenders.ts';
import { measureOurDocument, measureStockDocument } from './mesh-documents.ts';
import { measureEdits } from './mesh-edits.ts';
import { measureHalfKilled, measureKill } from './mesh-extremes.ts';
import { measureGap } from './mesh-gap.ts';
import { measureGrowth } from './mesh-growth.ts';
import { readMeshOptions, type MeshOptions, type Part } from './mesh-options.ts';
import { measureCapped, measurePartitions } from './mesh-partitions.ts';
import { swarmRows, type SwarmFigures } from './mesh-report.ts';
import {
  cappedRows,
  documentRows,
  gapRows,
  growthRows,
  partitionRows,
  throttleRows,
  verifyRows,
} from './mesh-report-extras.ts';
import { runSoak } from './mesh-soak.ts';
import { Swarm } from './mesh-swarm.ts';
import { measureThrottled } from './mesh-throttle.ts';
import { measureIntake, measureVerify } from './mesh-verify.ts';
import { markdownOf, printSection, tallyOf, type Section } from './table.ts';

/** The largest that stock carries with ease, and one that it never does (it sends an update as one message of at most 256 KiB). */
const STOCK_DOCUMENTS_KIB = [200, 300];
/** A group that stock's cap splits (research/mesh.md 0.1). */
const CAPPED = { tabs: 16, cap: 5 };
/** Stock tabs that join in turn, and their cap; beyond so many runs the share does not change. */
const IN_TURN = { tabs: 8, cap: 3, mostStockRuns: 24 };
/** A group in which most pairs have no link. */
const SMALL_GROUP = 8;

/** A section, and what was measured for it. */
interface Measured extends Section {
  readonly figures: unknown;
}

/** Runs the comparison and prints tables, one line of JSON and Markdown. Rejects on a bad argument. */
export async function run(args: readonly string[]): Promise<void> {
  const options = readMeshOptions(args);
  const servers = [await serveStock(), await serveOurs()] as const;
  try {
    const at = new Date().toISOString();
    const began = performance.now();
    const sections =
      options.soakMinutes === undefined
        ? await compare(servers, options)
        : [await soak(servers[1], options.soakMinutes, options.soakTabs)];
    const minutes = Math.round((performance.now() - began) / 6000) / 10;
    const { held, judged } = tallyOf(sections);
    const machine = { at, minutes, node: process.version, cores: cpus().length };
    const report = {
      bench: 'mesh',
      ...machine,
      ...options,
      parts: [...options.parts],
      held,
      judged,
      sections,
    };
    console.log(`\n${JSON.stringify(report)}`);
    if (options.isSaved) await save(report);
    console.log(`\n${sections.map(markdownOf).join('\n\n')}`);
    console.log(`\n${held} of ${judged} rows hold; ${minutes} minutes`);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

async function compare(
  servers: readonly [BenchServer, BenchServer],
  options: MeshOptions,
): Promise<readonly Measured[]> {
  const sections: Measured[] = [];
  const add = (title: string, figures: unknown, rows: Section['rows']): void => {
    const section = { title, rows, figures };
    sections.push(section);
    printSection(section);
  };
  const ours = oursAt(servers[1]);
  let ofCappedSize: SwarmFigures | undefined;
  const measures: Readonly<Record<Part, () => Promise<void>>> = {
    gap: () => {
      const figures = measureGap();
      add('one update missing, 999 waiting behind it (Node.js)', figures, gapRows(figures));
      return Promise.resolve();
    },
    sizes: async () => {
      for (const [i, tabs] of options.tabs.entries()) {
        const stock = await measureSwarm(stockAt(servers[0], undefined), tabs, options.edits, i === 0);
        const mine = await measureSwarm(ours, tabs, options.edits, true);
        if (tabs === CAPPED.tabs) ofCappedSize = mine;
        add(`${tabs} tabs`, { tabs, stock, ours: mine }, swarmRows(tabs, stock, mine));
      }
    },
    capped: async () => {
      const { tabs, cap } = CAPPED;
      const stock = await measureCapped(stockAt(servers[0], cap), tabs, options.edits);
      const mine = ofCappedSize ?? (await measureCapped(ours, tabs, options.edits));
      const rows = cappedRows(stock, mine);
      add(`${tabs} tabs at once, at most ${cap} connections each`, { stock, ours: mine }, rows);
    },
    partitions: async () => {
      const { tabs, cap, mostStockRuns } = IN_TURN;
      const runs = Math.min(options.runs, mostStockRuns);
      const stock = await measurePartitions(stockAt(servers[0], cap), tabs, runs);
      const mine = await measurePartitions(ours, tabs, options.runs);
      const title = `${tabs} tabs joining in turn, stock with at most ${cap} connections each, ours with 5`;
      add(title, { stock, ours: mine }, partitionRows(stock, mine));
    },
    growth: async () => {
      const figures = await measureGrowth(ours, SMALL_GROUP);
      add(`a newcomer to ${SMALL_GROUP} tabs, no server`, figures, growthRows(figures));
    },
    throttled: async () => {
      const figures = await measureThrottled(ours, SMALL_GROUP);
      add(`${SMALL_GROUP} tabs whose timers ring once a second`, figures, throttleRows(figures));
    },
    documents: async () => {
      const stock = [];
      for (const kib of STOCK_DOCUMENTS_KIB)
        stock.push(await measureStockDocument(stockAt(servers[0], undefined), kib));
      const mine = await measureOurDocument(ours, options.documentMib);
      add('documents', { stock, ours: mine }, documentRows(stock, mine));
    },
    verify: async () => {
      const joining = await measureVerify(ours);
      const alone = await measureIntake();
      const figures = { joining, alone };
      add(`a board of ${joining.entries} entries`, figures, verifyRows(joining, alone));
    },
  };
  for (const part of options.parts) await measures[part]();
  return sections;
}

async function measureSwarm(
  contender: Contender,
  tabs: number,
  edits: number,
  isKilling: boolean,
): Promise<SwarmFigures> {
  const began = performance.now();
  const say = (what: string): void => {
    const seconds = Math.round((performance.now() - began) / 1000);
    console.error(`${contender.name}, ${tabs} tabs, ${seconds} s: ${what}`);
  };
  say('opening');
  const swarm = await Swarm.open(contender, tabs);
  try {
    say('joining');
    const forming = await swarm.form();
    say('editing');
    const editing = await measureEdits(swarm, edits);
    const graph = await swarm.observeGraph(0, () => true);
    if (isKilling) say('killing');
    const kill = isKilling ? await measureKill(swarm) : undefined;
    const halfKilled = isKilling ? await measureHalfKilled(swarm, swarm.pages.slice(0, -1)) : undefined;
    return {
      ...forming,
      ...editing,
      kill,
      halfKilled,
      links: graph.counts(),
      tabsAboveCap: graph.aboveCap(),
    };
  } finally {
    await swarm.close();
    say('closed');
  }
}

async function soak(server: BenchServer, minutes: number, tabs: number): Promise<Measured> {
  const { figures, rows } = await runSoak(oursAt(server), tabs, minutes);
  const section = { title: `${minutes} minutes of ${tabs} tabs`, rows, figures };
  printSection(section);
  return section;
}

async function save(report: { readonly at: string }): Promise<void> {
  const folder = new URL('../docs/benchmarks/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const file = fileURLToPath(new URL(`mesh-${report.at.slice(0, 16).replaceAll(':', '')}.json`, folder));
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`written to ${file}`);
}
