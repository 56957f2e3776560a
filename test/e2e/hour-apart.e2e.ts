/**
 * Two people work on one board for an hour without reaching each other, on the same card above all, and meet again. In real tabs of two
 * profiles, by edits drawn from a seed. What each of them ended with is kept by a model of the test, which knows nothing of the board's code.
 */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { BoardCommand } from '../../src/board/command.ts';
import type { BoardSnapshot, CardSnapshot, ConflictField } from '../../src/board/snapshot.ts';
import { randomFrom, type Random } from '../../src/kernel/random.ts';
import { untilAgreed } from '../support/agreement.ts';
import { checkHour, nextEdit, Notes, type Side } from '../support/hour-apart.ts';
import { reportFigure } from '../support/report-figure.ts';
import { SERVER_GONE, startSwarm, type Swarm } from '../support/swarm.ts';
import {
  apply,
  applyOne,
  boardOf,
  cardsOf,
  inviteFrom,
  join,
  PATIENCE_MS,
  untilStatus,
} from '../support/tab.ts';
import { waitUntil } from '../support/wait-until.ts';
import { applyCommand } from '../ui/fake-board.ts';

declare global {
  /** How far this page's wall clock has been moved on, milliseconds. */
  var movedOnMs: number | undefined;
}

/** Edits of each side, the last ones not drawn; see `lastEdits`. */
const EDITS = 90;
const HOUR_MS = 3_600_000;
const SEED = 'an hour apart';
/** When the card is removed by one side that the other goes on to edit: far enough in that both have touched it. */
const REMOVED_AT = 40;

let swarm: Swarm;

beforeAll(async () => {
  swarm = await startSwarm({ profiles: 2 });
  for (const context of swarm.contexts)
    await context.addInitScript(() => {
      const { now } = Date;
      Date.now = () => now() + (globalThis.movedOnMs ?? 0);
    });
});

afterAll(() => swarm.close());

afterEach(() => {
  expect(swarm.troubles([SERVER_GONE])).toEqual([]);
});

/** One of the two, as the test believes the board to look for them. */
class ModelSide implements Side {
  readonly name: Side['name'];
  readonly random: Random;
  readonly kept: readonly string[];
  readonly touched = new Set<string>();
  board: BoardSnapshot;

  constructor(name: Side['name'], board: BoardSnapshot, kept: readonly string[]) {
    this.name = name;
    this.random = randomFrom(`${SEED} ${name}`);
    this.board = board;
    this.kept = kept;
  }

  /** Follows what the tab did; `id`: what it made or touched. */
  follow(command: BoardCommand, id: string | undefined): void {
    if ('cardId' in command) this.touched.add(command.cardId);
    const [board, { ids }] = applyCommand(this.board, command);
    const [made] = command.type === 'addCard' ? ids : [];
    const named = (card: CardSnapshot): CardSnapshot => (card.id === made ? { ...card, id: id ?? '' } : card);
    this.board = {
      ...board,
      columns: board.columns.map((each) => ({ ...each, cards: each.cards.map(named) })),
    };
  }
}

/** What the hour ends with on each side, so that the card has a conflict in each of its fields whatever was drawn. */
function lastEdits(side: Side, contested: string): BoardCommand[] {
  const [, first, second] = side.board.columns;
  const columnId = (side.name === 'ada' ? first : second)?.id ?? '';
  const due = side.name === 'ada' ? '2027-05-01' : '2028-05-01';
  return [
    { type: 'updateCard', cardId: contested, changes: { title: `The last word of ${side.name}` } },
    { type: 'updateCard', cardId: contested, changes: { due } },
    { type: 'moveCard', cardId: contested, columnId, position: 'top' },
  ];
}

/** What a side does, whatever is drawn, to the card that Ada removes after both have renamed it, and Bo goes on to rename. */
function onDoomed(name: Side['name'], cardId: string, at: number): BoardCommand | undefined {
  if (name === 'ada' && at === REMOVED_AT) return { type: 'removeCard', cardId };
  const isRenamed = name === 'bo' ? at % 20 === 10 : at === REMOVED_AT - 10;
  return isRenamed ? { type: 'updateCard', cardId, changes: { title: `${name}’s ${at}` } } : undefined;
}

/** An hour of one side's wall clock. */
async function work(page: Page, side: ModelSide, contested: string, doomed: string): Promise<void> {
  const notes = new Notes(side.name === 'ada' ? 0 : EDITS);
  const last = lastEdits(side, contested);
  for (let at = 0; at < EDITS; at++) {
    const forced = last[at - (EDITS - last.length)];
    const command = forced ?? onDoomed(side.name, doomed, at) ?? nextEdit(side, at, notes);
    const ids = await page.evaluate(
      async ([given, movedOnMs]) => {
        globalThis.movedOnMs = movedOnMs;
        return (await tabswarm.board.apply(given)).ids;
      },
      [command, (at + 1) * (HOUR_MS / EDITS)] as const,
    );
    side.follow(command, ids[0]);
  }
}

/** What the model says of a board: everything but ids of comments, authors, times and conflicts. */
const said = (board: BoardSnapshot): unknown => ({
  title: board.title,
  columns: board.columns.map(({ id, title, cards }) => ({ id, title, cards: cards.map(saidOf) })),
  archive: board.archive.map((card) => ({ ...saidOf(card), reason: card.reason })).sort(byId),
});

function cardIn(board: BoardSnapshot, cardId: string): CardSnapshot {
  const card = cardsOf(board).find(({ id }) => id === cardId);
  return card ?? expect.fail(`no card ${cardId}`);
}

const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);

const saidOf = ({ id, title, notes, labels, due, comments }: CardSnapshot) => ({
  id,
  title,
  notes,
  due,
  labels: [...labels].sort(),
  comments: comments.map(({ text }) => text),
});

const pill = (page: Page, words: string): Promise<void> =>
  page.getByRole('status').filter({ hasText: words }).waitFor({ timeout: PATIENCE_MS });

/** A board that two tabs have seen, then each tab for itself with no server. */
async function parted(): Promise<{
  a: Page;
  b: Page;
  contested: string;
  doomed: string;
  kept: readonly string[];
}> {
  const first = await swarm.open(0);
  await first.evaluate(() => tabswarm.setName('Ada'));
  const column = (title: string): Promise<string> => applyOne(first, { type: 'addColumn', title });
  const { columns } = await boardOf(first);
  for (const { id } of columns) await apply(first, { type: 'removeColumn', columnId: id });
  for (const { id } of (await boardOf(first)).archive) await apply(first, { type: 'removeCard', cardId: id });
  const columnId = await column('A');
  await column('B');
  await column('C');
  const titles = Array.from({ length: 8 }, (_, at) => `card ${at}`);
  const ids = await apply(first, { type: 'addCards', columnId, titles });
  const [contested = '', doomed = ''] = ids;
  const url = await inviteFrom(first);
  const second = await swarm.open(1, '/#/');
  const boardId = await join(second, url, 'Bo');
  await untilAgreed([first, second]);
  for (const page of [first, second])
    await untilStatus(page, 'everything received', ({ pending }) => pending.unacknowledged === 0);
  await Promise.all([first.close(), second.close()]);
  const [a, b] = await Promise.all([swarm.open(0, '/#/'), swarm.open(1, '/#/')]);
  await swarm.server.kill();
  for (const page of [a, b]) {
    await page.evaluate((id) => tabswarm.openBoard(id), boardId);
    await page.goto(`/#/b/${boardId}`);
  }
  await Promise.all([a, b].map((page) => pill(page, 'Offline · saved on this device')));
  return { a, b, contested, doomed, kept: ids.slice(0, 6) };
}

/** What the list of a card's conflicts shows: by field, each value with its button. */
async function offered(page: Page, card: CardSnapshot): Promise<Map<string, string[]>> {
  await page.locator('ts-column').getByRole('button', { name: card.title, exact: true }).first().click();
  const sheet = page.locator('ts-card-sheet');
  await sheet.locator('ts-conflict-list section').first().waitFor();
  const sections = await sheet.locator('ts-conflict-list section').all();
  const found = new Map<string, string[]>();
  for (const section of sections) {
    const heading = await section.getByRole('heading').innerText();
    const names = await section
      .getByRole('button', { name: /^(Keep|Use) / })
      .evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label') ?? ''));
    found.set(heading.replace(/:.*/, '').trim(), names);
  }
  await page.keyboard.press('Escape');
  return found;
}

const HEADING: Readonly<Record<ConflictField, string>> = {
  title: 'Title',
  due: 'Due date',
  place: 'Place of the card',
  position: 'Place of the column',
};

/** Every conflict of the board has its sign on screen, nothing else has one, and each value can be chosen. */
async function checkScreen(page: Page, board: BoardSnapshot): Promise<number> {
  const contested = cardsOf(board).filter(({ conflicts }) => conflicts.length > 0);
  await waitUntil(
    async () => (await page.locator('ts-card').getByText('Also edited').count()) === contested.length,
    { timeoutMs: PATIENCE_MS, what: `${contested.length} cards marked as also edited` },
  );
  let values = 0;
  for (const card of contested) {
    const found = await offered(page, card);
    expect([...found.keys()]).toEqual(card.conflicts.map(({ field }) => HEADING[field]));
    for (const { field, values: all } of card.conflicts) {
      const names = found.get(HEADING[field]) ?? [];
      expect(names).toHaveLength(all.length);
      values += all.length - 1;
      if (field === 'title')
        for (const [at, { value }] of all.entries())
          expect(names[at]).toMatch(
            new RegExp(`^${at === 0 ? 'Keep' : 'Use'} (mine|theirs): ${value ?? ''}$`),
          );
    }
  }
  const titled = [board, ...board.columns].filter(({ conflicts }) =>
    conflicts.some(({ field }) => field === 'title'),
  );
  for (const { title } of titled)
    await page
      .getByRole('button', { name: `${title}: also edited, choose what to keep` })
      .first()
      .waitFor();
  return values;
}

describe('an hour apart', () => {
  it('[BRD-19, BRD-23] costs neither of two people a value, and shows each conflict to both', async () => {
    const { a, b, contested, doomed, kept } = await parted();
    const base = await boardOf(a);
    expect(await boardOf(b)).toEqual(base);
    const [ada, bo] = [new ModelSide('ada', base, kept), new ModelSide('bo', base, kept)];
    const startedAt = Date.now();
    await Promise.all([work(a, ada, contested, doomed), work(b, bo, contested, doomed)]);
    expect(said(await boardOf(a))).toEqual(said(ada.board));
    expect(said(await boardOf(b))).toEqual(said(bo.board));

    await swarm.server.restart();
    for (const page of [a, b]) await page.evaluate(() => dispatchEvent(new Event('online')));
    await untilAgreed([a, b]);
    const merged = await boardOf(a);
    expect(await boardOf(b)).toEqual(merged);
    const lost = checkHour({
      base,
      ada: ada.board,
      bo: bo.board,
      merged,
      untouched: (id, by) => ![...(by === 'ada' ? ada : bo).touched].includes(id),
    });
    const { conflicts } = cardIn(merged, contested);
    expect(conflicts.map(({ field }) => field)).toEqual(['title', 'due', 'place']);
    for (const { at } of conflicts[0]?.values ?? []) expect(at - startedAt).toBeGreaterThan(0.9 * HOUR_MS);

    // On screen: the signs, the values, and the card that was removed while it was edited.
    const shown = await checkScreen(a, merged);
    expect(await checkScreen(b, merged)).toBe(shown);
    reportFigure('values lost and offered on screen', shown, '');
    expect(shown).toBeGreaterThanOrEqual(3);
    expect(lost).toBeGreaterThanOrEqual(shown);
    const restored = merged.archive.find(({ id }) => id === doomed);
    expect(restored).toMatchObject({ reason: 'removed' });
    await b.getByRole('button', { name: /^Archive/ }).click();
    const panel = b.locator('ts-archive-panel');
    await panel
      .getByRole('listitem')
      .filter({ hasText: restored?.title ?? '' })
      .getByText('Restored to the archive: Ada removed it while Bo was editing')
      .waitFor();
    const toChoose = merged.archive.filter((card) => card.conflicts.length > 0);
    expect(toChoose).toContain(restored);
    expect(await panel.getByText('Also edited: restore it to choose').count()).toBe(toChoose.length);
    await b.keyboard.press('Escape');

    // What lost can still be had: the other tab follows.
    await takeLost(a, b, contested);
  });
});

/** Chooses, on one screen, each value of a card that lost; the other tab shows them all and no conflict. */
async function takeLost(page: Page, other: Page, cardId: string): Promise<void> {
  const { title, conflicts } = cardIn(await boardOf(page), cardId);
  const lost = conflicts.map(({ field, values }) => [field, values[1]?.value] as const);
  await page.locator('ts-column').getByRole('button', { name: title, exact: true }).click();
  for (const { field } of conflicts) {
    const section = page.locator('ts-card-sheet section').filter({ hasText: HEADING[field] });
    await section.getByRole('button', { name: /^Use (mine|theirs): / }).click();
    await section.waitFor({ state: 'detached' });
  }
  await waitUntil(
    async () => {
      const board = await boardOf(other);
      const card = cardIn(board, cardId);
      const place = board.columns.find(({ cards }) => cards.includes(card))?.id;
      const now = new Map(Object.entries({ ...card, place }));
      return card.conflicts.length === 0 && lost.every(([field, value]) => now.get(field) === value);
    },
    { timeoutMs: PATIENCE_MS, what: 'the values that had lost' },
  );
}
