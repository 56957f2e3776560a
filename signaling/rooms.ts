/**
 * Who hears whom, and how much each may ask for. Pure: time is an argument, sockets are numbers. The server in relay.ts
 * obeys the verdicts. A refusal forgets the connection at once, so that whatever else it sent has no effect.
 */
import {
  parseClientMessage,
  MAX_FRAME_BYTES,
  MAX_TOPICS_PER_CONNECTION,
  type ClientMessage,
  type RefusalCode,
} from './protocol.ts';
import { draw, fullBucket, isFull, type Bucket } from './token-bucket.ts';
import type { Limits } from './limits.ts';

/** The server's number for one connection; never reused while the process runs. */
export type ConnectionId = number;

/** Why a connection is not accepted at all. Closed set; sent as the text of an HTTP answer before the WebSocket exists. */
export type AdmissionCode =
  'tooManyConnections' | 'tooManyFromAddress' | 'connectingTooFast' | 'tooManyAddresses';

/** What the server has to do about one frame. */
export type Verdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'answer'; readonly text: string }
  | { readonly kind: 'relay'; readonly text: string; readonly to: readonly ConnectionId[] }
  | { readonly kind: 'refused'; readonly code: RefusalCode }
  /** The connection was refused or closed before. */
  | { readonly kind: 'ignored' };

interface Connection {
  readonly address: string;
  readonly topics: Set<string>;
  readonly messages: Bucket;
  readonly bytes: Bucket;
  readonly fanOut: Bucket;
}

interface Address {
  connections: number;
  readonly connecting: Bucket;
}

const DONE: Verdict = { kind: 'done' };
const IGNORED: Verdict = { kind: 'ignored' };
const PONG: Verdict = { kind: 'answer', text: '{"type":"pong"}' };

/** All connections, topics and addresses of one server. */
export class Rooms {
  readonly #limits: Limits;
  // Maps, never plain objects: a topic called `__proto__` is a topic like any other.
  readonly #connections = new Map<ConnectionId, Connection>();
  readonly #topics = new Map<string, Set<ConnectionId>>();
  readonly #addresses = new Map<string, Address>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /** How many topics have a subscriber. */
  get topics(): number {
    return this.#topics.size;
  }

  /** How many addresses are remembered. */
  get addresses(): number {
    return this.#addresses.size;
  }

  /** Admits a new connection, or says why not. `id` must be new; `address` comes from {@link file://./address.ts}. */
  open(id: ConnectionId, address: string, now: number): AdmissionCode | undefined {
    const limits = this.#limits;
    if (this.#connections.size >= limits.connections) return 'tooManyConnections';
    let known = this.#addresses.get(address);
    if (known === undefined) {
      if (this.#addresses.size >= limits.addresses) return 'tooManyAddresses';
      known = { connections: 0, connecting: fullBucket(limits.connecting, now) };
      this.#addresses.set(address, known);
    }
    if (known.connections >= limits.connectionsPerAddress) return 'tooManyFromAddress';
    if (!draw(known.connecting, limits.connecting, 1, now)) return 'connectingTooFast';
    known.connections++;
    this.#connections.set(id, {
      address,
      topics: new Set(),
      messages: fullBucket(limits.messages, now),
      bytes: fullBucket(limits.bytes, now),
      fanOut: fullBucket(limits.fanOut, now),
    });
    return undefined;
  }

  /** Forgets a connection and its subscriptions. Harmless when it is forgotten already. */
  close(id: ConnectionId): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    this.#connections.delete(id);
    for (const topic of connection.topics) this.#leave(id, topic);
    const known = this.#addresses.get(connection.address);
    if (known !== undefined) known.connections--;
  }

  /** A text frame of `bytes` bytes arrived. */
  receive(id: ConnectionId, text: string, bytes: number, now: number): Verdict {
    const connection = this.#connections.get(id);
    if (connection === undefined) return IGNORED;
    // Rates first: a flood must not even cost the parsing.
    const excess = this.#exceeds(connection, bytes, now);
    if (excess !== undefined) return this.refuse(id, excess);
    const message = parseClientMessage(text);
    if (!message.ok) return this.refuse(id, message.code);
    return this.#obey(id, connection, message.value, now);
  }

  /** A WebSocket ping or pong frame arrived; it counts against the rates and asks for nothing. */
  control(id: ConnectionId, bytes: number, now: number): Verdict {
    const connection = this.#connections.get(id);
    if (connection === undefined) return IGNORED;
    const excess = this.#exceeds(connection, bytes, now);
    return excess === undefined ? DONE : this.refuse(id, excess);
  }

  /** Forgets a connection for `code`; `ignored` when it is forgotten already. */
  refuse(id: ConnectionId, code: RefusalCode): Verdict {
    if (!this.#connections.has(id)) return IGNORED;
    this.close(id);
    return { kind: 'refused', code };
  }

  /** Forgets addresses without a connection whose rate has recovered. To be called every few seconds. */
  sweep(now: number): void {
    for (const [address, { connections, connecting }] of this.#addresses) {
      if (connections === 0 && isFull(connecting, this.#limits.connecting, now))
        this.#addresses.delete(address);
    }
  }

  #exceeds(connection: Connection, bytes: number, now: number): RefusalCode | undefined {
    if (!draw(connection.messages, this.#limits.messages, 1, now)) return 'messageRate';
    if (!draw(connection.bytes, this.#limits.bytes, bytes, now)) return 'byteRate';
    return undefined;
  }

  #obey(id: ConnectionId, connection: Connection, message: ClientMessage, now: number): Verdict {
    switch (message.type) {
      case 'ping':
        return PONG;
      case 'subscribe': {
        const refused = this.#subscribe(id, connection, message.topics);
        return refused === undefined ? DONE : this.refuse(id, refused);
      }
      case 'unsubscribe':
        for (const topic of message.topics) if (connection.topics.delete(topic)) this.#leave(id, topic);
        return DONE;
      case 'publish':
        return this.#publish(id, connection, message, now);
    }
  }

  #subscribe(id: ConnectionId, connection: Connection, topics: readonly string[]): RefusalCode | undefined {
    for (const topic of topics) {
      if (connection.topics.has(topic)) continue;
      if (connection.topics.size >= MAX_TOPICS_PER_CONNECTION) return 'tooManyTopics';
      const subscribers = this.#topics.get(topic) ?? new Set();
      if (subscribers.size >= this.#limits.subscribersPerTopic) return 'topicFull';
      if (subscribers.size === 0) {
        if (this.#topics.size >= this.#limits.topics) return 'serverFull';
        this.#topics.set(topic, subscribers);
      }
      subscribers.add(id);
      connection.topics.add(topic);
    }
    return undefined;
  }

  /** Everybody who subscribes hears it, except the connection that said it: stock clients ignore their own messages. */
  #publish(
    id: ConnectionId,
    connection: Connection,
    message: Extract<ClientMessage, { type: 'publish' }>,
    now: number,
  ): Verdict {
    const subscribers = this.#topics.get(message.topic);
    if (subscribers === undefined) return DONE;
    const to = [...subscribers].filter((subscriber) => subscriber !== id);
    if (to.length === 0) return DONE;
    const text = JSON.stringify({ ...message, clients: subscribers.size });
    // `clients` makes it longer, and so does a number such as 1e20 written out: the bound holds for receivers too.
    if (text.length > MAX_FRAME_BYTES) return this.refuse(id, 'frameTooLarge');
    if (!draw(connection.fanOut, this.#limits.fanOut, text.length * to.length, now)) {
      return this.refuse(id, 'fanOutRate');
    }
    return { kind: 'relay', text, to };
  }

  #leave(id: ConnectionId, topic: string): void {
    const subscribers = this.#topics.get(topic);
    if (subscribers === undefined) return;
    subscribers.delete(id);
    if (subscribers.size === 0) this.#topics.delete(topic);
  }
}
