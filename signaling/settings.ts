/** The server's settings, read from environment variables. Every one has a default; a bad one is refused in one line. */
import * as v from 'valibot';
import type { IceServer, TurnService } from './ice-servers.ts';

/** Everything that an operator can decide. The table of variables is in docs/spec/signaling.md. */
export interface Settings {
  /** TCP port; 0 takes a free one. */
  readonly port: number;
  /** Address to listen on; undefined means all interfaces, IPv6 and IPv4. */
  readonly host: string | undefined;
  /** Origins besides our own whose pages may connect; `*` for all. */
  readonly allowedOrigins: readonly string[];
  readonly iceServers: readonly IceServer[];
  readonly turn: TurnService | undefined;
  /** How many proxies in front of us append to X-Forwarded-For. */
  readonly trustedProxies: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
}

/** Settings, or one line that says which variable is wrong and what it should be. */
export type SettingsResult =
  { readonly ok: true; readonly value: Settings } | { readonly ok: false; readonly text: string };

/** Port of stock y-webrtc servers, so that stock clients find ours at their default address. */
const DEFAULT_PORT = '4444';
/** One day, as the TURN REST draft proposes (section 2.2). */
const DEFAULT_TURN_TTL = '86400';
const DEFAULT_MAX_CONNECTIONS = '4096';
const DEFAULT_MAX_PER_ADDRESS = '256';
/** Browsers slow down and warn above a handful of ICE servers; more than this is a mistake. */
const MAX_ICE_SERVERS = 16;
const MAX_TRUSTED_PROXIES = 8;

/** Reads settings from `environment` (process.env). An empty variable counts as absent. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): SettingsResult {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim() !== ''));
  const parsed = v.safeParse(environmentSchema, given);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    return {
      ok: false,
      text: `${v.getDotPath(issue)?.split('.', 1)[0] ?? 'TURN_URLS and TURN_SECRET'} ${issue.message}.`,
    };
  }
  const read = parsed.output;
  const turn =
    read.TURN_URLS !== undefined && read.TURN_SECRET !== undefined
      ? { urls: read.TURN_URLS, secret: read.TURN_SECRET, ttlSeconds: read.TURN_TTL }
      : undefined;
  return {
    ok: true,
    value: {
      port: read.PORT,
      host: read.HOST,
      allowedOrigins: read.ALLOWED_ORIGINS,
      iceServers: read.ICE_SERVERS,
      turn,
      trustedProxies: read.TRUST_PROXY,
      maxConnections: read.MAX_CONNECTIONS,
      maxConnectionsPerAddress: read.MAX_CONNECTIONS_PER_ADDRESS,
    },
  };
}

/** A whole number written in decimal digits. */
function wholeNumber(min: number, max: number) {
  const text = `must be a whole number from ${String(min)} to ${String(max)}`;
  return v.pipe(
    v.string(),
    v.trim(),
    v.regex(/^\d{1,9}$/, text),
    v.transform(Number),
    v.minValue(min, text),
    v.maxValue(max, text),
  );
}

function list<Item extends v.GenericSchema<string, string>>(item: Item) {
  return v.pipe(
    v.string(),
    v.transform((text) => text.split(',').map((entry) => entry.trim())),
    v.array(item),
  );
}

function isOrigin(text: string): boolean {
  return text === '*' || text === 'null' || (URL.canParse(text) && new URL(text).origin === text);
}

const ORIGIN_TEXT = 'must be * or origins such as https://example.org, separated by commas';
const ICE_TEXT =
  'must be a JSON array of at most 16 objects { "urls": "stun:host:port" | ["turn:…"], "username"?: "…", "credential"?: "…" }';
const TURN_TEXT = 'must be turn: or turns: URLs, separated by commas';

const iceUrl = v.pipe(v.string(ICE_TEXT), v.regex(/^(?:stun|turn)s?:[^\s/]+$/, ICE_TEXT));
const iceServer = v.pipe(
  v.strictObject(
    {
      urls: v.union([iceUrl, v.pipe(v.array(iceUrl, ICE_TEXT), v.minLength(1, ICE_TEXT))], ICE_TEXT),
      username: v.exactOptional(v.string(ICE_TEXT)),
      credential: v.exactOptional(v.string(ICE_TEXT)),
    },
    ICE_TEXT,
  ),
  v.transform((entry): IceServer => entry),
);

const environmentSchema = v.pipe(
  v.object({
    PORT: v.optional(wholeNumber(0, 65_535), DEFAULT_PORT),
    HOST: v.optional(v.pipe(v.string(), v.trim(), v.regex(/^[^\s/]+$/, 'must be an address or a host name'))),
    ALLOWED_ORIGINS: v.optional(list(v.pipe(v.string(), v.check(isOrigin, ORIGIN_TEXT))), undefined),
    ICE_SERVERS: v.optional(
      v.pipe(
        v.string(),
        v.parseJson(undefined, ICE_TEXT),
        v.array(iceServer, ICE_TEXT),
        v.maxLength(MAX_ICE_SERVERS, ICE_TEXT),
      ),
      '[]',
    ),
    TURN_URLS: v.optional(list(v.pipe(v.string(), v.regex(/^turns?:[^\s/]+$/, TURN_TEXT)))),
    TURN_SECRET: v.optional(v.string()),
    TURN_TTL: v.optional(wholeNumber(60, 604_800), DEFAULT_TURN_TTL),
    TRUST_PROXY: v.optional(wholeNumber(0, MAX_TRUSTED_PROXIES), '0'),
    MAX_CONNECTIONS: v.optional(wholeNumber(1, 100_000), DEFAULT_MAX_CONNECTIONS),
    MAX_CONNECTIONS_PER_ADDRESS: v.optional(wholeNumber(1, 100_000), DEFAULT_MAX_PER_ADDRESS),
  }),
  v.transform((read) => ({ ...read, ALLOWED_ORIGINS: read.ALLOWED_ORIGINS ?? [] })),
  v.check(
    (read) => (read.TURN_URLS === undefined) === (read.TURN_SECRET === undefined),
    'must be given together, or neither',
  ),
);
