/** Why a card is in the archive, in words that its screen can say: who put it there, and whose edits they had not seen. */
import type { StampOf } from './conflicts.ts';
import { tailOf } from './field-lines.ts';
import { commentEntries, changedSince, readMark, unseenWriters } from './removal.ts';
import { asEntry, KEY, readTitle, type Entry, type Roots } from './schema.ts';
import type { ArchivedCardSnapshot, ArchiveReason, CardSnapshot } from './snapshot.ts';

export type ArchiveWhy = Pick<ArchivedCardSnapshot, 'reason' | 'by' | 'editedBy' | 'column'>;

const NOBODY: readonly string[] = Object.freeze([]);

/** `columnId`: the column that the card names. */
export function archiveWhy(
  roots: Roots,
  reason: ArchiveReason,
  card: CardSnapshot,
  columnId: string,
  stampOf: StampOf,
): ArchiveWhy {
  const entry = asEntry(roots.cards.get(card.id));
  if (entry === undefined) return { reason, by: NOBODY, editedBy: NOBODY, column: null };
  if (reason === 'columnRemoved') return whyOfColumn(entry, asEntry(roots.columns.get(columnId)), stampOf);
  const key = reason === 'removed' ? KEY.removed : KEY.archived;
  const by = writerOf(entry, key, stampOf);
  const ids = card.comments.map(({ id }) => id);
  const mark = reason === 'removed' ? readMark(entry.get(key), 0) : changedSince(entry, ids);
  const unseen = mark === undefined ? new Map() : unseenWriters(entry, commentEntries(roots, ids), mark.seen);
  return { reason, by, editedBy: namesOf(unseen, by, stampOf), column: null };
}

function whyOfColumn(card: Entry, column: Entry | undefined, stampOf: StampOf): ArchiveWhy {
  if (column === undefined) return { reason: 'columnRemoved', by: NOBODY, editedBy: NOBODY, column: null };
  const by = writerOf(column, KEY.removed, stampOf);
  const seen = readMark(column.get(KEY.removed), 0)?.seen;
  const unseen = new Map<number, number>();
  const place = tailOf(card, KEY.place)?.lastId;
  if (place !== undefined && place.clock >= (seen?.get(place.client) ?? 0))
    unseen.set(place.client, place.clock);
  return {
    reason: 'columnRemoved',
    by,
    editedBy: namesOf(unseen, by, stampOf),
    column: readTitle(column.get(KEY.title)),
  };
}

function writerOf(entry: Entry, key: string, stampOf: StampOf): readonly string[] {
  const id = tailOf(entry, key)?.lastId;
  const author = id === undefined ? '' : stampOf(id.client, id.clock).author;
  return author === '' ? NOBODY : Object.freeze([author]);
}

function namesOf(
  writers: ReadonlyMap<number, number>,
  except: readonly string[],
  stampOf: StampOf,
): readonly string[] {
  const names = new Set<string>();
  for (const [client, clock] of writers) {
    const { author } = stampOf(client, clock);
    if (author !== '' && !except.includes(author)) names.add(author);
  }
  return names.size === 0 ? NOBODY : Object.freeze([...names].sort());
}
