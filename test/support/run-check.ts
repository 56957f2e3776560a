/** `npm run check`. */
import { runCheckSteps } from './check-steps.ts';

const tally = await runCheckSteps();
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 ? 0 : 1;
