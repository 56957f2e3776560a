/**
 * Anti-entropy (DESIGN section 7): every few seconds some neighbours hear the digest of what we hold, and the heads from which all of it can
 * be reached. Whoever lacks a head pulls, after a grace in which a broadcast may still bring it, from one neighbour at a time, with
 * several batches on their way. Level-triggered: a lost message delays, it never loses.
 */
import type { Effect } from '../kernel/machine.ts';
import type { Hash, PeerId } from '../kernel/ids.ts';
import { pick, shuffled, type Random } from '../kernel/random.ts';
import type { Entry } from './entry.ts';
import type { ForkBook, ForkProof } from './forks.ts';
import { HandingOn } from './handing-on.ts';
import type { Intake } from './intake.ts';
import type { Frontier, FrontierItem, Journals } from './journals.ts';
import {
  DIGEST_FAN_OUT,
  MAX_COPY_BACKLOG_BYTES,
  MAX_EARLY_PULLS,
  MAX_FRONTIER,
  MAX_IDLE_BATCHES,
  MAX_PROOFS_PER_MESSAGE,
  MAX_SECOND_PULL_BYTES,
  MAX_SHOWN_HEADS,
  PULL_DEADLINE_MS,
  PULL_GRACE_MS,
  PULL_PATIENCE_MS,
  PULL_WINDOW,
} from './limits.ts';
import {
  NO_CHECKPOINT,
  type BatchMessage,
  type DigestMessage,
  type NextMessage,
  type PullMessage,
  type ReplicationMessage,
  type ShownCheckpoint,
} from './messages.ts';
import { noteHeld, noteInStep, type Neighbour, type Neighbours, type Pull } from './neighbours.ts';
import type { IntakeOutcome } from './outcome.ts';
import { judgeNeighbours, noteAsked } from './patience.ts';
import { roundAfter } from './rounds.ts';
import { Serving } from './serving.ts';

export const TIMER = {
  digest: 'replication/digest',
  pull: 'replication/pull',
  pullDeadline: 'replication/pull-deadline',
  pullPatience: 'replication/pull-patience',
} as const;

type SyncEffect = Effect<ReplicationMessage, { readonly type: 'keepsBack'; readonly peer: PeerId }>;

export interface Copying {
  /** Bytes of entries that we hold. */
  readonly receivedBytes: number;
  /** The same once the copy is complete. */
  readonly totalBytes: number;
}

export interface AntiEntropyOptions {
  readonly journals: Journals;
  readonly intake: Intake;
  readonly book: ForkBook;
  readonly neighbours: Neighbours;
  readonly random: Random;
  /** The checkpoint on which all that we hold stands. */
  readonly checkpoint: () => ShownCheckpoint;
  /** Peers of the swarm that can be reached. */
  readonly swarmSize: () => number;
}

export class AntiEntropy {
  readonly #options: AntiEntropyOptions;
  readonly #journals: Journals;
  readonly #neighbours: Neighbours;
  readonly #handing: HandingOn;
  #pull: Pull | undefined;
  #lastPull = 0;
  /** Counts the graces; what is noted during one is looked at after the next. */
  #grace = 0;
  #isGraceRunning = false;
  /** Entries since the last round that came too early and may make us pull. */
  #earlyPulls = 0;
  /** Whether something took effect or differed since the last round. */
  #isRestless = true;
  /** For how long the round under way was armed, ms. */
  #roundMs = 0;
  /**
   * Who gave us what no broadcast brought, and hears that we are in step once all of it is on disk. If it was news all do, since we have it to give:
   * a liar who tells one of us only does not keep it from the others until their next rounds.
   */
  readonly #givers = new Set<PeerId>();
  #isForAll = false;
  /** How far the copy under way is, or undefined. */
  copying: Copying | undefined;
  /** Whether one neighbour said that we lack nothing of what it may give: the first copy is complete. */
  caughtUp = false;

  constructor(options: AntiEntropyOptions) {
    this.#options = options;
    this.#journals = options.journals;
    this.#neighbours = options.neighbours;
    this.#handing = new HandingOn(options.intake, options.neighbours);
  }

  start(): SyncEffect[] {
    return [this.#armRound()];
  }

  /** Tells one neighbour what we hold. */
  greet(neighbour: Neighbour): SyncEffect[] {
    return [this.#digestTo(neighbour)];
  }

  /** What has effect was decided anew, which others may not have heard of. What came by broadcast says by itself when something is missing. */
  unsettled(): void {
    this.#isRestless = true;
  }

  elapsed(timer: string): SyncEffect[] {
    if (timer === TIMER.digest) {
      const judged = this.#judge();
      const some = shuffled(this.#options.random, this.#neighbours.all()).slice(0, DIGEST_FAN_OUT);
      // During a first copy what waits here waits for the rest of it, and others have both.
      const handed = this.caughtUp ? this.#handing.round() : [];
      return [this.#armRound(), ...some.map((neighbour) => this.#digestTo(neighbour)), ...handed, ...judged];
    }
    if (timer === TIMER.pull) return this.#endGrace();
    if (timer === TIMER.pullPatience) {
      if (this.#pull !== undefined) this.#pull.isSlow = !this.#pull.isUseful;
      return this.#askAnother();
    }
    return timer === TIMER.pullDeadline ? this.#endPull() : [];
  }

  heardDigest(neighbour: Neighbour, message: DigestMessage): SyncEffect[] {
    neighbour.shownBytes = message.byteCount;
    if (message.digest === this.#journals.frontierDigest()) {
      noteInStep(neighbour, this.#journals);
      neighbour.shown = [];
      neighbour.vainPulls = 0;
      if (!this.#journals.isEmpty) this.caughtUp = true;
      return [];
    }
    this.#isRestless = true;
    const effects = message.heads.length === 0 ? [] : this.#heardShown(neighbour, message.heads);
    if (message.forks !== this.#journals.forksDigest()) effects.push(...this.#tellForks(neighbour));
    // What our own digests cannot show is told in full.
    const isTold = this.#journals.durableHeads().length <= MAX_SHOWN_HEADS;
    return isTold || !neighbour.served ? effects : [...effects, this.#frontierTo(neighbour.peer)];
  }

  heardFrontier(neighbour: Neighbour, frontier: Frontier): SyncEffect[] {
    return this.#heardShown(neighbour, frontier);
  }

  /** An entry came by broadcast whose predecessors did not: `neighbour` had them. */
  heardTooEarly(neighbour: Neighbour, { author, seq, hash }: Entry): SyncEffect[] {
    const item = { author, seq, head: hash };
    if (!this.#lacks(item) || this.#earlyPulls >= MAX_EARLY_PULLS) return [];
    if (neighbour.waiting !== undefined && this.#lacks(neighbour.waiting)) return [];
    this.#earlyPulls += 1;
    neighbour.waiting = item;
    return this.#pullSoon(neighbour);
  }

  /** Starts to answer a pull. */
  heardPull(neighbour: Neighbour, message: PullMessage): SyncEffect[] {
    if (!neighbour.served) {
      neighbour.pendingPull = message;
      return [this.#digestTo(neighbour)];
    }
    neighbour.serving = new Serving(this.#journals, message.pull, message.have);
    return this.#give(neighbour, PULL_WINDOW);
  }

  heardNext(neighbour: Neighbour, { pull }: NextMessage): SyncEffect[] {
    return neighbour.serving?.pull === pull && neighbour.served ? this.#give(neighbour, 1) : [];
  }

  /**
   * A batch was taken in, and led to `outcome`: asks for another, or notes that the copy is complete. Several of
   * which nothing takes effect end the pull, or a neighbour with nothing useful could keep us busy and others away.
   */
  heardBatch(
    neighbour: Neighbour,
    batch: BatchMessage,
    given: readonly Entry[],
    outcome: IntakeOutcome,
    backlogBytes: number,
  ): SyncEffect[] {
    const handed = this.#handing.given(neighbour, given);
    return [...handed, ...this.#heardBatch(neighbour, batch, given, outcome, backlogBytes)];
  }

  #heardBatch(
    neighbour: Neighbour,
    batch: BatchMessage,
    given: readonly Entry[],
    outcome: IntakeOutcome,
    backlogBytes: number,
  ): SyncEffect[] {
    const pull = this.#pull;
    const applied = outcome.applied.length;
    if (pull?.peer !== neighbour.peer || pull.id !== batch.pull) {
      this.#heardLate(neighbour, batch, given, outcome);
      if (applied === 0) return [];
      // Late, but no vain promise: its link is slower than the deadline of a pull.
      neighbour.owed = undefined;
      if (pull?.peer === neighbour.peer) pull.isUseful = true;
      this.#isForAll = true;
      this.#givers.add(neighbour.peer);
      return this.settled();
    }
    const { byteCount } = this.#journals;
    this.copying = { receivedBytes: byteCount, totalBytes: byteCount + batch.remainingBytes };
    this.#noteGiven(neighbour, pull, given, outcome);
    if (!batch.more) {
      this.#isForAll ||= pull.isUseful || !this.caughtUp;
      // After a pull in vain a digest would only bring another: two sides of a fork would go on for ever.
      if (pull.isUseful || !this.caughtUp) this.#givers.add(neighbour.peer);
      this.caughtUp = true;
      neighbour.shown = [];
      neighbour.waiting = undefined;
      return [...this.#endPull(true), ...this.settled()];
    }
    pull.asked = Math.max(0, pull.asked - 1);
    pull.idle = applied > 0 ? 0 : pull.idle + 1;
    if (pull.idle >= MAX_IDLE_BATCHES) return this.#endPull();
    pull.owed += 1;
    return this.goOn(backlogBytes);
  }

  /** Asks for what the pull under way is owed, unless `backlogBytes` that wait for our disk are too many. */
  goOn(backlogBytes: number): SyncEffect[] {
    const pull = this.#pull;
    if (pull === undefined || pull.owed === 0) return [];
    // While nothing is asked for, nothing can be late.
    if (backlogBytes > MAX_COPY_BACKLOG_BYTES)
      return pull.asked === 0 ? [{ kind: 'disarm', timer: TIMER.pullDeadline }] : [armDeadline];
    const effects: SyncEffect[] = [];
    for (; pull.owed > 0; pull.owed--) {
      pull.asked += 1;
      effects.push(sendTo(pull.peer, { kind: 'next', pull: pull.id }));
    }
    return [...effects, armDeadline];
  }

  /** Everything held is on disk, perhaps: whoever gave us a copy may count on us. */
  settled(): SyncEffect[] {
    if (this.#givers.size === 0 || !this.#journals.allDurable) return [];
    const hear = this.#neighbours.all().filter(({ peer }) => this.#isForAll || this.#givers.has(peer));
    this.#isForAll = false;
    this.#givers.clear();
    return hear.map((neighbour) => this.#digestTo(neighbour));
  }

  lost(peer: PeerId): SyncEffect[] {
    this.#givers.delete(peer);
    return this.#pull?.peer === peer ? this.#endPull() : [];
  }

  /** What is held, whether on disk or not: what need not be sent. */
  have(): FrontierItem[] {
    return this.#journals.held().slice(0, MAX_FRONTIER);
  }

  #heardShown(neighbour: Neighbour, shown: Frontier): SyncEffect[] {
    neighbour.shown = shown;
    for (const { author, seq, head } of shown)
      if (this.#journals.has(head) || this.#journals.at(author, seq) === undefined)
        noteHeld(neighbour, this.#journals, author, seq);
    const effects = this.#tellWhoForked(neighbour, shown);
    if (shown.some((item) => this.#lacks(item))) return [...effects, ...this.#pullSoon(neighbour)];
    neighbour.vainPulls = 0;
    if (!this.#journals.isEmpty) this.caughtUp = true;
    return effects;
  }

  /** Whether an entry that a neighbour holds, or something before it, is lacking here and may be had. */
  #lacks({ author, seq, head }: FrontierItem): boolean {
    const { intake, book } = this.#options;
    // From its fork on, a journal is only what somebody builds on. What lies before it has effect, or the fork lies further back.
    const isBehindFork = seq >= (book.placeOf(author) ?? Number.MAX_SAFE_INTEGER);
    return !this.#journals.has(head) && !intake.isRefused(head) && !isBehindFork && !intake.isParked(head);
  }

  /** Proofs against authors of whom we hold entries, as many as a message carries, from a random one on: over the rounds all are told. */
  #tellForks({ peer }: Neighbour): SyncEffect[] {
    const proofs = this.#journals.forks().flatMap(({ author }) => this.#options.book.get(author) ?? []);
    if (proofs.length === 0) return [];
    const from = this.#options.random.below(proofs.length);
    return [evidenceTo(peer, [...proofs.slice(from), ...proofs.slice(0, from)])];
  }

  /** Who shows a head of a frozen author that has no effect here does not know of the fork. */
  #tellWhoForked({ peer }: Neighbour, shown: Frontier): SyncEffect[] {
    const proofs = new Set<ForkProof>();
    for (const { author, head } of shown) {
      const proof = this.#journals.has(head) ? undefined : this.#options.book.get(author);
      if (proof !== undefined) proofs.add(proof);
    }
    return proofs.size === 0 ? [] : [evidenceTo(peer, [...proofs])];
  }

  #hasMore({ shown, waiting }: Neighbour): boolean {
    return shown.some((item) => this.#lacks(item)) || (waiting !== undefined && this.#lacks(waiting));
  }

  /** A newcomer has nothing that a broadcast could be about to bring: it does not wait. */
  #pullSoon(neighbour: Neighbour): SyncEffect[] {
    this.#isRestless = true;
    neighbour.grace = this.#grace + 1;
    if (this.#pull !== undefined) return this.#askAnother();
    if (this.#isGraceRunning) return [];
    return this.#journals.isEmpty ? this.#startPull() : this.#beginGrace();
  }

  #beginGrace(): SyncEffect[] {
    this.#grace += 1;
    this.#isGraceRunning = true;
    return [{ kind: 'arm', timer: TIMER.pull, afterMs: PULL_GRACE_MS }];
  }

  /** Pulls what was lacking when the grace began and still is; for what was noted since then, another one begins. */
  #endGrace(): SyncEffect[] {
    this.#isGraceRunning = false;
    const pull = this.#startPull((neighbour) => neighbour.grace <= this.#grace);
    const isMore = this.#neighbours.all().some((neighbour) => this.#hasMore(neighbour));
    return this.#pull === undefined && isMore ? this.#beginGrace() : pull;
  }

  /** Begins a pull from one of the neighbours that have more and are in `among`. */
  #startPull(among: (neighbour: Neighbour) => boolean = () => true): SyncEffect[] {
    if (this.#pull !== undefined) return [];
    const all = this.#neighbours.all().filter((each) => among(each) && this.#hasMore(each));
    const free = all.filter(({ owed }) => owed === undefined);
    const sources = free.length > 0 ? free : all;
    // Liars must not take turns for ever while somebody honest waits to be asked.
    const least = Math.min(...sources.map(({ vainPulls }) => vainPulls));
    const source = pick(
      this.#options.random,
      sources.filter(({ vainPulls }) => vainPulls === least),
    );
    if (source === undefined) return [];
    this.#lastPull += 1;
    const id = this.#lastPull;
    const promised = this.#promisedBy(source);
    const counts = { asked: PULL_WINDOW, owed: 0, idle: 0, isUseful: false, isSlow: false };
    this.#pull = { peer: source.peer, id, ...counts, promised };
    if (promised !== undefined) noteAsked(source, id);
    return [sendTo(source.peer, { kind: 'pull', pull: id, have: this.have() }), armDeadline, armPatience];
  }

  /**
   * Asks another neighbour that shows what we lack, if the pull under way is slow and it costs little: who shows and does not give must not keep
   * us from those who would. That the other has little more than we is its own word, and the only one that its pull has to be cheap by.
   */
  #askAnother(): SyncEffect[] {
    const pull = this.#pull;
    if (pull?.isSlow !== true || pull.isUseful) return [];
    const isOther = (neighbour: Neighbour): boolean =>
      neighbour.peer !== pull.peer && neighbour.owed === undefined && this.#isCheap(neighbour);
    if (!this.#neighbours.all().some((each) => isOther(each) && this.#hasMore(each))) return [];
    const neighbour = this.#neighbours.get(pull.peer);
    if (neighbour !== undefined) neighbour.passedOver = pull;
    this.#pull = undefined;
    return this.#startPull(isOther);
  }

  #isCheap({ shownBytes, checkpoint }: Neighbour): boolean {
    const isComparable = checkpoint.hash === this.#options.checkpoint().hash;
    return isComparable && shownBytes - this.#journals.byteCount <= MAX_SECOND_PULL_BYTES;
  }

  /** A batch of a pull that is not under way any more: what its source had shown counts as if it were. */
  #heardLate(
    neighbour: Neighbour,
    batch: BatchMessage,
    given: readonly Entry[],
    outcome: IntakeOutcome,
  ): void {
    const pull = neighbour.passedOver;
    if (pull?.id !== batch.pull) return;
    this.#noteGiven(neighbour, pull, given, outcome);
    if (batch.more) return;
    neighbour.passedOver = undefined;
    this.#countVain(neighbour, pull, true);
  }

  #noteGiven(neighbour: Neighbour, pull: Pull, given: readonly Entry[], outcome: IntakeOutcome): void {
    pull.isUseful ||= outcome.applied.length > 0;
    if (outcome.forks.length === 0 && !given.some(({ hash }) => pull.promised?.has(hash))) return;
    pull.promised = undefined;
    neighbour.vainPulls = 0;
  }

  /** What a neighbour shows and we lack. On another checkpoint than ours it may have nothing of it any more. */
  #promisedBy({ shown, checkpoint }: Neighbour): ReadonlySet<Hash> | undefined {
    const lacking = shown.filter((item) => this.#lacks(item)).map(({ head }) => head);
    const isComparable = checkpoint.hash === this.#options.checkpoint().hash;
    return isComparable && lacking.length > 0 ? new Set(lacking) : undefined;
  }

  /** Asks those who have said nothing for a while, and reports those who keep back what they hold. */
  #judge(): SyncEffect[] {
    const { asked, given } = judgeNeighbours(this.#neighbours.all(), this.#roundMs, this.#options.random);
    const questions = asked.filter(({ peer }) => peer !== this.#pull?.peer && !given.includes(peer));
    return [
      ...questions.map(({ peer }): SyncEffect => {
        this.#lastPull += 1;
        return sendTo(peer, { kind: 'pull', pull: this.#lastPull, have: this.have() });
      }),
      ...given.map((peer): SyncEffect => ({ kind: 'emit', event: { type: 'keepsBack', peer } })),
    ];
  }

  /** Counts a pull that brought nothing of what its source had shown. A copy that was cut short brought what it could, and what came another way meanwhile was no lie. */
  #countVain(neighbour: Neighbour, { promised, isUseful }: Pull, isComplete: boolean): void {
    if (promised === undefined || (isUseful && !isComplete)) return;
    if ([...promised].some((hash) => this.#options.intake.knows(hash))) return;
    neighbour.vainPulls += 1;
  }

  /** Ends the pull under way and looks whether another neighbour has more. `isComplete`: its source said that this was all. */
  #endPull(isComplete = false): SyncEffect[] {
    const pull = this.#pull;
    const neighbour = pull && this.#neighbours.get(pull.peer);
    this.#pull = undefined;
    if (neighbour !== undefined) {
      if (pull !== undefined) this.#countVain(neighbour, pull, isComplete);
      // It said its part; its next digest tells whether more is to be had.
      neighbour.shown = [];
      neighbour.waiting = undefined;
    }
    const next = this.#startPull();
    if (next.length === 0) this.copying = undefined;
    const disarmed = [TIMER.pullDeadline, TIMER.pullPatience].map(
      (timer) => ({ kind: 'disarm', timer }) as const,
    );
    return [...disarmed, ...next];
  }

  /** Up to `count` batches of what the neighbour is being given. */
  #give(neighbour: Neighbour, count: number): SyncEffect[] {
    const effects: SyncEffect[] = [];
    while (effects.length < count && neighbour.serving !== undefined) {
      const batch = neighbour.serving.next();
      if (!batch.more) neighbour.serving = undefined;
      effects.push({ kind: 'send', to: neighbour.peer, message: { kind: 'batch', ...batch }, lane: 'bulk' });
    }
    return effects;
  }

  #armRound(): SyncEffect {
    const { random, swarmSize } = this.#options;
    const afterMs = roundAfter(swarmSize(), this.#isRestless, random);
    this.#roundMs = afterMs;
    this.#isRestless = false;
    this.#earlyPulls = 0;
    return { kind: 'arm', timer: TIMER.digest, afterMs };
  }

  #digestTo(neighbour: Neighbour): SyncEffect {
    const { entryCount, byteCount } = this.#journals;
    const digest = this.#journals.frontierDigest();
    const heads = neighbour.served ? this.#journals.durableHeads() : [];
    const shown = heads.length > MAX_SHOWN_HEADS ? [] : heads;
    const forks = this.#journals.forksDigest();
    const checkpoint = neighbour.served ? this.#options.checkpoint() : NO_CHECKPOINT;
    const held = { digest, entryCount, byteCount, forks, heads: shown, checkpoint };
    return sendTo(neighbour.peer, { kind: 'digest', ...held });
  }

  #frontierTo(to: PeerId): SyncEffect {
    return sendTo(to, { kind: 'frontier', frontier: this.#journals.frontier().slice(0, MAX_FRONTIER) });
  }
}

const armDeadline: SyncEffect = { kind: 'arm', timer: TIMER.pullDeadline, afterMs: PULL_DEADLINE_MS };
const armPatience: SyncEffect = { kind: 'arm', timer: TIMER.pullPatience, afterMs: PULL_PATIENCE_MS };

function sendTo(to: PeerId, message: ReplicationMessage): SyncEffect {
  return { kind: 'send', to, message, lane: 'control' };
}

function evidenceTo(to: PeerId, proofs: readonly ForkProof[]): SyncEffect {
  return sendTo(to, { kind: 'evidence', proofs: proofs.slice(0, MAX_PROOFS_PER_MESSAGE) });
}
