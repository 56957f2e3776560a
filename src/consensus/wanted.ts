/** What is asked for by its hash: of one helper after the other, until it is here or nobody needs it. */
import type { Hash, PeerId } from '../kernel/ids.ts';
import { MAX_MORE_HELPERS, MAX_WANTED } from './limits.ts';
import type { Fetch } from './questions.ts';

interface Want {
  readonly fetch: Fetch;
  asked: PeerId | undefined;
}

export class Wanted {
  readonly #wants = new Map<Hash, Want>();
  /** Whom to ask, ourselves not among them. */
  #helpers: readonly PeerId[];
  /** Others that say that they have what we are on our way to, the newest last. */
  #more: readonly PeerId[] = [];

  constructor(helpers: readonly PeerId[]) {
    this.#helpers = helpers;
  }

  /** From now on these are asked. */
  askFrom(helpers: readonly PeerId[]): void {
    this.#helpers = helpers;
    this.#more = [];
  }

  /** This one is asked too. Whoever says so in vain costs one question in each round. */
  askToo(helper: PeerId): void {
    if (this.#helpers.includes(helper) || this.#more.includes(helper)) return;
    this.#more = [...this.#more, helper].slice(-MAX_MORE_HELPERS);
  }

  has(digest: Hash): boolean {
    return this.#wants.has(digest);
  }

  /** Wants something, which `likely` should have; whom to ask now, if anybody. */
  add(fetch: Fetch, likely: PeerId | undefined): PeerId | undefined {
    if (this.#wants.has(fetch.digest) || this.#wants.size >= MAX_WANTED) return undefined;
    const isHelper = likely !== undefined && this.#helpers.includes(likely);
    const asked = isHelper ? likely : this.#after(likely);
    this.#wants.set(fetch.digest, { fetch, asked });
    return asked;
  }

  got(digest: Hash): void {
    this.#wants.delete(digest);
  }

  /** Whom to ask for what, once more: each time the next one. What is no longer needed is dropped. */
  again(isNeeded: (fetch: Fetch) => boolean): (readonly [helper: PeerId, fetch: Fetch])[] {
    for (const [digest, { fetch }] of [...this.#wants]) if (!isNeeded(fetch)) this.#wants.delete(digest);
    return [...this.#wants.values()].flatMap((want) => {
      want.asked = this.#after(want.asked);
      return want.asked === undefined ? [] : [[want.asked, want.fetch] as const];
    });
  }

  #after(helper: PeerId | undefined): PeerId | undefined {
    const all = [...this.#helpers, ...this.#more];
    const at = helper === undefined ? -1 : all.indexOf(helper);
    return all[(at + 1) % all.length];
  }
}
