import { beforeEach, describe, expect, it } from 'vitest';
import { randomFrom } from '../../../src/kernel/random.ts';
import {
  MAX_STANDSTILL_OFFERS,
  MAX_WATCHED_PEERS,
  STANDSTILL_JITTER_MS,
  STANDSTILL_MS,
} from '../../../src/scratch/limits.ts';
import { StandstillWatch } from '../../../src/scratch/standstill.ts';
import { ManualClock } from '../../contract/manual-clock.ts';

const FIRST_WAIT_MS = STANDSTILL_MS + STANDSTILL_JITTER_MS;
const SELF = 'm';

let clock: ManualClock;
let done: string[];
let connected: Set<string>;
let watch: StandstillWatch;

beforeEach(() => {
  clock = new ManualClock();
  done = [];
  connected = new Set();
  watch = new StandstillWatch(
    {
      selfId: () => SELF,
      isConnected: (peer) => connected.has(peer),
      offer: (peer) => done.push(`offer ${peer}`),
      drop: (peer) => done.push(`drop ${peer}`),
    },
    clock,
    randomFrom('watch'),
  );
});

describe('the watch for standstills', () => {
  it('[SCR-7] offers anew to a peer that was heard of and is not connected after a while', () => {
    watch.heard('z');
    clock.advance(STANDSTILL_MS - 1);
    expect(done).toEqual([]);
    clock.advance(STANDSTILL_JITTER_MS + 1);
    expect(done).toEqual(['offer z']);
  });

  it('[SCR-7] lets the lower id begin when both sides watch', () => {
    watch.heard('a');
    clock.advance(FIRST_WAIT_MS);
    expect(done).toEqual([]);
    clock.advance(FIRST_WAIT_MS);
    expect(done).toEqual(['offer a']);
  });

  it('[SCR-7] leaves those alone that are connected, told or found out', () => {
    watch.heard('x');
    watch.heard('z');
    watch.settled('x');
    connected.add('z');
    clock.advance(1_000_000);
    expect(done).toEqual([]);
    expect([watch.size, clock.armed]).toEqual([0, 0]);
  });

  it('[SCR-7] gives up after some offers, each later than the one before, and begins anew when the peer is heard of again', () => {
    watch.heard('z');
    const offeredAt: number[] = [];
    while (clock.armed > 0) {
      const before = done.length;
      clock.advance(100);
      if (done.slice(before).includes('offer z')) offeredAt.push(clock.now());
    }
    expect(done).toEqual(Array<string[]>(MAX_STANDSTILL_OFFERS).fill(['offer z', 'drop z']).flat());
    const waits = offeredAt.map((at, index) => at - (offeredAt[index - 1] ?? 0)).slice(1);
    expect([...waits].sort((a, b) => a - b)).toEqual(waits);
    expect(clock.armed).toBe(0);
    watch.heard('z');
    clock.advance(FIRST_WAIT_MS);
    expect(done.at(-1)).toBe('offer z');
  });

  it('[SCR-7] watches a bounded number, and nobody after it was stopped', () => {
    for (let at = 0; at < MAX_WATCHED_PEERS * 2; at++) watch.heard(`z${at}`);
    expect(watch.size).toBe(MAX_WATCHED_PEERS);
    watch.stop();
    clock.advance(1_000_000);
    expect(done).toEqual([]);
  });
});
