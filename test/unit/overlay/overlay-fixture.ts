/** What the tests of the overlay share: peers, what they say, and parts that are put together for one test. */
import fc from 'fast-check';
import { boardIdFrom, peerIdFrom, type PeerId } from '../../../src/kernel/ids.ts';
import type { Input, Instant } from '../../../src/kernel/machine.ts';
import { randomFrom } from '../../../src/kernel/random.ts';
import { ActiveView, type GroupOf } from '../../../src/overlay/active-view.ts';
import {
  Outbox,
  type OverlayCommand,
  type OverlayEffect,
  type OverlayEvent,
} from '../../../src/overlay/commands.ts';
import { Directory } from '../../../src/overlay/directory.ts';
import type { MessageOf, OverlayMessage, SignedAnnouncement } from '../../../src/overlay/messages.ts';
import { createOverlay, type Overlay } from '../../../src/overlay/overlay.ts';
import { PassiveView } from '../../../src/overlay/passive-view.ts';
import { Reputation } from '../../../src/overlay/reputation.ts';

/** Peer number `n`: ids ascend with the numbers, and their last bytes differ. */
export function peer(n: number): PeerId {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, n);
  view.setUint32(28, Math.imul(n + 1, 0x9e37_79b1) >>> 0);
  return peerIdFrom(bytes);
}

/** Ourselves in every test: neither the lowest id nor the highest. */
export const SELF = peer(100);
export const BOARD = boardIdFrom(new Uint8Array(32).fill(7));
export const SIGNATURE = new Uint8Array(64);

export function announcement(
  of: PeerId,
  counter: number,
  neighbours: readonly PeerId[] = [],
  rest: Partial<SignedAnnouncement> = {},
): SignedAnnouncement {
  const said = { peer: of, counter, neighbours: [...neighbours].sort() };
  const idle = { asleep: false, version: 2, load: 0, capabilities: [], note: new Uint8Array(0) };
  return { ...said, ...idle, signature: SIGNATURE, ...rest };
}

export function sends(effects: readonly OverlayEffect[]): { to: PeerId; message: OverlayMessage }[] {
  return effects.flatMap((effect) =>
    effect.kind === 'send' ? [{ to: effect.to, message: effect.message }] : [],
  );
}

export function sent<Kind extends OverlayMessage['kind']>(
  effects: readonly OverlayEffect[],
  kind: Kind,
): { to: PeerId; message: MessageOf<Kind> }[] {
  return sends(effects).filter(
    (each): each is { to: PeerId; message: MessageOf<Kind> } => each.message.kind === kind,
  );
}

export function events<Type extends OverlayEvent['type']>(
  effects: readonly OverlayEffect[],
  type: Type,
): Extract<OverlayEvent, { type: Type }>[] {
  return effects.flatMap((effect) =>
    effect.kind === 'emit' && effect.event.type === type
      ? [effect.event as Extract<OverlayEvent, { type: Type }>]
      : [],
  );
}

/** The effects of what `act` does. */
export function effectsOf(act: (out: Outbox) => unknown): readonly OverlayEffect[] {
  const out = new Outbox();
  act(out);
  return out.effects;
}

export const dialled = (effects: readonly OverlayEffect[]): PeerId[] =>
  effects.flatMap((effect) => (effect.kind === 'dial' ? [effect.peer] : []));

/** Connected graphs of `least` to `most` peers, as lists of pairs of their numbers. */
export function connectedGraphs(
  least: number,
  most: number,
): fc.Arbitrary<{ size: number; pairs: (readonly [number, number])[] }> {
  return fc.integer({ min: least, max: most }).chain((size) => {
    const parents = fc.tuple(...Array.from({ length: size - 1 }, (_, i) => fc.nat(i)));
    const extra = fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: size * 2 });
    return fc.tuple(parents, extra).map(([above, more]) => {
      const keys = new Set<number>();
      for (const [child, parent] of above.entries()) keys.add(parent * size + child + 1);
      for (const [a, b] of more) if (a !== b) keys.add(Math.min(a, b) * size + Math.max(a, b));
      return { size, pairs: [...keys].map((key) => [Math.floor(key / size), key % size] as const) };
    });
  });
}

/** The neighbours of every number. */
export function adjacency(size: number, pairs: readonly (readonly [number, number])[]): number[][] {
  const lists = Array.from({ length: size }, (): number[] => []);
  for (const [a, b] of pairs) {
    lists[a]?.push(b);
    lists[b]?.push(a);
  }
  return lists;
}

/** The views of one peer, without the machine round them. */
export interface Views {
  readonly directory: Directory;
  readonly reputation: Reputation;
  readonly view: ActiveView;
  readonly passive: PassiveView;
  /** Brings a link up that the peer asked for. */
  readonly link: (peer: PeerId, now?: number) => void;
  /** Takes in announcements as if `from` had brought them, and walks. */
  readonly hear: (from: PeerId, ...announcements: readonly SignedAnnouncement[]) => void;
}

export function views(groupOf: GroupOf = () => undefined): Views {
  const directory = new Directory(SELF);
  const reputation = new Reputation();
  const view = new ActiveView(directory, reputation, groupOf, randomFrom('view'));
  const passive = new PassiveView(SELF, directory, view.links, randomFrom('passive'));
  view.start(0);
  return {
    directory,
    reputation,
    view,
    passive,
    link: (other, now = 0) => {
      view.asked(other, now, new Outbox());
      view.linkUp(other, now, new Outbox());
      directory.walk(view.links, now);
    },
    hear: (from, ...announcements) => {
      for (const each of announcements) directory.heard(each, from, 0);
      directory.walk(view.links, 0);
    },
  };
}

/** A whole overlay that was started, with a hand on its inputs. */
export interface Driven {
  readonly overlay: Overlay;
  readonly step: (input: Input<OverlayMessage, OverlayCommand>, now?: number) => readonly OverlayEffect[];
  readonly receive: (from: PeerId, message: OverlayMessage, now?: number) => readonly OverlayEffect[];
  /** A link that the peer asked for, with the signatures that it makes necessary. */
  readonly link: (peer: PeerId, now?: number) => readonly OverlayEffect[];
  /** Fires the timer that is due next, no later than `until`; undefined when none is. */
  readonly fire: (until: number) => { now: number; effects: readonly OverlayEffect[] } | undefined;
  /** Fires every timer up to `until`, signs whatever is to be signed, and returns all effects. */
  readonly run: (until: number) => readonly OverlayEffect[];
}

export function unstarted(): Driven {
  const overlay = createOverlay({ self: SELF, board: BOARD, version: 2, random: randomFrom('overlay') });
  const timers = new Map<string, number>();
  const step: Driven['step'] = (input, now = 0) => {
    const effects = overlay.step(input, now as Instant);
    for (const effect of effects) {
      if (effect.kind === 'arm') timers.set(effect.timer, now + effect.afterMs);
      if (effect.kind === 'disarm') timers.delete(effect.timer);
    }
    return effects;
  };
  const fire: Driven['fire'] = (until) => {
    const [next] = [...timers].sort(([, a], [, b]) => a - b);
    if (next === undefined || next[1] > until) return undefined;
    timers.delete(next[0]);
    return { now: next[1], effects: step({ kind: 'elapsed', timer: next[0] }, next[1]) };
  };
  /** `effects`, and those of the signatures that they ask for. */
  const signing = (effects: readonly OverlayEffect[], now: number): readonly OverlayEffect[] => {
    const all = [...effects];
    for (const effect of all)
      if (effect.kind === 'sign')
        all.push(...step({ kind: 'signed', tag: effect.tag, signature: SIGNATURE }, now));
    return all;
  };
  const run: Driven['run'] = (until) => {
    const all: OverlayEffect[] = [];
    for (let fired = fire(until); fired !== undefined; fired = fire(until))
      all.push(...signing(fired.effects, fired.now));
    return all;
  };
  return {
    overlay,
    step,
    fire,
    run,
    receive: (from, message, now = 0) => step({ kind: 'received', from, message }, now),
    link: (other, now = 0) => {
      step({ kind: 'asked', peer: other }, now);
      return signing(step({ kind: 'linkUp', peer: other }, now), now);
    },
  };
}

export function started(): Driven {
  const driven = unstarted();
  driven.step({ kind: 'command', command: { type: 'start', wallMs: 1_000 } });
  return driven;
}
