/** Requests that wait to be ordered: the oldest first, and of each client only so many. */
import type { PeerId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/machine.ts';
import {
  MAX_WAITING_EACH,
  MAX_BATCH_BYTES,
  MAX_BATCH_REQUESTS,
  MAX_FORWARD_DOUBLINGS,
  MAX_PENDING,
  STATUS_MS,
} from './limits.ts';
import { requestKey, type Request } from './requests.ts';

interface Waiting {
  readonly request: Request;
  readonly since: Instant;
  /** The view in which it was last proposed by us. */
  proposedIn: number;
  /** Of the view in which it was last handed to the primary: how often, and when it is its turn again. */
  handed: { readonly view: number; readonly times: number; readonly nextAt: number } | undefined;
}

export class Pending {
  readonly #waiting = new Map<string, Waiting>();
  readonly #counts = new Map<PeerId, number>();
  /** Views in which requests that are not here were proposed by us in an earlier life. */
  readonly #underWay = new Map<string, number>();

  /** Takes a request in that was not executed; false when it is known or its client has too many here. */
  add(request: Request, now: Instant): boolean {
    const key = requestKey(request);
    const count = this.#counts.get(request.client) ?? 0;
    if (this.#waiting.has(key) || count >= MAX_WAITING_EACH || this.#waiting.size >= MAX_PENDING)
      return false;
    const proposedIn = this.#underWay.get(key) ?? -1;
    this.#waiting.set(key, { request, since: now, proposedIn, handed: undefined });
    this.#underWay.delete(key);
    this.#counts.set(request.client, count + 1);
    return true;
  }

  /** We proposed it in `view` before we were started again: the same once more would take another place for nothing. */
  wasProposed(request: Pick<Request, 'client' | 'number'>, view: number): void {
    this.#underWay.set(requestKey(request), view);
  }

  /** The request of this client and number that waits here. */
  held(request: Pick<Request, 'client' | 'number'>): Request | undefined {
    return this.#waiting.get(requestKey(request))?.request;
  }

  /** Drops what was executed, or can no longer be. */
  drop(isOver: (request: Request) => boolean): void {
    for (const [key, { request }] of [...this.#waiting]) {
      if (!isOver(request)) continue;
      this.#waiting.delete(key);
      const left = (this.#counts.get(request.client) ?? 1) - 1;
      if (left > 0) this.#counts.set(request.client, left);
      else this.#counts.delete(request.client);
    }
  }

  /** Since when the oldest one waits. Requests are never reordered, so a primary cannot please by serving younger ones. */
  oldest(): Instant | undefined {
    for (const { since } of this.#waiting.values()) return since;
    return undefined;
  }

  /** Whether what is not under way in `view` fills a batch. */
  isFull(view: number): boolean {
    let [count, bytes] = [0, 0];
    for (const { proposedIn, request } of this.#waiting.values()) {
      if (proposedIn === view) continue;
      count += 1;
      bytes += request.operation.length;
      if (count >= MAX_BATCH_REQUESTS || bytes >= MAX_BATCH_BYTES) return true;
    }
    return false;
  }

  /** The next batch to propose in `view`; empty when there is nothing that is not under way. */
  take(view: number): Request[] {
    const batch: Request[] = [];
    let bytes = 0;
    for (const waiting of this.#waiting.values()) {
      if (waiting.proposedIn === view) continue;
      if (batch.length >= MAX_BATCH_REQUESTS || bytes >= MAX_BATCH_BYTES) break;
      waiting.proposedIn = view;
      batch.push(waiting.request);
      bytes += waiting.request.operation.length;
    }
    return batch;
  }

  /** An epoch begins: nothing is under way in it. */
  begin(): void {
    for (const waiting of this.#waiting.values()) {
      waiting.proposedIn = -1;
      waiting.handed = undefined;
    }
    this.#underWay.clear();
  }

  /**
   * Requests to be handed to the primary of `view` now, oldest first, at most `limit`: those that have waited for `patienceMs`, and then ever more
   * seldom. A primary that is only slow knows them; handing all of them on every second is what makes a slow committee slower.
   */
  toHandOn(view: number, now: Instant, patienceMs: number, limit: number): Request[] {
    const due: Request[] = [];
    for (const waiting of this.#waiting.values()) {
      if (due.length >= limit) break;
      const { handed, request, since } = waiting;
      const { nextAt, times } = handed?.view === view ? handed : { nextAt: since + patienceMs, times: 0 };
      if (now < nextAt) continue;
      waiting.handed = {
        view,
        times: times + 1,
        nextAt: now + (STATUS_MS << Math.min(times + 1, MAX_FORWARD_DOUBLINGS)),
      };
      due.push(request);
    }
    return due;
  }

  /** Requests that have waited for at least `ms`, oldest first, at most `limit`. */
  olderThan(ms: number, now: Instant, limit: number): Request[] {
    return [...this.#waiting.values()]
      .filter(({ since }) => now - since >= ms)
      .slice(0, limit)
      .map(({ request }) => request);
  }
}
