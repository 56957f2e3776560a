/** The WebSocket side: sockets in, verdicts of {@link file://./rooms.ts} obeyed, nothing a client sends can throw out of here. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { keepsUp, type Limits } from './limits.ts';
import { Counters, type Metrics } from './metrics.ts';
import { CLOSE_CODES, MAX_FRAME_BYTES, type RefusalCode } from './protocol.ts';
import { Rooms, type AdmissionCode, type ConnectionId, type Verdict } from './rooms.ts';

/** How long a refused client may take to answer the close frame before its socket is destroyed. */
const CLOSE_TIMEOUT_MS = 2000;
/** Fragments of one message. No client of ours or y-webrtc's fragments at all (guess). */
const MAX_FRAGMENTS = 64;

// Not annotated as ServerOptions, whose published types do not know closeTimeout and maxFragments yet.
const WEB_SOCKET_OPTIONS = {
  noServer: true,
  clientTracking: false,
  maxPayload: MAX_FRAME_BYTES,
  maxFragments: MAX_FRAGMENTS,
  closeTimeout: CLOSE_TIMEOUT_MS,
  // Signals are short-lived and mostly encrypted: a deflate context per connection would cost memory for nothing.
  perMessageDeflate: false,
};

/** What a relay needs from outside. */
export interface RelayOptions {
  readonly limits: Limits;
  /** Local monotonic milliseconds. */
  readonly now: () => number;
  /** Calls `run` every so often until the function it answers with is called; a connection silent between two calls is dropped. */
  readonly everyKeepAlive: (run: () => void) => () => void;
  /** Where our own mistakes are reported, one line each. */
  readonly report: (line: string) => void;
}

interface Peer {
  readonly socket: WebSocket;
  heard: boolean;
}

/** All signaling connections of one server. */
export class Relay {
  readonly #options: RelayOptions;
  readonly #rooms: Rooms;
  readonly #counters = new Counters();
  readonly #peers = new Map<ConnectionId, Peer>();
  readonly #webSockets: WebSocketServer;
  readonly #stopKeepAlive: () => void;
  #nextId: ConnectionId = 1;
  #buffered = 0;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#rooms = new Rooms(options.limits);
    this.#webSockets = new WebSocketServer(WEB_SOCKET_OPTIONS);
    this.#webSockets.on('wsClientError', (_error, socket) => {
      this.#counters.refuse('badHandshake');
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () =>
        socket.destroy(),
      );
    });
    this.#stopKeepAlive = options.everyKeepAlive(() => this.#checkAlive());
  }

  /** Counters and gauges as of now. */
  metrics(): Metrics {
    const { connections, topics } = this.#rooms;
    return this.#counters.snapshot({ connections, topics, bufferedBytes: this.#buffered });
  }

  /** Counts a connection that was turned away before it got here. */
  countRefusal(code: string): void {
    this.#counters.refuse(code);
  }

  /** Takes over an HTTP upgrade from `address`, or says why not; then the caller answers with an HTTP status. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, address: string): AdmissionCode | undefined {
    const id = this.#nextId++;
    const refused = this.#rooms.open(id, address, this.#options.now());
    if (refused !== undefined) return refused;
    // Covers a handshake that ws refuses as well: the raw socket then closes without a WebSocket ever existing.
    socket.once('close', () => this.#forget(id));
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => this.#attach(id, webSocket));
    return undefined;
  }

  /** Ends every connection with 1001 and resolves when all are gone, those that do not answer after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.#stopKeepAlive();
    const sockets = [...this.#peers.values()].map(({ socket }) => socket);
    const gone = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const id of this.#peers.keys()) this.#refuse(id, 'shutdown');
    const terminator = setTimeout(() => sockets.forEach((socket) => socket.terminate()), graceMs);
    await Promise.all(gone);
    clearTimeout(terminator);
  }

  #attach(id: ConnectionId, socket: WebSocket): void {
    const peer: Peer = { socket, heard: true };
    this.#peers.set(id, peer);
    socket.on('message', (data, isBinary) => this.#contain(id, () => this.#receive(id, data, isBinary)));
    const control = (data: Buffer): void => this.#contain(id, () => this.#control(id, data));
    socket.on('ping', control);
    socket.on('pong', control);
    // ws ends the connection itself (1009, 1007 or 1002); what is left to do is to count and to forget.
    socket.on('error', (error) => this.#brokenFraming(id, error));
    socket.on('close', () => this.#forget(id));
  }

  /** A client may never end the process, not even by finding a mistake of ours: it is reported and costs the sender alone. */
  #contain(id: ConnectionId, handle: () => void): void {
    try {
      handle();
    } catch (error) {
      this.#options.report(
        `internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      this.#refuse(id, 'internal');
    }
  }

  #receive(id: ConnectionId, data: RawData, isBinary: boolean): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    peer.heard = true;
    const bytes = asBuffer(data);
    this.#counters.messagesIn++;
    this.#counters.bytesIn += bytes.length;
    if (isBinary) this.#refuse(id, 'binaryFrame');
    else this.#obey(id, this.#rooms.receive(id, bytes.toString('utf8'), bytes.length, this.#options.now()));
  }

  #control(id: ConnectionId, data: Buffer): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    peer.heard = true;
    this.#obey(id, this.#rooms.control(id, data.length, this.#options.now()));
  }

  #obey(id: ConnectionId, verdict: Verdict): void {
    switch (verdict.kind) {
      case 'done':
        return;
      case 'answer':
        return this.#send(id, Buffer.from(verdict.text));
      case 'relay': {
        const frame = Buffer.from(verdict.text);
        for (const receiver of verdict.to) this.#send(receiver, frame);
        return;
      }
      case 'refused':
        return this.#end(id, verdict.code);
      case 'ignored':
        this.#counters.ignored++;
    }
  }

  #send(id: ConnectionId, frame: Buffer): void {
    const socket = this.#peers.get(id)?.socket;
    if (socket === undefined || socket.readyState !== socket.OPEN) return;
    if (!keepsUp(this.#options.limits, socket.bufferedAmount, frame.length, this.#buffered)) {
      this.#refuse(id, 'slowConsumer');
      socket.terminate(); // a close frame would wait behind the very backlog it is closed for
      return;
    }
    this.#counters.messagesOut++;
    this.#counters.bytesOut += frame.length;
    this.#buffered += frame.length;
    socket.send(frame, { binary: false }, () => (this.#buffered -= frame.length));
  }

  #refuse(id: ConnectionId, code: RefusalCode): void {
    this.#obey(id, this.#rooms.refuse(id, code));
  }

  #end(id: ConnectionId, code: RefusalCode): void {
    this.#counters.refuse(code);
    this.#peers.get(id)?.socket.close(CLOSE_CODES[code], code);
  }

  #brokenFraming(id: ConnectionId, error: Error & { readonly code?: string }): void {
    const code = error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 'frameTooLarge' : 'badFrame';
    // Platform errors such as a reset connection are the client leaving, not a refusal.
    if (error.code?.startsWith('WS_ERR_') === true) this.#refuse(id, code);
  }

  #forget(id: ConnectionId): void {
    this.#rooms.close(id);
    this.#peers.delete(id);
  }

  #checkAlive(): void {
    this.#rooms.sweep(this.#options.now());
    for (const [id, peer] of this.#peers) {
      if (!peer.heard) {
        this.#refuse(id, 'silent');
        peer.socket.terminate();
      } else if (peer.socket.readyState === peer.socket.OPEN) {
        peer.heard = false;
        peer.socket.ping();
      }
    }
  }
}

function asBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
