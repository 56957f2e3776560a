/** The proofs of double votes that a replica holds until the group has decided on them. Rules CON-62 and CON-63 of docs/spec/consensus.md. */
import type { PeerId } from '../kernel/ids.ts';
import type { Write } from '../kernel/machine.ts';
import type { LieProof } from './lies.ts';
import { MAX_LIES } from './limits.ts';
import { recordName, type Records } from './records.ts';

/** Of each key the first. They outlive epochs and restarts. */
export class LieBook {
  readonly #records: Records;
  readonly #proofs = new Map<PeerId, LieProof>();

  /** `records`: those of the board that outlive its committees. */
  constructor(records: Records) {
    this.#records = records;
  }

  /** Whether a proof against `key` has a place here: one is enough, and there are {@link MAX_LIES}. */
  hasRoomFor(key: PeerId): boolean {
    return !this.#proofs.has(key) && this.#proofs.size < MAX_LIES;
  }

  /** Keeps a proof whose signatures hold; what has to be written. */
  add(proof: LieProof): Write {
    this.restored(proof);
    return this.#records.put(recordName.lie(proof.key), { kind: 'lie', ...proof });
  }

  /** It was kept in an earlier life. */
  restored(proof: LieProof): void {
    this.#proofs.set(proof.key, proof);
  }

  /** All that are held, sorted by key. */
  all(): readonly LieProof[] {
    return [...this.#proofs.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** Lets go of those about keys that the group is done with. */
  drop(isDone: (key: PeerId) => boolean): Write[] {
    const done = [...this.#proofs.keys()].filter(isDone);
    for (const key of done) this.#proofs.delete(key);
    return done.map((key) => this.#records.remove(recordName.lie(key)));
  }
}
