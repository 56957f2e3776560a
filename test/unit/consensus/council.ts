/** A committee on a table: every message is seen by the test, which may drop it; disks and keys answer at once unless told otherwise. */
import { toHex, utf8, type Bytes } from '../../../src/kernel/bytes.ts';
import { digestBytes } from '../../../src/kernel/hash.ts';
import { boardIdFrom, peerIdFrom, type Hash, type MemberId, type PeerId } from '../../../src/kernel/ids.ts';
import type { Instant } from '../../../src/kernel/machine.ts';
import { randomFrom } from '../../../src/kernel/random.ts';
import { Chain, ownerToSign, type Link } from '../../../src/consensus/chain.ts';
import {
  openCommittee,
  type Committee,
  type CommitteeRecord,
  type SeatRecord,
} from '../../../src/consensus/committee.ts';
import type { ConsensusEvent } from '../../../src/consensus/events.ts';
import { firstSnapshot } from '../../../src/consensus/execution.ts';
import { consensusProtocol, type ConsensusMessage, type Judging } from '../../../src/consensus/messages.ts';
import type { Parts } from '../../../src/consensus/parts.ts';
import { Replica } from '../../../src/consensus/replica.ts';
import { questionToSign, type Question } from '../../../src/consensus/questions.ts';
import { requestToSign, type Batch, type Request } from '../../../src/consensus/requests.ts';
import { restoreParts } from '../../../src/consensus/restore.ts';
import { statementToSign, type Signed, type Statement } from '../../../src/consensus/statements.ts';
import { ConsensusLedger } from '../../../src/sim/consensus-ledger.ts';
import { SimKeys } from '../../../src/sim/sim-keys.ts';

export const keys = new SimKeys(randomFrom('council'));
const BOARD = boardIdFrom(digestBytes('council'));
export const OWNER = toHex(keys.publicKey('owner')) as MemberId;
export const keyOf = (name: string): PeerId => peerIdFrom(keys.publicKey(name));
export const seatsOf = (...names: readonly string[]): SeatRecord[] =>
  names.map((name) => ({ key: keyOf(name), leaseMs: 0 }));

export function recordOf(size: number, changes: Partial<CommitteeRecord> = {}): CommitteeRecord {
  const seats = seatsOf(...Array.from({ length: size }, (_, seat) => `seat ${seat}`));
  const pace = { checkpointEvery: 4, window: 8 };
  return { board: BOARD, epoch: 0, start: 0, previous: undefined, resets: 0, seats, ...pace, ...changes };
}

export function committeeOf(size: number, changes: Partial<CommitteeRecord> = {}): Committee {
  const opened = openCommittee(recordOf(size, changes));
  if (!opened.ok) throw new RangeError('no committee');
  return opened.value;
}

/** A link that the owner signs. */
export function ownersLink(kind: 'founding' | 'reset', committee: CommitteeRecord, state: Hash): Link {
  const signature = keys.sign(OWNER, ownerToSign(kind, committee, state));
  return { committee, state, proof: { kind, owner: OWNER, signature } };
}

export function foundingOf(committee: CommitteeRecord): Link {
  return ownersLink('founding', committee, firstSnapshot(new ConsensusLedger(), committee).digest);
}

export const GENESIS = foundingOf(recordOf(4)).state;

/** What messages are judged by where only `committee` is known. */
export function judgingOf(committee: Committee): Judging {
  const chain = new Chain({ board: BOARD, owners: [OWNER] }, { committee, link: foundingOf(committee) });
  const ledger = new ConsensusLedger();
  return { chain, checksOf: (operation) => ledger.checksOf(operation) };
}

export function signedBy<S extends Statement>(committee: Committee, seat: number, statement: S): Signed<S> {
  const signature = keys.sign(committee.keys[seat] ?? '', statementToSign(committee, seat, statement));
  return { seat, statement, signature };
}

export function requestFrom(client: PeerId, number: number, text = `op ${number}`): Request {
  const unsigned = { client, number, operation: utf8(text) };
  return { ...unsigned, signature: keys.sign(client, requestToSign(BOARD, unsigned)) };
}

export function requestBy(committee: Committee, seat: number, number: number, text?: string): Request {
  return requestFrom(committee.keys[seat] ?? ('' as PeerId), number, text);
}

export const batchOf = (...requests: readonly Request[]): Batch => ({ time: 0, requests });

export const statementOf = (signed: Signed, epoch = 0): ConsensusMessage => ({
  kind: 'statement',
  epoch,
  signed,
  batch: undefined,
});

export function questionBy(name: string, question: Question): ConsensusMessage {
  const asker = keyOf(name);
  const signature = keys.sign(asker, questionToSign(BOARD, asker, question));
  return { kind: 'question', asker, question, signature };
}

/** Whether a message would reach a replica. */
export function isBelieved(committee: Committee, message: ConsensusMessage): boolean {
  const protocol = consensusProtocol(judgingOf(committee));
  const decoded = protocol.decode(protocol.encode(message));
  return decoded.ok && keys.holds(protocol.checks(decoded.value));
}

export interface Sent {
  readonly from: number;
  /** Undefined: to all. */
  readonly to: number | undefined;
  readonly message: ConsensusMessage;
}

type Passes = (sent: Sent, to: number) => boolean;

/** Peers of a board: the first committee's seats, and those who only follow, each by its place in the list of names. */
export class Council {
  readonly committee: Committee;
  readonly founding: Link;
  readonly events: (readonly [peer: number, event: ConsensusEvent])[] = [];
  readonly disks: Map<string, Bytes>[];
  readonly sent: Sent[] = [];
  /** All that was sent and told, in order. */
  readonly happened: (Sent | readonly [seat: number, event: ConsensusEvent])[] = [];
  /** Which messages arrive. */
  passes: Passes = () => true;
  /** Whether a peer's writes become durable. */
  isDurable: (peer: number) => boolean = () => true;
  now = 0;
  readonly names: readonly string[];
  readonly #replicas: (Replica | undefined)[] = [];
  readonly #ledgers: ConsensusLedger[] = [];
  readonly #timers: Map<string, number>[];
  readonly #inputs: (() => void)[] = [];

  /** A committee of `size` seats, and peers without one by their names. */
  constructor(size: number, followers: readonly string[] = []) {
    this.committee = committeeOf(size);
    this.founding = foundingOf(recordOf(size));
    this.names = [...Array.from({ length: size }, (_, seat) => `seat ${seat}`), ...followers];
    this.disks = this.names.map(() => new Map<string, Bytes>());
    this.#timers = this.names.map(() => new Map<string, number>());
    for (const peer of this.names.keys()) this.start(peer);
    this.settle();
  }

  parts(peer: number): Parts {
    const replica = this.#replicas[peer];
    if (replica === undefined) throw new RangeError(`peer ${peer} does not run`);
    return replica.parts;
  }

  keyOf(peer: number): PeerId {
    return keyOf(this.names[peer] ?? '');
  }

  /** Starts or restarts a peer from its disk. */
  start(peer: number): void {
    const disk = this.disks[peer] ?? new Map<string, Bytes>();
    const application = new ConsensusLedger();
    const parts = restoreParts(
      {
        owners: [OWNER],
        founding: this.founding,
        self: this.keyOf(peer),
        application,
        random: randomFrom(`council ${peer}`),
      },
      disk,
      disk.size === 0,
    );
    if (!parts.ok) throw new RangeError(`peer ${peer}: ${parts.code}`);
    this.#ledgers[peer] = application;
    this.#timers[peer]?.clear();
    this.#replicas[peer] = new Replica(parts.value);
    this.step(peer, { kind: 'command', command: { type: 'start' } });
  }

  stop(peer: number): void {
    this.#replicas[peer] = undefined;
    this.#timers[peer]?.clear();
  }

  step(peer: number, input: Parameters<Replica['step']>[0]): void {
    const replica = this.#replicas[peer];
    if (replica === undefined) return;
    for (const effect of replica.step(input, this.now as Instant)) {
      if (effect.kind === 'emit' && effect.event.type === 'broadcast')
        this.#send({ from: peer, to: undefined, message: effect.event.message });
      else if (effect.kind === 'emit') {
        this.events.push([peer, effect.event]);
        this.happened.push([peer, effect.event]);
      }
      if (effect.kind === 'send') {
        const to = this.names.findIndex((name) => keyOf(name) === effect.to);
        this.#send({ from: peer, to, message: effect.message });
      }
      if (effect.kind === 'arm') this.#timers[peer]?.set(effect.timer, this.now + effect.afterMs);
      if (effect.kind === 'disarm') this.#timers[peer]?.delete(effect.timer);
      if (effect.kind === 'sign') {
        const signature = keys.sign(this.keyOf(peer), effect.body);
        this.#later(peer, replica, { kind: 'signed', tag: effect.tag, signature });
      }
      if (effect.kind === 'persist' && this.isDurable(peer)) {
        for (const write of effect.writes) {
          if (write.op === 'put') this.disks[peer]?.set(write.key, write.value);
          else this.disks[peer]?.delete(write.key);
        }
        this.#later(peer, replica, { kind: 'durable', tag: effect.tag });
      }
    }
  }

  #later(peer: number, replica: Replica, input: Parameters<Replica['step']>[0]): void {
    this.#inputs.push(() => {
      if (this.#replicas[peer] === replica) this.step(peer, input);
    });
  }

  #send(sent: Sent): void {
    this.sent.push(sent);
    this.happened.push(sent);
    const { from, to, message } = sent;
    for (const peer of to === undefined ? this.names.keys() : [to]) {
      if (peer === from || !this.passes(sent, peer)) continue;
      this.#inputs.push(() => {
        if (this.refusal(peer, message) === 'unsound')
          throw new RangeError(`peer ${from} sends what nobody would take`);
        if (this.refusal(peer, message) === undefined) this.receive(peer, message);
      });
    }
  }

  /** Why a peer's driver would keep a message from its replica. */
  refusal(peer: number, message: ConsensusMessage): string | undefined {
    const replica = this.#replicas[peer];
    if (replica === undefined) return 'away';
    const decoded = replica.protocol.decode(replica.protocol.encode(message));
    if (!decoded.ok)
      return ['earlierEpoch', 'laterEpoch', 'gap'].includes(decoded.code) ? decoded.code : 'unsound';
    return keys.holds(replica.protocol.checks(message)) ? undefined : 'unsound';
  }

  receive(peer: number, message: ConsensusMessage): void {
    this.step(peer, { kind: 'received', from: this.keyOf(peer), message });
  }

  /** Until nothing is under way. */
  settle(): void {
    for (let input = this.#inputs.shift(); input !== undefined; input = this.#inputs.shift()) input();
  }

  /** Lets time pass, timer by timer. */
  wait(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const due = this.#timers
        .flatMap((timers, seat) => [...timers].map(([timer, at]) => ({ seat, timer, at })))
        .filter(({ at }) => at <= until)
        .sort((a, b) => a.at - b.at || a.seat - b.seat)[0];
      if (due === undefined) break;
      this.now = Math.max(this.now, due.at);
      this.#timers[due.seat]?.delete(due.timer);
      this.step(due.seat, { kind: 'elapsed', timer: due.timer });
      this.settle();
    }
    this.now = until;
  }

  submit(seat: number, text: string): void {
    this.step(seat, { kind: 'command', command: { type: 'submit', operation: utf8(text), token: text } });
    this.settle();
  }

  /** What a seat has executed, without clients and numbers. */
  executed(seat: number): string[] {
    return (this.#ledgers[seat]?.entries ?? []).map((entry) => entry.split('/')[2] ?? '');
  }

  eventsOf<Type extends ConsensusEvent['type']>(
    seat: number,
    type: Type,
  ): Extract<ConsensusEvent, { type: Type }>[] {
    return this.events.flatMap(([at, event]) =>
      at === seat && event.type === type ? [event as Extract<ConsensusEvent, { type: Type }>] : [],
    );
  }

  /** Statements of a kind that a seat has said, in order. */
  said<Kind extends Statement['kind']>(seat: number, kind: Kind): Extract<Statement, { kind: Kind }>[] {
    return this.sent.flatMap(({ from, message }) => {
      if (from !== seat || message.kind !== 'statement' || message.signed.seat !== seat) return [];
      const { statement } = message.signed;
      return statement.kind === kind ? [statement as Extract<Statement, { kind: Kind }>] : [];
    });
  }
}
