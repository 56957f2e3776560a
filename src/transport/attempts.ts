/**
 * Attempts to link: one per peer at most, with an id and a deadline. The lower peer id always makes the offer, so two dials that cross
 * become one attempt; whatever belongs to an attempt that is over is dropped. Pure: inputs with the time, actions in
 * order. Rules: docs/spec/links.md, LNK-40 to LNK-55.
 */
import { toHex, type Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import { MAX_CONTACTS, type Instant, type LinkFailure } from '../kernel/machine.ts';
import { MAX_CANDIDATES, type Candidate, type Description } from './description.ts';
import type { AttemptSignal } from './signals.ts';

/** An attempt that has not become a link after this long is over, in ms (research/mesh.md 2, row 2). */
export const ATTEMPT_DEADLINE_MS = 10_000;
/** The same for one whose other side has given no sign at all, from our first signal on, in ms (guess). */
export const UNANSWERED_MS = 3000;
/** An ask or an offer that brought no answer is repeated after this long, in ms (guess: above nearly all introductions of sixteen tabs that join at once on two cores; with half of it one offer in two was sent twice). */
export const RESEND_MS = 1600;
/** It is repeated again after this long, which only an attempt lives to see whose other side has given a sign, in ms (guess). */
export const RESEND_AGAIN_MS = 3000;
/** A repeated ask or offer has our last signal repeated only if that is this old, in ms: crossing dials are not losses (guess: a slow machine answers within that). */
export const MIN_RESEND_MS = 1000;
/** Most attempts at once (guess: above what the connection budget lets through). */
export const MAX_ATTEMPTS = 64;
/** Ids of ended attempts remembered, so that their late signals are dropped (guess: ten minutes at the connection budget's rate). */
export const MAX_ENDED = 512;

/** Why a signal was dropped. */
export type DropCode =
  | 'late' // of an attempt that is over or was never ours
  | 'duplicate'
  | 'wrongRole' // an offer by the higher peer id, or an ask by the lower
  | 'tooManyAttempts'
  | 'tooManyCandidates';

export type AttemptAction =
  | { readonly kind: 'signal'; readonly to: PeerId; readonly signal: AttemptSignal }
  /** Make a connection; as initiator it starts with an offer of its own. */
  | { readonly kind: 'open'; readonly peer: PeerId; readonly attempt: Bytes; readonly initiator: boolean }
  /** Give the other side's description to the connection. */
  | { readonly kind: 'describe'; readonly attempt: Bytes; readonly description: Description }
  | { readonly kind: 'candidates'; readonly attempt: Bytes; readonly candidates: readonly Candidate[] }
  /** Close the attempt's connection. */
  | { readonly kind: 'close'; readonly attempt: Bytes }
  | { readonly kind: 'asked'; readonly peer: PeerId }
  /** `contacts`: whom a peer that is `busy` named instead of itself. */
  | {
      readonly kind: 'failed';
      readonly peer: PeerId;
      readonly reason: LinkFailure;
      readonly contacts: readonly PeerId[];
    }
  | { readonly kind: 'dropped'; readonly from: PeerId; readonly code: DropCode };

/** What the attempts need to know of their surroundings. */
export interface AttemptsOptions {
  readonly self: PeerId;
  /** A fresh random id of 8 bytes. */
  readonly newId: () => Bytes;
  /** Whether there is a link with `peer` already; its place is its own, so a new attempt of it is not asked about. */
  readonly linked: (peer: PeerId) => boolean;
  /** Takes a place for one more connection. Given back by whoever closes it. */
  readonly takePlace: (now: Instant) => boolean;
}

interface Attempt {
  readonly peer: PeerId;
  id: Bytes;
  /**
   * asking: our ask is out. asked: the owner has to answer. offering: our connection prepares an offer, or it is out.
   * connecting: both descriptions are known.
   */
  stage: 'asking' | 'asked' | 'offering' | 'connecting';
  /** Whether the owner waits for an outcome. */
  owed: boolean;
  /** Whether it has a connection. */
  open: boolean;
  /** Whether its id is that of the other side's ask. */
  byAsk: boolean;
  /** Whether the other side has given any sign of this attempt. */
  heard: boolean;
  /** When it is over unless it has become a link, if the other side gives signs. */
  lastDeadline: Instant;
  deadline: Instant;
  resendAt: Instant;
  /** Whether what is sent was repeated once. */
  repeated: boolean;
  /** The last ask, offer or answer sent, to be repeated. */
  sent: AttemptSignal | undefined;
  sentAt: Instant;
  /** The offer that waits for the owner's answer. */
  offer: { readonly description: Description; candidates: readonly Candidate[] } | undefined;
  /** Candidates received, to bound them. */
  candidates: number;
}

export class Attempts {
  readonly #options: AttemptsOptions;
  readonly #byPeer = new Map<PeerId, Attempt>();
  readonly #ended = new Set<string>();
  #actions: AttemptAction[] = [];

  constructor(options: AttemptsOptions) {
    this.#options = options;
  }

  /** Whether an attempt with `peer` is under way. */
  has(peer: PeerId): boolean {
    return this.#byPeer.has(peer);
  }

  /** The owner wants a link with `peer`. */
  dial(peer: PeerId, now: Instant): readonly AttemptAction[] {
    const current = this.#byPeer.get(peer);
    if (current !== undefined) {
      current.owed = true;
      if (current.stage === 'asked') this.#accept(current, now);
    } else if (this.#byPeer.size >= MAX_ATTEMPTS) {
      this.#actions.push({ kind: 'failed', peer, reason: 'busy', contacts: [] });
    } else {
      const attempt = this.#create(peer, this.#options.newId(), 'asking', now);
      attempt.owed = true;
      if (this.#initiates(peer)) this.#offer(attempt, now);
      else this.#send(attempt, { kind: 'ask', attempt: attempt.id }, now);
    }
    return this.#take();
  }

  /** The owner's answer to `asked`; `contacts` go with a no. */
  answer(peer: PeerId, accept: boolean, contacts: readonly PeerId[], now: Instant): readonly AttemptAction[] {
    const attempt = this.#byPeer.get(peer);
    if (attempt?.stage === 'asked') {
      attempt.owed = accept;
      if (accept) this.#accept(attempt, now);
      else this.#refuse(attempt, 'busy', contacts.slice(0, MAX_CONTACTS));
    } else if (attempt === undefined && accept && !this.#options.linked(peer)) {
      this.#actions.push({ kind: 'failed', peer, reason: 'timeout', contacts: [] }); // it ended while the owner thought about it
    }
    return this.#take();
  }

  /** The owner gives up; it is not told of an outcome. */
  abandon(peer: PeerId, reason: LinkFailure): readonly AttemptAction[] {
    const attempt = this.#byPeer.get(peer);
    if (attempt === undefined) return [];
    attempt.owed = false;
    if (attempt.stage === 'asked') this.#refuse(attempt, reason, []);
    else this.#fail(attempt, reason, true);
    return this.#take();
  }

  received(from: PeerId, signal: AttemptSignal, now: Instant): readonly AttemptAction[] {
    switch (signal.kind) {
      case 'ask':
        this.#onAsk(from, signal.attempt, now);
        break;
      case 'offer':
        this.#onOffer(from, signal, now);
        break;
      case 'answer':
        this.#onAnswer(from, signal);
        break;
      case 'candidates':
        this.#onCandidates(from, signal.attempt, signal.candidates);
        break;
      case 'refuse':
      case 'bye': {
        const attempt = this.#find(from, signal.attempt);
        const contacts = signal.kind === 'refuse' && signal.reason === 'busy' ? signal.contacts : [];
        if (attempt !== undefined) this.#fail(attempt, signal.reason, false, contacts);
        break;
      }
    }
    return this.#take();
  }

  /** Our connection has its description and first candidates. */
  described(
    id: Bytes,
    description: Description,
    candidates: readonly Candidate[],
    now: Instant,
  ): readonly AttemptAction[] {
    const attempt = this.#findById(id);
    if (attempt !== undefined)
      this.#send(attempt, { kind: description.type, attempt: id, description, candidates }, now);
    return this.#take();
  }

  /** Our connection has found further candidates. */
  gathered(id: Bytes, candidates: readonly Candidate[]): readonly AttemptAction[] {
    const attempt = this.#findById(id);
    if (attempt !== undefined) this.#push(attempt.peer, { kind: 'candidates', attempt: id, candidates });
    return this.#take();
  }

  /** The attempt has become a link. */
  linked(id: Bytes): void {
    const attempt = this.#findById(id);
    if (attempt !== undefined) this.#bury(attempt);
  }

  /** The attempt's connection ended (and is closed) before it became a link. */
  connectionFailed(id: Bytes, reason: LinkFailure): readonly AttemptAction[] {
    const attempt = this.#findById(id);
    if (attempt !== undefined) {
      attempt.open = false;
      this.#fail(attempt, reason, true);
    }
    return this.#take();
  }

  /** Our own timers were late by `ms`: signs that came meanwhile have not been seen yet, so that time is not counted. */
  forgive(ms: number): void {
    for (const attempt of this.#byPeer.values()) {
      attempt.deadline = (attempt.deadline + ms) as Instant;
      attempt.lastDeadline = (attempt.lastDeadline + ms) as Instant;
      attempt.resendAt = (attempt.resendAt + ms) as Instant;
    }
  }

  /** Ends what is past its deadline and repeats what brought no answer. */
  tick(now: Instant): readonly AttemptAction[] {
    for (const attempt of [...this.#byPeer.values()]) {
      if (now >= attempt.deadline) this.#fail(attempt, 'timeout', attempt.stage !== 'asked');
      else if (now >= attempt.resendAt) this.#resend(attempt, now);
    }
    return this.#take();
  }

  #initiates(peer: PeerId): boolean {
    return this.#options.self < peer;
  }

  /** The higher peer id asks us for an offer. */
  #onAsk(from: PeerId, id: Bytes, now: Instant): void {
    if (!this.#initiates(from)) return this.#drop(from, 'wrongRole');
    if (this.#ended.has(toHex(id))) return this.#drop(from, 'late');
    const current = this.#byPeer.get(from);
    if (current === undefined) return this.#beAsked(from, id, undefined, now);
    hear(current);
    if (current.stage === 'asked') {
      current.id = id;
      return undefined;
    }
    const same = sameId(current.id, id);
    // Dials that crossed, or an ask repeated: our offer is under way; say it again in case the other side was not listening yet.
    if (current.stage === 'offering' && (same || !current.byAsk)) {
      if (now - current.sentAt >= MIN_RESEND_MS) this.#resend(current, now);
      return this.#drop(from, 'duplicate');
    }
    if (same) return this.#drop(from, 'duplicate');
    // It would not ask if it still knew of the attempt that we believe in.
    current.byAsk = true;
    return this.#restart(current, id, now);
  }

  /** The lower peer id offers; its choice of the attempt id stands. */
  #onOffer(from: PeerId, offer: AttemptSignal & { kind: 'offer' }, now: Instant): void {
    if (this.#initiates(from)) return this.#drop(from, 'wrongRole');
    if (offer.description.type !== 'offer') return this.#drop(from, 'wrongRole');
    if (this.#ended.has(toHex(offer.attempt))) return this.#drop(from, 'late');
    const current = this.#byPeer.get(from);
    const stored = { description: offer.description, candidates: offer.candidates };
    if (current === undefined) return this.#beAsked(from, offer.attempt, stored, now);
    if (current.stage === 'connecting' && sameId(current.id, offer.attempt)) {
      if (now - current.sentAt >= MIN_RESEND_MS) this.#resend(current, now); // our answer may have been lost
      return this.#drop(from, 'duplicate');
    }
    current.offer = stored;
    if (current.stage === 'asked') {
      current.id = offer.attempt;
      return undefined;
    }
    return this.#restart(current, offer.attempt, now);
  }

  #onAnswer(from: PeerId, answer: AttemptSignal & { kind: 'answer' }): void {
    const attempt = this.#find(from, answer.attempt);
    if (attempt === undefined) return;
    if (attempt.stage !== 'offering' || attempt.sent === undefined) return this.#drop(from, 'duplicate');
    if (answer.description.type !== 'answer') return this.#drop(from, 'wrongRole');
    attempt.stage = 'connecting';
    hear(attempt);
    attempt.resendAt = attempt.deadline;
    this.#actions.push({ kind: 'describe', attempt: attempt.id, description: answer.description });
    this.#onCandidates(from, attempt.id, answer.candidates);
  }

  #onCandidates(from: PeerId, id: Bytes, candidates: readonly Candidate[]): void {
    const attempt = this.#find(from, id);
    if (attempt === undefined) return;
    hear(attempt);
    attempt.candidates += candidates.length;
    if (attempt.candidates > MAX_CANDIDATES) return this.#drop(from, 'tooManyCandidates');
    if (attempt.open) this.#actions.push({ kind: 'candidates', attempt: attempt.id, candidates });
    else if (attempt.offer !== undefined)
      attempt.offer.candidates = [...attempt.offer.candidates, ...candidates];
  }

  /** Somebody wants a link. Whoever has one already is let in again without asking the owner. */
  #beAsked(from: PeerId, id: Bytes, offer: Attempt['offer'], now: Instant): void {
    if (this.#byPeer.size >= MAX_ATTEMPTS) {
      this.#push(from, { kind: 'refuse', attempt: id, reason: 'busy', contacts: [] });
      return this.#drop(from, 'tooManyAttempts');
    }
    const attempt = this.#create(from, id, 'asked', now);
    hear(attempt);
    attempt.offer = offer;
    attempt.byAsk = offer === undefined;
    if (this.#options.linked(from)) return this.#accept(attempt, now);
    this.#actions.push({ kind: 'asked', peer: from });
    return undefined;
  }

  #accept(attempt: Attempt, now: Instant): void {
    if (this.#initiates(attempt.peer)) this.#offer(attempt, now);
    else this.#answerOffer(attempt, now);
  }

  #offer(attempt: Attempt, now: Instant): void {
    attempt.stage = 'offering';
    this.#open(attempt, true, now);
  }

  #answerOffer(attempt: Attempt, now: Instant): void {
    const { offer } = attempt;
    if (offer === undefined) return;
    attempt.stage = 'connecting';
    attempt.offer = undefined;
    attempt.resendAt = attempt.deadline;
    if (!this.#open(attempt, false, now)) return;
    this.#actions.push({ kind: 'describe', attempt: attempt.id, description: offer.description });
    this.#onCandidates(attempt.peer, attempt.id, offer.candidates.slice(0, MAX_CANDIDATES));
  }

  #open(attempt: Attempt, initiator: boolean, now: Instant): boolean {
    if (!this.#options.takePlace(now)) {
      this.#fail(attempt, 'busy', true);
      return false;
    }
    attempt.open = true;
    attempt.candidates = 0;
    this.#actions.push({ kind: 'open', peer: attempt.peer, attempt: attempt.id, initiator });
    return true;
  }

  /** The same attempt for the owner, but from the start and under another id. */
  #restart(attempt: Attempt, id: Bytes, now: Instant): void {
    if (attempt.open) this.#actions.push({ kind: 'close', attempt: attempt.id });
    if (!sameId(attempt.id, id)) this.#remember(attempt.id);
    attempt.id = id;
    attempt.open = false;
    attempt.sent = undefined;
    attempt.repeated = false;
    attempt.heard = true;
    attempt.deadline = (now + ATTEMPT_DEADLINE_MS) as Instant;
    attempt.lastDeadline = attempt.deadline;
    attempt.resendAt = attempt.deadline;
    this.#accept(attempt, now);
  }

  #refuse(attempt: Attempt, reason: LinkFailure, contacts: readonly PeerId[]): void {
    this.#push(attempt.peer, { kind: 'refuse', attempt: attempt.id, reason, contacts });
    this.#bury(attempt);
  }

  #fail(attempt: Attempt, reason: LinkFailure, tell: boolean, contacts: readonly PeerId[] = []): void {
    if (tell) this.#push(attempt.peer, { kind: 'bye', attempt: attempt.id, reason });
    if (attempt.open) this.#actions.push({ kind: 'close', attempt: attempt.id });
    if (attempt.owed) this.#actions.push({ kind: 'failed', peer: attempt.peer, reason, contacts });
    this.#bury(attempt);
  }

  #create(peer: PeerId, id: Bytes, stage: Attempt['stage'], now: Instant): Attempt {
    const deadline = (now + ATTEMPT_DEADLINE_MS) as Instant;
    const attempt: Attempt = {
      peer,
      id,
      stage,
      owed: false,
      open: false,
      byAsk: false,
      heard: false,
      lastDeadline: deadline,
      deadline,
      resendAt: deadline,
      repeated: false,
      sent: undefined,
      sentAt: now,
      offer: undefined,
      candidates: 0,
    };
    this.#byPeer.set(peer, attempt);
    return attempt;
  }

  #bury(attempt: Attempt): void {
    this.#byPeer.delete(attempt.peer);
    this.#remember(attempt.id);
  }

  #remember(id: Bytes): void {
    this.#ended.add(toHex(id));
    for (const oldest of this.#ended) {
      if (this.#ended.size <= MAX_ENDED) break;
      this.#ended.delete(oldest);
    }
  }

  #send(attempt: Attempt, signal: AttemptSignal, now: Instant): void {
    if (attempt.sent === undefined && !attempt.heard)
      attempt.deadline = Math.min(attempt.deadline, now + UNANSWERED_MS) as Instant;
    attempt.sent = signal;
    attempt.sentAt = now;
    if (attempt.stage !== 'connecting')
      attempt.resendAt = (now + (attempt.repeated ? RESEND_AGAIN_MS : RESEND_MS)) as Instant;
    this.#push(attempt.peer, signal);
  }

  #resend(attempt: Attempt, now: Instant): void {
    attempt.repeated = true;
    if (attempt.sent !== undefined) this.#send(attempt, attempt.sent, now);
    else attempt.resendAt = attempt.deadline;
  }

  #push(to: PeerId, signal: AttemptSignal): void {
    this.#actions.push({ kind: 'signal', to, signal });
  }

  #drop(from: PeerId, code: DropCode): void {
    this.#actions.push({ kind: 'dropped', from, code });
  }

  #find(from: PeerId, id: Bytes): Attempt | undefined {
    const attempt = this.#byPeer.get(from);
    if (attempt !== undefined && sameId(attempt.id, id)) return attempt;
    this.#drop(from, 'late');
    return undefined;
  }

  #findById(id: Bytes): Attempt | undefined {
    return [...this.#byPeer.values()].find((attempt) => sameId(attempt.id, id));
  }

  #take(): readonly AttemptAction[] {
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }
}

/** The other side has given a sign: it has the whole deadline from now on. */
function hear(attempt: Attempt): void {
  attempt.heard = true;
  attempt.deadline = attempt.lastDeadline;
}

function sameId(a: Bytes, b: Bytes): boolean {
  return toHex(a) === toHex(b);
}
