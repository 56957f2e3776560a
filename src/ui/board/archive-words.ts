import type { ArchivedCardSnapshot } from '../../board/snapshot.ts';
import type { People } from '../people.ts';
import { texts } from '../texts.ts';

const names = new Intl.ListFormat('en');

/** Why a card is in the archive, as a sentence: who put it there, and who was editing it meanwhile. */
export function archiveWords(card: ArchivedCardSnapshot, people: People): string {
  const list = (ids: readonly string[]): string =>
    ids.length === 0 ? texts.someone : names.format(ids.map((id) => people.nameOf(id)));
  const by = list(card.by);
  const others = card.editedBy.length === 0 ? null : list(card.editedBy);
  switch (card.reason) {
    case 'archived':
      if (others !== null) return texts.archivedMeanwhile(by, others);
      return card.by.length === 0 ? texts.reasonArchived : texts.archivedBy(by);
    case 'columnRemoved':
      if (card.column === null) return texts.reasonColumnRemoved;
      return others === null
        ? texts.columnRemovedBy(by, card.column)
        : texts.columnRemovedMeanwhile(by, card.column, others);
    case 'removed':
      return texts.removedMeanwhile(by, others);
  }
}
