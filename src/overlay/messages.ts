/**
 * The overlay's messages and their codec (docs/spec/overlay.md has the wire table): broadcasts and what keeps their trees, signed
 * announcements and statements about peers, heartbeats, samples of the passive view, and what travels to one peer.
 */
import { concatBytes, fromHex, toHex, type Bytes } from '../kernel/bytes.ts';
import {
  encodeWith,
  flag,
  list,
  oneOf,
  peerIdCodec,
  record,
  signatureCodec,
  sizedBytes,
  text,
  union,
  whole,
  type Codec,
  type OneKind,
} from '../kernel/codec.ts';
import { digestBytes } from '../kernel/hash.ts';
import { idBytes, type BoardId, type PeerId } from '../kernel/ids.ts';
import type { Lane, SignatureCheck } from '../kernel/machine.ts';
import { DOMAIN } from '../identity/domains.ts';
import { domainSeparated } from '../identity/signing.ts';
import {
  GOSSIP_ID_BYTES,
  MAX_ANNOUNCEMENTS_PER_MESSAGE,
  MAX_CAPABILITIES,
  MAX_CAPABILITY_BYTES,
  MAX_GOSSIP_BYTES,
  MAX_HOPS,
  MAX_IHAVES_PER_MESSAGE,
  MAX_INTRODUCTION_BYTES,
  MAX_LOAD,
  MAX_NOTE_BYTES,
  MAX_PLACES,
  MAX_ROUTED_BYTES,
  MAX_STATEMENTS_PER_MESSAGE,
  MAX_TOLD_AGE_S,
  ORIGIN_BYTES,
  ROUTE_TTL,
  SHUFFLE_SAMPLE,
  SHUFFLE_TTL,
} from './limits.ts';

/** What a peer says about itself. Its degree is the number of its neighbours, so it is not said twice. */
export interface Announcement {
  readonly peer: PeerId;
  /** Grows with every announcement of this peer, across reloads too. */
  readonly counter: number;
  /** Links that are up, at most MAX_PLACES, ascending. */
  readonly neighbours: readonly PeerId[];
  /** The tab said that it is about to be frozen. */
  readonly asleep: boolean;
  /** Version of the protocol that it speaks. */
  readonly version: number;
  /** How busy it is, 0 (idle) to MAX_LOAD. */
  readonly load: number;
  /** What it can do, words of its application; ascending. */
  readonly capabilities: readonly string[];
  /** What the layers above say to everybody, at most MAX_NOTE_BYTES; the overlay neither reads nor judges it. */
  readonly note: Bytes;
}

export interface SignedAnnouncement extends Announcement {
  /** By `peer`, over {@link announcementToSign}. */
  readonly signature: Bytes;
}

/** "I was a neighbour of `suspect` when it announced `counter`, and it is silent to me, probes included." */
export interface Silence {
  readonly suspect: PeerId;
  readonly counter: number;
  readonly witness: PeerId;
}

export interface SignedSilence extends Silence {
  /** By `witness`, over {@link silenceToSign}. */
  readonly signature: Bytes;
}

/** The sign of life of the peer that a large component is named after. */
export interface Pulse {
  readonly root: PeerId;
  readonly counter: number;
}

export interface SignedPulse extends Pulse {
  /** By `root`, over {@link pulseToSign}. */
  readonly signature: Bytes;
}

/** Names a broadcast without its payload. */
export interface Mention {
  /** {@link gossipId} of the payload, hex. */
  readonly id: string;
  readonly origin: string;
  /** Links that the payload would have crossed when it arrives, 1 to MAX_HOPS. */
  readonly hops: number;
  /** Too large to be sent unasked: whoever lacks it should ask at once. */
  readonly large: boolean;
  /** Whole seconds, rounded up, since it was broadcast, as far as is known: 0 to MAX_TOLD_AGE_S. Unsigned: it only ends the retelling. */
  readonly age: number;
}

export interface OverlayKinds {
  readonly gossip: {
    /** {@link gossipId} of the payload, hex. */
    readonly id: string;
    /** {@link originOf} the peer that broadcast it. Unsigned: it only chooses the tree. */
    readonly origin: string;
    /** Links crossed so far, counting the one it arrives on: 1 to MAX_HOPS. */
    readonly hops: number;
    /** As in {@link Mention}. */
    readonly age: number;
    readonly lane: Lane;
    readonly payload: Bytes;
  };
  /** Broadcasts that the sender holds and has not sent to us. */
  readonly ihave: { readonly mentions: readonly Mention[] };
  /** "Send me that broadcast"; with `branch`, "and what else comes from its origin". */
  readonly graft: { readonly id: string; readonly origin: string; readonly branch: boolean };
  /** "I have what comes from this origin from elsewhere." */
  readonly prune: { readonly origin: string };
  readonly heartbeat: {
    /** Counts the heartbeats of this direction of the link. */
    readonly count: number;
    /** The latest `count` that came from the other side, 0 before. */
    readonly echo: number;
    /** How long ago that was, ms. */
    readonly heldMs: number;
    /** Wants a heartbeat back at once. */
    readonly isProbe: boolean;
  };
  readonly announcements: {
    /** Links crossed so far, counting the one it arrives on: 1 to MAX_HOPS. */
    readonly hops: number;
    readonly announcements: readonly SignedAnnouncement[];
  };
  readonly silences: { readonly silences: readonly SignedSilence[] };
  readonly pulse: SignedPulse;
  /** A sample of what `path[0]` knows, on a random walk; whoever ends the walk answers along `path`. */
  readonly shuffle: {
    readonly path: readonly PeerId[];
    readonly ttl: number;
    readonly sample: readonly PeerId[];
  };
  readonly shuffleReply: { readonly path: readonly PeerId[]; readonly sample: readonly PeerId[] };
  readonly introduction: {
    readonly to: PeerId;
    /** Links it may still cross after this one. */
    readonly ttl: number;
    /** Encrypted for `to`; nothing on the way can read it. */
    readonly sealed: Bytes;
  };
  readonly routed: {
    /** Unsigned: the payload has to prove its sender itself. */
    readonly from: PeerId;
    readonly to: PeerId;
    /** Counts what `from` sent to `to`. */
    readonly number: number;
    readonly ttl: number;
    readonly lane: Lane;
    readonly payload: Bytes;
  };
  /** The answer of `from` to `to`: what you numbered so has arrived. */
  readonly arrived: {
    readonly from: PeerId;
    readonly to: PeerId;
    readonly number: number;
    readonly ttl: number;
  };
}

export type OverlayMessage = OneKind<OverlayKinds>;
export type MessageOf<Kind extends OverlayMessage['kind']> = Extract<OverlayMessage, { kind: Kind }>;

/** Peer ids in strictly ascending order: a set has one spelling. */
function ascending<T extends string>(item: Codec<T>, max: number): Codec<readonly T[]> {
  const inner = list(item, max);
  return {
    schema: `ascending(${inner.schema})`,
    write: (writer, values) => {
      inner.write(writer, values);
    },
    read: (reader) => {
      const values = inner.read(reader);
      if (values.some((value, i) => i > 0 && value <= (values[i - 1] ?? ''))) reader.fail('notCanonical');
      return values;
    },
  };
}

/** Exactly `length` bytes as hex, which can be a map key. */
function hexBytes(length: number): Codec<string> {
  return {
    schema: `hex[${length}]`,
    write: (writer, value) => {
      writer.raw(fromHex(value));
    },
    read: (reader) => toHex(reader.raw(length)),
  };
}

const announcementFields = {
  peer: peerIdCodec,
  counter: whole(),
  neighbours: ascending(peerIdCodec, MAX_PLACES),
  asleep: flag,
  version: whole(65_535),
  load: whole(MAX_LOAD),
  capabilities: ascending(text(MAX_CAPABILITY_BYTES), MAX_CAPABILITIES),
  note: sizedBytes(MAX_NOTE_BYTES),
};
const silenceFields = { suspect: peerIdCodec, counter: whole(), witness: peerIdCodec };
const pulseFields = { root: peerIdCodec, counter: whole() };

const announcementCodec: Codec<Announcement> = record(announcementFields);
const silenceCodec: Codec<Silence> = record(silenceFields);
const pulseCodec: Codec<Pulse> = record(pulseFields);

const id = hexBytes(GOSSIP_ID_BYTES);
const origin = hexBytes(ORIGIN_BYTES);
const hops = whole(MAX_HOPS);
const age = whole(MAX_TOLD_AGE_S);
const lane: Codec<Lane> = oneOf(['control', 'journal', 'bulk']);
const path = list(peerIdCodec, SHUFFLE_TTL + 1);
const sample = list(peerIdCodec, SHUFFLE_SAMPLE);

/** Tags 1 and 2 were the flooded broadcast and the beacon of protocol version 1. */
export const overlayMessageCodec: Codec<OverlayMessage> = union<OverlayKinds>({
  introduction: [
    3,
    record({
      to: peerIdCodec,
      ttl: whole(ROUTE_TTL),
      sealed: sizedBytes(MAX_INTRODUCTION_BYTES),
    }),
  ],
  gossip: [4, record({ id, origin, hops, age, lane, payload: sizedBytes(MAX_GOSSIP_BYTES) })],
  ihave: [
    5,
    record({
      mentions: list(record<Mention>({ id, origin, hops, large: flag, age }), MAX_IHAVES_PER_MESSAGE),
    }),
  ],
  graft: [6, record({ id, origin, branch: flag })],
  prune: [7, record({ origin })],
  heartbeat: [8, record({ count: whole(), echo: whole(), heldMs: whole(), isProbe: flag })],
  announcements: [
    9,
    record({
      hops,
      announcements: list(
        record<SignedAnnouncement>({ ...announcementFields, signature: signatureCodec }),
        MAX_ANNOUNCEMENTS_PER_MESSAGE,
      ),
    }),
  ],
  silences: [
    10,
    record({
      silences: list(
        record<SignedSilence>({ ...silenceFields, signature: signatureCodec }),
        MAX_STATEMENTS_PER_MESSAGE,
      ),
    }),
  ],
  pulse: [11, record<SignedPulse>({ ...pulseFields, signature: signatureCodec })],
  shuffle: [12, record({ path, ttl: whole(SHUFFLE_TTL), sample })],
  shuffleReply: [13, record({ path, sample })],
  routed: [
    14,
    record({
      from: peerIdCodec,
      to: peerIdCodec,
      number: whole(),
      ttl: whole(ROUTE_TTL),
      lane,
      payload: sizedBytes(MAX_ROUTED_BYTES),
    }),
  ],
  arrived: [15, record({ from: peerIdCodec, to: peerIdCodec, number: whole(), ttl: whole(ROUTE_TTL) })],
});

/** The id of a broadcast: the first 16 bytes of the payload's digest, hex. */
export function gossipId(payload: Bytes): string {
  return toHex(digestBytes(DOMAIN.gossip, payload).slice(0, GOSSIP_ID_BYTES));
}

/** The short name of a broadcast's source, hex. */
export function originOf(peer: PeerId): string {
  return peer.slice(0, ORIGIN_BYTES * 2);
}

/** What `announcement.peer` signs. The board's id is in it, though not on the wire, so it is worthless on another board. */
export function announcementToSign(board: BoardId, announcement: Announcement): Bytes {
  const { peer, counter, neighbours, asleep, version, load, capabilities, note } = announcement;
  const said = { peer, counter, neighbours, asleep, version, load, capabilities, note };
  return toSign(DOMAIN.announcement, board, announcementCodec, said);
}

/** The check that an announcement is its peer's own. */
export function announcementCheck(board: BoardId, announcement: SignedAnnouncement): SignatureCheck {
  const body = announcementToSign(board, announcement);
  return { signer: announcement.peer, body, signature: announcement.signature };
}

/** What `silence.witness` signs, the board's id with it. */
export function silenceToSign(board: BoardId, { suspect, counter, witness }: Silence): Bytes {
  return toSign(DOMAIN.silence, board, silenceCodec, { suspect, counter, witness });
}

/** The check that a statement is its witness's own. */
export function silenceCheck(board: BoardId, silence: SignedSilence): SignatureCheck {
  return { signer: silence.witness, body: silenceToSign(board, silence), signature: silence.signature };
}

/** What `pulse.root` signs, the board's id with it. */
export function pulseToSign(board: BoardId, { root, counter }: Pulse): Bytes {
  return toSign(DOMAIN.pulse, board, pulseCodec, { root, counter });
}

/** The check that a pulse is its root's own. */
export function pulseCheck(board: BoardId, pulse: SignedPulse): SignatureCheck {
  return { signer: pulse.root, body: pulseToSign(board, pulse), signature: pulse.signature };
}

function toSign<T>(domain: string, board: BoardId, codec: Codec<T>, value: T): Bytes {
  return domainSeparated(domain, concatBytes(idBytes(board), encodeWith(codec, value)));
}
