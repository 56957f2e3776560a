/** Builds the browser application into dist/ when its sources are newer. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { localProgram, PROJECT_ROOT, runCommand } from './run-command.ts';

const INPUTS = ['index.html', 'vite.config.ts', 'package-lock.json', 'signaling', 'src'];

/** A build takes seconds; one that takes longer hangs. */
const BUILD_TIMEOUT_MS = 180_000;

/** Builds the application unless dist/ is newer than everything it is made of. Rejects with the builder's output. */
export async function buildApp({ isForced = false } = {}): Promise<void> {
  if (!isForced && builtAt() > Math.max(...INPUTS.map((input) => newestChange(join(PROJECT_ROOT, input)))))
    return;
  const result = await runCommand(localProgram('vite'), ['build', '--logLevel', 'warn'], {
    timeoutMs: BUILD_TIMEOUT_MS,
    // A test runner's own setting would build what does not ship: larger, and with the libraries' warnings.
    env: { NODE_ENV: 'production' },
  });
  if (result.code !== 0) throw new Error(`the application does not build:\n${result.output}`);
}

function builtAt(): number {
  return statSync(join(PROJECT_ROOT, 'dist/index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Milliseconds of the last change of a file, or of anything inside a folder. */
function newestChange(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(found.mtimeMs, ...readdirSync(path).map((name) => newestChange(join(path, name))));
}
