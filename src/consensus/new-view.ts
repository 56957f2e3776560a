/** What a new view has to begin with, computed from the view changes that it is built on (Castro and Liskov, section 4.4, O). */
import type { Hash } from '../kernel/ids.ts';
import { NULL_BATCH } from './requests.ts';
import type { StableCertificate, ViewChange } from './statements.ts';

export interface Plan {
  /** The highest stable checkpoint among the view changes; min-s is its sequence number. */
  readonly stable: StableCertificate;
  /** What each sequence number from min-s + 1 to `end` gets. */
  readonly order: ReadonlyMap<number, Hash>;
  /** max-s: the highest sequence number that anybody prepared, or min-s. */
  readonly end: number;
}

/** The plan of view 0, in which nothing was before. */
export function firstPlan(stable: StableCertificate): Plan {
  return { stable, order: new Map(), end: stable.seq };
}

/**
 * The plan that a quorum's valid view changes lead to; not empty. For each sequence number the batch that was prepared in the highest
 * view, and the null batch where there is none: a batch that was decided anywhere was prepared by at least one of any quorum.
 */
export function planNewView(changes: readonly ViewChange[]): Plan {
  const stable = changes.map((change) => change.stable).reduce((a, b) => (b.seq > a.seq ? b : a));
  const best = new Map<number, { readonly view: number; readonly digest: Hash }>();
  for (const { view, seq, digest } of changes.flatMap(({ prepared }) => prepared)) {
    const known = best.get(seq);
    if (known === undefined || view > known.view) best.set(seq, { view, digest });
  }
  const end = Math.max(stable.seq, ...best.keys());
  const order = new Map<number, Hash>();
  for (let seq = stable.seq + 1; seq <= end; seq++) order.set(seq, best.get(seq)?.digest ?? NULL_BATCH);
  return { stable, order, end };
}
