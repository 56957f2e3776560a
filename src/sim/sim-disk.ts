/**
 * A simulated disk: a write is durable when its time has come and not a moment before. Writes are all or nothing and carried out in
 * order. A crash keeps what was answered; of the writes that were under way it keeps the first few, drawn by chance, because a
 * real disk may have been done with them before it could say so.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { StoreFailure, Write } from '../kernel/machine.ts';
import type { Random } from '../kernel/random.ts';

export class SimDisk {
  readonly #stores: Map<string, Map<string, Bytes>>;
  #underWay: (readonly Write[])[] = [];
  /** When the last accepted write will be done; later ones wait behind it. */
  #busyUntil = 0;
  /** What the disk answers instead of writing, while set. */
  failure: StoreFailure | undefined;

  /** `shared`: the same disk as another tab of the profile sees it, each with writes of its own under way. */
  constructor(shared?: SimDisk) {
    this.#stores = shared === undefined ? new Map<string, Map<string, Bytes>>() : shared.#stores;
  }

  /** Accepts a write that takes `writeMs`; returns when it is to be finished. */
  accept(now: number, writeMs: number, writes: readonly Write[]): number {
    this.#underWay.push(writes);
    this.#busyUntil = Math.max(now + writeMs, this.#busyUntil);
    return this.#busyUntil;
  }

  /** The oldest write under way is done. */
  finishOldest(): void {
    const writes = this.#underWay.shift();
    if (writes !== undefined) this.#apply(writes);
  }

  /** The participant leaves in good order: everything that was accepted is written. */
  drain(): void {
    for (const writes of this.#underWay) this.#apply(writes);
    this.#underWay = [];
    this.#busyUntil = 0;
  }

  /** The participant dies. */
  crash(random: Random): void {
    const kept = random.below(this.#underWay.length + 1);
    for (const writes of this.#underWay.slice(0, kept)) this.#apply(writes);
    this.#underWay = [];
    this.#busyUntil = 0;
  }

  /** Writes at once, as nothing does that was not under way: for what a disk held before, loses or damages by itself. */
  change(writes: readonly Write[]): void {
    this.#apply(writes);
  }

  /** The durable value of one key. */
  read(store: string, key: string): Bytes | undefined {
    return this.#stores.get(store)?.get(key)?.slice();
  }

  /** Every durable pair of `store` whose key starts with `prefix`, in key order. */
  scan(store: string, prefix = ''): (readonly [key: string, value: Bytes])[] {
    const pairs = [...(this.#stores.get(store) ?? [])].filter(([key]) => key.startsWith(prefix));
    return pairs.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, value.slice()] as const);
  }

  #apply(writes: readonly Write[]): void {
    for (const write of writes) {
      const store = this.#stores.get(write.store) ?? new Map<string, Bytes>();
      this.#stores.set(write.store, store);
      if (write.op === 'put') store.set(write.key, write.value.slice());
      else store.delete(write.key);
    }
  }
}

/** All disks of a world. */
export class SimDisks {
  readonly #profiles = new Map<string, SimDisk>();

  /** A new tab's: one of its own, or the profile's. */
  of(profile: string | undefined): SimDisk {
    const disk = new SimDisk(profile === undefined ? undefined : this.#profiles.get(profile));
    if (profile !== undefined) this.#profiles.set(profile, disk);
    return disk;
  }
}
