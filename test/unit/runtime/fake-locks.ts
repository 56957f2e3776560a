/** Web Locks of one browser profile, as the specification has them: exclusive, first come first served, freed with the page. */
import type { Locks } from '../../../src/runtime/slots.ts';

interface Request {
  readonly page: object;
  readonly name: string;
  readonly grant: () => void;
  readonly fail: (reason: DOMException) => void;
}

export class FakeLockWorld {
  readonly #held = new Map<string, object>();
  #queue: Request[] = [];

  /** Names that are held, sorted. */
  held(): string[] {
    return [...this.#held.keys()].sort();
  }

  /** How many requests wait. */
  waiting(): number {
    return this.#queue.length;
  }

  /** The `navigator.locks` of a new page. `end` is what the browser does when the page is gone. */
  page(): Locks & { end(): void } {
    const page = {};
    const request = (name: string, ...rest: unknown[]): Promise<unknown> => {
      const callback = rest.at(-1) as LockGrantedCallback<unknown>;
      const options = (rest.length > 1 ? rest[0] : {}) as LockOptions;
      return this.#request(page, name, options, callback);
    };
    const end = (): void => {
      this.#queue = this.#queue.filter((waiting) => waiting.page !== page);
      for (const [name, holder] of [...this.#held]) if (holder === page) this.#free(name);
    };
    return { request, end };
  }

  async #request(
    page: object,
    name: string,
    options: LockOptions,
    callback: LockGrantedCallback<unknown>,
  ): Promise<unknown> {
    await Promise.resolve(); // requests are answered in a later turn
    if (options.ifAvailable === true && this.#held.has(name)) return callback(null);
    await new Promise<void>((grant, fail) => {
      this.#queue.push({ page, name, grant, fail });
      options.signal?.addEventListener('abort', () => {
        this.#queue = this.#queue.filter((waiting) => waiting.grant !== grant);
        fail(new DOMException('the wait was given up', 'AbortError'));
      });
      this.#serve(name);
    });
    try {
      return await callback({ name, mode: 'exclusive' });
    } finally {
      if (this.#held.get(name) === page) this.#free(name);
    }
  }

  #free(name: string): void {
    this.#held.delete(name);
    this.#serve(name);
  }

  #serve(name: string): void {
    if (this.#held.has(name)) return;
    const next = this.#queue.find((waiting) => waiting.name === name);
    if (next === undefined) return;
    this.#queue = this.#queue.filter((waiting) => waiting !== next);
    this.#held.set(name, next.page);
    next.grant();
  }
}

/** A tab's session storage; `copy` is what a duplicated tab starts with. */
export class FakeSession {
  readonly #values: Map<string, string>;

  constructor(values: ReadonlyMap<string, string> = new Map()) {
    this.#values = new Map(values);
  }

  getItem(key: string): string | null {
    return this.#values.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#values.set(key, value);
  }

  copy(): FakeSession {
    return new FakeSession(this.#values);
  }
}

/** Timers that ring when they are told to. */
export class FakeTimers {
  readonly #waiting = new Map<number, { readonly afterMs: number; readonly callback: () => void }>();
  #lastId = 0;

  readonly after = (afterMs: number, callback: () => void): (() => void) => {
    const id = ++this.#lastId;
    this.#waiting.set(id, { afterMs, callback });
    return () => this.#waiting.delete(id);
  };

  /** Delays of the timers that wait. */
  waiting(): number[] {
    return [...this.#waiting.values()].map((timer) => timer.afterMs);
  }

  ring(): void {
    const due = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const timer of due) timer.callback();
  }
}
