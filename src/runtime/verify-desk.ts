/**
 * Where signatures are checked. Chromium does it on the thread that asks, although the answer is a promise; 256 at once hold up the page for
 * 11 ms. So many at once go to a worker, few stay on the page: a hop costs more than one check (docs/benchmarks.md, "Verification").
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import type { ClockPort, VerifierPort } from '../kernel/ports.ts';
import { createYielding, type Yielding } from './driver-yield.ts';
import { packChecks, type VerifyAnswer, type VerifyRequest } from './verify-message.ts';

/** Checks of one message from which on they go to the worker. Origin: guess; 16 take 0.7 ms, a hop there and back 0.1 ms. */
export const MIN_WORKER_CHECKS = 16;

/** Checks that the page makes at once while the worker starts: half a slice of the driver. Origin: guess; 64 take 4 ms. */
export const CHECKS_AT_ONCE = 64;

/** A worker that has not answered for so long, in ms, never will: a browser may end one without a word. Origin: guess; the most that a request may hold takes 50 ms. */
export const WORKER_ANSWER_MS = 10_000;

/** The part of a worker that is used. */
export interface VerifyWorker {
  onmessage: ((event: MessageEvent<VerifyAnswer>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(request: VerifyRequest, transfer: Transferable[]): void;
  terminate(): void;
}

/** Starts the worker of verify-worker.ts; undefined where workers are missing or forbidden. */
export function startVerifyWorker(): VerifyWorker | undefined {
  try {
    return new Worker(new URL('./verify-worker.ts', import.meta.url), { type: 'module' });
  } catch {
    return undefined;
  }
}

interface Waiting {
  readonly checks: readonly SignatureCheck[];
  readonly answer: (hold: boolean | Promise<boolean>) => void;
  /** Ends the wait for the worker. */
  readonly cancel: () => void;
}

/**
 * Checks few signatures with `page`, many in a worker, which is started when there are many for the first time; until it has started, `page`
 * checks some at a time, and for good once the worker has failed or is late, all.
 */
export class VerifyDesk implements VerifierPort {
  readonly #page: VerifierPort;
  readonly #clock: ClockPort;
  readonly #start: () => VerifyWorker | undefined;
  readonly #yielding: () => Yielding;
  /** Settles when `page` has nothing left of what came while the worker started. */
  #meanwhile: Promise<unknown> = Promise.resolve();
  #turns: Yielding | undefined;
  #worker: VerifyWorker | undefined;
  #state: 'idle' | 'starting' | 'ready' | 'failed' = 'idle';
  #requests = 0;
  readonly #waiting = new Map<number, Waiting>();

  constructor(
    page: VerifierPort,
    clock: ClockPort,
    start: () => VerifyWorker | undefined = startVerifyWorker,
    yielding: () => Yielding = createYielding,
  ) {
    this.#page = page;
    this.#clock = clock;
    this.#start = start;
    this.#yielding = yielding;
  }

  verifyAll(checks: readonly SignatureCheck[]): Promise<boolean> {
    if (checks.length < MIN_WORKER_CHECKS) return this.#page.verifyAll(checks);
    if (this.#state === 'idle') this.#begin();
    if (this.#state !== 'starting') return this.#checkMany(checks);
    // One after the other: the first message is through as soon as it can be.
    const done = this.#meanwhile.then(() => this.#whileStarting(checks));
    this.#meanwhile = done;
    return done.then((count) =>
      count === undefined ? false : count >= checks.length || this.#checkMany(checks.slice(count)),
    );
  }

  #checkMany(checks: readonly SignatureCheck[]): Promise<boolean> {
    const packed = this.#state === 'ready' ? packChecks(checks) : undefined;
    return packed === undefined ? this.#page.verifyAll(checks) : this.#ask(checks, packed);
  }

  /**
   * Checks on the page, whose thread has its part in starting the worker, until that has started or nothing is left: how many were checked and hold;
   * undefined when one does not.
   */
  async #whileStarting(checks: readonly SignatureCheck[]): Promise<number | undefined> {
    let at = 0;
    for (; at < checks.length && this.#state === 'starting'; at += CHECKS_AT_ONCE) {
      if (!(await this.#page.verifyAll(checks.slice(at, at + CHECKS_AT_ONCE)))) return undefined;
      await this.#turn();
    }
    return at;
  }

  /** Lets the page do something else, if there is a worker to wait for. */
  async #turn(): Promise<void> {
    const turns = this.#turns;
    if (turns !== undefined)
      await new Promise<void>((resolve) => {
        turns.yieldThen(resolve);
      });
  }

  #ask(checks: readonly SignatureCheck[], packed: Bytes): Promise<boolean> {
    this.#requests += 1;
    const id = this.#requests;
    return new Promise((answer) => {
      const cancel = this.#clock.after(WORKER_ANSWER_MS, () => this.#fail());
      this.#waiting.set(id, { checks, answer, cancel });
      this.#worker?.postMessage({ id, checks: packed }, [packed.buffer]);
    });
  }

  #begin(): void {
    this.#worker = this.#start();
    this.#state = this.#worker === undefined ? 'failed' : 'starting';
    if (this.#worker === undefined) return;
    this.#turns = this.#yielding();
    this.#worker.onmessage = ({ data }) => {
      if (data === 'ready') this.#state = 'ready';
      else this.#heard(data.id, data.hold);
    };
    this.#worker.onerror = () => this.#fail();
  }

  #heard(id: number, hold: boolean): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.cancel();
    waiting?.answer(hold);
  }

  /** What it was asked and did not answer is checked here. */
  #fail(): void {
    this.#state = 'failed';
    this.#worker?.terminate();
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { checks, answer, cancel } of waiting) {
      cancel();
      answer(this.#page.verifyAll(checks));
    }
  }
}
