/** Which peers the mesh reaches, and since when they and we have been a quorum of the committee. */
import type { PeerId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/machine.ts';
import type { Committee } from './committee.ts';

export class Reach {
  #peers: ReadonlySet<PeerId> | undefined;
  #since: Instant | undefined = 0 as Instant;
  #lostAt: Instant | undefined;

  /** Until something is said, everybody counts as reachable. */
  set(peers: readonly PeerId[]): void {
    this.#peers = new Set(peers);
  }

  has(peer: PeerId): boolean {
    return this.#peers?.has(peer) !== false;
  }

  /** Looks anew whether a quorum of `committee` is reachable; true when it has just become so. */
  look(committee: Committee, self: PeerId, now: Instant): boolean {
    const peers = this.#peers;
    const reached =
      peers === undefined
        ? committee.keys.length
        : committee.keys.filter((key) => key === self || peers.has(key)).length;
    const was = this.#since !== undefined;
    if (reached < committee.quorum) this.#since = undefined;
    else this.#since ??= now;
    this.#lostAt = this.#since === undefined ? (this.#lostAt ?? now) : undefined;
    return !was && this.#since !== undefined;
  }

  /** Starts counting from now. */
  begin(now: Instant): void {
    if (this.#since !== undefined) this.#since = now;
  }

  get hasQuorum(): boolean {
    return this.#since !== undefined;
  }

  /** For how long no quorum has been reachable, ms; undefined while one is. */
  lostForMs(now: Instant): number | undefined {
    return this.#lostAt === undefined ? undefined : now - this.#lostAt;
  }

  /** For how long a quorum has been reachable, ms; 0 when it is not. */
  forMs(now: Instant): number {
    return this.#since === undefined ? 0 : now - this.#since;
  }
}
