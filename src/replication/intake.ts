/**
 * Entries on their way into the document: causal order, the rules of one entry, equivocation, and what loses its effect again. An entry takes
 * effect only after all its predecessors; its causal past alone decides whether it is valid, and the set of entries held whether it
 * has effect, so honest nodes come to hold the same in whatever order it arrives (rules REP-10 to REP-19, REP-46 to REP-55).
 */
import { concatBytes } from '../kernel/bytes.ts';
import type { BoardId, Hash, PeerId } from '../kernel/ids.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { buildsOnAll, divide, type Base } from './base.ts';
import { Books } from './books.ts';
import type { CausalPasts, Past } from './causal-past.ts';
import type { Clients } from './clients.ts';
import type { SharedDocument } from './document.ts';
import type { Effect } from './effect.ts';
import { isAscending, NO_HASH, predecessorsOf, type Entry } from './entry.ts';
import { ForkWatch } from './fork-watch.ts';
import type { ForkBook, ForkProof } from './forks.ts';
import type { FrontierItem, Journals } from './journals.ts';
import { MAX_AUTHORS, MAX_FRONTIER, MAX_REFUSED, MAX_UPDATE_BYTES, MAX_WAITING_EACH } from './limits.ts';
import {
  NOTHING_WRITTEN,
  type EntryRefusal,
  type Footprint,
  type IntakeOutcome,
  type Judged,
  type Progress,
} from './outcome.ts';
import type { Authority } from './ports.ts';
import { judgeSession } from './session-rules.ts';
import { checkDecoded, clockAfter, decodeUpdate, type DecodedUpdate } from './update-rules.ts';
import { Parking } from './parking.ts';
import { WaitingRoom, type WaitingPlaces } from './waiting-room.ts';

type Apply = (update: DecodedUpdate) => void;

export interface IntakeOptions {
  readonly board: BoardId;
  readonly journals: Journals;
  readonly document: SharedDocument;
  readonly authority: Authority;
  readonly roots: ReadonlySet<string>;
  readonly book: ForkBook;
  /** Whether the document holds nothing but entries that were taken in: no local change that is still being signed. */
  readonly isSettled: () => boolean;
  /** Told of entries that are about to lose their effect. */
  readonly beforeRemoval?: ((entries: readonly Entry[]) => void) | undefined;
}

/** Times that one batch may lead to another look at what has effect; what is left is looked at with the next one (guess). */
const MAX_SETTLINGS = 16;
export class Intake {
  readonly #options: IntakeOptions;
  readonly #journals: Journals;
  readonly #document: SharedDocument;
  readonly #authority: Authority;
  readonly #book: ForkBook;
  readonly #waiting = new WaitingRoom();
  /** What follows from the entries that have effect. */
  readonly books: Books;
  readonly #watch: ForkWatch;
  readonly #pasts: CausalPasts;
  readonly #clients: Clients;
  readonly #effect: Effect;
  readonly #parking: Parking;
  /** Entries that have no effect, oldest first. */
  readonly #refused = new Set<Hash>();
  /** Entries that can only be taken in by building the document anew, while a local change is being signed. */
  #postponed: Entry[] = [];
  /** Whether something held may have lost its effect, or what is parked have it. */
  #isDoubtful = false;
  /** A checkpoint that is to be put in place. */
  #nextBase: Base | undefined;

  constructor(options: IntakeOptions) {
    const { board, journals, document, authority, book } = options;
    this.#options = options;
    this.#journals = journals;
    this.#document = document;
    this.#authority = authority;
    this.#book = book;
    this.#watch = new ForkWatch(board, journals, this.#waiting, book);
    this.books = new Books({ board, journals, document, authority, book });
    this.#pasts = this.books.pasts;
    this.#clients = this.books.clients;
    this.#effect = this.books.effect;
    const waiting = this.#waiting;
    this.#parking = new Parking({ journals, waiting, authority, pasts: this.#pasts, effect: this.#effect });
  }

  /** Whether the entry is held, waiting or refused: nothing about it needs checking again. */
  knows(hash: Hash): boolean {
    return this.#journals.has(hash) || this.#waiting.has(hash) || this.#refused.has(hash);
  }

  /** Whether the entry was found to break a rule, as far as remembered. */
  isRefused(hash: Hash): boolean {
    return this.#refused.has(hash);
  }

  /** Whether the entry waits for somebody who vouches for it. */
  isParked(hash: Hash): boolean {
    return this.#parking.isParked(hash);
  }

  /** Whether the entry waits, for others or for somebody who vouches for it. */
  isWaiting(hash: Hash): boolean {
    return this.#waiting.has(hash);
  }

  /** All that waits, the longest first, by author; of those who have written nothing so far together. */
  waiting(): readonly (readonly Entry[])[] {
    return this.#waiting.byShare();
  }

  /** Whether the author forked: new entries of it need somebody who builds on them. */
  isFrozen(author: PeerId): boolean {
    return this.#book.has(author);
  }

  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** What is kept of entries that have no effect: how many wait and their bytes, how many are known to be refused, and statements of those. */
  get footprint(): Footprint {
    const { size: waiting, bytes: waitingBytes } = this.#waiting;
    const [refused, statements, proofs] = [this.#refused.size, this.#watch.size, this.#book.size];
    return { waiting, waitingBytes, refused, statements, proofs };
  }

  /** The session that an author's journal is in, if it was opened. */
  sessionOf(author: PeerId): number | undefined {
    return this.#journals.get(this.#journals.headOf(author))?.session;
  }

  /** The Yjs client id under which `author` writes on, in this document. */
  clientIdOf(author: PeerId, session: number): number {
    return this.books.clientIdOf(author, session);
  }

  /** The next clock of a client after the entries that took effect. */
  clockOf(client: number): number {
    return this.#clients.clockOf(client);
  }

  /** The entry that wrote `clock` of a client of the document; undefined when none did that took effect here. */
  writerOf(client: number, clock: number): Entry | undefined {
    return this.books.writerOf(client, clock);
  }

  /** Whether the author's last update lacks its end: it has to claim again before it writes on. */
  isUnfinished(author: PeerId): boolean {
    return this.books.isUnfinished(this.#journals.headOf(author));
  }

  /**
   * Puts a checkpoint in place of the entries that it replaces. What neither lies in it nor builds on all of it has no effect from here on, on
   * any node (rule REP-57).
   */
  install(base: Base): IntakeOutcome {
    this.#nextBase = base;
    this.#isDoubtful = true;
    this.#refused.clear(); // what they built on may be settled now
    return this.take(this.#waiting.drain());
  }

  /** Takes in entries whose signatures hold, in any order. `fromDisk`: our own copy, all of which will be given before anything else. */
  take(entries: readonly Entry[], fromDisk = false): IntakeOutcome {
    const progress: Progress = {
      applied: [],
      refused: [],
      forks: [],
      removed: [],
      settled: [],
      dropped: 0,
      installed: undefined,
    };
    let queue = [...entries];
    for (let settlings = 0; settlings < MAX_SETTLINGS || this.#parking.isTrying; settlings++) {
      while (queue.length > 0) queue = this.#takeSome(queue, progress, fromDisk);
      if (this.#options.isSettled()) queue = [...this.#settle(progress)];
      if (queue.length === 0) break;
    }
    progress.dropped += queue.length;
    return { ...progress, applied: progress.applied.filter(({ hash }) => this.#journals.has(hash)) };
  }

  /** Takes in proofs whose signatures hold; whether they are about anybody here is for the caller to say. */
  freeze(proofs: readonly ForkProof[]): IntakeOutcome {
    const news = proofs.filter((proof) => this.#book.add(proof));
    if (news.length > 0) this.#noteForks();
    return { ...this.take([]), forks: news };
  }

  /** The group decided where a journal ends; see effect.ts. */
  decideCut(cut: FrontierItem): IntakeOutcome {
    this.#effect.decideCut(cut);
    this.#isDoubtful = true;
    this.#refused.clear(); // for building on one of two branches: it may be the right one
    return this.take(this.#waiting.drain());
  }

  /** A local change was signed: what had to wait for that goes on. */
  resume(): IntakeOutcome {
    const postponed = this.#postponed;
    this.#postponed = [];
    return this.take(postponed);
  }

  get hasPostponed(): boolean {
    return this.#isDoubtful || this.#postponed.length > 0;
  }

  /**
   * Our own copy was read to its end: what still waits lacks something that was never written, or that the disk lost, or has no effect.
   * The answer is about `self`'s entries among it. */
  endRestore(self: PeerId): WaitingPlaces {
    const places = this.#waiting.placesOf(self);
    this.#waiting.drain();
    return places;
  }

  /** Records an entry whose effect is in the document already: one of our own. */
  adopt(entry: Entry): void {
    const client = this.clientIdOf(entry.author, entry.session);
    const before = this.#clients.clockOf(client);
    const after = entry.kind === 'update' ? clockAfter(this.books.wholeUpdate(entry), before) : before;
    this.books.noteElements(entry, after - before);
    if (this.books.append(entry) || this.#effect.isContested(entry)) this.#isDoubtful = true;
  }

  /** Goes through a queue until it is empty, or until the document has to be built anew; the answer is what is left. */
  #takeSome(queue: Entry[], progress: Progress, fromDisk: boolean): Entry[] {
    let rest: Entry[] = [];
    this.#document.applying((apply) => {
      for (let at = 0; at < queue.length; at++) {
        const entry = queue[at];
        if (entry === undefined) continue;
        if (this.#isReplaced(entry)) {
          // The disk was not rid of it yet.
          if (fromDisk) progress.settled.push(entry);
          continue;
        }
        if (this.knows(entry.hash)) continue;
        this.#noteFork(entry, progress);
        // What a refused predecessor would leave is for #judge to say.
        const awaited = this.#isOnRefused(entry) ? undefined : this.#parking.awaitedBy(entry);
        if (awaited !== undefined) {
          queue.push(...this.#wait(entry, awaited, fromDisk, progress));
          continue;
        }
        const needsAnew = this.#journals.wouldFork(entry) || this.#clients.wouldShare(entry);
        if (needsAnew && !this.#options.isSettled()) {
          if (this.#postponed.length < MAX_WAITING_EACH) this.#postponed.push(entry);
          else progress.dropped += 1;
          continue;
        }
        if (needsAnew && this.#judge(entry).ok) {
          rest = queue.slice(at);
          return;
        }
        queue.push(...this.#judgeAndApply(entry, apply, progress));
      }
    });
    const [next, ...others] = rest;
    if (next === undefined) return [];
    const judged = this.#judge(next);
    if (judged.ok) this.#addBranch(next, judged.value, progress);
    return [...this.#released(next), ...others];
  }

  /** Whether a checkpoint ends the entry's journal at its place or later. */
  #isReplaced({ author, seq, previous }: Entry): boolean {
    if (this.#journals.settled.length === 0 || this.#journals.isRoot(previous)) return false;
    return seq <= this.#journals.settledSeqOf(author);
  }

  #judgeAndApply(entry: Entry, apply: Apply, progress: Progress): readonly Entry[] {
    const judged = this.#judge(entry);
    if (judged.ok) {
      if (judged.value.update !== undefined) apply(judged.value.update);
      this.books.noteElements(entry, judged.value.elements);
      if (this.#effect.isContested(entry)) this.#isDoubtful = true;
      if (this.books.append(entry)) this.#isDoubtful = true;
      progress.applied.push(entry);
      // Its author was a stranger until now, who may have said something else before.
      if (entry.previous === NO_HASH) this.#noteJoined(entry, progress);
      // Whoever it admits may have written what waits for somebody to vouch for it.
      if (!this.#effect.isQuiet && this.#authority.admits(entry) !== undefined)
        return [...this.#released(entry), ...this.#waiting.drain()];
    } else {
      this.#refuse(entry);
      // What was taken in for its sake has nobody to vouch for it.
      if (this.#parking.isAnyWanted) this.#isDoubtful = true;
      progress.refused.push({ author: entry.author, seq: entry.seq, code: judged.code });
    }
    return this.#released(entry);
  }

  #released({ hash }: Entry): readonly Entry[] {
    this.#parking.settled(hash);
    return this.#waiting.release(hash);
  }

  /** Two signed entries for one place are proof by themselves, whatever they build on. */
  #noteFork(entry: Entry, progress: Progress): void {
    this.#noteProof(this.#watch.notice(entry), progress);
  }

  #noteJoined(opening: Entry, progress: Progress): void {
    this.#noteFork(opening, progress);
    this.#noteProof(this.#watch.joined(opening.author), progress);
  }

  #noteProof(proof: ForkProof | undefined, progress: Progress): void {
    if (proof === undefined || !this.#book.add(proof)) return;
    progress.forks.push(proof);
    this.#noteForks();
  }

  #noteForks(): void {
    this.#book.trim((author) => this.#journals.linesOf(author).length > 0);
    this.#journals.setForks(this.#book.all());
    this.#isDoubtful = true;
  }

  /** Lets an entry wait; the answer is what goes on because of that. */
  #wait(entry: Entry, awaited: Hash, fromDisk: boolean, progress: Progress): readonly Entry[] {
    const isStrangers = this.#journals.linesOf(entry.author).length === 0;
    const isParking = awaited === entry.hash;
    // What waited for it may not take effect either, or it would not be parked: it parks as well.
    const others = isParking ? this.#waiting.release(awaited) : [];
    if (!this.#waiting.add(entry, awaited, isStrangers, fromDisk)) {
      progress.dropped += 1;
      return others;
    }
    if (isParking && this.#parking.isNewDecree(entry)) this.#isDoubtful = true;
    if (isParking || !this.isParked(awaited)) return others;
    this.#parking.want(awaited);
    return this.#waiting.release(awaited);
  }

  /** Looks what still has effect, and builds everything anew if that is less than what is held. The answer is what deserves another look. */
  #settle(progress: Progress): readonly Entry[] {
    if (!this.#isDoubtful) return [];
    const tried = this.#parking.beginTrying();
    if (tried !== undefined) return tried;
    this.#parking.endTrying();
    this.#isDoubtful = false;
    const again = this.#nextBase === undefined ? [] : this.#stand(this.#nextBase, progress);
    if (this.#effect.isQuiet) return again;
    const effective = this.#effect.judge();
    const before = this.#journals.order;
    const removed = before.filter(({ hash }) => !effective.has(hash));
    if (removed.length === 0) return again;
    this.#options.beforeRemoval?.(removed);
    this.books.buildAnew(before.filter(({ hash }) => effective.has(hash)));
    progress.removed.push(...removed);
    // Of these, some may be needed by what waits; and what a decree kept out that has no effect any more may come in.
    const waiting = [...again, ...this.#waiting.drain()];
    this.#parking.tookOut(removed);
    for (const entry of removed) this.#wait(entry, entry.hash, false, progress);
    return waiting;
  }

  /** Puts what is held on a checkpoint. The answer is what deserves another look. */
  #stand(base: Base, progress: Progress): readonly Entry[] {
    this.#nextBase = undefined;
    const { inside, kept, late } = divide(this.#journals, base);
    this.#options.beforeRemoval?.(late);
    this.books.buildAnew(kept, base);
    progress.settled.push(...inside);
    progress.removed.push(...late);
    progress.installed = base.checkpoint.manifest.number;
    return this.#waiting.drain();
  }

  /** A second branch of a journal, or a client id that two authors have: lines and client ids are drawn anew. */
  #addBranch(entry: Entry, { elements }: Judged, progress: Progress): void {
    this.books.noteElements(entry, elements);
    this.books.buildAnew([...this.#journals.order, entry]);
    this.#isDoubtful = true;
    progress.applied.push(entry);
    if (entry.previous === NO_HASH) this.#noteJoined(entry, progress);
  }

  #refuse(entry: Entry): void {
    this.#watch.refused(entry);
    this.#refused.add(entry.hash);
    const [oldest] = this.#refused;
    if (this.#refused.size > MAX_REFUSED && oldest !== undefined) this.#refused.delete(oldest);
  }

  #isOnRefused(entry: Entry): boolean {
    return this.#refused.size > 0 && predecessorsOf(entry).some((hash) => this.#refused.has(hash));
  }

  #judge(entry: Entry): Result<Judged, EntryRefusal> {
    if (this.#isOnRefused(entry)) return refuse('buildsOnRefused');
    if (!this.#isNext(entry)) return refuse('badSequence');
    if (!isAscending(entry.heads)) return refuse('badHeads');
    if (!this.#buildsOnBase(entry)) return refuse('missesCheckpoint');
    const before = entry.previous === NO_HASH ? undefined : this.#journals.get(entry.previous);
    const unclaimed = judgeSession(entry, before?.session);
    if (unclaimed) return refuse(unclaimed);
    const past = this.#pasts.pastOf(entry);
    if (entry.previous === NO_HASH && this.#isFull(past)) return refuse('tooManyAuthors');
    if (!this.#buildsOnWhole(entry, past)) return refuse('buildsOnCut');
    const allowed = this.#authority.judge(entry, past, this.#journals.openingOf(entry));
    if (!allowed.ok) return allowed;
    if (!this.#judgeCuts(entry, past)) return refuse('decreeInvalid');
    if (entry.kind !== 'update' && entry.kind !== 'part') return ok(NOTHING_WRITTEN);
    return this.#judgeUpdate(entry, past);
  }

  #judgeUpdate(entry: Entry, past: Past): Result<Judged, EntryRefusal> {
    const parts = this.books.partsUpTo(entry.previous);
    const size = parts.reduce((sum, part) => sum + part.length, entry.payload.length);
    if (size > MAX_UPDATE_BYTES) return refuse('updateTooLarge');
    if (this.books.isCutShort(entry.previous)) return refuse('updateCutShort');
    if (entry.kind === 'part') return ok(NOTHING_WRITTEN);
    const update = this.books.inOurNames(
      parts.length === 0 ? entry.payload : concatBytes(...parts, entry.payload),
      past,
    );
    if (update === undefined) return refuse('updateDangling');
    const decoded = decodeUpdate(update);
    if (decoded === undefined) return refuse('updateMalformed');
    const held = this.#journals.standing(entry.previous);
    const client = held && this.#clients.after(held.line, held.entry.seq);
    const clockOf = (name: number): number => this.#clients.clockIn(past, name);
    const clientId = client?.name ?? 0;
    const checked = checkDecoded(decoded, {
      clientId,
      view: this.#document.viewOf(clockOf),
      roots: this.#options.roots,
    });
    return checked.ok ? ok({ update: decoded, elements: checked.value - clockOf(clientId) }) : checked;
  }

  #buildsOnBase(entry: Entry): boolean {
    const { settled } = this.#journals;
    if (settled.length === 0) return true;
    const tips = settled.flatMap(({ isTip, root }) => (isTip ? [root.hash] : []));
    return buildsOnAll(predecessorsOf(entry), tips, (hash) => this.#journals.isRoot(hash));
  }

  #isNext({ author, seq, previous }: Entry): boolean {
    if (previous === NO_HASH) return seq === 1;
    const before = this.#journals.get(previous);
    return before?.author === author && before.seq === seq - 1;
  }

  /**
   * Whether the board has no room for another author: by the causal past, or, when so many claims do not know of each other that a
   * frontier could not name them all, by what came first.
   */
  #isFull(past: Past): boolean {
    const { authorCount } = this.#journals;
    if (authorCount < MAX_AUTHORS) return false;
    const lines = this.#journals.authors().map((author) => this.#journals.linesOf(author));
    const before = lines.filter((each) => each.some((line) => past.reach(line) > 0)).length;
    return before >= MAX_AUTHORS || authorCount >= MAX_FRONTIER;
  }

  /** Whether everything that the entry builds on had effect for whoever held its causal past, as it did for an honest author. */
  #buildsOnWhole(entry: Entry, past: Past): boolean {
    if (this.#effect.isQuiet) return true;
    const named = predecessorsOf(entry).flatMap((hash) => this.#journals.get(hash) ?? []);
    return this.#effect.isWhole(past, named);
  }

  /** Whether what a decree lets stay of a journal was part of that journal for its author. */
  #judgeCuts(entry: Entry, past: Past): boolean {
    const restriction = this.#authority.restrictionOf(entry);
    return (restriction?.cuts ?? []).every(({ author, seq, head }) => {
      if (seq === 0) return head === NO_HASH;
      const last = this.#journals.get(head);
      if (last?.author !== author || last.seq !== seq || !past.has(head)) return false;
      return this.#authority.ownerOf(this.#journals.openingOf(last)) === restriction?.member;
    });
  }
}
