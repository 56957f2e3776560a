/**
 * How questions and answers of attempts travel before there is a link, as src/transport/introductions.ts does it: between tabs of one
 * browser, else through the mesh, else through the server. A way by which no answer came is tried last the next time. On the
 * server's way signals get lost, arrive twice, and overtake each other; in the mesh they are the overlay's own introductions.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { Random } from '../kernel/random.ts';
import { drawBetween, happens, type Network, type NetworkHost } from './network.ts';
import type { Carrier } from './participant.ts';

/** A tab hears of another tab of its browser within about a millisecond. Origin: guess. */
const BROWSER_INTRODUCTION_MS = 1;
/** One introduction over a mesh whose overlay carries none itself, ms. Origin: guess; some three hops of the default distance. */
const MESH_INTRODUCTION_MS: readonly [number, number] = [10, 250];
/** Bytes of a signal on its way through the mesh: a number. What browsers say there is about a kilobyte. */
const SEALED_BYTES = 8;

/** The ways, best first. */
const ROUTES = ['browser', 'mesh', 'server'] as const;
export type Route = (typeof ROUTES)[number];

interface OnItsWay {
  readonly to: PeerId;
  readonly arrive: () => void;
}

export class Signals<Message> {
  readonly #host: NetworkHost<Message>;
  readonly #network: Network<Message>;
  readonly #random: Random;
  readonly #carrierOf: (peer: PeerId) => Carrier | undefined;
  /** Given to the mesh, by number; forgotten after the deadline of an attempt. */
  readonly #inMesh = new Map<number, OnItsWay>();
  readonly #suspects = new Map<string, Route>();
  #count = 0;

  constructor(
    host: NetworkHost<Message>,
    network: Network<Message>,
    random: Random,
    carrierOf: (peer: PeerId) => Carrier | undefined,
  ) {
    this.#host = host;
    this.#network = network;
    this.#random = random;
    this.#carrierOf = carrierOf;
  }

  /** Sends a signal; `cameBy` is preferred while it is there. Returns the way it took; undefined: there is none. `arrive` may come never, or twice. */
  send(from: PeerId, to: PeerId, cameBy: Route | undefined, arrive: () => void): Route | undefined {
    const routes = ROUTES.filter((route) => this.#isThere(route, from, to));
    const suspect = this.#suspects.get(`${from}>${to}`);
    const route = routes.find((one) => one === cameBy) ?? routes.find((one) => one !== suspect) ?? routes[0];
    if (route === 'browser') this.#host.scheduleFor(to, BROWSER_INTRODUCTION_MS, arrive);
    else if (route === 'mesh') this.#throughMesh(from, to, arrive);
    else if (route === 'server') this.#throughServer(to, arrive);
    return route;
  }

  /** What the mesh brought to `peer`. */
  introduced(peer: PeerId, sealed: Bytes): void {
    const number = new DataView(sealed.buffer, sealed.byteOffset).getUint32(0);
    const signal = this.#inMesh.get(number);
    if (signal?.to !== peer) return;
    this.#inMesh.delete(number);
    this.#host.scheduleFor(peer, 0, signal.arrive);
  }

  /** No answer came by `route`. */
  suspect(from: PeerId, to: PeerId, route: Route): void {
    this.#suspects.set(`${from}>${to}`, route);
  }

  trust(from: PeerId, to: PeerId): void {
    this.#suspects.delete(`${from}>${to}`);
  }

  #isThere(route: Route, from: PeerId, to: PeerId): boolean {
    const { paths } = this.#host;
    if (route === 'browser') return paths.areTabsOfOneBrowser(from, to) && paths.isOpenBothWays(from, to);
    if (route === 'server') return paths.meetAtServer(from, to);
    const carrier = this.#carrierOf(from);
    return carrier === undefined ? this.#network.meshReaches(from, to) : carrier.reaches(to);
  }

  #throughServer(to: PeerId, arrive: () => void): void {
    const { signalLossPerMille, signalTwicePerMille, introductionMs } = this.#host.settings;
    const copies = happens(this.#random, signalTwicePerMille) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      this.#network.counters.serverMessages += 1;
      if (happens(this.#random, signalLossPerMille)) continue;
      this.#host.scheduleFor(to, drawBetween(this.#random, introductionMs), arrive);
    }
  }

  #throughMesh(from: PeerId, to: PeerId, arrive: () => void): void {
    const carrier = this.#carrierOf(from);
    if (carrier === undefined) {
      this.#host.scheduleFor(to, drawBetween(this.#random, MESH_INTRODUCTION_MS), arrive);
      return;
    }
    const number = ++this.#count;
    this.#inMesh.set(number, { to, arrive });
    this.#host.schedule(this.#host.settings.attemptMs, () => this.#inMesh.delete(number));
    const sealed = new Uint8Array(SEALED_BYTES);
    new DataView(sealed.buffer).setUint32(0, number);
    // Later, not within the step that dials.
    this.#host.scheduleFor(from, 0, () => carrier.carry(to, sealed));
  }
}
