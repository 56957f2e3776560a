/**
 * What a member can ask the group to decide or to do, as bytes of a consensus request. The request's signature is the author's: an operation
 * carries signatures only where it repeats somebody else's word. Whether those hold does not depend on any state, so they are checked together with
 * the request's own, before anybody votes for it ({@link operationChecks}).
 */
import type { Bytes } from '../kernel/bytes.ts';
import {
  decodeWith,
  encodeWith,
  flag,
  hashCodec,
  list,
  memberIdCodec,
  oneOf,
  optional,
  peerIdCodec,
  record,
  text,
  union,
  whole,
  type Codec,
  type DecodeCode,
  type OneKind,
} from '../kernel/codec.ts';
import { digest } from '../kernel/hash.ts';
import type { BoardId, Hash, MemberId, PeerId } from '../kernel/ids.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import {
  admissionChecks,
  admissionCodec,
  capabilityCheck,
  capabilityCodec,
  type Admission,
  type Capability,
} from '../identity/admission.ts';
import type { Cut, Eviction, Revocation, RoleChange } from '../identity/decrees.ts';
import { revocationCodec, roleChangeCodec } from '../identity/decrees.ts';
import { DOMAIN } from '../identity/domains.ts';
import {
  peerCertificateCheck,
  peerCertificateCodec,
  type PeerCertificate,
} from '../identity/peer-certificate.ts';
import { MAX_SEATS } from '../consensus/limits.ts';
import {
  isContradiction as isDoubleVote,
  lieChecks,
  lieProofCodec,
  type LieProof,
} from '../consensus/lies.ts';
import { requestKey, type Request } from '../consensus/requests.ts';
import { forkProofChecks, forkProofCodec, isContradiction, type ForkProof } from '../replication/forks.ts';
import {
  MAX_COLUMN_ID_BYTES,
  MAX_DECIDED_CUTS,
  MAX_PROPOSAL_BODY_BYTES,
  MAX_PROPOSAL_TITLE_BYTES,
  MAX_REASON_BYTES,
} from './limits.ts';
import { policyCodec, type Policy } from './policy.ts';

export const CHOICES = ['approve', 'reject', 'abstain'] as const;
export type Choice = (typeof CHOICES)[number];

/** What a proposal does when it passes. */
export interface ActionKinds {
  /** Nothing by itself: people wanted to know. */
  readonly none: object;
  readonly evict: Eviction;
  readonly role: RoleChange;
  readonly dropSeat: { readonly seat: PeerId };
  readonly removeColumn: { readonly columnId: string };
  readonly removeBoard: object;
  readonly policy: { readonly policy: Policy };
}
export type Action = OneKind<ActionKinds>;

/** What is proposed. Everything in it is part of the proposal's id. */
export interface Question {
  readonly title: string;
  readonly body: string;
  readonly action: Action;
  /** How long it is open, ms. */
  readonly closesInMs: number;
  /** Per cent; undefined for the policy's. */
  readonly thresholdPercent: number | undefined;
  /** Ballots cannot be changed; in return it can be closed as soon as the result is certain. */
  readonly areBallotsFinal: boolean;
}

export interface OperationKinds {
  /** The asking tab is this member's. */
  readonly introduce: { readonly certificate: PeerCertificate };
  /** An invite exists, whether or not anybody ever uses it. */
  readonly registerInvite: { readonly capability: Capability };
  readonly revokeInvite: Revocation;
  readonly admit: { readonly admission: Admission; readonly certificate: PeerCertificate | undefined };
  readonly changeRole: RoleChange;
  readonly evict: Eviction;
  /** A tab signed two entries for one place of its journal. */
  readonly cut: { readonly proof: ForkProof };
  /** A seat for the asking tab: a new one, or that of another tab of its member. */
  readonly takeSeat: { readonly replaces: PeerId | undefined };
  readonly leaveSeat: object;
  readonly renewSeat: object;
  /** These seats are gone; those of them go whose lease is over. */
  readonly expireSeats: { readonly seats: readonly PeerId[] };
  readonly dropSeat: { readonly seat: PeerId };
  readonly propose: Question;
  readonly castBallot: { readonly proposal: Hash; readonly choice: Choice; readonly reason: string };
  readonly withdraw: { readonly proposal: Hash };
  readonly close: { readonly proposal: Hash };
  readonly setPolicy: { readonly policy: Policy };
  /** The asking seat made the board's checkpoint from its own entries. */
  readonly attest: Attested;
  /** A tab with a seat of some epoch signed two statements of which an honest one signs at most one. */
  readonly convict: { readonly proof: LieProof };
}
export type Operation = OneKind<OperationKinds>;

/** What a seat says of a checkpoint of the board's history. */
export interface Attested {
  /** Epoch of the committee whose seat says so. */
  readonly epoch: number;
  readonly number: number;
  /** The entry up to which the checkpoint goes, so that others can make the same one. */
  readonly head: Hash;
  /** Of its manifest. */
  readonly hash: Hash;
}

const evictionCodec: Codec<Eviction> = record<Eviction>({
  member: memberIdCodec,
  cuts: list(record<Cut>({ author: peerIdCodec, seq: whole(), head: hashCodec }), MAX_DECIDED_CUTS),
});
const nothingCodec: Codec<object> = record<object>({});
const seatCodec = record<{ seat: PeerId }>({ seat: peerIdCodec });
const namesProposal = record<{ proposal: Hash }>({ proposal: hashCodec });
const carriesPolicy = record<{ policy: Policy }>({ policy: policyCodec });

export const actionCodec: Codec<Action> = union<ActionKinds>({
  none: [1, nothingCodec],
  evict: [2, evictionCodec],
  role: [3, roleChangeCodec],
  dropSeat: [4, seatCodec],
  removeColumn: [5, record<ActionKinds['removeColumn']>({ columnId: text(MAX_COLUMN_ID_BYTES) })],
  removeBoard: [6, nothingCodec],
  policy: [7, carriesPolicy],
});

const questionCodec: Codec<Question> = record<Question>({
  title: text(MAX_PROPOSAL_TITLE_BYTES),
  body: text(MAX_PROPOSAL_BODY_BYTES),
  action: actionCodec,
  closesInMs: whole(),
  thresholdPercent: optional(whole(100)),
  areBallotsFinal: flag,
});

export const operationCodec: Codec<Operation> = union<OperationKinds>({
  introduce: [1, record<OperationKinds['introduce']>({ certificate: peerCertificateCodec })],
  registerInvite: [2, record<OperationKinds['registerInvite']>({ capability: capabilityCodec })],
  revokeInvite: [3, revocationCodec],
  admit: [
    4,
    record<OperationKinds['admit']>({
      admission: admissionCodec,
      certificate: optional(peerCertificateCodec),
    }),
  ],
  changeRole: [5, roleChangeCodec],
  evict: [6, evictionCodec],
  cut: [7, record<OperationKinds['cut']>({ proof: forkProofCodec })],
  takeSeat: [8, record<OperationKinds['takeSeat']>({ replaces: optional(peerIdCodec) })],
  leaveSeat: [9, nothingCodec],
  renewSeat: [10, nothingCodec],
  expireSeats: [11, record<OperationKinds['expireSeats']>({ seats: list(peerIdCodec, MAX_SEATS) })],
  dropSeat: [12, seatCodec],
  propose: [13, questionCodec],
  castBallot: [
    14,
    record<OperationKinds['castBallot']>({
      proposal: hashCodec,
      choice: oneOf(CHOICES),
      reason: text(MAX_REASON_BYTES),
    }),
  ],
  withdraw: [15, namesProposal],
  close: [16, namesProposal],
  setPolicy: [17, carriesPolicy],
  attest: [18, record<Attested>({ epoch: whole(), number: whole(), head: hashCodec, hash: hashCodec })],
  convict: [19, record<OperationKinds['convict']>({ proof: lieProofCodec })],
});

export function encodeOperation(operation: Operation): Bytes {
  return encodeWith(operationCodec, operation);
}

/** Why bytes are no operation of this board, whoever asks. */
export type OperationRefusal =
  | DecodeCode
  | 'wrongBoard' // an invite or proof of another board
  | 'proofEmpty'; // a proof whose statements do not contradict each other

/** The operation in foreign bytes. It says nothing before its signatures hold ({@link operationChecks}). */
export function decodeOperation(board: BoardId, bytes: Bytes): Result<Operation, OperationRefusal> {
  const decoded = decodeWith(operationCodec, bytes);
  if (!decoded.ok) return decoded;
  const operation = decoded.value;
  if (operation.kind === 'cut') {
    if (operation.proof.board !== board) return refuse('wrongBoard');
    if (!isContradiction(operation.proof)) return refuse('proofEmpty');
  }
  if (operation.kind === 'convict') {
    if (operation.proof.board !== board) return refuse('wrongBoard');
    if (!isDoubleVote(operation.proof)) return refuse('proofEmpty');
  }
  if (operation.kind === 'registerInvite' && operation.capability.board !== board)
    return refuse('wrongBoard');
  if (operation.kind === 'admit' && operation.admission.capability.board !== board)
    return refuse('wrongBoard');
  return ok(operation);
}

/** Signatures of others in an operation. Without each of them nobody may propose it or vote for it; executing it relies on that. */
export function operationChecks(operation: Operation): readonly SignatureCheck[] {
  switch (operation.kind) {
    case 'introduce':
      return [peerCertificateCheck(operation.certificate)];
    case 'registerInvite':
      return [capabilityCheck(operation.capability)];
    case 'admit': {
      const { admission, certificate } = operation;
      const tab = certificate === undefined ? [] : [peerCertificateCheck(certificate)];
      return [...admissionChecks(admission), ...tab];
    }
    case 'cut':
      return forkProofChecks(operation.proof);
    case 'convict':
      return lieChecks(operation.proof);
    case 'revokeInvite':
    case 'changeRole':
    case 'evict':
    case 'takeSeat':
    case 'leaveSeat':
    case 'renewSeat':
    case 'expireSeats':
    case 'dropSeat':
    case 'propose':
    case 'castBallot':
    case 'withdraw':
    case 'close':
    case 'setPolicy':
    case 'attest':
      return [];
  }
}

interface Named {
  readonly request: string;
  readonly question: Question;
}

const namedCodec: Codec<Named> = record<Named>({ request: text(100), question: questionCodec });

/** Names a proposal by everything that it says and who asked it when: a ballot for it is one for no other text. */
export function proposalIdOf(request: Pick<Request, 'client' | 'number'>, question: Question): Hash {
  return digest(DOMAIN.proposal, encodeWith(namedCodec, { request: requestKey(request), question }));
}

/** The member that an action restricts or raises, who does not vote about it. */
export function memberOfAction(action: Action): MemberId | undefined {
  return action.kind === 'evict' || action.kind === 'role' ? action.member : undefined;
}
