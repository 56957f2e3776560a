/** Who is at which card, as drawn: one mark for each person on a card, however many tabs they have. Lists keep their identity while equal. */
import { DOINGS, type Doing, type PresenceStatus } from '../ports.ts';

export interface Mark {
  readonly memberId: string;
  readonly doing: Doing;
  readonly asleep: boolean;
}

/** By card id. */
export type Marks = ReadonlyMap<string, readonly Mark[]>;

export const NO_MARKS: Marks = new Map();
export const NOBODY: readonly Mark[] = [];

/** The marks of everybody but ourselves; `old` and its lists where nothing changed, so that only cards that differ are drawn again. */
export function marksFrom(old: Marks, others: readonly PresenceStatus[], selfId: string): Marks {
  const byCard = new Map<string, Map<string, Mark>>();
  for (const { cardId, memberId, doing, asleep } of others) {
    if (memberId === selfId) continue;
    const marks = byCard.get(cardId) ?? new Map<string, Mark>();
    byCard.set(cardId, marks);
    const before = marks.get(memberId);
    const mark = { memberId, doing, asleep };
    marks.set(memberId, before === undefined || isMore(mark, before) ? mark : before);
  }
  const lists = [...byCard].map(([cardId, marks]) => {
    const list = [...marks.values()].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
    const before = old.get(cardId);
    return [cardId, before !== undefined && sameMarks(before, list) ? before : list] as const;
  });
  return keepMarks(old, new Map(lists));
}

/** Those of `marks` that are on one of `cardIds`; `old` when they are the same. */
export function marksAmong(old: Marks, marks: Marks, cardIds: ReadonlySet<string>): Marks {
  return keepMarks(old, new Map([...marks].filter(([cardId]) => cardIds.has(cardId))));
}

function keepMarks(old: Marks, marks: Marks): Marks {
  const same = old.size === marks.size && [...marks].every(([cardId, list]) => old.get(cardId) === list);
  return same ? old : marks;
}

/** Of two tabs of one person on one card, the one that is awake and does more is shown. */
function isMore(a: Mark, b: Mark): boolean {
  if (a.asleep !== b.asleep) return b.asleep;
  return DOINGS.indexOf(a.doing) > DOINGS.indexOf(b.doing);
}

function sameMarks(a: readonly Mark[], b: readonly Mark[]): boolean {
  return (
    a.length === b.length &&
    a.every((mark, at) => {
      const other = b[at];
      return mark.memberId === other?.memberId && mark.doing === other.doing && mark.asleep === other.asleep;
    })
  );
}
