/** The runtime driver: the contract, and the rules that only it has. */
import { describe, expect, it } from 'vitest';
import { SLICE_MS } from '../../src/runtime/driver.ts';
import { TRACE_RECORDS } from '../../src/runtime/trace.ts';
import { createRealHarness } from './driver-harness-real.ts';
import {
  BAD_BYTES,
  noteBytes,
  NoteProtocol,
  peerA,
  peerB,
  ScriptedMachine,
  SIGNED,
} from './driver-script.ts';
import { driverContract } from './driver-suite.ts';

driverContract('runtime driver', createRealHarness);

const make = () => createRealHarness(new ScriptedMachine(), new NoteProtocol());

describe('runtime driver', () => {
  it('[DRV-3] never lets now go back when the platform turns its clock back', () => {
    const h = make();
    h.command({ kind: 'one', effects: [] });
    h.turnBack(500);
    h.command({ kind: 'two', effects: [] });
    const [first, second] = h.machine.times;
    expect(second).toBe(first);
  });

  it('[DRV-15] counts refusals by peer', async () => {
    const h = make();
    h.linkUp(peerA);
    h.linkUp(peerB);
    h.received(peerA, BAD_BYTES);
    h.received(peerA, noteBytes(`${SIGNED}forged`));
    h.edges.checks[0]?.finish(false);
    await h.settle();
    expect([h.driver.refusals(peerA), h.driver.refusals(peerB)]).toEqual([2, 0]);
  });

  it('[DRV-19] stops when a port rejects, which ports promise never to do', async () => {
    const h = make();
    h.linkUp(peerA);
    h.edges.checks.push = () => {
      throw new Error('broken verifier');
    };
    h.received(peerA, noteBytes(`${SIGNED}x`));
    await h.settle();
    expect(h.edges.stops.map(({ error }) => String(error))).toEqual(['Error: broken verifier']);
    expect(h.edges.calls).toEqual(['stop']);
  });

  it('[DRV-19] keeps at most 500 records', () => {
    const h = make();
    for (let i = 0; i < TRACE_RECORDS + 20; i++) h.command({ kind: `c${i}`, effects: [] });
    const trace = h.driver.trace();
    expect(trace).toHaveLength(500);
    expect(trace[0]).toMatch(/command c20$/);
    expect(trace.at(-1)).toMatch(/command c519$/);
  });

  it('[DRV-6] leaves no alarm of a replaced arming behind', () => {
    const h = make();
    for (let i = 0; i < 3; i++)
      h.command({ kind: 'arm', effects: [{ kind: 'arm', timer: 't', afterMs: 10 }] });
    expect(h.clock.armed).toBe(2); // the timer and the look at the clock
  });

  it('[DRV-20] leaves no timer behind', () => {
    const h = make();
    h.command({ kind: 'arm', effects: [{ kind: 'arm', timer: 't', afterMs: 10 }] });
    expect(h.clock.armed).toBe(2); // the timer and the look at the clock
    h.stop();
    expect(h.clock.armed).toBe(0);
  });

  it('[DRV-22] lets the event loop run after a slice', async () => {
    const h = make();
    h.linkUp(peerA);
    h.received(peerA, noteBytes(`${SIGNED}slow`));
    for (let i = 0; i < 31; i++) h.received(peerA, noteBytes(`${i}`));
    h.clock.lookMs = 1; // every look at the clock takes a millisecond, so a slice is a handful of steps
    h.edges.checks[0]?.finish(true);
    await Promise.resolve();
    await Promise.resolve();
    expect(h.yields()).toBe(1);
    expect(h.machine.seen.length).toBeLessThan(2 + SLICE_MS);
    await h.settle();
    expect(h.machine.seen).toHaveLength(33);
    expect(h.yields()).toBeGreaterThan(3);
  });

  it('[DRV-23] steps a command between the messages of a busy link', async () => {
    const h = make();
    h.linkUp(peerA);
    h.received(peerA, noteBytes(`${SIGNED}slow`));
    for (let i = 0; i < 20; i++) h.received(peerA, noteBytes(`${i}`));
    h.machine.react = (input) => (input.kind === 'received' ? [{ kind: 'emit', event: 'got' }] : []);
    h.edges.onEvent = () => {
      h.edges.onEvent = () => {};
      h.command({ kind: 'urgent', effects: [] });
    };
    h.edges.checks[0]?.finish(true);
    await h.settle();
    expect(h.machine.seen.slice(0, 3)).toEqual(['linkUp a', `received a ${SIGNED}slow`, 'command urgent']);
    expect(h.machine.seen).toHaveLength(23);
  });

  it('[DRV-4] refuses commands beyond its bound and drops none that it took', () => {
    const h = make();
    let isTaken = true;
    h.edges.onEvent = () => {
      for (let i = 0; i < 70_000; i++) isTaken = h.command({ kind: 'c', effects: [] });
    };
    h.command({ kind: 'first', effects: [{ kind: 'emit', event: 'go' }] });
    expect(isTaken).toBe(false);
    expect(h.machine.seen).toHaveLength(1 + 65_536);
  });

  it('[DRV-19] stops at a message above the limit of the link port', () => {
    const h = make();
    h.linkUp(peerA);
    const message = { kind: 'note', text: 'x'.repeat(1024 * 1024) } as const;
    h.command({ kind: 'send', effects: [{ kind: 'send', to: peerA, message, lane: 'bulk' }] });
    expect(h.edges.stops).toHaveLength(1);
    expect(h.edges.sent).toEqual([]);
  });

  it('[DRV-16] declines requests unseen when too many peers knock', () => {
    const h = make();
    h.linkUp(peerA);
    h.edges.onEvent = () => {
      for (let i = 0; i < 300; i++) h.asked(i.toString(16).padStart(64, '0') as typeof peerA);
    };
    h.command({ kind: 'go', effects: [{ kind: 'emit', event: 'go' }] });
    expect(h.edges.calls.filter((call) => call.endsWith('false'))).toHaveLength(45);
    expect(h.machine.seen.filter((text) => text.startsWith('asked'))).toHaveLength(255);
  });
});
