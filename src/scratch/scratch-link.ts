/**
 * The link of a scratch board: `#scratch=` + base64url of {version, room, secret} + a 4-byte check, so that a link pasted half is told apart
 * from one of another kind. Whoever has it may change anything. Room name and password are what any y-webrtc application needs to take part.
 */
import { concatBytes, equalBytes, fromBase64Url, toBase64Url, toHex, type Bytes } from '../kernel/bytes.ts';
import { decodeWith, encodeWith, fixedBytes, record, whole } from '../kernel/codec.ts';
import { digestBytes } from '../kernel/hash.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';

/** How a scratch link's fragment begins. */
export const SCRATCH_PREFIX = '#scratch=';
const VERSION = 1;
const CHECK_BYTES = 4;
/** Bytes of the room and of the secret: 128 bits each, so that neither is guessed. */
export const SCRATCH_KEY_BYTES = 16;
/** Longest link looked at, UTF-16 code units; ours are about 60 and an address. */
const MAX_SCRATCH_LINK_CHARS = 4096;
/** A link ends where its alphabet does: people paste it with a full stop or the rest of a message behind it. */
const BASE64URL_RUN = /^[\w-]*/;
const ID_PREFIX = 'scratch-';
const ID_SHAPE = /^scratch-[0-9a-f]{32}$/;

/** What a link says. */
export interface ScratchKeys {
  /** {@link SCRATCH_KEY_BYTES} random bytes that name the room; the signaling server sees them. */
  readonly room: Bytes;
  /** {@link SCRATCH_KEY_BYTES} random bytes, unrelated to the room: the password. */
  readonly secret: Bytes;
}

const codec = record<ScratchKeys & { readonly version: number }>({
  version: whole(255),
  room: fixedBytes(SCRATCH_KEY_BYTES),
  secret: fixedBytes(SCRATCH_KEY_BYTES),
});

/** The fragment of a link, `#scratch=…`. */
export function scratchFragment({ room, secret }: ScratchKeys): string {
  const body = encodeWith(codec, { version: VERSION, room, secret });
  return SCRATCH_PREFIX + toBase64Url(concatBytes(body, checkOf(body)));
}

export type ScratchLinkRefusal =
  | 'inviteMalformed' // not a link of ours at all
  | 'scratchTruncated' // begins like one, but part of it is missing or changed
  | 'scratchNewerVersion';

/** Whether `text` (an address, or a fragment) is meant to be a scratch board's link. */
export function isScratchLink(text: string): boolean {
  return text.includes(SCRATCH_PREFIX);
}

/** Reads a pasted link or fragment. Total. */
export function parseScratchLink(pasted: string): Result<ScratchKeys, ScratchLinkRefusal> {
  const at = pasted.indexOf(SCRATCH_PREFIX);
  if (at < 0 || pasted.length - at > MAX_SCRATCH_LINK_CHARS) return refuse('inviteMalformed');
  const [digits = ''] = BASE64URL_RUN.exec(pasted.slice(at + SCRATCH_PREFIX.length)) ?? [];
  const bytes = fromBase64Url(digits);
  if (bytes === undefined || bytes.length <= CHECK_BYTES) return refuse('scratchTruncated');
  const body = bytes.slice(0, -CHECK_BYTES);
  if (!equalBytes(checkOf(body), bytes.slice(-CHECK_BYTES))) return refuse('scratchTruncated');
  if (body[0] !== VERSION) return refuse('scratchNewerVersion');
  const decoded = decodeWith(codec, body);
  if (!decoded.ok) return refuse('scratchTruncated');
  return ok({ room: decoded.value.room, secret: decoded.value.secret });
}

/** The board's id on this device: of the whole link, so that a link with another password is another board. */
export function scratchId({ room, secret }: ScratchKeys): string {
  return ID_PREFIX + toHex(digestBytes('tabswarm/scratch-id/1', room, secret).slice(0, SCRATCH_KEY_BYTES));
}

/** Whether `text` has the shape of a scratch board's id. */
export function isScratchId(text: string): boolean {
  return ID_SHAPE.test(text);
}

/** The room's name at the signaling server and on BroadcastChannel. */
export function roomName({ room }: ScratchKeys): string {
  return `tabswarm-scratch-${toBase64Url(room)}`;
}

/** The password given to y-webrtc, which derives its key from it and the room's name. */
export function roomPassword({ secret }: ScratchKeys): string {
  return toBase64Url(secret);
}

function checkOf(body: Bytes): Bytes {
  return digestBytes('tabswarm/scratch-link/1', body).slice(0, CHECK_BYTES);
}
