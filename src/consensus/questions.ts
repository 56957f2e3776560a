/** What any peer asks the others, with a seat or without one: where it stands, for something by its hash, or who is there. Nothing is decided by a question. */
import type { Bytes } from '../kernel/bytes.ts';
import {
  boardIdCodec,
  encodeWith,
  flag,
  hashCodec,
  list,
  oneOf,
  peerIdCodec,
  record,
  signatureCodec,
  union,
  whole,
  type Codec,
  type OneKind,
} from '../kernel/codec.ts';
import type { BoardId, Hash, PeerId } from '../kernel/ids.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import { DOMAIN } from '../identity/domains.ts';
import { domainSeparated } from '../identity/signing.ts';
import { MAX_WINDOW } from './limits.ts';

/** What somebody has of one sequence number. Sets of seats are bits: seat i is 2^i. */
export interface SlotStatus {
  readonly seq: number;
  readonly hasProposal: boolean;
  readonly prepares: number;
  readonly commits: number;
}

/** Where somebody stands, so that others can send what it lacks. */
export interface Status {
  readonly epoch: number;
  /** Higher with each question of an asker that has one, over all its lives, since a life begins with the time in ms. */
  readonly turn: number;
  readonly view: number;
  /** False while it waits for the new view. */
  readonly isActive: boolean;
  readonly executed: number;
  readonly stable: number;
  /** Seats whose view change to `view` or a later one it has. */
  readonly changes: number;
  /** Seats whose word for the end of the epoch it has. */
  readonly closes: number;
  /** What it has of undecided sequence numbers in `view`, ascending; of all others above `executed` it has nothing. */
  readonly slots: readonly SlotStatus[];
}

const WHATS = ['batch', 'viewChange', 'manifest', 'piece'] as const;

/** Asks for something by its hash. */
export interface Fetch {
  readonly what: (typeof WHATS)[number];
  readonly digest: Hash;
}

export interface QuestionKinds {
  readonly status: Status;
  readonly fetch: Fetch;
  readonly call: Call;
  readonly present: Present;
}

/** A place of which somebody holds that it was prepared, and in which view. */
export interface PreparedPlace {
  readonly seq: number;
  readonly view: number;
}

/** Asks every seat of this committee whether it is there, and everybody for what the caller lacks of it. */
export interface Call {
  readonly committee: Hash;
  /** As in a status. */
  readonly turn: number;
  readonly executed: number;
  readonly stable: number;
  /** What it holds prepared certificates of above `executed`, ascending, the highest view of each. */
  readonly prepared: readonly PreparedPlace[];
}

/** A seat's answer to a call, by who called and in which turn. */
export interface Present {
  readonly committee: Hash;
  readonly caller: PeerId;
  readonly turn: number;
  /** Up to where it executed, or holds prepared certificates without a gap: a claim, until what it sends besides proves it. */
  readonly reached: number;
}

export type Question = OneKind<QuestionKinds>;

/** A question with the signature of the peer that asks and will be answered. */
export interface SignedQuestion {
  readonly asker: PeerId;
  readonly question: Question;
  readonly signature: Bytes;
}

/** One bit for each of MAX_SEATS seats. */
export const ALL_SEATS = 0x7fff_ffff;
const seatBitsCodec: Codec<number> = whole(ALL_SEATS);

const statusCodec: Codec<Status> = record<Status>({
  epoch: whole(),
  turn: whole(),
  view: whole(),
  isActive: flag,
  executed: whole(),
  stable: whole(),
  changes: seatBitsCodec,
  closes: seatBitsCodec,
  slots: list(
    record<SlotStatus>({ seq: whole(), hasProposal: flag, prepares: seatBitsCodec, commits: seatBitsCodec }),
    MAX_WINDOW,
  ),
});

const questionCodec: Codec<Question> = union<QuestionKinds>({
  status: [1, statusCodec],
  fetch: [2, record<Fetch>({ what: oneOf(WHATS), digest: hashCodec })],
  // Tags 3 and 4 did not say how far their asker is: never to be used again.
  call: [
    5,
    record<Call>({
      committee: hashCodec,
      turn: whole(),
      executed: whole(),
      stable: whole(),
      prepared: list(record<PreparedPlace>({ seq: whole(), view: whole() }), MAX_WINDOW),
    }),
  ],
  present: [
    6,
    record<Present>({ committee: hashCodec, caller: peerIdCodec, turn: whole(), reached: whole() }),
  ],
});

export const signedQuestionCodec: Codec<SignedQuestion> = record<SignedQuestion>({
  asker: peerIdCodec,
  question: questionCodec,
  signature: signatureCodec,
});

interface Asked {
  readonly board: BoardId;
  readonly asker: PeerId;
  readonly question: Question;
}

const askedCodec = record<Asked>({ board: boardIdCodec, asker: peerIdCodec, question: questionCodec });

export function questionToSign(board: BoardId, asker: PeerId, question: Question): Bytes {
  return domainSeparated(DOMAIN.question, encodeWith(askedCodec, { board, asker, question }));
}

export function questionCheck(
  board: BoardId,
  { asker, question, signature }: SignedQuestion,
): SignatureCheck {
  return { signer: asker, body: questionToSign(board, asker, question), signature };
}
