import { describe, expect, it } from 'vitest';
import { startAppServer } from '../../support/app-server.ts';

const isUp = async (url: string): Promise<boolean> =>
  fetch(`${url}/healthz`).then(
    (answer) => answer.ok,
    () => false,
  );

describe('the server that tests start', () => {
  it('answers, is killed, comes back on its port, and ends when asked', async () => {
    const server = await startAppServer({ isAppNeeded: false });
    expect(await isUp(server.url)).toBe(true);
    await server.kill();
    expect(await isUp(server.url)).toBe(false);
    await server.restart();
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    expect(await isUp(server.url)).toBe(true);
    expect(await server.stop()).toBe(0);
    expect(await isUp(server.url)).toBe(false);
  });

  it('says what the server said when it does not start', async () => {
    const attempt = startAppServer({ isAppNeeded: false, env: { MAX_CONNECTIONS: 'many' } });
    await expect(attempt).rejects.toThrow(/the server ended as it started:\n.*MAX_CONNECTIONS/s);
  });
});
