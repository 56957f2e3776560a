/** Links over real WebRTC (libwebrtc in Node.js), real WebSockets and our signaling server, all on loopback, with real keys. */
import { webcrypto } from 'node:crypto';
import wrtc from '@roamhq/wrtc';
import { WebSocket } from 'ws';
import { toHex } from '../../src/kernel/bytes.ts';
import type { SignerPort } from '../../src/kernel/ports.ts';
import { createClock } from '../../src/runtime/clock.ts';
import { createVerifier, deriveBoardKeys, randomBytes, signerFrom } from '../../src/runtime/crypto.ts';
import type { OpenSocket, SignalingSocket } from '../../src/transport/signaling-client.ts';
import { createLinks } from '../../src/transport/links.ts';
import { simplePeerConnections } from '../../src/transport/simple-peer-connection.ts';
import type { TransportEvent } from '../../src/transport/trace.ts';
import { LinkOwner, type LinkNetwork, type PeerOptions } from './link-network.ts';
import { startTestServer, type TestServer } from './signaling-harness.ts';
import { waitUntil } from './wait-until.ts';

const PATIENCE_MS = 12_000;

/** Opens sockets of the `ws` package; `isMute` cuts one off without closing it. */
function socketOpener(isMute: () => boolean): OpenSocket {
  return (url, events): SignalingSocket => {
    const socket = new WebSocket(url);
    socket.on('open', () => {
      events.opened();
    });
    socket.on('message', (data, isBinary) => {
      if (!isMute()) events.frame(isBinary ? data : (data as Buffer).toString());
    });
    socket.on('error', () => undefined); // the closing that follows says it
    socket.on('close', (code, reason) => {
      events.closed(code, reason.toString());
    });
    return {
      send: (text) => {
        if (!isMute() && socket.readyState === WebSocket.OPEN) socket.send(text);
      },
      close: () => {
        socket.close();
      },
      get bufferedAmount() {
        return socket.bufferedAmount;
      },
    };
  };
}

export class RealLinkNetwork implements LinkNetwork {
  readonly trace: TransportEvent[] = [];
  readonly #owners: LinkOwner[] = [];
  readonly #gone = new Set<LinkOwner>();
  readonly #signers = new Map<string, SignerPort>();
  readonly #clock = createClock();
  readonly #channels = `test ${toHex(randomBytes(4))}`;
  readonly #secret = randomBytes(32);
  #server: TestServer | undefined;
  #port = 0;
  #mesh = false;

  static async start(): Promise<RealLinkNetwork> {
    const network = new RealLinkNetwork();
    await network.useSignaling(true);
    return network;
  }

  async addPeer(options: PeerOptions = {}): Promise<LinkOwner> {
    const { topic, signalKey } = await deriveBoardKeys(this.#secret);
    const self = await this.#signer(options.name ?? `peer ${this.#owners.length}`);
    const { profile } = options;
    let owner: LinkOwner | undefined = undefined;
    const isMute = (): boolean => owner !== undefined && this.#gone.has(owner);
    const port = createLinks({
      self,
      verifier: createVerifier(),
      clock: this.#clock,
      topic,
      signalKey,
      signalingUrl: `ws://127.0.0.1:${this.#port}/signaling`,
      iceServers: [],
      carrier: {
        reaches: (peer) => this.#mesh && this.#owners.some(({ id }) => id === peer),
        carry: (to, sealed) => this.#owners.findLast(({ id }) => id === to)?.port.introduced(sealed),
      },
      randomBytes,
      trace: (event) => this.trace.push(event),
      createConnection: simplePeerConnections(wrtc),
      openSocket: socketOpener(isMute),
      openChannel: (name) =>
        profile === undefined ? undefined : new BroadcastChannel(`${this.#channels} ${profile} ${name}`),
    });
    const created = new LinkOwner(self.peerId, port);
    owner = created;
    this.#owners.push(created);
    port.start(created);
    if (this.#server !== undefined)
      await this.until('the server', () => created.of('signaling').at(-1)?.state === 'connected');
    return created;
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    await waitUntil(condition, { what, timeoutMs: PATIENCE_MS, everyMs: 5 });
  }

  wait<Value>(promise: Promise<Value>): Promise<Value> {
    return promise;
  }

  async useSignaling(on: boolean): Promise<void> {
    await this.#server?.close();
    this.#server = on ? await startTestServer({ port: this.#port }) : undefined;
    this.#port = this.#server?.port ?? this.#port;
  }

  useMesh(on: boolean): void {
    this.#mesh = on;
  }

  vanish(owner: LinkOwner): void {
    this.#gone.add(owner);
  }

  async stop(): Promise<void> {
    for (const owner of this.#owners) owner.port.stop(true);
    await this.#server?.close();
  }

  async #signer(name: string): Promise<SignerPort> {
    const known = this.#signers.get(name);
    if (known !== undefined) return known;
    const pair = await webcrypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
    const signer = await signerFrom(pair as CryptoKeyPair);
    this.#signers.set(name, signer);
    return signer;
  }
}
