/**
 * Entries whose predecessors have not all arrived, or that wait until somebody needs them. Each waits under one hash, so an arrival touches only
 * what it frees: 999 entries behind one missing entry cost 999 steps when it comes, not 999 squared (research/mesh.md section 0.3,
 * attack 7). Bounded in number and bytes, for each author and in all; what does not fit is dropped and fetched again later.
 */
import type { Hash, PeerId } from '../kernel/ids.ts';
import type { Entry } from './entry.ts';
import {
  MAX_WAITING_BYTES,
  MAX_WAITING_BYTES_EACH,
  MAX_WAITING_EACH,
  MAX_WAITING_ENTRIES,
} from './limits.ts';

/**
 * Whose share of the room an entry takes: its author's, and that of all who have written nothing so far if its author is one of them. Both, or whoever opens its
 * journal while its entries wait would have two.
 */
type Share = PeerId | 'strangers';

interface Guest {
  readonly entry: Entry;
  readonly awaited: Hash;
  readonly shares: readonly Share[];
}

interface Room {
  entries: number;
  bytes: number;
}

/** Highest places among an author's entries that wait, 0 for none: of all, and of those that wait only for somebody who needs them. */
export interface WaitingPlaces {
  readonly any: number;
  readonly parked: number;
}

export class WaitingRoom {
  readonly #byMissing = new Map<Hash, Entry[]>();
  readonly #guests = new Map<Hash, Guest>();
  /** What waits, by author and place. */
  readonly #byPlace = new Map<string, readonly Entry[]>();
  readonly #shares = new Map<Share, Room>();
  #bytes = 0;

  get size(): number {
    return this.#guests.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  has(hash: Hash): boolean {
    return this.#guests.has(hash);
  }

  /** What waits for the entry `hash`. */
  waitersOf(hash: Hash): readonly Entry[] {
    return this.#byMissing.get(hash) ?? [];
  }

  placesOf(author: PeerId): WaitingPlaces {
    let [any, parked] = [0, 0];
    for (const { entry, awaited } of this.#guests.values()) {
      if (entry.author !== author) continue;
      any = Math.max(any, entry.seq);
      if (awaited === entry.hash) parked = Math.max(parked, entry.seq);
    }
    return { any, parked };
  }

  /** All that waits, the longest first, by author; that of strangers together. */
  byShare(): readonly (readonly Entry[])[] {
    const groups = new Map<Share | undefined, Entry[]>();
    for (const { entry, shares } of this.#guests.values()) {
      const others = groups.get(shares.at(-1));
      if (others === undefined) groups.set(shares.at(-1), [entry]);
      else others.push(entry);
    }
    return [...groups.values()];
  }

  /** What waits for nothing but somebody who needs it. */
  get parked(): readonly Entry[] {
    return [...this.#guests.values()].flatMap(({ entry, awaited }) =>
      awaited === entry.hash ? [entry] : [],
    );
  }

  /** All that waits of `author`. */
  of(author: PeerId): readonly Entry[] {
    return [...this.#guests.values()].flatMap(({ entry }) => (entry.author === author ? [entry] : []));
  }

  /** What waits of `author` for place `seq` of its journal. */
  at(author: PeerId, seq: number): readonly Entry[] {
    return this.#guests.size === 0 ? [] : (this.#byPlace.get(placeOf({ author, seq })) ?? []);
  }

  /** Whether `entry` was taken in to wait for `awaited`. `unbounded`: it comes from our own disk, in whatever order. */
  add(entry: Entry, awaited: Hash, isStrangers: boolean, unbounded: boolean): boolean {
    if (this.#guests.has(entry.hash)) return true;
    const size = entry.bytes.length;
    const shares: readonly Share[] = isStrangers ? [entry.author, 'strangers'] : [entry.author];
    const isFull =
      this.#guests.size >= MAX_WAITING_ENTRIES ||
      this.#bytes + size > MAX_WAITING_BYTES ||
      shares.some((share) => !this.#hasRoom(share, size));
    if (isFull && !unbounded) return false;
    this.#guests.set(entry.hash, { entry, awaited, shares });
    this.#byPlace.set(placeOf(entry), [...this.at(entry.author, entry.seq), entry]);
    this.#bytes += size;
    for (const share of shares) this.#charge(share, 1, size);
    const others = this.#byMissing.get(awaited);
    if (others === undefined) this.#byMissing.set(awaited, [entry]);
    else others.push(entry);
    return true;
  }

  /** Takes out everything that waits. */
  drain(): readonly Entry[] {
    const all = [...this.#guests.values()].map(({ entry }) => entry);
    this.#byMissing.clear();
    this.#guests.clear();
    this.#byPlace.clear();
    this.#shares.clear();
    this.#bytes = 0;
    return all;
  }

  /** Takes out what waited for `arrived`; each may now go on or wait for something else. */
  release(arrived: Hash): readonly Entry[] {
    const freed = this.#byMissing.get(arrived) ?? [];
    this.#byMissing.delete(arrived);
    for (const entry of freed) this.#forget(entry);
    return freed;
  }

  #forget(entry: Entry): void {
    const { hash, bytes } = entry;
    const guest = this.#guests.get(hash);
    if (guest === undefined) return;
    this.#guests.delete(hash);
    const others = this.at(entry.author, entry.seq).filter((other) => other.hash !== hash);
    if (others.length > 0) this.#byPlace.set(placeOf(entry), others);
    else this.#byPlace.delete(placeOf(entry));
    this.#bytes -= bytes.length;
    for (const share of guest.shares) this.#charge(share, -1, -bytes.length);
  }

  #hasRoom(share: Share, bytes: number): boolean {
    const room = this.#shares.get(share);
    if (room === undefined) return bytes <= MAX_WAITING_BYTES_EACH;
    return room.entries < MAX_WAITING_EACH && room.bytes + bytes <= MAX_WAITING_BYTES_EACH;
  }

  #charge(share: Share, entries: number, bytes: number): void {
    const room = this.#shares.get(share) ?? { entries: 0, bytes: 0 };
    this.#shares.set(share, room);
    room.entries += entries;
    room.bytes += bytes;
    if (room.entries === 0) this.#shares.delete(share);
  }
}

function placeOf({ author, seq }: Pick<Entry, 'author' | 'seq'>): string {
  return `${author}/${seq}`;
}
