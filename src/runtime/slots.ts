/**
 * Tab slots (DESIGN section 5). A slot is a small number that one tab of a profile holds at a time, under an exclusive Web Lock which
 * the browser frees when the tab ends, however it ends. A tab remembers its slot in its session storage and asks for it again,
 * so a reload gets its peer key back; a duplicated tab has the same memory, finds the slot held, and takes another.
 */
import { ok, refuse, type Result } from '../kernel/result.ts';
import type { ClockPort } from '../kernel/ports.ts';

/** Slots of one profile. Origin: a guess, far above the tabs that a person has open; a tab beyond it has an ephemeral identity. */
export const MAX_SLOTS = 64;
/**
 * Longest wait of a reloaded page for the page before it to let go of the slot, milliseconds. Origin: a guess; a few are
 * usual, hundreds happen when many tabs reload at once on a busy machine.
 */
export const RELOAD_WAIT_MS = 2000;

/** Session storage entry: the slot, with a `-` in front while no page of this tab is up. */
const MEMORY_KEY = 'tabswarm/slot';
const LEFT_MARK = '-';

/** Why there is no slot. `noLocks`: no Web Locks here, or they refuse. `allTaken`: {@link MAX_SLOTS} tabs are open. */
export type SlotRefusal = 'noLocks' | 'allTaken';

export type Locks = Pick<LockManager, 'request'>;

export interface SlotOptions {
  /** `navigator.locks`, undefined where it is missing. */
  readonly locks: Locks | undefined;
  /** Start of the locks' names; the number follows. */
  readonly prefix: string;
  /** `sessionStorage`, undefined where it may not be used. */
  readonly session: Pick<Storage, 'getItem' | 'setItem'> | undefined;
  /** Whether the browser says that this page was reloaded ({@link wasReloaded}). */
  readonly isReload: boolean;
  readonly clock: Pick<ClockPort, 'after'>;
}

export interface Slot {
  /** From 0 to {@link MAX_SLOTS} - 1. */
  readonly slot: number;
  /**
   * To be called on `pagehide`: notes that the next page of this tab is this one again, and not a duplicate. The lock itself stays
   * with the page until it is gone, because until then it may sign.
   */
  leaving(): void;
  /** To be called when a page comes back from the back-forward cache. */
  returned(): void;
  /** Frees the slot. Nothing may be signed with its key afterwards. */
  release(): void;
}

/**
 * Takes the remembered slot, else the lowest free one. Only a page that follows itself in its tab (a reload) waits for a slot that is
 * held, and for {@link RELOAD_WAIT_MS} at most; a duplicate must not, because the holder is there to stay.
 */
export async function takeSlot(options: SlotOptions): Promise<Result<Slot, SlotRefusal>> {
  const { locks, prefix } = options;
  if (locks === undefined) return refuse('noLocks');
  const memory = recall(options.session);
  try {
    const again = memory === undefined ? undefined : await retake(locks, memory, options);
    if (memory !== undefined && again !== undefined) return ok(slotOf(memory.slot, again, options.session));
    for (let slot = 0; slot < MAX_SLOTS; slot++) {
      const release = await hold(locks, prefix + String(slot), { ifAvailable: true });
      if (release !== undefined) return ok(slotOf(slot, release, options.session));
    }
    return refuse('allTaken');
  } catch {
    return refuse('noLocks'); // a sandboxed page, for example, has the interface and is refused
  }
}

/** Runs `work` while no other tab of this profile runs one of the same name. Without Web Locks it simply runs. */
export async function withLock<Value>(
  locks: Locks | undefined,
  name: string,
  work: () => Promise<Value>,
): Promise<Value> {
  return locks === undefined ? work() : await locks.request(name, work);
}

/** Whether the browser says that this page was reloaded. It calls some duplicated tabs `back_forward`, so that says nothing. */
export function wasReloaded(timing: Pick<Performance, 'getEntriesByType'>): boolean {
  const entry = timing.getEntriesByType('navigation')[0];
  return entry !== undefined && 'type' in entry && entry.type === 'reload';
}

interface Memory {
  readonly slot: number;
  /** The page that wrote it said goodbye: we follow it in its tab. */
  readonly hasLeft: boolean;
}

async function retake(locks: Locks, memory: Memory, options: SlotOptions): Promise<(() => void) | undefined> {
  const name = options.prefix + String(memory.slot);
  const free = await hold(locks, name, { ifAvailable: true });
  if (free !== undefined || !(memory.hasLeft || options.isReload)) return free;
  const patience = new AbortController();
  const cancel = options.clock.after(RELOAD_WAIT_MS, () => {
    patience.abort();
  });
  try {
    return await hold(locks, name, { signal: patience.signal });
  } catch (error) {
    if (patience.signal.aborted) return undefined;
    throw error;
  } finally {
    cancel();
  }
}

/** Resolves with what releases the lock once it is held, or undefined when it is not available. */
function hold(locks: Locks, name: string, options: LockOptions): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const held = locks.request(name, options, (lock) => {
      if (lock === null) {
        resolve(undefined);
        return undefined;
      }
      return new Promise<void>((release) => {
        resolve(release);
      });
    });
    // Only our own code could steal a lock of this origin, and it never does: a rejection means that the lock was not given.
    held.catch(reject);
  });
}

function slotOf(slot: number, release: () => void, session: SlotOptions['session']): Slot {
  const returned = (): void => {
    remember(session, String(slot));
  };
  returned();
  return {
    slot,
    leaving: () => {
      remember(session, LEFT_MARK + String(slot));
    },
    returned,
    release,
  };
}

function recall(session: SlotOptions['session']): Memory | undefined {
  try {
    const text = session?.getItem(MEMORY_KEY) ?? '';
    const found = /^(-?)(\d{1,4})$/.exec(text);
    const slot = Number(found?.[2]);
    return found !== null && slot < MAX_SLOTS ? { slot, hasLeft: found[1] === LEFT_MARK } : undefined;
  } catch {
    return undefined; // session storage is forbidden: every page takes the lowest free slot
  }
}

function remember(session: SlotOptions['session'], text: string): void {
  try {
    session?.setItem(MEMORY_KEY, text);
  } catch {
    // Forbidden or full: a reload then takes the lowest free slot, which is most often the same.
  }
}
