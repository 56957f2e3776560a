/** Proposals and their ballots: who may vote on what, until when, and what came of it. A ballot is an operation, no vote of the committee. */
import { flag, hashCodec, list, oneOf, optional, record, text, whole, type Codec } from '../kernel/codec.ts';
import { utf8 } from '../kernel/bytes.ts';
import type { Hash } from '../kernel/ids.ts';
import {
  LATE_PERCENT,
  MAX_CLOSED_PROPOSALS,
  MAX_GOVERNED_MEMBERS,
  MAX_OPEN_EACH,
  MAX_OPEN_PROPOSALS,
  MAX_PROPOSAL_BODY_BYTES,
  MAX_PROPOSAL_TITLE_BYTES,
  MAX_REASON_BYTES,
  MAX_REASONS_BYTES,
} from './limits.ts';
import { actionCodec, CHOICES, type Action, type Choice } from './operations.ts';
import { EXECUTIONS, type ExecutionState, type GovernanceRefusal, type Result } from './outcomes.ts';
import { certainVerdict, verdictOf, type Count, type Measure } from './tally.ts';

const RESULTS = ['passed', 'rejected', 'noQuorum', 'withdrawn'] as const satisfies readonly Result[];

/** Members are named by their place in the list of members. */
export interface Ballot {
  readonly voter: number;
  readonly choice: Choice;
  readonly reason: string;
  /** Agreed time, and place in the order, of the answer that counts. */
  readonly at: number;
  readonly seq: number;
  /** How often it was changed. */
  readonly changes: number;
}

export interface Closing {
  readonly result: Result;
  readonly at: number;
  readonly seq: number;
  readonly execution: ExecutionState;
}

export interface Proposal {
  readonly id: Hash;
  readonly author: number;
  readonly title: string;
  readonly body: string;
  readonly action: Action;
  readonly areBallotsFinal: boolean;
  /** Fixed with the voters when it was made, whatever the policy says later. */
  readonly thresholdPercent: number;
  readonly neededBallots: number;
  /** Agreed times, ms. */
  readonly openedAt: number;
  readonly closesAt: number;
  /** A late ballot turned the result: it stays open longer, once. */
  readonly isExtended: boolean;
  readonly openedSeq: number;
  /** Who may vote, ascending. */
  readonly voters: readonly number[];
  /** By voter, ascending. */
  readonly ballots: readonly Ballot[];
  readonly closing: Closing | undefined;
}

const placeCodec = whole(MAX_GOVERNED_MEMBERS - 1);

export const proposalRowsCodec: Codec<readonly Proposal[]> = list(
  record<Proposal>({
    id: hashCodec,
    author: placeCodec,
    title: text(MAX_PROPOSAL_TITLE_BYTES),
    body: text(MAX_PROPOSAL_BODY_BYTES),
    action: actionCodec,
    areBallotsFinal: flag,
    thresholdPercent: whole(100),
    neededBallots: whole(MAX_GOVERNED_MEMBERS),
    openedAt: whole(),
    closesAt: whole(),
    isExtended: flag,
    openedSeq: whole(),
    voters: list(placeCodec, MAX_GOVERNED_MEMBERS),
    ballots: list(
      record<Ballot>({
        voter: placeCodec,
        choice: oneOf(CHOICES),
        reason: text(MAX_REASON_BYTES),
        at: whole(),
        seq: whole(),
        changes: whole(),
      }),
      MAX_GOVERNED_MEMBERS,
    ),
    closing: optional(
      record<Closing>({ result: oneOf(RESULTS), at: whole(), seq: whole(), execution: oneOf(EXECUTIONS) }),
    ),
  }),
  MAX_OPEN_PROPOSALS + MAX_CLOSED_PROPOSALS,
);

export function countOf({ ballots }: Pick<Proposal, 'ballots'>): Count {
  const of = (choice: Choice): number => ballots.filter((ballot) => ballot.choice === choice).length;
  return { yes: of('approve'), no: of('reject'), abstain: of('abstain') };
}

export function measureOf({ thresholdPercent, neededBallots, voters }: Proposal): Measure {
  return { thresholdPercent, neededBallots, voters: voters.length };
}

/** Where the last part of a proposal's time begins, in which a ballot that turns the result extends it. */
export function lateFrom({ openedAt, closesAt }: Proposal): number {
  return closesAt - lateMs({ openedAt, closesAt });
}

function lateMs({ openedAt, closesAt }: Pick<Proposal, 'openedAt' | 'closesAt'>): number {
  return Math.ceil(((closesAt - openedAt) * LATE_PERCENT) / 100);
}

export class Proposals {
  /** In the order in which they were made. */
  readonly #rows = new Map<Hash, Proposal>();

  /** False when one is named twice, or its voters or ballots are not in order. */
  restore(rows: readonly Proposal[]): boolean {
    this.#rows.clear();
    for (const row of rows) this.#rows.set(row.id, row);
    return this.#rows.size === rows.length && rows.every(isSound);
  }

  rows(): Proposal[] {
    return [...this.#rows.values()];
  }

  get(id: Hash): Proposal | undefined {
    return this.#rows.get(id);
  }

  whyNotOpen(author: number): GovernanceRefusal | undefined {
    const open = this.rows().filter(({ closing }) => closing === undefined);
    const own = open.filter((each) => each.author === author).length;
    return open.length >= MAX_OPEN_PROPOSALS || own >= MAX_OPEN_EACH ? 'tooManyProposals' : undefined;
  }

  open(proposal: Proposal): void {
    this.#rows.set(proposal.id, proposal);
  }

  whyNotCast(id: Hash, voter: number, reason: string, time: number): GovernanceRefusal | undefined {
    const proposal = this.#rows.get(id);
    if (proposal === undefined) return 'unknownProposal';
    if (proposal.closing !== undefined || time >= proposal.closesAt) return 'proposalClosed';
    if (!proposal.voters.includes(voter)) return 'notAVoter';
    const earlier = proposal.ballots.find((ballot) => ballot.voter === voter);
    if (earlier !== undefined && proposal.areBallotsFinal) return 'ballotFinal';
    const others = proposal.ballots.filter((ballot) => ballot !== earlier);
    const bytes = others.reduce((sum, each) => sum + utf8(each.reason).length, utf8(reason).length);
    return reason !== '' && bytes > MAX_REASONS_BYTES ? 'tooManyReasons' : undefined;
  }

  /** Counts a ballot in place of the voter's earlier one. The proposal as it is then. */
  cast(
    id: Hash,
    voter: number,
    choice: Choice,
    reason: string,
    time: number,
    seq: number,
  ): Proposal | undefined {
    const before = this.#rows.get(id);
    if (before === undefined) return undefined;
    const earlier = before.ballots.find((ballot) => ballot.voter === voter);
    const changes = earlier === undefined ? 0 : earlier.changes + 1;
    const ballots = [
      ...before.ballots.filter((ballot) => ballot !== earlier),
      { voter, choice, reason, at: time, seq, changes },
    ].sort((a, b) => a.voter - b.voter);
    const after = extendedIfLate(before, { ...before, ballots }, time);
    this.#rows.set(id, after);
    return after;
  }

  whyNotClose(id: Hash, time: number): GovernanceRefusal | undefined {
    const proposal = this.#rows.get(id);
    if (proposal === undefined) return 'unknownProposal';
    if (proposal.closing !== undefined) return 'proposalClosed';
    if (time >= proposal.closesAt) return undefined;
    const isCertain =
      proposal.areBallotsFinal && certainVerdict(countOf(proposal), measureOf(proposal)) !== undefined;
    return isCertain ? undefined : 'notDue';
  }

  whyNotWithdraw(id: Hash, author: number, time: number): GovernanceRefusal | undefined {
    const proposal = this.#rows.get(id);
    if (proposal === undefined) return 'unknownProposal';
    if (proposal.closing !== undefined || time >= proposal.closesAt) return 'proposalClosed';
    return proposal.author === author ? undefined : 'notYours';
  }

  /** Closes it, and forgets the oldest closed ones beyond what is kept. That the board is over is never forgotten: everything that refuses edits looks for it. */
  close(id: Hash, closing: Closing): void {
    const proposal = this.#rows.get(id);
    if (proposal === undefined) return;
    this.#rows.set(id, { ...proposal, closing });
    const end = this.end();
    const closed = this.rows()
      .flatMap((row) => (row.closing === undefined ? [] : [{ id: row.id, seq: row.closing.seq }]))
      .sort((a, b) => a.seq - b.seq || (a.id < b.id ? -1 : 1));
    const old = closed.slice(
      0,
      Math.max(0, closed.length - MAX_CLOSED_PROPOSALS + (end === undefined ? 0 : 1)),
    );
    for (const each of old) if (each.id !== end?.id) this.#rows.delete(each.id);
  }

  /** The first proposal by which the group removed the board, if it did. */
  end(): (Proposal & { readonly closing: Closing }) | undefined {
    const ends = this.rows().flatMap((row) => {
      const { action, closing } = row;
      const isEnd =
        action.kind === 'removeBoard' && closing?.result === 'passed' && closing.execution === 'done';
      return isEnd ? [{ ...row, closing }] : [];
    });
    return ends.reduce<(typeof ends)[number] | undefined>(
      (first, each) => (first === undefined || each.closing.seq < first.closing.seq ? each : first),
      undefined,
    );
  }
}

/** Extends a proposal, once, if a ballot of its last part turned the result: nobody can wait for the last second. */
function extendedIfLate(before: Proposal, after: Proposal, time: number): Proposal {
  if (before.isExtended || time < lateFrom(before)) return after;
  const measure = measureOf(before);
  if (verdictOf(countOf(before), measure) === verdictOf(countOf(after), measure)) return after;
  return { ...after, isExtended: true, closesAt: before.closesAt + lateMs(before) };
}

function isSound({ voters, ballots, openedAt, closesAt }: Proposal): boolean {
  const isOrdered = (places: readonly number[]): boolean =>
    places.every((place, at) => at === 0 || (places[at - 1] ?? 0) < place);
  const voting = ballots.map(({ voter }) => voter);
  return (
    isOrdered(voters) &&
    isOrdered(voting) &&
    voting.every((voter) => voters.includes(voter)) &&
    openedAt <= closesAt
  );
}
