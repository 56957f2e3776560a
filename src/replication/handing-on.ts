/**
 * Hands on what waits here (rule REP-77). Digests show what has effect; what waits for others, or for somebody who vouches for it, they do not. Members who
 * collude could give one half of it to some honest members and the other half to others, and nobody would ever hold both. So each neighbour gets it
 * too, once over each link, in batches that it did not ask for: what came in a batch at once, and whatever has waited for a whole round with the next one.
 * What comes by broadcast goes to everybody anyway, and what it waits for is nearly always on its way.
 *
 * A liar gains no more by it than by a broadcast: an entry crosses a link once or twice, and a room full of them trickles.
 */
import type { Effect } from '../kernel/machine.ts';
import type { Hash } from '../kernel/ids.ts';
import { UNASKED } from './commands.ts';
import type { Entry } from './entry.ts';
import type { Intake } from './intake.ts';
import { MAX_HANDED_BYTES, MAX_HANDED_ENTRIES, MAX_WAITING_ENTRIES } from './limits.ts';
import type { ReplicationMessage } from './messages.ts';
import type { Neighbour, Neighbours } from './neighbours.ts';

type HandEffect = Effect<ReplicationMessage, never>;

export class HandingOn {
  readonly #intake: Intake;
  readonly #neighbours: Neighbours;
  /** What waited when the last round began. */
  #waited: ReadonlySet<Hash> = new Set();

  constructor(intake: Intake, neighbours: Neighbours) {
    this.#intake = intake;
    this.#neighbours = neighbours;
  }

  /** A neighbour gave entries in a batch: those of them that wait now go to the others at once, as many as go at once. */
  given(giver: Neighbour, entries: readonly Entry[]): HandEffect[] {
    const waiting = entries.filter(({ hash }) => this.#intake.isWaiting(hash));
    if (waiting.length === 0) return [];
    for (const { hash } of waiting) note(giver, hash);
    return this.#handTo(
      this.#neighbours.all().filter((each) => each !== giver),
      [waiting],
    );
  }

  /** A round of digests begins. What waits since before the last one goes to whoever has not had it. */
  round(): HandEffect[] {
    const all = this.#intake.waiting();
    const waits = new Set(all.flat().map(({ hash }) => hash));
    const old = all.map((some) => some.filter(({ hash }) => this.#waited.has(hash)));
    this.#waited = waits;
    const neighbours = this.#neighbours.all();
    for (const { handed } of neighbours) for (const hash of handed) if (!waits.has(hash)) handed.delete(hash);
    return this.#handTo(neighbours, old);
  }

  /** `waiting`: by whose share of the room it takes. */
  #handTo(neighbours: readonly Neighbour[], waiting: readonly (readonly Entry[])[]): HandEffect[] {
    return neighbours.flatMap((neighbour): readonly HandEffect[] => {
      if (!neighbour.served) return [];
      const entries = inTurns(waiting.map((some) => some.filter(({ hash }) => !neighbour.handed.has(hash))));
      const handed = entries.filter(({ hash }) => note(neighbour, hash));
      if (handed.length === 0) return [];
      const rest = { pull: UNASKED, remainingBytes: 0, more: false };
      const message = { kind: 'batch', entries: handed.map(({ bytes }) => bytes), ...rest } as const;
      return [{ kind: 'send', to: neighbour.peer, message, lane: 'bulk' }];
    });
  }
}

/** Notes that the neighbour has an entry that waits. Whether there was room for that: what is not noted would be sent for ever. */
function note({ handed }: Neighbour, hash: Hash): boolean {
  if (handed.size >= MAX_WAITING_ENTRIES) return false;
  handed.add(hash);
  return true;
}

/** The first of each, then the second of each, as many as one message may have: nobody who makes many keeps back what others have there. */
function inTurns(groups: readonly (readonly Entry[])[]): readonly Entry[] {
  const taken: Entry[] = [];
  let bytes = 0;
  const longest = Math.max(0, ...groups.map(({ length }) => length));
  for (let at = 0; at < longest; at++)
    for (const group of groups) {
      const entry = group[at];
      if (entry === undefined) continue;
      bytes += entry.bytes.length;
      if (taken.length === MAX_HANDED_ENTRIES || (taken.length > 0 && bytes > MAX_HANDED_BYTES)) return taken;
      taken.push(entry);
    }
  return taken;
}
