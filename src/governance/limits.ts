/** Bounds of governance; docs/limits.md repeats them with their origin. All of them are part of what every replica must do alike. */

/** Members that were ever let in, evicted ones included: a member key never comes back (as many as the roster holds). */
export const MAX_GOVERNED_MEMBERS = 4096;
/** Tabs that one member ever had here (guess: slots in use, and keys that were renewed, in years). */
export const MAX_TABS_EACH = 64;
/** Tabs in all (guess: two for each member). None is forgotten: whatever a forgotten key had signed could be executed once more. */
export const MAX_TABS = 8192;
/** Tabs that voted twice whose proofs are kept, the last ones; that they did is kept of all (guess: two committees of 31 seats, 3 kB each at most). */
export const MAX_KEPT_PROOFS = 64;
/** Invites that may still admit somebody, and void ones that have not expired, each (guess: as many as members). */
export const MAX_INVITES = 4096;
/** Invites of one member that may still admit somebody (guess: a year of weekly links for several teams). */
export const MAX_INVITES_EACH = 256;
/** Journals that one eviction names: more do not fit into an operation of 16 KiB. What is not named stays as the deciding member had it. */
export const MAX_DECIDED_CUTS = 128;
/** Open proposals (guess: more than anybody reads). */
export const MAX_OPEN_PROPOSALS = 32;
/** Open proposals of one author (guess). */
export const MAX_OPEN_EACH = 8;
/** Closed proposals that are kept, the last ones (guess: some months of a group; with all voters' ballots they have to fit into a checkpoint). */
export const MAX_CLOSED_PROPOSALS = 32;
/** Bytes of a proposal's title: 500 characters of up to 4 bytes, as a card's. */
export const MAX_PROPOSAL_TITLE_BYTES = 2000;
/** Bytes of a proposal's text (guess: two pages). */
export const MAX_PROPOSAL_BODY_BYTES = 8 * 1024;
/** Bytes of the reason that goes with a ballot (guess: a paragraph). */
export const MAX_REASON_BYTES = 1024;
/** Bytes of all reasons of one proposal; further ballots have to do without (guess: 60 short ones). Keeps the state below what a checkpoint holds. */
export const MAX_REASONS_BYTES = 32 * 1024;
/** Bytes of a column's id: as on the board. */
export const MAX_COLUMN_ID_BYTES = 256;
/** Shortest time that a proposal is open, ms (guess: a test, or people who sit together). */
export const MIN_OPEN_MS = 1000;
/** Longest time that a proposal is open, ms: 90 days (guess). */
export const MAX_OPEN_MS = 90 * 24 * 60 * 60 * 1000;
/** The last part of the time that a proposal is open, per cent, in which a ballot that turns the result extends it once (guess; OpenZeppelin and others do so). */
export const LATE_PERCENT = 10;
/** How long a transient seat lasts without being renewed, ms (guess: a throttled tab fires timers once a minute). */
export const SEAT_LEASE_MS = 3 * 60 * 1000;
