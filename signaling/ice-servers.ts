/** What /config.json tells browsers about STUN and TURN. */
import { createHmac } from 'node:crypto';

/** An entry of RTCConfiguration.iceServers. */
export interface IceServer {
  readonly urls: string | readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

/** A TURN service that shares a secret with us. */
export interface TurnService {
  readonly urls: readonly string[];
  readonly secret: string;
  /** How long a credential is good for, in seconds. */
  readonly ttlSeconds: number;
}

/**
 * A TURN entry whose credential ends by itself (draft-uberti-behave-turn-rest-00, section 2.2): the user name is the expiry
 * in Unix seconds, the password the base64 HMAC-SHA1 of the user name under the shared secret. `unixMs` is the wall clock.
 */
export function turnEntry(turn: TurnService, unixMs: number): IceServer {
  const username = `${String(Math.floor(unixMs / 1000) + turn.ttlSeconds)}:tabswarm`;
  const credential = createHmac('sha1', turn.secret).update(username).digest('base64');
  return { urls: turn.urls, username, credential };
}
