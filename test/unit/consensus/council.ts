/** A committee on a table: every message is seen by the test, which may drop it; disks and keys answer at once unless told otherwise. */
import { utf8, type Bytes } from '../../../src/kernel/bytes.ts';
import { digestBytes } from '../../../src/kernel/hash.ts';
import { boardIdFrom, peerIdFrom, type PeerId } from '../../../src/kernel/ids.ts';
import type { Instant } from '../../../src/kernel/machine.ts';
import { randomFrom } from '../../../src/kernel/random.ts';
import { openCommittee, type Committee } from '../../../src/consensus/committee.ts';
import type { ConsensusEvent } from '../../../src/consensus/events.ts';
import { genesisSnapshot } from '../../../src/consensus/execution.ts';
import {
  consensusProtocol,
  messageChecks,
  refuseMessage,
  type ConsensusMessage,
} from '../../../src/consensus/messages.ts';
import type { Parts } from '../../../src/consensus/parts.ts';
import { Replica } from '../../../src/consensus/replica.ts';
import { requestToSign, type Request } from '../../../src/consensus/requests.ts';
import { restoreParts } from '../../../src/consensus/restore.ts';
import { statementToSign, type Signed, type Statement } from '../../../src/consensus/statements.ts';
import { ConsensusLedger } from '../../../src/sim/consensus-ledger.ts';
import { SimKeys } from '../../../src/sim/sim-keys.ts';

export const keys = new SimKeys(randomFrom('council'));
export const GENESIS = genesisSnapshot(new ConsensusLedger(() => undefined)).digest;

export function committeeOf(size: number, changes: Partial<Committee> = {}): Committee {
  const seats = Array.from({ length: size }, (_, seat) => peerIdFrom(keys.publicKey(`seat ${seat}`)));
  const board = boardIdFrom(digestBytes('council'));
  const opened = openCommittee({ board, epoch: 0, seats, checkpointEvery: 4, window: 8, ...changes });
  if (!opened.ok) throw new RangeError('no committee');
  return opened.value;
}

export function signedBy<S extends Statement>(committee: Committee, seat: number, statement: S): Signed<S> {
  const signature = keys.sign(committee.seats[seat] ?? '', statementToSign(committee, seat, statement));
  return { seat, statement, signature };
}

export function requestBy(
  committee: Committee,
  seat: number,
  number: number,
  text = `op ${number}`,
): Request {
  const client = committee.seats[seat] ?? ('' as PeerId);
  const unsigned = { client, number, operation: utf8(text) };
  return { ...unsigned, signature: keys.sign(client, requestToSign(committee.board, unsigned)) };
}

export const statementOf = (signed: Signed): ConsensusMessage => ({
  kind: 'statement',
  signed,
  requests: undefined,
});

/** Whether a message would reach a replica. */
export function isBelieved(committee: Committee, message: ConsensusMessage): boolean {
  const protocol = consensusProtocol(committee, GENESIS);
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

export class Council {
  readonly committee: Committee;
  readonly events: (readonly [seat: number, event: ConsensusEvent])[] = [];
  readonly disks: Map<string, Bytes>[];
  readonly parts: (Parts | undefined)[] = [];
  readonly sent: Sent[] = [];
  /** All that was sent and told, in order. */
  readonly happened: (Sent | readonly [seat: number, event: ConsensusEvent])[] = [];
  /** Which messages arrive. */
  passes: Passes = () => true;
  /** Whether a seat's writes become durable. */
  isDurable: (seat: number) => boolean = () => true;
  now = 0;
  readonly #replicas: (Replica | undefined)[] = [];
  readonly #ledgers: ConsensusLedger[] = [];
  readonly #timers: Map<string, number>[];
  readonly #inputs: (() => void)[] = [];

  constructor(size: number) {
    this.committee = committeeOf(size);
    this.disks = this.committee.seats.map(() => new Map<string, Bytes>());
    this.#timers = this.committee.seats.map(() => new Map<string, number>());
    for (const seat of this.committee.seats.keys()) this.start(seat);
    this.settle();
  }

  /** Starts or restarts a seat from its disk. */
  start(seat: number): void {
    const ledger = new ConsensusLedger(() => undefined);
    const random = randomFrom(`council ${seat}`);
    const disk = this.disks[seat] ?? new Map<string, Bytes>();
    const parts = restoreParts(
      { committee: this.committee, seat, application: ledger, random },
      disk,
      disk.size === 0,
    );
    if (!parts.ok) throw new RangeError(`seat ${seat}: ${parts.code}`);
    this.parts[seat] = parts.value;
    this.#ledgers[seat] = ledger;
    this.#timers[seat]?.clear();
    this.#replicas[seat] = new Replica(parts.value);
    this.step(seat, { kind: 'command', command: { type: 'start' } });
  }

  stop(seat: number): void {
    this.#replicas[seat] = undefined;
    this.#timers[seat]?.clear();
  }

  step(seat: number, input: Parameters<Replica['step']>[0]): void {
    const replica = this.#replicas[seat];
    if (replica === undefined) return;
    const key = this.committee.seats[seat] ?? '';
    for (const effect of replica.step(input, this.now as Instant)) {
      if (effect.kind === 'emit' && effect.event.type === 'broadcast')
        this.#send({ from: seat, to: undefined, message: effect.event.message });
      else if (effect.kind === 'emit') {
        this.events.push([seat, effect.event]);
        this.happened.push([seat, effect.event]);
      }
      if (effect.kind === 'send')
        this.#send({ from: seat, to: this.committee.seats.indexOf(effect.to), message: effect.message });
      if (effect.kind === 'arm') this.#timers[seat]?.set(effect.timer, this.now + effect.afterMs);
      if (effect.kind === 'disarm') this.#timers[seat]?.delete(effect.timer);
      if (effect.kind === 'sign') {
        const signature = keys.sign(key, effect.body);
        this.#later(seat, replica, { kind: 'signed', tag: effect.tag, signature });
      }
      if (effect.kind === 'persist' && this.isDurable(seat)) {
        for (const write of effect.writes) {
          if (write.op === 'put') this.disks[seat]?.set(write.key, write.value);
          else this.disks[seat]?.delete(write.key);
        }
        this.#later(seat, replica, { kind: 'durable', tag: effect.tag });
      }
    }
  }

  #later(seat: number, replica: Replica, input: Parameters<Replica['step']>[0]): void {
    this.#inputs.push(() => {
      if (this.#replicas[seat] === replica) this.step(seat, input);
    });
  }

  #send(sent: Sent): void {
    this.sent.push(sent);
    this.happened.push(sent);
    const { from, to, message } = sent;
    const isSound =
      refuseMessage(this.committee, GENESIS, message) === undefined &&
      keys.holds(messageChecks(this.committee, message));
    if (!isSound) throw new RangeError(`seat ${from} sends what nobody would take`);
    for (const seat of to === undefined ? this.committee.seats.keys() : [to]) {
      if (seat === from || !this.passes(sent, seat)) continue;
      this.#inputs.push(() => this.receive(seat, message));
    }
  }

  receive(seat: number, message: ConsensusMessage): void {
    this.step(seat, { kind: 'received', from: this.committee.seats[seat] ?? ('' as PeerId), message });
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
