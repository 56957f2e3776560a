/**
 * The client of a signaling server (any that speaks y-webrtc's protocol): stays connected, subscribed and alive, and passes publications
 * in both directions. It knows nothing of what is in them. Rules: docs/spec/links.md, LNK-60 to LNK-69.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { Instant } from '../kernel/machine.ts';
import type { ClockPort } from '../kernel/ports.ts';
import {
  MAX_FRAME_BYTES,
  parseServerMessage,
  type ClientMessage,
  type Json,
} from '../../signaling/protocol.ts';

/** First wait before connecting again, in ms; it doubles with each failure (brief). */
export const FIRST_BACKOFF_MS = 500;
/** Longest wait before connecting again, in ms (brief). */
export const MAX_BACKOFF_MS = 30_000;
/** A connection that lasted this long was good: the next wait is short again, in ms (guess). */
export const GOOD_AFTER_MS = 5000;
/** How long a socket may take to open, in ms (guess: a slow mobile network). */
export const OPEN_TIMEOUT_MS = 10_000;
/** Between pings, in ms: half of the 30 s after which stock servers and clients give up (lib0/websocket.js). */
export const PING_EVERY_MS = 15_000;
/** Publications kept while there is no connection (guess: the offers of a few attempts). */
export const MAX_OUTBOX = 32;
/** A publication that waited this long is of no use any more, in ms (an attempt's deadline). */
export const OUTBOX_MS = 10_000;
/** Bytes waiting in the socket above which nothing more is given to it (guess: far above what introductions need). */
export const MAX_SOCKET_BYTES = 256 * 1024;

export type SignalingState = 'connected' | 'connecting' | 'down';

/** The part of a WebSocket that is used. Calls the events asynchronously, `closed` last and once. */
export interface SignalingSocket {
  send(text: string): void;
  close(): void;
  readonly bufferedAmount: number;
}

export interface SocketEvents {
  opened(): void;
  /** A frame; anything but text is not a message. */
  frame(data: unknown): void;
  closed(closeCode: number, reason: string): void;
}

export type OpenSocket = (url: string, events: SocketEvents) => SignalingSocket;

export interface SignalingClientOptions {
  readonly url: string;
  readonly openSocket: OpenSocket;
  readonly clock: ClockPort;
  /** For jitter. */
  readonly randomBytes: (length: number) => Bytes;
  readonly topics: readonly string[];
  onState(state: SignalingState): void;
  onPublication(topic: string, data: Json, subscribers: number | undefined): void;
  /** A frame that is no message of the protocol. */
  onMalformed(): void;
  onUnsent(code: 'outboxFull' | 'expired'): void;
  onClosed(closeCode: number, reason: string): void;
}

interface Waiting {
  readonly text: string;
  readonly at: Instant;
}

export class SignalingClient {
  readonly #options: SignalingClientOptions;
  #socket: SignalingSocket | undefined;
  #state: SignalingState | undefined;
  #failures = 0;
  #openedAt = 0 as Instant;
  #heard = false;
  #outbox: Waiting[] = [];
  #cancelTimer: (() => void) | undefined;
  #stopped = false;

  constructor(options: SignalingClientOptions) {
    this.#options = options;
  }

  get state(): SignalingState {
    return this.#state ?? 'connecting';
  }

  start(): void {
    this.#connect();
  }

  /** Publishes, now or when the connection is back. */
  publish(topic: string, data: string): void {
    this.#send({ type: 'publish', topic, data });
  }

  /** The network may be back: connects now if it was going to wait, and checks the connection it has. */
  nudge(): void {
    if (this.#stopped) return;
    if (this.#socket === undefined) this.#connect();
    else if (this.#state === 'connected') this.#keepAlive();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #connect(): void {
    this.#cancelTimer?.();
    this.#enter('connecting');
    let socket: SignalingSocket | undefined;
    const current = (): boolean => socket !== undefined && this.#socket === socket;
    try {
      socket = this.#options.openSocket(this.#options.url, {
        opened: () => {
          if (current()) this.#opened();
        },
        frame: (data) => {
          if (current()) this.#frame(data);
        },
        closed: (closeCode, reason) => {
          if (current()) this.#lost(closeCode, reason);
        },
      });
    } catch {
      this.#lost(0, 'unusable address'); // a malformed URL, or one that this page may not open
      return;
    }
    this.#socket = socket;
    this.#openedAt = this.#options.clock.now();
    this.#arm(OPEN_TIMEOUT_MS, () => {
      this.#drop('no answer');
    });
  }

  #opened(): void {
    this.#openedAt = this.#options.clock.now();
    this.#write({ type: 'subscribe', topics: this.#options.topics });
    const outbox = this.#outbox;
    this.#outbox = [];
    for (const { text, at } of outbox) {
      if (this.#openedAt - at < OUTBOX_MS) this.#socket?.send(text);
      else this.#options.onUnsent('expired');
    }
    this.#keepAlive();
    this.#enter('connected');
  }

  /** Asks for a sign of life, and drops the connection when there is none until the next time. */
  #keepAlive(): void {
    this.#heard = false;
    this.#write({ type: 'ping' });
    this.#arm(PING_EVERY_MS, () => {
      if (this.#heard) this.#keepAlive();
      else this.#drop('silent');
    });
  }

  #frame(data: unknown): void {
    this.#heard = true;
    if (typeof data !== 'string' || data.length > MAX_FRAME_BYTES) {
      this.#options.onMalformed();
      return;
    }
    const message = parseServerMessage(data);
    if (!message.ok) this.#options.onMalformed();
    else if (message.value.type === 'publish')
      this.#options.onPublication(message.value.topic, message.value.data, message.value.clients);
  }

  #drop(reason: string): void {
    const socket = this.#socket;
    this.#lost(0, reason);
    socket?.close();
  }

  #lost(closeCode: number, reason: string): void {
    const lasted = this.#options.clock.now() - this.#openedAt;
    const wasGood = this.#state === 'connected' && lasted >= GOOD_AFTER_MS;
    this.#failures = wasGood ? 0 : this.#failures + 1;
    this.#socket = undefined;
    this.#options.onClosed(closeCode, reason);
    this.#enter('down');
    this.#arm(this.#backoff(), () => {
      this.#connect();
    });
  }

  /** Between half and all of the doubled wait, so that the tabs of a restarted server do not come back at once. */
  #backoff(): number {
    const full = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(this.#failures, 10));
    const [byte = 0] = this.#options.randomBytes(1);
    return full / 2 + (full / 2) * (byte / 255);
  }

  #send(message: ClientMessage): void {
    if (this.#state === 'connected' && this.#socket !== undefined) {
      this.#write(message);
      return;
    }
    if (this.#outbox.length >= MAX_OUTBOX) {
      this.#outbox.shift();
      this.#options.onUnsent('outboxFull');
    }
    this.#outbox.push({ text: JSON.stringify(message), at: this.#options.clock.now() });
  }

  #write(message: ClientMessage): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    if (socket.bufferedAmount > MAX_SOCKET_BYTES) this.#options.onUnsent('outboxFull');
    else socket.send(JSON.stringify(message));
  }

  #enter(state: SignalingState): void {
    if (this.#stopped || this.#state === state) return;
    this.#state = state;
    this.#options.onState(state);
  }

  #arm(afterMs: number, callback: () => void): void {
    this.#cancelTimer?.();
    if (this.#stopped) return;
    this.#cancelTimer = this.#options.clock.after(afterMs, callback);
  }
}

/** Opens the browser's WebSocket. */
export function openBrowserSocket(url: string, events: SocketEvents): SignalingSocket {
  const socket = new WebSocket(url);
  socket.onopen = () => {
    events.opened();
  };
  socket.onmessage = (event: MessageEvent<unknown>) => {
    events.frame(event.data);
  };
  socket.onclose = (event) => {
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    events.closed(event.code, event.reason);
  };
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => {
      socket.close();
    },
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
  };
}
