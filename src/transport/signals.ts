/**
 * What peers say to each other before they are linked, whichever way it travels: through the signaling server, between tabs of one
 * browser, or through the mesh. Wire rules: docs/spec/links.md, LNK-30 to LNK-39.
 */
import type { Bytes } from '../kernel/bytes.ts';
import {
  decodeWith,
  encodeWith,
  fixedBytes,
  list,
  oneOf,
  optional,
  peerIdCodec,
  record,
  sizedBytes,
  union,
  type Codec,
  type DecodeCode,
} from '../kernel/codec.ts';
import type { PeerId } from '../kernel/ids.ts';
import { LINK_FAILURES, MAX_COMPONENT_BYTES, MAX_CONTACTS, type LinkFailure } from '../kernel/machine.ts';
import type { Result } from '../kernel/result.ts';
import { candidatesCodec, descriptionCodec, type Candidate, type Description } from './description.ts';

/** Bytes of an attempt id: random, unguessable enough that only those who saw the attempt can speak of it. */
export const ATTEMPT_BYTES = 8;

interface WithDescription {
  readonly attempt: Bytes;
  readonly description: Description;
  readonly candidates: readonly Candidate[];
}

/** `component`: what the sender's overlay says of the component of the mesh that it is in. */
interface Presence {
  readonly component: Bytes | undefined;
}

interface Kinds {
  /** To the room: I am here. */
  announce: Presence;
  /** To one who announced: so am I. */
  here: Presence;
  /** From the higher peer id to the lower: please send me an offer. */
  ask: { readonly attempt: Bytes };
  /** From the lower peer id to the higher. */
  offer: WithDescription;
  answer: WithDescription;
  /** Candidates found later. */
  candidates: { readonly attempt: Bytes; readonly candidates: readonly Candidate[] };
  /** No to an ask or an offer. `contacts`: whom to ask instead. */
  refuse: { readonly attempt: Bytes; readonly reason: LinkFailure; readonly contacts: readonly PeerId[] };
  /** The sender has given the attempt up. */
  bye: { readonly attempt: Bytes; readonly reason: LinkFailure };
}

const attempt = fixedBytes(ATTEMPT_BYTES);
const reason = oneOf(LINK_FAILURES);
const withDescription: Codec<WithDescription> = record<WithDescription>({
  attempt,
  description: descriptionCodec,
  candidates: candidatesCodec,
});

const presence: Codec<Presence> = record<Presence>({ component: optional(sizedBytes(MAX_COMPONENT_BYTES)) });

const bodyCodec = union<Kinds>({
  announce: [0, presence],
  here: [1, presence],
  ask: [2, record({ attempt })],
  offer: [3, withDescription],
  answer: [4, withDescription],
  candidates: [5, record({ attempt, candidates: candidatesCodec })],
  refuse: [6, record({ attempt, reason, contacts: list(peerIdCodec, MAX_CONTACTS) })],
  bye: [7, record({ attempt, reason })],
});

/** One signal without its sender. */
export type SignalBody = ReturnType<typeof bodyCodec.read>;
/** The signals that belong to an attempt. */
export type AttemptSignal = Exclude<SignalBody, { readonly kind: 'announce' | 'here' }>;

export interface Signal {
  readonly from: PeerId;
  readonly body: SignalBody;
}

/** The codec of a signal; its schema is part of the wire hash. */
export const signalCodec: Codec<Signal> = record<Signal>({ from: peerIdCodec, body: bodyCodec });

export function encodeSignal(signal: Signal): Bytes {
  return encodeWith(signalCodec, signal);
}

/** The signal of foreign bytes, or why not. Total. */
export function decodeSignal(bytes: Bytes): Result<Signal, DecodeCode> {
  return decodeWith(signalCodec, bytes);
}
