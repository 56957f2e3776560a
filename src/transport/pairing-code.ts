/**
 * The codes by which two people link their tabs without any server: `pair:` and base64url of {version, sealed note, check}. The note is
 * sealed with the board's signal key, so a code is worthless to whoever does not have the board's secret; the check of 4 bytes tells a
 * code that was copied half from one of another board. Pure. Rules: docs/spec/links.md, LNK-70 to LNK-79.
 */
import { concatBytes, equalBytes, fromBase64Url, toBase64Url, type Bytes } from '../kernel/bytes.ts';
import { decodeWith, encodeWith, fixedBytes, oneOf, peerIdCodec, record, whole } from '../kernel/codec.ts';
import { digestBytes } from '../kernel/hash.ts';
import type { PeerId } from '../kernel/ids.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { DOMAIN } from '../identity/domains.ts';
import { compact, compactCandidatesCodec, expand } from './compact-candidates.ts';
import { descriptionCodec, type Candidate, type Description } from './description.ts';
import { ATTEMPT_BYTES } from './signals.ts';

/** Longest code accepted, characters; one of ours has about 300. */
export const MAX_CODE_CHARS = 2048;

const PREFIX = 'pair:';
const CODE_VERSION = 1;
const CHECK_BYTES = 4;
/** A code ends where its alphabet does: people paste it with what stands around it. */
const BASE64URL_RUN = /^[\w-]*/;

/** Why a code was not acted on. */
export type PairingCode =
  | 'pairMalformed' // no code of ours at all
  | 'pairTruncated' // starts like one, but part of it is missing or changed
  | 'pairNewerVersion'
  | 'pairForeign' // of another board
  | 'pairWrongKind' // an answer where an offer belongs, or the other way round
  | 'pairOwn' // made by this very tab
  | 'pairExpired'
  | 'pairUsed' // acted on before
  | 'pairUnknown' // answers no code that this tab still waits for
  | 'pairAlready' // the two are linked already
  | 'pairBusy' // no free place on either side
  | 'pairNoPath' // the two browsers find no way to each other
  | 'pairNoAnswer' // the other tab did not come up in time
  | 'pairFailed'; // the connection ended for another reason

/** What a code says. */
export interface PairingNote {
  readonly kind: 'offer' | 'answer';
  readonly from: PeerId;
  /** The offer's choice, repeated by its answer. */
  readonly attempt: Bytes;
  /** Until when the offer's maker waits, in seconds since 1970 by its clock. */
  readonly expiresAt: number;
  readonly description: Description;
  readonly candidates: readonly Candidate[];
}

/** The codec of a note's plain bytes; its schema is part of the wire hash. */
export const pairingCodec = record({
  kind: oneOf(['offer', 'answer'] as const),
  from: peerIdCodec,
  attempt: fixedBytes(ATTEMPT_BYTES),
  expiresAt: whole(),
  description: descriptionCodec,
  candidates: compactCandidatesCodec,
});

export function encodeNote(note: PairingNote): Bytes {
  return encodeWith(pairingCodec, { ...note, candidates: compact(note.candidates) });
}

/** The note of unsealed bytes. Total. */
export function decodeNote(bytes: Bytes): Result<PairingNote, PairingCode> {
  const note = decodeWith(pairingCodec, bytes);
  if (!note.ok || note.value.description.type !== note.value.kind) return refuse('pairMalformed');
  return ok({ ...note.value, candidates: expand(note.value.candidates) });
}

/** The text that people hand over. */
export function writeCode(sealed: Bytes): string {
  const body = concatBytes(Uint8Array.of(CODE_VERSION), sealed);
  return PREFIX + toBase64Url(concatBytes(body, check(body)));
}

/** The sealed note of a pasted text. Total. */
export function readCode(pasted: string): Result<Bytes, PairingCode> {
  const at = pasted.indexOf(PREFIX);
  if (at < 0 || pasted.length - at > MAX_CODE_CHARS) return refuse('pairMalformed');
  // Messengers break long lines.
  const [digits = ''] = BASE64URL_RUN.exec(pasted.slice(at + PREFIX.length).replaceAll(/\r?\n/g, '')) ?? [];
  const bytes = fromBase64Url(digits);
  if (bytes === undefined || bytes.length <= CHECK_BYTES) return refuse('pairTruncated');
  const body = bytes.slice(0, -CHECK_BYTES);
  if (!equalBytes(check(body), bytes.slice(-CHECK_BYTES))) return refuse('pairTruncated');
  return body[0] === CODE_VERSION ? ok(body.slice(1)) : refuse('pairNewerVersion');
}

function check(body: Bytes): Bytes {
  return digestBytes(DOMAIN.pairing, body).slice(0, CHECK_BYTES);
}
