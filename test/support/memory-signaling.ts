/** A signaling server in memory: y-webrtc's publish and subscribe, 1 ms each way, and a count of what it sent out. */
import type { PeerId } from '../../src/kernel/ids.ts';
import { parseClientMessage } from '../../signaling/protocol.ts';
import type { SignalingSocket, SocketEvents } from '../../src/transport/signaling-client.ts';
import type { VirtualTime } from './virtual-time.ts';

const LATENCY_MS = 1;

interface Session {
  readonly peer: PeerId;
  readonly events: SocketEvents;
  readonly topics: Set<string>;
  open: boolean;
  mute: boolean;
}

export class MemorySignaling {
  /** Characters sent to clients, pongs not counted. */
  sentBytes = 0;
  readonly #time: VirtualTime;
  readonly #sessions = new Set<Session>();
  #on = true;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  open(peer: PeerId, _url: string, events: SocketEvents): SignalingSocket {
    const session: Session = { peer, events, topics: new Set(), open: false, mute: false };
    this.#sessions.add(session);
    this.#time.after(LATENCY_MS, () => {
      if (!this.#on) this.#close(session, 1006);
      else if (this.#sessions.has(session)) {
        session.open = true;
        events.opened();
      }
    });
    return {
      bufferedAmount: 0,
      send: (text) => this.#time.after(LATENCY_MS, () => this.#receive(session, text)),
      close: () => this.#close(session, 1000),
    };
  }

  use(on: boolean): void {
    this.#on = on;
    if (!on) for (const session of [...this.#sessions]) this.#close(session, 1001);
  }

  /** Ends all connections as a server does that closes them with this code. */
  closeAll(closeCode: number): void {
    for (const session of [...this.#sessions]) this.#close(session, closeCode);
  }

  /** The peer's connections hang: nothing goes in or out, and nobody is told. */
  kill(peer: PeerId): void {
    for (const session of this.#sessions) if (session.peer === peer) session.mute = true;
  }

  /** Sends a frame of any content to all clients. */
  broadcast(frame: unknown): void {
    for (const session of this.#sessions) session.events.frame(frame);
  }

  #close(session: Session, closeCode: number): void {
    if (!this.#sessions.delete(session)) return;
    this.#time.after(LATENCY_MS, () => session.events.closed(closeCode, ''));
  }

  #receive(session: Session, text: string): void {
    if (!this.#sessions.has(session) || session.mute) return;
    const message = parseClientMessage(text);
    if (!message.ok) throw new Error(`our client sent a malformed frame: ${message.code}`);
    switch (message.value.type) {
      case 'subscribe':
        for (const topic of message.value.topics) session.topics.add(topic);
        break;
      case 'unsubscribe':
        for (const topic of message.value.topics) session.topics.delete(topic);
        break;
      case 'ping':
        this.#send(session, JSON.stringify({ type: 'pong' }));
        break;
      case 'publish': {
        const { topic } = message.value;
        const subscribers = [...this.#sessions].filter((each) => each.topics.has(topic));
        const copy = JSON.stringify({ ...message.value, clients: subscribers.length });
        this.sentBytes += copy.length * subscribers.length;
        for (const subscriber of subscribers) this.#send(subscriber, copy);
      }
    }
  }

  #send(session: Session, text: string): void {
    this.#time.after(LATENCY_MS, () => {
      if (this.#sessions.has(session) && !session.mute) session.events.frame(text);
    });
  }
}
