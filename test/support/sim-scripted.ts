/** A world of scripted machines: for tests of the world itself. */
import type { PeerId } from '../../src/kernel/ids.ts';
import type { NoteEffect, Note, Order } from '../contract/driver-script.ts';
import { note, NoteProtocol, ScriptedMachine } from '../contract/driver-script.ts';
import type { Birth, Life, ParticipantOptions } from '../../src/sim/participant.ts';
import type { WorldSettings } from '../../src/sim/settings.ts';
import { World } from '../../src/sim/world.ts';

/** Remembers its inputs like every scripted machine, and accepts whoever asks. */
export class Peer extends ScriptedMachine {
  readonly gaps: number[] = [];
  readonly heard: string[] = [];
}

export type ScriptedWorld = World<Peer, Note, Order, string>;

/** All delays fixed, so that a test can say when something happens. */
export const PLAIN: Partial<WorldSettings> = {
  delayMs: [10, 10],
  jitterMs: [0, 0],
  connectMs: [100, 100],
  introductionMs: [20, 20],
  writeMs: [5, 5],
  signMs: [1, 1],
  reconnectMs: [0, 0],
  silentMs: 5_000,
};

export function createScriptedWorld(
  settings: Partial<WorldSettings> = PLAIN,
  seed = 'scripted',
): ScriptedWorld {
  return new World({ seed, replay: 'npx vitest run test/sim/world.test.ts', settings });
}

export function addScripted(
  world: ScriptedWorld,
  options: ParticipantOptions,
  onBirth: (wallMs: () => number, birth: Birth<Order>) => void = () => {},
  page: Pick<Life<Peer, Note, Order, string>, 'onFreeze' | 'onResume'> = {},
): PeerId {
  return world.addPeer(options, (birth) => {
    onBirth(birth.wallMs, birth);
    const node = new Peer();
    node.react = (input) =>
      input.kind === 'asked' ? [{ kind: 'answer', peer: input.peer, accept: true }] : [];
    return {
      node,
      protocol: new NoteProtocol(),
      onGap: (sleptMs) => void node.gaps.push(sleptMs),
      onEvent: (event) => void node.heard.push(event),
      ...page,
    };
  });
}

export function order(world: ScriptedWorld, peer: PeerId, ...effects: NoteEffect[]): boolean {
  return world.command(peer, { kind: 'order', effects });
}

export function say(
  world: ScriptedWorld,
  from: PeerId,
  to: PeerId,
  text: string,
  lane: 'control' | 'journal' | 'bulk' = 'journal',
): void {
  order(world, from, { kind: 'send', to, message: note(text), lane });
}

/** Inputs of one kind that a participant has seen in this life. */
export function seen(world: ScriptedWorld, peer: PeerId, kind: string): string[] {
  return world
    .node(peer)
    .seen.filter((text) => text.startsWith(`${kind} `))
    .map((text) => text.slice(kind.length + 3));
}

/** Two participants with a link between them, all in one browser so that nothing else is needed. */
export function createPair(settings: Partial<WorldSettings> = PLAIN): {
  world: ScriptedWorld;
  a: PeerId;
  b: PeerId;
} {
  const world = createScriptedWorld(settings);
  const a = addScripted(world, { name: 'a' });
  const b = addScripted(world, { name: 'b' });
  order(world, a, { kind: 'dial', peer: b });
  world.run(200);
  return { world, a, b };
}
