/** What the server that served us says about itself: `/config.json`. Without an answer we go on with defaults: the board does not need a server. */
import * as v from 'valibot';

export interface ServerConfig {
  readonly signalingUrl: string;
  readonly iceServers: readonly RTCIceServer[];
}

const iceServer = v.object({
  urls: v.union([v.string(), v.array(v.string())]),
  username: v.exactOptional(v.string()),
  credential: v.exactOptional(v.string()),
});

const configSchema = v.object({
  signaling: v.pipe(v.string(), v.maxLength(2048)),
  iceServers: v.pipe(v.array(iceServer), v.maxLength(20)),
});

/** Time given to the server before we start without it, ms. Origin: guess; offline the answer is immediate. */
const CONFIG_DEADLINE_MS = 3000;
const DEFAULT_PATH = '/signaling';

/** Reads the configuration relative to `base`, the page's own address. Never rejects. */
export async function loadServerConfig(base: string): Promise<ServerConfig> {
  try {
    const response = await fetch(new URL('/config.json', base), {
      cache: 'no-store',
      signal: AbortSignal.timeout(CONFIG_DEADLINE_MS),
    });
    const parsed = v.safeParse(configSchema, await response.json());
    if (parsed.success) {
      const { signaling, iceServers } = parsed.output;
      return { signalingUrl: socketUrl(signaling, base), iceServers: iceServers };
    }
  } catch {
    // Unreachable, slow or not ours: the default address is tried again and again by the signaling client.
  }
  return { signalingUrl: socketUrl(DEFAULT_PATH, base), iceServers: [] };
}

function socketUrl(path: string, base: string): string {
  const url = new URL(path, base);
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:';
  return url.href;
}
