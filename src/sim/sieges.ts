/**
 * Which honest members have links to hostile ones only. Nobody can tell them anything until such a link ends, so the judge gives them the time that
 * the scenario `siege` gives. Who is linked to whom, the network says, not the nodes.
 */
import type { PeerId } from '../kernel/ids.ts';

/** How often it is looked, virtual ms. */
const LOOK_MS = 500;

export interface SiegeWorld {
  readonly now: number;
  run(forMs: number): void;
  neighbours(peer: PeerId): readonly PeerId[];
}

export class Sieges {
  readonly #world: SiegeWorld;
  readonly #honest: ReadonlySet<PeerId>;
  /** When each was seen besieged last. */
  readonly #last = new Map<PeerId, number>();

  constructor(world: SiegeWorld, honest: ReadonlySet<PeerId>) {
    this.#world = world;
    this.#honest = honest;
  }

  /** How many were besieged at some time. */
  get count(): number {
    return this.#last.size;
  }

  /** Lets time pass, and looks. */
  run(forMs: number): void {
    const until = this.#world.now + forMs;
    while (this.#world.now < until) {
      this.#world.run(Math.min(LOOK_MS, until - this.#world.now));
      this.#look();
    }
  }

  /** Whether `peer` was besieged within the last `ms`. */
  within(peer: PeerId, ms: number): boolean {
    return this.#world.now - (this.#last.get(peer) ?? -Infinity) <= ms;
  }

  #look(): void {
    for (const peer of this.#honest) {
      const links = this.#world.neighbours(peer);
      if (links.length > 0 && links.every((other) => !this.#honest.has(other)))
        this.#last.set(peer, this.#world.now);
    }
  }
}
