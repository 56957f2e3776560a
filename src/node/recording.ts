/**
 * What a recording of a node is made of: how the node was made, and then in their order every call of its driver with everything that went in and a
 * digest of everything that came out. Rules NOD-120 to NOD-125 of docs/spec/node.md. A recording is a file, so whoever reads one is given
 * somebody else's bytes: nothing here throws for what they say.
 */
import { utf8, type Bytes } from '../kernel/bytes.ts';
import {
  boardIdCodec,
  decodeWith,
  encodeWith,
  fixedBytes,
  list,
  oneOf,
  optional,
  peerIdCodec,
  Reader,
  record,
  signatureCodec,
  sizedBytes,
  text,
  union,
  whole,
  type Codec,
  type DecodeCode,
  type OneKind,
} from '../kernel/codec.ts';
import { digestBytes } from '../kernel/hash.ts';
import type { BoardId, PeerId } from '../kernel/ids.ts';
import {
  LINK_FAILURES,
  MAX_COMPONENT_BYTES,
  MAX_CONTACTS,
  type Discovery,
  type LinkFailure,
  type StoreFailure,
} from '../kernel/machine.ts';
import { float64, plainCodec } from '../kernel/plain.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { admissionCodec, type Admission } from '../identity/admission.ts';
import { genesisCodec, type Genesis } from '../identity/genesis.ts';
import { peerCertificateCodec, type PeerCertificate } from '../identity/peer-certificate.ts';
import { MAX_RECORDING_BYTES, PROTOCOL_VERSION } from './limits.ts';

/** How recordings are written. Another way of writing them takes the next number. */
const FORMAT = 1;
const MAGIC = utf8('tabswarm recording\n');
/** Bytes of a digest: by accident two outputs that differ have the same one once in 2^64. */
const DIGEST_BYTES = 8;
/** Bytes of one message, as the link port promises to carry. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
/** Bytes of a timer's name, a tag or a code (guess: several times the longest). */
const MAX_WORD_BYTES = 512;
/** Bytes of the text of an error; the rest is cut. */
const MAX_ERROR_BYTES = 2048;
/** Effects of one step, as in src/runtime/driver.ts. */
const MAX_EFFECTS = 65_536;

const EFFECTS = ['send', 'arm', 'disarm', 'dial', 'answer', 'hangUp', 'sign', 'persist', 'emit'] as const;
/** Why a recording ends: the node went on without it, there was no room left, something could not be written down, or the node threw. */
const ENDS = ['running', 'full', 'broken', 'threw'] as const;

export type EndOfRecording = (typeof ENDS)[number];
export type EffectKind = (typeof EFFECTS)[number];

/** How the node was made. */
export interface Origin {
  /** Version of the application, for whoever looks for the code that does the same. */
  readonly app: string;
  readonly board: BoardId;
  readonly genesis: Genesis | undefined;
  readonly certificate: PeerCertificate;
  readonly ticket: Admission | undefined;
  /** All that the node draws follows from it. */
  readonly seed: string;
}

interface Head extends Origin {
  readonly magic: Bytes;
  readonly format: number;
  readonly protocol: number;
}

/** An input as it is written down: a message stands as its number among those that were decoded, from 0. */
interface InputKinds {
  readonly command: { readonly command: unknown };
  readonly received: { readonly from: PeerId; readonly message: number };
  readonly refused: { readonly from: PeerId; readonly code: string };
  readonly elapsed: { readonly timer: string };
  readonly asked: { readonly peer: PeerId };
  readonly discovered: {
    readonly peer: PeerId;
    readonly via: Discovery;
    readonly component?: Bytes | undefined;
  };
  readonly linkUp: { readonly peer: PeerId };
  readonly linkDown: { readonly peer: PeerId; readonly reason: LinkFailure };
  readonly dialFailed: {
    readonly peer: PeerId;
    readonly reason: LinkFailure;
    readonly contacts?: readonly PeerId[] | undefined;
  };
  readonly signed: { readonly tag: string; readonly signature: Bytes };
  readonly durable: { readonly tag: string };
  readonly notDurable: { readonly tag: string; readonly reason: StoreFailure };
}
export type RecordedInput = OneKind<InputKinds>;

/** One effect of a step. */
export interface Output {
  readonly kind: EffectKind;
  readonly digest: Bytes;
}

interface CallKinds {
  /** Bytes of a link became a message, or were refused with a code. */
  readonly decoded: { readonly bytes: Bytes; readonly refused: string | undefined };
  /** Which signatures a message still needed. */
  readonly checked: { readonly message: number; readonly digest: Bytes };
  readonly stepped: {
    readonly at: number;
    readonly input: RecordedInput;
    readonly outputs: readonly Output[];
  };
  /** The node threw, and has ended with it. */
  readonly threw: { readonly at: number; readonly input: RecordedInput; readonly error: string };
  readonly ended: { readonly why: EndOfRecording; readonly detail: string; readonly calls: number };
}
export type Call = OneKind<CallKinds>;

const word = text(MAX_WORD_BYTES);
const failure = oneOf(LINK_FAILURES);
const digestCodec = fixedBytes(DIGEST_BYTES);
const components = optional(sizedBytes(MAX_COMPONENT_BYTES));
const contacts = optional(list(peerIdCodec, MAX_CONTACTS));

const headCodec: Codec<Head> = record<Head>({
  magic: fixedBytes(MAGIC.length),
  format: whole(255),
  protocol: whole(65_535),
  app: word,
  board: boardIdCodec,
  genesis: optional(genesisCodec),
  certificate: peerCertificateCodec,
  ticket: optional(admissionCodec),
  seed: word,
});

const inputCodec: Codec<RecordedInput> = union<InputKinds>({
  command: [1, record<InputKinds['command']>({ command: plainCodec })],
  received: [2, record<InputKinds['received']>({ from: peerIdCodec, message: whole() })],
  refused: [3, record<InputKinds['refused']>({ from: peerIdCodec, code: word })],
  elapsed: [4, record<InputKinds['elapsed']>({ timer: word })],
  asked: [5, record<InputKinds['asked']>({ peer: peerIdCodec })],
  discovered: [
    6,
    record<Required<InputKinds['discovered']>>({
      peer: peerIdCodec,
      via: oneOf(['signaling', 'browser', 'mesh']),
      component: components,
    }),
  ],
  linkUp: [7, record<InputKinds['linkUp']>({ peer: peerIdCodec })],
  linkDown: [8, record<InputKinds['linkDown']>({ peer: peerIdCodec, reason: failure })],
  dialFailed: [
    9,
    record<Required<InputKinds['dialFailed']>>({ peer: peerIdCodec, reason: failure, contacts }),
  ],
  signed: [10, record<InputKinds['signed']>({ tag: word, signature: signatureCodec })],
  durable: [11, record<InputKinds['durable']>({ tag: word })],
  notDurable: [
    12,
    record<InputKinds['notDurable']>({ tag: word, reason: oneOf(['quota', 'unavailable', 'failed']) }),
  ],
});

const outputCodec: Codec<Output> = record<Output>({ kind: oneOf(EFFECTS), digest: digestCodec });

const callCodec: Codec<Call> = union<CallKinds>({
  decoded: [
    1,
    record<CallKinds['decoded']>({ bytes: sizedBytes(MAX_MESSAGE_BYTES), refused: optional(word) }),
  ],
  checked: [2, record<CallKinds['checked']>({ message: whole(), digest: digestCodec })],
  stepped: [
    3,
    record<CallKinds['stepped']>({
      at: float64,
      input: inputCodec,
      outputs: list(outputCodec, MAX_EFFECTS),
    }),
  ],
  threw: [4, record<CallKinds['threw']>({ at: float64, input: inputCodec, error: text(MAX_ERROR_BYTES) })],
  ended: [5, record<CallKinds['ended']>({ why: oneOf(ENDS), detail: text(MAX_ERROR_BYTES), calls: whole() })],
});

export function encodeCall(call: Call): Bytes {
  return encodeWith(callCodec, call);
}

export function encodeOrigin(origin: Origin): Bytes {
  return encodeWith(headCodec, { ...origin, magic: MAGIC, format: FORMAT, protocol: PROTOCOL_VERSION });
}

/** What stands in a recording for something that came out of the node. */
export function digestOf(value: unknown): Bytes {
  return digestBytes('tabswarm/recording/1', encodeWith(plainCodec, value)).slice(0, DIGEST_BYTES);
}

/** What an error says, as far as it is written down. */
export function errorText(error: unknown): string {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  // Three bytes of UTF-8 at most stand for one unit of UTF-16.
  return said.slice(0, Math.floor(MAX_ERROR_BYTES / 3)).toWellFormed();
}

/** Why a file is no recording that can be replayed. */
export type RecordingCode =
  | DecodeCode
  | 'notARecording'
  | 'otherFormat' // written by an application that is newer than this one
  | 'otherProtocol' // of a node that speaks another version: its code is another, too
  | 'unknownMessage'; // a call names a message that was not decoded

/** A recording, read call by call: what it holds may be large. */
export class RecordingReader {
  readonly origin: Origin;
  readonly #reader: Reader;

  private constructor(origin: Origin, reader: Reader) {
    this.origin = origin;
    this.#reader = reader;
  }

  static open(bytes: Bytes): Result<RecordingReader, RecordingCode> {
    const magic = bytes.subarray(0, MAGIC.length);
    if (magic.length < MAGIC.length || magic.some((byte, i) => byte !== MAGIC[i]))
      return refuse('notARecording');
    if (bytes.length > MAX_RECORDING_BYTES) return refuse('tooLong');
    const format = decodeWith(whole(255), bytes.subarray(MAGIC.length, MAGIC.length + 1));
    if (!format.ok || format.value !== FORMAT) return refuse('otherFormat');
    const reader = new Reader(bytes);
    const { protocol, app, board, genesis, certificate, ticket, seed } = headCodec.read(reader);
    if (reader.failure !== undefined) return refuse(reader.failure);
    if (protocol !== PROTOCOL_VERSION) return refuse('otherProtocol');
    return ok(new RecordingReader({ app, board, genesis, certificate, ticket, seed }, reader));
  }

  /** The next call. The last one is `ended`, and nothing may stand behind it. */
  next(): Result<Call, DecodeCode> {
    const call = callCodec.read(this.#reader);
    if (call.kind === 'ended' && this.#reader.remaining > 0) this.#reader.fail('trailing');
    return this.#reader.failure === undefined ? ok(call) : refuse(this.#reader.failure);
  }
}
