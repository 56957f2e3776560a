import type { CardSnapshot, ColumnSnapshot } from '../../board/snapshot.ts';

/** Where a card is: positions in the arrays of a snapshot. */
export interface Place {
  readonly columnIndex: number;
  readonly cardIndex: number;
}

/** A card that is on its way: `index` counts its new siblings without it. */
export interface CardMove {
  readonly cardId: string;
  readonly columnId: string;
  readonly index: number;
}

const indexes = new WeakMap<readonly ColumnSnapshot[], Map<string, Place>>();

function indexOf(columns: readonly ColumnSnapshot[]): Map<string, Place> {
  const known = indexes.get(columns);
  if (known !== undefined) return known;
  const map = new Map<string, Place>();
  columns.forEach((column, columnIndex) => {
    column.cards.forEach((card, cardIndex) => map.set(card.id, { columnIndex, cardIndex }));
  });
  indexes.set(columns, map);
  return map;
}

/** Where a card is, or null. Built once per snapshot (bounded by the board's own card limit) and dropped with it. */
export function placeOf(columns: readonly ColumnSnapshot[], cardId: string): Place | null {
  return indexOf(columns).get(cardId) ?? null;
}

/** The card itself, or null. */
export function cardOf(columns: readonly ColumnSnapshot[], cardId: string): CardSnapshot | null {
  const place = placeOf(columns, cardId);
  return place === null ? null : (columns[place.columnIndex]?.cards[place.cardIndex] ?? null);
}

/** The columns as they will be after `move`. Untouched columns stay the same objects; an impossible move changes nothing. */
export function withMove(
  columns: readonly ColumnSnapshot[],
  move: CardMove | null,
): readonly ColumnSnapshot[] {
  if (move === null) return columns;
  const from = placeOf(columns, move.cardId);
  const card = cardOf(columns, move.cardId);
  if (from === null || card === null || !columns.some((column) => column.id === move.columnId))
    return columns;
  const source = columns[from.columnIndex];
  if (source?.id === move.columnId && from.cardIndex === move.index) return columns;
  return columns.map((column, columnIndex) => {
    if (columnIndex !== from.columnIndex && column.id !== move.columnId) return column;
    const cards = column.cards.filter((other) => other !== card);
    if (column.id === move.columnId) cards.splice(Math.min(Math.max(move.index, 0), cards.length), 0, card);
    return { ...column, cards };
  });
}

/** Directions of the arrow keys. */
export type Direction = 'up' | 'down' | 'left' | 'right';

/** The next place of a card that is being moved with the arrow keys; null when there is nothing that way. */
export function stepMove(
  columns: readonly ColumnSnapshot[],
  move: CardMove,
  direction: Direction,
): CardMove | null {
  const at = columns.findIndex((column) => column.id === move.columnId);
  if (direction === 'up') return move.index > 0 ? { ...move, index: move.index - 1 } : null;
  const siblings = (column: ColumnSnapshot): number =>
    column.cards.filter((card) => card.id !== move.cardId).length;
  const here = columns[at];
  if (direction === 'down') {
    return here !== undefined && move.index < siblings(here) ? { ...move, index: move.index + 1 } : null;
  }
  const next = columns[at + (direction === 'left' ? -1 : 1)];
  return next === undefined
    ? null
    : { ...move, columnId: next.id, index: Math.min(move.index, siblings(next)) };
}

/** The card to focus when an arrow key is pressed on `cardId`; sideways it skips empty columns. */
export function neighbourCard(
  columns: readonly ColumnSnapshot[],
  cardId: string,
  direction: Direction,
): string | null {
  const place = placeOf(columns, cardId);
  if (place === null) return null;
  if (direction === 'up' || direction === 'down') {
    const step = direction === 'up' ? -1 : 1;
    return columns[place.columnIndex]?.cards[place.cardIndex + step]?.id ?? null;
  }
  const step = direction === 'left' ? -1 : 1;
  for (let at = place.columnIndex + step; at >= 0 && at < columns.length; at += step) {
    const cards = columns[at]?.cards ?? [];
    const card = cards[Math.min(place.cardIndex, cards.length - 1)];
    if (card !== undefined) return card.id;
  }
  return null;
}

/**
 * Turns "before that card" (null: at the end) into an index counted without the moved card. Screens that show a filtered
 * list know neighbours, not indexes.
 */
export function indexBefore(column: ColumnSnapshot, beforeId: string | null, movedId: string): number {
  const others = column.cards.filter((card) => card.id !== movedId);
  const at = beforeId === null ? -1 : others.findIndex((card) => card.id === beforeId);
  return at < 0 ? others.length : at;
}
