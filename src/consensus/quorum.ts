/**
 * Quorum arithmetic, in this one place. Castro and Liskov ("Practical Byzantine Fault Tolerance", OSDI 1999, section 3) fix n = 3f + 1 and
 * write quorums as 2f + 1. A committee of tabs has any size, for which 2f + 1 is unsafe: with n = 6 two sets of 3 need not even meet.
 */
import { invariant } from '../kernel/invariant.ts';

/** What a committee of a certain size can bear and needs. */
export interface Quorums {
  /** Seats, n. */
  readonly seats: number;
  /** Most seats that may lie, crash or lose their data: f = floor((n - 1) / 3). */
  readonly faults: number;
  /** Seats that decide: q = ceil((n + f + 1) / 2). Any two such sets share f + 1 seats, so at least an honest one; and n - f suffice. */
  readonly quorum: number;
  /** Seats of which at least one is honest: f + 1. */
  readonly weakQuorum: number;
  /** False for up to 3 seats: one that lies or is gone for good breaks or stops them. */
  readonly isFaultTolerant: boolean;
}

/** Quorums of `seats` seats, a whole number from 1. */
export function quorumsOf(seats: number): Quorums {
  invariant(Number.isInteger(seats) && seats >= 1, 'a committee has at least one seat');
  const faults = Math.floor((seats - 1) / 3);
  const quorum = Math.ceil((seats + faults + 1) / 2);
  return { seats, faults, quorum, weakQuorum: faults + 1, isFaultTolerant: faults > 0 };
}
