/**
 * `npm run sim -- --scenario NAME --peers N --seeds A..B [--plant BUG] [--keys ed25519] [--record FILE --tab NAME] [--quiet]`: runs seeds one after the other,
 * stops at the first failure, and ends with the figures of all. `--record` writes down the last life of one tab, for `npm run replay`.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Recorder } from '../node/recorder.ts';
import { ed25519 } from './ed25519.ts';
import { SimulationFailure } from './failure.ts';
import { Figures, shortNumber } from './figures.ts';
import type { RecordLife } from './board-life.ts';
import type { Scenario, ScenarioReport } from './scenario.ts';
import { SCENARIOS } from './scenarios/registry.ts';

const USAGE =
  'npm run sim -- --scenario NAME [--peers N] [--seeds A..B] [--plant BUG] [--keys ed25519] [--record FILE [--tab NAME]] [--quiet]';

function complain(text: string): never {
  console.error(`${text}\n\n${USAGE}\n`);
  for (const { name, about, usualPeers, plants } of SCENARIOS) {
    const size = usualPeers ?? 'a drawn number of';
    console.error(`  ${name}: ${about} (${size} peers; plants: ${plants.join(', ') || 'none'})`);
  }
  process.exit(2);
}

interface Options {
  readonly scenario?: string;
  readonly peers?: string;
  readonly seeds: string;
  readonly plant?: string;
  readonly keys?: string;
  readonly record?: string;
  readonly tab: string;
  readonly quiet: boolean;
}

function readOptions(): Options {
  try {
    return parseArgs({
      options: {
        scenario: { type: 'string' },
        peers: { type: 'string' },
        seeds: { type: 'string', default: '1..10' },
        plant: { type: 'string' },
        keys: { type: 'string' },
        record: { type: 'string' },
        tab: { type: 'string', default: 'p0' },
        quiet: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return complain(error instanceof Error ? error.message : String(error));
  }
}

function readSeeds(text: string): readonly [first: number, last: number] {
  const match = /^(\d+)(?:\.\.(\d+))?$/.exec(text);
  if (match === null) complain(`Seeds are a number or a range, like 1..100, not ${text}.`);
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  if (last < first) complain(`The range ${text} is empty.`);
  return [first, last];
}

function tell(seed: number, report: ScenarioReport, realMs: number): void {
  const figures = Object.entries(report.figures).map(([name, value]) => `${name} ${shortNumber(value)}`);
  const words = [
    `seed ${seed}`,
    `${(report.virtualMs / 1000).toFixed(1)} virtual s in ${(realMs / 1000).toFixed(2)} s`,
    `${report.events} events`,
    `${report.sentMessages} messages`,
    `${(report.sentBytes / 1000).toFixed(0)} kB`,
    ...figures,
    `trace ${report.traceDigest}`,
  ];
  console.log(words.join('  '));
}

function runSeed(scenario: Scenario, seed: number, figures: Figures): boolean {
  const { keys, plant, quiet } = values;
  const size = peers === undefined ? '' : ` --peers ${peers}`;
  const planted = plant === undefined ? '' : ` --plant ${plant}`;
  const real = keys === undefined ? '' : ` --keys ${keys}`;
  const replay = `npm run sim -- --scenario ${scenario.name}${size} --seeds ${seed}..${seed}${planted}${real}`;
  const curve = keys === undefined ? undefined : ed25519;
  const startedAt = performance.now();
  try {
    const report = scenario.run({ seed: String(seed), peers, replay, plant, curve, record: recording() });
    const realMs = performance.now() - startedAt;
    figures.add({ ...report.figures, realMs });
    if (!quiet) tell(seed, report, realMs);
    return true;
  } catch (error) {
    if (!(error instanceof SimulationFailure)) throw error;
    console.error(error.message);
    if (error.cause instanceof Error) console.error(error.cause.stack);
    return false;
  } finally {
    keepRecording();
  }
}

/** Keeps the recorder of the last life of the tab that was asked for. */
function recording(): RecordLife | undefined {
  if (values.record === undefined) return undefined;
  return (recorder, _birth, name) => {
    if (name === values.tab) lastRecorder = recorder;
  };
}

/** Also of a run that failed: there is what one looks for. */
function keepRecording(): void {
  if (values.record === undefined) return;
  if (lastRecorder === undefined) complain(`No tab ${values.tab} to record.`);
  writeFileSync(values.record, lastRecorder.export());
  console.log(`${lastRecorder.status.calls} calls of ${values.tab}: ${values.record}`);
}

const values = readOptions();
let lastRecorder: Recorder | undefined;
const scenario = SCENARIOS.find(({ name }) => name === values.scenario);
if (scenario === undefined) complain(`No scenario ${values.scenario ?? ''}.`);
const peers = values.peers === undefined ? undefined : Number(values.peers);
if (peers !== undefined && (!Number.isInteger(peers) || peers < 1))
  complain('--peers needs a whole number from 1.');
if (values.plant !== undefined && !scenario.plants.includes(values.plant))
  complain(`No bug ${values.plant} to plant.`);
if (values.keys !== undefined && (values.keys !== 'ed25519' || scenario.curves !== true))
  complain(`No keys ${values.keys} in ${scenario.name}.`);
if (values.record !== undefined && scenario.records !== true)
  complain(`The nodes of ${scenario.name} cannot be recorded.`);
const [first, last] = readSeeds(values.seeds);
const figures = new Figures();
for (let seed = first; seed <= last; seed++) {
  if (!runSeed(scenario, seed, figures)) process.exit(1);
}
console.log(`\n${last - first + 1} seeds of ${scenario.name}`);
for (const line of figures.lines()) console.log(line);
