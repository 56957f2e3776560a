/**
 * How much of the machine's work was ours: what makes a bound on seconds fair on a machine that is busy with other things. Compares the
 * processor time of the browser's processes (DevTools protocol) with what all processors spent (the system's own counters).
 */
import { cpus } from 'node:os';
import type { Browser } from 'playwright-core';

/** The share of the machine from which on it counts as ours alone. Guess: the server takes the rest. */
const ALONE = 0.85;
/** Waiting in line for a processor costs more than the share says: every hop of a handshake waits anew. Guess. */
const CROWDED = 1.5;

/** What a bound for a machine of our own becomes when we had `share` of one. */
export function fairBound(boundMs: number, share: number): number {
  return share > ALONE ? boundMs : (boundMs * CROWDED) / share;
}

interface Spent {
  /** Seconds of all processors, idle ones not counted. */
  readonly machine: number;
  /** Seconds of this process, and of each of the browser's by its id. */
  readonly ours: ReadonlyMap<number, number>;
}

/** Starts measuring; the result tells the share since then: from near 0 (all of it went to others) to 1. */
export async function measureShare(browser: Browser): Promise<() => Promise<number>> {
  const before = await spent(browser);
  return async () => {
    const after = await spent(browser);
    // What a process spent that ended meanwhile is not known: the share comes out too small, never too large.
    const ours = [...after.ours].reduce(
      (sum, [id, seconds]) => sum + seconds - (before.ours.get(id) ?? 0),
      0,
    );
    return Math.min(1, Math.max(ours, 0.001) / Math.max(after.machine - before.machine, 0.001));
  };
}

async function spent(browser: Browser): Promise<Spent> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const ticks = cpus().map(({ times }) => times.user + times.nice + times.sys + times.irq);
  const { user, system } = process.cpuUsage();
  return {
    machine: ticks.reduce((sum, each) => sum + each, 0) / 1000,
    ours: new Map([[process.pid, (user + system) / 1e6], ...processInfo.map(timeOf)]),
  };
}

const timeOf = ({
  id,
  cpuTime,
}: {
  readonly id: number;
  readonly cpuTime: number;
}): readonly [number, number] => [id, cpuTime];
