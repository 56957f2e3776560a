/**
 * Asynchronous answers in the order of the questions. WebCrypto and IndexedDB may settle in any order; a machine is promised
 * that `signed`, `durable` and `notDurable` come in the order of its requests (docs/spec/driver.md DRV-9, DRV-10).
 */
import { invariant } from '../kernel/invariant.ts';
import { Fifo } from './driver-fifo.ts';

interface Slot<T> {
  answer: { readonly value: T } | undefined;
}

export class OrderedAnswers<T> {
  readonly #slots = new Fifo<Slot<T>>();
  readonly #name: string;
  readonly #limit: number;
  readonly #onAnswers: (values: readonly T[]) => void;
  readonly #onBroken: (cause: unknown) => void;

  /**
   * `limit`: questions that may be open at once; more is our own mistake. `onAnswers` receives every answer exactly once, in
   * order, several at a time when an early one held later ones back. `onBroken`: a port rejected, which ports promise never to do.
   */
  constructor(
    name: string,
    limit: number,
    onAnswers: (values: readonly T[]) => void,
    onBroken: (cause: unknown) => void,
  ) {
    this.#name = name;
    this.#limit = limit;
    this.#onAnswers = onAnswers;
    this.#onBroken = onBroken;
  }

  ask(question: Promise<T>): void {
    invariant(this.#slots.size < this.#limit, `more than ${this.#limit} unanswered ${this.#name}`);
    const slot: Slot<T> = { answer: undefined };
    this.#slots.push(slot);
    question.then((value) => {
      slot.answer = { value };
      this.#drain();
    }, this.#onBroken);
  }

  #drain(): void {
    const values: T[] = [];
    for (let answer = this.#slots.at(0)?.answer; answer !== undefined; answer = this.#slots.at(0)?.answer) {
      values.push(answer.value);
      this.#slots.shift();
    }
    if (values.length > 0) this.#onAnswers(values);
  }
}
