/**
 * What each seat of the present committee claimed, as far as it was heard here, whether it was of any use or not: a second claim for the same place is a lie, and whoever
 * has a quorum has no other reason to look at it. Certificates are evidence as well, since they repeat what their signers said to others.
 */
import type { Bytes } from '../kernel/bytes.ts';
import { MAX_WITNESSED } from './limits.ts';
import { isSameClaim, placeOf, type SignedClaim } from './lies.ts';
import {
  claimOf,
  type Claim,
  type DecidedCertificate,
  type PreparedCertificate,
  type SeatSignature,
  type Signed,
  type StableCertificate,
} from './statements.ts';

/** A seat's earlier claim for a place, and a later one that contradicts it. */
export interface Contradiction {
  readonly seat: number;
  readonly one: SignedClaim;
  readonly other: SignedClaim;
}

export class Witness {
  /** Of each seat its newest claims, by their places, in the order in which they came. */
  readonly #heard = new Map<number, Map<string, SignedClaim>>();

  /** Whether a statement contradicts what its seat claimed before; its signature need not have been checked. */
  isContradicted({ seat, statement }: Signed): boolean {
    const claim = claimOf(statement);
    const held = this.#heard.get(seat)?.get(placeOf(claim));
    return held !== undefined && !isSameClaim(held.claim, claim);
  }

  /** Takes in a statement whose signature holds. */
  hear({ seat, signature, statement }: Signed): Contradiction | undefined {
    return this.#hear(seat, claimOf(statement), signature);
  }

  /** Takes in what the signers of a certificate claimed, all of whose signatures hold. */
  hearDecided({ view, seq, digest, signatures }: DecidedCertificate): Contradiction[] {
    return this.#hearAll({ kind: 'commit', view, seq, digest }, signatures);
  }

  hearStable({ seq, digest, signatures }: StableCertificate): Contradiction[] {
    return this.#hearAll({ kind: 'checkpoint', seq, digest }, signatures);
  }

  /** `primary`: the seat that leads its view. */
  hearPrepared(certificate: PreparedCertificate, primary: number): Contradiction[] {
    const { view, seq, digest, proposal, signatures } = certificate;
    const proposed = [{ seat: primary, signature: proposal }];
    return [
      ...this.#hearAll({ kind: 'prePrepare', view, seq, digest }, proposed),
      ...this.#hearAll({ kind: 'prepare', view, seq, digest }, signatures),
    ];
  }

  #hearAll(claim: Claim, signatures: readonly SeatSignature[]): Contradiction[] {
    return signatures.flatMap(({ seat, signature }) => this.#hear(seat, claim, signature) ?? []);
  }

  #hear(seat: number, claim: Claim, signature: Bytes): Contradiction | undefined {
    const own = this.#heard.get(seat) ?? new Map<string, SignedClaim>();
    this.#heard.set(seat, own);
    const place = placeOf(claim);
    const one = own.get(place);
    const other = { claim, signature };
    if (one !== undefined) return isSameClaim(one.claim, claim) ? undefined : { seat, one, other };
    own.set(place, other);
    const [oldest] = own.keys();
    if (own.size > MAX_WITNESSED && oldest !== undefined) own.delete(oldest);
    return undefined;
  }
}
