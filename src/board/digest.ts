/**
 * One hash of everything a board shows: equal on two peers exactly when their snapshots are. Cards are hashed, then
 * columns, then the board, each part once per snapshot object, so after an edit only what changed is hashed again.
 */
import { utf8, type Bytes } from '../kernel/bytes.ts';
import { digestBytes } from '../kernel/hash.ts';
import { hashFrom, ID_BYTES, type Hash } from '../kernel/ids.ts';
import type { BoardSnapshot, CardSnapshot, ColumnSnapshot, Conflict } from './snapshot.ts';

const cardDigests = new WeakMap<CardSnapshot, Bytes>();
const columnDigests = new WeakMap<ColumnSnapshot, Bytes>();
const boardDigests = new WeakMap<BoardSnapshot, Hash>();

/** The digest of a snapshot. Remembered by identity: snapshots never change. */
export function boardDigest(board: BoardSnapshot): Hash {
  const known = boardDigests.get(board);
  if (known !== undefined) return known;
  const { title, columns, archive, broughtOver } = board;
  const origin = broughtOver === undefined ? [] : [broughtOver];
  const reasons = archive.flatMap(({ reason, by, editedBy, column }) => [
    reason,
    ...list(by),
    ...list(editedBy),
    ...list(column === null ? [] : [column]),
  ]);
  const hash = hashFrom(
    digestBytes(
      'tabswarm/board/1',
      fields([title, ...conflictWords(board.conflicts), columns.length, ...list(reasons), ...origin]),
      join(columns, columnDigest),
      join(archive, cardDigest),
    ),
  );
  boardDigests.set(board, hash);
  return hash;
}

function columnDigest(column: ColumnSnapshot): Bytes {
  const known = columnDigests.get(column);
  if (known !== undefined) return known;
  const bytes = digestBytes(
    'tabswarm/board-column/1',
    fields([column.id, column.title, ...conflictWords(column.conflicts), column.cards.length]),
    join(column.cards, cardDigest),
  );
  columnDigests.set(column, bytes);
  return bytes;
}

function cardDigest(card: CardSnapshot): Bytes {
  const known = cardDigests.get(card);
  if (known !== undefined) return known;
  const comments = card.comments.flatMap(({ id, text, author, at }) => [id, text, author, at]);
  const bytes = digestBytes(
    'tabswarm/board-card/1',
    fields([
      card.id,
      card.title,
      card.notes,
      card.due ?? '', // no date is the empty text
      card.createdAt,
      card.createdBy,
      ...list(card.labels),
      ...list(card.assignees),
      ...list(comments),
      ...conflictWords(card.conflicts),
    ]),
  );
  cardDigests.set(card, bytes);
  return bytes;
}

function conflictWords(conflicts: readonly Conflict[]): (string | number)[] {
  const words = conflicts.flatMap(({ field, values }) => [
    field,
    ...list(
      values.flatMap(({ id, value, author, at }) => [
        id,
        value === null ? 0 : 1, // no date is not the empty text here
        value ?? '',
        author,
        at,
      ]),
    ),
  ]);
  return list(words);
}

/** A list behind its length, so that no two sequences of lists read alike. */
function list<T>(items: readonly T[]): (T | number)[] {
  return [items.length, ...items];
}

/**
 * Texts and whole numbers, each behind its length: one form for one sequence. One encoding into UTF-8 for all of them;
 * through the kernel's codec 10,000 cards take several times as long.
 */
function fields(values: readonly (string | number)[]): Bytes {
  return utf8(inOneText(values));
}

/** Texts and whole numbers in one text that no other sequence of them gives. */
export function inOneText(values: readonly (string | number)[]): string {
  let text = '';
  for (const value of values) {
    const word = String(value);
    text += `${String(word.length)}:${word}`;
  }
  return text;
}

/** Digests one after the other. Not by spreading: a hostile document may hold more cards than a call takes arguments. */
function join<T>(parts: readonly T[], digestOf: (part: T) => Bytes): Bytes {
  const bytes = new Uint8Array(parts.length * ID_BYTES);
  parts.forEach((part, at) => {
    bytes.set(digestOf(part), at * ID_BYTES);
  });
  return bytes;
}
