/** Whom the judge of hostile swarms takes for besieged: whoever has links, and none to anybody honest. */
import { describe, expect, it } from 'vitest';
import type { PeerId } from '../../src/kernel/ids.ts';
import { Sieges } from '../../src/sim/sieges.ts';

const [ada, bo, eve, mallory] = ['ada', 'bo', 'eve', 'mallory'] as PeerId[] as [
  PeerId,
  PeerId,
  PeerId,
  PeerId,
];

/** A world in which links change at given times. */
class Links {
  now = 0;
  readonly #changes: readonly (readonly [atMs: number, links: readonly PeerId[]])[];

  constructor(...changes: readonly (readonly [atMs: number, links: readonly PeerId[]])[]) {
    this.#changes = changes;
  }

  run(forMs: number): void {
    this.now += forMs;
  }

  /** Of Ada; Bo has one to her. */
  neighbours(peer: PeerId): readonly PeerId[] {
    if (peer === bo) return [ada];
    return this.#changes.findLast(([atMs]) => atMs <= this.now)?.[1] ?? [];
  }
}

describe('sieges', () => {
  it('last while all links go to hostile members, and are remembered for as long as is asked', () => {
    const world = new Links([0, [bo, eve]], [1_000, [eve, mallory]], [3_000, [eve, bo]]);
    const sieges = new Sieges(world, new Set([ada, bo]));
    sieges.run(900);
    expect(sieges.within(ada, 60_000)).toBe(false);
    sieges.run(1_600);
    expect(sieges.within(ada, 0)).toBe(true);
    sieges.run(5_000);
    expect(world.now).toBe(7_500);
    expect(sieges.within(ada, 4_400)).toBe(false);
    expect(sieges.within(ada, 5_100)).toBe(true);
    expect(sieges.within(bo, 60_000)).toBe(false);
    expect(sieges.count).toBe(1);
  });

  it('are none where nobody is linked: whoever loses all links has to find others', () => {
    const sieges = new Sieges(new Links([0, []]), new Set([ada, bo]));
    sieges.run(5_000);
    expect(sieges.count).toBe(0);
  });
});
