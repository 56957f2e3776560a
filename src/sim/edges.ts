/** What one life's driver sees of the simulated world: its clock, its links, its disk, its keys. */
import { refuse, ok } from '../kernel/result.ts';
import type { Machine } from '../kernel/machine.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { Random } from '../kernel/random.ts';
import type { Dialling } from './dialling.ts';
import type { SimHost } from './driver.ts';
import type { WorldEvent } from './event-heap.ts';
import { drawBetween, type Network } from './network.ts';
import type { Life, Participant } from './participant.ts';
import type { WorldSettings } from './settings.ts';
import type { SimKeys } from './sim-keys.ts';
import type { WorldTrace } from './world-trace.ts';

/** What the edges need from the world. */
export interface EdgesHost<Message> {
  readonly settings: WorldSettings;
  readonly keys: SimKeys;
  readonly trace: WorldTrace;
  readonly network: Network<Message>;
  readonly dialling: Dialling<Message>;
  now(): number;
  name(peer: PeerId): string;
  scheduleFor(peer: PeerId, afterMs: number, run: () => void): WorldEvent;
  cancel(event: WorldEvent): void;
  stepped(peer: PeerId): void;
  stopped(error: unknown): void;
}

/** The edges of `life`, the present one of `participant`; `random` draws how long disk and keys take. */
export function createEdges<Node extends Machine<Message, Command, Event>, Message, Command, Event>(
  world: EdgesHost<Message>,
  participant: Participant<Node, Message, Command, Event>,
  life: Life<Node, Message, Command, Event>,
  random: Random,
): SimHost<Message, Event> {
  const { peer, name, clock, disk } = participant;
  const { settings, network, dialling, keys, trace } = world;
  const later = (afterMs: number, run: () => void): void => {
    if (afterMs === 0) run();
    else world.scheduleFor(peer, afterMs, run);
  };
  return {
    isEncoded: settings.isEncoded,
    now: () => clock.at(world.now()),
    after: (afterMs, callback) => {
      const event = world.scheduleFor(peer, clock.worldDelay(afterMs, world.now()), callback);
      return () => world.cancel(event);
    },
    dial: (other) => dialling.dial(peer, other),
    answer: (other, isAccepted, contacts) => dialling.answer(peer, other, isAccepted, contacts),
    hangUp: (other, reason) => {
      dialling.giveUp(peer, other, reason);
      network.hangUp(peer, other, reason);
    },
    send: (other, cargo, lane, kind) => network.send(peer, other, cargo, lane, kind),
    sign: (body, done) => {
      const signature = keys.sign(peer, body);
      later(drawBetween(random, settings.signMs), () => done(signature));
    },
    verify: (checks, done) => {
      const hold = keys.holds(checks);
      later(drawBetween(random, settings.verifyMs), () => done(hold));
    },
    write: (writes, done) => {
      const writeMs = drawBetween(random, settings.writeMs);
      const { failure } = disk;
      if (failure !== undefined) {
        world.scheduleFor(peer, writeMs, () => done(refuse(failure)));
        return;
      }
      world.scheduleFor(peer, disk.accept(world.now(), writeMs, writes) - world.now(), () => {
        disk.finishOldest();
        done(ok(undefined));
      });
    },
    stopLinks: () => {
      if (participant.running !== undefined) network.leave(peer);
    },
    onEvent: (event) => life.onEvent?.(event),
    onGap: (sleptMs) => life.onGap?.(sleptMs),
    onStepped: () => world.stepped(peer),
    onStopped: (error) => world.stopped(error),
    record: (what, other, detail) => {
      trace.record(world.now(), name, what, other === undefined ? '' : world.name(other), detail);
    },
  };
}
