/** `npm run e2e -- [files]`: builds the application and runs the browser tests alone. */
import { buildApp } from './build-app.ts';
import { runBrowserTests } from './run-browser-tests.ts';

/** The whole of .ci/run has 25 minutes. */
const E2E_TIMEOUT_MS = 20 * 60_000;

await buildApp();
const tally = await runBrowserTests(E2E_TIMEOUT_MS, process.argv.slice(2));
for (const note of tally.notes) console.log(`FAILED ${note}`);
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 ? 0 : 1;
