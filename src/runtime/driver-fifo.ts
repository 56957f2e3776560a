/** A first-in, first-out queue whose ends cost the same however long it grows (Array.shift does not). */

/** Consumed places tolerated at the front before the array is copied down. Origin: guess; keeps the copying below one move per item. */
const MAX_CONSUMED = 1024;

export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** The item `index` places behind the front, or undefined. */
  at(index: number): T | undefined {
    return this.#items[this.#head + index];
  }

  /** Takes the front item, or undefined when there is none. */
  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (this.#head === this.#items.length) return undefined;
    this.#items[this.#head] = undefined; // what was taken must not be kept alive
    this.#head += 1;
    if (this.#head === this.#items.length) this.clear();
    else if (this.#head >= MAX_CONSUMED && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}
