/** The batches that replicas vote on by their digests, in memory and on disk, until the checkpoint behind them is stable. */
import type { Hash } from '../kernel/ids.ts';
import type { Write } from '../kernel/machine.ts';
import { recordName, type Records } from './records.ts';
import { EMPTY_BATCH, NULL_BATCH, type Batch } from './requests.ts';

interface Held {
  readonly batch: Batch;
  /** Sequence numbers for which it is kept. */
  readonly seqs: Set<number>;
}

export class Batches {
  readonly #records: Records;
  readonly #held = new Map<Hash, Held>();
  /** Batches that nobody has voted for here yet: in memory alone, and only until the next checkpoint or view. */
  readonly #loose = new Map<Hash, Batch>();

  constructor(records: Records) {
    this.#records = records;
  }

  get(digest: Hash): Batch | undefined {
    return digest === NULL_BATCH ? EMPTY_BATCH : (this.#held.get(digest)?.batch ?? this.#loose.get(digest));
  }

  /** Has a batch at hand that is wanted or proposed. */
  offer(digest: Hash, batch: Batch): void {
    if (this.get(digest) === undefined) this.#loose.set(digest, batch);
  }

  /** Keeps the batch of this digest for `seq`; the write that makes it durable, when there is one to make. */
  put(seq: number, digest: Hash, batch: Batch): Write[] {
    if (digest === NULL_BATCH) return [];
    const held = this.#held.get(digest) ?? { batch, seqs: new Set() };
    if (held.seqs.has(seq)) return [];
    held.seqs.add(seq);
    this.#held.set(digest, held);
    this.#loose.delete(digest);
    return [this.#records.put(recordName.batch(seq, digest), { kind: 'batch', seq, batch })];
  }

  /** Lets go of what is kept for sequence numbers up to and with `seq`. */
  forget(seq: number): Write[] {
    return this.#drop((_, at) => at <= seq);
  }

  /** Lets go of everything above `seq` that is not in `digests`: what an abandoned view proposed and nobody prepared. */
  retain(seq: number, digests: ReadonlySet<Hash>): Write[] {
    return this.#drop((digest, at) => at > seq && !digests.has(digest));
  }

  #drop(isOver: (digest: Hash, seq: number) => boolean): Write[] {
    const writes: Write[] = [];
    this.#loose.clear();
    for (const [digest, { seqs }] of [...this.#held]) {
      for (const seq of [...seqs].filter((each) => isOver(digest, each))) {
        seqs.delete(seq);
        writes.push(this.#records.remove(recordName.batch(seq, digest)));
      }
      if (seqs.size === 0) this.#held.delete(digest);
    }
    return writes;
  }
}
