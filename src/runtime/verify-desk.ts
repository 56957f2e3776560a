/**
 * Where signatures are checked. Chromium does it on the thread that asks, although the answer is a promise; 256 at once hold up the page for
 * 11 ms. So many at once go to a worker, few stay on the page: a hop costs more than one check (docs/benchmarks.md, "Verification").
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import type { ClockPort, VerifierPort } from '../kernel/ports.ts';
import { packChecks, type VerifyAnswer, type VerifyRequest } from './verify-message.ts';

/** Checks of one message from which on they go to the worker. Origin: guess; 16 take 0.7 ms, a hop there and back 0.1 ms. */
export const MIN_WORKER_CHECKS = 16;

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
 * Checks few signatures with `page`, many in a worker, which is started when there are many for the first time; until it has started, and
 * for good once it has failed or is late, `page` checks all.
 */
export class VerifyDesk implements VerifierPort {
  readonly #page: VerifierPort;
  readonly #clock: ClockPort;
  readonly #start: () => VerifyWorker | undefined;
  #worker: VerifyWorker | undefined;
  #state: 'idle' | 'starting' | 'ready' | 'failed' = 'idle';
  #requests = 0;
  readonly #waiting = new Map<number, Waiting>();

  constructor(
    page: VerifierPort,
    clock: ClockPort,
    start: () => VerifyWorker | undefined = startVerifyWorker,
  ) {
    this.#page = page;
    this.#clock = clock;
    this.#start = start;
  }

  verifyAll(checks: readonly SignatureCheck[]): Promise<boolean> {
    if (checks.length < MIN_WORKER_CHECKS) return this.#page.verifyAll(checks);
    if (this.#state === 'idle') this.#begin();
    const packed = this.#state === 'ready' ? packChecks(checks) : undefined;
    return packed === undefined ? this.#page.verifyAll(checks) : this.#ask(checks, packed);
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
