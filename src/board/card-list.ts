/** The cards of one column (or all archived ones) in order, kept sorted while single cards come and go. */
import { comparePlaced, type Placed } from './ordering.ts';

/** Up to so many new items are put in by binary search; more are sorted in. A guess: searching moves the array each time. */
const FEW = 16;

/** Items in the order of {@link comparePlaced}. Changes are collected and take effect when `items` is asked for. */
export class CardList<Item extends Placed> {
  #items: Item[] = [];
  #added: Item[] = [];
  readonly #removed = new Set<Item>();

  add(item: Item): void {
    this.#added.push(item);
  }

  /** Takes out an item that was added; its id and key may not have changed since. */
  remove(item: Item): void {
    this.#removed.add(item);
  }

  /** All items, in order. */
  items(): readonly Item[] {
    if (this.#added.length + this.#removed.size === 0) return this.#items;
    const removed = this.#removed;
    const kept = removed.size === 0 ? [...this.#items] : this.#items.filter((item) => !removed.has(item));
    const added = removed.size === 0 ? this.#added : this.#added.filter((item) => !removed.has(item));
    if (added.length <= FEW) {
      for (const item of added) kept.splice(this.#indexFor(kept, item), 0, item);
    } else {
      for (const item of added) kept.push(item);
      kept.sort(comparePlaced);
    }
    this.#items = kept;
    this.#added = [];
    this.#removed.clear();
    return kept;
  }

  #indexFor(items: readonly Item[], item: Item): number {
    let [low, high] = [0, items.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = items[middle];
      if (other !== undefined && comparePlaced(other, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
