/** Runs one kind of tests in a process of its own and counts what it reports. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { beginning, type Tally } from './check-steps.ts';
import { localProgram, PROJECT_ROOT, runCommand } from './run-command.ts';

/** The part of vitest's JSON report (Jest's format) that is read here. */
export interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/**
 * Counts a report. A test that did not run counts as failed, because nothing may be skipped; so does a file that could not
 * be loaded, and a run that ends badly with every test green (an error outside any test).
 */
export function countReport(report: VitestReport, exitCode: number): Tally {
  const notes: string[] = [];
  let passed = 0;
  for (const file of report.testResults) {
    const before = notes.length;
    for (const test of file.assertionResults) {
      if (test.status === 'passed') passed++;
      else
        notes.push(
          `${test.status}: ${test.fullName} (${file.name}) ${beginning((test.failureMessages ?? []).join('\n'))}`.trimEnd(),
        );
    }
    if (file.status !== 'passed' && notes.length === before) {
      notes.push(`file failed: ${file.name} ${file.message ?? ''}`.trimEnd());
    }
  }
  if (exitCode !== 0 && notes.length === 0) notes.push(`vitest ended with code ${exitCode} outside any test`);
  if (passed === 0 && notes.length === 0) notes.push('no test ran');
  return { passed, failed: notes.length, notes };
}

/** The projects of vitest.config.ts that run together. */
const PROJECTS = { node: ['node'], browser: ['screens', 'browser'] } as const;

/** Runs the projects of `kind`, shows their output, and prints what failed. */
export async function runVitest(
  kind: keyof typeof PROJECTS,
  timeoutMs: number,
  filters: readonly string[] = [],
): Promise<Tally> {
  const folder = `${PROJECT_ROOT}.cache/test/`;
  const reportPath = `${folder}${kind}.json`;
  mkdirSync(folder, { recursive: true });
  rmSync(reportPath, { force: true });
  const result = await runCommand(
    localProgram('vitest'),
    [
      'run',
      ...PROJECTS[kind].flatMap((project) => ['--project', project]),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportPath}`,
      ...filters,
    ],
    { timeoutMs, isLive: true },
  );
  const report = readReport(reportPath);
  if (report === undefined) {
    console.log(`${kind}: vitest wrote no report (code ${result.code})`);
    return { passed: 0, failed: 1, notes: [`${kind}: vitest wrote no report (code ${result.code})`] };
  }
  return countReport(report, result.code);
}

function readReport(path: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as VitestReport;
  } catch {
    return undefined; // It was killed before it could write; the caller counts that as a failure.
  }
}
