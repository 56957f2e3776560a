/**
 * One seat of a committee as a machine: practical Byzantine fault tolerance (Castro and Liskov, OSDI 1999) for one epoch.
 * docs/spec/consensus.md has its rules and says where and why it differs from the paper.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { Input, Instant, Machine, SignatureCheck } from '../kernel/machine.ts';
import { leaveFor, turn } from './changing.ts';
import type { ConsensusCommand, ConsensusEvent } from './events.ts';
import { Answers, broadcast, repeat, send, spoken } from './exchange.ts';
import { receive, takeRequest } from './intake.ts';
import { MAX_OPERATION_BYTES, STATUS_JITTER_MS, STATUS_MS } from './limits.ts';
import type { ConsensusMessage } from './messages.ts';
import { checksLeft, isNeeded } from './needed.ts';
import { orderAll, propose } from './ordering.ts';
import { Outbox, type ConsensusEffect, type Speech } from './outbox.ts';
import { seatKey, type Parts } from './parts.ts';

const STATUS_TIMER = 'consensus/status';
const PATIENCE_TIMER = 'consensus/patience';

export class Replica implements Machine<ConsensusMessage, ConsensusCommand, ConsensusEvent> {
  readonly #parts: Parts;
  readonly #answers = new Answers();
  /** What the patience timer is armed for. */
  #deadline: Instant | undefined;

  /** `parts` come from {@link import('./restore.ts').restoreParts}. The first input has to be the command `start`. */
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  step(input: Input<ConsensusMessage, ConsensusCommand>, now: Instant): readonly ConsensusEffect[] {
    const parts = this.#parts;
    parts.now = now;
    const low = parts.checkpoints.stable.seq;
    if (!parts.isHalted || input.kind === 'command') this.#take(input);
    if (parts.checkpoints.stable.seq > low) orderAll(parts);
    propose(parts);
    this.#watch();
    return parts.outbox.flush();
  }

  /** Whether there is any use for a message; to be asked before its signatures are checked. */
  needs(message: ConsensusMessage): boolean {
    return isNeeded(this.#parts, message);
  }

  /** The signatures that have to hold before a message may be taken in. */
  checks(message: ConsensusMessage): SignatureCheck[] {
    return checksLeft(this.#parts, message);
  }

  #take(input: Input<ConsensusMessage, ConsensusCommand>): void {
    const parts = this.#parts;
    switch (input.kind) {
      case 'command':
        this.#obey(input.command);
        return;
      case 'received':
        receive(parts, this.#answers, input.message);
        return;
      case 'elapsed':
        this.#elapsed(input.timer);
        return;
      case 'signed': {
        const speech = parts.outbox.signed(input.tag);
        if (speech !== undefined) this.#publish(speech, input.signature);
        return;
      }
      case 'durable':
        parts.outbox.durable(input.tag);
        return;
      case 'notDurable':
        parts.outbox.notDurable(input.tag);
        return;
      // Links are the mesh's affair: what arrives here stands on its own.
      case 'refused':
      case 'asked':
      case 'discovered':
      case 'linkUp':
      case 'linkDown':
      case 'dialFailed':
        return;
    }
  }

  #obey(command: ConsensusCommand): void {
    const parts = this.#parts;
    switch (command.type) {
      case 'start':
        parts.patience.begin(parts.now);
        // Nobody may know the new view any more: do not wait for it for ever.
        if (!parts.views.isActive) parts.patience.quorumLeft(parts.now);
        repeat(parts);
        this.#armStatus();
        return;
      case 'submit':
        this.#submit(command.operation, command.token);
        return;
      case 'reachable': {
        const others = new Set(command.seats.filter((seat) => seat !== parts.seat));
        const isReachable = others.size + 1 >= parts.committee.quorum;
        if (isReachable && !parts.isQuorumReachable) parts.patience.begin(parts.now);
        parts.isQuorumReachable = isReachable;
        return;
      }
    }
  }

  #submit(operation: Bytes, token: string): void {
    const { committee, execution, isHalted, outbox, own, seat } = this.#parts;
    const isTooLong = operation.length > MAX_OPERATION_BYTES;
    const created =
      isHalted || isTooLong
        ? undefined
        : own.create(operation, execution.clients.highest(seatKey(committee, seat)));
    if (created === undefined) {
      const why = isTooLong ? 'tooLong' : 'tooManyOutstanding';
      const code = isHalted ? 'halted' : why;
      outbox.effect({ kind: 'emit', event: { type: 'refused', token, code } });
      return;
    }
    const { request, writes } = created;
    const event: ConsensusEvent = { type: 'submitted', token, number: request.number };
    outbox.push({ writes, speech: { kind: 'request', request }, event });
  }

  /** Something of ours is signed: it counts here as it counts everywhere, and leaves. */
  #publish(speech: Speech, signature: Bytes): void {
    const parts = this.#parts;
    if (speech.kind === 'request') {
      const request = { ...speech.request, signature };
      parts.own.signed(request);
      takeRequest(parts, request);
      broadcast(parts, { kind: 'request', request });
      return;
    }
    const { statement, to } = speech;
    const message = spoken({ seat: parts.seat, statement, signature });
    if (to !== undefined) {
      send(parts, to, message);
      return;
    }
    const requests = statement.kind === 'prePrepare' ? parts.batches.get(statement.digest) : undefined;
    broadcast(parts, message.kind === 'statement' ? { ...message, requests } : message);
    receive(parts, this.#answers, message);
  }

  #elapsed(timer: string): void {
    const parts = this.#parts;
    if (timer === Outbox.retryTimer) parts.outbox.retry();
    if (timer === STATUS_TIMER) {
      repeat(parts);
      turn(parts);
      this.#armStatus();
    }
    if (timer === PATIENCE_TIMER && this.#deadline !== undefined && parts.now >= this.#deadline) {
      const lateMs = parts.now - this.#deadline;
      this.#deadline = undefined;
      // A timer that comes so late says that we slept, not that the primary did.
      if (lateMs > parts.patience.limitMs) parts.patience.begin(parts.now);
      else {
        leaveFor(parts, parts.views.view + 1);
        turn(parts);
      }
    }
  }

  #armStatus(): void {
    const { outbox, random } = this.#parts;
    const afterMs = STATUS_MS - STATUS_JITTER_MS + random.below(2 * STATUS_JITTER_MS + 1);
    outbox.effect({ kind: 'arm', timer: STATUS_TIMER, afterMs });
  }

  /** Keeps the patience timer at the deadline that there is now. */
  #watch(): void {
    const { isHalted, isQuorumReachable, now, outbox } = this.#parts;
    const deadline = isHalted || !isQuorumReachable ? undefined : this.#nextDeadline();
    if (deadline === this.#deadline) return;
    this.#deadline = deadline;
    outbox.effect(
      deadline === undefined
        ? { kind: 'disarm', timer: PATIENCE_TIMER }
        : { kind: 'arm', timer: PATIENCE_TIMER, afterMs: Math.max(0, deadline - now) },
    );
  }

  #nextDeadline(): Instant | undefined {
    const { execution, patience, pending, views } = this.#parts;
    if (!views.isActive) return patience.newViewDeadline();
    const isPlanOpen = views.plan.end > execution.executed;
    const oldest = pending.oldest();
    return patience.deadline(
      isPlanOpen && (oldest === undefined || oldest > patience.since) ? patience.since : oldest,
    );
  }
}
