/**
 * What a board must be, judged from outside: from what members were told is done, from the disks, and from what every node shows. Shares no
 * code with replication or with the board's digests, so a mistake there does not hide itself here.
 */
import { equalBytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { BoardSnapshot } from '../board/snapshot.ts';
import type { NodeEvent } from '../node/events.ts';
import { JOURNAL_STORE, type BoardWorld } from './board-life.ts';

/** Links that no tab may ever exceed (DESIGN section 7). */
const MAX_LINKS = 5;

export class BoardOracle {
  /** Titles of cards whose adding was reported as durable, and which nobody asked to remove. */
  readonly #promised = new Set<string>();
  /** Titles of all cards that anybody ever asked for. */
  readonly #asked = new Set<string>();
  readonly #askedByToken = new Map<string, string>();
  #done = 0;
  #maxLinks = 0;

  get doneActions(): number {
    return this.#done;
  }

  get maxLinks(): number {
    return this.#maxLinks;
  }

  /** Somebody is about to add a card; titles are unique in a run. */
  asksFor(token: string, title: string): void {
    this.#asked.add(title);
    this.#askedByToken.set(token, title);
  }

  /** Somebody is about to remove a card: from now on it may be there or not. */
  asksToRemove(title: string): void {
    this.#promised.delete(title);
    this.#asked.add(title);
    for (const [token, asked] of this.#askedByToken) if (asked === title) this.#askedByToken.delete(token);
  }

  /** A node reports something. Returns what is wrong with it, if anything. */
  hears(event: NodeEvent): string | undefined {
    switch (event.type) {
      case 'done': {
        this.#done += 1;
        const title = this.#askedByToken.get(event.token);
        if (title !== undefined) this.#promised.add(title);
        return undefined;
      }
      case 'fork':
        return `an honest author has two entries at one place: ${event.proof.author}`;
      case 'checkpointConflict':
        return `two checkpoints have the number ${event.number}`;
      case 'entryRefused':
        return `an honest author's entry was refused: ${event.refused.code}`;
      case 'keepsBack':
        return `a member was given up for keeping back: ${event.peer}`;
      case 'refused':
        return event.code === 'notAllowed' ? 'an editor was not allowed to edit' : undefined;
      default:
        return undefined;
    }
  }

  /** What must hold after every step. Returns what does not. */
  judgeStep(world: BoardWorld, peer: PeerId): string | undefined {
    const links = world.neighbours(peer).length;
    this.#maxLinks = Math.max(this.#maxLinks, links);
    return links > MAX_LINKS ? `${world.name(peer)} holds ${links} links` : undefined;
  }

  /** Whether all nodes hold and show the same; undefined when they do, otherwise the first difference. */
  difference(world: BoardWorld): string | undefined {
    const [first, ...others] = world.runningPeers();
    if (first === undefined) return 'nobody runs';
    for (const other of others) {
      const what = this.#compare(world, first, other);
      if (what !== undefined) return `${what}: ${world.name(first)} and ${world.name(other)}`;
    }
    return undefined;
  }

  /** Promises that the board does not keep, and cards that nobody asked for. */
  broken(snapshot: BoardSnapshot): string | undefined {
    const titles = [...snapshot.columns.flatMap(({ cards }) => cards), ...snapshot.archive].map(
      ({ title }) => title,
    );
    const held = new Set(titles);
    if (held.size !== titles.length) return 'a card is there twice';
    for (const title of this.#promised) if (!held.has(title)) return `"${title}" was saved and is gone`;
    for (const title of held) if (!this.#asked.has(title)) return `nobody asked for "${title}"`;
    return undefined;
  }

  #compare(world: BoardWorld, one: PeerId, other: PeerId): string | undefined {
    const a = world.node(one);
    const b = world.node(other);
    if (a.status().frontierDigest !== b.status().frontierDigest) return 'different frontier digests';
    if (a.boardDigest() !== b.boardDigest()) return 'different board digests';
    if (JSON.stringify(a.snapshot()) !== JSON.stringify(b.snapshot())) return 'different boards';
    const journalOfA = world.disk(one).scan(JOURNAL_STORE);
    const journalOfB = world.disk(other).scan(JOURNAL_STORE);
    const isSame =
      journalOfA.length === journalOfB.length &&
      journalOfA.every(([key, bytes], at) => {
        const pair = journalOfB[at];
        return pair?.[0] === key && equalBytes(pair[1], bytes);
      });
    return isSame ? undefined : 'different journals on disk';
  }
}
