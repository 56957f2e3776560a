/**
 * Connections in memory: open once both ends have each other's description, ordered, with a delay, a rate and every way to end
 * that WebRTC has.
 */
import { utf8, type Bytes } from '../../src/kernel/bytes.ts';
import { digestBytes } from '../../src/kernel/hash.ts';
import type { PeerId } from '../../src/kernel/ids.ts';
import {
  LOW_WATER_BYTES,
  type Connection,
  type ConnectionEvents,
  type CreateConnection,
} from '../../src/transport/connection.ts';
import { fingerprintText, type Description } from '../../src/transport/description.ts';
import type { VirtualTime } from './virtual-time.ts';

const LATENCY_MS = 5;
const ICE_FAILS_AFTER_MS = 6000;
/** Drained from a channel's buffer per ms: 8 MB/s. */
const BYTES_PER_MS = 8000;

export class MemoryConnections {
  /** The fullest that any channel has been, in bytes. */
  mostBuffered = 0;
  /** Pairs of peers that find no path, as `a b` with the ids in order. */
  readonly unreachable = new Set<string>();
  /** Whether closing a connection takes with it what it has sent and is still on its way: WebRTC may do that. */
  losesOnClose = false;
  /** Changes frames on the way; returns what arrives instead. */
  tamper: (frame: Bytes, from: PeerId) => readonly Bytes[] = (frame) => [frame];
  readonly #creators: PeerId[] = [];
  readonly #time: VirtualTime;
  readonly #byUfrag = new Map<string, MemoryConnection>();

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  /** Connections that are not destroyed. */
  get live(): number {
    return this.#byUfrag.size;
  }

  /** Connections that `peer` ever made. */
  createdBy(peer: PeerId): number {
    return this.#creators.filter((each) => each === peer).length;
  }

  creator(self: PeerId): CreateConnection {
    return ({ initiator, events }) => {
      const ufrag = `u${String(this.#creators.push(self)).padStart(6, '0')}`;
      const connection = new MemoryConnection(this, this.#time, self, ufrag, initiator, events);
      this.#byUfrag.set(ufrag, connection);
      return connection;
    };
  }

  /** The connections that `peer` has now are dead, and nobody is told. */
  kill(peer: PeerId): void {
    for (const connection of this.#byUfrag.values()) connection.dead ||= connection.self === peer;
  }

  find(ufrag: string): MemoryConnection | undefined {
    return this.#byUfrag.get(ufrag);
  }

  remove(ufrag: string): void {
    this.#byUfrag.delete(ufrag);
  }

  hasPath(a: PeerId, b: PeerId): boolean {
    return !this.unreachable.has([a, b].sort().join(' '));
  }
}

class MemoryConnection implements Connection {
  readonly self: PeerId;
  local: Description | undefined;
  remote: Description | undefined;
  bufferedBytes = 0;
  dead = false;
  #events: ConnectionEvents | undefined;
  #open = false;
  readonly #world: MemoryConnections;
  readonly #time: VirtualTime;
  readonly #ufrag: string;

  constructor(
    world: MemoryConnections,
    time: VirtualTime,
    self: PeerId,
    ufrag: string,
    initiator: boolean,
    events: ConnectionEvents,
  ) {
    this.#world = world;
    this.#time = time;
    this.self = self;
    this.#ufrag = ufrag;
    this.#events = events;
    if (initiator) time.after(1, () => this.#describeSelf('offer'));
  }

  describe(description: Description): void {
    this.remote = description;
    if (description.type === 'offer') this.#time.after(1, () => this.#describeSelf('answer'));
    this.#time.after(LATENCY_MS, () => this.#maybeOpen());
  }

  addCandidate(): void {}

  send(frame: Bytes): boolean {
    if (this.#events === undefined || !this.#open) return false;
    this.bufferedBytes += frame.length;
    this.#world.mostBuffered = Math.max(this.#world.mostBuffered, this.bufferedBytes);
    const delay = Math.ceil(this.bufferedBytes / BYTES_PER_MS);
    this.#time.after(delay, () => {
      const wasAbove = this.bufferedBytes > LOW_WATER_BYTES;
      this.bufferedBytes -= frame.length;
      if (wasAbove && this.bufferedBytes <= LOW_WATER_BYTES) this.#events?.drained();
    });
    for (const arriving of this.#world.tamper(frame, this.self))
      this.#toOther(delay + LATENCY_MS, (events) => events.message(arriving));
    return true;
  }

  destroy(): void {
    if (this.#events === undefined) return;
    this.#events = undefined;
    const buffered = this.#world.losesOnClose ? 0 : this.bufferedBytes;
    const delay = Math.ceil(buffered / BYTES_PER_MS) + LATENCY_MS;
    if (this.#open && !this.dead) this.#time.after(delay, () => this.#other()?.end('closed'));
    this.#time.after(delay, () => this.#world.remove(this.#ufrag));
  }

  end(reason: 'iceFailed' | 'closed'): void {
    const events = this.#events;
    if (this.dead) return;
    this.destroy();
    events?.closed(reason);
  }

  open(): void {
    if (this.#open || this.local === undefined || this.remote === undefined) return;
    this.#open = true;
    this.#events?.opened({ local: fingerprintText(this.local), remote: fingerprintText(this.remote) });
  }

  #other(): MemoryConnection | undefined {
    return this.#world.find(this.remote?.ufrag ?? '');
  }

  #toOther(delay: number, action: (events: ConnectionEvents) => void): void {
    if (this.dead) return;
    this.#time.after(delay, () => {
      if (this.#world.losesOnClose && this.#events === undefined) return;
      const other = this.#other();
      const events = other === undefined ? undefined : other.#events;
      if (other !== undefined && events !== undefined && !other.dead) action(events);
    });
  }

  #maybeOpen(): void {
    const other = this.#other();
    if (other === undefined || other.remote?.ufrag !== this.#ufrag || this.#events === undefined) return;
    if (this.#world.hasPath(this.self, other.self)) {
      this.open();
      other.open();
      return;
    }
    this.#time.after(ICE_FAILS_AFTER_MS, () => {
      this.end('iceFailed');
      other.end('iceFailed');
    });
  }

  #describeSelf(type: 'offer' | 'answer'): void {
    this.local = {
      type,
      ufrag: this.#ufrag,
      pwd: 'secretsecretsecretsecret',
      algorithm: 'sha-256',
      fingerprint: digestBytes('test/certificate', utf8(this.#ufrag)),
      setup: type === 'offer' ? 'actpass' : 'active',
      mid: '0',
      sctpPort: 5000,
      maxMessageSize: 262_144,
    };
    this.#events?.described(this.local);
    this.#events?.gathered();
    this.#maybeOpen();
  }
}
