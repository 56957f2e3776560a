/** What a person wrote, read from updates of the document that are about to lose their effect. */
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
import type { BoardSnapshot } from './snapshot.ts';
import { findCard, type WrittenEdit } from './written-edit.ts';

/** An edit, and the index of the last of the updates that wrote it. */
export interface FoundEdit {
  readonly edit: WrittenEdit;
  readonly last: number;
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
