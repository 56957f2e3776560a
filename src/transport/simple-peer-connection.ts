/** {@link Connection} over simple-peer, that is, over the browser's WebRTC. Whatever the library throws or reports becomes a coded end. */
// The tests compile under a configuration of their own, which does not see this folder's declarations.
// eslint-disable-next-line @typescript-eslint/triple-slash-reference
/// <reference path="./simple-peer.d.ts" />
import SimplePeer from 'simple-peer/simplepeer.min.js';
import type { Bytes } from '../kernel/bytes.ts';
import {
  LOW_WATER_BYTES,
  type Connection,
  type ConnectionEvents,
  type CreateConnection,
} from './connection.ts';
import {
  fingerprintText,
  readCandidate,
  readDescription,
  writeCandidate,
  writeDescription,
  type Candidate,
  type Description,
} from './description.ts';

/** The classes of a WebRTC implementation; left out in browsers, which have their own. */
export interface WebRtcLibrary {
  readonly RTCPeerConnection: unknown;
  readonly RTCSessionDescription: unknown;
  readonly RTCIceCandidate: unknown;
}

/** Frames held between the channel's opening and simple-peer's `connect`, which asks for statistics first (guess: proof, ready and a few more). */
const MAX_EARLY_FRAMES = 16;

/** Codes of simple-peer that mean: no path was found, or it was lost. */
const ICE_CODES: ReadonlySet<unknown> = new Set(['ERR_ICE_CONNECTION_FAILURE', 'ERR_CONNECTION_FAILURE']);

/**
 * Makes connections with the browser's WebRTC, or with `library` where there is none. `onMade` sees each of the platform's connections;
 * it must not keep it.
 */
export function simplePeerConnections(
  library?: WebRtcLibrary,
  onMade: (connection: WeakKey) => void = () => {},
): CreateConnection {
  return (options) => new SimplePeerConnection(options, library, onMade);
}

class SimplePeerConnection implements Connection {
  #peer: SimplePeer | undefined;
  #events: ConnectionEvents | undefined;
  #local: Description | undefined;
  #remote: Description | undefined;
  #early: Bytes[] | undefined = [];
  #failure: 'iceFailed' | 'closed' = 'closed';
  /** While we are patient: the other side's candidates, to be tried again. */
  #hopes: Candidate[] | undefined;

  constructor(
    { initiator, iceServers, patient, events }: Parameters<CreateConnection>[0],
    library: WebRtcLibrary | undefined,
    onMade: (connection: WeakKey) => void,
  ) {
    this.#events = events;
    if (patient === true) this.#hopes = [];
    try {
      this.#peer = new SimplePeer({
        initiator,
        trickle: true,
        objectMode: true, // one chunk per message, never joined
        channelName: 'tabswarm',
        channelConfig: { ordered: true },
        config: { iceServers: [...iceServers] },
        ...(library === undefined ? {} : { wrtc: library }),
      });
      if (this.#peer._pc !== null) {
        onMade(this.#peer._pc);
        if (patient === true) this.#bePatient(this.#peer._pc);
      }
      this.#listen(this.#peer);
    } catch {
      queueMicrotask(() => {
        this.#close('closed'); // no WebRTC here, or too many connections
      });
    }
  }

  get bufferedBytes(): number {
    return this.#peer?.bufferSize ?? 0;
  }

  describe(description: Description): void {
    this.#remote = description;
    this.#signal({ type: description.type, sdp: writeDescription(description) });
  }

  addCandidate(candidate: Candidate): void {
    this.#hopes?.push(candidate);
    this.#tryCandidate(candidate);
  }

  #tryCandidate(candidate: Candidate): void {
    const sdpMid = this.#remote?.mid ?? '0';
    this.#signal({
      type: 'candidate',
      candidate: { candidate: writeCandidate(candidate), sdpMid, sdpMLineIndex: 0 },
    });
  }

  send(frame: Bytes): boolean {
    try {
      if (this.#peer === undefined) return false;
      this.#peer.send(frame);
      return true;
    } catch {
      queueMicrotask(() => {
        this.#close('closed');
      });
      return false;
    }
  }

  destroy(): void {
    this.#events = undefined;
    this.#early = undefined;
    const peer = this.#peer;
    this.#peer = undefined;
    if (peer === undefined) return;
    peer.removeAllListeners();
    peer.on('error', () => {}); // an emitter without one throws
    try {
      peer.destroy();
    } catch {
      // already gone
    }
  }

  /**
   * A browser gives up after 15 s without an answer, and simple-peer then ends the connection. So until the channel opens, giving up is a
   * reason to try again: that finds the other side as soon as it has our code, and keeps the way through our router open meanwhile.
   * Chromium takes a candidate that failed for a new one when its foundation and priority are new (tried: it came up after 40 s).
   */
  #bePatient(connection: RTCPeerConnection): void {
    const { oniceconnectionstatechange: onIce, onconnectionstatechange: onState } = connection;
    let rounds = 0;
    const failed = (): boolean =>
      this.#hopes !== undefined &&
      (connection.iceConnectionState === 'failed' || connection.connectionState === 'failed');
    connection.oniceconnectionstatechange = (event) => {
      if (!failed()) onIce?.call(connection, event);
    };
    connection.onconnectionstatechange = (event) => {
      if (!failed()) {
        onState?.call(connection, event);
        return;
      }
      rounds += 1;
      for (const { foundation, priority, ...rest } of this.#hopes ?? [])
        this.#tryCandidate({
          ...rest,
          foundation: `${foundation}r${rounds}`,
          priority: Math.max(1, priority - rounds),
        });
    };
  }

  #listen(peer: SimplePeer): void {
    peer.on('signal', (data) => {
      this.#onSignal(data as { type?: unknown; sdp?: unknown; candidate?: { candidate?: unknown } });
    });
    peer.on('iceStateChange', (_connection, gathering) => {
      if (gathering === 'complete') this.#events?.gathered();
    });
    peer.on('connect', () => {
      this.#onConnect();
    });
    peer.on('data', (data) => {
      this.#onData(data);
    });
    peer.on('error', (error) => {
      if (ICE_CODES.has((error as { code?: unknown } | undefined)?.code)) this.#failure = 'iceFailed';
    });
    peer.on('close', () => {
      this.#close(this.#failure);
    });
  }

  #onSignal(data: { type?: unknown; sdp?: unknown; candidate?: { candidate?: unknown } }): void {
    if (typeof data.candidate?.candidate === 'string') {
      const candidate = readCandidate(data.candidate.candidate);
      if (candidate !== undefined) this.#events?.candidate(candidate);
    } else if (typeof data.type === 'string' && typeof data.sdp === 'string') {
      const description = readDescription(data.type, data.sdp);
      if (!description.ok) {
        this.#close('closed');
        return;
      }
      this.#local = description.value;
      this.#events?.described(description.value);
    }
  }

  #onConnect(): void {
    const channel = this.#peer?._channel;
    if (channel === undefined || channel === null || this.#local === undefined || this.#remote === undefined)
      return;
    this.#hopes = undefined;
    channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
    channel.addEventListener('bufferedamountlow', () => {
      this.#events?.drained();
    });
    this.#events?.opened({ local: fingerprintText(this.#local), remote: fingerprintText(this.#remote) });
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const frame of early) this.#events?.message(frame);
  }

  #onData(data: unknown): void {
    // Text becomes a frame that is refused like any other malformed one.
    const frame = data instanceof Uint8Array ? new Uint8Array(data) : new Uint8Array(0);
    if (this.#early === undefined) this.#events?.message(frame);
    else if (this.#early.length < MAX_EARLY_FRAMES) this.#early.push(frame);
    else this.#close('closed');
  }

  #signal(data: unknown): void {
    try {
      this.#peer?.signal(data);
    } catch {
      queueMicrotask(() => {
        this.#close('closed');
      });
    }
  }

  #close(reason: 'iceFailed' | 'closed'): void {
    const events = this.#events;
    this.destroy();
    events?.closed(reason);
  }
}
