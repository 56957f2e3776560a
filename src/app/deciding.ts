/**
 * What people and scripts decide together: proposals and ballots as operations of governance, and what came of them as plain JSON. Whatever is
 * asked for is tried on a copy of the state first, so that what cannot be is refused at once and not when the group comes to it.
 */
import { utf8, type Bytes } from '../kernel/bytes.ts';
import { isIdText, type Hash } from '../kernel/ids.ts';
import type { VerifierPort } from '../kernel/ports.ts';
import { Governance } from '../governance/governance.ts';
import { MAX_PROPOSAL_BODY_BYTES, MAX_PROPOSAL_TITLE_BYTES, MAX_REASON_BYTES } from '../governance/limits.ts';
import { encodeOperation, proposalIdOf, type Operation, type Question } from '../governance/operations.ts';
import type { Decision, GovernanceRefusal } from '../governance/outcomes.ts';
import { consequencesOf, tallyOf, whyNotVote } from '../governance/queries.ts';
import type { GovernanceState } from '../governance/state.ts';
import { CodedError } from '../runtime/coded-error.ts';
import type {
  CertificateVerdict,
  Choice,
  ClosedStatus,
  CommitteeStatus,
  DecidePort,
  DecisionEvidence,
  DecisionStatus,
  DecisionsView,
  NewProposal,
  ProposalPreview,
} from '../ui/decision-ports.ts';
import { verifyCertificate } from './certificates.ts';
import type { CouncilPort, PlacedDecision } from './council-port.ts';
import {
  actionOf,
  consequencesFor,
  countToAnswer,
  decisionStatus,
  questionOf,
  seatName,
  tallyStatus,
  viewOf,
  waitingOf,
  type BoardFacts,
} from './decision-views.ts';
import type { Names } from './decision-words.ts';
import { doubleVoteIn } from './double-votes.ts';

/** How long a proposal is open unless told otherwise: everybody looks at a board once a day (guess). */
const DEFAULT_OPEN_MS = 24 * 60 * 60 * 1000;
const NO_SIGNATURE = new Uint8Array(64);

/** What the application lends: the open full board, if one is open. */
export interface DecidingHost {
  readonly isOpen: boolean;
  /** Undefined where nothing is decided together: on scratch boards, and on boards that were made without a committee. */
  readonly council: CouncilPort | undefined;
  readonly facts: BoardFacts;
  /** Signs with the member key. */
  sign(toSign: Bytes): Promise<Bytes>;
}

export class Deciding implements DecidePort {
  readonly #host: () => DecidingHost;
  readonly #verifier: VerifierPort;
  #needsVote: number | undefined;

  constructor(host: () => DecidingHost, verifier: VerifierPort) {
    this.#host = host;
    this.#verifier = verifier;
  }

  /** Something about the committee, proposals or ballots has changed. */
  changed(): void {
    this.#needsVote = undefined;
  }

  committee(): CommitteeStatus | null {
    return this.#host().council?.status() ?? null;
  }

  /** That the group decided that the board is over. */
  closed(): ClosedStatus | null {
    const end = this.#host().council?.state?.proposals.end();
    return end === undefined ? null : { at: end.closing.at, sequence: end.closing.seq, title: end.title };
  }

  /** Own operations that wait for the group. */
  pending(): { readonly queuedProposals: number; readonly queuedBallots: number } {
    const { council, facts } = this.#host();
    const { proposals, ballots } = waitingOf(facts.peerId, council?.waiting ?? []);
    return { queuedProposals: proposals.length, queuedBallots: ballots.size };
  }

  view(): DecisionsView | null {
    const { council, facts } = this.#host();
    return council?.state === undefined ? null : viewOf(council, council.state, facts);
  }

  needsVote(): number {
    const { council, facts } = this.#host();
    if (council?.state === undefined) return 0;
    this.#needsVote ??= countToAnswer(council, council.state, facts);
    return this.#needsVote;
  }

  async propose(proposal: NewProposal): Promise<{ readonly proposalId: string }> {
    const question = questionFrom(proposal);
    const number = await this.#ask({ kind: 'propose', ...question });
    return { proposalId: proposalIdOf({ client: this.#host().facts.peerId, number }, question) };
  }

  preview(proposal: NewProposal): ProposalPreview {
    const { council, state, facts } = this.#open();
    const nothing = { voters: 0, neededYes: 0, neededBallots: 0, consequences: [] };
    // A title is still to come when people look at what their proposal would do.
    const question = questionFrom({
      ...proposal,
      title: proposal.title.trim() === '' ? '?' : proposal.title,
    });
    const tried = trial(council, state, facts, { kind: 'propose', ...question });
    const proposals = tried.state.proposals.rows();
    const made = tried.decision.refusal === undefined ? proposals.at(-1) : undefined;
    if (made === undefined) return { ...nothing, refusal: tried.decision.refusal ?? null };
    const tally = tallyStatus(tallyOf(made), made.thresholdPercent);
    return {
      refusal: null,
      voters: tally.voters,
      neededYes: tally.neededYes,
      neededBallots: tally.neededBallots,
      consequences: consequencesFor(consequencesOf(tried.state, made), state, facts),
    };
  }

  async vote(proposalId: string, choice: Choice, options: { readonly reason?: string } = {}): Promise<void> {
    const reason = (options.reason ?? '').trim();
    checkBytes(reason, MAX_REASON_BYTES);
    await this.#ask({ kind: 'castBallot', proposal: hashIn(proposalId), choice, reason });
  }

  async withdraw(proposalId: string): Promise<void> {
    await this.#ask({ kind: 'withdraw', proposal: hashIn(proposalId) });
  }

  decisions(options: { readonly since?: number } = {}): readonly DecisionStatus[] {
    return (this.#host().council?.decisions(options.since) ?? []).map((decision) => this.told(decision));
  }

  /** What listeners of 'decision' are told. */
  told(decision: PlacedDecision): DecisionStatus {
    return decisionStatus(this.#host().facts.peerId, decision, this.#names());
  }

  async resetCommittee(): Promise<void> {
    const { council } = this.#open();
    const host = this.#host();
    await council.beginAnew((toSign) => host.sign(toSign));
  }

  evidence(sequence: number, place = 1): DecisionEvidence | null {
    const { council } = this.#host();
    const evidence = council?.evidence(sequence);
    const state = council?.state;
    if (evidence === undefined || state === undefined) return null;
    const { seq, prepared, committed, ...rest } = evidence;
    const decision = council?.decisions(seq).find((each) => each.seq === seq && each.place === place);
    const decided = { sequence: seq, place, at: decision?.time ?? 0 };
    return {
      ...rest,
      doubleVote: doubleVoteIn(state, decision?.operation, decided),
      sequence: seq,
      prepared: prepared.map((seat) => seatName(state, seat)),
      committed: committed.map((seat) => seatName(state, seat)),
    };
  }

  async certificate(sequence: number, place = 1): Promise<string> {
    return this.#open().council.certificate(sequence, place);
  }

  verifyCertificate(text: string): Promise<CertificateVerdict> {
    return verifyCertificate(text, this.#verifier, this.#names());
  }

  #open(): { council: CouncilPort; state: GovernanceState; facts: BoardFacts } {
    const { council, facts, isOpen } = this.#host();
    if (!isOpen) throw new CodedError('noBoard');
    if (council === undefined) throw new CodedError('noCommittee');
    if (council.state === undefined) throw new CodedError('notReady');
    return { council, state: council.state, facts };
  }

  /** Signs and keeps an operation that would be done now; its number. */
  async #ask(operation: Operation): Promise<number> {
    const { council, state, facts } = this.#open();
    const refusal = whyNot(council, state, facts, operation);
    if (refusal !== undefined) throw new CodedError(refusal);
    const { number, decided } = await council.submit(operation);
    // What comes of it is told as a decision. A closed board decides nothing any more.
    decided.catch(() => undefined);
    return number;
  }

  #names(): Names {
    const { council, facts } = this.#host();
    const state = council?.state;
    return {
      member: (id) => facts.nameOf(id),
      memberOf: (tab) => (tab === facts.peerId ? facts.memberId : state?.members.memberOf(tab)),
      column: (id) => facts.columnTitle(id),
      proposal: (id) => state?.proposals.get(id as Hash)?.title,
    };
  }
}

/** Why the group would not do this now. A ballot is looked at as it is: copying the state took 4 % of a page's time while four tabs voted. */
function whyNot(
  council: CouncilPort,
  state: GovernanceState,
  facts: BoardFacts,
  operation: Operation,
): GovernanceRefusal | undefined {
  if (operation.kind === 'castBallot' && state.members.mayAsk(facts.peerId))
    return whyNotVote(state, facts.peerId, operation, council.time);
  return trial(council, state, facts, operation).decision.refusal;
}

/** Executes an operation on a copy of the state, as if the group came to it now. */
function trial(
  council: CouncilPort,
  state: GovernanceState,
  { memberId, peerId }: BoardFacts,
  operation: Operation,
): { readonly state: GovernanceState; readonly decision: Decision } {
  if (state.members.roleOf(memberId) === undefined)
    throw new CodedError(state.members.placeOf(memberId) === undefined ? 'notIntroduced' : 'evicted');
  const heard: Decision[] = [];
  const copy = new Governance(state.founding, (decision) => heard.push(decision));
  copy.restore(state.snapshot());
  // A tab that was just opened is introduced before anything that it asks for.
  if (copy.state.members.whyNotIntroduce(peerId, memberId) === undefined)
    copy.state.members.introduce(peerId, memberId);
  const request = {
    client: peerId,
    number: 1,
    operation: encodeOperation(operation),
    signature: NO_SIGNATURE,
  };
  copy.apply(request, { seq: 1, time: Math.max(council.time, state.time) });
  const [decision] = heard;
  if (decision === undefined) throw new CodedError('internalError');
  return { state: copy.state, decision };
}

function questionFrom(proposal: NewProposal): Question {
  const title = proposal.title.trim();
  const body = (proposal.body ?? '').trim();
  checkBytes(title, MAX_PROPOSAL_TITLE_BYTES);
  checkBytes(body, MAX_PROPOSAL_BODY_BYTES);
  return questionOf({
    title,
    body,
    action: actionOf(proposal.action ?? { type: 'none' }),
    closesInMs: proposal.closesInMs ?? DEFAULT_OPEN_MS,
    thresholdPercent: proposal.threshold === undefined ? undefined : Math.round(proposal.threshold * 100),
    areBallotsFinal: proposal.finalBallots ?? false,
  });
}

function checkBytes(text: string, most: number): void {
  if (utf8(text).length > most) throw new CodedError('textTooLong');
}

function hashIn(proposalId: string): Hash {
  if (!isIdText(proposalId)) throw new CodedError('unknownProposal');
  return proposalId as Hash;
}
