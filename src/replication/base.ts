/** A checkpoint as what a node's entries stand on. */
import type { Hash, PeerId } from '../kernel/ids.ts';
import { rootOf, type Checkpoint, type SessionClock } from './checkpoint.ts';
import { predecessorsOf, type Entry } from './entry.ts';
import type { Journals, Line, Settled } from './journals.ts';
import type { SettledStandings } from './ports.ts';

export interface SettledClients extends Settled {
  readonly clocks: readonly SessionClock[];
}

export interface Base {
  readonly checkpoint: Checkpoint;
  /** Its lines. */
  readonly settled: readonly SettledClients[];
  readonly standings: SettledStandings;
}

export function baseOf(checkpoint: Checkpoint): Base {
  const ranks = new Map<PeerId, number>();
  const { manifest, content } = checkpoint;
  const settled = manifest.frontier.flatMap((item, at): SettledClients[] => {
    const line = content.lines[at];
    if (line === undefined) return [];
    const rank = ranks.get(item.author) ?? 0;
    ranks.set(item.author, rank + 1);
    const { isTip, isCutShort, clocks } = line;
    return [{ root: rootOf(item, line), rank, isTip, isCutShort, clocks }];
  });
  const { standings } = content;
  return { checkpoint, settled, standings: { standings, roots: settled.map(({ root }) => root) } };
}

/** What becomes of the entries held when they are put on a checkpoint. */
export interface Division {
  /** Replaced by it. */
  readonly inside: readonly Entry[];
  /** Build on all of it. */
  readonly kept: readonly Entry[];
  /** Neither: they have no effect any more. */
  readonly late: readonly Entry[];
}

/** Divides the entries held. It depends on entries and checkpoint alone. */
export function divide(journals: Journals, { settled }: Base): Division {
  const isInside = insideOf(journals, settled);
  const followers = new Followers(settled);
  const [inside, kept, late]: [Entry[], Entry[], Entry[]] = [[], [], []];
  for (const entry of journals.order) {
    if (isInside(entry)) inside.push(entry);
    else if (followers.take(entry)) kept.push(entry);
    else late.push(entry);
  }
  return { inside, kept, late };
}

function insideOf(journals: Journals, settled: readonly Settled[]): (entry: Entry) => boolean {
  const reach = new Map<Line, number>();
  /** Of journals whose end in the checkpoint we do not hold: what we hold of them lies before it, as far as anybody can tell. */
  const ends = new Map<PeerId, number>();
  for (const { root } of settled) {
    const held = journals.standing(root.hash);
    if (held === undefined) ends.set(root.author, Math.max(root.seq, ends.get(root.author) ?? 0));
    let seq = root.seq;
    for (let line = held?.line; line !== undefined; seq = line.start - 1, line = line.parent)
      reach.set(line, Math.max(seq, reach.get(line) ?? 0));
  }
  return ({ hash, author, seq }) => {
    const line = journals.standing(hash)?.line;
    return (line !== undefined && seq <= (reach.get(line) ?? 0)) || seq <= (ends.get(author) ?? 0);
  };
}

/** Which entries build on all of a checkpoint, told each after what it builds on. */
class Followers {
  readonly #tips: readonly Hash[];
  readonly #roots: ReadonlySet<Hash>;
  readonly #taken = new Set<Hash>();
  /** After these a journal lacks the end of an update whose beginning is gone. */
  readonly #cutShort: Set<Hash>;

  constructor(settled: readonly Settled[]) {
    const hashes = (of: readonly Settled[]): readonly Hash[] => of.map(({ root }) => root.hash);
    this.#tips = hashes(settled.filter(({ isTip }) => isTip));
    this.#roots = new Set(hashes(settled));
    this.#cutShort = new Set(hashes(settled.filter(({ isCutShort }) => isCutShort)));
  }

  take(entry: Entry): boolean {
    const named = predecessorsOf(entry);
    if (!named.every((hash) => this.#taken.has(hash) || this.#roots.has(hash))) return false;
    if (!buildsOnAll(named, this.#tips, (hash) => this.#roots.has(hash))) return false;
    if (this.#cutShort.has(entry.previous) && entry.kind !== 'claim') {
      if (entry.kind === 'update' || entry.kind === 'part') return false;
      this.#cutShort.add(entry.hash);
    }
    this.#taken.add(entry.hash);
    return true;
  }
}

/**
 * Whether whoever names these has all of a checkpoint in its past: by an entry that has, or by naming all of the checkpoint's tips. `named`:
 * held or settled.
 */
export function buildsOnAll(
  named: readonly Hash[],
  tips: readonly Hash[],
  isRoot: (hash: Hash) => boolean,
): boolean {
  return named.some((hash) => !isRoot(hash)) || tips.every((tip) => named.includes(tip));
}
