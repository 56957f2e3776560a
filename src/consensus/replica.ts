/**
 * One peer of a board's committees as a machine, with a seat or following without one: practical Byzantine fault tolerance (Castro and Liskov,
 * OSDI 1999) through any number of epochs.
 * docs/spec/consensus.md has its rules and says where and why it differs from the paper.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { Input, Instant, Machine, Protocol, SignatureCheck } from '../kernel/machine.ts';
import { leaveFor, turn } from './changing.ts';
import type { ConsensusCommand, ConsensusEvent } from './events.ts';
import { Answers, broadcast, repeat, send, tellStatus } from './exchange.ts';
import { keepAllForeign, receive, takeRequest } from './intake.ts';
import { MAX_OPERATION_BYTES, MAX_TIMER_LATE_MS, STATUS_JITTER_MS, STATUS_MS } from './limits.ts';
import { consensusProtocol, type ConsensusMessage } from './messages.ts';
import { checksLeft, isNeeded, judgingOf } from './needed.ts';
import { commitReady, orderAll, propose } from './ordering.ts';
import { Outbox, type ConsensusEffect, type Speech } from './outbox.ts';
import { isIdle, isOver, type Parts } from './parts.ts';
import { askRoll } from './roll.ts';
import { beginNext, certifyEnd, draftReset, learnLinks, lookAtReset } from './succession.ts';

const STATUS_TIMER = 'consensus/status';
const PATIENCE_TIMER = 'consensus/patience';

export class Replica implements Machine<ConsensusMessage, ConsensusCommand, ConsensusEvent> {
  #parts: Parts;
  readonly #answers = new Answers();
  /** What the patience timer is armed for. */
  #deadline: Instant | undefined;
  /** Whether the status timer is armed for a time when nothing is under way. */
  #isIdle = false;
  readonly protocol: Protocol<ConsensusMessage>;

  /** `parts` come from {@link import('./restore.ts').restoreParts}. The first input has to be the command `start`. */
  constructor(parts: Parts) {
    this.#parts = parts;
    this.protocol = { ...consensusProtocol(judgingOf(parts)), checks: (message) => this.checks(message) };
  }

  /** The parts of the present epoch, for those who show or judge them. */
  get parts(): Parts {
    return this.#parts;
  }

  step(input: Input<ConsensusMessage, ConsensusCommand>, now: Instant): readonly ConsensusEffect[] {
    this.#parts.now = now;
    const { checkpoints, execution } = this.#parts;
    const low = checkpoints.stable.seq;
    const { executed } = execution;
    if (!this.#parts.isHalted || input.kind === 'command') this.#take(input);
    if (checkpoints.stable.seq > low) orderAll(this.#parts);
    if (execution.executed > executed) commitReady(this.#parts);
    this.#succeed();
    propose(this.#parts);
    this.#watch();
    if (this.#isIdle && !isIdle(this.#parts)) this.#armStatus();
    return this.#parts.outbox.flush();
  }

  /** Goes on to the next epoch when it can begin. */
  #succeed(): void {
    certifyEnd(this.#parts);
    const next = beginNext(this.#parts);
    if (next === undefined) return;
    this.#parts = next;
    repeat(next);
  }

  /** Whether there is any use for a message; to be asked before its signatures are checked. */
  needs(message: ConsensusMessage): boolean {
    return isNeeded(this.#parts, message);
  }

  /** The signatures that have to hold before a message may be taken in. */
  checks(message: ConsensusMessage): readonly SignatureCheck[] {
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
        parts.reach.begin(parts.now);
        // Nobody may know the new view any more: do not wait for it for ever.
        if (!parts.views.isActive) parts.patience.quorumLeft(parts.now);
        repeat(parts);
        this.#armStatus();
        return;
      case 'submit':
        this.#submit(command.operation, command.token);
        return;
      case 'reachable':
        this.#reaches(command.peers);
        return;
      case 'greet':
        if (parts.isHalted) return;
        tellStatus(parts, command.peer);
        for (const proof of parts.lies.all()) send(parts, command.peer, { kind: 'lie', proof });
        return;
      case 'clock':
        parts.clock.set(command.time, parts.now);
        parts.turn = Math.max(parts.turn, parts.clock.time(parts.now) ?? 0);
        return;
      case 'callRoll':
        askRoll(parts, true);
        return;
      case 'draftReset': {
        const draft = draftReset(parts, command.seating);
        const event: ConsensusEvent = { type: 'resetDrafted', token: command.token, draft };
        parts.outbox.effect({ kind: 'emit', event });
        return;
      }
      case 'adopt':
        learnLinks(parts, command.links);
        return;
    }
  }

  #reaches(peers: readonly PeerId[]): void {
    const parts = this.#parts;
    const { committee, now, patience, reach, self } = parts;
    const was: boolean = reach.hasQuorum;
    reach.set(peers);
    if (reach.look(committee, self, now)) patience.begin(now);
    if (was && !reach.hasQuorum) keepAllForeign(parts);
  }

  #submit(operation: Bytes, token: string): void {
    const { execution, maySign, outbox, own, self } = this.#parts;
    const isHalted = this.#parts.isHalted || !maySign;
    const isTooLong = operation.length > MAX_OPERATION_BYTES;
    const created =
      isHalted || isTooLong ? undefined : own.create(operation, execution.clients.highest(self));
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
    if (speech.kind === 'question') {
      const { question, to } = speech;
      const message: ConsensusMessage = { kind: 'question', asker: parts.self, question, signature };
      if (to === undefined) broadcast(parts, message);
      else send(parts, to, message);
      return;
    }
    const { committee, seat, statement } = speech;
    const batch = statement.kind === 'prePrepare' ? parts.batches.get(statement.digest) : undefined;
    const signed = { seat, statement, signature };
    const message: ConsensusMessage = { kind: 'statement', epoch: committee.epoch, signed, batch };
    broadcast(parts, message);
    receive(parts, this.#answers, message);
  }

  #elapsed(timer: string): void {
    const parts = this.#parts;
    if (timer === Outbox.retryTimer) parts.outbox.retry();
    if (timer === STATUS_TIMER) {
      lookAtReset(parts);
      repeat(parts);
      turn(parts);
      this.#armStatus();
    }
    if (timer === PATIENCE_TIMER && this.#deadline !== undefined && parts.now >= this.#deadline) {
      const lateMs = parts.now - this.#deadline;
      this.#deadline = undefined;
      // A timer that comes so late says that we slept, not that the primary did.
      if (lateMs > MAX_TIMER_LATE_MS) parts.patience.begin(parts.now);
      else {
        leaveFor(parts, parts.views.view + 1);
        turn(parts);
      }
    }
  }

  #armStatus(): void {
    const { idleStatusMs, outbox, random } = this.#parts;
    this.#isIdle = idleStatusMs > STATUS_MS && isIdle(this.#parts);
    const jitterMs = random.below(2 * STATUS_JITTER_MS + 1) - STATUS_JITTER_MS;
    const afterMs = (this.#isIdle ? idleStatusMs : STATUS_MS) + jitterMs;
    outbox.effect({ kind: 'arm', timer: STATUS_TIMER, afterMs });
  }

  /** Keeps the patience timer at the deadline that there is now. */
  #watch(): void {
    const { isHalted, now, outbox, reach, seat } = this.#parts;
    const isPatient = isHalted || !reach.hasQuorum || seat === undefined || isOver(this.#parts);
    const deadline = isPatient ? undefined : this.#nextDeadline();
    if (deadline === this.#deadline) return;
    this.#deadline = deadline;
    outbox.effect(
      deadline === undefined
        ? { kind: 'disarm', timer: PATIENCE_TIMER }
        : { kind: 'arm', timer: PATIENCE_TIMER, afterMs: Math.max(0, deadline - now) },
    );
  }

  #nextDeadline(): Instant | undefined {
    const { checkpoints, execution, patience, pending, views } = this.#parts;
    if (!views.isActive) return patience.newViewDeadline();
    // What waits here may be executed in the state that is fetched. The f + 1 honest seats that made the checkpoint know, and take us with them.
    if (checkpoints.ahead !== undefined) return undefined;
    const isPlanOpen = views.plan.end > execution.executed;
    const oldest = pending.oldest();
    return patience.deadline(
      isPlanOpen && (oldest === undefined || oldest > patience.since) ? patience.since : oldest,
    );
  }
}
