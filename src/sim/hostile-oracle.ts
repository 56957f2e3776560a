/**
 * What a board with hostile members must be, judged from outside: from what honest members were told is done, from their disks and from
 * what their nodes show. Shares no code with replication: entries are bytes here, and what is in them is known from who made them.
 */
import { toHex, type Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { NodeEvent } from '../node/events.ts';
import { JOURNAL_STORE, type BoardWorld } from './board-life.ts';

export class HostileOracle {
  readonly #world: BoardWorld;
  readonly #honest: ReadonlySet<PeerId>;
  /** Titles of cards that honest members asked for, by token, and those that were reported as saved. */
  readonly #asked = new Map<string, string>();
  readonly #saved = new Set<string>();
  /** Entries that must not lie on any honest disk, in hex, and what they are. */
  readonly #outlawed = new Map<string, string>();
  /** When each honest node was told of an author's fork. */
  readonly #forks = new Map<PeerId, Map<PeerId, number>>();
  #refusals = 0;

  constructor(world: BoardWorld, honest: ReadonlySet<PeerId>) {
    this.#world = world;
    this.#honest = honest;
  }

  get savedCards(): number {
    return this.#saved.size;
  }

  /** Entries of hostile members that honest nodes refused, each counted at every node. */
  get refusals(): number {
    return this.#refusals;
  }

  asks(token: string, title: string): void {
    this.#asked.set(token, title);
  }

  /** `entry` was made to harm, and by `attack`. */
  outlaws(entry: Bytes, attack: string): void {
    this.#outlawed.set(toHex(entry), attack);
  }

  /** An honest node reports something. Returns what is wrong with it, if anything. */
  hears(peer: PeerId, event: NodeEvent): string | undefined {
    switch (event.type) {
      case 'done': {
        const title = this.#asked.get(event.token);
        if (title !== undefined) this.#saved.add(title);
        return undefined;
      }
      case 'fork':
        return this.#heardFork(peer, event.proof.author);
      case 'entryRefused': {
        this.#refusals += 1;
        const { author, code } = event.refused;
        return this.#honest.has(author) ? `an honest author's entry was refused: ${code}` : undefined;
      }
      case 'refused':
        return `an honest member could not edit: ${event.code}`;
      default:
        return undefined;
    }
  }

  #heardFork(peer: PeerId, author: PeerId): string | undefined {
    if (this.#honest.has(author))
      return `an honest author is said to have forked: ${this.#world.name(author)}`;
    const known = this.#forks.get(author) ?? new Map<PeerId, number>();
    this.#forks.set(author, known);
    if (!known.has(peer)) known.set(peer, this.#world.now);
    return undefined;
  }

  /** Authors whose fork some honest node knows of. */
  get forkedAuthors(): number {
    return this.#forks.size;
  }

  /** Of all pairs of a fork and an honest node, how many know of each other, in a thousand; and how long that took at most, ms. */
  forksKnown(): { readonly perMille: number; readonly worstMs: number } {
    let pairs = 0;
    let worstMs = 0;
    for (const known of this.#forks.values()) {
      pairs += known.size;
      const times = [...known.values()];
      worstMs = Math.max(worstMs, Math.max(...times) - Math.min(...times));
    }
    const all = this.#forks.size * this.#honest.size;
    return { perMille: all === 0 ? 1000 : Math.floor((1000 * pairs) / all), worstMs };
  }

  /** The first thing in which two honest nodes differ, or that one of them lacks; undefined when all is well. */
  difference(): string | undefined {
    const [first, ...others] = [...this.#honest];
    if (first === undefined) return 'nobody is honest';
    const { frontierDigest } = this.#world.node(first).status();
    const shown = JSON.stringify(this.#world.node(first).snapshot());
    const missing = this.#missingFrom(shown);
    if (missing !== undefined)
      return `"${missing}" was saved and ${this.#world.name(first)} does not show it`;
    for (const other of others) {
      const node = this.#world.node(other);
      const pair = `${this.#world.name(first)} and ${this.#world.name(other)}`;
      if (node.status().frontierDigest !== frontierDigest) return `different frontier digests: ${pair}`;
      if (JSON.stringify(node.snapshot()) !== shown) return `different boards: ${pair}`;
    }
    return this.#differentDisk();
  }

  #missingFrom(shown: string): string | undefined {
    for (const title of this.#saved) if (!shown.includes(JSON.stringify(title))) return title;
    return undefined;
  }

  #differentDisk(): string | undefined {
    const journals = [...this.#honest].map((peer) =>
      this.#world
        .disk(peer)
        .scan(JOURNAL_STORE)
        .map(([key, bytes]) => `${key} ${toHex(bytes)}`)
        .join('\n'),
    );
    return journals.every((journal) => journal === journals[0]) ? undefined : 'different journals on disk';
  }

  /** What lies on an honest disk and must not. */
  outlawed(): string | undefined {
    for (const peer of this.#honest) {
      for (const [, bytes] of this.#world.disk(peer).scan(JOURNAL_STORE)) {
        const attack = this.#outlawed.get(toHex(bytes));
        if (attack !== undefined) return `${this.#world.name(peer)} holds what ${attack} made`;
      }
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
