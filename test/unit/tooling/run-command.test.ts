import { describe, expect, it } from 'vitest';
import { runCommand } from '../../support/run-command.ts';

const run = (script: string, timeoutMs = 20_000) =>
  runCommand(process.execPath, ['-e', script], { timeoutMs });

describe('running a program', () => {
  it('keeps its exit code and both its outputs', async () => {
    const result = await run('console.log("out"); console.error("err"); process.exitCode = 3');
    expect(result.code).toBe(3);
    expect(result.output).toContain('out\n');
    expect(result.output).toContain('err\n');
  });

  it('ends it and its children at the deadline', async () => {
    const child = 'setInterval(() => {}, 1000)';
    const result = await run(
      `require("child_process").spawn(process.execPath, ["-e", "${child}"], { stdio: "inherit" }); ${child}`,
      1000,
    );
    expect(result.code).toBe(124); // its output closes only when the child has ended too
  });

  it('says so when a signal ends it', async () => {
    const result = await run('process.kill(process.pid, "SIGKILL")');
    expect(result).toMatchObject({ code: 1, output: '\nended by SIGKILL\n' });
  });

  it('says so when there is no such program', async () => {
    const result = await runCommand('/nonexistent/program', [], { timeoutMs: 1000 });
    expect(result.code).toBe(127);
    expect(result.output).toContain('could not start /nonexistent/program');
  });
});
