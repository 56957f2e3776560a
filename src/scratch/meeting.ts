/**
 * Where a scratch board meets others: the published y-webrtc provider, with what it leaves out. The one file that knows y-webrtc; it is loaded
 * when a scratch board is opened and not before.
 */
import { WebrtcConn, WebrtcProvider, type Room } from 'y-webrtc';
import * as Y from 'yjs';
import type { ClockPort } from '../kernel/ports.ts';
import type { Random } from '../kernel/random.ts';
import { MAX_AWARENESS_NAME_CHARS, MAX_AWARENESS_STATES, MAX_SCRATCH_LINKS, RESYNC_MS } from './limits.ts';
import { StandstillWatch } from './standstill.ts';

/** Somebody whose awareness state says that they are here. Nothing of it is proven. */
export interface ScratchPerson {
  /** A member id when the state names one of that shape, else ''. */
  readonly memberId: string;
  /** 1 to {@link MAX_AWARENESS_NAME_CHARS} code units, or '' when the state has no name. */
  readonly name: string;
  readonly isSelf: boolean;
}

export interface ScratchPeer {
  /** The id that y-webrtc gave it for this visit. */
  readonly peerId: string;
  readonly isBrowserLocal: boolean;
}

export interface MeetingOptions {
  readonly room: string;
  readonly password: string;
  readonly doc: Y.Doc;
  readonly signalingUrl: string;
  readonly iceServers: readonly RTCIceServer[];
  readonly clock: ClockPort;
  readonly random: Random;
  /** Shown to others. */
  readonly self: { readonly memberId: string; readonly name: string };
  /** Whether `text` may be a member id. */
  readonly isMemberId: (text: string) => boolean;
  /** Peers, people or the signaling server's state may have changed. */
  readonly onChange: () => void;
  /** simple-peer's own options besides the ICE servers; for tests on Node.js, which has no WebRTC. */
  readonly peerOptions?: Readonly<Record<string, unknown>>;
}

/** What a session needs of a meeting; tests put one in whose others they play themselves. */
export type MeetingPort = Pick<Meeting, 'signaling' | 'peers' | 'people' | 'rename' | 'leave'>;

/** Later than any token that a stock client makes of its clock (milliseconds since 1970), so that our second offer is never refused. */
const LATE_TOKEN = 1e15;
/** y-webrtc's number for messages of y-protocols/sync, and that protocol's for "this is what I have, send me the rest". */
const SYNC_MESSAGE = 0;
const SYNC_STEP_1 = 0;

export class Meeting {
  readonly #options: MeetingOptions;
  readonly #provider: WebrtcProvider;
  readonly #watch: StandstillWatch;
  #cancelResync: () => void = () => undefined;
  #isOver = false;
  #name = '';

  constructor(options: MeetingOptions) {
    this.#options = options;
    this.#provider = new WebrtcProvider(options.room, options.doc, {
      signaling: [options.signalingUrl],
      password: options.password,
      maxConns: MAX_SCRATCH_LINKS,
      peerOpts: { ...options.peerOptions, config: { iceServers: [...options.iceServers] } },
    });
    this.#watch = new StandstillWatch(
      {
        selfId: () => this.#room?.peerId ?? '',
        isConnected: (peer) =>
          this.#room?.webrtcConns.get(peer)?.connected === true || this.#room?.bcConns.has(peer) === true,
        offer: (peer) => {
          this.#offer(peer);
        },
        drop: (peer) => {
          this.#drop(peer);
        },
      },
      options.clock,
      options.random,
    );
    this.#provider.on('peers', ({ added }) => {
      for (const peer of added) this.#met(peer);
      options.onChange();
    });
    this.#provider.on('status', options.onChange);
    this.#provider.awareness.on('update', () => {
      this.#boundAwareness();
      options.onChange();
    });
    this.rename(options.self.name);
    this.#resyncLater();
  }

  /** Whether the signaling server can be reached. */
  get signaling(): 'connected' | 'connecting' | 'down' {
    if (this.#isOver) return 'down';
    const connections: readonly { readonly connected?: unknown }[] = this.#provider.signalingConns;
    return connections.some(({ connected }) => connected === true) ? 'connected' : 'connecting';
  }

  peers(): readonly ScratchPeer[] {
    const room = this.#room;
    if (room === null || this.#isOver) return [];
    const direct = [...room.webrtcConns]
      .filter(([, { connected }]) => connected)
      .map(([peerId]) => ({ peerId, isBrowserLocal: false }));
    return [...direct, ...[...room.bcConns].map((peerId) => ({ peerId, isBrowserLocal: true }))];
  }

  /** Everybody whose awareness state is here, ourselves first. */
  people(): readonly ScratchPerson[] {
    const { awareness, doc } = this.#provider;
    const { self, isMemberId } = this.#options;
    const others = [...awareness.getStates()]
      .filter(([client]) => client !== doc.clientID)
      .map(([, state]) => readPerson(state, isMemberId));
    return [{ ...self, name: this.#name, isSelf: true }, ...others];
  }

  /** The name that others see from now on. */
  rename(name: string): void {
    this.#name = name;
    // `user.name` is what applications on y-protocols show; `user.id` is ours.
    this.#provider.awareness.setLocalStateField('user', { name, id: this.#options.self.memberId });
  }

  /** Parts from the room and frees everything but the document. Resolves when the room's name may be used again. */
  async leave(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#watch.stop();
    this.#cancelResync();
    // Before its key is derived the provider has no room to leave, and would open one afterwards.
    await this.#provider.key;
    await Promise.resolve();
    this.#provider.disconnect(); // destroy() alone leaves the socket to the signaling server open
    this.#provider.destroy();
    this.#provider.awareness.destroy();
    await Promise.resolve();
  }

  get #room(): Room | null {
    return this.#provider.room;
  }

  #met(peer: string): void {
    const connection = this.#room?.webrtcConns.get(peer);
    if (connection === undefined) return; // a tab of this browser
    this.#watch.heard(peer);
    follow(connection, () => {
      this.#watch.settled(peer);
      this.#options.onChange();
    });
  }

  #offer(peer: string): void {
    const room = this.#room;
    const signaling: unknown = this.#provider.signalingConns[0];
    if (room === null || this.#isOver || signaling === undefined) return;
    const isKnown = room.webrtcConns.has(peer);
    this.#drop(peer);
    if (!isKnown && room.webrtcConns.size >= this.#provider.maxConns) return;
    const connection = new WebrtcConn(
      signaling as ConstructorParameters<typeof WebrtcConn>[0],
      true,
      peer,
      room,
    );
    connection.glareToken = LATE_TOKEN + this.#options.clock.wallMs();
    room.webrtcConns.set(peer, connection);
    follow(connection, () => {
      this.#watch.settled(peer);
      this.#options.onChange();
    });
  }

  /** Ends an attempt without the announcement that y-webrtc makes of every end: it would begin the next glare. */
  #drop(peer: string): void {
    const connections = this.#room?.webrtcConns;
    const connection = connections?.get(peer);
    if (connection === undefined) return;
    connections?.delete(peer);
    const socket = connection.peer as PeerEvents;
    socket.removeAllListeners();
    socket.on('error', () => undefined); // an error without a listener would be thrown
    connection.destroy();
  }

  #boundAwareness(): void {
    const { awareness, doc } = this.#provider;
    for (const client of awareness.states.keys()) {
      if (awareness.states.size <= MAX_AWARENESS_STATES) return;
      if (client === doc.clientID) continue;
      awareness.states.delete(client);
      awareness.meta.delete(client);
    }
  }

  /** y-webrtc asks for what others hold once per connection. A lost answer would stay lost. */
  #resyncLater(): void {
    this.#cancelResync = this.#options.clock.after(RESYNC_MS, () => {
      const question = syncQuestion(this.#options.doc);
      for (const { connected, peer } of this.#room?.webrtcConns.values() ?? []) {
        if (connected) sendQuietly(peer as PeerEvents, question);
      }
      this.#resyncLater();
    });
  }
}

interface PeerEvents {
  on(event: string, listener: () => void): void;
  removeAllListeners(): void;
  send(bytes: Uint8Array): void;
}

function follow(connection: WebrtcConn, onConnected: () => void): void {
  (connection.peer as PeerEvents).on('connect', onConnected);
}

function sendQuietly(peer: PeerEvents, bytes: Uint8Array): void {
  try {
    peer.send(bytes);
  } catch {
    // Closed in this moment; y-webrtc hears of it by itself.
  }
}

/** y-protocols/sync step 1 in y-webrtc's envelope: two numbers, then the state vector behind its length. */
function syncQuestion(doc: Y.Doc): Uint8Array {
  const vector = Y.encodeStateVector(doc);
  const length: number[] = [];
  for (let rest = vector.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return Uint8Array.from([SYNC_MESSAGE, SYNC_STEP_1, ...length, ...vector]);
}

/** Reads an awareness state, which may hold anything. */
function readPerson(state: unknown, isMemberId: (text: string) => boolean): ScratchPerson {
  const user = fieldOf(state, 'user');
  const name = fieldOf(user, 'name');
  const id = fieldOf(user, 'id');
  return {
    memberId: typeof id === 'string' && isMemberId(id) ? id : '',
    name: typeof name === 'string' ? name.slice(0, MAX_AWARENESS_NAME_CHARS).toWellFormed().trim() : '',
    isSelf: false,
  };
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
