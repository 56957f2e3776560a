/** When a writer session may be opened and written in (rule REP-15). */
import type { EntryHeader } from './entry.ts';
import { FIRST_SESSION, MAX_SESSIONS } from './limits.ts';
import type { EntryRefusal } from './outcome.ts';

/** Why an entry is not of its session; `open`: the session of the author's entry before it, if there is one. */
export function judgeSession(
  { session, kind }: EntryHeader,
  open: number | undefined,
): EntryRefusal | undefined {
  if (kind !== 'claim') return open === session ? undefined : 'sessionUnclaimed';
  if (session < (open ?? FIRST_SESSION)) return 'sessionUnclaimed';
  // Who could choose among all sessions would have a choice of client ids, and so of who wins a concurrent change.
  if (session > Math.min((open ?? 0) + 1, MAX_SESSIONS)) return 'sessionSkipped';
  return undefined;
}
