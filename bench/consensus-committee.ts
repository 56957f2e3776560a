/**
 * A committee of ours in one process, for the consensus bench: messages are handed over as values in the order in which they were sent, writes
 * are durable at once in memory, and everything a driver has to do with a message before its replica gets it is done by every receiver for itself.
 */
import { utf8, type Bytes } from '../src/kernel/bytes.ts';
import { digestBytes } from '../src/kernel/hash.ts';
import { boardIdFrom, type MemberId } from '../src/kernel/ids.ts';
import type { Instant } from '../src/kernel/machine.ts';
import { randomFrom } from '../src/kernel/random.ts';
import type { Link } from '../src/consensus/chain.ts';
import { openCommittee, recordOf, type Committee } from '../src/consensus/committee.ts';
import { firstSnapshot, type Application } from '../src/consensus/execution.ts';
import { refuseMessage, type ConsensusMessage } from '../src/consensus/messages.ts';
import type { ConsensusEffect } from '../src/consensus/outbox.ts';
import { judgingOf } from '../src/consensus/needed.ts';
import type { Parts } from '../src/consensus/parts.ts';
import { Replica } from '../src/consensus/replica.ts';
import { restoreParts } from '../src/consensus/restore.ts';
import type { BenchKeys } from './consensus-keys.ts';

/** Decisions between two checkpoints, and the window: the largest that a committee may choose. */
const CHECKPOINT_EVERY = 64;
const WINDOW = 128;
const OWNER = '0'.repeat(64) as MemberId;
/** Inputs between two looks at the clock. */
const LOOK_EVERY = 64;

type Input = Parameters<Replica['step']>[0];

interface Seat {
  readonly number: number;
  readonly replica: Replica;
  readonly disk: Map<string, Bytes>;
  readonly timers: Map<string, number>;
  readonly application: Counter;
}

/** The replicated state: how many requests were executed. */
class Counter implements Application {
  count = 0;

  checksOf(): readonly [] {
    return [];
  }

  admits(): boolean {
    return true;
  }

  mayReseat(): boolean {
    return false;
  }

  nextSeating(): undefined {
    return undefined;
  }

  seated(): void {
    // Nobody's seat changes.
  }

  apply(): void {
    this.count += 1;
  }

  snapshot(): Bytes {
    return utf8(String(this.count));
  }

  restore(): boolean {
    return false;
  }
}

export class BenchCommittee {
  readonly committee: Committee;
  readonly #keys: BenchKeys;
  readonly #founding: Link;
  readonly #seats: Seat[];
  #queue: (() => void)[] = [];
  #inputs = 0;

  /** `tamper`: changes the parts of each seat before it starts. */
  constructor(keys: BenchKeys, tamper: (parts: Parts) => void = () => undefined) {
    this.#keys = keys;
    const board = boardIdFrom(digestBytes('consensus bench'));
    const { seats } = keys;
    const opened = openCommittee({
      board,
      epoch: 0,
      start: 0,
      previous: undefined,
      resets: 0,
      seats: seats.map((key) => ({ key, leaseMs: 0 })),
      checkpointEvery: CHECKPOINT_EVERY,
      window: WINDOW,
    });
    if (!opened.ok) throw new RangeError(opened.code);
    this.committee = opened.value;
    this.#founding = {
      committee: recordOf(this.committee),
      state: firstSnapshot(new Counter(), this.committee).digest,
      // Whoever restores a replica has verified it.
      proof: { kind: 'founding', owner: OWNER, signature: new Uint8Array(64) },
    };
    this.#seats = seats.map((_, number) => this.#open(number, tamper));
    for (const seat of this.#seats) this.#step(seat, { kind: 'command', command: { type: 'start' } });
    this.#settle();
  }

  #open(number: number, tamper: (parts: Parts) => void): Seat {
    const application = new Counter();
    const random = randomFrom(`consensus bench ${number}`);
    const [founding, self] = [this.#founding, this.committee.keys[number]];
    if (self === undefined) throw new RangeError(`no seat ${number}`);
    const parts = restoreParts({ founding, owners: [OWNER], self, application, random }, [], true);
    if (!parts.ok) throw new RangeError(parts.code);
    tamper(parts.value);
    return {
      number,
      replica: new Replica(parts.value),
      disk: new Map(),
      timers: new Map(),
      application,
    };
  }

  /** Has `operations` ordered, the first by seat `from` and so on, and returns when everybody has executed them. */
  decide(operations: readonly Bytes[], from = 0): void {
    const before = this.#seats.map(({ application }) => application.count);
    for (const [at, operation] of operations.entries()) {
      const seat = this.#seats[(from + at) % this.#seats.length];
      if (seat !== undefined)
        this.#step(seat, { kind: 'command', command: { type: 'submit', operation, token: '' } });
    }
    this.#settle();
    for (const [at, { application, number }] of this.#seats.entries())
      if (application.count !== (before[at] ?? 0) + operations.length)
        throw new Error(`seat ${number} has executed ${application.count} operations, which is not all`);
  }

  #settle(): void {
    for (;;) {
      const queue = this.#queue;
      if (queue.length === 0) return;
      this.#queue = [];
      for (const run of queue) {
        if (++this.#inputs % LOOK_EVERY === 0) this.#ring();
        run();
      }
    }
  }

  #ring(): void {
    const now = performance.now();
    for (const seat of this.#seats)
      for (const [timer, at] of seat.timers) {
        if (at > now) continue;
        seat.timers.delete(timer);
        this.#step(seat, { kind: 'elapsed', timer });
      }
  }

  #step(seat: Seat, input: Input): void {
    for (const effect of seat.replica.step(input, performance.now() as Instant)) this.#obey(seat, effect);
  }

  #obey(seat: Seat, effect: ConsensusEffect): void {
    switch (effect.kind) {
      case 'emit':
        if (effect.event.type === 'broadcast') this.#broadcast(seat, effect.event.message);
        return;
      case 'send': {
        const to = this.#seats[this.committee.keys.indexOf(effect.to)];
        const { message } = effect;
        if (to !== undefined) this.#queue.push(() => this.#receive(to, message));
        return;
      }
      case 'sign': {
        const { body, tag } = effect;
        this.#queue.push(() =>
          this.#step(seat, { kind: 'signed', tag, signature: this.#keys.sign(seat.number, body) }),
        );
        return;
      }
      case 'persist':
        for (const write of effect.writes) {
          if (write.op === 'put') seat.disk.set(write.key, write.value);
          else seat.disk.delete(write.key);
        }
        this.#queue.push(() => this.#step(seat, { kind: 'durable', tag: effect.tag }));
        return;
      case 'arm':
        seat.timers.set(effect.timer, performance.now() + effect.afterMs);
        return;
      case 'disarm':
        seat.timers.delete(effect.timer);
        return;
      case 'dial':
      case 'hangUp':
      case 'answer':
        throw new Error(`consensus has no links to ${effect.kind}`);
    }
  }

  #broadcast(from: Seat, message: ConsensusMessage): void {
    for (const seat of this.#seats) if (seat !== from) this.#queue.push(() => this.#receive(seat, message));
  }

  #receive(seat: Seat, message: ConsensusMessage): void {
    const refusal = refuseMessage(judgingOf(seat.replica.parts), message);
    if (refusal !== undefined) throw new Error(`an honest message was refused: ${refusal}`);
    if (!seat.replica.needs(message)) return;
    if (this.#keys.isReal && !seat.replica.checks(message).every((check) => this.#keys.holds(check)))
      throw new Error('an honest signature does not hold');
    const from = this.committee.keys[seat.number];
    if (from !== undefined) this.#step(seat, { kind: 'received', from, message });
  }
}
