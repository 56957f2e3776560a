/** Builds a page with Vite into a folder of its own and serves it with our server, in a process of its own. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { freePort } from '../test/support/app-server.ts';
import { waitUntil } from '../test/support/wait-until.ts';

const START_TIMEOUT_MS = 30_000;

/** A server that is listening. */
export interface BenchServer {
  /** Without a slash at the end. */
  readonly url: string;
  /** Payload bytes of signaling, in and out, since it started. */
  signalingBytes(): Promise<number>;
  /** Ends it as a crash does; what it served is kept. */
  kill(): Promise<void>;
  /** Starts it again at the same address. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** The application as it ships. */
export function serveOurs(): Promise<BenchServer> {
  return serve(new URL('..', import.meta.url), fileURLToPath(new URL('../vite.config.ts', import.meta.url)));
}

/** The page of bench/stock. */
export function serveStock(): Promise<BenchServer> {
  return serve(new URL('stock/', import.meta.url), false);
}

/** The page of bench/intake. */
export function serveIntake(): Promise<BenchServer> {
  return serve(new URL('intake/', import.meta.url), false);
}

async function serve(root: URL, configFile: string | false): Promise<BenchServer> {
  const folder = await mkdtemp(join(tmpdir(), 'tabswarm-bench-'));
  await build({
    root: fileURLToPath(root),
    configFile,
    logLevel: 'warn',
    build: { outDir: folder, emptyOutDir: true, target: 'es2022' },
  });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child = await start(url, port, folder);
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  return {
    url,
    signalingBytes: () => signalingBytes(url),
    kill: end,
    restart: async () => {
      await end();
      child = await start(url, port, folder);
    },
    stop: async () => {
      await end();
      await rm(folder, { recursive: true });
    },
  };
}

async function start(url: string, port: number, folder: string): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL('serve-folder.ts', import.meta.url)), [folder], {
    env: { ...process.env, HOST: '127.0.0.1', PORT: String(port) },
    execArgv: ['--import', 'tsx'],
  });
  await waitUntil(() => child.exitCode !== null || isHealthy(url), {
    timeoutMs: START_TIMEOUT_MS,
    what: `${url}/healthz`,
  });
  if (child.exitCode !== null) throw new Error('a server of the bench ended as it started');
  return child;
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/healthz`)).ok;
  } catch {
    return false; // Not listening yet; the caller has a deadline.
  }
}

async function signalingBytes(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const found = text.matchAll(/^tabswarm_signaling_bytes_(?:in|out)_total (\d+)$/gm);
  return [...found].reduce((total, [, bytes]) => total + Number(bytes), 0);
}
