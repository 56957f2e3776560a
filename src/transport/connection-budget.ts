/**
 * How many connections a page may open: browsers refuse the 501st, and closed ones count until they are collected (research/mesh.md 0.2
 * and 2, row 9). One budget serves all boards that a page has open one after another. Pure.
 */
import type { Instant } from '../kernel/machine.ts';
import { SlidingWindow } from './sliding-window.ts';

/** Most connections opened within a minute (research/mesh.md 2, row 9: at most 64). */
export const MAX_NEW_PER_MINUTE = 60;
/** Most connections opened within an hour (guess: below the page's limit even if none is ever collected; a stable swarm needs less than 20). */
export const MAX_NEW_PER_HOUR = 360;
/** Most connections that exist at once, attempts included (research/mesh.md 2, row 9). */
export const MAX_LIVE = 40;
/** Most connections that the page still holds, closed ones that are not collected included (Chromium 156 refuses the 501st: research/mesh.md 0.2). */
export const MAX_PER_PAGE = 450;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Which limit is reached. */
export type BudgetCode =
  | 'live' // MAX_LIVE
  | 'minute' // MAX_NEW_PER_MINUTE
  | 'hour' // MAX_NEW_PER_HOUR
  | 'page'; // MAX_PER_PAGE

export class ConnectionBudget {
  readonly #minute = new SlidingWindow(MAX_NEW_PER_MINUTE, MINUTE_MS);
  readonly #hour = new SlidingWindow(MAX_NEW_PER_HOUR, HOUR_MS);
  readonly #held: () => number;
  #live = 0;

  /** `held`: connections that the page has made and that are not collected yet, where that can be known. */
  constructor(held: () => number = () => 0) {
    this.#held = held;
  }

  /** Takes a place, or says which limit leaves none. */
  take(now: Instant): BudgetCode | undefined {
    if (this.#live >= MAX_LIVE) return 'live';
    if (this.#held() >= MAX_PER_PAGE) return 'page';
    if (!this.#hour.has(now)) return 'hour';
    if (!this.#minute.take(now)) return 'minute';
    this.#hour.take(now);
    this.#live += 1;
    return undefined;
  }

  /** A connection is closed. */
  release(): void {
    this.#live -= 1;
  }
}
