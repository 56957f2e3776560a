/** The steps of `npm run check`: everything that can be known about the tree without running the application. */
import { existsSync } from 'node:fs';
import { localProgram, PROJECT_ROOT, runCommand, type CommandResult } from './run-command.ts';

/** How many tests passed and failed; a check step counts as one test. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** One text for each failure: what failed, and the first lines of why. Repeated at the end of `npm test`. */
  readonly notes: readonly string[];
}

interface Step {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
}

/** dependency-cruiser refuses a folder that is not there. */
const CODE_FOLDERS = ['src', 'signaling', 'verify', 'test', 'bench'].filter((name) =>
  existsSync(PROJECT_ROOT + name),
);

/** Longest first, so that the two lanes end together. */
const STEPS: readonly Step[] = [
  { name: 'lint', program: 'eslint', args: ['.', '--max-warnings', '0'] },
  { name: 'types (node)', program: 'tsc', args: ['-p', 'tsconfig.node.json'] },
  { name: 'types (browser)', program: 'tsc', args: ['-p', 'tsconfig.json'] },
  { name: 'format', program: 'prettier', args: ['--check', '--log-level', 'warn', '.'] },
  { name: 'unused', program: 'knip', args: ['--no-progress'] },
  {
    name: 'layers',
    program: 'depcruise',
    args: [...CODE_FOLDERS, '--config', '.dependency-cruiser.cjs', '--output-type', 'err-long'],
  },
  { name: 'rules', program: 'tsx', args: ['test/support/check-rules.ts'] },
];

/** The machine of the continuous check has two cores. */
const LANES = 2;

/** A step that takes longer hangs: the slowest, lint, takes well under a minute here (measured, 2 cores). */
const STEP_TIMEOUT_MS = 300_000;

/** Runs every step, two at a time, and prints a line for each; the whole output only of those that fail. */
export async function runCheckSteps(): Promise<Tally> {
  const waiting = [...STEPS];
  const failures: string[] = [];
  const runLane = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const result = await runCommand(localProgram(step.program), step.args, { timeoutMs: STEP_TIMEOUT_MS });
      report(step, result);
      if (result.code !== 0) failures.push(`check ${step.name}: ${beginning(result.output)}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, runLane));
  return { passed: STEPS.length - failures.length, failed: failures.length, notes: failures };
}

/** The first lines of an output, in at most 600 characters: enough to see what went wrong where only the end of a log is kept. */
export function beginning(text: string): string {
  return text.trim().split('\n').slice(0, 12).join('\n').slice(0, 600);
}

function report(step: Step, result: CommandResult): void {
  const seconds = `${(result.durationMs / 1000).toFixed(1)} s`.padStart(7);
  console.log(`${result.code === 0 ? 'ok  ' : 'FAIL'} ${step.name.padEnd(16)} ${seconds}`);
  if (result.code !== 0) console.log(result.output.trimEnd() + '\n');
}
