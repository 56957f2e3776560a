/** What this device keeps about one board besides its journals: how to find it, how to prove we belong, what Home shows. */
import type { Bytes } from '../kernel/bytes.ts';
import { decodeWith, encodeWith, fixedBytes, oneOf, optional, record, text, whole } from '../kernel/codec.ts';
import type { BoardId } from '../kernel/ids.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { admissionCodec, type Admission } from '../identity/admission.ts';
import { boardIdOf, genesisCodec, type Genesis } from '../identity/genesis.ts';
import { ROLES, type Role } from '../identity/roles.ts';

export const BOARD_STORE = 'boards';
/** Longest title kept for Home, UTF-8 bytes (500 characters of 4 bytes). */
const MAX_TITLE_BYTES = 2000;
const VERSION = 1;

export interface BoardRecord {
  readonly version: number;
  /** Absent until the first member told us. */
  readonly genesis: Genesis | undefined;
  readonly secret: Bytes;
  /** The admission we came with; absent once our copy is complete. */
  readonly ticket: Admission | undefined;
  readonly title: string;
  readonly role: Role | undefined;
  /** This device's clock at the last change seen here, milliseconds since 1970. */
  readonly updatedAt: number;
  readonly cardCount: number;
  readonly unacknowledged: number;
}

const recordCodec = record<BoardRecord>({
  version: whole(255),
  genesis: optional(genesisCodec),
  secret: fixedBytes(32),
  ticket: optional(admissionCodec),
  title: text(MAX_TITLE_BYTES),
  role: optional(oneOf(ROLES)),
  updatedAt: whole(),
  cardCount: whole(),
  unacknowledged: whole(),
});

export function newBoardRecord(
  fields: Pick<BoardRecord, 'genesis' | 'secret' | 'ticket' | 'title' | 'updatedAt'>,
): BoardRecord {
  return { version: VERSION, role: undefined, cardCount: 0, unacknowledged: 0, ...fields };
}

export function encodeBoardRecord(value: BoardRecord): Bytes {
  return encodeWith(recordCodec, value);
}

/** A stored record of `boardId`. `damaged`: the bytes are not a record, or not of this board. */
export function decodeBoardRecord(boardId: BoardId, bytes: Bytes): Result<BoardRecord, 'damaged'> {
  const decoded = decodeWith(recordCodec, bytes);
  if (!decoded.ok || decoded.value.version !== VERSION) return refuse('damaged');
  const { genesis } = decoded.value;
  return genesis === undefined || boardIdOf(genesis) === boardId ? ok(decoded.value) : refuse('damaged');
}

/** Whether Home would show the same of both. */
export function sameSummary(a: BoardRecord, b: BoardRecord): boolean {
  return (
    a.genesis === b.genesis &&
    a.ticket === b.ticket &&
    a.title === b.title &&
    a.role === b.role &&
    a.cardCount === b.cardCount &&
    a.unacknowledged === b.unacknowledged
  );
}
