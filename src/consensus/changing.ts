/** Changing the view (Castro and Liskov, sections 4.4 and 4.5.2). */
import { primaryOf } from './committee.ts';
import { orderAll, propose } from './ordering.ts';
import { isOver, isPrimary, say, seatKey, want, type Parts } from './parts.ts';
import { learnStable } from './settling.ts';
import type { SignedChange, SignedNewView } from './views.ts';

/** Leaves the present view for `view`, with the proof of what may have been decided. */
export function leaveFor(parts: Parts, view: number): void {
  const { checkpoints, outbox, patience, prepared, views } = parts;
  views.leaveFor(view);
  patience.leave();
  const certificates = [...prepared.values()].sort((a, b) => a.seq - b.seq);
  say(parts, { kind: 'viewChange', view, stable: checkpoints.stable, prepared: certificates });
  outbox.effect({ kind: 'emit', event: { type: 'view', view, isActive: false } });
}

/** Does what the view changes and new views that are held call for. */
export function turn(parts: Parts): void {
  if (parts.isHalted || isOver(parts)) return;
  join(parts);
  announce(parts);
  for (const newView of parts.views.waiting()) if (tryToEnter(parts, newView)) break;
  const { committee, patience, views } = parts;
  // Whoever went on to a later view has passed this one: counted as well, or two groups of which neither is a quorum would wait for ever.
  if (!views.isActive && views.changesFrom(views.view).length >= committee.quorum)
    patience.quorumLeft(parts.now);
}

/** f + 1 seats are ahead, so at least an honest one: goes with them, to the lowest of their views. */
function join(parts: Parts): void {
  for (;;) {
    const ahead = parts.views.changesFrom(parts.views.view + 1).map(({ statement }) => statement.view);
    if (ahead.length < parts.committee.weakQuorum) return;
    leaveFor(parts, Math.min(...ahead));
  }
}

/** As the primary of the view that we wait for: announces it, once a quorum has left for it. */
function announce(parts: Parts): void {
  const { committee, seat, views } = parts;
  if (views.isActive || !isPrimary(parts)) return;
  const held = views.changesTo(views.view);
  const own = held.find(({ signed }) => signed.seat === seat);
  if (own === undefined || held.length < committee.quorum) return;
  const others = held.filter((each) => each !== own).slice(0, committee.quorum - 1);
  const changes = [own, ...others]
    .map(({ signed, hash }) => ({ seat: signed.seat, change: hash }))
    .sort((a, b) => a.seat - b.seat);
  if (parts.guard.hasAnnounced(views.view)) return;
  say(parts, { kind: 'newView', view: views.view, changes });
}

/** Enters a new view when all that it is built on is here and is what it has to be. */
function tryToEnter(parts: Parts, newView: SignedNewView): boolean {
  const { views } = parts;
  const changes: SignedChange[] = [];
  for (const { seat, change } of newView.statement.changes) {
    const held = views.changeOf(change);
    if (held === undefined)
      want(parts, { what: 'viewChange', digest: change }, seatKey(parts.committee, newView.seat));
    else if (held.seat !== seat || held.statement.view !== newView.statement.view) {
      views.discard(newView);
      return false;
    } else changes.push(held);
  }
  if (changes.length < newView.statement.changes.length) return false;
  enter(parts, newView, changes);
  return true;
}

function enter(parts: Parts, newView: SignedNewView, changes: readonly SignedChange[]): void {
  const { batches, checkpoints, execution, guard, outbox, patience, prepared, views } = parts;
  const plan = parts.planNewView(changes.map(({ statement }) => statement));
  const { view } = newView.statement;
  views.enter(newView, plan);
  patience.entered(parts.now);
  outbox.effect({ kind: 'emit', event: { type: 'view', view, isActive: true } });
  learnStable(parts, plan.stable);
  const { seq: low } = checkpoints.stable;
  const kept = new Set([...plan.order.values(), ...[...prepared.values()].map(({ digest }) => digest)]);
  for (let seq = low + 1; seq <= low + 2 * parts.committee.window; seq++) {
    const decided = execution.decidedAt(seq);
    if (decided !== undefined) kept.add(decided.digest);
  }
  outbox.push({ writes: batches.retain(low, kept) });
  parts.lastProposed = Math.max(plan.end, guard.lastProposed(view));
  parts.lastBarrier = 0;
  if (primaryOf(parts.committee, view) === parts.seat) {
    for (const [seq, digest] of plan.order)
      if (seq > low) say(parts, { kind: 'prePrepare', view, seq, digest });
  }
  orderAll(parts);
  propose(parts);
}
