/**
 * Checkpoints of the board's history (ADR 0019): each seat of the committee says which one it made from its own entries, and what a quorum of them says is
 * certified. The requests that said so are its certificate for whoever knows the committee (attested.ts): each is signed by its seat.
 */
import { hashCodec, list, peerIdCodec, record, whole, type Codec } from '../kernel/codec.ts';
import type { Hash, PeerId } from '../kernel/ids.ts';
import { MAX_SEATS } from '../consensus/limits.ts';
import { quorumsOf } from '../consensus/quorum.ts';
import type { GovernanceRefusal } from './outcomes.ts';

export interface CertifiedHistory {
  /** 0 before the first. */
  readonly number: number;
  readonly hash: Hash;
}

/** What one seat of the committee in force said last. */
export interface Attestation extends CertifiedHistory {
  readonly seat: PeerId;
  /** The entry up to which the checkpoint goes. */
  readonly head: Hash;
}

export const certifiedHistoryCodec: Codec<CertifiedHistory> = record<CertifiedHistory>({
  number: whole(),
  hash: hashCodec,
});

export const attestationsCodec: Codec<readonly Attestation[]> = list(
  record<Attestation>({ seat: peerIdCodec, number: whole(), head: hashCodec, hash: hashCodec }),
  MAX_SEATS,
);

export class Attestations {
  #certified: CertifiedHistory | undefined;
  readonly #said = new Map<PeerId, Attestation>();

  /** False when a seat is named twice. */
  restore(certified: CertifiedHistory | undefined, said: readonly Attestation[]): boolean {
    this.#certified = certified;
    this.#said.clear();
    for (const each of said) this.#said.set(each.seat, each);
    return this.#said.size === said.length;
  }

  get certified(): CertifiedHistory | undefined {
    return this.#certified;
  }

  /** Sorted by seat. */
  rows(): Attestation[] {
    return [...this.#said.values()].sort((a, b) => (a.seat < b.seat ? -1 : 1));
  }

  whyNot(said: Attestation, committee: readonly PeerId[]): GovernanceRefusal | undefined {
    if (!committee.includes(said.seat)) return 'notASeat';
    const earlier = this.#said.get(said.seat);
    if (said.number <= Math.max(this.#certified?.number ?? 0, (earlier?.number ?? 0) - 1))
      return 'oldCheckpoint';
    return earlier?.number === said.number && !isSame(earlier, said) ? 'otherCheckpoint' : undefined;
  }

  /** Whether a quorum of the committee says so now. */
  add(attestation: Attestation, committee: readonly PeerId[]): boolean {
    const { number, hash } = attestation;
    this.#said.set(attestation.seat, attestation);
    const same = this.rows().filter((each) => isSame(each, attestation));
    if (same.length < quorumsOf(committee.length).quorum) return false;
    this.#certified = { number, hash };
    for (const each of this.rows()) if (each.number <= number) this.#said.delete(each.seat);
    return true;
  }

  /** Another committee begins, which certifies for itself: what was said before counts no more. */
  seated(): void {
    this.#said.clear();
  }
}

function isSame(a: Attestation, b: Attestation): boolean {
  return a.number === b.number && a.head === b.head && a.hash === b.hash;
}
