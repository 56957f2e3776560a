/**
 * What each end of a new connection signs to prove its peer key for that very connection. The DTLS fingerprints of both ends are part
 * of it, so a signaling server that sits in between (and therefore shows each side its own certificate) cannot pass the
 * proof on; the attempt id and both names keep a proof from being replayed in another attempt or towards another peer.
 */
import type { Bytes } from '../kernel/bytes.ts';
import { encodeWith, fixedBytes, flag, peerIdCodec, record, text, type Codec } from '../kernel/codec.ts';
import type { PeerId } from '../kernel/ids.ts';
import { DOMAIN } from './domains.ts';
import { domainSeparated } from './signing.ts';

export interface LinkProofBody {
  /** The board's signaling topic, hex. */
  readonly topic: string;
  /** Random id of the connection attempt, 8 bytes. */
  readonly attempt: Bytes;
  readonly initiator: PeerId;
  readonly responder: PeerId;
  /** `a=fingerprint` values (algorithm and hex, as written in the SDP, upper case), of each end's description. */
  readonly initiatorFingerprint: string;
  readonly responderFingerprint: string;
  /** Whose proof this is: a proof cannot be reflected. */
  readonly byInitiator: boolean;
}

const codec: Codec<LinkProofBody> = record({
  topic: text(64),
  attempt: fixedBytes(8),
  initiator: peerIdCodec,
  responder: peerIdCodec,
  initiatorFingerprint: text(256),
  responderFingerprint: text(256),
  byInitiator: flag,
});

export function linkProofToSign(body: LinkProofBody): Bytes {
  return domainSeparated(DOMAIN.link, encodeWith(codec, body));
}
