/** When this device learned of each proof of misbehaviour. Proofs themselves are in the journals and know no time; losing a time loses a label. */
import { decodeWith, encodeWith, whole } from '../kernel/codec.ts';
import { isIdText, type BoardId, type PeerId } from '../kernel/ids.ts';
import type { StorePort } from '../kernel/ports.ts';

const META_STORE = 'meta';

/** Keys of a board's times in the collection `meta`. */
export function evidenceKeys(board: BoardId): string {
  return `found/${board}/`;
}

export class EvidenceTimes {
  readonly #store: StorePort;
  readonly #prefix: string;
  readonly #times = new Map<string, number>();

  constructor(store: StorePort, board: BoardId) {
    this.#store = store;
    this.#prefix = evidenceKeys(board);
  }

  /** Reads what earlier visits noted. */
  async load(): Promise<void> {
    await this.#store.scan(META_STORE, this.#prefix, (batch) => {
      for (const [key, bytes] of batch) {
        const author = key.slice(this.#prefix.length);
        const at = decodeWith(whole(), bytes);
        // As many as there are authors on the board at most: nobody else is ever noted.
        if (isIdText(author) && at.ok) this.#times.set(author, at.value);
      }
    });
  }

  /** A proof about `author` was found; the first time counts. */
  note(author: PeerId, wallMs: number): void {
    if (this.#times.has(author)) return;
    const at = Math.max(0, Math.round(wallMs));
    this.#times.set(author, at);
    const value = encodeWith(whole(), at);
    void this.#store.write([{ op: 'put', store: META_STORE, key: this.#prefix + author, value }]);
  }

  /** Milliseconds since 1970 by this device's clock; undefined if nothing was noted. */
  at(author: string): number | undefined {
    return this.#times.get(author);
  }
}
