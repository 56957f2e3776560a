/**
 * Equivocation: two entries that one author signed for one place of its journal. A proof of it is small, and convinces whoever knows the board
 * id, without a journal, a network or a clock. From then on the author is frozen: see effect.ts.
 */
import type { Bytes } from '../kernel/bytes.ts';
import {
  boardIdCodec,
  decodeWith,
  encodeWith,
  hashCodec,
  peerIdCodec,
  record,
  signatureCodec,
  whole,
  type Codec,
} from '../kernel/codec.ts';
import type { BoardId, Hash, PeerId } from '../kernel/ids.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { bodyOf, entryToSign, hashPlace, type Entry } from './entry.ts';
import { MAX_PROOFS } from './limits.ts';

/** What one author said at a place, and its signature over that. */
export interface Statement {
  readonly body: Hash;
  readonly signature: Bytes;
}

/** Two statements of one author for one place, in the order of their bodies. */
export interface ForkProof {
  readonly board: BoardId;
  readonly author: PeerId;
  /** Place in the journal, from 1. */
  readonly seq: number;
  readonly first: Statement;
  readonly second: Statement;
}

/** Where an author is known to have forked. */
export interface ForkPlace {
  readonly author: PeerId;
  readonly seq: number;
}

const statementCodec: Codec<Statement> = record<Statement>({ body: hashCodec, signature: signatureCodec });

export const forkProofCodec: Codec<ForkProof> = record<ForkProof>({
  board: boardIdCodec,
  author: peerIdCodec,
  seq: whole(),
  first: statementCodec,
  second: statementCodec,
});

/** What an entry says at its place. */
export function stateIn(entry: Entry): Statement {
  // A copy: the entry's own is a part of its bytes, and a statement is kept when the entry is not.
  return { body: bodyOf(entry, entry.payload), signature: entry.signature.slice() };
}

/** The proof that two different statements of one author for one place are. */
export function proveContradiction(
  board: BoardId,
  { author, seq }: ForkPlace,
  one: Statement,
  other: Statement,
): ForkProof {
  const [first, second] = one.body < other.body ? [one, other] : [other, one];
  return { board, author, seq, first, second };
}

/** The proof that two different entries of one author for one place are. */
export function proveFork(board: BoardId, one: Entry, other: Entry): ForkProof {
  return proveContradiction(board, one, stateIn(one), stateIn(other));
}

export function encodeForkProof(proof: ForkProof): Bytes {
  return encodeWith(forkProofCodec, proof);
}

/** A proof about `board` from foreign or stored bytes. It proves nothing until its signatures hold ({@link forkProofChecks}). */
export function decodeForkProof(
  board: BoardId,
  bytes: Bytes,
): Result<ForkProof, 'malformed' | 'wrongBoard' | 'proofEmpty'> {
  const decoded = decodeWith(forkProofCodec, bytes);
  if (!decoded.ok) return refuse('malformed');
  const proof = decoded.value;
  if (proof.board !== board) return refuse('wrongBoard');
  return isContradiction(proof) ? ok(proof) : refuse('proofEmpty');
}

/** Whether the two statements differ; each proof has one order of them. */
export function isContradiction({ seq, first, second }: ForkProof): boolean {
  return seq > 0 && first.body < second.body;
}

/** Both signatures of a proof. */
export function forkProofChecks({ board, author, seq, first, second }: ForkProof): readonly SignatureCheck[] {
  return [first, second].map(({ body, signature }) => ({
    signer: author,
    body: entryToSign(hashPlace(board, author, seq, body)),
    signature,
  }));
}

/** The proofs that a node holds: of each author the one for the lowest place. Proofs for higher places add nothing. */
export class ForkBook {
  readonly #proofs = new Map<PeerId, ForkProof>();

  /** Keeps a proof whose signatures hold. Whether it says something new. */
  add(proof: ForkProof): boolean {
    if (!this.isNews(proof)) return false;
    this.#proofs.set(proof.author, proof);
    return true;
  }

  get size(): number {
    return this.#proofs.size;
  }

  isNews({ author, seq }: ForkPlace): boolean {
    const known = this.#proofs.get(author);
    return known === undefined || seq < known.seq;
  }

  has(author: PeerId): boolean {
    return this.#proofs.has(author);
  }

  get(author: PeerId): ForkProof | undefined {
    return this.#proofs.get(author);
  }

  /** Lowest place at which the author is known to have forked. */
  placeOf(author: PeerId): number | undefined {
    return this.#proofs.get(author)?.seq;
  }

  /** Lets go of the oldest proofs about authors who are not on the board, until no more are kept than a board can have authors. */
  trim(isOnBoard: (author: PeerId) => boolean): void {
    if (this.#proofs.size <= MAX_PROOFS) return;
    for (const author of this.#proofs.keys()) {
      if (this.#proofs.size <= MAX_PROOFS) return;
      if (!isOnBoard(author)) this.#proofs.delete(author);
    }
  }

  /** All proofs, sorted by author. */
  all(): readonly ForkProof[] {
    return [...this.#proofs.values()].sort((a, b) => (a.author < b.author ? -1 : 1));
  }
}
