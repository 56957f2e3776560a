/**
 * Where every link stands between coming up and being a neighbour, and the timers that keep it from standing there for ever. Decides
 * nothing about membership (handshake.ts does).
 */
import type { PeerId } from '../kernel/ids.ts';
import {
  EARLY_DEADLINE_MS,
  FAREWELL_MS,
  GUEST_DEADLINE_MS,
  HELLO_DEADLINE_MS,
  MAX_REFUSALS_PER_LINK,
} from './limits.ts';
import type { Hello } from './messages.ts';

/**
 * `greeting`: no hello yet. `guest`: served nothing until its journals prove it. `member`: a neighbour. `leaving`: told why it must
 * go; about to be cut. `early`: neither of us has the board yet; it waits for one of us to get it. `fellow`: the same, but one member
 * invited both of us, so it is a neighbour meanwhile.
 */
export type Standing = 'greeting' | 'guest' | 'member' | 'leaving' | 'early' | 'fellow';

/** Whether the overlay knows of a link that stands there. */
export function isNeighbour(standing: Standing | undefined): boolean {
  return standing === 'member' || standing === 'fellow';
}

interface Visitor {
  standing: Standing;
  hello: Hello | undefined;
  refusals: number;
}

const TIMER_PREFIX = 'node/visitor/';

type TimerEffect =
  | { readonly kind: 'arm'; readonly timer: string; readonly afterMs: number }
  | { readonly kind: 'disarm'; readonly timer: string };

const DEADLINES: Readonly<Record<Exclude<Standing, 'member' | 'fellow'>, number>> = {
  greeting: HELLO_DEADLINE_MS,
  guest: GUEST_DEADLINE_MS,
  leaving: FAREWELL_MS,
  early: EARLY_DEADLINE_MS,
};

export class Reception {
  readonly #visitors = new Map<PeerId, Visitor>();

  arrive(peer: PeerId): TimerEffect {
    this.#visitors.set(peer, { standing: 'greeting', hello: undefined, refusals: 0 });
    return { kind: 'arm', timer: TIMER_PREFIX + peer, afterMs: DEADLINES.greeting };
  }

  standing(peer: PeerId): Standing | undefined {
    return this.#visitors.get(peer)?.standing;
  }

  hello(peer: PeerId): Hello | undefined {
    return this.#visitors.get(peer)?.hello;
  }

  move(peer: PeerId, standing: Standing, hello?: Hello): TimerEffect {
    const visitor = this.#visitors.get(peer);
    if (visitor !== undefined) {
      visitor.standing = standing;
      visitor.hello = hello ?? visitor.hello;
    }
    const timer = TIMER_PREFIX + peer;
    return standing === 'member' || standing === 'fellow' || visitor === undefined
      ? { kind: 'disarm', timer }
      : { kind: 'arm', timer, afterMs: DEADLINES[standing] };
  }

  /** Forgets the link; tells where it stood. */
  depart(peer: PeerId): { readonly standing: Standing | undefined; readonly effect: TimerEffect } {
    const standing = this.standing(peer);
    this.#visitors.delete(peer);
    return { standing, effect: { kind: 'disarm', timer: TIMER_PREFIX + peer } };
  }

  /** The peer whose deadline `timer` is, if it is one of ours. */
  overdue(timer: string): PeerId | undefined {
    if (!timer.startsWith(TIMER_PREFIX)) return undefined;
    const peer = timer.slice(TIMER_PREFIX.length) as PeerId;
    return this.#visitors.has(peer) ? peer : undefined;
  }

  /** Links that stand in one of these. */
  in(...standings: readonly Standing[]): readonly PeerId[] {
    return [...this.#visitors]
      .filter(([, { standing }]) => standings.includes(standing))
      .map(([peer]) => peer);
  }

  /** Counts a message that was refused; true when the link has used up our patience. */
  refused(peer: PeerId): boolean {
    const visitor = this.#visitors.get(peer);
    if (visitor === undefined) return false;
    visitor.refusals += 1;
    return visitor.refusals >= MAX_REFUSALS_PER_LINK;
  }
}
