/** Commands on comments, planned. */
import * as Y from 'yjs';
import { refuse } from '../kernel/result.ts';
import { newId, planned, type Planned, type Planning } from './command-plan.ts';
import { MAX_COMMENTS, MAX_COMMENTS_PER_CARD, MAX_COMMENT_CHARS, MAX_COUNTER } from './limits.ts';
import { wellFormed } from './plain-text.ts';
import { isRemoved, shownCard } from './removal.ts';
import { asEntry, entryOf, KEY, readCounter } from './schema.ts';

/** Adds a comment below the others. Line breaks stay; only blank text is refused (`emptyTitle`). */
export function planAddComment({ roots, context }: Planning, cardId: string, text: string): Planned {
  if (shownCard(roots, cardId) === undefined) return refuse('unknownCard');
  const words = wellFormed(text).trim();
  if (words === '') return refuse('emptyTitle');
  if (words.length > MAX_COMMENT_CHARS) return refuse('textTooLong');
  let [all, here, latest] = [0, 0, 0];
  roots.comments.forEach((value) => {
    const comment = asEntry(value);
    const of = comment?.get(KEY.card);
    const card = typeof of === 'string' ? asEntry(roots.cards.get(of)) : undefined;
    if (card !== undefined && !isRemoved(card)) all++;
    if (of !== cardId) return;
    here++;
    latest = Math.max(latest, readCounter(comment?.get(KEY.order)));
  });
  if (here >= MAX_COMMENTS_PER_CARD || all >= MAX_COMMENTS) return refuse('tooManyItems');
  const id = newId(roots.comments, context.random);
  const entries: [string, unknown][] = [
    [KEY.card, cardId],
    [KEY.text, words],
    [KEY.author, context.memberId],
    [KEY.at, Math.floor(context.wallMs)],
    [KEY.order, Math.min(latest + 1, MAX_COUNTER)],
  ];
  return planned([id], () => {
    roots.comments.set(id, new Y.Map(entries));
  });
}

/** Removes a comment; `unknownComment` when that card has no such comment. */
export function planRemoveComment({ roots }: Planning, cardId: string, commentId: string): Planned {
  if (shownCard(roots, cardId) === undefined) return refuse('unknownCard');
  if (entryOf(roots.comments, commentId)?.get(KEY.card) !== cardId) return refuse('unknownComment');
  return planned([commentId], () => {
    roots.comments.delete(commentId);
  });
}
