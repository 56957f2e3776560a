/**
 * Goal: an hour of work on two sides that cannot reach each other loses nothing. Method: hundreds of generated edits on each side, of one
 * card and its neighbours; the oracle compares what the three snapshots (before, one side, other side) say with the merged one. It
 * reads snapshots only and shares no code with the board.
 */
import { describe, expect, it } from 'vitest';
import type { BoardCommand } from '../../../src/board/command.ts';
import type { BoardSnapshot, CardSnapshot, Conflict } from '../../../src/board/snapshot.ts';
import { pick, randomFrom, shuffled, type Random } from '../../../src/kernel/random.ts';
import { reportFigure } from '../../support/report-figure.ts';
import { ADA, BO, exchange, Replica } from './board-fixture.ts';

const EDITS = 300;
const SEEDS = 6;
/** A hundred times what it takes alone on the machine would be no help; four others at work on two cores make it ten times. */
const PATIENCE_MS = 60_000;

/** One character per note, unique over both sides: merging by character can then be checked exactly. */
class Notes {
  #next = 0xe000;

  next(): string {
    this.#next += 1;
    return String.fromCharCode(this.#next);
  }
}

interface Side {
  readonly replica: Replica;
  readonly random: Random;
  readonly name: string;
  /** Cards to which the side did anything. */
  readonly touched: Set<string>;
}

function below(random: Random, bound: number): number {
  return pick(
    random,
    Array.from({ length: bound }, (_, at) => at),
  ) as number;
}

/** Half of all edits are of the first card, the others of its neighbours. */
function chooseCard(side: Side, base: readonly string[]): string {
  const shown = side.replica.board.columns.flatMap(({ cards }) => cards.map(({ id }) => id));
  const first = base[0] ?? '';
  return below(side.random, 2) === 0 && shown.includes(first) ? first : (pick(side.random, shown) ?? '');
}

function changed(side: Side, cardId: string, at: number, notes: Notes): BoardCommand {
  const { random, replica, name } = side;
  const card = replica.card(cardId);
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

function chooseCommand(side: Side, base: readonly string[], at: number, notes: Notes): BoardCommand {
  const { random, replica, name } = side;
  const { columns } = replica.board;
  const column = pick(random, columns)?.id ?? '';
  const kind = below(random, 20);
  if (kind === 0) return { type: 'renameColumn', columnId: column, title: `column ${name} ${at}` };
  if (kind === 1) return { type: 'renameBoard', title: `board ${name} ${at}` };
  if (kind === 2) return { type: 'addCard', columnId: column, title: `new ${name} ${at}` };
  const cardId = chooseCard(side, base);
  // The first card stays where both can work on it.
  if (kind === 3 && cardId !== base[0]) return { type: 'removeCard', cardId };
  if (kind === 4 && cardId !== base[0]) return { type: 'archiveCard', cardId };
  if (kind < 10) return { type: 'moveCard', cardId, columnId: column, position: below(random, 4) };
  return changed(side, cardId, at, notes);
}

function work(side: Side, base: readonly string[], notes: Notes): void {
  for (let at = 0; at < EDITS; at++) {
    const undone = at > 20 && below(side.random, 12) === 0 ? side.replica.history.undo() : undefined;
    if (undone !== undefined) {
      if (undone.ok) for (const id of undone.value.ids) side.touched.add(id);
      continue;
    }
    const command = chooseCommand(side, base, at, notes);
    side.replica.run(command);
    if ('cardId' in command) side.touched.add(command.cardId);
  }
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

interface Hour {
  readonly base: BoardSnapshot;
  readonly ada: BoardSnapshot;
  readonly bo: BoardSnapshot;
  readonly merged: BoardSnapshot;
  readonly untouched: (id: string, by: 'ada' | 'bo') => boolean;
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

function anHour(seed: string): number {
  const ada = new Replica(seed.length % 2 === 0 ? 1 : 7, ADA);
  const bo = new Replica(3, BO);
  ada.run({ type: 'renameBoard', title: 'before' });
  const columns = ['A', 'B', 'C', 'D'].map((title) => ada.add({ type: 'addColumn', title }));
  const cards = ada.run({
    type: 'addCards',
    columnId: columns[0] ?? '',
    titles: Array.from({ length: 12 }, (_, at) => `card ${at}`),
  });
  exchange(ada, bo);
  const base = ada.board;
  const notes = new Notes();
  const sides = [ada, bo].map((replica, at): Side => {
    const name = at === 0 ? 'ada' : 'bo';
    return { replica, name, random: randomFrom(`${seed} ${name}`), touched: new Set() };
  });
  const [own, other] = sides.map(({ replica }) => {
    replica.sent.length = 0;
    return replica;
  });
  for (const side of sides) work(side, cards, notes);
  const [a, b] = [ada.board, bo.board];
  const updates = [...(own?.sent ?? []), ...(other?.sent ?? [])];
  exchange(ada, bo);
  const untouched = (id: string, by: 'ada' | 'bo'): boolean => !sides[by === 'ada' ? 0 : 1]?.touched.has(id);
  const hour = { base, ada: a, bo: b, merged: ada.board, untouched };
  checkTitles(hour);
  const ids = new Set(
    [base, a, b].flatMap((board) => [
      ...board.columns.flatMap((column) => column.cards.map(({ id }) => id)),
      ...board.archive.map(({ id }) => id),
    ]),
  );
  let lost = 0;
  for (const id of ids) lost += checkCard(id, hour);
  // Whoever hears of it all in another order shows the same.
  const late = new Replica(9, BO);
  for (const update of shuffled(randomFrom(seed), updates)) late.receive(update);
  exchange(ada, late);
  for (const replica of [bo, late]) {
    expect(replica.board).toEqual(ada.board);
    expect(replica.digest).toBe(ada.digest);
  }
  return lost;
}

describe('an hour apart', () => {
  it(
    '[BRD-19, BRD-23] loses no value and no edit, and shows every conflict, whatever order it is heard in',
    () => {
      let lost = 0;
      for (let seed = 1; seed <= SEEDS; seed++) lost += anHour('hour'.padEnd(4 + seed, '.'));
      reportFigure(`values lost and shown in ${SEEDS} hours of ${2 * EDITS} edits`, lost, '');
      expect(lost).toBeGreaterThan(SEEDS * 10);
    },
    PATIENCE_MS,
  );
});
