/**
 * Replication of one board as a machine: local changes become signed entries, entries of others take effect in causal order, and
 * neighbours are compared until all hold the same. The composition only: rules live in intake.ts and update-rules.ts,
 * comparing in anti-entropy.ts, writing in own-journal.ts, durability in disk-queue.ts.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { Hash, PeerId } from '../kernel/ids.ts';
import type { Input, StoreFailure, Write } from '../kernel/machine.ts';
import { invariant } from '../kernel/invariant.ts';
import { Acknowledgements, ACK_TIMER } from './acknowledgements.ts';
import { Allowance } from './allowance.ts';
import { AntiEntropy, TIMER, type Copying } from './anti-entropy.ts';
import { CheckpointDesk, CHECKPOINT_TIMER, type DeskHost } from './checkpoint-desk.ts';
import {
  changed,
  deleteEntry,
  emit,
  emitApplied,
  putEntry,
  putProof,
  showEntry,
  type ReplicationCommand,
  type ReplicationEffect,
} from './commands.ts';
import type { Certified, Checkpoint } from './checkpoint.ts';
import type { CheckpointOrder } from './compose.ts';
import { DiskQueue } from './disk-queue.ts';
import type { Entry } from './entry.ts';
import { ForkBook, type ForkProof } from './forks.ts';
import { Intake } from './intake.ts';
import type { Footprint, IntakeOutcome } from './outcome.ts';
import { MAX_PAYLOAD_BYTES, MAX_UNSAVED_ENTRIES, MAX_UPDATE_BYTES, STORE_RETRY_MS } from './limits.ts';
import type { BatchMessage, ReplicationMessage } from './messages.ts';
import { Neighbours, noteHeld, type Neighbour } from './neighbours.ts';
import { OwnJournal, type Draft } from './own-journal.ts';
import { noteTold } from './patience.ts';
import { ReplicationView } from './replication-view.ts';
import type { ReplicationOptions } from './replication-options.ts';
import { checkUpdate } from './update-rules.ts';

/** Deletions in one write, so that what a person writes meanwhile does not wait long behind them (guess). */
const ERASE_GROUP = 250;
type DiskNote =
  | { readonly type: 'own'; readonly entry: Entry; readonly token: string }
  | { readonly type: 'others'; readonly entry: Entry }
  | { readonly type: 'delivery' }
  | { readonly type: 'proof' }
  | { readonly type: 'erasure' }
  | { readonly type: 'checkpoint'; readonly certified: Certified };

export class Replication extends ReplicationView {
  readonly #options: ReplicationOptions;
  readonly #book = new ForkBook();
  readonly #intake: Intake;
  readonly #own: OwnJournal;
  readonly #neighbours: Neighbours;
  readonly #sync: AntiEntropy;
  readonly #allowance = new Allowance();
  readonly #disk = new DiskQueue<DiskNote>('replication/write', STORE_RETRY_MS);
  readonly #tokens = new Map<number, string>();
  readonly #acks: Acknowledgements;
  readonly #checkpoints: CheckpointDesk;
  /** A crash cut an update of ours between its parts; a new claim discards them. */
  #unfinishedAtStart = false;
  /** Place up to which our own journal was once written, if the disk lost part of it; 0 if not. */
  #lostUpTo = 0;
  /** Highest place of an own entry that lost its effect, in this run or an earlier one; 0 for none. */
  #cutFrom = 0;
  /** Our next Yjs clock after what we have written in this run; 0 before. */
  #ownClock = 0;

  constructor(options: ReplicationOptions) {
    const neighbours = new Neighbours();
    const acks = new Acknowledgements(options.board, neighbours, options.authority);
    super(options, neighbours, acks);
    this.#options = options;
    this.#neighbours = neighbours;
    this.#acks = acks;
    const { board, self, document, authority, roots } = options;
    this.#own = new OwnJournal(board, self, this.journals);
    const isSettled = (): boolean => !this.#own.isSigning;
    const [journals, book] = [this.journals, this.#book];
    const { beforeRemoval } = options;
    this.#intake = new Intake({
      board,
      journals,
      document,
      authority,
      roots,
      book,
      isSettled,
      beforeRemoval,
    });
    this.#checkpoints = new CheckpointDesk({
      ...{ board, journals, intake: this.#intake, authority, neighbours },
      host: this.#host(),
    });
    this.#sync = new AntiEntropy({
      journals,
      intake: this.#intake,
      book,
      neighbours,
      checkpoint: () => this.#checkpoints.shown,
      random: options.random.fork('sync'),
      swarmSize: options.swarmSize,
    });
  }

  /** Yjs client id of our own writer session. */
  get clientId(): number {
    return this.#intake.clientIdOf(this.#options.self, this.#own.session);
  }

  protected override get ownSeq(): number {
    return this.#own.seq;
  }

  /** A checkpoint of what is held here, for others to sign. Nothing follows from it until it is certified. */
  composeCheckpoint(order: CheckpointOrder): Checkpoint | undefined {
    return this.#checkpoints.compose(order);
  }

  /** The checkpoint on which all that is held stands. */
  get checkpoint(): Checkpoint | undefined {
    return this.#intake.books.base?.checkpoint;
  }

  /** Whether updates may follow: our journal was opened by a claim, and no update in it lacks its end. */
  get claimed(): boolean {
    return this.#own.seq > 0 && !this.#unfinishedAtStart && !this.isDamaged;
  }

  /**
   * The disk lost some of our own entries and kept later ones. Whatever we wrote now would fork our journal, so nothing is written until
   * neighbours have given us back what is missing (rule REP-3).
   */
  get isDamaged(): boolean {
    return this.journals.seqOf(this.#options.self) < this.#lostUpTo;
  }

  /** `forked`: somebody proved that we did. `cut`: some of what we wrote was taken out. What we write from here on nobody accepts. */
  get barred(): 'forked' | 'cut' | undefined {
    const { self } = this.#options;
    if (this.#book.has(self)) return 'forked';
    return this.#cutFrom > this.journals.seqOf(self) ? 'cut' : undefined;
  }

  get caughtUp(): boolean {
    return this.#sync.caughtUp;
  }

  get copying(): Copying | undefined {
    return this.#checkpoints.copying ?? this.#sync.copying;
  }

  get storeFailure(): StoreFailure | undefined {
    return this.#disk.failure;
  }

  /** Own entries that are not on disk yet. */
  get unsavedCount(): number {
    return this.#own.seq - this.journals.durableSeqOf(this.#options.self);
  }

  get isFull(): boolean {
    return this.unsavedCount >= MAX_UNSAVED_ENTRIES;
  }

  /** Entries written on this device that no other device is known to have on disk. */
  get unacknowledgedCount(): number {
    return this.unsavedCount + this.undeliveredCount();
  }

  /** How much is kept that has no effect, and how many proofs. */
  get footprint(): Footprint {
    return this.#intake.footprint;
  }

  /** Proofs that authors forked, sorted by author: of each the one for the lowest place. */
  get proofs(): readonly ForkProof[] {
    return this.#book.all();
  }

  /** Whether a proof says something that we do not know, about somebody who wrote on this board: only then its signatures matter. */
  isNews(proof: ForkProof): boolean {
    return this.#book.isNews(proof) && this.journals.linesOf(proof.author).length > 0;
  }

  /** The entry that wrote `clock` of a Yjs client, if it took effect here and is signed. */
  writerOf(client: number, clock: number): Entry | undefined {
    return this.#intake.writerOf(client, clock);
  }

  /** Whether the entry's signature need not be checked: it is held, waiting, or refused for good. */
  knows(hash: Hash): boolean {
    return this.#intake.knows(hash);
  }

  step(input: Input<ReplicationMessage, ReplicationCommand>): readonly ReplicationEffect[] {
    switch (input.kind) {
      case 'command':
        return this.#command(input.command);
      case 'received':
        return this.#received(input.from, input.message);
      case 'elapsed':
        return this.#elapsed(input.timer);
      case 'signed':
        return this.#signed(input.tag, input.signature);
      case 'durable':
        return this.#durable(input.tag);
      case 'notDurable':
        return [...this.#disk.failed(input.tag, input.reason), changed];
      case 'asked':
      case 'discovered':
      case 'linkUp':
      case 'linkDown':
      case 'dialFailed':
      case 'refused':
        return [];
    }
  }

  #command(command: ReplicationCommand): readonly ReplicationEffect[] {
    switch (command.type) {
      case 'start':
        return this.#start();
      case 'restore':
        return this.#restore(command.entries, command.proofs);
      case 'restoreAcks':
        this.#acks.restore(command.acked);
        return [];
      case 'restoreCheckpoint':
        return this.#checkpoints.restore(command.records);
      case 'certify':
        return [...this.#checkpoints.certified(command.manifest, command.certificate), changed];
      case 'judgeAnew':
        return this.#checkpoints.judgeAnew();
      case 'append':
        return this.#append(command.draft, command.token);
      case 'neighbourUp':
        return this.#neighbourUp(command.peer, command.served);
      case 'neighbourDown':
        this.#neighbours.remove(command.peer);
        return [...this.#sync.lost(command.peer), ...this.#checkpoints.lost(command.peer), changed];
      case 'delivered':
        return this.#heardBroadcast(command.entry, command.from);
      case 'proved':
        return this.#heardProofs([command.proof], false);
      case 'show':
        return showEntry(command.peer, command.hash, this.journals);
      case 'decideCut':
        return [...this.#follow(this.#intake.decideCut(command), this.#options.self, true), changed];
    }
  }

  #heardProofs(proofs: readonly ForkProof[], isToldOn: boolean): readonly ReplicationEffect[] {
    const news = proofs.filter((proof) => this.isNews(proof));
    const isTold = isToldOn && news.some(({ author }) => !this.#book.has(author));
    return this.#follow(this.#intake.freeze(news), this.#options.self, false, isTold);
  }

  #heardBroadcast(entry: Entry, from: PeerId): readonly ReplicationEffect[] {
    // What is beyond is left to the next round of digests: it shows that we lack it, and we ask when we are ready. What is known costs its
    // author nothing, or anybody could use up what is another's by repeating it.
    if (!this.knows(entry.hash) && !this.#allowance.take(entry.author, entry.bytes.length)) return [];
    const effects = this.#follow(this.#takeIn([entry]), from, true);
    const neighbour = this.#neighbours.get(from);
    return neighbour === undefined ? effects : [...effects, ...this.#sync.heardTooEarly(neighbour, entry)];
  }

  #restore(entries: readonly Entry[], proofs: readonly ForkProof[]): readonly ReplicationEffect[] {
    if (proofs.length > 0) this.#intake.freeze(proofs);
    const { applied, removed, forks, settled, refused } = this.#intake.take(entries, true);
    for (const { hash } of [...entries, ...applied]) this.journals.markDurable(hash);
    // Of ours some was written without a checkpoint that we have now: nobody takes it, nor what would follow on it.
    this.#forgetOwn(refused);
    return [
      ...(applied.length === 0 ? [] : [emitApplied(applied)]),
      ...(removed.length === 0 ? [] : [emit({ type: 'removed', entries: removed })]),
      ...forks.flatMap((proof) => this.#keepProof(proof, true)),
      ...this.#erase(settled.map((entry) => deleteEntry(this.#options.board, entry))),
    ];
  }

  #start(): readonly ReplicationEffect[] {
    const { any, parked } = this.#intake.endRestore(this.#options.self);
    // What waits behind a checkpoint waits for what nobody holds any more.
    const cut = this.checkpoint === undefined ? parked : any;
    [this.#lostUpTo, this.#cutFrom] = [Math.max(this.#lostUpTo, any), Math.max(this.#cutFrom, cut)];
    this.#unfinishedAtStart = this.#intake.isUnfinished(this.#options.self);
    return this.#sync.start();
  }

  /** A proof goes to disk at once: a restart must not forget it. */
  #keepProof(proof: ForkProof, isToldOn: boolean): readonly ReplicationEffect[] {
    return [
      ...this.#disk.push([putProof(proof)], { type: 'proof' }),
      emit({ type: 'fork', proof, isToldOn }),
    ];
  }

  #append(draft: Draft, token: string): readonly ReplicationEffect[] {
    invariant(!this.isDamaged, 'a draft for a journal with a hole');
    if (draft.kind === 'claim') this.#unfinishedAtStart = false;
    const effects: ReplicationEffect[] = [];
    let rest = draft.payload;
    invariant(
      draft.kind === 'update' ? rest.length <= MAX_UPDATE_BYTES : rest.length <= MAX_PAYLOAD_BYTES,
      'a draft too large',
    );
    while (rest.length > MAX_PAYLOAD_BYTES) {
      const payload = rest.slice(0, MAX_PAYLOAD_BYTES);
      effects.push(this.#own.compose({ ...draft, kind: 'part', payload }).effect);
      rest = rest.slice(MAX_PAYLOAD_BYTES);
    }
    if (draft.kind === 'update') this.#checkOwn(draft.payload);
    const { entry, effect } = this.#own.compose({ ...draft, payload: rest });
    this.#tokens.set(entry.seq, token);
    return [...effects, effect, changed];
  }

  /** Others would refuse an update of ours that broke a rule, and with it all that we write later: better to stop before it is signed. */
  #checkOwn(update: Bytes): void {
    const { document, roots } = this.#options;
    const before = Math.max(this.#ownClock, this.#intake.clockOf(this.clientId));
    const view = document.viewOf((client) => (client === this.clientId ? before : document.clockOf(client)));
    const checked = checkUpdate(update, { clientId: this.clientId, view, roots });
    invariant(checked.ok, `an update of our own breaks a rule: ${checked.ok ? '' : checked.code}`);
    this.#ownClock = checked.value;
  }

  #signed(tag: string, signature: Bytes): readonly ReplicationEffect[] {
    const entry = this.#own.signed(tag, signature);
    if (entry === undefined) return [];
    this.#intake.adopt(entry);
    const token = this.#tokens.get(entry.seq) ?? '';
    this.#tokens.delete(entry.seq);
    const effects = [
      ...this.#disk.push([putEntry(this.#options.board, entry)], { type: 'own', entry, token }),
      emitApplied([entry]),
    ];
    if (this.#own.isSigning || !this.#intake.hasPostponed) return effects;
    return [...effects, ...this.#follow(this.#intake.resume(), this.#options.self, true), changed];
  }

  #durable(tag: string): readonly ReplicationEffect[] {
    const done = this.#disk.durable(tag);
    if (done === undefined) return [];
    const effects: ReplicationEffect[] = [...done.effects];
    for (const note of done.notes) {
      if (note.type === 'checkpoint') effects.push(...this.#checkpoints.stored(note.certified));
      if (note.type !== 'own' && note.type !== 'others') continue;
      const { seq, hash } = note.entry;
      this.journals.markDurable(hash);
      if (note.type === 'own') {
        effects.push(
          emit({ type: 'broadcast', entry: note.entry }),
          emit({ type: 'appended', token: note.token, seq }),
        );
      } else {
        effects.push(...this.#acks.durable(note.entry));
      }
    }
    return [...effects, ...this.#sync.goOn(this.#disk.waitingBytes), ...this.#sync.settled(), changed];
  }

  #elapsed(timer: string): readonly ReplicationEffect[] {
    if (timer === this.#disk.retryTimer) return this.#disk.retry();
    if (timer === this.#disk.laterTimer) return this.#disk.later();
    if (timer === TIMER.digest) this.#allowance.refill();
    if (timer === CHECKPOINT_TIMER) return [...this.#checkpoints.elapsed(), changed];
    return timer === ACK_TIMER ? this.#acks.elapsed() : this.#sync.elapsed(timer);
  }

  #neighbourUp(peer: PeerId, served: boolean): readonly ReplicationEffect[] {
    const neighbour = this.#neighbours.add(peer, served);
    const effects: ReplicationEffect[] = [...this.#sync.greet(neighbour)];
    if (neighbour.served && neighbour.pendingPull !== undefined) {
      effects.push(...this.#sync.heardPull(neighbour, neighbour.pendingPull));
      neighbour.pendingPull = undefined;
    }
    return [...effects, changed];
  }

  #received(from: PeerId, message: ReplicationMessage): readonly ReplicationEffect[] {
    const neighbour = this.#neighbours.get(from);
    if (neighbour === undefined) return [];
    noteTold(neighbour, message);
    switch (message.kind) {
      case 'digest':
        return (
          this.#checkpoints.heardDigest(neighbour, message) ??
          this.#afterHearing(neighbour, this.#sync.heardDigest(neighbour, message))
        );
      case 'frontier':
        return this.#afterHearing(neighbour, this.#sync.heardFrontier(neighbour, message.frontier));
      case 'pull':
        return this.#sync.heardPull(neighbour, message);
      case 'next':
        return this.#sync.heardNext(neighbour, message);
      case 'batch':
        return this.#batch(neighbour, message);
      case 'ack':
        for (const { author, seq } of message.held) noteHeld(neighbour, this.journals, author, seq);
        return this.#afterHearing(neighbour, []);
      case 'evidence':
        return [...this.#heardProofs(message.proofs, true), changed];
      case 'ask':
        return this.#checkpoints.heardAsk(neighbour, message);
      case 'checkpoint':
        return [
          ...this.#checkpoints.heardCheckpoint(neighbour, message.manifest, message.certificate),
          changed,
        ];
      case 'chunk':
        return [...this.#checkpoints.heardChunk(neighbour, message), changed];
    }
  }

  #batch(neighbour: Neighbour, message: BatchMessage): readonly ReplicationEffect[] {
    const entries = message.entries.flatMap((encoded) => {
      const decoded = this.#options.decoder.decode(encoded);
      return decoded.ok ? [decoded.value] : [];
    });
    const outcome = this.#takeIn(entries);
    const follow = this.#follow(outcome, neighbour.peer, false);
    const next = this.#sync.heardBatch(neighbour, message, entries, outcome, this.#disk.waitingBytes);
    return [...follow, ...next, changed];
  }

  #takeIn(entries: readonly Entry[]): IntakeOutcome {
    // Our own entries can come back from others after a loss, but not into the middle of what we are writing.
    const { self } = this.#options;
    const isWriting = this.#own.seq > this.journals.seqOf(self);
    return this.#intake.take(isWriting ? entries.filter(({ author }) => author !== self) : entries);
  }

  /** What follows from entries that were taken in: writes, and word to the node. `mayWait`: nobody waits for the writes. */
  #follow(
    outcome: IntakeOutcome,
    from: PeerId,
    mayWait: boolean,
    isToldOn = true,
  ): readonly ReplicationEffect[] {
    const { applied, removed, forks, refused, settled, installed } = outcome;
    const effects: ReplicationEffect[] = forks.flatMap((proof) => this.#keepProof(proof, isToldOn));
    if (removed.length + forks.length > 0 || installed !== undefined) this.#sync.unsettled();
    for (const entry of applied)
      effects.push(
        ...this.#disk.push([putEntry(this.#options.board, entry)], { type: 'others', entry }, mayWait),
      );
    this.#forgetOwn(removed);
    return [
      // First of all: what was lost is kept for the person before the disk learns what took it (RET-2).
      ...(removed.length > 0 ? [emit({ type: 'removed', entries: removed })] : []),
      ...effects,
      ...refused.map((each) => emit({ type: 'entryRefused', refused: each, from })),
      ...(applied.length > 0 ? [emitApplied(applied)] : []),
      ...this.#erase(settled.map((entry) => deleteEntry(this.#options.board, entry))),
      ...(installed === undefined ? [] : [emit({ type: 'compacted', number: installed })]),
    ];
  }

  /** Of what was taken out some was ours: our journal goes no further than that, unless it gets it back. */
  #forgetOwn(removed: readonly Pick<Entry, 'author' | 'seq'>[]): void {
    if (removed.length === 0) return;
    for (const { author, seq } of removed)
      if (author === this.#options.self) this.#cutFrom = Math.max(this.#cutFrom, seq);
    this.#lostUpTo = Math.max(this.#lostUpTo, this.#cutFrom);
    this.#ownClock = 0;
  }

  /** A neighbour told us what it holds. */
  #afterHearing(neighbour: Neighbour, effects: readonly ReplicationEffect[]): readonly ReplicationEffect[] {
    const writes = this.#acks.heard(neighbour);
    // At once: the tab may be closed as soon as its person sees that others have everything.
    const disk = writes.length === 0 ? [] : this.#disk.push(writes, { type: 'delivery' });
    return [...effects, ...disk, changed];
  }

  /** The checkpoint desk's side of this machine. */
  #host(): DeskHost {
    const { self } = this.#options;
    return {
      store: (certified, writes) => this.#disk.push(writes, { type: 'checkpoint', certified }),
      erase: (writes) => this.#erase(writes),
      follow: (outcome) => this.#follow(outcome, self, true),
      hear: (neighbour, digest) => this.#afterHearing(neighbour, this.#sync.heardDigest(neighbour, digest)),
    };
  }

  #erase(writes: readonly Write[]): readonly ReplicationEffect[] {
    const effects: ReplicationEffect[] = [];
    for (let at = 0; at < writes.length; at += ERASE_GROUP)
      effects.push(...this.#disk.push(writes.slice(at, at + ERASE_GROUP), { type: 'erasure' }, true));
    return effects;
  }
}
