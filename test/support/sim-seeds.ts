/**
 * Which seeds a continuous run simulates: others for every commit, so that the runs of a week see a hundred thousand, and the same for the
 * same commit. `SIM_SEED=n` overrides. A failure says seed, commit and the command that repeats it.
 */
import { execFileSync } from 'node:child_process';
import { SimulationFailure } from '../../src/sim/failure.ts';
import type { Scenario, ScenarioReport } from '../../src/sim/scenario.ts';
import { PROJECT_ROOT } from './run-command.ts';

/** Hex digits of the commit that become a number: 48 bits are exact in a double. */
const COMMIT_DIGITS = 12;

/** The commit that is checked out; `none` outside a repository, as in an unpacked release. */
function currentCommit(): string {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: PROJECT_ROOT, encoding: 'utf8' }).trim();
  } catch {
    return 'none';
  }
}

const commit = currentCommit();

/** The first seed of this run. */
export function firstSeed(): number {
  const chosen = process.env['SIM_SEED'];
  if (chosen !== undefined) return Number(chosen);
  return commit === 'none' ? 1 : Number.parseInt(commit.slice(0, COMMIT_DIGITS), 16);
}

/** Runs one seed of a scenario as `npm run sim` does. */
export function runSeed(scenario: Scenario, seed: number, peers?: number, plant?: string): ScenarioReport {
  const size = peers === undefined ? '' : ` --peers ${peers}`;
  const planted = plant === undefined ? '' : ` --plant ${plant}`;
  const replay = `npm run sim -- --scenario ${scenario.name}${size} --seeds ${seed}..${seed}${planted}`;
  try {
    return scenario.run({ seed: String(seed), peers, replay, plant });
  } catch (error) {
    if (!(error instanceof SimulationFailure)) throw error;
    throw new Error(`seed ${seed}, commit ${commit}: ${error.message}`, { cause: error });
  }
}

/**
 * What the first of the seeds `first` to `last` says that fails with the planted bug and passes without it; `none` if there is no such seed. A seed that
 * fails in any case says nothing of the bug.
 */
export function complaintOf(
  scenario: Scenario,
  plant: string,
  {
    first = 1,
    last,
    peers,
  }: { readonly first?: number; readonly last: number; readonly peers?: number | undefined },
): string {
  for (let seed = first; seed <= last; seed++) {
    const said = failureOf(scenario, seed, peers, plant);
    if (said !== undefined && failureOf(scenario, seed, peers) === undefined) return said;
  }
  return 'none';
}

/** What a seed says that fails; undefined for one that passes. */
export function failureOf(
  scenario: Scenario,
  seed: number,
  peers?: number,
  plant?: string,
): string | undefined {
  try {
    runSeed(scenario, seed, peers, plant);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
