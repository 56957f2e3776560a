/** What is asked of replication about who holds what: nothing here changes anything. */
import type { Hash, PeerId } from '../kernel/ids.ts';
import type { Acknowledgements } from './acknowledgements.ts';
import { isBottleneck, newestBottleneck, placeOf } from './bottleneck.ts';
import { Journals } from './journals.ts';
import { holdsAll, type Neighbours } from './neighbours.ts';
import type { Authority } from './ports.ts';

interface Identity {
  readonly self: PeerId;
  readonly authority: Authority;
}

export abstract class ReplicationView {
  readonly journals = new Journals();
  readonly #parts: Identity & { readonly neighbours: Neighbours; readonly acks: Acknowledgements };

  constructor({ self, authority }: Identity, neighbours: Neighbours, acks: Acknowledgements) {
    this.#parts = { self, authority, neighbours, acks };
  }

  /** Up to which entry a checkpoint may go that leaves out nothing held, among the first `upTo` held; see bottleneck.ts. */
  bottleneck(upTo: number): Hash | undefined {
    return newestBottleneck(this.journals, upTo);
  }

  /** Whether a checkpoint up to this entry would leave out nothing held. */
  isBottleneck(hash: Hash): boolean {
    return isBottleneck(this.journals, hash);
  }

  /** Place of an entry among those held, from 0; -1 for one that is not, or was replaced by a checkpoint. */
  placeOf(hash: Hash): number {
    return placeOf(this.journals, hash);
  }

  /** Place of the newest own entry, signed or not. */
  protected abstract get ownSeq(): number;

  /** Entries on disk, written on this device, that no other one is known to have there. */
  protected undeliveredCount(): number {
    const { authority, self } = this.#parts;
    let count = 0;
    for (const author of this.journals.authors()) {
      if (!authority.isOurs(author)) continue;
      const seq = author === self ? this.journals.durableSeqOf(author) : this.journals.seqOf(author);
      // What a checkpoint replaced, a quorum held.
      const delivered = Math.max(this.#parts.acks.deliveredOf(author), this.journals.settledSeqOf(author));
      count += Math.max(0, seq - delivered);
    }
    return count;
  }

  /** Journals that were written on this device, our own among them as soon as it was opened. */
  ourAuthors(): readonly PeerId[] {
    const { authority, self } = this.#parts;
    const authors = this.journals.authors().filter((author) => authority.isOurs(author));
    return this.ownSeq > 0 && !authors.includes(self) ? [...authors, self] : authors;
  }

  /** Peers, still neighbours or not, that are known to hold all that we have on disk. */
  holdersOfAll(): readonly PeerId[] {
    return this.#parts.neighbours.holders(this.journals.authors(), (author) =>
      this.journals.durableSeqOf(author),
    );
  }

  /** Peers of other devices that are known to hold an entry. */
  holdersOf(author: PeerId, seq: number): readonly PeerId[] {
    const { authority } = this.#parts;
    return this.#parts.neighbours.holders([author], () => seq).filter((peer) => authority.isElsewhere(peer));
  }

  /** Up to which of its entries a journal of this device is known to be on another one. */
  deliveredOf(author: PeerId): number {
    return this.#parts.acks.deliveredOf(author);
  }

  /** Neighbours that are known to hold all that we hold. */
  neighboursInStep(): readonly PeerId[] {
    return this.#parts.neighbours
      .all()
      .filter((neighbour) => holdsAll(neighbour, this.journals))
      .map(({ peer }) => peer);
  }
}
