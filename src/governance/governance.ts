/**
 * The replicated state machine of a board's group: consensus brings operations into one order, and every replica executes them here and comes to the
 * same state, without a clock, chance or anything of its own. It implements what consensus asks of an application, and knows the board only
 * as something that others change when an outcome says so. Rules: docs/spec/governance.md.
 */
import { equalBytes, type Bytes } from '../kernel/bytes.ts';
import { decodeWith } from '../kernel/codec.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import type { Seating } from '../consensus/committee.ts';
import type { Application, Moment } from '../consensus/execution.ts';
import type { Request } from '../consensus/requests.ts';
import type { Asking } from './asking.ts';
import {
  admit,
  changeRole,
  convict,
  cut,
  evict,
  introduce,
  registerInvite,
  revokeInvite,
  type Answer,
} from './membership.ts';
import {
  decodeOperation,
  operationChecks,
  operationCodec,
  type Attested,
  type Operation,
} from './operations.ts';
import type { Decision, GovernanceRefusal } from './outcomes.ts';
import { GovernanceState, type Founding, type SeatedCommittee } from './state.ts';
import {
  castBallot,
  close,
  dropSeat,
  expireSeats,
  leaveSeat,
  propose,
  renewSeat,
  setPolicy,
  takeSeat,
  withdraw,
} from './voting.ts';

/** Kinds whose execution can change who sits. */
const RESEATING: ReadonlySet<Operation['kind']> = new Set([
  'changeRole',
  'evict',
  'cut',
  'convict',
  'takeSeat',
  'leaveSeat',
  'expireSeats',
  'dropSeat',
  'close',
]);

export class Governance implements Application {
  #state: GovernanceState;
  readonly #told: (decision: Decision) => void;

  /** `told`: hears of every executed operation, also of those that did nothing. */
  constructor(founding: Founding, told: (decision: Decision) => void) {
    this.#state = new GovernanceState(founding);
    this.#told = told;
  }

  /** To look at only. */
  get state(): GovernanceState {
    return this.#state;
  }

  /** Whether this tab may ask for anything now. */
  admits(client: PeerId): boolean {
    return this.state.mayAsk(client);
  }

  /** The signatures inside an operation; undefined for bytes that say nothing on this board. */
  checksOf(operation: Bytes): readonly SignatureCheck[] | undefined {
    const decoded = decodeOperation(this.state.founding.board, operation);
    return decoded.ok ? operationChecks(decoded.value) : undefined;
  }

  /** Executes one request whose signatures, its own and those inside, hold. */
  apply(request: Request, at: Moment): void {
    const { state } = this;
    state.time = Math.max(state.time, at.time);
    const decoded = decodeOperation(state.founding.board, request.operation);
    const operation = decoded.ok ? decoded.value : undefined;
    const answer = decoded.ok ? this.#execute(request, at.seq, decoded.value) : refusalOf(decoded.code);
    const member = state.members.memberOf(request.client);
    const { client: author } = request;
    const decision = { seq: at.seq, time: state.time, author, member, operation };
    if (typeof answer === 'string') this.#told({ ...decision, refusal: answer, outcomes: [] });
    else this.#told({ ...decision, refusal: undefined, outcomes: answer });
  }

  #execute({ client, number }: Request, seq: number, operation: Operation): Answer {
    const { members, time } = this.state;
    const member = members.memberOf(client);
    const place = members.tab(client)?.member;
    const role = member && members.roleOf(member);
    if (member === undefined || place === undefined || role === undefined) return 'unknownTab';
    if (!this.state.mayAsk(client)) return 'unknownTab';
    return execute(this.state, { client, number, member, place, role, seq, time }, operation);
  }

  mayReseat(operation: Bytes): boolean {
    const decoded = decodeWith(operationCodec, operation);
    return decoded.ok && RESEATING.has(decoded.value.kind);
  }

  /** Who is to sit from now on; undefined before anybody did. */
  nextSeating(): Seating | undefined {
    const { committee, seats } = this.state;
    if (committee === undefined) return undefined;
    const { checkpointEvery, window } = committee;
    return { seats: seats.records(), checkpointEvery, window };
  }

  /** A committee begins. */
  seated({ epoch, resets, seats, checkpointEvery, window }: SeatedCommittee): void {
    const { state } = this;
    state.committee = { epoch, resets, seats, checkpointEvery, window };
    state.seats.seated(seats, (seat) => state.members.tab(seat)?.member, state.time);
    state.attestations.seated();
  }

  snapshot(): Bytes {
    return this.state.snapshot();
  }

  restore(snapshot: Bytes): boolean {
    const restored = new GovernanceState(this.#state.founding);
    // What is not in the one order that snapshots have would be hashed differently later.
    if (!restored.restore(snapshot) || !equalBytes(restored.snapshot(), snapshot)) return false;
    this.#state = restored;
    return true;
  }
}

function refusalOf(code: string): GovernanceRefusal {
  return code === 'wrongBoard' || code === 'proofEmpty' ? code : 'notAnOperation';
}

function execute(state: GovernanceState, asking: Asking, operation: Operation): Answer {
  switch (operation.kind) {
    case 'introduce':
      return introduce(state, operation);
    case 'registerInvite':
      return registerInvite(state, asking, operation.capability);
    case 'revokeInvite':
      return revokeInvite(state, asking, operation);
    case 'admit':
      return admit(state, asking, operation);
    case 'changeRole':
      return changeRole(state, asking, operation);
    case 'evict':
      return evict(state, asking, operation.member, operation.cuts);
    case 'cut':
      return cut(state, operation);
    case 'convict':
      return convict(state, asking, operation);
    case 'takeSeat':
      return takeSeat(state, asking, operation);
    case 'leaveSeat':
      return leaveSeat(state, asking.client);
    case 'renewSeat':
      return renewSeat(state, asking);
    case 'expireSeats':
      return expireSeats(state, asking, operation.seats);
    case 'dropSeat':
      return dropSeat(state, asking, operation.seat);
    case 'propose':
      return propose(state, asking, operation);
    case 'castBallot':
      return castBallot(state, asking, operation);
    case 'withdraw':
      return withdraw(state, asking, operation.proposal);
    case 'close':
      return close(state, asking, operation.proposal);
    case 'setPolicy':
      return setPolicy(state, asking, operation.policy);
    case 'attest':
      return attest(state, asking, operation);
  }
}

function attest(
  { attestations, committee, committeeKeys }: GovernanceState,
  { client: seat }: Asking,
  { epoch, hash, head, number }: Attested,
): Answer {
  if (epoch !== committee?.epoch) return 'otherEpoch';
  const said = { seat, number, head, hash };
  const why = attestations.whyNot(said, committeeKeys);
  if (why !== undefined) return why;
  return attestations.add(said, committeeKeys) ? [{ kind: 'checkpointCertified', number, hash }] : [];
}
