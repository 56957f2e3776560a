/** The vertical extent of one drawn card; `id` names it. */
export interface DrawnCard {
  readonly id: string;
  readonly top: number;
  readonly bottom: number;
}

/** Between which cards a pointer is: before `beforeId` (null: after the last one), and the y of that gap's middle. */
export interface DropSlot {
  readonly beforeId: string | null;
  readonly y: number;
}

/**
 * The slot nearest to a pointer: the first card whose middle lies below it. `drawn` is in order and may be only the
 * window of a long list; `afterLastId` is the card that follows the window, if any. `emptyY` is where an empty list begins.
 */
export function dropSlot(
  drawn: readonly DrawnCard[],
  y: number,
  afterLastId: string | null,
  emptyY: number,
  gap: number,
): DropSlot {
  for (const card of drawn) {
    if (y < (card.top + card.bottom) / 2) return { beforeId: card.id, y: card.top - gap / 2 };
  }
  const last = drawn[drawn.length - 1];
  return { beforeId: afterLastId, y: last === undefined ? emptyY : last.bottom + gap / 2 };
}

/** One column's horizontal extent. */
export interface DrawnColumn {
  readonly id: string;
  readonly left: number;
  readonly right: number;
}

/** The column under x; beyond the ends the first or last one. */
export function columnAt(drawn: readonly DrawnColumn[], x: number): DrawnColumn | null {
  let best: DrawnColumn | null = null;
  let bestDistance = Infinity;
  for (const column of drawn) {
    const distance = x < column.left ? column.left - x : x > column.right ? x - column.right : 0;
    if (distance < bestDistance) {
      best = column;
      bestDistance = distance;
    }
  }
  return best;
}

/** Index a dragged column would get, counted without it, and the x of that gap's middle. */
export function columnSlot(
  drawn: readonly DrawnColumn[],
  x: number,
  draggedId: string,
  gap: number,
): { readonly index: number; readonly x: number } {
  let index = 0;
  let lineX = (drawn[0]?.left ?? 0) - gap / 2;
  for (const column of drawn) {
    if (x < (column.left + column.right) / 2) break;
    lineX = column.right + gap / 2;
    if (column.id !== draggedId) index += 1;
  }
  return { index, x: lineX };
}

/** Pixels to scroll in one frame when the pointer is within `zone` of an edge; faster the nearer, at most `max`. */
export function edgeSpeed(pointer: number, start: number, end: number, zone: number, max: number): number {
  if (end - start < zone * 2) return 0;
  if (pointer < start + zone) return -Math.ceil(max * Math.min(1, (start + zone - pointer) / zone));
  if (pointer > end - zone) return Math.ceil(max * Math.min(1, (pointer - (end - zone)) / zone));
  return 0;
}
