/** Goal: reading a stored board never keeps the tab busy for long. Method: pieces of journals whose authors wrote in turns, counted. */
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../../src/kernel/bytes.ts';
import { peerIdFrom } from '../../../src/kernel/ids.ts';
import { randomFrom } from '../../../src/kernel/random.ts';
import { journalKey } from '../../../src/replication/commands.ts';
import { SharedDocument } from '../../../src/replication/document.ts';
import { decodeEntry, type Entry } from '../../../src/replication/entry.ts';
import { EntryDecoder } from '../../../src/replication/entry-decoder.ts';
import { Replication } from '../../../src/replication/replication.ts';
import { MAX_PIECE_BYTES, MAX_PIECE_ENTRIES, RestorePieces } from '../../../src/runtime/restore-pieces.ts';
import { BOARD, KEYS, openAuthor, ROOTS } from '../replication/author.ts';
import { openAuthority } from '../replication/holder.ts';

const PREFIX = `${BOARD}/`;
type Pair = readonly [key: string, value: Bytes];

/** Journals of authors who took turns, each entry building on the one before, as a scan gives them. */
function inTurns(authorCount: number, rounds: number): Pair[] {
  const authors = Array.from({ length: authorCount }, (_, n) => openAuthor(`author ${n}`));
  let last: Entry | undefined;
  for (let round = 0; round < rounds; round++) {
    for (const [n, author] of authors.entries()) {
      const seen = last === undefined || last.author === author.peer ? [] : [last];
      last = author.set(`${n}`, round, ...seen);
    }
  }
  return authors
    .flatMap(({ entries }) => entries.map((entry): Pair => [journalKey(BOARD, entry), entry.bytes]))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Batches as large as those of a scan. */
const batches = (pairs: readonly Pair[]): Pair[][] =>
  Array.from({ length: Math.ceil(pairs.length / 256) }, (_, n) => pairs.slice(n * 256, (n + 1) * 256));

/** Entries that took effect in each step that reads one piece. */
function stepsOf(pieces: readonly (readonly Bytes[])[]): number[] {
  const self = peerIdFrom(KEYS.publicKey('reader'));
  const replication = new Replication({
    board: BOARD,
    self,
    decoder: new EntryDecoder(BOARD),
    document: new SharedDocument(BOARD),
    authority: openAuthority(self),
    roots: ROOTS,
    random: randomFrom('reader'),
    swarmSize: () => 1,
  });
  return pieces.map((piece) => {
    const before = replication.journals.entryCount;
    const entries = piece.flatMap((bytes) => {
      const entry = decodeEntry(BOARD, bytes);
      return entry.ok ? [entry.value] : [];
    });
    replication.step({ kind: 'command', command: { type: 'restore', entries, proofs: [] } });
    return replication.journals.entryCount - before;
  });
}

describe('a stored board', () => {
  it('[STO-24] with many authors who wrote in turns never takes effect all at once', () => {
    for (const authors of [1, 4, 32]) {
      const pairs = inTurns(authors, 2048 / authors);
      const pieces = new RestorePieces(PREFIX);
      const cut = batches(pairs).flatMap((batch) => pieces.cut(batch));
      const steps = stepsOf(cut);
      expect(steps.reduce((sum, count) => sum + count, 0)).toBe(pairs.length);
      expect(Math.max(...steps)).toBeLessThanOrEqual(MAX_PIECE_ENTRIES + 2 * authors);
      // And without it, everything waits for the last author.
      if (authors === 32)
        expect(
          Math.max(...stepsOf(batches(pairs).map((batch) => batch.map(([, bytes]) => bytes)))),
        ).toBeGreaterThan(3 * MAX_PIECE_ENTRIES);
    }
  });

  it('[STO-24] keeps every entry, in order, in pieces of bounded bytes', () => {
    const sizes = [10, MAX_PIECE_BYTES - 10, 1, MAX_PIECE_BYTES + 1, 5, 5];
    const batch = sizes.map((size, n): Pair => [`${PREFIX}author/${n}`, new Uint8Array(size).fill(n)]);
    const cut = new RestorePieces(PREFIX).cut(batch);
    const kept = cut.flat();
    expect(batch.every(([, bytes], n) => kept[n] === bytes)).toBe(true);
    expect(cut.map((piece) => piece.map(({ length }) => length))).toEqual([
      [10, MAX_PIECE_BYTES - 10],
      [1],
      [MAX_PIECE_BYTES + 1],
      [5, 5],
    ]);
    expect(new RestorePieces(PREFIX).cut([])).toEqual([]);
  });
});
