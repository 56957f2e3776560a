/** Calls back to the owner one at a time and never from within a call of the owner: what happens meanwhile waits its turn. */
export class Mailbox {
  #letters: (() => void)[] = [];
  #delivering = false;
  #closed = false;

  /** Delivers soon, unless the mailbox is closed by then. */
  post(letter: () => void): void {
    this.#letters.push(letter);
    if (this.#delivering) return;
    this.#delivering = true;
    queueMicrotask(() => {
      this.#deliver();
    });
  }

  /** Forgets what was not delivered. */
  close(): void {
    this.#closed = true;
    this.#letters = [];
  }

  #deliver(): void {
    try {
      for (
        let next = this.#letters.shift();
        next !== undefined && !this.#closed;
        next = this.#letters.shift()
      )
        next();
    } finally {
      this.#delivering = false;
    }
  }
}
