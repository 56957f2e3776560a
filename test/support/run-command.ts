/** Runs a program of this project to its end, with a deadline, and keeps what it said. */
import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json. */
export const PROJECT_ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface CommandOptions {
  /** Milliseconds until the program and its children are killed. */
  readonly timeoutMs: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Also shows the output as it comes. */
  readonly isLive?: boolean;
}

export interface CommandResult {
  /** Exit code; 124 after a timeout (as coreutils' timeout does), 127 when the program could not be started. */
  readonly code: number;
  /** stdout and stderr as they came. */
  readonly output: string;
  readonly durationMs: number;
}

/** Path of a program that a dependency installed. */
export function localProgram(name: string): string {
  return `${PROJECT_ROOT}node_modules/.bin/${name}`;
}

/** Runs `program` in the project root without stdin. Never rejects: every failure is an exit code and text. */
export function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const chunks: Buffer[] = [];
    let isLate = false;
    const child = spawn(program, args, {
      cwd: PROJECT_ROOT,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // its own process group, so that a timeout ends its children too
    });
    const keep = (chunk: Buffer): void => {
      chunks.push(chunk);
      if (options.isLive === true) process.stdout.write(chunk);
    };
    const deadline = setTimeout(() => {
      isLate = true;
      endGroup(child.pid);
    }, options.timeoutMs);
    const finish = (code: number, note: string): void => {
      clearTimeout(deadline);
      resolve({
        code,
        output: Buffer.concat(chunks).toString('utf8') + note,
        durationMs: performance.now() - startedAt,
      });
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => finish(127, `\ncould not start ${program}: ${error.message}\n`));
    child.on('close', (code, signal) => {
      if (isLate) finish(124, `\nstopped after ${Math.round(options.timeoutMs / 1000)} s\n`);
      else finish(code ?? 1, signal === null ? '' : `\nended by ${signal}\n`);
    });
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself between the deadline and here.
  }
}
