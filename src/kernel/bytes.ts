/** Byte strings: comparison, concatenation, text forms. Everything here is total: bad text yields undefined or is refused by a test first. */
import { invariant } from './invariant.ts';

/** Bytes over an ordinary (never shared) buffer, which is what WebCrypto, IndexedDB and WebRTC accept. */
export type Bytes = Uint8Array<ArrayBuffer>;

const HEX_PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);
const HEX_PATTERN = /^(?:[0-9a-f]{2})*$/;
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const BASE64URL_PATTERN = /^[A-Za-z0-9_-]*$/;

/** Whether `text` is an even number of lower-case hex digits. */
export function isHex(text: string): boolean {
  return HEX_PATTERN.test(text);
}

/** Lower-case hex of `bytes`. */
export function toHex(bytes: Bytes): string {
  return bytes.length === idCodes.length / 2 ? idToHex(bytes) : longToHex(bytes);
}

function longToHex(bytes: Bytes): string {
  let text = '';
  for (const byte of bytes) text += HEX_PAIRS[byte] ?? '';
  return text;
}

/** Character codes of the id or hash at work: nearly all hex. Made in one piece: what is added up has to be put together again when it is looked up. */
const idCodes: number[] = Array.from({ length: 64 }, () => 0);

function idToHex(bytes: Bytes): string {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    idCodes[i * 2] = hexCode(byte >> 4);
    idCodes[i * 2 + 1] = hexCode(byte & 15);
  }
  return String.fromCharCode.apply(undefined, idCodes);
}

/** Character code of a lower-case hex digit. */
function hexCode(digit: number): number {
  return digit < 10 ? 48 + digit : 87 + digit;
}

/** Bytes of lower-case hex; the caller has checked the text with {@link isHex}. */
export function fromHex(text: string): Bytes {
  const bytes = new Uint8Array(text.length >> 1);
  // Checked on the way: nearly every hash and signature passes through here, and a pattern would walk over the text once more.
  let wrong = text.length & 1;
  for (let i = 0; i < bytes.length; i++) {
    const pair = (hexValue(text.charCodeAt(i * 2)) << 4) | hexValue(text.charCodeAt(i * 2 + 1));
    wrong |= pair >> 8;
    bytes[i] = pair;
  }
  invariant(wrong === 0, 'fromHex needs lower-case hex');
  return bytes;
}

/** Value of a lower-case hex digit by its character code, '0' is 48, 'a' is 97; -1 for anything else. */
function hexValue(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  return code >= 97 && code <= 102 ? code - 87 : -1;
}

/** URL-safe base64 without padding (RFC 4648 section 5). */
export function toBase64Url(bytes: Bytes): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const a = bytes[i] ?? 0;
    const b = bytes[i + 1] ?? 0;
    const c = bytes[i + 2] ?? 0;
    const digits = Math.min(4, bytes.length - i + 1);
    const word = (a << 16) | (b << 8) | c;
    for (let d = 0; d < digits; d++) text += BASE64URL.charAt((word >> (18 - 6 * d)) & 63);
  }
  return text;
}

/** Bytes of URL-safe base64, or undefined when the text is not canonical base64url (so one value has one text). */
export function fromBase64Url(text: string): Bytes | undefined {
  if (!BASE64URL_PATTERN.test(text) || text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let word = 0;
  let bits = 0;
  let at = 0;
  for (const char of text) {
    word = ((word << 6) | BASE64URL.indexOf(char)) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (word >> bits) & 255;
    }
  }
  const leftover = word & ((1 << bits) - 1);
  return leftover === 0 ? bytes : undefined;
}

/** Joins byte strings. */
export function concatBytes(...parts: readonly Bytes[]): Bytes {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Whether two byte strings are equal. Not constant time: use it for public values only. */
export function equalBytes(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const utf8Encoder = new TextEncoder();
// A leading byte order mark is a character like any other: dropping it would give one text two encodings.
const utf8Decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

/** UTF-8 bytes of `text`. */
export function utf8(text: string): Bytes {
  return utf8Encoder.encode(text);
}

/** Text of UTF-8 bytes; invalid sequences become U+FFFD. Callers that need an exact round trip compare lengths. */
export function fromUtf8(bytes: Bytes): string {
  return utf8Decoder.decode(bytes);
}
