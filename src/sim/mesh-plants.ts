/** Bugs to plant in an overlay, each of which the judges of the mesh scenarios must catch. */
import type { PeerId } from '../kernel/ids.ts';
import type { OverlayEffect } from '../overlay/commands.ts';
import { shortTempered } from './blame-watch.ts';
import type { MeshMachine } from './mesh-life.ts';

/** Names told within this long of a new link are what `forgetful` forgets, ms; the overlay tells them within a third of a second. */
const NEWS_MS = 2_000;
/** Silence that is enough for `hasty`, ms: hardly more than the heartbeats' own second. */
const HASTY_MS = 1_200;

/** Messages between two timers that are too many for `shortTempered`. */
const MANY_AT_ONCE = 16;

type Plant = (overlay: MeshMachine, peer: PeerId) => MeshMachine;

/** The same overlay with its effects tampered with. */
function tampered(change: (effects: readonly OverlayEffect[]) => readonly OverlayEffect[]): Plant {
  return (overlay) => ({ step: (input, now) => change(overlay.step(input, now)) });
}

const PLANTS: Readonly<Record<string, Plant>> = {
  /** Ends the link of whoever brings much at once. */
  shortTempered: (overlay) => shortTempered(overlay, MANY_AT_ONCE),
  /** Lets everybody in. */
  greedy: tampered((effects) =>
    effects.map((effect) => (effect.kind === 'answer' ? { ...effect, accept: true } : effect)),
  ),
  /** Announces itself once and never again. */
  mute: (overlay) => {
    let isSaid = false;
    return {
      step: (input, now) =>
        overlay.step(input, now).filter((effect) => {
          if (effect.kind !== 'emit' || effect.event.type !== 'announce') return true;
          const isFirst = !isSaid;
          isSaid = true;
          return isFirst;
        }),
    };
  },
  /** Hands no broadcast on. */
  selfish: tampered((effects) =>
    effects.filter(
      (effect) => effect.kind !== 'send' || effect.message.kind !== 'gossip' || effect.message.hops === 1,
    ),
  ),
  /** Delivers twice. */
  stuttering: tampered((effects) =>
    effects.flatMap((effect) =>
      effect.kind === 'emit' && effect.event.type === 'delivered' ? [effect, effect] : [effect],
    ),
  ),
  /** Names no broadcasts to anybody, so that nobody can ask for what did not come. */
  silentHolder: tampered((effects) =>
    effects.filter((effect) => effect.kind !== 'send' || effect.message.kind !== 'ihave'),
  ),
  /** Asks for nothing that was named and did not come. */
  incurious: tampered((effects) =>
    effects.filter((effect) => effect.kind !== 'send' || effect.message.kind !== 'graft'),
  ),
  /** Tells new neighbours nothing of what was broadcast before they came. */
  forgetful: (overlay) => {
    const upAt = new Map<PeerId, number>();
    return {
      step: (input, now) => {
        if (input.kind === 'linkUp') upAt.set(input.peer, now);
        return overlay.step(input, now).filter((effect) => {
          if (effect.kind !== 'send' || effect.message.kind !== 'ihave') return true;
          return now - (upAt.get(effect.to) ?? 0) > NEWS_MS;
        });
      },
    };
  },
  /** Takes whoever was silent for a moment for dead, without asking it or anybody. */
  hasty: (overlay) => {
    const heardAt = new Map<PeerId, number>();
    return {
      step: (input, now) => {
        if (input.kind === 'received') heardAt.set(input.from, now);
        const effects = [...overlay.step(input, now)];
        for (const effect of effects) if (effect.kind === 'hangUp') heardAt.delete(effect.peer);
        if (input.kind === 'linkDown') heardAt.delete(input.peer);
        for (const [peer, at] of input.kind === 'elapsed' ? heardAt : []) {
          if (now - at < HASTY_MS) continue;
          heardAt.delete(peer);
          effects.push(
            { kind: 'hangUp', peer, reason: 'silent' },
            ...overlay.step({ kind: 'linkDown', peer, reason: 'silent' }, now),
          );
        }
        return effects;
      },
    };
  },
};

/** Names of the bugs. */
export const MESH_PLANTS: readonly string[] = Object.keys(PLANTS);

export function plantIn(name: string): Plant | undefined {
  return PLANTS[name];
}
