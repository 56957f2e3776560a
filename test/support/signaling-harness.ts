/** A server of ours on a free loopback port, and plain clients whose frames and closings can be awaited. */
import { once } from 'node:events';
import type { ClientOptions } from 'ws';
import { WebSocket } from 'ws';
import { builtApplication } from '../../signaling/built-application.ts';
import { startServer, type RunningServer, type ServerDependencies } from '../../signaling/server.ts';
import type { Settings } from '../../signaling/settings.ts';

export const TEST_SETTINGS: Settings = {
  port: 0,
  host: '127.0.0.1',
  allowedOrigins: [],
  iceServers: [],
  turn: undefined,
  trustedProxies: 0,
  maxConnections: 4096,
  maxConnectionsPerAddress: 4096,
};

export interface TestServer extends RunningServer {
  readonly webSocketUrl: string;
  /** Lines that the server reported as its own mistakes; a test that expects none asserts so. */
  readonly reports: readonly string[];
}

/** Starts a server that the test closes. */
export async function startTestServer(
  settings: Partial<Settings> = {},
  deps: Partial<ServerDependencies> = {},
): Promise<TestServer> {
  const reports: string[] = [];
  const server = await startServer(
    { ...TEST_SETTINGS, ...settings },
    {
      application: builtApplication('no-such-folder'),
      version: '0.0.0-test',
      report: (line) => reports.push(line),
      ...deps,
    },
  );
  return {
    port: server.port,
    url: server.url,
    webSocketUrl: `ws://127.0.0.1:${String(server.port)}/signaling`,
    reports,
    metrics: () => server.metrics(),
    close: () => server.close(),
  };
}

export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** A client that keeps every frame until it is asked for. */
export class TestClient {
  readonly socket: WebSocket;
  readonly closed: Promise<Closing>;
  readonly #frames: string[] = [];
  readonly #waiting: ((frame: string) => void)[] = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    socket.on('error', () => undefined); // the closing that follows is what tests look at
    socket.on('message', (data: Buffer) => {
      const frame = data.toString();
      const next = this.#waiting.shift();
      if (next === undefined) this.#frames.push(frame);
      else next(frame);
    });
  }

  static async connect(url: string, options: ClientOptions = {}): Promise<TestClient> {
    const client = new TestClient(new WebSocket(url, options));
    await once(client.socket, 'open');
    return client;
  }

  send(message: unknown): void {
    this.socket.send(JSON.stringify(message));
  }

  sendText(text: string): void {
    this.socket.send(text);
  }

  /** The next frame that has not been asked for yet, parsed. */
  async next(): Promise<unknown> {
    const kept = this.#frames.shift();
    const frame = kept ?? (await new Promise<string>((resolve) => this.#waiting.push(resolve)));
    return JSON.parse(frame);
  }

  /** Frames are answered in order: when the pong is there, everything sent before has been dealt with. */
  async settled(): Promise<void> {
    this.send({ type: 'ping' });
    for (;;) {
      const frame = await this.next();
      if (typeof frame === 'object' && frame !== null && 'type' in frame && frame.type === 'pong') return;
    }
  }

  async subscribe(...topics: string[]): Promise<void> {
    this.send({ type: 'subscribe', topics });
    await this.settled();
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}
