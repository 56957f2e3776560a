/** The command that settles a field which several people changed at once, planned. */
import { refuse } from '../kernel/result.ts';
import type { BoardCommand } from './command.ts';
import { planned, type Planned, type Planning } from './command-plan.ts';
import { CONFLICT_FIELDS, currentId, openValues, settledKey, writeField } from './conflicts.ts';
import { shownCard, shownColumn } from './removal.ts';
import { readPlace, type Entry } from './schema.ts';
import type { ConflictField } from './snapshot.ts';

type Resolve = Extract<BoardCommand, { type: 'resolveConflict' }>;

/** Writes the kept value if it is not the shown one, and marks the lost ones as settled. */
export function planResolveConflict({ roots }: Planning, command: Resolve): Planned {
  const { cardId, columnId, field, keep, among } = command;
  let entry: Entry | undefined = roots.board;
  let fields: readonly ConflictField[] = CONFLICT_FIELDS.board;
  if (cardId !== undefined) {
    entry = shownCard(roots, cardId);
    fields = CONFLICT_FIELDS.card;
    if (entry === undefined) return refuse('unknownCard');
  } else if (columnId !== undefined) {
    entry = shownColumn(roots, columnId);
    fields = CONFLICT_FIELDS.column;
    if (entry === undefined) return refuse('unknownColumn');
  }
  if (!fields.includes(field)) return refuse('unknownConflict');
  const open = openValues(entry, field);
  const kept = open.find(({ ids }) => ids.includes(keep));
  if (open.length === 0 || (kept === undefined && currentId(entry, field) !== keep))
    return refuse('unknownConflict');
  if (kept !== undefined && field === 'place') {
    const place = readPlace(kept.stored);
    if (shownColumn(roots, place.columnId) === undefined) return refuse('unknownColumn');
  }
  const seen = among === undefined ? undefined : new Set([...among, keep]);
  const settled = open.filter(({ ids }) => seen === undefined || ids.some((id) => seen.has(id)));
  const id = cardId ?? columnId;
  return planned(id === undefined ? [] : [id], () => {
    if (kept !== undefined) writeField(entry, field, kept.stored);
    for (const { ids } of settled) for (const lost of ids) entry.set(settledKey(field, lost), true);
  });
}
