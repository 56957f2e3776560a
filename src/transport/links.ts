/**
 * The `LinkPort` of browsers: introductions over server, tabs or mesh, attempts, WebRTC connections, links. This file only joins the
 * parts; the rules live in attempts.ts, link-protocol.ts and introductions.ts, and in docs/spec/links.md.
 */
import { toHex, type Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { Instant, Lane, LinkFailure } from '../kernel/machine.ts';
import type {
  ClockPort,
  IntroductionCarrier,
  LinkListener,
  LinkPort,
  LinkStats,
  SignerPort,
  VerifierPort,
} from '../kernel/ports.ts';
import { Attempts, type AttemptAction } from './attempts.ts';
import type { ChannelLike } from './browser-channel.ts';
import { ConnectionBudget } from './connection-budget.ts';
import type { CreateConnection } from './connection.ts';
import { Introductions } from './introductions.ts';
import type { LinkEndCode, LinkIdentity } from './link-protocol.ts';
import { Link, type LinkEvents } from './link.ts';
import { Mailbox } from './mailbox.ts';
import { PairingDesk, type PairingPort } from './pairing-desk.ts';
import { createSealer, type Sealer } from './sealing.ts';
import { openBrowserSocket, type OpenSocket } from './signaling-client.ts';
import { ATTEMPT_BYTES } from './signals.ts';
import { simplePeerConnections } from './simple-peer-connection.ts';
import { DOMAIN } from '../identity/domains.ts';
import type { Route, Trace } from './trace.ts';

/** Between looks at deadlines and heartbeats, in ms (below the wait after which an offer is repeated). */
export const TICK_MS = 500;
/** A tick this late is ordinary: hidden tabs have timers of 1 s, in ms (research/mesh.md 5). */
export const ORDINARY_TICK_MS = 1000;
/** A tick this late means that we slept, in ms (research/mesh.md 2, row 13). */
export const SLEPT_MS = 5000;

export interface LinksOptions {
  readonly self: SignerPort;
  readonly verifier: VerifierPort;
  readonly clock: ClockPort;
  /** The board's signaling topic, 32 bytes in hex. */
  readonly topic: string;
  /** AES-GCM, 256 bits, usages encrypt and decrypt. */
  readonly signalKey: CryptoKey;
  /** Address of the signaling server's WebSocket, or null to do without. */
  readonly signalingUrl: string | null;
  readonly iceServers: readonly RTCIceServer[];
  readonly carrier?: IntroductionCarrier;
  /** Cryptographic randomness: ids, nonces, jitter. */
  readonly randomBytes: (length: number) => Bytes;
  readonly trace: Trace;
  /** Of the page, when it has several link ports one after another; one of its own by default. */
  readonly budget?: ConnectionBudget;
  /** Makes connections; WebRTC of this browser by default. */
  readonly createConnection?: CreateConnection;
  /** Opens the signaling socket; the browser's WebSocket by default. */
  readonly openSocket?: OpenSocket;
  /** Opens a BroadcastChannel, or undefined to do without; the browser's by default. */
  readonly openChannel?: (name: string) => ChannelLike | undefined;
  /** Seals signals and pairing codes; AES-GCM under `signalKey` by default. */
  readonly sealer?: Sealer;
}

/** A link port with what the runtime adds to it. */
export interface Links extends LinkPort {
  /** The network or the page is back: connects to the server now and probes all links. */
  nudge(): void;
  /** For connections made from now on, for instance with fresh TURN credentials. */
  useIceServers(iceServers: readonly RTCIceServer[]): void;
  /** Introduces through the mesh from now on. */
  useCarrier(carrier: IntroductionCarrier): void;
  /** Links with somebody by two codes that people hand over. */
  readonly pair: PairingPort;
}

/** What becomes of a connection, apart from what is the same for all. */
type OwnEvents = Omit<LinkEvents, 'message' | 'freed'>;

export function createLinks(options: LinksOptions): Links {
  return new BrowserLinks(options);
}

/** Opens a BroadcastChannel where the platform has them. */
function openBrowserChannel(name: string): ChannelLike | undefined {
  return typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(name);
}

class BrowserLinks implements Links {
  readonly #options: LinksOptions;
  readonly #mailbox = new Mailbox();
  readonly #budget: ConnectionBudget;
  readonly #attempts: Attempts;
  readonly #introductions: Introductions;
  readonly pair: PairingDesk;
  /** Connections of attempts, by attempt id in hex. */
  readonly #trying = new Map<string, Link>();
  readonly #up = new Map<PeerId, Link>();
  /** Which way the last signal came, of peers with an attempt under way. */
  readonly #heardBy = new Map<PeerId, Route>();
  /** Links that the owner hung up: it hears nothing more of them. */
  readonly #muted = new WeakSet<Link>();
  /** Everything that still has a connection. */
  readonly #alive = new Set<Link>();
  #iceServers: readonly RTCIceServer[];
  #listener: LinkListener | undefined;
  #tickedAt = 0 as Instant;
  #cancelTick: (() => void) | undefined;

  constructor(options: LinksOptions) {
    this.#options = options;
    this.#budget = options.budget ?? new ConnectionBudget();
    this.#iceServers = options.iceServers;
    this.#attempts = new Attempts({
      self: options.self.peerId,
      newId: () => options.randomBytes(ATTEMPT_BYTES),
      linked: (peer) => this.#up.has(peer),
      takePlace: (now) => this.#takePlace(now),
    });
    this.#introductions = new Introductions(
      {
        self: options.self.peerId,
        topic: options.topic,
        sealer: options.sealer ?? createSealer(options.signalKey, options.topic, options.randomBytes),
        clock: options.clock,
        randomBytes: options.randomBytes,
        signalingUrl: options.signalingUrl,
        openSocket: options.openSocket ?? openBrowserSocket,
        openChannel: options.openChannel ?? openBrowserChannel,
        trace: options.trace,
        onDiscovered: (peer, via, component) => {
          this.#tell((listener) => {
            listener.discovered(peer, via, component);
          });
        },
        onSignal: (from, signal, route) => {
          this.#heardBy.set(from, route);
          this.#perform(this.#attempts.received(from, signal, this.#now()));
          if (!this.#attempts.has(from)) this.#heardBy.delete(from);
        },
        onState: (state) => {
          this.#tell((listener) => {
            listener.signaling(state);
          });
        },
      },
      options.carrier,
    );
    this.pair = this.#createDesk(options);
  }

  start(listener: LinkListener): void {
    this.#listener = listener;
    this.#tickedAt = this.#now();
    this.#armTick();
    this.#introductions.start();
  }

  dial(peer: PeerId): void {
    if (this.#up.has(peer)) this.#options.trace({ kind: 'dialIgnored', peer });
    else if (!this.#introductions.reaches(peer)) this.#failed(peer, 'closed', []);
    else this.#perform(this.#attempts.dial(peer, this.#now()));
  }

  answer(peer: PeerId, accept: boolean, contacts: readonly PeerId[] = []): void {
    if (this.pair.answered(peer, accept)) return;
    this.#perform(this.#attempts.answer(peer, accept, contacts, this.#now()));
  }

  hangUp(peer: PeerId, reason: LinkFailure): void {
    this.#perform(this.#attempts.abandon(peer, reason));
    this.pair.abandon(peer, reason);
    const link = this.#up.get(peer);
    if (link === undefined) return;
    this.#up.delete(peer);
    this.#options.trace({ kind: 'linkEnded', peer, reason, code: 'hungUp', wasUp: true });
    this.#muted.add(link);
    link.close(reason);
  }

  send(peer: PeerId, message: Bytes, lane: Lane): boolean {
    const link = this.#up.get(peer);
    const outcome = link?.send(message, lane);
    if (link === undefined || outcome === undefined || outcome === 'notUp') return false;
    if (outcome === 'queued') return true;
    this.#down(link, 'overloaded', 'hungUp');
    link.close('overloaded');
    return false;
  }

  stats(peer: PeerId): LinkStats | undefined {
    return this.#up.get(peer)?.stats;
  }

  introduced(sealed: Bytes): void {
    this.#introductions.introduced(sealed);
  }

  announce(): void {
    this.#introductions.announce();
  }

  belong(component: Bytes): void {
    this.#introductions.belong(component);
  }

  nudge(): void {
    this.#introductions.nudge();
    for (const link of this.#up.values()) link.probe();
  }

  useIceServers(iceServers: readonly RTCIceServer[]): void {
    this.#iceServers = iceServers;
  }

  useCarrier(carrier: IntroductionCarrier): void {
    this.#introductions.useCarrier(carrier);
  }

  stop(isPageGone = false): void {
    this.#mailbox.close();
    this.#listener = undefined;
    this.#cancelTick?.();
    this.pair.stop();
    // A connection that is closed takes with it what is still on its way: the other side would see a link that broke.
    for (const link of [...this.#alive]) {
      if (isPageGone) link.stop('goodbye');
      else link.close('goodbye');
    }
    this.#introductions.stop();
    this.#up.clear();
    this.#trying.clear();
  }

  #takePlace(now: Instant): boolean {
    const code = this.#budget.take(now);
    if (code !== undefined) this.#options.trace({ kind: 'budgetSpent', code });
    return code === undefined;
  }

  #now(): Instant {
    return this.#options.clock.now();
  }

  #tell(letter: (listener: LinkListener) => void): void {
    this.#mailbox.post(() => {
      if (this.#listener !== undefined) letter(this.#listener);
    });
  }

  /** Tells of a link, unless the owner has hung it up meanwhile. */
  #tellOf(link: Link, letter: (listener: LinkListener) => void): void {
    this.#tell((listener) => {
      if (!this.#muted.has(link)) letter(listener);
    });
  }

  #failed(peer: PeerId, reason: LinkFailure, contacts: readonly PeerId[]): void {
    this.#heardBy.delete(peer);
    this.#options.trace({ kind: 'attemptFailed', peer, reason });
    this.#tell((listener) => {
      if (contacts.length === 0) listener.dialFailed(peer, reason);
      else listener.dialFailed(peer, reason, contacts);
    });
  }

  #perform(actions: readonly AttemptAction[]): void {
    for (const action of actions) this.#performOne(action);
  }

  #performOne(action: AttemptAction): void {
    switch (action.kind) {
      case 'signal':
        this.#introductions.send(action.to, action.signal, this.#heardBy.get(action.to));
        break;
      case 'open':
        this.#open(action.peer, action.attempt, action.initiator);
        break;
      case 'describe':
        this.#trying.get(toHex(action.attempt))?.describe(action.description);
        break;
      case 'candidates':
        this.#trying.get(toHex(action.attempt))?.addCandidates(action.candidates);
        break;
      case 'close':
        this.#closeAttempt(action.attempt);
        break;
      case 'asked':
        this.#tell((listener) => {
          listener.asked(action.peer);
        });
        break;
      case 'failed':
        if (action.reason === 'timeout') this.#introductions.suspect(action.peer);
        this.#failed(action.peer, action.reason, action.contacts);
        break;
      case 'dropped': {
        const route = this.#heardBy.get(action.from) ?? 'server';
        this.#options.trace({ kind: 'signalDropped', code: action.code, route });
        break;
      }
    }
  }

  #closeAttempt(attempt: Bytes): void {
    const link = this.#trying.get(toHex(attempt));
    if (link === undefined) return;
    this.#trying.delete(toHex(attempt));
    const { peer } = link.identity;
    this.#options.trace({ kind: 'linkEnded', peer, reason: 'closed', code: 'attemptOver', wasUp: false });
    link.close('closed');
  }

  #open(peer: PeerId, attempt: Bytes, initiator: boolean): void {
    const openedAt = this.#now();
    const link = this.#connect({ peer, attempt, initiator }, false, {
      described: (description, candidates) => {
        this.#perform(this.#attempts.described(attempt, description, candidates, this.#now()));
      },
      gathered: (candidates) => {
        this.#perform(this.#attempts.gathered(attempt, candidates));
      },
      up: () => {
        this.#becameUp(link, openedAt);
      },
      ended: (reason) => {
        if (this.#trying.delete(toHex(attempt)))
          this.#perform(this.#attempts.connectionFailed(attempt, reason));
      },
    });
    this.#trying.set(toHex(attempt), link);
  }

  /** A connection that has taken its place in the budget. `own.ended` is for one that never came up. */
  #connect(identity: Omit<LinkIdentity, 'self' | 'topic'>, patient: boolean, own: OwnEvents): Link {
    const { self, verifier, clock, topic, createConnection } = this.#options;
    const link = new Link({
      identity: { self: self.peerId, topic, ...identity },
      clock,
      signer: self,
      verifier,
      createConnection: createConnection ?? simplePeerConnections(),
      iceServers: this.#iceServers,
      patient,
      events: {
        ...own,
        message: (message, lane) => {
          this.#tellOf(link, (listener) => {
            listener.received(link.identity.peer, message, lane);
          });
        },
        ended: (reason, code) => {
          this.#ended(link, reason, code, own);
        },
        freed: () => {
          this.#alive.delete(link);
          this.#budget.release();
        },
      },
    });
    this.#alive.add(link);
    return link;
  }

  #createDesk({ self, sealer, signalKey, topic, clock, randomBytes, trace }: LinksOptions): PairingDesk {
    return new PairingDesk({
      self: self.peerId,
      sealer: sealer ?? createSealer(signalKey, topic, randomBytes, DOMAIN.pairing),
      clock,
      randomBytes,
      trace,
      isLinked: (peer) => this.#up.has(peer),
      open: (identity, events) =>
        this.#takePlace(this.#now()) ? this.#connect(identity, true, events) : undefined,
      ask: (peer) => {
        this.#tell((listener) => {
          listener.asked(peer);
        });
      },
      up: (link) => {
        // An attempt that was under way besides has its outcome by this link.
        this.#perform(this.#attempts.abandon(link.identity.peer, 'replaced'));
        this.#becameUp(link, this.#now());
      },
      failed: (peer, reason) => {
        this.#failed(peer, reason, []);
      },
    });
  }

  #becameUp(link: Link, openedAt: Instant): void {
    const { peer, attempt } = link.identity;
    this.#trying.delete(toHex(attempt));
    this.#attempts.linked(attempt);
    const browserLocal = this.#heardBy.get(peer) === 'browser';
    this.#heardBy.delete(peer);
    this.#introductions.trust(peer);
    const old = this.#up.get(peer);
    if (old !== undefined) {
      this.#down(old, 'replaced', 'hungUp');
      old.close('replaced');
    }
    this.#up.set(peer, link);
    this.#options.trace({ kind: 'linkUp', peer, tookMs: this.#now() - openedAt, browserLocal });
    this.#tellOf(link, (listener) => {
      listener.up(peer, { browserLocal });
    });
  }

  /** The connection of an attempt, or a link, ended by itself. */
  #ended(link: Link, reason: LinkFailure, code: LinkEndCode | 'platform', own: OwnEvents): void {
    const { peer } = link.identity;
    if (this.#up.get(peer) === link) {
      this.#down(link, reason, code);
      return;
    }
    this.#options.trace({ kind: 'linkEnded', peer, reason, code, wasUp: false });
    own.ended(reason, code);
  }

  #down(link: Link, reason: LinkFailure, code: LinkEndCode | 'platform' | 'hungUp'): void {
    const { peer } = link.identity;
    this.#up.delete(peer);
    this.#options.trace({ kind: 'linkEnded', peer, reason, code, wasUp: true });
    this.#tellOf(link, (listener) => {
      listener.down(peer, reason);
    });
  }

  #armTick(): void {
    this.#cancelTick = this.#options.clock.after(TICK_MS, () => {
      this.#tick();
    });
  }

  #tick(): void {
    const now = this.#now();
    const lateMs = now - this.#tickedAt - ORDINARY_TICK_MS;
    this.#tickedAt = now;
    if (lateMs > 0) this.#options.trace({ kind: 'lag', ms: lateMs });
    this.pair.tick();
    for (const link of this.#alive) {
      if (lateMs > SLEPT_MS) link.probe();
      else if (lateMs > 0) link.forgive(lateMs);
      link.tick();
    }
    if (lateMs > 0) this.#attempts.forgive(lateMs);
    this.#perform(this.#attempts.tick(now));
    this.#armTick();
  }
}
