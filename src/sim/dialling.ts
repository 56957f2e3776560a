/**
 * Attempts to open links: question, answer, connection, each with its delay, its ways to fail and its deadline. Two
 * participants that dial each other make one attempt. After `dial`, and after an accepting `answer`, exactly one of
 * `linkUp` and `dialFailed` follows, unless the participant hangs up itself. Each side ends by itself: the other
 * may hear why, or not.
 */
import type { PeerId } from '../kernel/ids.ts';
import type { LinkFailure } from '../kernel/machine.ts';
import type { Random } from '../kernel/random.ts';
import { happens, type Network, type NetworkHost } from './network.ts';
import { pairKey } from './paths.ts';
import type { Route, Signals } from './signals.ts';

interface Attempt {
  readonly initiator: PeerId;
  readonly target: PeerId;
  readonly random: Random;
  /** Who waits for the other side. */
  readonly waiting: Set<PeerId>;
  /** The way the question took. */
  route: Route | undefined;
  isAsked: boolean;
  /** The initiator has heard something of the other side. */
  isAnswered: boolean;
  isConnecting: boolean;
}

export class Dialling<Message> {
  readonly #host: NetworkHost<Message>;
  readonly #network: Network<Message>;
  readonly #signals: Signals<Message>;
  readonly #random: Random;
  readonly #attempts = new Map<string, Attempt>();
  /** Who is owed one of `linkUp` and `dialFailed`, and for which attempt with whom. A sleeper is told of the end only when it wakes. */
  readonly #owed = new Map<PeerId, Map<PeerId, Attempt>>();
  #count = 0;

  constructor(
    host: NetworkHost<Message>,
    network: Network<Message>,
    signals: Signals<Message>,
    random: Random,
  ) {
    this.#host = host;
    this.#network = network;
    this.#signals = signals;
    this.#random = random;
  }

  /** Links that `peer` is waiting for. */
  attemptCount(peer: PeerId): number {
    return this.#owed.get(peer)?.size ?? 0;
  }

  dial(from: PeerId, to: PeerId): void {
    this.#network.counters.dials += 1;
    const running = this.#attempts.get(pairKey(from, to));
    if (running !== undefined) {
      if (running.waiting.has(from)) return;
      this.#owe(running, from);
      if (running.isAsked)
        this.#connect(running); // it asked us meanwhile: dialling it is a yes
      else if (from === running.initiator) this.#ask(running);
      return;
    }
    if (from === to || this.#network.hasLink(from, to)) {
      this.#fail(from, to, 'closed');
      return;
    }
    const attempt: Attempt = {
      initiator: from,
      target: to,
      random: this.#random.fork(`attempt ${++this.#count}`),
      waiting: new Set(),
      route: undefined,
      isAsked: false,
      isAnswered: false,
      isConnecting: false,
    };
    this.#attempts.set(pairKey(from, to), attempt);
    this.#owe(attempt, from);
    const { answerMs, attemptMs } = this.#host.settings;
    this.#ask(attempt);
    this.#host.schedule(answerMs, () => this.#unanswered(attempt));
    this.#host.schedule(attemptMs, () => this.#expire(attempt));
  }

  answer(from: PeerId, to: PeerId, isAccepted: boolean, contacts?: readonly PeerId[]): void {
    const attempt = this.#attempts.get(pairKey(from, to));
    if (attempt?.waiting.has(from) === true) return; // it dialled meanwhile, and that was its answer
    if (attempt?.initiator !== to || !attempt.isAsked) {
      if (isAccepted && !this.#network.hasLink(from, to)) this.#fail(from, to, 'timeout');
      return;
    }
    if (isAccepted) {
      this.#owe(attempt, from);
      this.#signals.send(from, to, attempt.route, () => this.#connect(attempt));
    } else {
      this.#signals.send(from, to, attempt.route, () => this.#refused(attempt, contacts));
    }
  }

  /** `peer` gives an attempt up; the other side hears why, if anything gets there. */
  giveUp(peer: PeerId, other: PeerId, reason: LinkFailure): void {
    const attempt = this.#owed.get(peer)?.get(other);
    if (attempt === undefined) return;
    this.#settle(attempt, peer);
    this.#tellEnd(attempt, peer, reason);
  }

  /** A participant is gone: whoever was connecting to it learns by the deadline. */
  crash(peer: PeerId): void {
    for (const attempt of [...(this.#owed.get(peer)?.values() ?? [])]) this.#settle(attempt, peer);
  }

  #ask(attempt: Attempt): void {
    const { initiator, target } = attempt;
    const again = (): void => {
      if (!this.#isOpen(attempt) || attempt.isAsked || !attempt.waiting.has(initiator)) return;
      if (!this.#host.isAwake(initiator)) return;
      attempt.route = this.#signals.send(initiator, target, undefined, () => this.#asked(attempt));
      this.#host.scheduleFor(initiator, this.#host.settings.askAgainMs, again);
    };
    again();
  }

  #asked(attempt: Attempt): void {
    if (!this.#isOpen(attempt) || attempt.isAsked) return;
    attempt.isAsked = true;
    const { initiator, target } = attempt;
    this.#network.closeOld(target, initiator);
    if (attempt.waiting.has(target)) this.#connect(attempt);
    else this.#host.linkEvent(target, { kind: 'asked', peer: initiator });
  }

  #refused(attempt: Attempt, contacts: readonly PeerId[] | undefined): void {
    if (!this.#isOpen(attempt) || attempt.isConnecting) return;
    const { initiator, target } = attempt;
    this.#signals.trust(initiator, target);
    if (attempt.waiting.has(initiator)) this.#endSide(attempt, initiator, 'busy', contacts);
    if (this.#isOpen(attempt)) this.#attempts.delete(pairKey(initiator, target));
  }

  #connect(attempt: Attempt): void {
    // Both want it, and neither has given up meanwhile.
    if (!this.#isOpen(attempt) || attempt.isConnecting || attempt.waiting.size < 2) return;
    const { settings, paths } = this.#host;
    const { initiator, target, random } = attempt;
    attempt.isAnswered = true;
    attempt.isConnecting = true;
    this.#signals.trust(initiator, target);
    if (happens(random, settings.connectFailuresPerMille) || !paths.canConnect(initiator, target)) {
      this.#host.schedule(settings.iceFailureMs, () => {
        for (const peer of [...attempt.waiting]) this.#endSide(attempt, peer, 'iceFailed');
      });
      return;
    }
    this.#host.schedule(this.#connectMs(random), () => {
      if (!this.#isOpen(attempt) || attempt.waiting.size < 2) return;
      const isPossible =
        this.#host.isAwake(initiator) &&
        this.#host.isAwake(target) &&
        paths.isOpenBothWays(initiator, target);
      if (!isPossible) return; // the deadline speaks
      this.#settle(attempt, initiator);
      this.#settle(attempt, target);
      this.#network.open(initiator, target);
    });
  }

  /** Mostly near the lower end: the square of an even draw. */
  #connectMs(random: Random): number {
    const [min, max] = this.#host.settings.connectMs;
    const share = random.below(1001) / 1000;
    return min + (max - min) * share * share;
  }

  #unanswered(attempt: Attempt): void {
    const { initiator, target, route } = attempt;
    if (!this.#isOpen(attempt) || attempt.isAnswered || !attempt.waiting.has(initiator)) return;
    if (route !== undefined) this.#signals.suspect(initiator, target, route);
    this.#endSide(attempt, initiator, 'timeout');
    if (attempt.isAsked) this.#tellEnd(attempt, initiator, 'timeout');
  }

  #expire(attempt: Attempt): void {
    if (!this.#isOpen(attempt)) return;
    for (const peer of [...attempt.waiting]) this.#endSide(attempt, peer, 'timeout');
    if (this.#isOpen(attempt)) this.#attempts.delete(pairKey(attempt.initiator, attempt.target));
  }

  #tellEnd(attempt: Attempt, from: PeerId, reason: LinkFailure): void {
    const to = otherOf(attempt, from);
    this.#signals.send(from, to, attempt.route, () => {
      if (attempt.waiting.has(to)) this.#endSide(attempt, to, reason);
    });
  }

  #isOpen(attempt: Attempt): boolean {
    return this.#attempts.get(pairKey(attempt.initiator, attempt.target)) === attempt;
  }

  #owe(attempt: Attempt, peer: PeerId): void {
    attempt.waiting.add(peer);
    const attempts = this.#owed.get(peer) ?? new Map<PeerId, Attempt>();
    this.#owed.set(peer, attempts);
    attempts.set(otherOf(attempt, peer), attempt);
  }

  /** `peer` does not wait any more; an attempt in which nobody waits is over. */
  #stopWaiting(attempt: Attempt, peer: PeerId): void {
    attempt.waiting.delete(peer);
    if (attempt.waiting.size === 0 && this.#isOpen(attempt))
      this.#attempts.delete(pairKey(attempt.initiator, attempt.target));
  }

  /** `peer` is owed nothing any more. False when it was not owed anything. */
  #settle(attempt: Attempt, peer: PeerId): boolean {
    this.#stopWaiting(attempt, peer);
    const attempts = this.#owed.get(peer);
    const other = otherOf(attempt, peer);
    return attempts?.get(other) === attempt && attempts.delete(other);
  }

  #endSide(attempt: Attempt, peer: PeerId, reason: LinkFailure, contacts?: readonly PeerId[]): void {
    if (!attempt.waiting.has(peer)) return;
    this.#stopWaiting(attempt, peer);
    this.#host.scheduleFor(peer, 0, () => {
      // It may have given up while the end was on its way to it.
      if (this.#settle(attempt, peer)) this.#tell(peer, otherOf(attempt, peer), reason, contacts);
    });
  }

  #fail(peer: PeerId, other: PeerId, reason: LinkFailure): void {
    this.#host.scheduleFor(peer, 0, () => this.#tell(peer, other, reason));
  }

  #tell(peer: PeerId, other: PeerId, reason: LinkFailure, contacts?: readonly PeerId[]): void {
    this.#host.linkEvent(peer, { kind: 'dialFailed', peer: other, reason, contacts });
  }
}

function otherOf({ initiator, target }: Attempt, peer: PeerId): PeerId {
  return peer === initiator ? target : initiator;
}
