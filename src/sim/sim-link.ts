/**
 * One established link: two directions that carry parcels in order within each lane, hold them back while the path is cut (a data
 * channel sends again until it is given up), and fall silent when the far end is gone.
 */
import type { PeerId } from '../kernel/ids.ts';
import type { Lane } from '../kernel/machine.ts';
import type { Random } from '../kernel/random.ts';
import type { WorldEvent } from './event-heap.ts';

/** Something on its way: `arrive` hands it to the receiver. */
export interface Parcel {
  readonly bytes: number;
  readonly arrive: () => void;
}

export interface Direction {
  readonly from: PeerId;
  readonly to: PeerId;
  /** Whether the end of `from` is established. */
  isUp: boolean;
  /** When the last parcel of each lane arrives; none of the lane arrives before it. */
  readonly laneArrivesAt: Record<Lane, number>;
  /** When the line is free for the next byte. */
  lineFreeAt: number;
  queuedBytes: number;
  /** Parcels that met a cut, in order. */
  held: Parcel[];
  /** Fires when `to` has heard nothing of `from` for too long. */
  silence: WorldEvent | undefined;
}

export interface SimLink {
  readonly ways: readonly [Direction, Direction];
  /** One way, ms. */
  readonly delayMs: number;
  readonly random: Random;
}

function direction(from: PeerId, to: PeerId): Direction {
  return {
    from,
    to,
    isUp: false,
    laneArrivesAt: { control: 0, journal: 0, bulk: 0 },
    lineFreeAt: 0,
    queuedBytes: 0,
    held: [],
    silence: undefined,
  };
}

export function createSimLink(a: PeerId, b: PeerId, delayMs: number, random: Random): SimLink {
  return { ways: [direction(a, b), direction(b, a)], delayMs, random };
}

/** The direction in which `from` sends. */
export function wayFrom(link: SimLink, from: PeerId): Direction {
  return link.ways[0].from === from ? link.ways[0] : link.ways[1];
}

/** The direction in which `to` hears. */
export function wayTo(link: SimLink, to: PeerId): Direction {
  return link.ways[0].to === to ? link.ways[0] : link.ways[1];
}
