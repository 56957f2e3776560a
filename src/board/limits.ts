/**
 * Bounds of a board. Commands are refused above them; readers cut at them, because another member may have written
 * anything. Lengths are UTF-16 code units. All are guesses at "far more than a person needs" unless a source is named;
 * docs/limits.md lists them.
 */

/** Longest title of a board, column or card; at least 1 after trimming. */
export const MAX_TITLE_CHARS = 500;
/** Longest notes of a card. */
export const MAX_NOTES_CHARS = 65_536;
/** Longest comment. */
export const MAX_COMMENT_CHARS = 8_192;
/** Longest label. */
export const MAX_LABEL_CHARS = 60;
/** Labels of one card that a command may set. */
export const MAX_LABELS = 20;
/** Members that a command may assign to one card. */
export const MAX_ASSIGNEES = 50;
/** Columns of one board. */
export const MAX_COLUMNS = 200;
/** Cards of one board, archived ones included (50,000 cards take 15 MB and 1.2 s to load: research, Node.js 20). */
export const MAX_CARDS = 50_000;
/** Titles in one `addCards`. */
export const MAX_ADDED_CARDS = 500;
/** Code units of all titles in one `addCards` together: keeps one command within one journal entry. */
export const MAX_ADDED_CHARS = 65_536;
/** Comments of one card. */
export const MAX_COMMENTS_PER_CARD = 1_000;
/** Comments of one board: `addComment` counts them all, so they need a bound. */
export const MAX_COMMENTS = 100_000;
/** Longest id of a column, card or comment; entries under longer keys are not shown. Ours have {@link NEW_ID_CHARS}. */
export const MAX_ID_CHARS = 64;
/** Length of the ids we make: 5 bits a character, 60 bits, so 50,000 cards collide with probability below 10^-8. */
export const NEW_ID_CHARS = 12;
/** Longest position key, jitter included; longer ones are replaced by re-keying (169 after 1,000 inserts at one gap). */
export const MAX_POSITION_CHARS = 48;
/** Steps that undo remembers. Browsers and editors keep 50 to 1,000. */
export const MAX_UNDO_STEPS = 100;
/** Most labels or assignees shown of one card, as a multiple of what a command may set: concurrent additions add up. */
export const READ_SLACK = 2;
/** Largest counter read from a card or comment (see `order` and `archived` in schema.ts); larger ones read as this one. */
export const MAX_COUNTER = 1_000_000_000;

/**
 * Values of one field that are looked at for conflicts, the last ones in the order that all devices share. A guess: each of them is an edit
 * that somebody made to one field of one card.
 */
export const MAX_FIELD_VALUES = 4_096;
/** Lost values of one field shown at once; settling them brings up older ones. A guess at what a person can compare. */
export const MAX_CONFLICT_VALUES = 16;
/** Writers that a removal names as seen. Beyond it, names in its explanation may be missing, never content. */
export const MAX_SEEN_WRITERS = 64;
