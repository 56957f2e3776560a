/** The part of simple-peer 9.11.1 that simple-peer-connection.ts uses. The published types describe another entry point. */
declare module 'simple-peer/simplepeer.min.js' {
  interface WebRtcLibrary {
    readonly RTCPeerConnection: unknown;
    readonly RTCSessionDescription: unknown;
    readonly RTCIceCandidate: unknown;
  }

  interface SimplePeerOptions {
    readonly initiator: boolean;
    readonly trickle: boolean;
    readonly objectMode: boolean;
    readonly channelName: string;
    readonly channelConfig: { readonly ordered: boolean };
    readonly config: { readonly iceServers: RTCIceServer[] };
    readonly wrtc?: WebRtcLibrary;
  }

  class SimplePeer {
    constructor(options: SimplePeerOptions);
    /** Not public; the only way to hear of a drained buffer without the stream's timers. Null before and after its life. */
    readonly _channel: RTCDataChannel | null;
    /** Not public either; null after its life. */
    readonly _pc: RTCPeerConnection | null;
    readonly bufferSize: number;
    signal(data: unknown): void;
    send(data: Uint8Array): void;
    destroy(): void;
    on(event: string, listener: (...values: unknown[]) => void): this;
    removeAllListeners(): this;
  }

  export = SimplePeer;
}
