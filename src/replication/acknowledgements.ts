/** Who has our entries, and telling others that we have theirs (rules REP-39 and REP-40). */
import { encodeWith, whole } from '../kernel/codec.ts';
import type { BoardId, PeerId } from '../kernel/ids.ts';
import type { Write } from '../kernel/machine.ts';
import type { ReplicationEffect } from './commands.ts';
import type { Entry } from './entry.ts';
import { ACK_DELAY_MS, ACK_GAP_MS } from './limits.ts';
import type { Neighbour, Neighbours } from './neighbours.ts';
import type { Authority } from './ports.ts';

/** Collection of storage/schema.ts for what was delivered. */
const OUTGOING_STORE = 'outgoing';
export const ACK_TIMER = 'replication/ack';

export class Acknowledgements {
  readonly #board: BoardId;
  readonly #neighbours: Neighbours;
  readonly #authority: Authority;
  /** Seq per journal of this device that some other device has on disk. */
  readonly #delivered = new Map<PeerId, number>();
  readonly #toAck = new Map<PeerId, number>();
  #isArmed = false;

  constructor(board: BoardId, neighbours: Neighbours, authority: Authority) {
    this.#board = board;
    this.#neighbours = neighbours;
    this.#authority = authority;
  }

  restore(acked: readonly { readonly author: PeerId; readonly seq: number }[]): void {
    for (const { author, seq } of acked) this.#delivered.set(author, seq);
  }

  /** Up to which of its entries a journal of this device is known to be on another one. */
  deliveredOf(author: PeerId): number {
    return this.#delivered.get(author) ?? 0;
  }

  /** An entry of somebody else is on disk. */
  durable({ author, seq }: Entry): readonly ReplicationEffect[] {
    if (this.#neighbours.get(author) === undefined) return [];
    this.#toAck.set(author, seq);
    // Armed once: arming again with every entry of a long burst would put the acknowledgement off to its end.
    if (this.#isArmed) return [];
    this.#isArmed = true;
    return [{ kind: 'arm', timer: ACK_TIMER, afterMs: ACK_DELAY_MS }];
  }

  /** Tells neighbours how far their journals are on disk here; nothing to tell ends the stream. */
  elapsed(): readonly ReplicationEffect[] {
    const acks = [...this.#toAck];
    this.#toAck.clear();
    this.#isArmed = acks.length > 0;
    const sends = acks
      .filter(([author]) => this.#neighbours.get(author) !== undefined)
      .map(([author, seq]): ReplicationEffect => {
        const message = { kind: 'ack', held: [{ author, seq }] } as const;
        return { kind: 'send', to: author, message, lane: 'control' };
      });
    return acks.length === 0 ? [] : [...sends, { kind: 'arm', timer: ACK_TIMER, afterMs: ACK_GAP_MS }];
  }

  /** Looks whether a neighbour on another device now holds more of what was written on this one: what is to be remembered on disk. */
  heard(neighbour: Neighbour): readonly Write[] {
    if (!this.#authority.isElsewhere(neighbour.peer)) return [];
    const writes: Write[] = [];
    for (const [author, seq] of neighbour.acked) {
      if (!this.#authority.isOurs(author) || seq <= this.deliveredOf(author)) continue;
      this.#delivered.set(author, seq);
      const value = encodeWith(whole(), seq);
      writes.push({ op: 'put', store: OUTGOING_STORE, key: `${this.#board}/${author}`, value });
    }
    return writes;
  }
}
