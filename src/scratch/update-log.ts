/**
 * A scratch board's document on disk: updates in the order in which this tab saw them, merged into one now and then. Tabs of one profile
 * write side by side: each has keys of its own, and whoever merges replaces only what it has read or written itself, in one write, so
 * nothing that another tab added is lost.
 */
import * as Y from 'yjs';
import { toHex, type Bytes } from '../kernel/bytes.ts';
import type { StoreFailure, Write } from '../kernel/machine.ts';
import type { StorePort } from '../kernel/ports.ts';
import { ok, type Result } from '../kernel/result.ts';
import { MAX_STORED_PIECES, MERGE_AFTER_BYTES } from './limits.ts';
import { SCRATCH_STORE } from './scratch-shelf.ts';

type Answer = Result<undefined, StoreFailure>;

/** Digits of the number in a key. */
const NUMBER_DIGITS = 9;

export interface UpdateLogOptions {
  readonly store: StorePort;
  readonly boardId: string;
  /** Random bytes that no other run of any tab has. */
  readonly run: Bytes;
  /** The whole document as one update. */
  readonly encode: () => Bytes;
  /** What waits, or whether the disk takes it, has changed. */
  readonly onChange: () => void;
}

export class UpdateLog {
  readonly #options: UpdateLogOptions;
  readonly #prefix: string;
  /** Keys on disk whose content our document holds. */
  readonly #known = new Set<string>();
  #next = 0;
  #bytes = 0;
  #waiting: Bytes[] = [];
  readonly #waiters: ((answer: Answer) => void)[] = [];
  #isWriting = false;
  #idle: Promise<unknown> = Promise.resolve();
  #failure: StoreFailure | undefined;

  constructor(options: UpdateLogOptions) {
    this.#options = options;
    this.#prefix = `${options.boardId}/`;
  }

  /** Why the latest write did not reach the disk; what it carried is written with the next one. */
  get failure(): StoreFailure | undefined {
    return this.#failure;
  }

  /** Updates that are not on disk. */
  get unsaved(): number {
    return this.#waiting.length;
  }

  /** Hands every stored update to `onUpdate`. What it throws is taken as damage of that one update, which is left where it is. */
  async load(onUpdate: (update: Bytes) => void): Promise<Answer> {
    return this.#options.store.scan(SCRATCH_STORE, this.#prefix, (batch) => {
      for (const [key, update] of batch) {
        try {
          onUpdate(update);
        } catch {
          continue; // not merged, so not deleted either
        }
        this.#known.add(key);
        this.#bytes += update.length;
      }
    });
  }

  /** Takes an update of the document; resolves when it is on disk, or with why it is not (it is then written with the next one). */
  append(update: Bytes): Promise<Answer> {
    this.#waiting.push(update);
    const answered = new Promise<Answer>((resolve) => this.#waiters.push(resolve));
    if (!this.#isWriting) void this.#write();
    return answered;
  }

  /** Resolves when a run of writes that is under way has ended. */
  settled(): Promise<unknown> {
    return this.#idle;
  }

  /** Merges what is stored when there is enough of it. */
  async tidy(): Promise<Answer> {
    if (this.#known.size < 2 || this.#isTidy()) return ok(undefined);
    return this.#merge();
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    let end = (): void => undefined;
    this.#idle = new Promise<void>((resolve) => (end = resolve));
    await Promise.resolve(); // updates of one moment become one value
    let answer: Answer = ok(undefined);
    // After a failure only somebody new to answer is a reason to try again at once.
    while (this.#waiting.length > 0 && (answer.ok || this.#waiters.length > 0))
      answer = await this.#writeWaiting();
    this.#isWriting = false;
    end();
    this.#options.onChange();
  }

  async #writeWaiting(): Promise<Answer> {
    const taken = [...this.#waiting];
    const waiters = this.#waiters.splice(0);
    const [only] = taken;
    const value = taken.length === 1 && only !== undefined ? only : (Y.mergeUpdates(taken) as Bytes);
    const key = this.#newKey();
    const answer = await this.#options.store.write([{ op: 'put', store: SCRATCH_STORE, key, value }]);
    this.#failure = answer.ok ? undefined : answer.code;
    this.#waiting = [...(answer.ok ? [] : [value]), ...this.#waiting.slice(taken.length)];
    for (const waiter of waiters) waiter(answer);
    if (!answer.ok) return answer;
    this.#known.add(key);
    this.#bytes += value.length;
    if (!this.#isTidy()) await this.#merge();
    return answer;
  }

  #isTidy(): boolean {
    return this.#known.size < MAX_STORED_PIECES && this.#bytes < MERGE_AFTER_BYTES;
  }

  async #merge(): Promise<Answer> {
    const value = this.#options.encode();
    const replaced = [...this.#known];
    const key = this.#newKey();
    const writes: Write[] = [
      { op: 'put', store: SCRATCH_STORE, key, value },
      ...replaced.map((old): Write => ({ op: 'delete', store: SCRATCH_STORE, key: old })),
    ];
    const answer = await this.#options.store.write(writes);
    // A merge that failed has changed nothing on disk; the next one tries again.
    this.#bytes = 0;
    if (!answer.ok) return answer;
    this.#known.clear();
    this.#known.add(key);
    return answer;
  }

  #newKey(): string {
    return `${this.#prefix}${toHex(this.#options.run)}-${String(this.#next++).padStart(NUMBER_DIGITS, '0')}`;
  }
}
