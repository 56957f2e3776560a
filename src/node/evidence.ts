/**
 * Proofs of misbehaviour as plain JSON: complete enough that somebody with no board, no journal and no network can check them, and named
 * so that a person can read them. Rules NOD-28 and NOD-29 of docs/spec/node.md.
 */
import { fromHex, toHex } from '../kernel/bytes.ts';
import type { BoardId, Hash, MemberId, PeerId } from '../kernel/ids.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import {
  peerCertificateCheck,
  peerCertificateToSign,
  type PeerCertificate,
} from '../identity/peer-certificate.ts';
import { entryToSign, hashPlace } from '../replication/entry.ts';
import { forkProofChecks, isContradiction, type ForkProof, type Statement } from '../replication/forks.ts';
import type { Roster } from './roster.ts';

/** Bytes as lower-case hex, and the signature over `signed` by the key that is named beside it. */
export interface SignedStatement {
  /** Hash of everything in the entry except author and place (docs/spec/replication.md). */
  readonly body: string;
  /** The very bytes that were signed: a label, a zero byte, and the hash of board, author, place and `body`. */
  readonly signed: string;
  readonly signature: string;
}

/** The member's word that the author is one of its tabs. */
export interface CertificateEvidence {
  readonly member: string;
  readonly peer: string;
  readonly slot: number;
  readonly name: string;
  readonly signed: string;
  readonly signature: string;
}

/** Two different entries that one peer key signed for one place of its journal. */
export interface ForkEvidence {
  readonly kind: 'equivocation';
  readonly boardId: string;
  /** Peer key, Ed25519, hex. */
  readonly author: string;
  /** The place in that peer's journal, from 1. */
  readonly place: number;
  /** Exactly two, with different bodies. */
  readonly statements: readonly SignedStatement[];
  /** Whose tab the author says it is; null while no claim of it is known. */
  readonly memberId: string | null;
  /** Name of that member; empty if not known. A label, proof of nothing. */
  readonly name: string;
  readonly certificate: CertificateEvidence | null;
}

/** Everything of a piece of evidence that can be checked: the rest are labels. */
export type EvidenceClaim = Pick<
  ForkEvidence,
  'boardId' | 'author' | 'place' | 'statements' | 'memberId' | 'certificate'
>;

/** Every proof that is held, sorted by author. */
export function evidenceOf(proofs: readonly ForkProof[], roster: Roster): readonly ForkEvidence[] {
  const names = new Map(roster.members().map(({ member, name }) => [member, name]));
  return proofs.map((proof) => {
    const { board, author, seq, first, second } = proof;
    const certificate = roster.certificateOf(author);
    const memberId = certificate?.member ?? null;
    return {
      kind: 'equivocation',
      boardId: board,
      author,
      place: seq,
      statements: [first, second].map((statement) => statementJson(proof, statement)),
      memberId,
      name: (memberId === null ? undefined : names.get(memberId)) ?? '',
      certificate: certificate === undefined ? null : certificateJson(certificate),
    };
  });
}

/** Why a piece of evidence proves nothing, whatever its signatures. */
export type EvidenceRefusal =
  | 'proofEmpty' // the two statements do not contradict each other
  | 'proofAltered'; // its parts do not belong together

/** The signatures that have to hold for it to prove something. Every id, body and signature must be hex of the right length already. */
export function evidenceChecks(claim: EvidenceClaim): Result<readonly SignatureCheck[], EvidenceRefusal> {
  const { author, place, statements, memberId, certificate } = claim;
  const [one, other, third] = statements;
  if (one === undefined || other === undefined || third !== undefined) return refuse('proofEmpty');
  const [first, second] = [one, other].map(statementOf).sort((a, b) => (a.body < b.body ? -1 : 1)) as [
    Statement,
    Statement,
  ];
  const board = claim.boardId as BoardId;
  const proof: ForkProof = { board, author: author as PeerId, seq: place, first, second };
  if (!isContradiction(proof)) return refuse('proofEmpty');
  if (statements.some((each) => signedBytes(proof, each.body as Hash) !== each.signed))
    return refuse('proofAltered');
  if (memberId !== (certificate?.member ?? null)) return refuse('proofAltered');
  if (certificate === null) return ok(forkProofChecks(proof));
  const word = certificateOf(certificate);
  if (word.peer !== author || toHex(peerCertificateToSign(word)) !== certificate.signed)
    return refuse('proofAltered');
  return ok([...forkProofChecks(proof), peerCertificateCheck(word)]);
}

function signedBytes({ board, author, seq }: ForkProof, body: Hash): string {
  return toHex(entryToSign(hashPlace(board, author, seq, body)));
}

function statementJson(proof: ForkProof, { body, signature }: Statement): SignedStatement {
  return { body, signed: signedBytes(proof, body), signature: toHex(signature) };
}

function statementOf({ body, signature }: SignedStatement): Statement {
  return { body: body as Hash, signature: fromHex(signature) };
}

function certificateJson(certificate: PeerCertificate): CertificateEvidence {
  const { member, peer, slot, name, signature } = certificate;
  const signed = toHex(peerCertificateToSign(certificate));
  return { member, peer, slot, name, signed, signature: toHex(signature) };
}

function certificateOf({ member, peer, slot, name, signature }: CertificateEvidence): PeerCertificate {
  return { member: member as MemberId, peer: peer as PeerId, slot, name, signature: fromHex(signature) };
}
