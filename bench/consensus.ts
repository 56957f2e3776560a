/**
 * Committees in one Node.js process with messages in memory: ours beside raijin-consensus and the core of a crash-fault raft (`npm run bench --
 * consensus`, explained in docs/benchmarks.md).
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Parts } from '../src/consensus/parts.ts';
import { BenchCommittee } from './consensus-committee.ts';
import { ed25519Keys, measureCosts, noKeys, type BenchKeys } from './consensus-keys.ts';
import { RaftCommittee } from './consensus-raft.ts';
import { RaijinCommittee } from './consensus-raijin.ts';
import { measureTabs } from './consensus-tabs.ts';
import { markdownOf, printSection, tallyOf, whole, type Row, type Section } from './table.ts';

/** Bytes of an operation. */
const OPERATION_BYTES = 200;
/** Seats, and decisions a second that a committee without signatures has to reach. */
const PLAIN = [
  { seats: 4, least: 10_000 },
  { seats: 7, least: 4_000 },
] as const;
const SIGNED_SEATS = [4, 7] as const;
/** Share of what the signatures alone would allow. */
const LEAST_SHARE = 0.9;
const BATCH = { seats: 4, requests: 64, least: 1_700 } as const;
/** A contender warms up for this share of the time that it is measured. */
const WARM_SHARE = 0.5;
/** Pieces into which a measurement with signatures is cut, the cost of one signature before, between and after them. */
const PIECES = 5;

type Decide = () => void | Promise<void>;

/** Decisions a second of `decide`. */
async function rateOf(decide: Decide, seconds: number): Promise<number> {
  await decideFor(decide, seconds * WARM_SHARE);
  const { count, ms } = await decideFor(decide, seconds);
  return (count / ms) * 1000;
}

async function decideFor(decide: Decide, seconds: number): Promise<{ count: number; ms: number }> {
  const began = performance.now();
  for (let count = 1; ; count++) {
    const pending = decide();
    if (pending !== undefined) await pending;
    const ms = performance.now() - began;
    if (ms >= seconds * 1000) return { count, ms };
  }
}

const operation = new Uint8Array(OPERATION_BYTES);

async function plainRow(seats: number, least: number, seconds: number): Promise<Measured> {
  const raijin = new RaijinCommittee(seats);
  const raft = new RaftCommittee(seats);
  const text = 'x'.repeat(OPERATION_BYTES);
  const own = new BenchCommittee(noKeys(seats));
  const figures = {
    seats,
    raijin: await rateOf(() => raijin.decide(operation), seconds),
    raft: await rateOf(() => raft.decide(text), seconds),
    ours: await rateOf(() => own.decide([operation]), seconds),
  };
  const row = {
    what: `${seats} seats, no signatures: decisions a second`,
    stock: `${whole(figures.raijin)}; raft ${whole(figures.raft)}`,
    ours: whole(figures.ours),
    target: `>= ${whole(least)}`,
    holds: figures.ours >= least,
  };
  return { figures, rows: [row] };
}

/** What a committee with real signatures reaches, and what its signatures alone would allow at their cost meanwhile. */
interface Signed {
  readonly perSecond: number;
  readonly bound: number;
  /** Per decision of all seats together. */
  readonly signed: number;
  readonly verified: number;
  readonly signUs: number;
  readonly verifyUs: number;
}

async function measureSigned(keys: BenchKeys, decide: Decide, seconds: number): Promise<Signed> {
  await decideFor(decide, seconds * WARM_SHARE);
  keys.counts.signed = 0;
  keys.counts.verified = 0;
  const costs = [measureCosts()];
  let [count, ms] = [0, 0];
  for (let piece = 0; piece < PIECES; piece++) {
    const done = await decideFor(decide, seconds / PIECES);
    count += done.count;
    ms += done.ms;
    costs.push(measureCosts());
  }
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const signUs = mean(costs.map((each) => each.signUs));
  const verifyUs = mean(costs.map((each) => each.verifyUs));
  const [signed, verified] = [keys.counts.signed / count, keys.counts.verified / count];
  const bound = 1_000_000 / (signed * signUs + verified * verifyUs);
  return { perSecond: (count / ms) * 1000, bound, signed, verified, signUs, verifyUs };
}

async function signedRow(seats: number, seconds: number): Promise<Measured> {
  const keys = ed25519Keys(seats);
  const committee = new BenchCommittee(keys);
  const figures = await measureSigned(keys, () => committee.decide([operation]), seconds);
  const { perSecond, bound, signed, verified } = figures;
  const row = {
    what: `${seats} seats, Ed25519: decisions a second (${whole(signed)} signatures, ${whole(verified)} checks each)`,
    stock: '',
    ours: `${whole(perSecond)}, ${(perSecond / bound).toFixed(2)} of the bound`,
    target: `>= ${LEAST_SHARE} x ${whole(bound)}`,
    holds: perSecond >= LEAST_SHARE * bound,
  };
  return { figures: { seats, ...figures }, rows: [row] };
}

/** Lets the primary wait until a batch is full. */
function gather({ pending }: Parts): void {
  const take = pending.take.bind(pending);
  let waiting = 0;
  const add = pending.add.bind(pending);
  pending.add = (request, now) => {
    const isNew = add(request, now);
    if (isNew) waiting += 1;
    return isNew;
  };
  pending.take = (view) => {
    if (waiting < BATCH.requests) return [];
    waiting = 0;
    return take(view);
  };
}

async function batchRow(seconds: number): Promise<Measured> {
  const { seats, requests, least } = BATCH;
  const keys = ed25519Keys(seats);
  const committee = new BenchCommittee(keys, gather);
  const operations = Array.from({ length: requests }, () => operation);
  const figures = await measureSigned(keys, () => committee.decide(operations), seconds);
  const perSecond = figures.perSecond * requests;
  const bound = figures.bound * requests;
  const row = {
    what: `${seats} seats, Ed25519, batches of ${requests}: operations a second`,
    stock: '',
    ours: `${whole(perSecond)}, ${(perSecond / bound).toFixed(2)} of ${whole(bound)}`,
    target: `>= ${whole(least)}`,
    holds: perSecond >= least,
  };
  return { figures: { seats, requests, ...figures }, rows: [row] };
}

interface Measured {
  readonly figures: object;
  readonly rows: readonly Row[];
}

export async function run(args: readonly string[]): Promise<void> {
  const { seconds, isSaved, areTabs } = readOptions(args);
  const at = new Date().toISOString();
  const { figures, section } = await (areTabs ? measureTabs(seconds) : measureProcess(seconds));
  printSection(section);
  const { held, judged } = tallyOf([section]);
  const machine = { at, seconds, node: process.version, cores: cpus().length, cpu: cpus()[0]?.model };
  const report = {
    bench: areTabs ? 'consensus in tabs' : 'consensus',
    ...machine,
    held,
    judged,
    figures,
    ...section,
  };
  console.log(`\n${JSON.stringify(report)}`);
  if (isSaved) await save(report);
  console.log(`\n${markdownOf(section)}\n\n${held} of ${judged} rows hold`);
}

/** Committees in this process. */
async function measureProcess(
  seconds: number,
): Promise<{ readonly figures: readonly object[]; readonly section: Section }> {
  const measured: Measured[] = [];
  for (const { seats, least } of PLAIN) measured.push(await plainRow(seats, least, seconds));
  for (const seats of SIGNED_SEATS) measured.push(await signedRow(seats, seconds));
  measured.push(await batchRow(seconds));
  const title = 'one process, messages and writes in memory (stock: raijin-consensus, which checks nothing)';
  const rows = measured.flatMap((each) => each.rows);
  return { figures: measured.map((each) => each.figures), section: { title, rows } };
}

function readOptions(args: readonly string[]): {
  readonly seconds: number;
  readonly isSaved: boolean;
  readonly areTabs: boolean;
} {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '3' },
      save: { type: 'boolean', default: false },
      tabs: { type: 'boolean', default: false },
    },
  });
  const seconds = Number(values.seconds);
  if (!(seconds >= 1 && seconds <= 60)) throw new Error('--seconds needs a number from 1 to 60');
  return { seconds, isSaved: values.save, areTabs: values.tabs };
}

async function save(report: { readonly at: string; readonly bench: string }): Promise<void> {
  const folder = new URL('../docs/benchmarks/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const name = `${report.bench.replaceAll(' ', '-')}-${report.at.slice(0, 16).replaceAll(':', '')}.json`;
  const file = fileURLToPath(new URL(name, folder));
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`written to ${file}`);
}
