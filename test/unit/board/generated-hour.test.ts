/**
 * Goal: an hour of work on two sides that cannot reach each other loses nothing. Method: hundreds of generated edits on each side, of one
 * card and its neighbours, judged by an oracle that knows only what each side saw (test/support/hour-apart.ts).
 */
import { describe, expect, it } from 'vitest';
import type { BoardSnapshot } from '../../../src/board/snapshot.ts';
import { pick, randomFrom, shuffled, type Random } from '../../../src/kernel/random.ts';
import { checkHour, nextEdit, Notes, type Side } from '../../support/hour-apart.ts';
import { reportFigure } from '../../support/report-figure.ts';
import { ADA, BO, exchange, Replica } from './board-fixture.ts';

const EDITS = 300;
const SEEDS = 6;
/** A hundred times what it takes alone on the machine would be no help; four others at work on two cores make it ten times. */
const PATIENCE_MS = 60_000;

class ReplicaSide implements Side {
  readonly replica: Replica;
  readonly name: Side['name'];
  readonly random: Random;
  readonly kept: readonly string[];
  /** Cards to which the side did anything. */
  readonly touched = new Set<string>();

  constructor(replica: Replica, name: Side['name'], seed: string, kept: readonly string[]) {
    this.replica = replica;
    this.name = name;
    this.random = randomFrom(`${seed} ${name}`);
    this.kept = kept;
  }

  get board(): BoardSnapshot {
    return this.replica.board;
  }
}

function work(side: ReplicaSide, notes: Notes): void {
  const { random, replica, touched } = side;
  const twelve = Array.from({ length: 12 }, (_, at) => at);
  for (let at = 0; at < EDITS; at++) {
    const undone = at > 20 && pick(random, twelve) === 0 ? replica.history.undo() : undefined;
    if (undone !== undefined) {
      if (undone.ok) for (const id of undone.value.ids) touched.add(id);
      continue;
    }
    const command = nextEdit(side, at, notes);
    replica.run(command);
    if ('cardId' in command) touched.add(command.cardId);
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
  const kept = cards.slice(0, 1);
  const sides = {
    ada: new ReplicaSide(ada, 'ada', seed, kept),
    bo: new ReplicaSide(bo, 'bo', seed, kept),
  };
  for (const { replica } of Object.values(sides)) replica.sent.length = 0;
  for (const side of Object.values(sides)) work(side, notes);
  const [a, b] = [ada.board, bo.board];
  const updates = [...ada.sent, ...bo.sent];
  exchange(ada, bo);
  const lost = checkHour({
    base,
    ada: a,
    bo: b,
    merged: ada.board,
    untouched: (id, by) => !sides[by].touched.has(id),
  });
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
