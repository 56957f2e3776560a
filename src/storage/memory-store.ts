/**
 * The byte store without a disk: for browsers that give us no database (the tab then works, and says "Not saved"), and for
 * tests, which can make it fail.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { StoreFailure, Write } from '../kernel/machine.ts';
import type { StorePort } from '../kernel/ports.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { COLLECTIONS, isCollection, keepsFirst } from './schema.ts';

/** Pairs in one batch of a scan (the contract of `StorePort.scan`). */
const SCAN_PAIRS = 256;

/** Failures to play, for tests. Asked once per call, before anything changes; undefined lets the call happen. */
export interface MemoryFailures {
  readonly onWrite?: (writes: readonly Write[]) => StoreFailure | undefined;
  readonly onRead?: (store: string) => StoreFailure | undefined;
}

type Answer = Result<undefined, StoreFailure>;

export class MemoryStore implements StorePort {
  readonly #failures: MemoryFailures;
  readonly #collections: ReadonlyMap<string, Map<string, Bytes>> = new Map(
    COLLECTIONS.map((name) => [name, new Map<string, Bytes>()]),
  );

  constructor(failures: MemoryFailures = {}) {
    this.#failures = failures;
  }

  write(writes: readonly Write[]): Promise<Answer> {
    return Promise.resolve(this.#write(writes));
  }

  #write(writes: readonly Write[]): Answer {
    const failure = this.#failures.onWrite?.(writes);
    if (failure !== undefined) return refuse(failure);
    if (writes.some((write) => !isCollection(write.store))) return refuse('failed');
    for (const write of writes) {
      const pairs = this.#collections.get(write.store);
      if (write.op === 'delete') pairs?.delete(write.key);
      else if (!keepsFirst(write.store) || pairs?.has(write.key) !== true)
        pairs?.set(write.key, write.value.slice());
    }
    return ok(undefined);
  }

  read(store: string, key: string): Promise<Result<Bytes | undefined, StoreFailure>> {
    const failure = this.#failures.onRead?.(store);
    const pairs = this.#collections.get(store);
    if (failure !== undefined || pairs === undefined) return Promise.resolve(refuse(failure ?? 'failed'));
    return Promise.resolve(ok(pairs.get(key)?.slice()));
  }

  async scan(
    store: string,
    prefix: string,
    onBatch: (batch: readonly (readonly [key: string, value: Bytes])[]) => void | Promise<void>,
  ): Promise<Answer> {
    const failure = this.#failures.onRead?.(store);
    const pairs = this.#collections.get(store);
    if (failure !== undefined || pairs === undefined) return refuse(failure ?? 'failed');
    const found = [...pairs]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key, value.slice()] as const);
    for (let at = 0; at < found.length; at += SCAN_PAIRS) await onBatch(found.slice(at, at + SCAN_PAIRS));
    return ok(undefined);
  }

  clear(store: string, prefix: string): Promise<Answer> {
    const failure = this.#failures.onWrite?.([]);
    const pairs = this.#collections.get(store);
    if (failure !== undefined || pairs === undefined) return Promise.resolve(refuse(failure ?? 'failed'));
    for (const key of [...pairs.keys()]) if (key.startsWith(prefix)) pairs.delete(key);
    return Promise.resolve(ok(undefined));
  }
}
