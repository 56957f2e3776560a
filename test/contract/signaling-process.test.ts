import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startTestServer, TestClient } from '../support/signaling-harness.ts';

interface Ended {
  readonly code: number | null;
  readonly errors: string;
}

describe('the process', () => {
  const children: ChildProcess[] = [];

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  function start(
    entry: 'main' | 'dev',
    env: Record<string, string>,
  ): { child: ChildProcess; ended: Promise<Ended>; url: Promise<string> } {
    const child = spawn(process.execPath, ['--import', 'tsx', `signaling/${entry}.ts`], {
      env: { ...process.env, HOST: '127.0.0.1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    const errors = text(child.stderr);
    const ended = once(child, 'exit').then(async ([code]) => ({
      code: code as number | null,
      errors: await errors,
    }));
    const url = once(child.stdout, 'data').then(
      ([chunk]) => /http:\/\/[^ \n]+/.exec(String(chunk))?.[0] ?? '',
    );
    return { child, ended, url };
  }

  it.each(['SIGINT', 'SIGTERM'] as const)(
    '[SIG-27] says where it is, and leaves cleanly on %s',
    async (signal) => {
      const { child, ended, url } = start('main', { PORT: '0' });
      const client = await TestClient.connect((await url).replace('http', 'ws'));
      await client.settled();
      const started = performance.now();
      child.kill(signal);
      child.kill(signal); // terminals and npm may both pass it on
      expect(await client.closed).toEqual({ code: 1001, reason: 'shutdown' });
      expect(await ended).toEqual({ code: 0, errors: '' });
      expect(performance.now() - started).toBeLessThan(2000);
    },
  );

  it('[SIG-28] ends with one line when its port is taken', async () => {
    const other = await startTestServer();
    const { ended } = start('main', { PORT: String(other.port) });
    const { code, errors } = await ended;
    expect(code).toBe(1);
    expect(errors).toBe(
      `Port ${other.port} is in use: stop the program that has it, or choose another with PORT.\n`,
    );
    await other.close();
  });

  it('[SIG-26] ends with one line when a setting is wrong', async () => {
    const { ended } = start('main', { PORT: 'http' });
    expect(await ended).toEqual({ code: 1, errors: 'PORT must be a whole number from 0 to 65535.\n' });
  });

  it('[SIG-30] in development, Vite and its hot replacement share the port with the signaling endpoint', async () => {
    const { child, ended, url } = start('dev', { PORT: '0' });
    const base = await url;
    const page = await fetch(base);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('/@vite/client')]);
    const viteClient = await (await fetch(`${base}@vite/client`)).text();
    const token = /wsToken = "([^"]+)"/.exec(viteClient)?.[1] ?? '';
    const hot = new WebSocket(`${base.replace('http', 'ws')}?token=${token}`, 'vite-hmr', {
      origin: base.slice(0, -1),
    });
    const [hello] = (await once(hot, 'message')) as [Buffer];
    expect(JSON.parse(hello.toString())).toEqual({ type: 'connected' });
    const client = await TestClient.connect(`${base.replace('http', 'ws')}signaling`);
    await client.settled();
    child.kill('SIGTERM');
    expect((await client.closed).code).toBe(1001);
    expect((await ended).code).toBe(0);
  });
});
