/**
 * Where history can be cut. Entries that were written at the same time as one that a checkpoint replaces, and are not part of it, lose their
 * effect by it; so it is made up to an entry with which every other one held compares: it lies before or behind. There is one after
 * each pause in which everybody got everything.
 */
import type { Hash } from '../kernel/ids.ts';
import { predecessorsOf } from './entry.ts';
import type { Journals } from './journals.ts';

/**
 * The newest such entry among the first `upTo` ones held; undefined when there is none. Which entries it may be does not depend on the order
 * in which they came.
 */
export function newestBottleneck(journals: Journals, upTo: number): Hash | undefined {
  const { order } = journals;
  const tipCounts = tipCountsOf(journals);
  let reach = order.length;
  for (let at = order.length - 1; at >= 0; at--) {
    const entry = order[at];
    if (entry === undefined) return undefined;
    // All that come later build on this one or on something later, and all that came before lie in its past.
    if (at < upTo && reach >= at && tipCounts[at] === 1) return entry.hash;
    const places = predecessorsOf(entry).map((hash) => placeOf(journals, hash));
    reach = Math.min(reach, Math.max(-1, ...places));
  }
  return undefined;
}

/** Whether every entry held lies before or behind this one. */
export function isBottleneck(journals: Journals, hash: Hash): boolean {
  const at = placeOf(journals, hash);
  return at >= 0 && newestBottleneck(journals, at + 1) === hash;
}

/** Of each entry, how many tips it and those before it have. */
function tipCountsOf(journals: Journals): readonly number[] {
  const tips = new Set<Hash>(journals.settled.flatMap(({ isTip, root }) => (isTip ? [root.hash] : [])));
  return journals.order.map((entry) => {
    for (const hash of predecessorsOf(entry)) tips.delete(hash);
    tips.add(entry.hash);
    return tips.size;
  });
}

/** Place in the order of an entry held, from 0; -1 for what is not held or was replaced by a checkpoint. */
export function placeOf(journals: Journals, hash: Hash): number {
  const held = journals.standing(hash);
  if (held === undefined || journals.isRoot(hash)) return -1;
  return held.line.places[held.entry.seq - held.line.start] ?? -1;
}
