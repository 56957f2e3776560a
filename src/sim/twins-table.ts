/**
 * Replicas of which some are there twice with one key, around a table: messages arrive in the order in which they were sent, in those groups
 * alone that the scenario makes, and nothing takes time. For scenarios by the ten thousand: no disk, no loss, no clock.
 */
import { utf8, type Bytes } from '../kernel/bytes.ts';
import { digestBytes } from '../kernel/hash.ts';
import { boardIdFrom, memberIdFrom, peerIdFrom, type PeerId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/machine.ts';
import { randomFrom } from '../kernel/random.ts';
import { leaveFor } from '../consensus/changing.ts';
import { Chain, ownerToSign, type Link } from '../consensus/chain.ts';
import { openCommittee, recordOf, type Committee } from '../consensus/committee.ts';
import { firstSnapshot } from '../consensus/execution.ts';
import { STATUS_MS } from '../consensus/limits.ts';
import { messageChecks, refuseMessage, type ConsensusMessage, type Judging } from '../consensus/messages.ts';
import type { Parts } from '../consensus/parts.ts';
import { Replica } from '../consensus/replica.ts';
import { restoreParts } from '../consensus/restore.ts';
import { describeMessage } from './consensus-host.ts';
import { ConsensusLedger } from './consensus-ledger.ts';
import { ConsensusAnnals } from './consensus-annals.ts';
import { ConsensusOracle } from './consensus-oracle.ts';
import type { ConsensusPlant } from './consensus-plants.ts';
import { SimKeys } from './sim-keys.ts';
import { WorldTrace } from './world-trace.ts';

const SEATS = 4;
/** A checkpoint after every second decision, so that three views see some. */
const CHECKPOINT_EVERY = 2;
const WINDOW = 4;
/** Messages that cross the groups: without them nobody would ever leave a view (docs/simulation.md). */
const CROSSES = 'viewChange';
/** The name of the timer at which a replica says where it stands. */
const STATUS_TIMER = 'consensus/status';

/** One replica: the first, or the second, of its seat. */
export interface Instance {
  readonly name: string;
  readonly seat: number;
  readonly isTwin: boolean;
  readonly parts: Parts;
  readonly replica: Replica;
}

type Input = Parameters<Replica['step']>[0];

const keys = new SimKeys(randomFrom('twins'));
const seats = Array.from({ length: SEATS }, (_, seat) => peerIdFrom(keys.publicKey(`seat ${seat}`)));
const owner = memberIdFrom(keys.publicKey('owner'));
const PACE = { checkpointEvery: CHECKPOINT_EVERY, window: WINDOW };

function twinsCommittee(): Committee {
  const opened = openCommittee({
    board: boardIdFrom(digestBytes('twins')),
    epoch: 0,
    start: 0,
    previous: undefined,
    resets: 0,
    seats: seats.map((key) => ({ key, leaseMs: 0 })),
    ...PACE,
  });
  if (!opened.ok) throw new RangeError(opened.code);
  return opened.value;
}

const committee = twinsCommittee();

function foundingLink(): Link {
  const state = firstSnapshot(new ConsensusLedger(), committee).digest;
  const signature = keys.sign(owner, ownerToSign('founding', committee, state));
  return { committee: recordOf(committee), state, proof: { kind: 'founding', owner, signature } };
}

const founding = foundingLink();

export class TwinsTable {
  readonly trace = new WorldTrace();
  readonly instances: readonly Instance[];
  messages = 0;
  readonly #oracle: ConsensusOracle;
  readonly #judging: Judging;
  readonly #quorum: number | undefined;
  readonly #fail: (what: string) => never;
  /** The group of each instance, by its name. */
  #groups: ReadonlyMap<string, number> = new Map();
  #queue: (() => void)[] = [];
  /** What is said before all are there is not heard. */
  #isOpen = true;
  #now = 0;
  #asked = 0;

  /** Seats from 0 up to `twins` - 1 are there twice. `fail` throws. */
  constructor(twins: number, plant: ConsensusPlant | undefined, fail: (what: string) => never) {
    this.#fail = fail;
    const { board, keys: first } = committee;
    this.#quorum = plant?.quorum?.(committee);
    const judged = { ...committee, quorum: this.#quorum ?? committee.quorum };
    this.#judging = {
      chain: new Chain({ board, owners: [owner] }, { committee: judged, link: founding }),
      checksOf: () => [],
    };
    this.#oracle = new ConsensusOracle({
      annals: new ConsensusAnnals({ board, ...PACE, allows: () => true }, first),
      board,
      liars: new Set(seats.slice(0, twins)),
      keys,
      latest: () => 0,
      fail,
    });
    const names = [...seats.keys()].flatMap((seat) => (seat < twins ? [`${seat}`, `${seat}'`] : [`${seat}`]));
    this.instances = names.map((name) => this.#open(name, Number(name[0]), twins, plant));
    this.#isOpen = false;
    for (const each of this.instances) this.#step(each, { kind: 'command', command: { type: 'start' } });
    this.#settle();
    this.#isOpen = true;
  }

  #open(name: string, seat: number, twins: number, plant: ConsensusPlant | undefined): Instance {
    const isTwin = seat < twins;
    const self = keyOf(seat);
    const application = new ConsensusLedger({
      told: (entries, isTakenOver) => {
        if (!isTwin) this.#oracle.executes(self, entries, isTakenOver);
      },
    });
    const random = randomFrom(`twins ${name}`);
    const parts = restoreParts({ founding, owners: [owner], self, application, random }, [], true);
    if (!parts.ok) return this.#fail(`restore: ${parts.code}`);
    if (this.#quorum !== undefined) Object.assign(parts.value.committee, { quorum: this.#quorum });
    if (!isTwin) plant?.tamper?.(parts.value);
    return { name, seat, isTwin, parts: parts.value, replica: new Replica(parts.value) };
  }

  get decided(): number {
    return this.#oracle.length;
  }

  /** Lets only those hear each other who are in one group from now on. */
  group(groups: ReadonlyMap<string, number>): void {
    this.#groups = groups;
    this.#now += STATUS_MS;
  }

  /** Everybody's patience is at an end: all who are not in `view` yet leave for it. */
  leaveFor(view: number): void {
    for (const each of this.instances) {
      if (each.parts.views.view >= view) continue;
      leaveFor(each.parts, view);
      this.#step(each, { kind: 'elapsed', timer: '' });
    }
    this.#settle();
  }

  /** A client asks an instance for something. */
  ask(to: Instance): void {
    const text = `operation ${(this.#asked += 1)}`;
    if (!to.isTwin) this.#oracle.asks(keyOf(to.seat), text);
    this.#step(to, { kind: 'command', command: { type: 'submit', operation: utf8(text), token: '' } });
    this.#settle();
  }

  /** Everybody says where it stands, and who can helps. */
  repeat(): void {
    for (const each of this.instances) this.#step(each, { kind: 'elapsed', timer: STATUS_TIMER });
    this.#settle();
  }

  #settle(): void {
    while (this.#queue.length > 0) {
      const queue = this.#queue;
      this.#queue = [];
      for (const run of queue) run();
    }
  }

  #step(instance: Instance, input: Input): void {
    const { isTwin, name, replica, seat } = instance;
    for (const effect of replica.step(input, this.#now as Instant)) {
      switch (effect.kind) {
        case 'send':
          this.#send(instance, effect.message, seats.indexOf(effect.to));
          break;
        case 'sign': {
          const { body, tag } = effect;
          if (!isTwin) this.#oracle.signs(keyOf(seat), body);
          this.#later(instance, { kind: 'signed', tag, signature: this.#sign(seat, body) });
          break;
        }
        case 'persist':
          this.#later(instance, { kind: 'durable', tag: effect.tag });
          break;
        case 'emit':
          if (effect.event.type === 'broadcast') this.#send(instance, effect.event.message, undefined);
          else if (!isTwin && effect.event.type === 'decided')
            this.#oracle.decides(keyOf(seat), effect.event.epoch, effect.event.certificate);
          else if (!isTwin && effect.event.type === 'halted')
            this.#fail(`halted: ${name} says ${effect.event.reason}`);
          break;
        default:
          break;
      }
    }
  }

  #sign(seat: number, body: Bytes): Bytes {
    return keys.sign(keyOf(seat), body);
  }

  #later(instance: Instance, input: Input): void {
    this.#queue.push(() => this.#step(instance, input));
  }

  #send(from: Instance, message: ConsensusMessage, to: number | undefined): void {
    if (!this.#isOpen) return;
    const crosses = message.kind === 'statement' && message.signed.statement.kind === CROSSES;
    this.trace.record(
      this.#now,
      from.name,
      'sends',
      to === undefined ? 'all' : `${to}`,
      describeMessage(message),
    );
    let isSound: boolean | undefined;
    for (const each of this.instances) {
      if (each.seat === from.seat || (to !== undefined && each.seat !== to)) continue;
      if (!crosses && this.#groups.get(each.name) !== this.#groups.get(from.name)) continue;
      isSound ??= this.#isSound(message);
      if (!isSound) return;
      this.messages += 1;
      this.#queue.push(() => {
        if (each.replica.needs(message))
          this.#step(each, { kind: 'received', from: keyOf(each.seat), message });
      });
    }
  }

  #isSound(message: ConsensusMessage): boolean {
    return (
      refuseMessage(this.#judging, message) === undefined && keys.holds(messageChecks(this.#judging, message))
    );
  }
}

function keyOf(seat: number): PeerId {
  return seats[seat] ?? ('' as PeerId);
}
