/**
 * Writes on their way to disk. One write is under way at a time; what comes meanwhile shares the next one, so a burst of edits costs
 * few transactions and durability is always a prefix of what happened. A failed write is kept and tried again: nothing that is on
 * screen is forgotten, and nothing is promised before it is on disk.
 */
import type { Effect, StoreFailure, Write } from '../kernel/machine.ts';

interface Group<Note> {
  readonly writes: Write[];
  readonly notes: Note[];
}

type DiskEffect = Extract<Effect<never, never>, { kind: 'persist' | 'arm' }>;

/** Most writes in one persist: keeps a large import from becoming one giant transaction (guess; 1,000 puts took 81 ms in research/mesh.md 0.2). */
const MAX_GROUP_WRITES = 1000;

/**
 * How long a write that nobody waits for may wait for others, and bytes from which on it goes at once (guess). In a stream of 50 edits a
 * second, five share a transaction; and the disk is nearly always free for what the person of this tab writes.
 */
const PATIENCE_MS = 100;
const PATIENT_BYTES = 64 * 1024;

export class DiskQueue<Note> {
  readonly #prefix: string;
  readonly #retryMs: number;
  #underWay: Group<Note> | undefined;
  #next: Group<Note>[] = [];
  #count = 0;
  #waitingBytes = 0;
  /** Whether something in the queue must not wait for company. */
  #isUrgent = false;
  #isLaterArmed = false;
  #failure: StoreFailure | undefined;

  /** `prefix` starts the tags and the retry timer's name. */
  constructor(prefix: string, retryMs: number) {
    this.#prefix = prefix;
    this.#retryMs = retryMs;
  }

  /** Why the last write failed, until one succeeds. */
  get failure(): StoreFailure | undefined {
    return this.#failure;
  }

  /** Bytes of values that are not on disk yet. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  get retryTimer(): string {
    return `${this.#prefix}/retry`;
  }

  get laterTimer(): string {
    return `${this.#prefix}/later`;
  }

  /**
   * Queues one write; `note` comes back when it is durable. With `mayWait` it waits a little for others to share its transaction, unless
   * one comes that may not: then all go at once.
   */
  push(writes: readonly Write[], note: Note, mayWait = false): DiskEffect[] {
    if (!mayWait) this.#isUrgent = true;
    let group = this.#next.at(-1);
    if (group === undefined || group.writes.length + writes.length > MAX_GROUP_WRITES) {
      group = { writes: [], notes: [] };
      this.#next.push(group);
    }
    group.writes.push(...writes);
    this.#waitingBytes += bytesOf(writes);
    group.notes.push(note);
    return this.#start();
  }

  /** The write under way is on disk: its notes, and what follows. Undefined when `tag` is not ours. */
  durable(tag: string): { readonly notes: readonly Note[]; readonly effects: DiskEffect[] } | undefined {
    if (this.#underWay === undefined || tag !== this.#tag()) return undefined;
    const { notes, writes } = this.#underWay;
    this.#waitingBytes -= bytesOf(writes);
    this.#underWay = undefined;
    this.#failure = undefined;
    return { notes, effects: this.#start() };
  }

  /** The write under way failed; it is kept for {@link retry}. */
  failed(tag: string, reason: StoreFailure): DiskEffect[] {
    if (this.#underWay === undefined || tag !== this.#tag()) return [];
    this.#next.unshift(this.#underWay);
    this.#underWay = undefined;
    this.#failure = reason;
    return [{ kind: 'arm', timer: this.retryTimer, afterMs: this.#retryMs }];
  }

  retry(): DiskEffect[] {
    return this.#underWay === undefined ? this.#begin() : [];
  }

  /** What waited for company has waited long enough. */
  later(): DiskEffect[] {
    this.#isLaterArmed = false;
    return this.#underWay === undefined && this.#failure === undefined ? this.#begin() : [];
  }

  #start(): DiskEffect[] {
    // After a failure only the retry timer starts a write, or every edit would hammer a full disk.
    if (this.#underWay !== undefined || this.#failure !== undefined || this.#next.length === 0) return [];
    if (this.#isUrgent || this.#next.length > 1 || this.#waitingBytes >= PATIENT_BYTES) return this.#begin();
    if (this.#isLaterArmed) return [];
    this.#isLaterArmed = true;
    return [{ kind: 'arm', timer: this.laterTimer, afterMs: PATIENCE_MS }];
  }

  #begin(): DiskEffect[] {
    this.#underWay = this.#next.shift();
    if (this.#underWay === undefined) return [];
    if (this.#next.length === 0) this.#isUrgent = false;
    this.#count += 1;
    return [{ kind: 'persist', tag: this.#tag(), writes: this.#underWay.writes }];
  }

  #tag(): string {
    return `${this.#prefix}/${this.#count}`;
  }
}

function bytesOf(writes: readonly Write[]): number {
  return writes.reduce((sum, write) => sum + (write.op === 'put' ? write.value.length : 0), 0);
}
