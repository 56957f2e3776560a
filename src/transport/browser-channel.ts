/** Introduction of tabs of one browser profile by BroadcastChannel: the same sealed signals, no server. */
import type { Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import { MAX_SEALED_BYTES } from './sealing.ts';

/** Most tabs remembered as reachable this way (guess: nobody has more open). */
export const MAX_BROWSER_PEERS = 64;

/** The part of a BroadcastChannel that is used. */
export interface ChannelLike {
  postMessage(message: unknown): void;
  close(): void;
  onmessage: ((event: MessageEvent<unknown>) => void) | null;
}

export interface BrowserChannelOptions {
  /** Opens the channel of that name; undefined where there is none. */
  readonly open: (name: string) => ChannelLike | undefined;
  readonly name: string;
  readonly self: PeerId;
  /** A sealed signal for us (`addressed`) or for all. */
  readonly onSealed: (sealed: Bytes, addressed: boolean) => void;
  readonly onMalformed: () => void;
}

export class BrowserChannel {
  readonly #channel: ChannelLike | undefined;
  readonly #heard = new Set<PeerId>();

  constructor(options: BrowserChannelOptions) {
    const channel = options.open(options.name);
    this.#channel = channel;
    if (channel === undefined) return;
    channel.onmessage = (event) => {
      const message = readMessage(event.data);
      if (message === undefined) options.onMalformed();
      else if (message.to === '' || message.to === options.self)
        options.onSealed(message.sealed, message.to !== '');
    };
  }

  /** Whether `peer` was heard here. */
  reaches(peer: PeerId): boolean {
    return this.#heard.has(peer);
  }

  /** A signal of `peer` came this way and could be opened. */
  heard(peer: PeerId): void {
    if (this.#heard.size < MAX_BROWSER_PEERS) this.#heard.add(peer);
  }

  /** `peer` did not answer this way any more. */
  forget(peer: PeerId): void {
    this.#heard.delete(peer);
  }

  /** Posts a sealed signal, to all when `to` is undefined. */
  post(to: PeerId | undefined, sealed: Bytes): void {
    this.#channel?.postMessage([to ?? '', sealed]);
  }

  close(): void {
    if (this.#channel === undefined) return;
    this.#channel.onmessage = null;
    this.#channel.close();
  }
}

/** What a tab posted: [recipient or nothing, sealed]. Any script of our origin can post here, so it is checked like foreign input. */
function readMessage(data: unknown): { readonly to: string; readonly sealed: Bytes } | undefined {
  if (!Array.isArray(data) || data.length !== 2) return undefined;
  const [to, sealed] = data as [unknown, unknown];
  if (typeof to !== 'string' || !(sealed instanceof Uint8Array)) return undefined;
  return sealed.length > MAX_SEALED_BYTES ? undefined : { to, sealed: new Uint8Array(sealed) };
}
