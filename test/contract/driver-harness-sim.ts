/** The driver of the simulated world over a fake host. */
import { fromUtf8, utf8 } from '../../src/kernel/bytes.ts';
import { Value } from '../../src/sim/cargo.ts';
import { SimDriver, type SimHost } from '../../src/sim/driver.ts';
import { Edges, type DriverHarness } from './driver-harness.ts';
import type { Note, NoteProtocol, Order, ScriptedMachine } from './driver-script.ts';
import { ManualClock } from './manual-clock.ts';

function fakeHost(edges: Edges, clock: ManualClock): SimHost<Note, string> {
  const trace: string[] = [];
  return {
    now: () => clock.now(),
    after: (afterMs, callback) => clock.after(afterMs, callback),
    dial: (peer) => void edges.calls.push(`dial ${peer.charAt(0)}`),
    answer: (peer, accept) => void edges.calls.push(`answer ${peer.charAt(0)} ${accept}`),
    hangUp: (peer, reason) => {
      edges.up.delete(peer);
      edges.calls.push(`hangUp ${peer.charAt(0)} ${reason}`);
    },
    isEncoded: true,
    send: (to, cargo, lane) => {
      if (!edges.up.has(to)) return false;
      const bytes = cargo instanceof Value ? utf8('a value, not bytes') : cargo;
      edges.sent.push({ to, bytes, lane });
      edges.calls.push(`send ${to.charAt(0)} ${fromUtf8(bytes)}`);
      return true;
    },
    sign: (asked, finish) => void edges.signatures.push({ asked, finish }),
    verify: (asked, finish) => void edges.checks.push({ asked, finish }),
    write: (asked, finish) => void edges.writes.push({ asked, finish }),
    stopLinks: () => void edges.calls.push('stop'),
    onEvent: (event) => {
      edges.calls.push(`emit ${event}`);
      edges.onEvent(event);
    },
    onGap: (sleptMs) => void edges.gaps.push(sleptMs),
    onStepped: () => {},
    onStopped: (error) => void edges.stops.push({ error, trace }),
    record: (what, peer, detail) => {
      trace.push([what, peer?.charAt(0) ?? '', detail].filter((part) => part !== '').join(' '));
    },
  };
}

export function createSimHarness(machine: ScriptedMachine, protocol: NoteProtocol): DriverHarness {
  const edges = new Edges();
  const clock = new ManualClock();
  const driver = new SimDriver<Note, Order, string>(machine, protocol, fakeHost(edges, clock));
  driver.start();
  const settle = (): Promise<void> => Promise.resolve();
  return {
    machine,
    protocol,
    edges,
    command: (order) => driver.command(order),
    asked: (peer) => driver.linkEvent({ kind: 'asked', peer }),
    discovered: (peer) => driver.discovered(peer, 'signaling'),
    linkUp: (peer) => {
      edges.up.add(peer);
      driver.linkEvent({ kind: 'linkUp', peer });
    },
    linkDown: (peer, reason) => {
      edges.up.delete(peer);
      driver.linkEvent({ kind: 'linkDown', peer, reason });
    },
    dialFailed: (peer, reason) => driver.linkEvent({ kind: 'dialFailed', peer, reason }),
    received: (peer, bytes) => driver.received(peer, bytes),
    advance: (ms) => {
      clock.advance(ms);
      return settle();
    },
    freeze: (ms) => {
      clock.freeze(ms);
      return settle();
    },
    turnBack: (ms) => {
      clock.skewMs -= ms;
    },
    settle,
    stop: () => driver.stop(),
  };
}
