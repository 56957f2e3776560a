/**
 * What a board with hostile members must be, judged from outside: from what honest members were told is done, from what reached them, from their
 * disks and from what their nodes show. Shares no code with replication: entries are bytes here, read by entry-reader.ts, and what has effect
 * of them says effect-model.ts.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { BoardId, PeerId } from '../kernel/ids.ts';
import type { NodeEvent } from '../node/events.ts';
import type { NodeMessage } from '../node/messages.ts';
import { JOURNAL_STORE, type BoardWorld } from './board-life.ts';
import { EntryLedger, markOf, type ForkSeen, type Outcome } from './entry-ledger.ts';

/** Within this time of the second branch's arrival at anybody honest, everybody honest has to have frozen its author, ms (NUMBERS, "Hostile peers"). */
const FREEZE_MS = 5_000;

/** What a node may keep of entries that have no effect, and of proofs: docs/limits.md, said once more. */
const BOUNDS = {
  waiting: 4_096,
  waitingBytes: 16 * 1024 * 1024,
  refused: 4_096,
  statements: 4_096 + 256,
  proofs: 8_192,
} as const;
/** Of what waits, one author or all strangers together may have so many; of a liar that does not hoard, at most a flood waits that somebody would have to vouch for. */
const WAITING_EACH = 1_024;
const WAITING_OF_A_LIAR = 100;

export class HostileOracle {
  readonly #world: BoardWorld;
  readonly #honest: ReadonlySet<PeerId>;
  readonly #ledger: EntryLedger;
  /** Titles of cards that honest members asked for, by token, and those that were reported as saved. */
  readonly #asked = new Map<string, string>();
  readonly #saved = new Set<string>();
  /** Entries that must not lie on any honest disk, by mark, and what they are. */
  readonly #outlawed = new Map<string, string>();
  /** Titles that entries of hostile members show if they have effect, by mark. */
  readonly #shown = new Map<string, string>();
  /** When each honest node was told of an author's fork. */
  readonly #frozenAt = new Map<string, Map<PeerId, number>>();
  /** Of whom honest nodes say that they forked. */
  readonly #accused = new Map<string, ForkSeen>();
  /** An honest member that an honest one gave up for keeping back. */
  #wronged: PeerId | undefined;
  #refusals = 0;
  #decrees = 0;
  /** Authors who sent more than may wait of one. */
  #hoards = 0;

  constructor(world: BoardWorld, honest: ReadonlySet<PeerId>, board: BoardId, founder: string) {
    this.#world = world;
    this.#honest = honest;
    this.#ledger = new EntryLedger(board, founder);
  }

  get savedCards(): number {
    return this.#saved.size;
  }

  /** Entries of hostile members that honest nodes refused, each counted at every node. */
  get refusals(): number {
    return this.#refusals;
  }

  /** Decrees of honest owners that were reported as saved. */
  get savedDecrees(): number {
    return this.#decrees;
  }

  /** What everybody has had since the beginning. */
  begins(entries: readonly Bytes[]): void {
    for (const peer of this.#honest) for (const entry of entries) this.#ledger.sees(peer, entry, 0);
  }

  asks(token: string, title: string): void {
    this.#asked.set(token, title);
  }

  /** `entry` was made to harm, by `attack`: it breaks a rule. */
  outlaws(entry: Bytes, attack: string): void {
    this.#outlawed.set(markOf(entry), attack);
    this.#ledger.markUnsound(entry);
  }

  /** Somebody sends more entries that can never be judged than may wait of one author. */
  hoards(): void {
    this.#hoards += 1;
  }

  /** `entry` of a hostile member adds a card of this title, if it has effect. */
  watches(entry: Bytes, title: string): void {
    this.#shown.set(markOf(entry), title);
  }

  /** A message reaches somebody. */
  arrives(peer: PeerId, message: NodeMessage): void {
    this.#ledger.arrived(this.#honest.has(peer) ? peer : undefined, message, this.#world.now);
  }

  /** An honest node reports something. Returns what is wrong with it, if anything. */
  hears(peer: PeerId, event: NodeEvent): string | undefined {
    switch (event.type) {
      case 'done': {
        const title = this.#asked.get(event.token);
        if (title !== undefined) this.#saved.add(title);
        if (event.token.startsWith('decree')) this.#decrees += 1;
        return undefined;
      }
      case 'fork':
        return this.#heardFork(peer, event.proof);
      case 'entryRefused': {
        this.#refusals += 1;
        const { author, code } = event.refused;
        return this.#honest.has(author) ? `an honest author's entry was refused: ${code}` : undefined;
      }
      case 'keepsBack':
        if (this.#honest.has(event.peer)) this.#wronged ??= event.peer;
        return undefined;
      case 'refused':
        // Somebody else put it out already.
        if (event.token.startsWith('decree') && event.code === 'unknownMember') return undefined;
        return `an honest member could not edit: ${event.code}`;
      default:
        return undefined;
    }
  }

  #heardFork(
    peer: PeerId,
    { author, seq }: { readonly author: PeerId; readonly seq: number },
  ): string | undefined {
    if (this.#honest.has(author))
      return `an honest author is said to have forked: ${this.#world.name(author)}`;
    const known = this.#frozenAt.get(author) ?? new Map<PeerId, number>();
    this.#frozenAt.set(author, known);
    if (!known.has(peer)) known.set(peer, this.#world.now);
    const accused = this.#accused.get(author) ?? { seq, since: this.#world.now };
    this.#accused.set(author, { ...accused, seq: Math.min(seq, accused.seq) });
    return undefined;
  }

  /** What the board has to be by now. */
  outcome(): Outcome {
    return this.#ledger.outcome(this.#accused);
  }

  /** Authors who forked, how long it took at most until all whom somebody honest could tell had frozen one, ms, and who was not frozen in time. */
  freezes(
    { forks, authors }: Outcome,
    isBesieged: (peer: PeerId) => boolean,
  ): {
    readonly authors: number;
    readonly worstMs: number;
    readonly wrong: string | undefined;
  } {
    let worstMs = 0;
    let wrong: string | undefined;
    const present = [...forks].filter(([author]) => authors.has(author));
    for (const [author, { since }] of present) {
      for (const peer of this.#honest) {
        const at = this.#frozenAt.get(author)?.get(peer);
        if (isBesieged(peer)) continue;
        const lateMs = (at ?? this.#world.now) - since;
        worstMs = Math.max(worstMs, lateMs);
        const what = at === undefined ? 'has not frozen' : 'was late to freeze';
        if (lateMs > FREEZE_MS)
          wrong ??= `${this.#world.name(peer)} ${what} ${this.#world.name(author as PeerId)}, who forked ${lateMs.toFixed(0)} ms ago`;
      }
    }
    for (const author of this.#frozenAt.keys())
      if (!forks.has(author)) wrong ??= `${this.#world.name(author as PeerId)} is frozen and never forked`;
    return { authors: present.length, worstMs, wrong };
  }

  /** Honest members that hold something else than what has effect. */
  behind({ digest }: Outcome): readonly PeerId[] {
    return [...this.#honest].filter((peer) => this.#world.node(peer).status().frontierDigest !== digest);
  }

  /** The first thing in which an honest node is not as it has to be; undefined when all is well. */
  difference({ digest, effective }: Outcome): string | undefined {
    const [first] = [...this.#honest];
    if (first === undefined) return 'nobody is honest';
    const [board, shown] = [
      this.#world.node(first).boardDigest(),
      JSON.stringify(this.#world.node(first).snapshot()),
    ];
    for (const peer of this.#honest) {
      const node = this.#world.node(peer);
      if (node.status().frontierDigest !== digest)
        return `${this.#world.name(peer)} holds something else than what has effect`;
      const pair = `${this.#world.name(first)} and ${this.#world.name(peer)}`;
      if (node.boardDigest() !== board) return `different board digests: ${pair}`;
      if (JSON.stringify(node.snapshot()) !== shown) return `different boards: ${pair}`;
    }
    return this.#wronglyShown(shown, effective) ?? this.#missingOnDisk(effective);
  }

  #wronglyShown(shown: string, effective: ReadonlySet<string>): string | undefined {
    const isShown = (title: string): boolean => shown.includes(JSON.stringify(title));
    for (const title of this.#saved) if (!isShown(title)) return `"${title}" was saved and is not shown`;
    for (const [mark, title] of this.#shown)
      if (isShown(title) !== effective.has(mark))
        return `"${title}" is ${isShown(title) ? 'shown and has no' : 'not shown and has'} effect`;
    return undefined;
  }

  #missingOnDisk(effective: ReadonlySet<string>): string | undefined {
    for (const peer of this.#honest) {
      const marks = new Set(
        this.#world
          .disk(peer)
          .scan(JOURNAL_STORE)
          .map(([, bytes]) => markOf(bytes)),
      );
      for (const mark of effective)
        if (!marks.has(mark)) return `${this.#world.name(peer)} lacks on its disk what has effect`;
    }
    return undefined;
  }

  /** What lies on an honest disk and must not, what an honest node keeps too much of, or whom it gave up for nothing. */
  excess(): string | undefined {
    if (this.#wronged !== undefined)
      return `an honest member was given up for keeping back: ${this.#world.name(this.#wronged)}`;
    const liars = this.#world.peers().length - this.#honest.size;
    for (const peer of this.#honest) {
      for (const [, bytes] of this.#world.disk(peer).scan(JOURNAL_STORE)) {
        const attack = this.#outlawed.get(markOf(bytes));
        if (attack !== undefined) return `${this.#world.name(peer)} holds what ${attack} made`;
      }
      const kept = this.#world.node(peer).footprint();
      for (const [name, bound] of Object.entries(BOUNDS) as [keyof typeof BOUNDS, number][])
        if (kept[name] > bound) return `${this.#world.name(peer)} keeps ${kept[name]} of ${name}`;
      if (kept.waiting > WAITING_EACH * this.#hoards + WAITING_OF_A_LIAR * liars)
        return `${this.#world.name(peer)} lets ${kept.waiting} entries of ${liars} liars wait, who hoarded ${this.#hoards} times`;
    }
    return undefined;
  }

  /** Bytes of the largest honest journal store. */
  largestDisk(): number {
    const sizes = [...this.#honest].map((peer) =>
      this.#world
        .disk(peer)
        .scan(JOURNAL_STORE)
        .reduce((sum, [, bytes]) => sum + bytes.length, 0),
    );
    return Math.max(...sizes);
  }
}
