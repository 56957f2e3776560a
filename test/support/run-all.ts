/**
 * `npm test`: the checks, the tests that need no browser, the build, and the tests that do. The last line is always
 * `N passed, N failed`, after what failed and why, because the end of a long log is what is read; a check step and the build count as one test each.
 */
import { performance } from 'node:perf_hooks';
import { buildApp } from './build-app.ts';
import { runCheckSteps, type Tally } from './check-steps.ts';
import { runBrowserTests } from './run-browser-tests.ts';
import { runVitest } from './run-vitest.ts';

/** .ci/run has 25 minutes in all, on two cores, with the installation before this. */
const TOTAL_MS = 24.2 * 60_000;

const remainingMs = (): number => Math.max(1000, TOTAL_MS - performance.now());

/** Runs one part; an error outside the counted tests is a failure, not the end of the run. */
async function runPart(title: string, part: () => Promise<Tally>): Promise<Tally> {
  console.log(`\n== ${title}`);
  try {
    return await part();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.log(message);
    return { passed: 0, failed: 1, notes: [`${title}: ${message}`] };
  }
}

async function build(): Promise<Tally> {
  await buildApp({ isForced: true });
  console.log('ok');
  return { passed: 1, failed: 0, notes: [] };
}

const tallies = [
  await runPart('checks', runCheckSteps),
  await runPart('tests without a browser', () => runVitest('node', remainingMs())),
  await runPart('build', build),
  await runPart('tests in a browser', () => runBrowserTests(remainingMs())),
];
const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
const failed = tallies.reduce((sum, tally) => sum + tally.failed, 0);
for (const note of tallies.flatMap((tally) => tally.notes)) console.log(`\nFAILED ${note}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
