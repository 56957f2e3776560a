/** Runs asynchronous jobs one after another, in the order given, with a bound on how many wait. A job that rejects is reported and skipped. */
export class SerialWork {
  readonly #max: number;
  readonly #onRejected: () => void;
  #waiting = 0;
  #tail: Promise<void> = Promise.resolve();

  constructor(max: number, onRejected: () => void) {
    this.#max = max;
    this.#onRejected = onRejected;
  }

  /** Appends a job; false when too many wait already. */
  push(job: () => Promise<void>): boolean {
    if (this.#waiting >= this.#max) return false;
    this.#waiting += 1;
    this.#tail = this.#tail
      .then(job)
      .catch(this.#onRejected)
      .then(() => {
        this.#waiting -= 1;
      });
    return true;
  }
}
