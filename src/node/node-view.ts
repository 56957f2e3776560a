/** What the application reads of a node between two steps: nothing here changes anything. */
import type { Bytes } from '../kernel/bytes.ts';
import type { MemberId, PeerId } from '../kernel/ids.ts';
import type { Genesis } from '../identity/genesis.ts';
import type { Role } from '../identity/roles.ts';
import { encodeFirstLook } from '../board/first-look.ts';
import type { BoardSnapshot } from '../board/snapshot.ts';
import type { ForkProof } from '../replication/forks.ts';
import type { NodeParts } from './node-parts.ts';

export abstract class NodeView {
  readonly #parts: NodeParts;

  protected constructor(parts: NodeParts) {
    this.#parts = parts;
  }

  neighbours(): readonly PeerId[] {
    return this.#parts.overlay.neighbours();
  }

  /** Whose tab a peer is, as far as its claim is known. */
  memberOf(peer: PeerId): MemberId | undefined {
    return this.#parts.roster.memberOf(peer);
  }

  /** Peers of our member that wrote entries of this board: their keys must never begin its journal again once it is erased here. */
  ourAuthors(): readonly PeerId[] {
    return this.#parts.replication.ourAuthors();
  }

  /** Entries written on this device that no other device is known to hold. */
  unacknowledged(): number {
    return this.#parts.replication.unacknowledgedCount;
  }

  snapshot(): BoardSnapshot {
    return this.#parts.bench.snapshot();
  }

  /** What is kept to be shown at the next opening, before the journals have been read; undefined: nothing fits. */
  firstLook(): Bytes | undefined {
    return encodeFirstLook(this.snapshot());
  }

  /** Equal on two nodes exactly when they show the same board. */
  boardDigest(): string {
    return this.#parts.bench.digest();
  }

  canUndo(): boolean {
    return this.#parts.bench.canUndo();
  }

  canRedo(): boolean {
    return this.#parts.bench.canRedo();
  }

  get role(): Role | undefined {
    return this.#parts.roster.roleOf(this.#parts.opening.certificate.member);
  }

  /** An owner removed our member: nobody takes anything from us, and our copy stays as it is. */
  get isEvicted(): boolean {
    return this.#parts.roster.isEvicted(this.#parts.opening.certificate.member);
  }

  /** Proofs of misbehaviour that this node holds. */
  get proofs(): readonly ForkProof[] {
    return this.#parts.replication.proofs;
  }

  get genesis(): Genesis | undefined {
    return this.#parts.roster.genesis;
  }

  /** The neighbour through which an introduction to `peer` would travel. */
  nextHop(peer: PeerId): PeerId | undefined {
    return this.#parts.overlay.nextHop(peer);
  }
}
