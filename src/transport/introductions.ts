/**
 * Carries signals: seals and addresses what we say, opens and checks what comes, and chooses the way. Answers go back the way the
 * question came; else between tabs of one browser when that peer was heard there, else through the mesh, else through the server. Rules: docs/spec/links.md, LNK-30 to LNK-39.
 */
import { fromBase64Url, fromHex, toBase64Url, type Bytes } from '../kernel/bytes.ts';
import { digestBytes } from '../kernel/hash.ts';
import { idBytes, type PeerId } from '../kernel/ids.ts';
import { invariant } from '../kernel/invariant.ts';
import { MAX_COMPONENT_BYTES } from '../kernel/machine.ts';
import type { ClockPort, IntroductionCarrier } from '../kernel/ports.ts';
import { DOMAIN } from '../identity/domains.ts';
import type { Json } from '../../signaling/protocol.ts';
import { BrowserChannel, type ChannelLike } from './browser-channel.ts';
import { MAX_SEALED_BYTES, type Sealer } from './sealing.ts';
import { SerialWork } from './serial-work.ts';
import { SignalingClient, type OpenSocket, type SignalingState } from './signaling-client.ts';
import { decodeSignal, encodeSignal, type AttemptSignal, type SignalBody } from './signals.ts';
import { SlidingWindow } from './sliding-window.ts';
import type { Route, Trace } from './trace.ts';

/** Least time between two announcements, in ms (brief). */
export const ANNOUNCE_EVERY_MS = 1000;
/** How many of a room answer an announcement through the server, on average: enough for a newcomer's active view (DESIGN section 7). */
export const HERE_REPLIES = 5;
/** Most answers to announcements within a second (guess). */
export const MAX_HERE_PER_SECOND = 10;
/** Signals that wait to be opened (guess: a burst of announcements of a large room). */
export const MAX_INBOX = 256;
/** Signals that wait to be sealed (guess: more than all attempts together can say at once). */
export const MAX_OUTGOING = 256;
/** Peers whose last way failed are remembered (guess). */
export const MAX_SUSPECTS = 64;

const PEER_TOPIC_BYTES = 16;
/** Longest base64url text of a sealed signal. */
const MAX_DATA_LENGTH = Math.ceil((MAX_SEALED_BYTES * 4) / 3);

export interface IntroductionsOptions {
  readonly self: PeerId;
  /** Hex. */
  readonly topic: string;
  readonly sealer: Sealer;
  readonly clock: ClockPort;
  readonly randomBytes: (length: number) => Bytes;
  readonly signalingUrl: string | null;
  readonly openSocket: OpenSocket;
  readonly openChannel: (name: string) => ChannelLike | undefined;
  readonly trace: Trace;
  onDiscovered(peer: PeerId, via: 'signaling' | 'browser', component: Bytes | undefined): void;
  onSignal(from: PeerId, signal: AttemptSignal, route: Route): void;
  onState(state: SignalingState): void;
}

/** The topic that everybody of a board subscribes to. */
export function roomTopic(topic: string): string {
  return toBase64Url(fromHex(topic));
}

/** The topic that only `peer` subscribes to. It says nothing about the peer to those who do not know its id. */
export function peerTopic(topic: string, peer: PeerId): string {
  return toBase64Url(digestBytes(DOMAIN.peerTopic, fromHex(topic), idBytes(peer)).slice(0, PEER_TOPIC_BYTES));
}

export class Introductions {
  readonly #options: IntroductionsOptions;
  readonly #inbox: SerialWork;
  readonly #outgoing: SerialWork;
  readonly #hereReplies = new SlidingWindow(MAX_HERE_PER_SECOND, 1000);
  readonly #suspects = new Map<PeerId, Route>();
  readonly #server: SignalingClient | undefined;
  readonly #browser: BrowserChannel;
  #carrier: IntroductionCarrier | undefined;
  #component: Bytes | undefined;
  #announcedAt: number | undefined;
  #cancelAnnounce: (() => void) | undefined;
  #stopped = false;

  constructor(options: IntroductionsOptions, carrier: IntroductionCarrier | undefined) {
    this.#options = options;
    this.#carrier = carrier;
    this.#inbox = new SerialWork(MAX_INBOX, () => {});
    this.#outgoing = new SerialWork(MAX_OUTGOING, () => {
      options.trace({ kind: 'signalUnsent', code: 'sealFailed' });
    });
    this.#server = options.signalingUrl === null ? undefined : this.#createClient(options.signalingUrl);
    this.#browser = new BrowserChannel({
      open: options.openChannel,
      name: `tabswarm/${roomTopic(options.topic)}`,
      self: options.self,
      onSealed: (sealed, addressed) => {
        this.#open(sealed, addressed, 'browser', undefined);
      },
      onMalformed: () => {
        options.trace({ kind: 'signalDropped', code: 'malformed', route: 'browser' });
      },
    });
  }

  start(): void {
    if (this.#server === undefined) this.#options.onState('down');
    else this.#server.start();
    this.announce();
  }

  useCarrier(carrier: IntroductionCarrier): void {
    this.#carrier = carrier;
  }

  /** What announcements and replies say of our component from now on. */
  belong(component: Bytes): void {
    invariant(
      component.length <= MAX_COMPONENT_BYTES,
      `a component has at most ${MAX_COMPONENT_BYTES} bytes`,
    );
    this.#component = component;
  }

  nudge(): void {
    this.#server?.nudge();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelAnnounce?.();
    this.#server?.stop();
    this.#browser.close();
  }

  /** Tells the room and the other tabs that we are here; at most once a second, the last call is made up for. */
  announce(): void {
    const now = this.#options.clock.now();
    const wait = this.#announcedAt === undefined ? 0 : this.#announcedAt + ANNOUNCE_EVERY_MS - now;
    if (wait > 0) {
      this.#cancelAnnounce ??= this.#options.clock.after(wait, () => {
        this.announce();
      });
      return;
    }
    this.#cancelAnnounce?.();
    this.#cancelAnnounce = undefined;
    this.#announceNow();
  }

  #announceNow(): void {
    this.#announcedAt = this.#options.clock.now();
    this.#seal({ kind: 'announce', component: this.#component }, undefined, (sealed) => {
      this.#browser.post(undefined, sealed);
      if (this.#server?.state === 'connected') this.#publish(undefined, sealed, 'announce');
    });
  }

  /** Whether there is any way to `peer` now. A server that is down is none; what is under way already waits for it. */
  reaches(peer: PeerId): boolean {
    return this.#routes(peer).some((route) => route !== 'server' || this.#server?.state !== 'down');
  }

  /** Says something to a peer, on the way by which it spoke to us (`cameBy`) if that is still there. */
  send(to: PeerId, signal: AttemptSignal, cameBy: Route | undefined): void {
    this.#seal(signal, to, (sealed) => {
      const back = this.#routes(to).find((route) => route === cameBy);
      this.#deliver(to, sealed, signal.kind, back ?? this.#route(to));
    });
  }

  /** An attempt with `peer` ended without an answer: prefers another way next time. */
  suspect(peer: PeerId): void {
    const route = this.#route(peer);
    if (route === 'browser') this.#browser.forget(peer);
    else if (route !== undefined && this.#suspects.size < MAX_SUSPECTS) this.#suspects.set(peer, route);
  }

  /** The way to `peer` works. */
  trust(peer: PeerId): void {
    this.#suspects.delete(peer);
  }

  /** A sealed signal that came through the mesh. */
  introduced(sealed: Bytes): void {
    this.#open(sealed, true, 'mesh', undefined);
  }

  #createClient(url: string): SignalingClient {
    const { clock, openSocket, randomBytes, self, topic, trace } = this.#options;
    return new SignalingClient({
      url,
      openSocket,
      clock,
      randomBytes,
      topics: [roomTopic(topic), peerTopic(topic, self)],
      onState: (state) => {
        trace({ kind: 'signaling', state });
        this.#options.onState(state);
        if (state === 'connected') this.#announceNow(); // connections are rare enough by themselves
      },
      onPublication: (to, data, subscribers) => {
        this.#published(to, data, subscribers);
      },
      onMalformed: () => {
        trace({ kind: 'signalDropped', code: 'malformed', route: 'server' });
      },
      onUnsent: (code) => {
        trace({ kind: 'signalUnsent', code });
      },
      onClosed: (closeCode, reason) => {
        trace({ kind: 'signalingClosed', closeCode, reason });
      },
    });
  }

  #published(to: string, data: Json, subscribers: number | undefined): void {
    const sealed =
      typeof data === 'string' && data.length <= MAX_DATA_LENGTH ? fromBase64Url(data) : undefined;
    if (sealed === undefined)
      this.#options.trace({ kind: 'signalDropped', code: 'notText', route: 'server' });
    else this.#open(sealed, to !== roomTopic(this.#options.topic), 'server', subscribers);
  }

  #open(sealed: Bytes, addressed: boolean, route: Route, subscribers: number | undefined): void {
    const { self, sealer, trace } = this.#options;
    const taken = this.#inbox.push(async () => {
      const plain = await sealer.open(sealed, addressed ? self : undefined);
      if (this.#stopped) return;
      const signal = plain.ok ? decodeSignal(plain.value) : plain;
      if (!signal.ok) trace({ kind: 'signalDropped', code: signal.code, route });
      else if (signal.value.from !== self)
        this.#received(signal.value.from, signal.value.body, addressed, route, subscribers);
    });
    if (!taken) trace({ kind: 'signalDropped', code: 'inboxFull', route });
  }

  #received(
    from: PeerId,
    body: SignalBody,
    addressed: boolean,
    route: Route,
    subscribers: number | undefined,
  ): void {
    if (addressed === (body.kind === 'announce')) {
      this.#options.trace({ kind: 'signalDropped', code: 'misaddressed', route });
      return;
    }
    if (route === 'browser') this.#browser.heard(from);
    if (body.kind === 'announce') this.#replyHere(from, route, subscribers);
    if (body.kind !== 'announce' && body.kind !== 'here') this.#options.onSignal(from, body, route);
    else if (route !== 'mesh')
      this.#options.onDiscovered(from, route === 'browser' ? 'browser' : 'signaling', body.component);
  }

  /** Lets a newcomer know of us. In a large room only a few do, by lot: all of them would be a flood. */
  #replyHere(to: PeerId, route: Route, subscribers: number | undefined): void {
    const others = route === 'server' ? Math.max(1, (subscribers ?? 2) - 1) : 1;
    const [a = 0, b = 0] = this.#options.randomBytes(2);
    if ((a * 256 + b) * others >= HERE_REPLIES * 65_536) return;
    if (!this.#hereReplies.take(this.#options.clock.now())) return;
    this.#seal({ kind: 'here', component: this.#component }, to, (sealed) => {
      this.#deliver(to, sealed, 'here', route);
    });
  }

  #seal(body: SignalBody, to: PeerId | undefined, then: (sealed: Bytes) => void): void {
    const { self, sealer, trace } = this.#options;
    const taken = this.#outgoing.push(async () => {
      const sealed = await sealer.seal(encodeSignal({ from: self, body }), to);
      if (!this.#stopped) then(sealed);
    });
    if (!taken) trace({ kind: 'signalUnsent', code: 'outboxFull' });
  }

  /** The ways to a peer, best first. */
  #routes(peer: PeerId): readonly Route[] {
    const routes: Route[] = [];
    if (this.#browser.reaches(peer)) routes.push('browser');
    if (this.#carrier?.reaches(peer) === true) routes.push('mesh');
    if (this.#server !== undefined) routes.push('server');
    return routes;
  }

  #route(peer: PeerId): Route | undefined {
    const routes = this.#routes(peer);
    return routes.find((route) => this.#suspects.get(peer) !== route) ?? routes[0];
  }

  #deliver(to: PeerId, sealed: Bytes, signal: string, route: Route | undefined): void {
    if (route === undefined) this.#options.trace({ kind: 'signalUnsent', code: 'noRoute' });
    else if (route === 'server') this.#publish(to, sealed, signal);
    else {
      this.#options.trace({ kind: 'signalSent', signal, route, bytes: sealed.length });
      if (route === 'browser') this.#browser.post(to, sealed);
      else this.#carrier?.carry(to, sealed);
    }
  }

  #publish(to: PeerId | undefined, sealed: Bytes, signal: string): void {
    const { topic, trace } = this.#options;
    const data = toBase64Url(sealed);
    trace({ kind: 'signalSent', signal, route: 'server', bytes: data.length });
    this.#server?.publish(to === undefined ? roomTopic(topic) : peerTopic(topic, to), data);
  }
}
