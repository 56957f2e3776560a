/** Links over a network in memory on a virtual clock: everything but WebRTC, WebSocket and WebCrypto is the real code. */
import { concatBytes, fromHex, utf8, type Bytes } from '../../src/kernel/bytes.ts';
import { digest, digestBytes } from '../../src/kernel/hash.ts';
import type { PeerId } from '../../src/kernel/ids.ts';
import { randomFrom, type Random } from '../../src/kernel/random.ts';
import type { SignerPort, VerifierPort } from '../../src/kernel/ports.ts';
import { ok, refuse } from '../../src/kernel/result.ts';
import type { ChannelLike } from '../../src/transport/browser-channel.ts';
import type { OpenSocket } from '../../src/transport/signaling-client.ts';
import { createLinks, type Links, type LinksOptions } from '../../src/transport/links.ts';
import type { Sealer } from '../../src/transport/sealing.ts';
import type { TransportEvent } from '../../src/transport/trace.ts';
import { LinkOwner, type LinkNetwork, type PeerOptions } from './link-network.ts';
import { MemoryConnections } from './memory-connections.ts';
import { MemorySignaling } from './memory-signaling.ts';
import { VirtualTime } from './virtual-time.ts';

export const TOPIC = 'ab'.repeat(32);
const STEP_MS = 10;
const PATIENCE_MS = 60_000;

/** A signature that costs nothing and that only `standInSigner` of that peer makes. */
export function standInSignature(peer: string, body: Bytes): Bytes {
  const half = digestBytes('test/signature', fromHex(peer), body);
  return concatBytes(half, half);
}

export function standInSigner(peerId: PeerId): SignerPort {
  return { peerId, sign: async (body) => standInSignature(peerId, body) };
}

export const standInVerifier: VerifierPort = {
  verifyAll: async (checks) =>
    checks.every(
      ({ signer, body, signature }) => String(standInSignature(signer, body)) === String(signature),
    ),
};

/** Seals by prefixing whom it is for: no secrecy, but the same refusals as the real one. */
export const standInSealer: Sealer = {
  seal: async (plain, to) => concatBytes(utf8((to ?? '').padEnd(64, '.')), plain),
  open: async (sealed, to) => {
    const expected = String(utf8((to ?? '').padEnd(64, '.')));
    return String(sealed.slice(0, 64)) === expected ? ok(sealed.slice(64)) : refuse('unsealable');
  },
};

export function seededBytes(random: Random): (length: number) => Bytes {
  return (length) => Uint8Array.from({ length }, () => random.below(256));
}

export interface VirtualPeer extends LinkOwner {
  readonly port: Links;
}

export class VirtualLinkNetwork implements LinkNetwork {
  readonly time = new VirtualTime();
  readonly connections = new MemoryConnections(this.time);
  readonly server = new MemorySignaling(this.time);
  readonly trace: { readonly peer: PeerId; readonly event: TransportEvent }[] = [];
  readonly #random: Random;
  readonly #owners: LinkOwner[] = [];
  readonly #channels = new Map<string, Set<ChannelLike>>();
  #mesh = false;

  constructor(seed: string) {
    this.#random = randomFrom(seed);
  }

  async addPeer(options: PeerOptions = {}): Promise<VirtualPeer> {
    const index = this.#owners.length;
    const id = digest('test/peer', utf8(options.name ?? `peer ${index}`)) as string as PeerId;
    const port = createLinks(this.#optionsOf(id, index, options.profile));
    const owner = new LinkOwner(id, port);
    this.#owners.push(owner);
    port.start(owner);
    await this.time.advance(STEP_MS);
    return owner;
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    for (let passed = 0; !condition(); passed += STEP_MS) {
      if (passed > PATIENCE_MS) throw new Error(`${PATIENCE_MS} virtual ms passed without: ${what}`);
      await this.time.advance(STEP_MS);
    }
  }

  async wait<Value>(promise: Promise<Value>): Promise<Value> {
    let settled = false;
    const settle = (): void => {
      settled = true;
    };
    promise.then(settle, settle);
    await this.until('a promise to settle', () => settled);
    return promise;
  }

  async useSignaling(on: boolean): Promise<void> {
    this.server.use(on);
    await this.time.advance(STEP_MS);
  }

  useMesh(on: boolean): void {
    this.#mesh = on;
  }

  vanish(owner: LinkOwner): void {
    this.connections.kill(owner.id);
    this.server.kill(owner.id);
  }

  /** Tabs of one browser stop hearing each other. */
  breakChannels(): void {
    for (const members of this.#channels.values()) members.clear();
  }

  async stop(): Promise<void> {
    for (const owner of this.#owners) owner.port.stop(true);
    await this.time.advance(0);
  }

  #optionsOf(id: PeerId, index: number, profile: string | undefined): LinksOptions {
    const openSocket: OpenSocket = (url, events) => this.server.open(id, url, events);
    return {
      self: standInSigner(id),
      verifier: standInVerifier,
      clock: this.time,
      topic: TOPIC,
      signalKey: {} as CryptoKey, // the stand-in sealer needs none
      sealer: standInSealer,
      signalingUrl: 'memory',
      iceServers: [],
      carrier: {
        reaches: (peer) => this.#mesh && this.#owners.some((owner) => owner.id === peer),
        carry: (to, sealed) => {
          this.time.after(2, () =>
            this.#owners.findLast((owner) => owner.id === to)?.port.introduced(sealed),
          );
        },
      },
      randomBytes: seededBytes(this.#random.fork(`peer ${index}`)),
      trace: (event) => this.trace.push({ peer: id, event }),
      createConnection: this.connections.creator(id),
      openSocket,
      openChannel: (name) => (profile === undefined ? undefined : this.#openChannel(`${profile}/${name}`)),
    };
  }

  #openChannel(name: string): ChannelLike {
    const members = this.#channels.get(name) ?? new Set<ChannelLike>();
    this.#channels.set(name, members);
    const channel: ChannelLike = {
      onmessage: null,
      postMessage: (data) => {
        for (const other of members)
          if (other !== channel)
            this.time.after(0, () => other.onmessage?.({ data } as MessageEvent<unknown>));
      },
      close: () => members.delete(channel),
    };
    members.add(channel);
    return channel;
  }
}
