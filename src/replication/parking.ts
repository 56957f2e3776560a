/**
 * Entries that may not take effect by themselves, and so wait until somebody needs them (REP-18): which ones they are, and when somebody does.
 */
import type { Hash } from '../kernel/ids.ts';
import type { CausalPasts } from './causal-past.ts';
import type { Effect } from './effect.ts';
import { predecessorsOf, type Entry } from './entry.ts';
import type { Journals } from './journals.ts';
import type { Authority } from './ports.ts';
import type { WaitingRoom } from './waiting-room.ts';

export interface ParkingOptions {
  readonly journals: Journals;
  readonly waiting: WaitingRoom;
  readonly authority: Authority;
  readonly pasts: CausalPasts;
  readonly effect: Effect;
}

export class Parking {
  readonly #o: ParkingOptions;
  /** Contested entries that an entry of somebody who may vouch for them waits for. */
  readonly #wanted = new Set<Hash>();
  /** Decrees behind entries all of whose predecessors were held or parked. */
  readonly #behind = new WeakMap<Entry, ReadonlySet<Hash>>();
  /** What was parked when everything was tried last, or was taken out since then. */
  #tried: ReadonlySet<Hash> = new Set();
  #isTrying = false;

  constructor(options: ParkingOptions) {
    this.#o = options;
  }

  /** Whether all that is parked is being taken in, so that what has effect can be said of everything at once. */
  get isTrying(): boolean {
    return this.#isTrying;
  }

  get isAnyWanted(): boolean {
    return this.#wanted.size > 0;
  }

  /** Whether the entry waits for somebody who vouches for it. */
  isParked(hash: Hash): boolean {
    return this.#parked(hash) !== undefined;
  }

  /**
   * What the entry has to wait for: a predecessor that is not held, or, if it may not take effect by itself, its own hash, until somebody
   * needs it. Undefined when it can be judged.
   */
  awaitedBy(entry: Entry): Hash | undefined {
    const missing = predecessorsOf(entry).filter((hash) => !this.#o.journals.has(hash));
    if (missing.length === 0 && this.#o.effect.isQuiet) return undefined;
    const unknown = missing.find((hash) => !this.isParked(hash));
    if (unknown !== undefined) return unknown;
    return this.#isWanted(entry) ? missing[0] : entry.hash;
  }

  /** Somebody needs a parked entry. */
  want(hash: Hash): void {
    this.#wanted.add(hash);
  }

  /** The entry is held, or refused. */
  settled(hash: Hash): void {
    this.#wanted.delete(hash);
  }

  /** Whether an entry that was parked just now may change which decrees count. */
  isNewDecree(entry: Entry): boolean {
    return !this.#tried.has(entry.hash) && this.#o.authority.restrictionOf(entry) !== undefined;
  }

  /**
   * Takes out all that waits, for everything to be judged at once; undefined when nothing is parked for another reason than a fork or a decision about
   * one. Which decrees count depends on all that there are, those included that do not count so far; a fork makes the same of an entry whatever else there is.
   */
  beginTrying(): readonly Entry[] | undefined {
    const { effect, waiting } = this.#o;
    if (this.#isTrying || effect.isQuiet) return undefined;
    if (waiting.parked.every((entry) => effect.isCutOff(entry))) return undefined;
    this.#isTrying = true;
    const all = waiting.drain();
    this.#tried = new Set(all.map(({ hash }) => hash));
    return all;
  }

  endTrying(): void {
    this.#isTrying = false;
    this.#wanted.clear();
  }

  /** Entries lost their effect. */
  tookOut(removed: readonly Entry[]): void {
    this.#tried = new Set([...this.#tried, ...removed.map(({ hash }) => hash)]);
  }

  #parked(hash: Hash): Entry | undefined {
    return this.#o.waiting.waitersOf(hash).find((entry) => entry.hash === hash);
  }

  /** Whether the entry may take effect: by itself, or because something waits for it that may. */
  #isWanted(entry: Entry): boolean {
    if (this.#wanted.has(entry.hash)) return true;
    const seen = new Set<Hash>();
    const pending = [entry];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (seen.has(next.hash)) continue;
      seen.add(next.hash);
      if (this.#wanted.has(next.hash) || this.#standsAlone(next)) return true;
      pending.push(...this.#o.waiting.waitersOf(next.hash));
    }
    return false;
  }

  #standsAlone(entry: Entry): boolean {
    const { effect } = this.#o;
    if (effect.isQuiet) return true;
    if (this.#isTrying) return !effect.isCutOff(entry);
    const behind = this.#decreesBehind(entry);
    return effect.hasStanding(entry) && !effect.isContested(entry, (hash) => behind.has(hash));
  }

  /** Decrees in the causal past of an entry, as far as its predecessors are held or parked. */
  #decreesBehind(entry: Entry): ReadonlySet<Hash> {
    const known = this.#behind.get(entry);
    if (known !== undefined) return known;
    const { authority, effect, journals, pasts } = this.#o;
    const behind = new Set(effect.decreesIn(pasts.pastOf(entry)));
    let isComplete = true;
    for (const hash of predecessorsOf(entry)) {
      if (journals.has(hash)) continue;
      const parked = this.#parked(hash);
      isComplete &&= parked !== undefined;
      if (parked === undefined) continue;
      if (authority.restrictionOf(parked) !== undefined) behind.add(hash);
      for (const each of this.#decreesBehind(parked)) behind.add(each);
    }
    if (isComplete) this.#behind.set(entry, behind);
    return behind;
  }
}
