/** Tabs of one profile share one disk; this tells the others what changed on it. */
import { isIdText } from '../kernel/ids.ts';
import { isScratchId } from '../scratch/scratch-link.ts';

/** `boards`: the list changed. `erased`: everything of a board is gone. `returned`: edits of a board came back, or were dismissed. */
export type ProfileNews =
  { readonly kind: 'boards' } | { readonly kind: 'erased' | 'returned'; readonly boardId: string };

export interface ProfileChannel {
  tell(news: ProfileNews): void;
}

/** Opens the channel where the platform has one; elsewhere tabs learn of changes when they are reloaded. */
export function openProfileChannel(onNews: (news: ProfileNews) => void): ProfileChannel {
  if (typeof BroadcastChannel === 'undefined') return { tell: () => undefined };
  const channel = new BroadcastChannel('tabswarm/profile');
  channel.onmessage = (event: MessageEvent<unknown>) => {
    const news = read(event.data);
    if (news !== undefined) onNews(news);
  };
  return { tell: (news) => channel.postMessage(news) };
}

/** A tab of another version may say things that we do not know. */
function read(data: unknown): ProfileNews | undefined {
  if (typeof data !== 'object' || data === null || !('kind' in data)) return undefined;
  if (data.kind === 'boards') return { kind: 'boards' };
  const { kind } = data;
  if ((kind !== 'erased' && kind !== 'returned') || !('boardId' in data)) return undefined;
  const { boardId } = data;
  if (typeof boardId !== 'string') return undefined;
  return isIdText(boardId) || isScratchId(boardId) ? { kind, boardId } : undefined;
}
