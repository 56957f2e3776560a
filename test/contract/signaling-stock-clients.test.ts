import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/signaling-harness.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { StockOrder, StockReport } from '../support/stock-y-webrtc-client.ts';

const CLIENT = fileURLToPath(new URL('../support/stock-y-webrtc-client.ts', import.meta.url));

class StockClient {
  readonly #child: ChildProcess;
  #report: StockReport | undefined;

  constructor(url: string, room: string, password: string) {
    this.#child = fork(CLIENT, [url, room, password], { execArgv: ['--import', 'tsx'] });
    this.#child.on('message', (report: StockReport) => (this.#report = report));
  }

  order(order: StockOrder): void {
    this.#child.send(order);
  }

  /** Resolves with the first report that satisfies `test`, the latest one included. */
  async until(test: (report: StockReport) => boolean): Promise<StockReport> {
    for (;;) {
      if (this.#report !== undefined && test(this.#report)) return this.#report;
      await once(this.#child, 'message');
    }
  }

  async end(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }
}

describe('two stock y-webrtc clients', () => {
  const clients: StockClient[] = [];
  let server: TestServer | undefined;

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.end()));
    await server?.close();
  });

  it.each([
    ['at the path of a stock URL', '/', ''],
    ['at our own path, with a password', '/signaling', 'secret'],
  ])(
    '[SIG-15] meet and sync a document %s, without hearing their own messages',
    async (_where, path, password) => {
      server = await startTestServer();
      const url = `ws://127.0.0.1:${server.port}${path}`;
      // The first has announced itself before the second is there, so only one of them offers. When both do, y-webrtc 10.3 can
      // stay in glare for ever (y-webrtc PR 39); that is not what this test is about.
      const a = new StockClient(url, 'room', password);
      clients.push(a);
      await waitUntil(() => Number(server?.metrics().messagesIn) >= 2, {
        timeoutMs: 10_000,
        what: 'the first to announce itself',
      });
      const b = new StockClient(url, 'room', password);
      clients.push(b);
      a.order({ insert: 'from a' });
      await b.until(({ text }) => text === 'from a');
      b.order({ insert: 'from b, ' });
      const report = await a.until(({ text }) => text === 'from b, from a');
      expect(report).toMatchObject({ webrtcPeers: 1, bcPeers: 0 });
      const metrics = server.metrics();
      expect(metrics).toMatchObject({ connections: 2, topics: 1, refused: {} });
      expect(metrics.messagesIn).toBeGreaterThanOrEqual(6); // two subscribes, two announcements, an offer, an answer
      expect(metrics.messagesOut).toBeLessThan(metrics.messagesIn);
    },
  );
});
