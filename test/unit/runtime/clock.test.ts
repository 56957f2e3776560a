import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createClock, startTimerWorker, type TimerWorker } from '../../../src/runtime/clock.ts';

/** A worker whose time the test keeps. */
class FakeWorker implements TimerWorker {
  readonly requests: number[] = [];
  onmessage: ((event: MessageEvent<unknown>) => void) | null = null;

  postMessage(afterMs: number): void {
    this.requests.push(afterMs);
  }

  ring(): void {
    this.onmessage?.({ data: undefined } as MessageEvent<unknown>);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('clock', () => {
  it('[KEY-23] calls back once after the delay, or not at all once cancelled', () => {
    const clock = createClock();
    const rung: string[] = [];
    clock.after(50, () => rung.push('a'));
    const cancel = clock.after(10, () => rung.push('b'));
    clock.after(-5, () => rung.push('now'));
    cancel();
    cancel();
    vi.advanceTimersByTime(0);
    expect(rung).toEqual(['now']);
    vi.advanceTimersByTime(49);
    expect(rung).toEqual(['now']);
    vi.advanceTimersByTime(1000);
    expect(rung).toEqual(['now', 'a']);
  });

  it('[KEY-23] a wait beyond what the platform can hold does not fire at once', () => {
    const rung: string[] = [];
    createClock().after(2 ** 40, () => rung.push('late'));
    createClock().after(Infinity, () => rung.push('never'));
    vi.advanceTimersByTime(60_000);
    expect(rung).toEqual([]);
  });

  it('[KEY-23] monotonic time and wall-clock time advance', () => {
    const clock = createClock();
    const [now, wall] = [clock.now(), clock.wallMs()];
    vi.advanceTimersByTime(1500);
    expect(clock.now() - now).toBe(1500);
    expect(clock.wallMs() - wall).toBe(1500);
  });

  it('[KEY-24] the worker rings first when the page is held back, and only one of the two counts', () => {
    const worker = new FakeWorker();
    const clock = createClock(worker);
    let rung = 0;
    clock.after(100, () => rung++);
    expect(worker.requests).toEqual([100]);
    const now = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 100);
    worker.ring();
    worker.ring();
    now.mockRestore();
    expect(rung).toBe(1);
    vi.advanceTimersByTime(1000);
    expect(rung).toBe(1);
  });

  it('[KEY-24] the page rings when the worker never does; one that rings too early or for nothing is ignored', () => {
    const worker = new FakeWorker();
    const clock = createClock(worker);
    let rung = 0;
    clock.after(100, () => rung++);
    worker.ring();
    expect(rung).toBe(0);
    vi.advanceTimersByTime(100);
    worker.ring();
    expect(rung).toBe(1);
  });

  it('[KEY-25] all timers share one alarm, which is set anew only for an earlier one', () => {
    const worker = new FakeWorker();
    const clock = createClock(worker);
    const rung: string[] = [];
    clock.after(100, () => rung.push('second'));
    clock.after(200, () => rung.push('third'));
    clock.after(50, () => rung.push('first'));
    clock.after(150, () => rung.push('cancelled'))();
    expect(worker.requests).toEqual([100, 50]);
    vi.advanceTimersByTime(1000);
    expect(rung).toEqual(['first', 'second', 'third']);
  });

  it('[KEY-25] a callback that throws, sets or cancels timers harms no other', () => {
    const clock = createClock();
    const rung: string[] = [];
    clock.after(10, () => {
      cancel();
      clock.after(0, () => rung.push('new'));
      throw new Error('a mistake of its own');
    });
    const cancel = clock.after(10, () => rung.push('cancelled'));
    clock.after(10, () => rung.push('other'));
    expect(() => vi.advanceTimersByTime(10)).toThrow('a mistake of its own');
    vi.advanceTimersByTime(10);
    expect(rung).toEqual(['other', 'new']);
  });

  it('[KEY-24] a page that is seen rings itself; once it is hidden the worker takes over what waits', () => {
    const worker = new FakeWorker();
    let isHidden = false;
    let hide = (): void => undefined;
    const clock = createClock(worker, {
      isHidden: () => isHidden,
      onHidden: (listener) => (hide = listener),
    });
    let rung = 0;
    clock.after(100, () => rung++);
    clock.after(50, () => rung++);
    expect(worker.requests).toEqual([]);
    vi.advanceTimersByTime(60);
    expect(rung).toBe(1);
    isHidden = true;
    hide();
    expect(worker.requests).toEqual([40]);
    clock.after(10, () => rung++);
    expect(worker.requests).toEqual([40, 10]);
  });

  it('[KEY-24] no worker where there is none or it is forbidden', () => {
    vi.stubGlobal('Worker', undefined);
    expect(startTimerWorker()).toBeUndefined();
    const forbidden = vi.fn(function () {
      throw new DOMException('forbidden by policy', 'SecurityError');
    });
    vi.stubGlobal('Worker', forbidden);
    expect(startTimerWorker()).toBeUndefined();
    expect(forbidden).toHaveBeenCalledOnce();
  });
});

describe('timer worker', () => {
  it('[KEY-24] rings after the latest request', async () => {
    let deliver = (_afterMs: number): void => undefined;
    let rung = 0;
    vi.stubGlobal('addEventListener', (_name: string, listener: (event: { data: number }) => void) => {
      deliver = (data) => {
        listener({ data });
      };
    });
    vi.stubGlobal('postMessage', () => rung++);
    await import('../../../src/runtime/timer-worker.ts');
    deliver(20);
    deliver(5);
    vi.advanceTimersByTime(5);
    expect(rung).toBe(1);
    vi.advanceTimersByTime(100);
    expect(rung).toBe(1);
  });
});
