/** The words of seats that their epoch is over, of which a quorum makes the link to the next (docs/spec/consensus.md, CON-24). */
import type { Bytes } from '../kernel/bytes.ts';
import type { Committee } from './committee.ts';
import type { Close, SeatSignature, Signed, StatementOf } from './statements.ts';

interface Held {
  readonly close: Close;
  readonly signature: Bytes;
}

export class Closing {
  readonly #committee: Committee;
  /** One of each seat. */
  readonly #held = new Map<number, Held>();

  constructor(committee: Committee) {
    this.#committee = committee;
  }

  /** Takes a word in; true when it is news. A seat has one: the first. */
  add({ seat, statement, signature }: Signed<StatementOf<'close'>>): boolean {
    const { seq, digest, next } = statement;
    if (this.#held.has(seat)) return false;
    this.#held.set(seat, { close: { seq, digest, next }, signature });
    return true;
  }

  /** The signatures of a quorum under `close`, by seat, ascending; undefined until there are as many. */
  certificate(close: Close): SeatSignature[] | undefined {
    const signatures = [...this.#held]
      .filter(([, held]) => isSame(held.close, close))
      .map(([seat, { signature }]) => ({ seat, signature }))
      .sort((a, b) => a.seat - b.seat);
    const { quorum } = this.#committee;
    return signatures.length < quorum ? undefined : signatures.slice(0, quorum);
  }

  /** Seats whose word is held, as bits. */
  seats(): number {
    let bits = 0;
    for (const seat of this.#held.keys()) bits |= 1 << seat;
    return bits;
  }

  /** All that are held, as they were signed. */
  all(): Signed<StatementOf<'close'>>[] {
    return [...this.#held].map(([seat, { close, signature }]) => ({
      seat,
      statement: { kind: 'close', ...close },
      signature,
    }));
  }
}

function isSame(a: Close, b: Close): boolean {
  return a.seq === b.seq && a.digest === b.digest && a.next === b.next;
}
