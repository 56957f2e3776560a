/** The runtime driver over ports in memory. */
import type { Bytes } from '../../src/kernel/bytes.ts';
import { fromUtf8 } from '../../src/kernel/bytes.ts';
import { ok } from '../../src/kernel/result.ts';
import type { LinkListener, LinkPort, StorePort } from '../../src/kernel/ports.ts';
import { Driver } from '../../src/runtime/driver.ts';
import { Edges, type DriverHarness, type Question } from './driver-harness.ts';
import { peerA, type Note, type NoteProtocol, type Order, type ScriptedMachine } from './driver-script.ts';
import { ManualClock } from './manual-clock.ts';

/** Turns of the microtask queue after which nothing can still be pending: the longest chain of the driver has four links. */
const SETTLE_TURNS = 50;

export interface RealHarness extends DriverHarness {
  readonly driver: Driver<Note, Order, string>;
  readonly clock: ManualClock;
  /** Slices that the driver has ended so far by yielding. */
  readonly yields: () => number;
}

function ask<Asked, Answer>(questions: Question<Asked, Answer>[], asked: Asked): Promise<Answer> {
  return new Promise((finish) => questions.push({ asked, finish }));
}

function fakeLinks(edges: Edges, started: (listener: LinkListener) => void): LinkPort {
  return {
    start: started,
    dial: (peer) => void edges.calls.push(`dial ${peer.charAt(0)}`),
    answer: (peer, accept) => void edges.calls.push(`answer ${peer.charAt(0)} ${accept}`),
    hangUp: (peer, reason) => {
      edges.up.delete(peer);
      edges.calls.push(`hangUp ${peer.charAt(0)} ${reason}`);
    },
    send: (to, bytes, lane) => {
      if (!edges.up.has(to)) return false;
      edges.sent.push({ to, bytes, lane });
      edges.calls.push(`send ${to.charAt(0)} ${fromUtf8(bytes)}`);
      return true;
    },
    stats: () => undefined,
    introduced: () => {},
    announce: () => {},
    belong: () => {},
    stop: () => void edges.calls.push('stop'),
  };
}

function fakeStore(edges: Edges): StorePort {
  return {
    write: (writes) => ask(edges.writes, writes),
    read: () => Promise.resolve(ok(undefined)),
    scan: () => Promise.resolve(ok(undefined)),
    clear: () => Promise.resolve(ok(undefined)),
  };
}

export function createRealHarness(machine: ScriptedMachine, protocol: NoteProtocol): RealHarness {
  const edges = new Edges();
  const clock = new ManualClock();
  const yielded: (() => void)[] = [];
  let yields = 0;
  let listener: LinkListener | undefined;
  const driver = new Driver<Note, Order, string>({
    machine,
    protocol,
    clock,
    links: fakeLinks(edges, (given) => {
      listener = given;
    }),
    store: fakeStore(edges),
    signer: { peerId: peerA, sign: (body: Bytes) => ask(edges.signatures, body) },
    verifier: { verifyAll: (checks) => ask(edges.checks, checks) },
    yieldThen: (callback) => {
      yields += 1;
      yielded.push(callback);
    },
    onEvent: (event) => {
      edges.calls.push(`emit ${event}`);
      edges.onEvent(event);
    },
    onStopped: (error, trace) => edges.stops.push({ error, trace }),
    onGap: (sleptMs) => edges.gaps.push(sleptMs),
  });
  driver.start();
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < SETTLE_TURNS; turn++) {
      await Promise.resolve();
      if (turn % 5 === 4) yielded.shift()?.();
    }
  };
  return {
    machine,
    protocol,
    edges,
    driver,
    clock,
    yields: () => yields,
    command: (order) => driver.command(order),
    asked: (peer) => listener?.asked(peer),
    discovered: (peer) => listener?.discovered(peer, 'signaling'),
    linkUp: (peer) => {
      edges.up.add(peer);
      listener?.up(peer, { browserLocal: false });
    },
    linkDown: (peer, reason) => {
      edges.up.delete(peer);
      listener?.down(peer, reason);
    },
    dialFailed: (peer, reason) => listener?.dialFailed(peer, reason),
    received: (peer, bytes) => listener?.received(peer, bytes, 'journal'),
    advance: async (ms) => {
      clock.advance(ms);
      await settle();
    },
    freeze: async (ms) => {
      clock.freeze(ms);
      await settle();
    },
    turnBack: (ms) => {
      clock.skewMs -= ms;
    },
    settle,
    stop: () => driver.stop(),
  };
}
