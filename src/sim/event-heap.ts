/** A binary heap of events (Williams, "Algorithm 232: Heapsort", 1964), earliest first, equal times in order of scheduling. */

/** Something that happens at a time; `cancelled` ones are skipped when their turn comes. */
export interface WorldEvent {
  readonly at: number;
  readonly order: number;
  run: () => void;
  cancelled: boolean;
}

export class EventHeap {
  readonly #heap: WorldEvent[] = [];

  get size(): number {
    return this.#heap.length;
  }

  first(): WorldEvent | undefined {
    return this.#heap[0];
  }

  push(event: WorldEvent): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt];
      if (parent === undefined || isBefore(parent, event)) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = event;
  }

  pop(): WorldEvent | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first !== last && last !== undefined) this.#siftDown(last);
    return first;
  }

  #siftDown(event: WorldEvent): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      let child = heap[childAt];
      if (child === undefined) break;
      const right = heap[childAt + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        childAt += 1;
      }
      if (isBefore(event, child)) break;
      heap[at] = child;
      at = childAt;
    }
    heap[at] = event;
  }
}

function isBefore(a: WorldEvent, b: WorldEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
