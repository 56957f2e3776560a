/**
 * The board as plain JSON: what scripts read, what screens draw, what an export holds. Built by projection.ts from the
 * shared document; never written to.
 */

/** A remark on a card. `at` is the author's own clock, milliseconds since 1970: shown, never used to order anything. */
export interface CommentSnapshot {
  readonly id: string;
  readonly text: string;
  /** Member id (64 hex digits) of who wrote it. */
  readonly author: string;
  readonly at: number;
}

/** Fields of which somebody may have lost a value. `place`: a card's column and its place there; `position`: a column's. */
export type ConflictField = 'title' | 'due' | 'place' | 'position';

/** One of the values that were given to a field by people who had not seen each other's. */
export interface ConflictValue {
  /** Names the value in `resolveConflict`. */
  readonly id: string;
  /** A title, a due date or null, the id of a column, or a column's place as sortable text. */
  readonly value: string | null;
  /** Member id (64 hex digits) of who wrote it, '' when not known. */
  readonly author: string;
  /** The author's clock, milliseconds since 1970, 0 when not known. */
  readonly at: number;
  /** Whether it is the one that the field shows. */
  readonly current: boolean;
}

export interface Conflict {
  readonly field: ConflictField;
  /** The shown value first, then up to 16 others. */
  readonly values: readonly ConflictValue[];
}

export interface CardSnapshot {
  readonly id: string;
  readonly title: string;
  readonly notes: string;
  readonly labels: readonly string[];
  /** Calendar date `YYYY-MM-DD`, or null. */
  readonly due: string | null;
  /** Member ids, sorted. */
  readonly assignees: readonly string[];
  readonly comments: readonly CommentSnapshot[];
  readonly createdAt: number;
  readonly createdBy: string;
  /** Values that lost against others without anybody having chosen; empty nearly always. */
  readonly conflicts: readonly Conflict[];
}

export interface ColumnSnapshot {
  readonly id: string;
  readonly title: string;
  readonly conflicts: readonly Conflict[];
  readonly cards: readonly CardSnapshot[];
}

/**
 * Why a card is not in a column. `columnRemoved`: its column went away while it was there; restoring puts it in the first one.
 * `removed`: somebody removed it without having seen an edit of somebody else.
 */
export type ArchiveReason = 'archived' | 'columnRemoved' | 'removed';

export interface ArchivedCardSnapshot extends CardSnapshot {
  readonly reason: ArchiveReason;
  /** Member ids of who archived or removed it or its column, sorted; empty when not known. */
  readonly by: readonly string[];
  /** Member ids of others whose edits `by` had not seen, sorted. */
  readonly editedBy: readonly string[];
  /** Title of the removed column, or null. */
  readonly column: string | null;
}

export interface BoardSnapshot {
  readonly title: string;
  readonly conflicts: readonly Conflict[];
  readonly columns: readonly ColumnSnapshot[];
  readonly archive: readonly ArchivedCardSnapshot[];
  /** When the board was made from a scratch board, by its creator's clock, milliseconds since 1970. Absent on all others. */
  readonly broughtOver?: number;
}
