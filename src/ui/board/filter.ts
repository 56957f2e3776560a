import type { CardSnapshot, ColumnSnapshot } from '../../board/snapshot.ts';

/** Filter text, cut into lower-case words; every word must occur in a card's title or labels. */
export type FilterWords = readonly string[];

/** Reads what a person typed. An empty list lets everything through. */
export function filterWords(text: string): FilterWords {
  return text.toLocaleLowerCase().split(/\s+/u).filter(Boolean);
}

const haystacks = new WeakMap<CardSnapshot, string>();

function haystackOf(card: CardSnapshot): string {
  const known = haystacks.get(card);
  if (known !== undefined) return known;
  const text = `${card.title}\n${card.labels.join('\n')}`.toLocaleLowerCase();
  haystacks.set(card, text);
  return text;
}

/** Whether a card passes. Cards are immutable, so their searchable text is kept with them. */
export function cardMatches(card: CardSnapshot, words: FilterWords): boolean {
  if (words.length === 0) return true;
  const text = haystackOf(card);
  return words.every((word) => text.includes(word));
}

/** The columns with only the cards that pass. Without words the very same array, so nothing re-renders. */
export function filterColumns(
  columns: readonly ColumnSnapshot[],
  words: FilterWords,
): readonly ColumnSnapshot[] {
  if (words.length === 0) return columns;
  return columns.map((column) => ({
    ...column,
    cards: column.cards.filter((card) => cardMatches(card, words)),
  }));
}

/** Cards in all columns. */
export function countCards(columns: readonly ColumnSnapshot[]): number {
  return columns.reduce((sum, column) => sum + column.cards.length, 0);
}

/** Labels used on the board, in the order of their first use. */
export function knownLabels(columns: readonly ColumnSnapshot[]): readonly string[] {
  const labels = new Set<string>();
  for (const column of columns)
    for (const card of column.cards) for (const label of card.labels) labels.add(label);
  return [...labels];
}

/** The filtered columns, filtered again only when the columns or the text changed. */
export class FilteredColumns {
  #last: { columns: readonly ColumnSnapshot[]; text: string; shown: readonly ColumnSnapshot[] } | undefined;

  shown(columns: readonly ColumnSnapshot[], text: string): readonly ColumnSnapshot[] {
    if (this.#last?.columns !== columns || this.#last.text !== text)
      this.#last = { columns, text, shown: filterColumns(columns, filterWords(text)) };
    return this.#last.shown;
  }
}
