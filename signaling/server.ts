/** The server: HTTP for the application and its own pages, WebSocket upgrades for the relay. One port, one process, no data. */
import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { accountAddress, isOriginAllowed } from './address.ts';
import { answerText, pathOf, type Application, type ApplicationFactory } from './application.ts';
import { securityHeaders } from './headers.ts';
import { turnEntry } from './ice-servers.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { prometheusText, type Metrics } from './metrics.ts';
import { SIGNALING_PATH } from './protocol.ts';
import { Relay, type RelayOptions } from './relay.ts';
import type { Settings } from './settings.ts';

/** Longest request URL. Ours are short, since boards are named in the fragment, which is never sent. */
export const MAX_URL_LENGTH = 2048;
/** Between pings; with one more of it until a dead connection is dropped. Proxies commonly cut at 60 s of silence. */
const KEEP_ALIVE_MS = 30_000;
/** How long clients may take to answer the close frame on shutdown; the whole shutdown is to end within 2 s. */
const SHUTDOWN_GRACE_MS = 1000;
/** Sockets beyond the WebSocket limit, for pages and files. */
const SPARE_SOCKETS = 512;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const CHECK_SOCKETS_MS = 5000;

/** What a server needs besides its settings. */
export interface ServerDependencies {
  readonly application: ApplicationFactory;
  /** Shown in /config.json. */
  readonly version: string;
  /** Where our own mistakes are reported, one line each. */
  readonly report: (line: string) => void;
  /** Local monotonic milliseconds; the platform's by default. */
  readonly now?: () => number;
  /** Unix milliseconds, for the expiry of TURN credentials; the platform's by default. */
  readonly wallClock?: () => number;
  /** Replaces single limits. */
  readonly limits?: Partial<Limits>;
  /** See {@link RelayOptions.everyKeepAlive}; a timer of 30 s by default. */
  readonly everyKeepAlive?: RelayOptions['everyKeepAlive'];
}

/** A server that is listening. */
export interface RunningServer {
  readonly port: number;
  /** Where a browser on this machine finds it, ending in `/`. */
  readonly url: string;
  metrics(): Metrics;
  /** Tells all clients to go (1001) and resolves within 2 s, when nothing of the server is left. */
  close(): Promise<void>;
}

/** Starts to listen. Rejects with the platform's error (EADDRINUSE, EACCES, …) when it cannot. */
export async function startServer(settings: Settings, deps: ServerDependencies): Promise<RunningServer> {
  const http = createServer({ connectionsCheckingInterval: CHECK_SOCKETS_MS });
  http.headersTimeout = HEADERS_TIMEOUT_MS;
  http.requestTimeout = REQUEST_TIMEOUT_MS;
  http.maxConnections = settings.maxConnections + SPARE_SOCKETS;
  const limits: Limits = {
    ...DEFAULT_LIMITS,
    connections: settings.maxConnections,
    connectionsPerAddress: settings.maxConnectionsPerAddress,
    ...deps.limits,
  };
  const now = deps.now ?? (() => performance.now());
  const everyKeepAlive = deps.everyKeepAlive ?? everyThirtySeconds;
  const relay = new Relay({ limits, now, everyKeepAlive, report: deps.report });
  const application = await deps.application(http);
  const running = new SignalingServer(http, relay, application, settings, deps);
  try {
    await running.listen();
  } catch (error) {
    await running.close();
    throw error;
  }
  return running;
}

function everyThirtySeconds(run: () => void): () => void {
  const timer = setInterval(run, KEEP_ALIVE_MS);
  return () => clearInterval(timer);
}

class SignalingServer implements RunningServer {
  readonly #http: Server;
  readonly #relay: Relay;
  readonly #application: Application;
  readonly #settings: Settings;
  readonly #deps: ServerDependencies;
  readonly #headers: Readonly<Record<string, string>>;
  #closing: Promise<void> | undefined;

  constructor(
    http: Server,
    relay: Relay,
    application: Application,
    settings: Settings,
    deps: ServerDependencies,
  ) {
    this.#http = http;
    this.#relay = relay;
    this.#application = application;
    this.#settings = settings;
    this.#deps = deps;
    this.#headers = securityHeaders(application.policy);
    http.on('request', (request, response) =>
      this.#contain(() => this.#answer(request, response), request.socket),
    );
    http.on('upgrade', (request, socket, head) =>
      this.#contain(() => this.#upgrade(request, socket, head), socket),
    );
    // Not HTTP at all, or too slow: Node.js has no response object for it.
    http.on('clientError', (_error, socket) => socket.destroy());
  }

  get port(): number {
    return (this.#http.address() as AddressInfo | null)?.port ?? this.#settings.port; // never a pipe: we listen on a port
  }

  get url(): string {
    const { host } = this.#settings;
    const everywhere = host === undefined || host === '::' || host === '0.0.0.0';
    const name = everywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host;
    return `http://${name}:${String(this.port)}/`;
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen({ port: this.#settings.port, host: this.#settings.host }, () => {
        this.#http.off('error', reject);
        this.#http.on('error', (error) => this.#deps.report(`server error: ${error.message}`));
        resolve();
      });
    });
  }

  metrics(): Metrics {
    return this.#relay.metrics();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closed = new Promise((resolve) => this.#http.close(resolve));
    await Promise.all([this.#relay.close(SHUTDOWN_GRACE_MS), this.#application.close()]);
    this.#http.closeAllConnections();
    await closed;
  }

  /** A request may cost its own connection, never the process. */
  #contain(handle: () => void, socket: Duplex): void {
    try {
      handle();
    } catch (error) {
      this.#deps.report(
        `internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      socket.destroy();
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(this.#headers)) response.setHeader(name, value);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      response.setHeader('Connection', 'close'); // nobody reads the body that may follow
      return answerText(request, response, 405, 'Only GET and HEAD\n');
    }
    if ((request.url ?? '').length > MAX_URL_LENGTH)
      return answerText(request, response, 414, 'URL too long\n');
    switch (pathOf(request)) {
      case '/healthz':
        return answerText(
          request,
          response,
          this.#closing === undefined ? 200 : 503,
          this.#closing ? 'closing\n' : 'ok\n',
        );
      case '/metrics':
        return answerText(
          request,
          response,
          200,
          prometheusText(this.metrics()),
          'text/plain; version=0.0.4; charset=utf-8',
        );
      case '/config.json':
        return answerText(request, response, 200, this.#clientConfig(), 'application/json; charset=utf-8');
      case SIGNALING_PATH:
        response.setHeader('Upgrade', 'websocket');
        return answerText(request, response, 426, 'This is a WebSocket endpoint\n');
      default:
        this.#application.handle(request, response);
    }
  }

  #clientConfig(): string {
    const { iceServers, turn } = this.#settings;
    const unixMs = this.#deps.wallClock?.() ?? Date.now();
    const all = turn === undefined ? iceServers : [...iceServers, turnEntry(turn, unixMs)];
    const ttl = turn === undefined ? {} : { iceTtlSeconds: turn.ttlSeconds };
    return JSON.stringify({
      signaling: SIGNALING_PATH,
      iceServers: all,
      ...ttl,
      version: this.#deps.version,
    });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#application.takesUpgrade(request)) return;
    socket.on('error', () => socket.destroy()); // the client left in the middle of the handshake
    const refused = this.#refuseUpgrade(request);
    if (refused !== undefined) return this.#turnAway(socket, ...refused);
    const forwardedFor = request.headers['x-forwarded-for'];
    const address = accountAddress(
      request.socket.remoteAddress,
      typeof forwardedFor === 'string' ? forwardedFor : undefined,
      this.#settings.trustedProxies,
    );
    const notAdmitted = this.#relay.accept(request, socket, head, address);
    if (notAdmitted === undefined) return;
    this.#turnAway(
      socket,
      notAdmitted === 'tooManyConnections' || notAdmitted === 'tooManyAddresses' ? 503 : 429,
      notAdmitted,
    );
  }

  #refuseUpgrade(request: IncomingMessage): readonly [status: number, code: string] | undefined {
    const path = pathOf(request);
    if (this.#closing !== undefined) return [503, 'shutdown'];
    if (path !== SIGNALING_PATH && path !== '/') return [404, 'noSuchEndpoint'];
    const { origin, host } = request.headers;
    return isOriginAllowed(origin, host, this.#settings.allowedOrigins)
      ? undefined
      : [403, 'originNotAllowed'];
  }

  #turnAway(socket: Duplex, status: number, code: string): void {
    this.#relay.countRefusal(code);
    const head = [
      `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`,
      'Connection: close',
      'Content-Type: text/plain; charset=utf-8',
      `Content-Length: ${String(code.length)}`,
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${code}`, () => socket.destroy());
  }
}
