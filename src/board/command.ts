/** Every operation on a board, as data. Screens, scripts and imports use the same ones; run-command.ts carries them out. */

import type { ConflictField } from './snapshot.ts';

/** Where to put a column or card among its siblings: an index counted without the moved one, or an end. */
export type Position = number | 'top' | 'bottom';

/** Fields of a card that `updateCard` can set; a field left out stays as it is. */
export interface CardChanges {
  readonly title?: string;
  readonly notes?: string;
  readonly labels?: readonly string[];
  readonly due?: string | null;
  readonly assignees?: readonly string[];
}

export type BoardCommand =
  | { readonly type: 'renameBoard'; readonly title: string }
  | { readonly type: 'addColumn'; readonly title: string; readonly position?: Position }
  | { readonly type: 'renameColumn'; readonly columnId: string; readonly title: string }
  | { readonly type: 'moveColumn'; readonly columnId: string; readonly position: Position }
  | { readonly type: 'removeColumn'; readonly columnId: string }
  | {
      readonly type: 'addCard';
      readonly columnId: string;
      readonly title: string;
      readonly position?: Position;
    }
  /** One card a title, in the given order: what pasting several lines does. One undo step. */
  | {
      readonly type: 'addCards';
      readonly columnId: string;
      readonly titles: readonly string[];
      readonly position?: Position;
    }
  | { readonly type: 'updateCard'; readonly cardId: string; readonly changes: CardChanges }
  | {
      readonly type: 'moveCard';
      readonly cardId: string;
      readonly columnId: string;
      readonly position: Position;
    }
  | { readonly type: 'archiveCard'; readonly cardId: string }
  | { readonly type: 'restoreCard'; readonly cardId: string }
  | { readonly type: 'removeCard'; readonly cardId: string }
  /**
   * Settles a field that several people changed at once: the value `keep` stays or is written, and the others are no longer shown.
   * The field is a card's or a column's, or the board's title when neither is named. `among`: the values that the person saw (all
   * that there are when left out); others stay open.
   */
  | {
      readonly type: 'resolveConflict';
      readonly cardId?: string;
      readonly columnId?: string;
      readonly field: ConflictField;
      readonly keep: string;
      readonly among?: readonly string[];
    }
  | { readonly type: 'addComment'; readonly cardId: string; readonly text: string }
  | { readonly type: 'removeComment'; readonly cardId: string; readonly commentId: string };

/** Why a command changed nothing. */
export type CommandRefusal =
  | 'unknownColumn'
  | 'unknownCard'
  | 'unknownComment'
  | 'unknownConflict' // the field has no such value to settle: somebody else may have settled it
  | 'emptyTitle'
  | 'textTooLong'
  | 'tooManyItems'
  | 'badPosition'
  | 'badDate'
  | 'badLabel'
  | 'badAssignee'
  | 'nothingToUndo'
  | 'nothingToRedo';

/** Ids of what the command made or touched, in order. */
export interface CommandOutcome {
  readonly ids: readonly string[];
}
