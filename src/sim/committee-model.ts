/**
 * What the operations that a board's group decided come to, counted anew from the rules of docs/spec/governance.md: who is in, which tabs are whose, who
 * sits, and what came of each vote. It shares no code with src/governance, and knows only operations that the committee scenario brings about.
 */
import type { Hash, MemberId, PeerId } from '../kernel/ids.ts';
import {
  proposalIdIn,
  readOperation,
  type ReadAction,
  type ReadChoice,
  type ReadLie,
  type ReadOperation,
  type ReadRequest,
  type ReadRole,
} from './committee-reader.ts';

/** 3 minutes (GOV-14), 31 seats (GOV-15). */
const LEASE_MS = 180_000;
const MOST_SEATS = 31;
/** Kinds that may change who sits (GOV-16). */
const RESEATING: ReadonlySet<string> = new Set([
  ...['changeRole', 'evict', 'convict', 'takeSeat', 'leaveSeat', 'expireSeats', 'dropSeat', 'close'],
]);

export interface ModelSeat {
  readonly key: PeerId;
  readonly member: MemberId;
  isDurable: boolean;
  leaseUntil: number;
}

export interface ModelMember {
  role: ReadRole;
  isEvicted: boolean;
}

export type ModelResult = 'passed' | 'rejected' | 'noQuorum' | 'withdrawn';

export interface ModelVote {
  readonly author: MemberId;
  readonly action: ReadAction;
  readonly voters: ReadonlySet<MemberId>;
  readonly needed: number;
  readonly thresholdPercent: number;
  readonly openedAt: number;
  readonly answers: Map<MemberId, ReadChoice>;
  closesAt: number;
  isExtended: boolean;
  result: ModelResult | undefined;
  /** Whether what it asks for happened. */
  isDone: boolean;
}

export class CommitteeModel {
  readonly #creator: MemberId;
  readonly #isOneEach: boolean;
  readonly members = new Map<MemberId, ModelMember>();
  readonly tabs = new Map<PeerId, MemberId>();
  seats: ModelSeat[] = [];
  readonly votes = new Map<Hash, ModelVote>();
  readonly removedColumns = new Set<string>();
  /** Tabs that voted twice, with the proof. */
  readonly convicted = new Map<PeerId, ReadLie>();
  time = 0;

  /** `isOneEach`: the electorate is of members, not of tabs. */
  constructor(creator: MemberId, firstTab: PeerId, isOneEach: boolean) {
    this.#creator = creator;
    this.#isOneEach = isOneEach;
    this.members.set(creator, { role: 'owner', isEvicted: false });
    this.tabs.set(firstTab, creator);
    this.seats.push({ key: firstTab, member: creator, isDurable: true, leaseUntil: 0 });
  }

  /** Whether this tab may ask for anything now. */
  admits(client: PeerId): boolean {
    const member = this.tabs.get(client);
    return member !== undefined && this.#roleOf(member) !== undefined && !this.convicted.has(client);
  }

  /** Executes a request of a tab that may ask. Whether it may change who sits. */
  execute(request: ReadRequest, time: number): boolean {
    this.time = Math.max(this.time, time);
    const operation = readOperation(request.operation);
    const member = this.tabs.get(request.client);
    if (member !== undefined) this.#execute(request, member, operation);
    return RESEATING.has(operation.kind);
  }

  #execute(request: ReadRequest, member: MemberId, operation: ReadOperation): void {
    const { client } = request;
    switch (operation.kind) {
      case 'introduce':
        if (this.#roleOf(operation.member) !== undefined && !this.tabs.has(operation.tab))
          this.tabs.set(operation.tab, operation.member);
        return;
      case 'admit':
        return this.#admit(operation);
      case 'changeRole':
        if (this.#mayDecree(member, operation.member)) this.#giveRole(operation.member, operation.role);
        return;
      case 'evict':
        if (this.#mayDecree(member, operation.member)) this.#evict(operation.member);
        return;
      case 'convict': {
        const { key } = operation.lie;
        if (!this.tabs.has(key) || this.convicted.has(key)) return;
        this.convicted.set(key, operation.lie);
        return void this.#leave(key);
      }
      case 'takeSeat':
        return this.#takeSeat(client, member, operation.replaces);
      case 'leaveSeat':
        return void this.#leave(client);
      case 'renewSeat':
        for (const seat of this.seats) if (seat.key === client) seat.leaseUntil = this.time + LEASE_MS;
        return;
      case 'expireSeats':
        return this.#expire(operation.seats);
      case 'dropSeat':
        if (this.#roleOf(member) === 'owner') this.#leave(operation.seat);
        return;
      case 'propose':
        return this.#propose(request, member, operation);
      case 'castBallot':
        return this.#cast(member, operation.proposal, operation.choice);
      case 'withdraw': {
        const vote = this.votes.get(operation.proposal);
        if (vote?.author === member && vote.result === undefined && this.time < vote.closesAt)
          vote.result = 'withdrawn';
        return;
      }
      case 'close':
        return this.#close(operation.proposal);
      case 'other':
        return;
    }
  }

  #roleOf(member: MemberId): ReadRole | undefined {
    const known = this.members.get(member);
    return known?.isEvicted === false ? known.role : undefined;
  }

  #admit({ member, issuer, role, tab }: ReadOperation & { readonly kind: 'admit' }): void {
    const by = this.#roleOf(issuer);
    const isFree = tab === undefined || (tab.member === member && !this.tabs.has(tab.peer));
    if (this.members.has(member) || (by !== 'owner' && by !== 'editor') || !isFree) return;
    this.members.set(member, { role, isEvicted: false });
    if (tab !== undefined) this.tabs.set(tab.peer, member);
  }

  /** Owners alone, about nobody beyond them. */
  #mayDecree(by: MemberId, about: MemberId): boolean {
    if (this.#roleOf(by) !== 'owner') return false;
    return by === this.#creator || this.#roleOf(about) !== 'owner';
  }

  /** Whether nobody else sits: somebody has to. */
  #sitsAlone(member: MemberId): boolean {
    return this.seats.every((seat) => seat.member === member);
  }

  #giveRole(member: MemberId, role: ReadRole): boolean {
    const known = this.members.get(member);
    if (known === undefined || known.isEvicted || member === this.#creator) return false;
    if (role === 'viewer' && this.#sitsAlone(member)) return false;
    known.role = role;
    if (role === 'viewer') this.seats = this.seats.filter((seat) => seat.member !== member);
    return true;
  }

  #evict(member: MemberId): boolean {
    const known = this.members.get(member);
    if (known === undefined || known.isEvicted || member === this.#creator || this.#sitsAlone(member))
      return false;
    known.isEvicted = true;
    this.seats = this.seats.filter((seat) => seat.member !== member);
    return true;
  }

  #takeSeat(key: PeerId, member: MemberId, replaces: PeerId | undefined): void {
    const leaseUntil = this.time + LEASE_MS;
    const isSeated = this.seats.some((seat) => seat.key === key);
    if (this.#roleOf(member) === 'viewer' || isSeated) return;
    const own = this.seats.filter((seat) => seat.member === member);
    if (replaces !== undefined) {
      this.seats = this.seats.map((seat) =>
        seat.key === replaces && seat.member === member ? { ...seat, key, leaseUntil } : seat,
      );
      return;
    }
    if ((this.#isOneEach && own.length > 0) || this.seats.length >= MOST_SEATS) return;
    this.seats.push({ key, member, isDurable: !own.some(({ isDurable }) => isDurable), leaseUntil });
  }

  #leave(key: PeerId): boolean {
    const left = this.seats.find((seat) => seat.key === key);
    if (left === undefined || this.seats.length === 1) return false;
    this.seats = this.seats.filter((seat) => seat !== left);
    const others = this.seats.filter(({ member }) => member === left.member);
    const [heir] = others;
    if (left.isDurable && heir !== undefined && !others.some(({ isDurable }) => isDurable))
      heir.isDurable = true;
    return true;
  }

  #expire(named: readonly PeerId[]): void {
    const over = this.seats.filter(
      ({ key, isDurable, leaseUntil }) => !isDurable && leaseUntil <= this.time && named.includes(key),
    );
    for (const { key } of over) this.#leave(key);
  }

  #mayVote(member: MemberId): boolean {
    const role = this.#roleOf(member);
    return role === 'owner' || role === 'editor';
  }

  #propose(
    request: ReadRequest,
    author: MemberId,
    { title, action, closesInMs, thresholdPercent = 67 }: ReadOperation & { readonly kind: 'propose' },
  ): void {
    const open = [...this.votes.values()].filter(({ result }) => result === undefined);
    const isSound = title !== '' && closesInMs >= 1_000 && thresholdPercent >= 67 && this.time > 0;
    if (!this.#mayVote(author) || !isSound || !this.#isPossible(action)) return;
    if (open.length >= 32 || open.filter((vote) => vote.author === author).length >= 8) return;
    const about = 'member' in action ? action.member : undefined;
    const voters = [...this.members.keys()].filter((each) => each !== about && this.#mayVote(each));
    const half = Math.ceil(voters.length / 2);
    const needed = about === undefined ? Math.max(1, half) : Math.max(2, Math.floor(voters.length / 2) + 1);
    this.votes.set(proposalIdIn(request), {
      author,
      action,
      voters: new Set(voters),
      needed,
      thresholdPercent,
      openedAt: this.time,
      answers: new Map(),
      closesAt: this.time + closesInMs,
      isExtended: false,
      result: undefined,
      isDone: false,
    });
  }

  #isPossible(action: ReadAction): boolean {
    switch (action.kind) {
      case 'evict':
      case 'role': {
        if (action.member === this.#creator || this.#roleOf(action.member) === undefined) return false;
        const loses = action.kind === 'evict' || action.role === 'viewer';
        return !loses || !this.#sitsAlone(action.member);
      }
      case 'dropSeat':
        return this.seats.length > 1 && this.seats.some(({ key }) => key === action.seat);
      default:
        return true;
    }
  }

  #cast(member: MemberId, proposal: Hash, choice: ReadChoice): void {
    const vote = this.votes.get(proposal);
    if (vote === undefined || vote.result !== undefined || this.time >= vote.closesAt) return;
    if (!vote.voters.has(member)) return;
    const before = resultOf(vote);
    vote.answers.set(member, choice);
    const tenth = Math.ceil((vote.closesAt - vote.openedAt) / 10);
    if (vote.isExtended || this.time < vote.closesAt - tenth || resultOf(vote) === before) return;
    vote.isExtended = true;
    vote.closesAt += tenth;
  }

  #close(proposal: Hash): void {
    const vote = this.votes.get(proposal);
    if (vote === undefined || vote.result !== undefined || this.time < vote.closesAt) return;
    vote.result = resultOf(vote);
    if (vote.result === 'passed') vote.isDone = this.#act(vote.action);
  }

  #act(action: ReadAction): boolean {
    switch (action.kind) {
      case 'role':
        return this.#giveRole(action.member, action.role);
      case 'evict':
        return this.#evict(action.member);
      case 'dropSeat':
        return this.#leave(action.seat);
      case 'removeColumn':
        this.removedColumns.add(action.columnId);
        return true;
      default:
        return action.kind === 'removeBoard';
    }
  }
}

/** By putting people side by side: each no weighs as much as the threshold, each yes the rest. */
function resultOf({ answers, needed, thresholdPercent }: ModelVote): ModelResult {
  if (answers.size < needed) return 'noQuorum';
  let balance = 0;
  let approving = 0;
  for (const choice of answers.values()) {
    if (choice === 'approve') approving += 1;
    balance += choice === 'approve' ? 100 - thresholdPercent : choice === 'reject' ? -thresholdPercent : 0;
  }
  return approving > 0 && balance >= 0 ? 'passed' : 'rejected';
}
