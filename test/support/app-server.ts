/** The real server as a process of its own, so that a test can kill it and start it again on the same port. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { buildApp } from './build-app.ts';
import { PROJECT_ROOT } from './run-command.ts';
import { waitUntil } from './wait-until.ts';

export interface AppServer {
  /** Without a slash at the end. Loopback, which browsers count as a secure context. */
  readonly url: string;
  readonly port: number;
  /** Everything it has printed, over all its lives. */
  output(): string;
  /** Asks it to end (SIGTERM) and resolves with its exit code; undefined when a signal ended it. */
  stop(): Promise<number | undefined>;
  /** Ends it without a chance to say goodbye (SIGKILL). */
  kill(): Promise<void>;
  /** Starts it again on the same port, ending it first if it runs. */
  restart(): Promise<void>;
}

export interface AppServerOptions {
  /** A free one unless given. */
  readonly port?: number;
  /** More settings (docs/spec/signaling.md). */
  readonly env?: Readonly<Record<string, string>>;
  /** Set by tests of the server alone, which need no application. */
  readonly isAppNeeded?: boolean;
}

const HOST = '127.0.0.1';
/** It starts in about a second; two busy cores get this long. */
const START_TIMEOUT_MS = 30_000;

/** Builds the application when it is stale, starts the server, and resolves when `/healthz` answers. */
export async function startAppServer(options: AppServerOptions = {}): Promise<AppServer> {
  if (options.isAppNeeded !== false) await buildApp();
  const port = options.port ?? (await freePort());
  const url = `http://${HOST}:${port}`;
  const printed: string[] = [];
  const start = (): Promise<ChildProcess> => startProcess(url, port, printed, options.env ?? {});
  let child = await start();
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<number | undefined> => {
    if (hasEnded(child)) return child.exitCode ?? undefined;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    return child.exitCode ?? undefined;
  };
  return {
    url,
    port,
    output: () => printed.join(''),
    stop: () => end('SIGTERM'),
    kill: async () => {
      await end('SIGKILL');
    },
    restart: async () => {
      await end('SIGKILL');
      child = await start();
    },
  };
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

async function startProcess(
  url: string,
  port: number,
  printed: string[],
  env: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  // Not through tsx's own command, which would be a second process between the signal and the server.
  const child = spawn(process.execPath, ['--import', 'tsx', 'signaling/main.ts'], {
    cwd: PROJECT_ROOT,
    env: { ...process.env, HOST, ...env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk.toString('utf8')));
  process.once('exit', () => child.kill('SIGKILL'));
  try {
    await waitUntil(() => hasEnded(child) || isHealthy(url), {
      timeoutMs: START_TIMEOUT_MS,
      what: `${url}/healthz`,
    });
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  if (hasEnded(child)) throw new Error(`the server ended as it started:\n${printed.join('')}`);
  return child;
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/healthz`)).status === 200;
  } catch {
    return false; // Not listening yet; the caller has a deadline.
  }
}

/** A TCP port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, HOST);
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('the probe has no port');
  return address.port;
}
