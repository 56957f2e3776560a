/**
 * What a person wrote, as commands that can be carried out again: read from a command that was refused, or from updates that are about to lose
 * their effect. Whatever comes back to its writer (docs/spec/returned.md) is kept in this form.
 */
import * as Y from 'yjs';
import type { BoardCommand, CardChanges } from './command.ts';
import {
  asEntry,
  ASSIGNEE_PREFIX,
  KEY,
  LABEL_PREFIX,
  NOTES_PREFIX,
  readDue,
  readPlace,
  readTitle,
} from './schema.ts';
import { boardRoots, readComment, type Entry, type RootName } from './schema.ts';
import type { BoardSnapshot, CardSnapshot } from './snapshot.ts';

/** What one person wrote to one card, to one column, or to the board's title. */
export interface WrittenEdit {
  /** The card that it is about; null for columns, the board, and cards that were never made. */
  readonly cardId: string | null;
  /** The column that the card was in, or that the edit is about; null for the board. */
  readonly columnId: string | null;
  /** Title of the card, of the column or of the board as its writer last saw it; '' when there was none. */
  readonly title: string;
  /**
   * Carried out one after the other they do it again; labels and assignees are those to be added. None: only the card itself is to be
   * made.
   */
  readonly commands: readonly BoardCommand[];
}

/** An edit, and the index of the last of the updates that wrote it. */
export interface FoundEdit {
  readonly edit: WrittenEdit;
  readonly last: number;
}

/** A card as it was before: where, and under which title. */
function findCard(
  board: BoardSnapshot,
  cardId: string,
): { card: CardSnapshot; columnId: string | null } | undefined {
  for (const column of board.columns) {
    const card = column.cards.find(({ id }) => id === cardId);
    if (card !== undefined) return { card, columnId: column.id };
  }
  const card = board.archive.find(({ id }) => id === cardId);
  return card === undefined ? undefined : { card, columnId: null };
}

/** The edit that a command would have been, on a board that was last seen as `board`. */
export function editOf(command: BoardCommand, board: BoardSnapshot): WrittenEdit {
  const commands = [command];
  if ('cardId' in command) {
    const { cardId } = command;
    const found = findCard(board, cardId);
    return { cardId, columnId: found?.columnId ?? null, title: found?.card.title ?? '', commands };
  }
  if ('columnId' in command) {
    const { columnId } = command;
    const title = board.columns.find(({ id }) => id === columnId)?.title ?? '';
    return { cardId: null, columnId, title, commands };
  }
  return { cardId: null, columnId: null, title: board.title, commands };
}

/** What was written to one card. */
interface CardNote {
  title: string | undefined;
  due: string | null | undefined;
  isNotesWritten: boolean;
  readonly labels: Set<string>;
  readonly assignees: Set<string>;
  columnId: string | undefined;
  isMade: boolean;
  gone: 'archiveCard' | 'removeCard' | undefined;
  /** Index of the last update that wrote to it. */
  at: number;
  readonly comments: Map<string, string>;
}

/** Title of a column, or of the board. */
interface TitleNote {
  title: string;
  isMade: boolean;
  at: number;
}

interface Notes {
  readonly cards: Map<string, CardNote>;
  readonly columns: Map<string, TitleNote>;
  board: TitleNote | undefined;
}

/**
 * What `updates`, all of one author's and all part of `doc`, wrote; one edit for each card, column and the board's title, with the latest of what was
 * written to each field, oldest first. `board`: the snapshot of `doc`. Reads only.
 */
export function editsIn(
  doc: Y.Doc,
  board: BoardSnapshot,
  updates: readonly Uint8Array[],
): readonly FoundEdit[] {
  const notes: Notes = { cards: new Map(), columns: new Map(), board: undefined };
  for (const [at, update] of updates.entries()) readUpdate(doc, notes, update, at);
  const found = [
    ...[...notes.cards].map(([id, note]) => ({ edit: cardEdit(board, id, note), last: note.at })),
    ...[...notes.columns].map(([id, note]) => ({ edit: columnEdit(id, note), last: note.at })),
    ...(notes.board === undefined ? [] : [{ edit: boardEdit(notes.board), last: notes.board.at }]),
  ];
  return found
    .flatMap(({ edit, last }) => (edit === undefined ? [] : [{ edit, last }]))
    .sort((a, b) => a.last - b.last);
}

function readUpdate(doc: Y.Doc, notes: Notes, update: Uint8Array, at: number): void {
  const roots = boardRoots(doc);
  const look = (client: number, clock: number, isWritten: boolean): number => {
    if (clock >= Y.getState(doc.store, client)) return clock + 1;
    const item: unknown = Y.getItem(doc.store, Y.createID(client, clock));
    if (!(item instanceof Y.Item)) return clock + 1;
    noteItem(roots, notes, item, isWritten, at);
    return item.id.clock + item.length;
  };
  const { structs, ds } = Y.decodeUpdate(update);
  for (const { id, length } of structs) {
    const end = id.clock + length;
    for (let clock = id.clock; clock < end;) clock = look(id.client, clock, true);
  }
  for (const [client, ranges] of ds.clients)
    for (const { clock, len } of ranges)
      for (let each = clock; each < clock + len;) each = look(client, each, false);
}

/** Where an item stands: the root, the entry in it, and the entry's key; `key` is undefined for the entry itself. */
function placeOf(
  roots: Readonly<Record<RootName, Entry>>,
  item: Y.Item,
): { root: RootName; id: string; key: string | undefined; top: Y.Item } | undefined {
  let top = item;
  let below: Y.Item | undefined;
  for (let { parent } = top; parent instanceof Y.AbstractType && parent._item !== null; { parent } = top) {
    below = top;
    top = parent._item;
  }
  const id = top.parentSub;
  if (id === null) return undefined;
  for (const root of ['cards', 'columns', 'comments', 'board'] as const)
    if (top.parent === roots[root]) return { root, id, key: below?.parentSub ?? undefined, top };
  return undefined;
}

function noteItem(
  roots: Readonly<Record<RootName, Entry>>,
  notes: Notes,
  item: Y.Item,
  isWritten: boolean,
  at: number,
): void {
  const place = placeOf(roots, item);
  if (place === undefined) return;
  const { root, id, key, top } = place;
  const value: unknown = item.content instanceof Y.ContentAny ? item.content.arr[0] : undefined;
  if (root === 'board') {
    if (isWritten && id === KEY.title) notes.board = { title: readTitle(value), isMade: false, at };
  } else if (root === 'columns') {
    if (isWritten) noteColumn(notes, id, key, value, item === top, at);
  } else if (root === 'cards') {
    noteCard(cardNote(notes, id, at), key, value, isWritten, isWritten && item === top);
  } else if (isWritten && item === top) {
    const entry = asEntry(item.content instanceof Y.ContentType ? item.content.type : undefined);
    const comment = entry === undefined ? undefined : readComment(entry);
    if (comment !== undefined) cardNote(notes, comment.card, at).comments.set(id, comment.text);
  }
}

function noteColumn(
  notes: Notes,
  id: string,
  key: string | undefined,
  value: unknown,
  isMade: boolean,
  at: number,
): void {
  if (!isMade && key !== KEY.title) return;
  const before = notes.columns.get(id);
  const title = key === KEY.title ? readTitle(value) : (before?.title ?? '');
  notes.columns.set(id, { title, isMade: isMade || before?.isMade === true, at });
}

function cardNote(notes: Notes, id: string, at: number): CardNote {
  const note = notes.cards.get(id) ?? {
    title: undefined,
    due: undefined,
    isNotesWritten: false,
    labels: new Set<string>(),
    assignees: new Set<string>(),
    columnId: undefined,
    isMade: false,
    gone: undefined,
    at,
    comments: new Map<string, string>(),
  };
  note.at = at;
  notes.cards.set(id, note);
  return note;
}

function noteCard(
  note: CardNote,
  key: string | undefined,
  value: unknown,
  isWritten: boolean,
  isMade: boolean,
): void {
  if (isMade) note.isMade = true;
  if (key === undefined) return;
  if (key.startsWith(NOTES_PREFIX)) note.isNotesWritten = true;
  else if (!isWritten) return;
  else if (key.startsWith(LABEL_PREFIX)) note.labels.add(key.slice(LABEL_PREFIX.length));
  else if (key.startsWith(ASSIGNEE_PREFIX)) note.assignees.add(key.slice(ASSIGNEE_PREFIX.length));
  else if (key === KEY.title) note.title = readTitle(value);
  else if (key === KEY.due) note.due = readDue(value);
  else if (key === KEY.archived)
    note.gone = Array.isArray(value) || value === true ? 'archiveCard' : undefined;
  else if (key === KEY.removed) note.gone = Array.isArray(value) || value === true ? 'removeCard' : undefined;
  // A place with a third element was only given to make room for another card (BRD-20).
  else if (key === KEY.place && Array.isArray(value) && value.length === 2)
    note.columnId = readPlace(value).columnId;
}

function cardEdit(board: BoardSnapshot, cardId: string, note: CardNote): WrittenEdit | undefined {
  const found = findCard(board, cardId);
  const { card } = found ?? {};
  const columnId = note.columnId ?? found?.columnId ?? null;
  const title = note.title ?? card?.title ?? '';
  const changes: CardChanges = {
    ...(note.title === undefined || note.isMade ? {} : { title: note.title }),
    ...(note.isNotesWritten && card !== undefined ? { notes: card.notes } : {}),
    ...(note.due === undefined || (note.due === null && note.isMade) ? {} : { due: note.due }),
    ...(note.labels.size === 0 ? {} : { labels: [...note.labels] }),
    ...(note.assignees.size === 0 ? {} : { assignees: [...note.assignees] }),
  };
  const commands: BoardCommand[] = [
    ...(Object.keys(changes).length === 0 ? [] : [{ type: 'updateCard', cardId, changes } as const]),
    ...[...note.comments.values()].map((text) => ({ type: 'addComment', cardId, text }) as const),
    ...(note.columnId === undefined || note.isMade
      ? []
      : [{ type: 'moveCard', cardId, columnId: note.columnId, position: 'bottom' } as const]),
    ...(note.gone === undefined ? [] : [{ type: note.gone, cardId } as const]),
  ];
  // Made and removed again, or touched to make room for others: nothing of it is anybody's wish.
  if (commands.length === 0 && (!note.isMade || title === '')) return undefined;
  return { cardId, columnId, title, commands };
}

function columnEdit(columnId: string, { title, isMade }: TitleNote): WrittenEdit | undefined {
  if (title === '') return undefined;
  const command: BoardCommand = isMade
    ? { type: 'addColumn', title }
    : { type: 'renameColumn', columnId, title };
  return { cardId: null, columnId, title, commands: [command] };
}

function boardEdit({ title }: TitleNote): WrittenEdit | undefined {
  if (title === '') return undefined;
  return { cardId: null, columnId: null, title, commands: [{ type: 'renameBoard', title }] };
}

/**
 * The commands that do `edit` again on `board`, in order. A card that is not there any more is made anew by the first one, `makes`, and the others name
 * it by the id that this one answers with, in place of the edit's own.
 */
export function againOn(
  edit: WrittenEdit,
  board: BoardSnapshot,
): { readonly makes: BoardCommand | undefined; readonly commands: readonly BoardCommand[] } {
  const { cardId, title } = edit;
  const columnId = standingColumn(board, edit.columnId);
  const card = cardId === null ? undefined : findCard(board, cardId)?.card;
  const commands = edit.commands.map((command): BoardCommand => {
    if (command.type === 'addCard' || command.type === 'addCards')
      return { ...command, columnId: standingColumn(board, command.columnId) };
    if (command.type !== 'updateCard' || card === undefined) return command;
    return { ...command, changes: withThoseOf(card, command.changes) };
  });
  if (cardId === null || card !== undefined) return { makes: undefined, commands };
  const rest = commands.filter(({ type }) => type === 'updateCard' || type === 'addComment');
  return { makes: { type: 'addCard', columnId, title: title === '' ? NAMELESS : title }, commands: rest };
}

/** Title of a card that is made anew and of which only notes, comments or the like came back. */
const NAMELESS = '…';

function standingColumn({ columns }: BoardSnapshot, columnId: string | null): string {
  return (columns.find(({ id }) => id === columnId) ?? columns[0])?.id ?? '';
}

/** Labels and assignees are added to those that are there. */
function withThoseOf({ labels, assignees }: CardSnapshot, changes: CardChanges): CardChanges {
  return {
    ...changes,
    ...(changes.labels === undefined ? {} : { labels: [...new Set([...labels, ...changes.labels])] }),
    ...(changes.assignees === undefined
      ? {}
      : { assignees: [...new Set([...assignees, ...changes.assignees])] }),
  };
}

/** `command` about the card `made` instead of the one that it names. */
export function aboutCard(command: BoardCommand, made: string): BoardCommand {
  return 'cardId' in command ? { ...command, cardId: made } : command;
}

/** All words that the edit wrote, field by field and command by command; '' when it wrote none. */
export function wordsOf({ commands, title }: WrittenEdit): string {
  if (commands.length === 0) return title;
  return commands
    .flatMap(wordsOfCommand)
    .filter((words) => words !== '')
    .join('\n\n');
}

function wordsOfCommand(command: BoardCommand): readonly string[] {
  switch (command.type) {
    case 'updateCard': {
      const { title, notes, labels } = command.changes;
      return [title ?? '', notes ?? '', labels?.join(', ') ?? ''];
    }
    case 'addComment':
      return [command.text];
    case 'addCards':
      return [command.titles.join('\n')];
    case 'addCard':
    case 'addColumn':
    case 'renameBoard':
    case 'renameColumn':
      return [command.title];
    default:
      return [];
  }
}
