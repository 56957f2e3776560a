/** What the application reads of a node between two steps: nothing here changes anything. */
import type { Bytes } from '../kernel/bytes.ts';
import type { Hash, MemberId, PeerId } from '../kernel/ids.ts';
import type { Genesis } from '../identity/genesis.ts';
import type { Role } from '../identity/roles.ts';
import { encodeFirstLook } from '../board/first-look.ts';
import type { BoardSnapshot } from '../board/snapshot.ts';
import type { Checkpoint } from '../replication/checkpoint.ts';
import type { CheckpointOrder } from '../replication/compose.ts';
import type { ForkProof } from '../replication/forks.ts';
import type { Footprint } from '../replication/outcome.ts';
import { evidenceOf, type ForkEvidence } from './evidence.ts';
import type { LostEdit } from './lost-edits.ts';
import type { NodeParts } from './node-parts.ts';
import type { KnownInvite } from './roster.ts';
import { barredOf, summarise, type Barred, type NodeStatus } from './status.ts';

export abstract class NodeView {
  readonly #parts: NodeParts;

  protected constructor(parts: NodeParts) {
    this.#parts = parts;
  }

  neighbours(): readonly PeerId[] {
    return this.#parts.overlay.neighbours();
  }

  /** Peers that the mesh reaches, without us. */
  reachable(): readonly PeerId[] {
    const { peers } = this.#parts.overlay.summary();
    return [
      ...new Set([
        ...this.neighbours(),
        ...peers.flatMap(({ peer, reachable }) => (reachable ? [peer] : [])),
      ]),
    ];
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

  /** The checkpoint on which all that we hold stands. */
  get checkpoint(): Checkpoint | undefined {
    return this.#parts.replication.checkpoint;
  }

  /** Entries held that no checkpoint replaced. */
  get entryCount(): number {
    return this.#parts.replication.journals.entryCount;
  }

  /** The newest entry up to which a checkpoint may go that leaves out nothing held, among the first `upTo` entries held. */
  bottleneck(upTo: number): Hash | undefined {
    return this.#parts.replication.bottleneck(upTo);
  }

  /** Whether a checkpoint up to this entry would leave out nothing held. */
  isBottleneck(entry: Hash): boolean {
    return this.#parts.replication.isBottleneck(entry);
  }

  /** A checkpoint of what we hold, up to these entries, for the group to sign; undefined when there is nothing to replace. */
  composeCheckpoint(order: CheckpointOrder): Checkpoint | undefined {
    return this.#parts.replication.composeCheckpoint(order);
  }

  status(): NodeStatus {
    const { opening, roster, overlay, replication } = this.#parts;
    const { member, peer, name } = opening.certificate;
    return summarise({ self: peer, member, ownName: name, roster, overlay, replication });
  }

  /** Own edits that lost their effect since the last call. Asked for whenever the board changed, before anything else. */
  takeLost(): readonly LostEdit[] {
    return this.#parts.lost.take();
  }

  /** Whether the entry has effect here. */
  holds(entry: Hash): boolean {
    return this.#parts.replication.journals.has(entry);
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

  /** Why nobody accepts what this tab writes, or undefined if they do. */
  get barred(): Barred | undefined {
    return barredOf(this.#parts.opening.certificate.member, this.#parts.roster, this.#parts.replication);
  }

  /** Proofs of misbehaviour that this node holds. */
  get proofs(): readonly ForkProof[] {
    return this.#parts.replication.proofs;
  }

  /** The same as plain JSON, sorted by author, each complete enough for somebody who holds nothing else. */
  evidence(): readonly ForkEvidence[] {
    return evidenceOf(this.proofs, this.#parts.roster);
  }

  /** Invites by which somebody was admitted. */
  invites(): readonly KnownInvite[] {
    return this.#parts.roster.invites();
  }

  /** Whether an owner made the invite with this key (hex) void. */
  isRevoked(inviteKey: string): boolean {
    return this.#parts.roster.isRevoked(inviteKey);
  }

  /** How much is kept that has no effect, and how many proofs of misbehaviour; each has a bound (docs/limits.md). */
  footprint(): Footprint {
    return this.#parts.replication.footprint;
  }

  get genesis(): Genesis | undefined {
    return this.#parts.roster.genesis;
  }

  /** The neighbour through which an introduction to `peer` would travel. */
  nextHop(peer: PeerId): PeerId | undefined {
    return this.#parts.overlay.nextHop(peer);
  }
}
