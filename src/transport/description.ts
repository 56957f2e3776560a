/**
 * The little of a session description (SDP, RFC 8866 and 8841) that a data channel needs. Only these fields travel; each side rebuilds
 * the text from a template. So an offer is 100 bytes instead of 500, the text handed to the browser is ours and not the other
 * side's, and it has exactly one fingerprint: the one that the link proof covers.
 */
import type { Bytes } from '../kernel/bytes.ts';
import { toHex, isHex, fromHex } from '../kernel/bytes.ts';
import {
  list,
  oneOf,
  optional,
  record,
  sizedBytes,
  text,
  whole,
  type Codec,
  type Reader,
} from '../kernel/codec.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';

/** Most candidates of one signal, and of one side of an attempt (guess: an address per interface, family and STUN server). */
export const MAX_CANDIDATES = 24;

const ALGORITHMS = ['sha-256', 'sha-384', 'sha-512'] as const;
const SETUPS = ['actpass', 'active', 'passive'] as const;
const CANDIDATE_TYPES = ['host', 'srflx', 'prflx', 'relay'] as const;

export interface Description {
  readonly type: 'offer' | 'answer';
  readonly ufrag: string;
  readonly pwd: string;
  readonly algorithm: (typeof ALGORITHMS)[number];
  readonly fingerprint: Bytes;
  readonly setup: (typeof SETUPS)[number];
  readonly mid: string;
  readonly sctpPort: number;
  /** Bytes; 0 is no limit (RFC 8841, section 6). */
  readonly maxMessageSize: number;
}

/** A UDP candidate (RFC 8839, section 5.1), component 1. */
export interface Candidate {
  readonly foundation: string;
  readonly priority: number;
  /** An IP address, or a name that ends in `.local` (mDNS). */
  readonly address: string;
  readonly port: number;
  readonly type: (typeof CANDIDATE_TYPES)[number];
  readonly related: { readonly address: string; readonly port: number } | undefined;
}

const ICE_TEXT = /^[A-Za-z0-9+/]{4,256}$/;
const MID = /^[A-Za-z0-9_-]{1,16}$/;
const FOUNDATION = /^[A-Za-z0-9+/]{1,32}$/;
const ADDRESS = /^(?:[0-9a-fA-F:.]{2,45}|[0-9a-fA-F-]{1,64}\.local)$/;

/** Whether a candidate may have this address. */
export function isCandidateAddress(text: string): boolean {
  return ADDRESS.test(text);
}

/** A text codec that also refuses what does not match: foreign text ends up in an SDP line. */
function matching(maxBytes: number, pattern: RegExp): Codec<string> {
  const inner = text(maxBytes);
  return {
    schema: `matching(${maxBytes},${pattern.source})`,
    write: (writer, value) => {
      inner.write(writer, value);
    },
    read: (reader: Reader) => {
      const value = inner.read(reader);
      if (!pattern.test(value)) reader.fail('badValue');
      return value;
    },
  };
}

export const descriptionCodec: Codec<Description> = record<Description>({
  type: oneOf(['offer', 'answer']),
  ufrag: matching(256, ICE_TEXT),
  pwd: matching(256, ICE_TEXT),
  algorithm: oneOf(ALGORITHMS),
  fingerprint: sizedBytes(64),
  setup: oneOf(SETUPS),
  mid: matching(16, MID),
  sctpPort: whole(65_535),
  maxMessageSize: whole(),
});

const addressCodec = matching(70, ADDRESS);

export const candidatesCodec: Codec<readonly Candidate[]> = list(
  record<Candidate>({
    foundation: matching(32, FOUNDATION),
    priority: whole(0xffff_ffff),
    address: addressCodec,
    port: whole(65_535),
    type: oneOf(CANDIDATE_TYPES),
    related: optional(record({ address: addressCodec, port: whole(65_535) })),
  }),
  MAX_CANDIDATES,
);

export type DescriptionCode =
  | 'incomplete' // a line that a data channel needs is missing or has a form we do not know
  | 'ambiguous'; // more than one fingerprint

/** The fields of a description that our own browser made. */
export function readDescription(type: string, sdp: string): Result<Description, DescriptionCode> {
  const lines = sdp.split(/\r?\n/);
  const value = (name: string): string =>
    lines.find((line) => line.startsWith(`a=${name}:`))?.slice(name.length + 3) ?? '';
  const prints = new Set(
    lines.filter((line) => line.startsWith('a=fingerprint:')).map((line) => line.slice(14)),
  );
  if (prints.size > 1) return refuse('ambiguous');
  const [algorithm = '', hex = ''] = [...prints].join('').toLowerCase().split(' ');
  const digits = hex.replaceAll(':', '');
  const known = ALGORITHMS.find((each) => each === algorithm);
  const setup = SETUPS.find((each) => each === value('setup'));
  const ufrag = value('ice-ufrag');
  const pwd = value('ice-pwd');
  const mid = value('mid');
  const sctpPort = Number(value('sctp-port'));
  const maxMessageSize = Number(value('max-message-size') || '65536'); // RFC 8841, section 6.1
  if (type !== 'offer' && type !== 'answer') return refuse('incomplete');
  if (known === undefined || setup === undefined || digits === '' || !isHex(digits))
    return refuse('incomplete');
  if (!ICE_TEXT.test(ufrag) || !ICE_TEXT.test(pwd) || !MID.test(mid)) return refuse('incomplete');
  if (!Number.isSafeInteger(sctpPort) || !Number.isSafeInteger(maxMessageSize)) return refuse('incomplete');
  const fingerprint = fromHex(digits);
  return ok({ type, ufrag, pwd, algorithm: known, fingerprint, setup, mid, sctpPort, maxMessageSize });
}

/** The SDP text of a description, for `setRemoteDescription`. */
export function writeDescription(description: Description): string {
  const { ufrag, pwd, setup, mid, sctpPort, maxMessageSize } = description;
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${mid}`,
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${pwd}`,
    'a=ice-options:trickle',
    `a=fingerprint:${description.algorithm} ${colonHex(description.fingerprint)}`,
    `a=setup:${setup}`,
    `a=mid:${mid}`,
    'a=sendrecv',
    `a=sctp-port:${sctpPort}`,
    `a=max-message-size:${maxMessageSize}`,
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}

/** The fingerprint in the form that the link proof signs: algorithm and colon-separated hex, upper case. */
export function fingerprintText(description: Description): string {
  return `${description.algorithm.toUpperCase()} ${colonHex(description.fingerprint)}`;
}

const CANDIDATE =
  /^(?:a=)?candidate:(\S+) 1 udp (\d+) (\S+) (\d+) typ (host|srflx|prflx|relay)(?: raddr (\S+) rport (\d+))?(?: |$)/i;

/** The fields of a candidate line, or undefined for what we do not pass on: TCP, other components, unknown forms. */
export function readCandidate(line: string): Candidate | undefined {
  const [, foundation = '', priority, address = '', port, kind, relatedAddress, relatedPort] =
    CANDIDATE.exec(line) ?? [];
  const type = CANDIDATE_TYPES.find((each) => each === kind?.toLowerCase());
  if (type === undefined || !FOUNDATION.test(foundation) || !ADDRESS.test(address)) return undefined;
  const numbers = [Number(priority), Number(port), Number(relatedPort ?? 0)] as const;
  if (numbers[0] > 0xffff_ffff || numbers[1] > 65_535 || numbers[2] > 65_535) return undefined;
  const related =
    relatedAddress !== undefined && ADDRESS.test(relatedAddress)
      ? { address: relatedAddress, port: numbers[2] }
      : undefined;
  return { foundation, priority: numbers[0], address, port: numbers[1], type, related };
}

/** The text of a candidate, for `addIceCandidate`. */
export function writeCandidate(candidate: Candidate): string {
  const { foundation, priority, address, port, type, related } = candidate;
  const tail = related === undefined ? '' : ` raddr ${related.address} rport ${related.port}`;
  return `candidate:${foundation} 1 udp ${priority} ${address} ${port} typ ${type}${tail}`;
}

function colonHex(bytes: Bytes): string {
  return (toHex(bytes).toUpperCase().match(/../g) ?? []).join(':');
}
