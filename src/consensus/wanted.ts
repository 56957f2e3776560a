/** What is asked for by its hash: of one seat after the other, until it is here or nobody needs it. */
import type { Hash } from '../kernel/ids.ts';
import { MAX_WANTED } from './limits.ts';
import type { Fetch } from './statements.ts';

interface Want {
  readonly fetch: Fetch;
  seat: number;
}

export class Wanted {
  readonly #seats: number;
  readonly #self: number;
  readonly #wants = new Map<Hash, Want>();

  constructor(seats: number, self: number) {
    this.#seats = seats;
    this.#self = self;
  }

  has(digest: Hash): boolean {
    return this.#wants.has(digest);
  }

  /** Wants something, of which `seat` is likely to have it; whom to ask now, if anybody. */
  add(fetch: Fetch, seat: number): number | undefined {
    if (this.#wants.has(fetch.digest) || this.#wants.size >= MAX_WANTED) return undefined;
    const asked = seat === this.#self ? this.#after(seat) : seat;
    this.#wants.set(fetch.digest, { fetch, seat: asked });
    return asked === this.#self ? undefined : asked;
  }

  got(digest: Hash): void {
    this.#wants.delete(digest);
  }

  /** Whom to ask for what, once more: each time the next seat. What is no longer needed is dropped. */
  again(isNeeded: (fetch: Fetch) => boolean): (readonly [seat: number, fetch: Fetch])[] {
    for (const [digest, { fetch }] of [...this.#wants]) if (!isNeeded(fetch)) this.#wants.delete(digest);
    return [...this.#wants.values()].flatMap((want) => {
      want.seat = this.#after(want.seat);
      return want.seat === this.#self ? [] : [[want.seat, want.fetch] as const];
    });
  }

  #after(seat: number): number {
    const next = (seat + 1) % this.#seats;
    return next === this.#self ? (next + 1) % this.#seats : next;
  }
}
