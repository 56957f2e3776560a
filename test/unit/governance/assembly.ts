/** A group at a table: whoever asks is executed at once, in the order of asking, at the time that the test says. */
import type { Electorate } from '../../../src/identity/genesis.ts';
import type { Role } from '../../../src/identity/roles.ts';
import { requestToSign, type Request } from '../../../src/consensus/requests.ts';
import { Governance } from '../../../src/governance/governance.ts';
import {
  encodeOperation,
  proposalIdOf,
  type Operation,
  type Question,
} from '../../../src/governance/operations.ts';
import type { Decision } from '../../../src/governance/outcomes.ts';
import type { Proposal } from '../../../src/governance/proposals.ts';
import type { Founding } from '../../../src/governance/state.ts';
import type { Bytes } from '../../../src/kernel/bytes.ts';
import type { Hash, PeerId } from '../../../src/kernel/ids.ts';
import { BOARD, KEYS, memberOf, NOW, peerOf } from '../identity/records.ts';

export const DAY = 24 * 60 * 60 * 1000;

/** Ada made the board; everybody has one tab of their own name, `name` or `name/2` for a second one. */
export function foundingOf(roles: Readonly<Record<string, Role>>, electorate: Electorate = 'tab'): Founding {
  const names = Object.keys(roles);
  return {
    board: BOARD,
    creator: memberOf('ada'),
    electorate,
    members: names.map((name) => ({ member: memberOf(name), role: roles[name] ?? 'viewer' })),
    tabs: ['ada', ...names].flatMap((name) =>
      [name, `${name}/2`].map((tab) => ({ peer: peerOf(tab), member: memberOf(name) })),
    ),
  };
}

export const question = (changes: Partial<Question> = {}): Question => ({
  title: 'Lunch?',
  body: '',
  action: { kind: 'none' },
  closesInMs: DAY,
  thresholdPercent: undefined,
  areBallotsFinal: false,
  ...changes,
});

export class Assembly {
  readonly founding: Founding;
  readonly decisions: Decision[] = [];
  governance: Governance;
  now = NOW;
  seq = 0;
  readonly requests: (readonly [request: Request, seq: number, time: number])[] = [];
  readonly #numbers = new Map<string, number>();

  constructor(roles: Readonly<Record<string, Role>> = {}, electorate: Electorate = 'tab') {
    this.founding = foundingOf(roles, electorate);
    this.governance = new Governance(this.founding, (decision) => this.decisions.push(decision));
  }

  /** Everybody named has a durable seat, in a committee of their own. */
  seat(...tabs: readonly string[]): this {
    const seats = tabs.map((tab) => ({ key: peerOf(tab), leaseMs: 0 }));
    const epoch = (this.governance.state.committee?.epoch ?? -1) + 1;
    this.governance.seated({ epoch, resets: 0, seats, checkpointEvery: 4, window: 8 });
    return this;
  }

  request(tab: string, operation: Operation | Bytes): Request {
    const number = (this.#numbers.get(tab) ?? 0) + 1;
    this.#numbers.set(tab, number);
    const bytes = operation instanceof Uint8Array ? operation : encodeOperation(operation);
    const unsigned = { client: peerOf(tab), number, operation: bytes };
    return { ...unsigned, signature: KEYS.sign(unsigned.client, requestToSign(BOARD, unsigned)) };
  }

  /** Executes what `tab` asks for; the refusal, or `done`. */
  ask(tab: string, operation: Operation | Bytes): string {
    const request = this.request(tab, operation);
    this.seq += 1;
    this.requests.push([request, this.seq, this.now]);
    this.governance.apply(request, { seq: this.seq, time: this.now });
    return this.last.refusal ?? 'done';
  }

  get last(): Decision {
    const last = this.decisions.at(-1);
    if (last === undefined) throw new RangeError('nothing was decided');
    return last;
  }

  /** Kinds of the last decision's outcomes. */
  get outcomes(): string[] {
    return this.last.outcomes.map(({ kind }) => kind);
  }

  /** Proposes, and names the proposal. */
  propose(tab: string, changes: Partial<Question> = {}): Hash {
    const asked = question(changes);
    const said = this.ask(tab, { kind: 'propose', ...asked });
    if (said !== 'done') throw new RangeError(said);
    const number = this.#numbers.get(tab) ?? 0;
    return proposalIdOf({ client: peerOf(tab), number }, asked);
  }

  cast(tab: string, proposal: Hash, choice: 'approve' | 'reject' | 'abstain', reason = ''): string {
    return this.ask(tab, { kind: 'castBallot', proposal, choice, reason });
  }

  close(proposal: Hash, by = 'ada'): string {
    return this.ask(by, { kind: 'close', proposal });
  }

  proposal(id: Hash): Proposal {
    const proposal = this.governance.state.proposals.get(id);
    if (proposal === undefined) throw new RangeError('no such proposal');
    return proposal;
  }

  seats(): PeerId[] {
    return (this.governance.nextSeating()?.seats ?? []).map(({ key }) => key);
  }
}
