/**
 * What will happen in the simulated world, ordered by (time, order of scheduling): two events at one time happen in the order
 * in which they were scheduled, so a run is a function of its seed. A timing wheel (Varghese and Lauck, "Hashed and
 * hierarchical timing wheels", 1987) of one slot per ms: only the events of the present slot are kept sorted. With 2,000 peers a
 * single heap holds 100,000 events, and sifting through it was the most expensive part of a run.
 */
import { EventHeap, type WorldEvent } from './event-heap.ts';

/** Slots of the wheel, one per ms. Origin: a power of two above the longest usual delays (10 s); the rest waits in a heap. */
const SLOTS = 1 << 14;

const nothing = (): void => {};

export class EventQueue {
  /** Everything up to the end of the present slot. */
  readonly #present = new EventHeap();
  readonly #wheel: (WorldEvent[] | undefined)[] = [];
  /** Everything beyond the wheel. */
  readonly #later = new EventHeap();
  #inWheel = 0;
  /** The present slot: the whole ms up to whose end events are in `#present`. */
  #slot = 0;
  #scheduled = 0;

  get size(): number {
    return this.#present.size + this.#inWheel + this.#later.size;
  }

  push(at: number, run: () => void): WorldEvent {
    const event: WorldEvent = { at, order: this.#scheduled++, run, cancelled: false };
    const slot = Math.floor(at);
    if (slot <= this.#slot) this.#present.push(event);
    else if (slot >= this.#slot + SLOTS) this.#later.push(event);
    else {
      (this.#wheel[slot % SLOTS] ??= []).push(event);
      this.#inWheel += 1;
    }
    return event;
  }

  /** Skips `event` when its turn comes, and lets go of what it holds at once. */
  cancel(event: WorldEvent): void {
    event.cancelled = true;
    event.run = nothing;
  }

  /** Time of the next event, or undefined. */
  nextAt(): number | undefined {
    this.#turn();
    return this.#present.first()?.at;
  }

  pop(): WorldEvent | undefined {
    this.#turn();
    return this.#present.pop();
  }

  /** Turns the wheel until the present slot has something in it, or nothing is left. */
  #turn(): void {
    while (this.#present.size === 0 && this.size > 0) {
      const next = this.#later.first();
      if (this.#inWheel === 0 && next !== undefined) this.#slot = Math.floor(next.at);
      else this.#slot += 1;
      this.#enterSlot();
    }
  }

  #enterSlot(): void {
    const due = this.#wheel[this.#slot % SLOTS];
    if (due !== undefined) {
      this.#inWheel -= due.length;
      for (const event of due) this.#present.push(event);
      due.length = 0;
    }
    for (let next = this.#later.first(); next !== undefined; next = this.#later.first()) {
      if (next.at >= this.#slot + 1) break;
      this.#later.pop();
      this.#present.push(next);
    }
  }
}
