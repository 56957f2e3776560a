import { describe, expect, it } from 'vitest';
import type { Instant } from '../../../src/kernel/machine.ts';
import { FULL_LOAD_MS, LOAD_EVERY_MS, LoadMeter } from '../../../src/runtime/load-meter.ts';

/** A clock whose one timer rings as late as the test says. */
function lateClock() {
  let now = 0;
  let timer: { readonly at: number; readonly callback: () => void } | undefined;
  return {
    clock: {
      now: () => now as Instant,
      wallMs: () => now,
      after: (afterMs: number, callback: () => void) => {
        timer = { at: now + afterMs, callback };
        return () => (timer = undefined);
      },
    },
    isWaiting: () => timer !== undefined,
    ring: (lateMs: number) => {
      const due = timer;
      if (due === undefined) return;
      timer = undefined;
      now = due.at + lateMs;
      due.callback();
    },
  };
}

describe('load meter', () => {
  it('[DRV-24] tells how late timers are, from 0 to 100, smoothed, and recovers', () => {
    const { clock, ring } = lateClock();
    const told: number[] = [];
    new LoadMeter(clock, (load) => told.push(load)).start();
    ring(0);
    expect(told).toEqual([0]);
    ring(FULL_LOAD_MS);
    expect(told[1]).toBe(25);
    for (let i = 0; i < 30; i++) ring(60_000);
    expect(told.at(-1)).toBe(100);
    for (let i = 0; i < 30; i++) ring(0);
    expect(told.at(-1)).toBe(0);
    expect(LOAD_EVERY_MS).toBeGreaterThan(FULL_LOAD_MS);
  });

  it('[DRV-24] says nothing after its end', () => {
    const { clock, isWaiting } = lateClock();
    const meter = new LoadMeter(clock, () => undefined);
    meter.start();
    meter.stop();
    expect(isWaiting()).toBe(false);
  });
});
