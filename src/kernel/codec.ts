/**
 * The binary codec of every message, entry and signed record: compact, canonical (one value, one encoding), bounded, and
 * described by a text so that a test can hash all schemas (test/wire). Numbers are LEB128 varints in their shortest form; text is
 * UTF-8. A codec is built from the combinators below and never throws on foreign bytes: the reader remembers its first
 * failure, later reads yield zero values, and `decodeWith` reports the code.
 */
import { fromUtf8, toHex, utf8, type Bytes } from './bytes.ts';
import { ID_BYTES, idBytes, type BoardId, type Hash, type MemberId, type PeerId } from './ids.ts';
import { invariant } from './invariant.ts';
import { ok, refuse, type Result } from './result.ts';

export type DecodeCode =
  | 'truncated' // fewer bytes than the value needs
  | 'trailing' // bytes left over after the value
  | 'tooLong' // a length or count above its bound
  | 'notCanonical' // a second spelling of some value
  | 'badValue' // a number or text outside its range
  | 'unknownKind'; // a tag this version does not know

/** A number below 2^53 takes at most this many groups of 7 bits. */
const MAX_VARINT_BYTES = 8;
/** First size of an encoding's buffer; most messages fit. Origin: guess. */
const FIRST_BUFFER_BYTES = 512;
/** Bytes from which on a part of an encoding is only put together with the rest at the end. Origin: guess; a copy less of what is large. */
const LARGE_PART_BYTES = 4096;
/** Largest buffer that is kept for the next encoding. Origin: guess; more than nearly all messages, and nothing to hold on to. */
const MAX_SPARE_BYTES = 16 * 1024;
const NO_BYTES: Bytes = new Uint8Array(0);

/** A buffer that the last encoding left behind: a new one for each of a thousand small encodings is work for the garbage collector. */
let spareBuffer: Bytes | undefined;

function takeBuffer(): Bytes {
  const buffer = spareBuffer ?? new Uint8Array(FIRST_BUFFER_BYTES);
  spareBuffer = undefined;
  return buffer;
}

/** Collects an encoding: small things in one growing buffer, large ones as they are. Of no use after {@link Writer.finish}. */
export class Writer {
  readonly #parts: Bytes[] = [];
  #partBytes = 0;
  #buffer: Bytes = takeBuffer();
  #length = 0;

  raw(bytes: Bytes): void {
    if (bytes.length >= LARGE_PART_BYTES) {
      this.#cut();
      this.#add(bytes);
      return;
    }
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  varint(value: number): void {
    invariant(Number.isSafeInteger(value) && value >= 0, 'varint needs a whole number from 0 to 2^53 - 1');
    this.#reserve(MAX_VARINT_BYTES);
    let rest = value;
    while (rest >= 128) {
      this.#buffer[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.#length++] = rest;
  }

  finish(): Bytes {
    if (this.#parts.length === 0) return this.#release(this.#buffer.slice(0, this.#length));
    this.#cut();
    const whole = new Uint8Array(this.#partBytes);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return this.#release(whole);
  }

  /** Leaves the buffer to the next encoding, if it is small enough to be kept. */
  #release(encoded: Bytes): Bytes {
    if (this.#buffer.length <= MAX_SPARE_BYTES) spareBuffer = this.#buffer;
    this.#buffer = NO_BYTES;
    this.#length = 0;
    return encoded;
  }

  /** Makes a part of what is in the buffer. */
  #cut(): void {
    if (this.#length > 0) this.#add(this.#buffer.slice(0, this.#length));
    this.#length = 0;
  }

  #add(part: Bytes): void {
    this.#parts.push(part);
    this.#partBytes += part.length;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length + more));
    larger.set(this.#buffer);
    this.#buffer = larger;
  }
}

/** Walks over foreign bytes. After the first failure every read yields a zero value. */
export class Reader {
  readonly #bytes: Bytes;
  #at = 0;
  #failure: DecodeCode | undefined;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  get failure(): DecodeCode | undefined {
    return this.#failure;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  fail(code: DecodeCode): void {
    this.#failure ??= code;
  }

  /** A copy of the next `length` bytes (a copy, so that a small value never keeps a large frame alive). */
  raw(length: number): Bytes {
    return this.view(length).slice();
  }

  /** The next `length` bytes where they are: for what is used up at once, or lives as long as the whole. */
  view(length: number): Bytes {
    if (this.#failure === undefined && length > this.remaining) this.fail('truncated');
    if (this.#failure !== undefined) return new Uint8Array(0);
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      if (this.#failure !== undefined) return 0;
      const byte = this.#bytes[this.#at];
      if (byte === undefined) {
        this.fail('truncated');
        return 0;
      }
      this.#at += 1;
      value += (byte & 127) * scale;
      if (byte < 128) {
        if (byte === 0 && i > 0) this.fail('notCanonical');
        if (value > Number.MAX_SAFE_INTEGER) this.fail('badValue');
        return this.failure === undefined ? value : 0;
      }
      scale *= 128;
    }
    this.fail('badValue');
    return 0;
  }
}

export interface Codec<T> {
  /** What the bytes look like, in full: two codecs with one schema are interchangeable. */
  readonly schema: string;
  write(writer: Writer, value: T): void;
  read(reader: Reader): T;
}

/** Bytes that a number takes on the wire. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length += 1;
  return length;
}

/** A whole number from 0 to `max` (at most 2^53 - 1). */
export function whole(max: number = Number.MAX_SAFE_INTEGER): Codec<number> {
  return {
    schema: `whole(${max})`,
    write: (writer, value) => {
      invariant(value <= max, `number above ${max}`);
      writer.varint(value);
    },
    read: (reader) => {
      const value = reader.varint();
      if (value > max) reader.fail('badValue');
      return value > max ? 0 : value;
    },
  };
}

/** True or false in one byte. */
export const flag: Codec<boolean> = {
  schema: 'flag',
  write: (writer, value) => {
    writer.varint(value ? 1 : 0);
  },
  read: (reader) => {
    const value = reader.varint();
    if (value > 1) reader.fail('badValue');
    return value === 1;
  },
};

/** Exactly `length` bytes. */
export function fixedBytes(length: number): Codec<Bytes> {
  return {
    schema: `bytes[${length}]`,
    write: (writer, value) => {
      invariant(value.length === length, `needs exactly ${length} bytes`);
      writer.raw(value);
    },
    read: (reader) => reader.raw(length),
  };
}

/** Up to `max` bytes behind their length. */
export function sizedBytes(max: number): Codec<Bytes> {
  return {
    schema: `bytes(${max})`,
    write: (writer, value) => {
      invariant(value.length <= max, `more than ${max} bytes`);
      writer.varint(value.length);
      writer.raw(value);
    },
    read: (reader) => {
      const length = reader.varint();
      if (length > max) reader.fail('tooLong');
      return reader.raw(length > max ? 0 : length);
    },
  };
}

/** {@link sizedBytes}, read as a view of the bytes that are decoded ({@link Reader.view}). */
export function viewedBytes(max: number): Codec<Bytes> {
  return {
    ...sizedBytes(max),
    read: (reader) => {
      const length = reader.varint();
      if (length > max) reader.fail('tooLong');
      return reader.view(length > max ? 0 : length);
    },
  };
}

/** UTF-8 text of up to `maxBytes` bytes. Invalid UTF-8 is refused, so every text has one encoding. */
export function text(maxBytes: number): Codec<string> {
  const inner = viewedBytes(maxBytes);
  return {
    schema: `text(${maxBytes})`,
    write: (writer, value) => {
      inner.write(writer, utf8(value));
    },
    read: (reader) => {
      const bytes = inner.read(reader);
      const value = fromUtf8(bytes);
      const again = utf8(value);
      if (again.length !== bytes.length || again.some((byte, i) => byte !== bytes[i]))
        reader.fail('badValue');
      return value;
    },
  };
}

/** A list of up to `max` values behind its count. */
export function list<T>(item: Codec<T>, max: number): Codec<readonly T[]> {
  return {
    schema: `list(${item.schema},${max})`,
    write: (writer, values) => {
      invariant(values.length <= max, `more than ${max} items`);
      writer.varint(values.length);
      for (const value of values) item.write(writer, value);
    },
    read: (reader) => {
      const count = reader.varint();
      if (count > max) reader.fail('tooLong');
      const values: T[] = [];
      for (let i = 0; i < count && reader.failure === undefined; i++) values.push(item.read(reader));
      return values;
    },
  };
}

/** A value that may be absent. */
export function optional<T>(item: Codec<T>): Codec<T | undefined> {
  return {
    schema: `optional(${item.schema})`,
    write: (writer, value) => {
      flag.write(writer, value !== undefined);
      if (value !== undefined) item.write(writer, value);
    },
    read: (reader) => (flag.read(reader) && reader.failure === undefined ? item.read(reader) : undefined),
  };
}

/** Named fields in the order given. */
export function record<T extends object>(fields: { readonly [Name in keyof T]: Codec<T[Name]> }): Codec<T> {
  const entries = Object.entries(fields) as [keyof T & string, Codec<unknown>][];
  return {
    schema: `{${entries.map(([name, codec]) => `${name}:${codec.schema}`).join(',')}}`,
    write: (writer, value) => {
      for (const [name, codec] of entries) codec.write(writer, value[name]);
    },
    read: (reader) => {
      const value: Record<string, unknown> = {};
      for (const [name, codec] of entries) value[name] = codec.read(reader);
      return value as T;
    },
  };
}

/** The values of a union: each kind's fields with its name in `kind`. */
export type OneKind<Kinds> = { [Name in keyof Kinds]: { readonly kind: Name } & Kinds[Name] }[keyof Kinds];

/** One of several kinds: a tag (never reused), then that kind's codec. Values carry their kind in `kind`. */
export function union<Kinds extends object>(kinds: {
  readonly [Name in keyof Kinds]: readonly [tag: number, codec: Codec<Kinds[Name]>];
}): Codec<OneKind<Kinds>> {
  const table = kinds as unknown as Record<string, readonly [tag: number, codec: Codec<unknown>]>;
  const entries = Object.entries(table);
  const byTag = new Map(entries.map(([name, [tag, codec]]) => [tag, { name, codec }] as const));
  const byName = new Map(entries.map(([name, [tag, codec]]) => [name, { tag, codec }] as const));
  invariant(byTag.size === entries.length, 'two kinds share a tag');
  return {
    schema: `union{${entries.map(([name, [tag, codec]]) => `${tag}=${name}:${codec.schema}`).join(',')}}`,
    write: (writer, value) => {
      const found = byName.get(String(value.kind));
      invariant(found !== undefined, `unknown kind ${String(value.kind)}`);
      writer.varint(found.tag);
      found.codec.write(writer, value);
    },
    read: (reader) => {
      const found = byTag.get(reader.varint());
      if (found === undefined) {
        reader.fail('unknownKind');
        return { kind: '' } as unknown as OneKind<Kinds>;
      }
      return { ...(found.codec.read(reader) as object), kind: found.name } as OneKind<Kinds>;
    },
  };
}

/** One of a closed set of words, written as its place in the list (append only). */
export function oneOf<const Words extends readonly string[]>(words: Words): Codec<Words[number]> {
  return {
    schema: `oneOf(${words.join('|')})`,
    write: (writer, value) => {
      writer.varint(words.indexOf(value));
    },
    read: (reader) => {
      const word = words[reader.varint()];
      if (word === undefined) reader.fail('badValue');
      return word ?? (words[0] as Words[number]);
    },
  };
}

function idCodec<Id extends PeerId | MemberId | BoardId | Hash>(name: string): Codec<Id> {
  return {
    schema: name,
    write: (writer, value) => {
      writer.raw(idBytes(value));
    },
    read: (reader) => toHex(reader.view(ID_BYTES)) as Id,
  };
}

export const peerIdCodec: Codec<PeerId> = idCodec('peerId');
export const memberIdCodec: Codec<MemberId> = idCodec('memberId');
export const boardIdCodec: Codec<BoardId> = idCodec('boardId');
export const hashCodec: Codec<Hash> = idCodec('hash');
/** An Ed25519 signature. */
export const signatureCodec: Codec<Bytes> = fixedBytes(64);

/** The canonical bytes of a value. */
export function encodeWith<T>(codec: Codec<T>, value: T): Bytes {
  const writer = new Writer();
  codec.write(writer, value);
  return writer.finish();
}

/** The value of foreign bytes, all of them, or why not. */
export function decodeWith<T>(codec: Codec<T>, bytes: Bytes): Result<T, DecodeCode> {
  const reader = new Reader(bytes);
  const value = codec.read(reader);
  if (reader.failure === undefined && reader.remaining > 0) reader.fail('trailing');
  return reader.failure === undefined ? ok(value) : refuse(reader.failure);
}
