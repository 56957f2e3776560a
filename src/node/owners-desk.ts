/** What an owner decrees, put into the words of an entry: whom it may be about, and what stays of an evicted member's journals. */
import type { MemberId } from '../kernel/ids.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import { encodeDecree, MAX_CUTS, type Cut } from '../identity/decrees.ts';
import { endOf, type Journals, type Line } from '../replication/journals.ts';
import type { Draft } from '../replication/own-journal.ts';
import type { ActionRefusal, DecreeRefusal, OwnerDecree } from './events.ts';
import type { Roster } from './roster.ts';

/** The entry to write, or why `by` may not. */
export function composeDecree(
  wanted: OwnerDecree,
  by: MemberId,
  wallMs: number,
  roster: Roster,
  journals: Journals,
): Result<Draft, ActionRefusal | DecreeRefusal> {
  const decree =
    wanted.kind === 'evict' ? { ...wanted, cuts: cutsOf(wanted.member, roster, journals) } : wanted;
  if (roster.roleOf(by) !== 'owner') return refuse('notAllowed');
  if (decree.kind !== 'revoke' && roster.roleOf(decree.member) === undefined) return refuse('unknownMember');
  if (roster.whyNot(decree, by) !== undefined) return refuse('memberProtected');
  return ok({ kind: decree.kind, payload: encodeDecree(decree), wallMs });
}

/** How far this node has each of the member's journals. Of more than an entry can name, the rest is cut at the entry's causal past: the same place. */
function cutsOf(member: MemberId, roster: Roster, journals: Journals): readonly Cut[] {
  const whole = (line: Line): readonly Cut[] => {
    const last = line.entries.at(-1);
    return last === undefined ? [] : [{ author: line.author, seq: endOf(line), head: last.hash }];
  };
  return roster
    .peersOf(member)
    .flatMap((peer) => {
      const lines = journals.linesOf(peer);
      // Of a journal that forked, several branches may stay: the causal past has them all.
      return lines.length === 1 ? lines.flatMap(whole) : [];
    })
    .slice(0, MAX_CUTS);
}
