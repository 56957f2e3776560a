import type { ColumnSnapshot, Conflict, ConflictField, ConflictValue } from '../../board/snapshot.ts';
import { dueText } from '../format.ts';
import type { People } from '../people.ts';
import { texts } from '../texts.ts';

/** What a conflict's value says, in the words that the board uses for it. `now`: milliseconds since 1970. */
export function valueWords(
  { field, values }: Conflict,
  { value }: ConflictValue,
  columns: readonly ColumnSnapshot[],
  now: number,
): string {
  switch (field) {
    case 'title':
      return value ?? '';
    case 'due':
      return value === null ? texts.noDue : dueText(value, now).text;
    case 'place': {
      const title = columns.find(({ id }) => id === value)?.title ?? texts.removedColumn;
      // Two places in one column cannot be told apart by its name.
      const isShared = values.filter((other) => other.value === value).length > 1;
      return isShared ? texts.placeIn(title, values.findIndex((other) => other.value === value) + 1) : title;
    }
    case 'position':
      return texts.columnPlace(values.findIndex((other) => other.value === value) + 1);
  }
}

/** What choosing a value is called: whose it is, as seen by whoever chooses. */
export function choiceWords(
  { values }: Conflict,
  { author, current }: ConflictValue,
  people: People,
): string {
  const isMine = people.all.some((member) => member.self && member.memberId === author);
  const whose = isMine
    ? texts.mine
    : values.length === 2 && values.some((other) => other.author !== author)
      ? texts.theirs
      : texts.whose(author === '' ? texts.someone : people.nameOf(author));
  return current ? texts.keepValue(whose) : texts.useValue(whose);
}

/** The name of a field, for a heading. */
export function fieldWords(field: ConflictField): string {
  return texts.conflictFields[field];
}
