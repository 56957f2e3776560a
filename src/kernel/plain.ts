/**
 * Any plain value as bytes: what has no codec of its own, because it never travels and is only written down. Fields keep their order, since whoever
 * walks over them sees it; apart from that one value has one encoding, as everywhere.
 */
import { fromUtf8, utf8, type Bytes } from './bytes.ts';
import { sizedBytes, viewedBytes, type Codec, type Reader, type Writer } from './codec.ts';
import { invariant } from './invariant.ts';

/** Deepest nesting (guess: twice that of the deepest command, which is an operation of a proposal). */
const MAX_DEPTH = 32;
/** Bytes of one text or byte string. Origin: guess; 16 times the largest message. */
const MAX_PART_BYTES = 16 * 1024 * 1024;
/** Names of fields kept encoded. Origin: guess; all that commands, effects and events have. */
const MAX_KEPT_NAMES = 1024;
const FLOAT_BYTES = 8;
/** The one spelling of NaN, which has 2^53 - 2 in IEEE 754. */
const NAN_BYTES = Uint8Array.of(0x7f, 0xf8, 0, 0, 0, 0, 0, 0);

const TAG = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  whole: 4,
  number: 5,
  text: 6,
  /** Text that is no well-formed Unicode, as UTF-16. */
  wide: 7,
  bytes: 8,
  list: 9,
  fields: 10,
} as const;

const textBytes = viewedBytes(MAX_PART_BYTES);
const ownBytes = sizedBytes(MAX_PART_BYTES);
const LONE_SURROGATE = /\p{Surrogate}/u;
const names = new Map<string, Bytes>();
const floatBytes = new Uint8Array(FLOAT_BYTES);
const floatView = new DataView(floatBytes.buffer);

/** A double in 8 bytes, big-endian; NaN in one spelling only. */
export const float64: Codec<number> = {
  schema: 'float64',
  write: (writer, value) => {
    floatView.setFloat64(0, value);
    writer.raw(Number.isNaN(value) ? NAN_BYTES : floatBytes);
  },
  read: (reader) => {
    const read = reader.view(FLOAT_BYTES);
    if (read.length < FLOAT_BYTES) return 0;
    const value = new DataView(read.buffer, read.byteOffset, FLOAT_BYTES).getFloat64(0);
    if (Number.isNaN(value) && NAN_BYTES.some((byte, i) => byte !== read[i])) reader.fail('notCanonical');
    return value;
  },
};

/** undefined, null, booleans, numbers, texts, bytes, lists and records of them, at most 32 deep. Anything else is our own mistake. */
export const plainCodec: Codec<unknown> = {
  schema: 'plain',
  write: (writer, value) => {
    writePlain(writer, value, 0);
  },
  read: (reader) => readPlain(reader, 0),
};

function writePlain(writer: Writer, value: unknown, depth: number): void {
  invariant(depth <= MAX_DEPTH, `a plain value nested more than ${MAX_DEPTH} times`);
  switch (typeof value) {
    case 'undefined':
      writer.varint(TAG.undefined);
      return;
    case 'boolean':
      writer.varint(value ? TAG.true : TAG.false);
      return;
    case 'number':
      writeNumber(writer, value);
      return;
    case 'string':
      writeText(writer, value);
      return;
    case 'object':
      writeObject(writer, value, depth);
      return;
    default:
      invariant(false, `a ${typeof value} is no plain value`);
  }
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
}

function writeNumber(writer: Writer, value: number): void {
  writer.varint(isWhole(value) ? TAG.whole : TAG.number);
  if (isWhole(value)) writer.varint(value);
  else float64.write(writer, value);
}

function writeText(writer: Writer, value: string): void {
  if (!LONE_SURROGATE.test(value)) {
    writer.varint(TAG.text);
    textBytes.write(writer, utf8(value));
    return;
  }
  const units = new Uint8Array(2 * value.length);
  const view = new DataView(units.buffer);
  for (let i = 0; i < value.length; i++) view.setUint16(2 * i, value.charCodeAt(i));
  writer.varint(TAG.wide);
  ownBytes.write(writer, units);
}

function writeObject(writer: Writer, value: object | null, depth: number): void {
  if (value === null) {
    writer.varint(TAG.null);
  } else if (value instanceof Uint8Array) {
    writer.varint(TAG.bytes);
    ownBytes.write(writer, value as Bytes);
  } else if (Array.isArray(value)) {
    writer.varint(TAG.list);
    writer.varint(value.length);
    for (const item of value) writePlain(writer, item, depth + 1);
  } else {
    const prototype: unknown = Object.getPrototypeOf(value);
    invariant(prototype === Object.prototype || prototype === null, 'an object of a class is no plain value');
    const fields = Object.entries(value);
    writer.varint(TAG.fields);
    writer.varint(fields.length);
    for (const [name, field] of fields) {
      textBytes.write(writer, nameBytes(name));
      writePlain(writer, field, depth + 1);
    }
  }
}

function nameBytes(name: string): Bytes {
  const known = names.get(name);
  if (known !== undefined) return known;
  const bytes = utf8(name);
  if (names.size < MAX_KEPT_NAMES) names.set(name, bytes);
  return bytes;
}

function readPlain(reader: Reader, depth: number): unknown {
  if (depth > MAX_DEPTH) reader.fail('tooLong');
  if (reader.failure !== undefined) return undefined;
  switch (reader.varint()) {
    case TAG.undefined:
      return undefined;
    case TAG.null:
      return null;
    case TAG.false:
      return false;
    case TAG.true:
      return true;
    case TAG.whole:
      return reader.varint();
    case TAG.number:
      return readNumber(reader);
    case TAG.text:
      return readText(reader);
    case TAG.wide:
      return readWide(reader);
    case TAG.bytes:
      return ownBytes.read(reader);
    case TAG.list:
      return readList(reader, depth);
    case TAG.fields:
      return readFields(reader, depth);
    default:
      reader.fail('unknownKind');
      return undefined;
  }
}

function readNumber(reader: Reader): number {
  const value = float64.read(reader);
  if (isWhole(value) && reader.failure === undefined) reader.fail('notCanonical');
  return value;
}

function readText(reader: Reader): string {
  const bytes = textBytes.read(reader);
  const value = fromUtf8(bytes);
  const again = utf8(value);
  if (again.length !== bytes.length || again.some((byte, i) => byte !== bytes[i])) reader.fail('badValue');
  return value;
}

function readWide(reader: Reader): string {
  const units = ownBytes.read(reader);
  const view = new DataView(units.buffer);
  let value = '';
  for (let i = 0; i + 1 < units.length; i += 2) value += String.fromCharCode(view.getUint16(i));
  if (units.length % 2 !== 0) reader.fail('badValue');
  else if (!LONE_SURROGATE.test(value)) reader.fail('notCanonical');
  return value;
}

/** Every item takes a byte at least, so nothing is allocated for what cannot be there. */
function readCount(reader: Reader, bytesEach: number): number {
  const count = reader.varint();
  if (count * bytesEach > reader.remaining) reader.fail('truncated');
  return reader.failure === undefined ? count : 0;
}

function readList(reader: Reader, depth: number): readonly unknown[] {
  const items: unknown[] = [];
  const count = readCount(reader, 1);
  for (let i = 0; i < count && reader.failure === undefined; i++) items.push(readPlain(reader, depth + 1));
  return items;
}

function readFields(reader: Reader, depth: number): object {
  const fields: Record<string, unknown> = {};
  const count = readCount(reader, 2);
  for (let i = 0; i < count && reader.failure === undefined; i++) {
    const name = readText(reader);
    const value = readPlain(reader, depth + 1);
    // What would become the prototype instead of a field, stands elsewhere than where it was written, or is there twice.
    if (name === '__proto__' || isPlace(name) || Object.hasOwn(fields, name)) reader.fail('badValue');
    else fields[name] = value;
  }
  return fields;
}

/** Names that an object moves to its front, in their numeric order. */
function isPlace(name: string): boolean {
  return /^(?:0|[1-9]\d*)$/.test(name);
}
