/** Commands on the board itself and on its columns, planned. */
import * as Y from 'yjs';
import { refuse } from '../kernel/result.ts';
import type { Position } from './command.ts';
import {
  checkPosition,
  checkTitle,
  newId,
  planned,
  setTitle,
  type Planned,
  type Planning,
} from './command-plan.ts';
import { writeField } from './conflicts.ts';
import { MAX_COLUMNS } from './limits.ts';
import { comparePlaced, planInsert, type Placed } from './ordering.ts';
import { columnMarkOf, isRemoved, shownColumn } from './removal.ts';
import { asEntry, isEntryId, KEY, readPosition, type Roots } from './schema.ts';

/** The columns of a board, in order. */
export function columnsOf(roots: Roots): Placed[] {
  const columns: Placed[] = [];
  roots.columns.forEach((value, id) => {
    const column = asEntry(value);
    if (column === undefined || !isEntryId(id) || isRemoved(column)) return;
    columns.push({ id, key: readPosition(column.get(KEY.position)) });
  });
  return columns.sort(comparePlaced);
}

/** Renames the board. */
export function planRenameBoard({ roots }: Planning, text: string): Planned {
  const title = checkTitle(text);
  if (!title.ok) return title;
  return planned([], () => {
    setTitle(roots.board, title.value);
  });
}

/** Adds a column, at the end unless told otherwise. */
export function planAddColumn(
  { roots, context }: Planning,
  text: string,
  position: Position = 'bottom',
): Planned {
  const title = checkTitle(text);
  if (!title.ok) return title;
  const columns = columnsOf(roots);
  if (columns.length >= MAX_COLUMNS) return refuse('tooManyItems');
  const index = checkPosition(position, columns.length);
  if (!index.ok) return index;
  const id = newId(roots.columns, context.random);
  const insert = planInsert(columns, index.value, 1, context.random);
  return planned([id], () => {
    rekeyColumns(roots, insert.rekeyed);
    const entries: [string, unknown][] = [
      [KEY.title, title.value],
      [KEY.position, insert.keys[0]],
    ];
    roots.columns.set(id, new Y.Map(entries));
  });
}

/** Renames a column. */
export function planRenameColumn({ roots }: Planning, columnId: string, text: string): Planned {
  const column = shownColumn(roots, columnId);
  if (column === undefined) return refuse('unknownColumn');
  const title = checkTitle(text);
  if (!title.ok) return title;
  return planned([columnId], () => {
    setTitle(column, title.value);
  });
}

/** Moves a column among its siblings; moving it to where it is changes nothing. */
export function planMoveColumn({ roots, context }: Planning, columnId: string, position: Position): Planned {
  const column = shownColumn(roots, columnId);
  if (column === undefined) return refuse('unknownColumn');
  const columns = columnsOf(roots);
  const others = columns.filter(({ id }) => id !== columnId);
  const index = checkPosition(position, others.length);
  if (!index.ok) return index;
  const now = columns.findIndex(({ id }) => id === columnId);
  if (now === index.value) return planned([columnId], () => undefined);
  const insert = planInsert(others, index.value, 1, context.random);
  return planned([columnId], () => {
    rekeyColumns(roots, insert.rekeyed);
    writeField(column, 'position', insert.keys[0]);
  });
}

/** Removes a column. Its cards are shown in the archive, those that somebody is putting into it just now too. */
export function planRemoveColumn({ roots }: Planning, columnId: string): Planned {
  const column = shownColumn(roots, columnId);
  if (column === undefined) return refuse('unknownColumn');
  const mark = columnMarkOf(roots, columnId);
  return planned([columnId], () => {
    column.set(KEY.removed, mark);
  });
}

function rekeyColumns(roots: Roots, rekeyed: readonly Placed[]): void {
  for (const { id, key } of rekeyed) {
    const column = asEntry(roots.columns.get(id));
    if (column !== undefined) writeField(column, 'position', [key]);
  }
}
