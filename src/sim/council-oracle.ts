/**
 * Judges what honest seats of a simulated committee have made of the operations that they executed: all have the same state behind the same
 * operations, and what it says is what a count of its own over these operations comes to. It knows how operations are read, and nothing of
 * how they are executed. Rules GOV-1, GOV-7, GOV-20 to GOV-25.
 */
import { fromHex, toHex } from '../kernel/bytes.ts';
import type { Hash, MemberId, PeerId } from '../kernel/ids.ts';
import type { Governance } from '../governance/governance.ts';
import { decodeOperation, proposalIdOf, type Operation, type Question } from '../governance/operations.ts';
import type { Founding } from '../governance/state.ts';

interface Asked {
  readonly time: number;
  readonly client: PeerId;
  readonly number: number;
  readonly member: MemberId;
  readonly operation: Operation;
}

/** A vote as the oracle counts it. */
interface Counted {
  readonly question: Question;
  readonly openedAt: number;
  readonly answers: Map<MemberId, string>;
  closesAt: number;
  isExtended: boolean;
  result: string | undefined;
}

export class CouncilOracle {
  readonly #founding: Founding;
  readonly #fail: (what: string) => never;
  /** Digest of the state behind so many operations. */
  readonly #states = new Map<number, string>();

  constructor(founding: Founding, fail: (what: string) => never) {
    this.#founding = founding;
    this.#fail = fail;
  }

  /** An honest seat executed these and has this state. */
  executes(name: string, entries: readonly string[], state: string): void {
    const known = this.#states.get(entries.length) ?? state;
    this.#states.set(entries.length, state);
    if (known !== state) this.#fail(`state: ${name} has another one behind ${entries.length} operations`);
  }

  /** Compares the end of an honest seat with what its operations come to. */
  audit(
    entries: readonly string[],
    governance: Governance,
  ): { readonly passed: number; readonly admitted: number } {
    const asked = entries.flatMap((entry) => this.#read(entry));
    const admitted = this.#auditInvites(asked, governance);
    return { passed: this.#auditVotes(asked, governance), admitted };
  }

  #read(entry: string): readonly Asked[] {
    const [, client = '', number = '', hex = '', time = ''] = entry.split('/');
    const decoded = decodeOperation(this.#founding.board, fromHex(hex));
    const tab = this.#founding.tabs.find(({ peer }) => peer === client);
    if (!decoded.ok || tab === undefined) return [];
    const by = { client: client as PeerId, number: Number(number), member: tab.member };
    return [{ ...by, time: Number(time), operation: decoded.value }];
  }

  /** Who came in by which link, counted one by one: in the order, while it is neither used up, over nor void. */
  #auditInvites(asked: readonly Asked[], { state }: Governance): number {
    const isIn = new Set<string>([
      this.#founding.creator,
      ...this.#founding.members.map(({ member }) => member),
    ]);
    const began = isIn.size;
    const used = new Map<string, number>();
    const gone = new Set<string>();
    for (const { time, member: by, operation } of asked) {
      if (operation.kind === 'revokeInvite' && by === this.#founding.creator)
        gone.add(toHex(operation.inviteKey));
      if (operation.kind !== 'admit') continue;
      const { capability, member } = operation.admission;
      const key = toHex(capability.inviteKey);
      const isOver = capability.expiresAt !== undefined && time >= capability.expiresAt;
      const count = used.get(key) ?? 0;
      if (isIn.has(member) || gone.has(key) || isOver || count >= capability.uses) continue;
      isIn.add(member);
      used.set(key, count + 1);
    }
    const members = state.members.rows().map(({ member }) => member);
    const isSame = members.length === isIn.size && members.every((member) => isIn.has(member));
    if (!isSame) this.#fail(`invites: ${members.length} members, and by the links there can be ${isIn.size}`);
    return isIn.size - began;
  }

  #auditVotes(asked: readonly Asked[], { state }: Governance): number {
    const votes = this.#count(asked);
    let passed = 0;
    for (const { id, closing } of state.proposals.rows()) {
      const vote = votes.get(id);
      if (vote === undefined) this.#fail(`votes: nobody proposed ${id}`);
      if (closing?.result !== vote.result)
        this.#fail(`votes: ${closing?.result ?? 'open'} where a count says ${vote.result ?? 'open'}`);
      if (closing?.result === 'passed') passed += 1;
    }
    return passed;
  }

  #count(asked: readonly Asked[]): ReadonlyMap<Hash, Counted> {
    const votes = new Map<Hash, Counted>();
    for (const { client, member, number, operation, time: now } of asked) {
      if (operation.kind === 'propose') {
        const id = proposalIdOf({ client, number }, operation);
        const closesAt = now + operation.closesInMs;
        const fresh = { openedAt: now, closesAt, isExtended: false, result: undefined };
        votes.set(id, { ...fresh, question: operation, answers: new Map() });
      }
      if (operation.kind !== 'castBallot' && operation.kind !== 'close') continue;
      const vote = votes.get(operation.proposal);
      if (vote === undefined || vote.result !== undefined) continue;
      if (operation.kind === 'castBallot' && now < vote.closesAt)
        this.#answer(vote, member, operation.choice, now);
      if (operation.kind === 'close' && now >= vote.closesAt) vote.result = this.#resultOf(vote);
    }
    return votes;
  }

  #answer(vote: Counted, member: MemberId, choice: string, now: number): void {
    const { action } = vote.question;
    if ('member' in action && action.member === member) return;
    const before = this.#resultOf(vote);
    vote.answers.set(member, choice);
    const tenth = Math.ceil((vote.closesAt - vote.openedAt) / 10);
    if (vote.isExtended || now < vote.closesAt - tenth || before === this.#resultOf(vote)) return;
    vote.isExtended = true;
    vote.closesAt += tenth;
  }

  /** By putting people side by side: two of three do not do, each no weighs 67 and each yes 33. */
  #resultOf({ answers, question }: Counted): string {
    const isAboutMember = 'member' in question.action;
    const voters = 1 + this.#founding.members.length - (isAboutMember ? 1 : 0);
    const given = answers.size;
    const isEnough = isAboutMember ? given >= 2 && 2 * given > voters : 2 * given >= voters;
    if (given === 0 || !isEnough) return 'noQuorum';
    let balance = 0;
    let approving = 0;
    for (const choice of answers.values()) {
      if (choice === 'approve') approving += 1;
      balance += choice === 'approve' ? 33 : choice === 'reject' ? -67 : 0;
    }
    return approving > 0 && balance >= 0 ? 'passed' : 'rejected';
  }
}
