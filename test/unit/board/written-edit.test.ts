/** What a person wrote, read from commands and updates, and done again. Rules of docs/spec/returned.md. */
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { BoardCommand } from '../../../src/board/command.ts';
import { Projection } from '../../../src/board/projection.ts';
import { runCommand } from '../../../src/board/run-command.ts';
import { editsIn } from '../../../src/board/edits-in-updates.ts';
import { aboutCard, againOn, editOf, wordsOf } from '../../../src/board/written-edit.ts';
import { randomFrom } from '../../../src/kernel/random.ts';
import { memberOf } from '../identity/records.ts';

/** A board on which commands run, and the updates that they led to. */
class Desk {
  readonly doc = new Y.Doc({ gc: false });
  readonly updates: Uint8Array[] = [];
  readonly #projection = new Projection(this.doc);
  readonly #random = randomFrom('written edits');

  constructor() {
    this.doc.on('update', (update: Uint8Array) => this.updates.push(update));
  }

  run(command: BoardCommand): string {
    const context = { random: this.#random, memberId: memberOf('ada'), wallMs: 1000 };
    const done = runCommand(this.doc, command, context);
    if (!done.ok) throw new Error(done.code);
    return done.value.ids[0] ?? '';
  }

  get board() {
    return this.#projection.snapshot();
  }

  /** What was written since the updates were last forgotten. */
  found() {
    return editsIn(this.doc, this.board, this.updates);
  }
}

/** One column with one card, from before. */
function begun(): { desk: Desk; columnId: string; cardId: string } {
  const desk = new Desk();
  const columnId = desk.run({ type: 'addColumn', title: 'To do' });
  const cardId = desk.run({ type: 'addCard', columnId, title: 'Dinner' });
  desk.run({ type: 'updateCard', cardId, changes: { labels: ['old'], notes: 'Before.' } });
  desk.updates.length = 0;
  return { desk, columnId, cardId };
}

describe('what updates wrote', () => {
  it('[RET-1] is the latest of each field of a card, and all its comments', () => {
    const { desk, columnId, cardId } = begun();
    const other = desk.run({ type: 'addColumn', title: 'Doing' });
    for (const title of ['First', 'Second']) desk.run({ type: 'updateCard', cardId, changes: { title } });
    desk.run({ type: 'updateCard', cardId, changes: { notes: 'Before. And after.', due: '2027-01-02' } });
    desk.run({ type: 'updateCard', cardId, changes: { labels: ['old', 'new'] } });
    desk.run({ type: 'addComment', cardId, text: 'one' });
    desk.run({ type: 'addComment', cardId, text: 'two' });
    desk.run({ type: 'moveCard', cardId, columnId: other, position: 'top' });
    const changes = { title: 'Second', notes: 'Before. And after.', due: '2027-01-02', labels: ['new'] };
    expect(desk.found().map(({ edit }) => edit)).toEqual([
      {
        cardId: null,
        columnId: other,
        title: 'Doing',
        commands: [{ type: 'addColumn', title: 'Doing' }],
      },
      {
        cardId,
        columnId: other,
        title: 'Second',
        commands: [
          { type: 'updateCard', cardId, changes },
          { type: 'addComment', cardId, text: 'one' },
          { type: 'addComment', cardId, text: 'two' },
          { type: 'moveCard', cardId, columnId: other, position: 'bottom' },
        ],
      },
    ]);
    expect(desk.found().map(({ last }) => last)).toEqual([0, 7]);
    expect(columnId).not.toBe(other);
  });

  it('[RET-1] is a card that was made, one that was removed, and nothing of one that was both', () => {
    const { desk, columnId, cardId } = begun();
    const made = desk.run({ type: 'addCard', columnId, title: 'Wine' });
    desk.run({ type: 'updateCard', cardId: made, changes: { notes: 'Red.' } });
    desk.run({ type: 'removeCard', cardId });
    expect(desk.found().map(({ edit }) => edit)).toEqual([
      {
        cardId: made,
        columnId,
        title: 'Wine',
        commands: [{ type: 'updateCard', cardId: made, changes: { notes: 'Red.' } }],
      },
      { cardId, columnId: null, title: '', commands: [{ type: 'removeCard', cardId }] },
    ]);
  });

  it('[RET-1] is not what only made room for others', () => {
    const { desk, columnId } = begun();
    // At one gap until neighbours get new keys.
    for (let n = 0; n < 60; n++) desk.run({ type: 'addCard', columnId, title: `Card ${n}`, position: 0 });
    const edits = desk.found();
    expect(edits.map(({ edit }) => edit.title)).toEqual(Array.from({ length: 60 }, (_, n) => `Card ${n}`));
    expect(edits.every(({ edit }) => edit.commands.length === 0)).toBe(true);
  });
});

describe('an edit done again', () => {
  it('[RET-6] changes its card, and adds labels to those that are there', () => {
    const { desk, cardId, columnId } = begun();
    const edit = editOf(
      { type: 'updateCard', cardId, changes: { labels: ['new'], title: 'Later' } },
      desk.board,
    );
    expect(edit).toMatchObject({ cardId, columnId, title: 'Dinner' });
    expect(againOn(edit, desk.board)).toEqual({
      makes: undefined,
      commands: [{ type: 'updateCard', cardId, changes: { labels: ['old', 'new'], title: 'Later' } }],
    });
  });

  it('[RET-6] makes a card anew that is gone, in the first column when its own is gone too', () => {
    const { desk, cardId, columnId } = begun();
    const written = editOf({ type: 'addComment', cardId, text: 'Who cooks?' }, desk.board);
    desk.run({ type: 'removeCard', cardId });
    const first = desk.run({ type: 'addColumn', title: 'Second' });
    desk.run({ type: 'removeColumn', columnId });
    const { makes, commands } = againOn(written, desk.board);
    expect(makes).toEqual({ type: 'addCard', columnId: first, title: 'Dinner' });
    const made = makes === undefined ? '' : desk.run(makes);
    for (const command of commands) desk.run(aboutCard(command, made));
    expect(desk.board.columns[0]?.cards[0]).toMatchObject({
      title: 'Dinner',
      comments: [{ text: 'Who cooks?' }],
    });
  });

  it('[RET-4] has all its words in it', () => {
    const { desk, columnId, cardId } = begun();
    const words = (command: BoardCommand): string => wordsOf(editOf(command, desk.board));
    expect(words({ type: 'addCards', columnId, titles: ['a', 'b'] })).toBe('a\nb');
    expect(words({ type: 'updateCard', cardId, changes: { title: 't', notes: 'n' } })).toBe('t\n\nn');
    expect(words({ type: 'addComment', cardId, text: 'c' })).toBe('c');
    expect(words({ type: 'renameBoard', title: 'r' })).toBe('r');
    expect(words({ type: 'moveCard', cardId, columnId, position: 0 })).toBe('');
  });
});
