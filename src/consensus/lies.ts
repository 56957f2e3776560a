/**
 * A seat's double vote: two statements of one seat for one place, of which the guard of an honest one signs at most one (guard.ts), whatever it forgot, in
 * how many tabs its person is, and however often it was restarted. The proof is small, and stands on its own: both signatures name board, epoch, committee and seat, so
 * whoever knows the key needs nothing else. Rules CON-60 to CON-64 of docs/spec/consensus.md.
 */
import { toHex, type Bytes } from '../kernel/bytes.ts';
import {
  boardIdCodec,
  encodeWith,
  hashCodec,
  peerIdCodec,
  record,
  signatureCodec,
  whole,
  type Codec,
} from '../kernel/codec.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import { labelOf, type Committee, type Label } from './committee.ts';
import { claimCodec, claimToSign, seatCodec, type Claim } from './statements.ts';

/** What a seat claimed, and its signature over that. */
export interface SignedClaim {
  readonly claim: Claim;
  readonly signature: Bytes;
}

/** Two claims of one seat of which an honest one signs at most one, in the order of their bytes. */
export interface LieProof extends Label {
  readonly seat: number;
  /** Whose signatures these are. A key that signs for a seat that it has not got accuses itself all the same. */
  readonly key: PeerId;
  readonly first: SignedClaim;
  readonly second: SignedClaim;
}

const signedClaimCodec: Codec<SignedClaim> = record<SignedClaim>({
  claim: claimCodec,
  signature: signatureCodec,
});

export const lieProofCodec: Codec<LieProof> = record<LieProof>({
  board: boardIdCodec,
  epoch: whole(),
  committee: hashCodec,
  seat: seatCodec,
  key: peerIdCodec,
  first: signedClaimCodec,
  second: signedClaimCodec,
});

/**
 * Names what an honest seat claims once in the time of one committee. Votes, view changes and new views have a place in each view; of checkpoints there is one for
 * each place in the order, of ends of the epoch one.
 */
export function placeOf(claim: Claim): string {
  switch (claim.kind) {
    case 'prePrepare':
    case 'prepare':
    case 'commit':
      return `${claim.kind} ${claim.view}/${claim.seq}`;
    case 'checkpoint':
      return `${claim.kind} ${claim.seq}`;
    case 'viewChange':
    case 'newView':
      return `${claim.kind} ${claim.view}`;
    case 'close':
      return claim.kind;
  }
}

/** All that a claim says, as text: equal exactly if the claims are. */
export function contentOf(claim: Claim): string {
  return toHex(encodeWith(claimCodec, claim));
}

/** Whether two claims for one place say the same. */
export function isSameClaim(one: Claim, other: Claim): boolean {
  // What comes again and again is compared without encoding it.
  if (one.kind !== 'close' && 'digest' in one && 'digest' in other) return one.digest === other.digest;
  return contentOf(one) === contentOf(other);
}

/** The proof that two different claims of one seat for one place are. */
export function proveLie(committee: Committee, seat: number, one: SignedClaim, other: SignedClaim): LieProof {
  const [first, second] = contentOf(one.claim) < contentOf(other.claim) ? [one, other] : [other, one];
  const { board, digest, epoch, keys } = committee;
  return { board, epoch, committee: digest, seat, key: keys[seat] ?? ('' as PeerId), first, second };
}

/** Whether an honest seat could not have claimed both; each proof has one order of them. */
export function isContradiction({ first, second }: Pick<LieProof, 'first' | 'second'>): boolean {
  const isOnePlace = placeOf(first.claim) === placeOf(second.claim);
  return isOnePlace && contentOf(first.claim) < contentOf(second.claim);
}

/** Both signatures of a proof. */
export function lieChecks(proof: LieProof): readonly SignatureCheck[] {
  const label = labelOf(proof);
  return [proof.first, proof.second].map(({ claim, signature }) => ({
    signer: proof.key,
    body: claimToSign(label, proof.seat, claim),
    signature,
  }));
}
