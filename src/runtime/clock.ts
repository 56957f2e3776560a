/**
 * Time for the driver. All timers share one alarm, set for the earliest: telling the worker of each cost more than the work that most
 * of them led to (2 ms of 12 per edit, measured with four tabs). The alarm is set twice, on the page and in a worker, and
 * whichever is first wins: browsers hold back the timers of a hidden page (to one a second, and one a minute when it has no
 * connection), not those of its workers; and where a worker does not start, the page's own alarm still rings.
 */
import type { Instant } from '../kernel/machine.ts';
import type { ClockPort } from '../kernel/ports.ts';

/** Longest wait of one timer, milliseconds: what `setTimeout` can hold (2^31 - 1, 24.8 days); beyond, it would fire at once. */
const MAX_WAIT_MS = 0x7fff_ffff;

/** The part of a `Worker` that the clock uses: it rings, by any message, so many milliseconds after the latest request. */
export interface TimerWorker {
  postMessage(afterMs: number): void;
  onmessage: ((event: MessageEvent<unknown>) => void) | null;
}

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Starts the worker of `timer-worker.ts`; undefined where workers are missing or forbidden. */
export function startTimerWorker(): TimerWorker | undefined {
  try {
    return new Worker(new URL('./timer-worker.ts', import.meta.url), { type: 'module' });
  } catch {
    return undefined; // the page's own timers remain
  }
}

/** Whether the page's own timers are held back, and a way to hear when that begins. */
export interface Visibility {
  readonly isHidden: () => boolean;
  readonly onHidden: (listener: () => void) => void;
}

/** What a document tells of it. */
export function visibilityOf(document: Document): Visibility {
  return {
    isHidden: () => document.visibilityState === 'hidden',
    onHidden: (listener) => {
      document.addEventListener('visibilitychange', () => {
        if (document.visibilityState === 'hidden') listener();
      });
    },
  };
}

const alwaysHidden: Visibility = { isHidden: () => true, onHidden: () => undefined };

/** The clock of this page. Without `worker` its timers are the page's alone; the worker is asked only while the page is hidden. */
export function createClock(worker?: TimerWorker, visibility: Visibility = alwaysHidden): ClockPort {
  const alarm = new Alarm(worker, visibility);
  return {
    now: () => performance.now() as Instant,
    wallMs: () => Date.now(),
    after: (afterMs, callback) => alarm.set(Math.min(Math.max(0, afterMs), MAX_WAIT_MS), callback),
  };
}

class Alarm {
  readonly #worker: TimerWorker | undefined;
  readonly #visibility: Visibility;
  readonly #timers = new Set<Timer>();
  #ringsAt = Infinity;
  #timeout: ReturnType<typeof setTimeout> | undefined;

  constructor(worker: TimerWorker | undefined, visibility: Visibility) {
    this.#worker = worker;
    this.#visibility = visibility;
    if (worker === undefined) return;
    visibility.onHidden(() => {
      const at = this.#ringsAt;
      this.#ringsAt = Infinity;
      this.#wakeBy(at);
    });
    worker.onmessage = () => {
      this.#ring();
    };
  }

  set(waitMs: number, callback: () => void): () => void {
    const timer = { at: performance.now() + waitMs, callback };
    this.#timers.add(timer);
    this.#wakeBy(timer.at);
    return () => {
      this.#timers.delete(timer); // the alarm may ring for nothing
    };
  }

  /** Calls whoever is due, in the order of their times. One that throws does not keep the others from their turn. */
  #ring(): void {
    const now = performance.now();
    const due = [...this.#timers].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    this.#ringsAt = Infinity;
    clearTimeout(this.#timeout);
    try {
      for (const timer of due) if (this.#timers.delete(timer)) timer.callback();
    } finally {
      let earliest = Infinity;
      for (const { at } of this.#timers) earliest = Math.min(earliest, at);
      this.#wakeBy(earliest);
    }
  }

  #wakeBy(at: number): void {
    if (at >= this.#ringsAt) return;
    this.#ringsAt = at;
    const waitMs = Math.max(0, Math.ceil(at - performance.now()));
    clearTimeout(this.#timeout);
    this.#timeout = setTimeout(() => {
      this.#ring();
    }, waitMs);
    if (this.#visibility.isHidden()) this.#worker?.postMessage(waitMs);
  }
}
