/**
 * An hour of work on two sides that cannot reach each other: edits drawn from a seed, and an oracle that compares what three boards (before,
 * one side, other side) say with the merged one. It reads snapshots only and shares no code with the board.
 */
import { expect } from 'vitest';
import type { BoardCommand } from '../../src/board/command.ts';
import type { BoardSnapshot, CardSnapshot, Conflict } from '../../src/board/snapshot.ts';
import { pick, type Random } from '../../src/kernel/random.ts';

/** One character per note, unique over both sides: merging by character can then be checked exactly. */
export class Notes {
  #next: number;

  /** `used`: how many characters somebody else may take. */
  constructor(used = 0) {
    this.#next = 0xe000 + used;
  }

  next(): string {
    this.#next += 1;
    return String.fromCharCode(this.#next);
  }
}

/** One of the two who work apart. */
export interface Side {
  readonly name: 'ada' | 'bo';
  readonly random: Random;
  /** What the side sees now. */
  readonly board: BoardSnapshot;
  /** Cards that stay where both can work on them; half of all edits are of the first one. */
  readonly kept: readonly string[];
}

function below(random: Random, bound: number): number {
  return pick(
    random,
    Array.from({ length: bound }, (_, at) => at),
  ) as number;
}

/** Half of all edits are of the first card, the others of its neighbours. */
function chooseCard({ board, random, kept }: Side): string {
  const shown = board.columns.flatMap(({ cards }) => cards.map(({ id }) => id));
  const [first = ''] = kept;
  return below(random, 2) === 0 && shown.includes(first) ? first : (pick(random, shown) ?? '');
}

function changed({ board, random, name }: Side, cardId: string, at: number, notes: Notes): BoardCommand {
  const card = find(board, cardId)?.card;
  if (card === undefined) throw new Error(`no card ${cardId}`);
  const day = String(1 + (at % 28)).padStart(2, '0');
  const written = [...card.notes];
  if (below(random, 4) === 0 && written.length > 0) written.splice(below(random, written.length), 1);
  else written.splice(below(random, written.length + 1), 0, notes.next());
  const choices: BoardCommand[] = [
    { type: 'updateCard', cardId, changes: { title: `${name} ${at}` } },
    { type: 'updateCard', cardId, changes: { due: name === 'ada' ? `2027-01-${day}` : `2028-01-${day}` } },
    { type: 'updateCard', cardId, changes: { due: null } },
    { type: 'updateCard', cardId, changes: { notes: written.join('') } },
    { type: 'updateCard', cardId, changes: { labels: [`${name}${at % 9}`, ...card.labels.slice(1)] } },
    { type: 'addComment', cardId, text: `${name} says ${at}` },
  ];
  return pick(random, choices) as BoardCommand;
}

/** The side's edit number `at` of its hour. */
export function nextEdit(side: Side, at: number, notes: Notes): BoardCommand {
  const { random, name, kept } = side;
  const { columns } = side.board;
  const column = pick(random, columns)?.id ?? '';
  const kind = below(random, 20);
  if (kind === 0) return { type: 'renameColumn', columnId: column, title: `column ${name} ${at}` };
  if (kind === 1) return { type: 'renameBoard', title: `board ${name} ${at}` };
  if (kind === 2) return { type: 'addCard', columnId: column, title: `new ${name} ${at}` };
  const cardId = chooseCard(side);
  if (kind === 3 && !kept.includes(cardId)) return { type: 'removeCard', cardId };
  if (kind === 4 && !kept.includes(cardId)) return { type: 'archiveCard', cardId };
  if (kind < 10) return { type: 'moveCard', cardId, columnId: column, position: below(random, 4) };
  return changed(side, cardId, at, notes);
}

interface Found {
  readonly card: CardSnapshot;
  /** Column, or '' in the archive. */
  readonly columnId: string;
  readonly reason: string | null;
}

function find(board: BoardSnapshot, id: string): Found | undefined {
  for (const { id: columnId, cards } of board.columns) {
    const card = cards.find((other) => other.id === id);
    if (card !== undefined) return { card, columnId, reason: null };
  }
  const archived = board.archive.find((other) => other.id === id);
  return archived === undefined ? undefined : { card: archived, columnId: '', reason: archived.reason };
}

/** Everything that can be read of a field: its value and the values that lost. */
function readable(conflicts: readonly Conflict[], field: string, shown: string | null): (string | null)[] {
  const conflict = conflicts.find((other) => other.field === field);
  return [shown, ...(conflict?.values.map(({ value }) => value) ?? [])];
}

/** What a person must find again: what a side ended with, unless it is what was there before. */
function wanted<Value>(before: Value, ...sides: readonly (Value | undefined)[]): Value[] {
  return sides.filter((value): value is Value => value !== undefined && value !== before);
}

/** What the two saw before they parted, at the end of the hour, and when they had met again. */
export interface Hour {
  readonly base: BoardSnapshot;
  readonly ada: BoardSnapshot;
  readonly bo: BoardSnapshot;
  readonly merged: BoardSnapshot;
  /** Whether a side did nothing to a card. */
  readonly untouched: (id: string, by: Side['name']) => boolean;
}

function checkSets(id: string, { base, ada, bo, merged }: Hour): void {
  const now = find(merged, id)?.card;
  const [before, a, b] = [base, ada, bo].map((board) => find(board, id)?.card);
  if (now === undefined || a === undefined || b === undefined) return;
  const keeps = (item: string, of: (card: CardSnapshot) => readonly string[]): boolean => {
    const had = before !== undefined && of(before).includes(item);
    const [inA, inB] = [of(a).includes(item), of(b).includes(item)];
    return had ? inA && inB : inA || inB;
  };
  for (const of of [
    (card: CardSnapshot): readonly string[] => card.labels,
    (card: CardSnapshot): readonly string[] => card.comments.map(({ text }) => text),
    (card: CardSnapshot): readonly string[] => [...card.notes].filter((note) => note !== '\n'),
  ]) {
    const all = new Set([...of(a), ...of(b)]);
    expect([...of(now)].sort()).toEqual([...all].filter((item) => keeps(item, of)).sort());
  }
}

/** Checks one card; answers how many values had lost. */
function checkCard(id: string, hour: Hour): number {
  const { base, ada, bo, merged } = hour;
  const [before, a, b, now] = [base, ada, bo, merged].map((board) => find(board, id));
  const removedBy = a === undefined ? 'ada' : b === undefined ? 'bo' : undefined;
  if (removedBy !== undefined && before !== undefined) {
    const other = removedBy === 'ada' ? b : a;
    if (other === undefined) return 0;
    if (hour.untouched(id, removedBy === 'ada' ? 'bo' : 'ada')) {
      expect(now).toBeUndefined();
      return 0;
    }
    const isEdited =
      wanted(before.card.title, other.card.title).length > 0 ||
      wanted(before.card.due, other.card.due).length > 0 ||
      wanted(before.card.notes, other.card.notes).length > 0 ||
      other.card.comments.length > 0 ||
      other.columnId !== before.columnId;
    if (isEdited) expect(now?.reason).toBe('removed');
  }
  if (now === undefined) return 0;
  const { conflicts } = now.card;
  expect(readable(conflicts, 'title', now.card.title)).toEqual(
    expect.arrayContaining(wanted(before?.card.title ?? '', a?.card.title, b?.card.title)),
  );
  expect(readable(conflicts, 'due', now.card.due)).toEqual(
    expect.arrayContaining(wanted(before?.card.due ?? null, a?.card.due, b?.card.due)),
  );
  const columns = wanted(before?.columnId ?? '', a?.columnId, b?.columnId).filter((column) => column !== '');
  if (now.columnId !== '')
    expect(readable(conflicts, 'place', now.columnId)).toEqual(expect.arrayContaining(columns));
  checkSets(id, hour);
  return conflicts.reduce((sum, { values }) => sum + values.length - 1, 0);
}

function checkTitles({ base, ada, bo, merged }: Hour): void {
  expect(readable(merged.conflicts, 'title', merged.title)).toEqual(
    expect.arrayContaining(wanted(base.title, ada.title, bo.title)),
  );
  for (const { id, title, conflicts } of merged.columns) {
    const [before, a, b] = [base, ada, bo].map(
      (board) => board.columns.find((other) => other.id === id)?.title,
    );
    expect(readable(conflicts, 'title', title)).toEqual(expect.arrayContaining(wanted(before, a, b)));
  }
}

/** Checks that whatever either side ended with is shown or offered on the merged board; answers how many values had lost. */
export function checkHour(hour: Hour): number {
  checkTitles(hour);
  const { base, ada, bo } = hour;
  const ids = new Set(
    [base, ada, bo].flatMap(({ columns, archive }) =>
      [...columns.flatMap(({ cards }) => cards), ...archive].map(({ id }) => id),
    ),
  );
  return [...ids].reduce((lost, id) => lost + checkCard(id, hour), 0);
}
