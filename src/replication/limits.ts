/** Bounds of replication; docs/limits.md repeats them with their origin. */

/** Largest payload of one entry, bytes. A board command is far smaller; one pasted note of 64 Ki characters fits. */
export const MAX_PAYLOAD_BYTES = 256 * 1024;
/**
 * Largest update, over all its parts, bytes. The largest a board command can cause is the undo of a removed card with 1,000 full
 * comments (board/limits.ts), about 25 MB.
 */
export const MAX_UPDATE_BYTES = 32 * 1024 * 1024;
/** The first writer session of an author, and how many there can be (guess; nothing of ours opens a second one yet). */
export const FIRST_SESSION = 1;
export const MAX_SESSIONS = 16;
/** Authors (tabs that ever wrote) one board can have. */
export const MAX_AUTHORS = 4096;
/** Lines that a frontier names, 600 kB: one for each author, and as many for branches of forks that honest authors built on. */
export const MAX_FRONTIER = 2 * MAX_AUTHORS;
/**
 * Causal predecessors an entry names besides its author's previous one. An entry must name all it knew, or what it refers to would
 * lie outside its causal past: there can be one head for each author.
 */
export const MAX_HEADS = 4096;
/** How deep types nest in the document; a board needs 3 (root, card, notes). Yjs deletes recursively: 10,000 levels end the tab. */
export const MAX_TYPE_DEPTH = 16;
/** How deep arrays and objects nest in one value; a board needs 1. */
export const MAX_VALUE_DEPTH = 16;
/** Hashes of refused entries kept, so that they and what builds on them need no second look (guess: as many as may wait). */
export const MAX_REFUSED = 4096;
/**
 * Statements of refused entries kept, 300 bytes each, so that another entry for the same place is known for a fork: over all authors on the board
 * (as many as refused hashes), of one of them (its lowest places: guess, one would do against whoever goes on), and over all who are not on the board (guess).
 */
export const MAX_STATEMENTS = 4096;
export const MAX_STATEMENTS_EACH = 16;
export const MAX_STATEMENTS_OF_STRANGERS = 256;
/** Proofs of forks kept. Of authors who have nothing on the board, the oldest go first; of the others there cannot be more. */
export const MAX_PROOFS = 2 * MAX_AUTHORS;
/** Entries waiting for a predecessor, in number and in bytes, over all authors (guess: twice a full batch per neighbour). */
export const MAX_WAITING_ENTRIES = 4096;
export const MAX_WAITING_BYTES = 16 * 1024 * 1024;
/**
 * The share of it that one author, or all together who have written nothing so far, may take (guess: a quarter, so that it takes five
 * liars to fill the room).
 */
export const MAX_WAITING_EACH = 1024;
export const MAX_WAITING_BYTES_EACH = 4 * 1024 * 1024;
/** Most bytes of a checkpoint: a board of 50 MB (NUMBERS) with its members and lines. */
export const MAX_CHECKPOINT_BYTES = 64 * 1024 * 1024;
/** A checkpoint travels and is stored in pieces of this size, each with a hash of its own: half a batch, so that one lost link costs little (guess). */
export const CHUNK_BYTES = 128 * 1024;
/** Pieces of the largest checkpoint: MAX_CHECKPOINT_BYTES in CHUNK_BYTES. */
export const MAX_CHUNKS = 512;
/** Most bytes of a certificate (guess; that of 31 seats takes 2.4 kB). */
export const MAX_CERTIFICATE_BYTES = 64 * 1024;
/** Pieces of a checkpoint asked for and not here yet (guess: half a MiB on its way). */
export const CHUNK_WINDOW = 4;
/** Checkpoints that no neighbour could prove, remembered so that nobody is asked for them again (guess). */
export const MAX_HOPELESS_CHECKPOINTS = 16;
/** Proofs of forks in one message, 68 kB (guess: far more than a board has; what does not fit follows with the next round). */
export const MAX_PROOFS_PER_MESSAGE = 256;
/** Entry bytes asked for at once: one batch is one message, and a link's message cap is 1 MiB. */
export const PULL_BUDGET_BYTES = 256 * 1024;
/** Entries in one batch: applying it is one step, and 256 small entries take about half a frame (board.md measured 0.02 ms each, plus rules). */
export const MAX_BATCH_ENTRIES = 256;
/**
 * Batches asked for and not taken in yet: the link carries one while another is checked and applied (guess: 1 MiB on its
 * way).
 */
export const PULL_WINDOW = 4;
/** Batches of one pull, one after the other, of which nothing takes effect, before it ends (guess: what may cross with another pull). */
export const MAX_IDLE_BATCHES = 4;
/**
 * Entries between two rounds of digests that may make us pull because they came before their predecessors: an author of entries that
 * build on nothing must not make everybody pull for ever (guess).
 */
export const MAX_EARLY_PULLS = 8;
/**
 * What one author may bring us by broadcast between two of our rounds of digests, 2 to 5 s apart: entries and bytes of them; the rest comes by
 * pull (guess: the bytes that may wait and twice the entries, which is 1,600 edits a second and more, far above what a script reaches one by one).
 */
export const ALLOWED_ENTRIES = 8192;
export const ALLOWED_BYTES = 16 * 1024 * 1024;
/** Bytes that wait for our disk above which a copy pauses, so that a slow disk bounds what a reload has to fetch again (guess). */
export const MAX_COPY_BACKLOG_BYTES = 4 * 1024 * 1024;
/**
 * Of what waits here, entries that one neighbour gets in one round of digests, or when they come, and bytes of them (guess: far more than members wait for
 * who do not collude; of a full room, 14 kB/s over one link).
 */
export const MAX_HANDED_ENTRIES = 32;
export const MAX_HANDED_BYTES = 64 * 1024;
/** Heads told with a digest; beyond, whole frontiers are exchanged (guess: all tabs of a swarm of 32 that wrote at once, 2 kB). */
export const MAX_SHOWN_HEADS = 32;
/** Time between two rounds of digests: DESIGN section 7 says 2-5 s. */
export const DIGEST_MIN_MS = 2000;
export const DIGEST_MAX_MS = 5000;
/** Neighbours that hear a digest in one round (DESIGN: up to 3-5). */
export const DIGEST_FAN_OUT = 5;
/** A round comes this much earlier or later than it should, or all tabs would speak at once (guess). */
export const DIGEST_JITTER_MS = 500;
/** Peers up to which a board whose digests differ has rounds as often as possible, and from which on as rarely as possible (guess). */
export const SMALL_SWARM = 8;
export const LARGE_SWARM = 64;
/** A pull that brings nothing for this long is given to another neighbour (guess: far above a batch's time on a slow link). */
export const PULL_DEADLINE_MS = 6000;
/** A pull of which nothing took effect for this long may be given to another neighbour as well (guess: ten round trips between continents). */
export const PULL_PATIENCE_MS = 1500;
/** What such a second pull may bring at most by what its source says, bytes: what both give comes twice (guess: a second of a slow link). */
export const MAX_SECOND_PULL_BYTES = 64 * 1024;
/**
 * A neighbour that shows what we lack and answers no pull for this much time of our own rounds is given up: as long as MAX_VAIN_PULLS deadlines, so a link that
 * was fast enough for those is for this.
 */
export const OWED_MS = 24_000;
/**
 * A neighbour that lives and says nothing of what it holds is asked after this much time of our own rounds, and given up after this much (guess: an honest one
 * speaks every 5 s, every 6 s when its timers fire once a second; asked, it answers without a timer. Two longest rounds lie between the two, so it is asked twice).
 */
export const QUIET_ASK_MS = 5500;
export const QUIET_MS = 16_000;
/** Pulls in a row from one neighbour that brought nothing of what it shows, until it is given up (guess: with PULL_DEADLINE_MS, a link of 11 kB/s brings a first batch in time). */
export const MAX_VAIN_PULLS = 4;
/**
 * Wait before pulling what a neighbour shows, so that a broadcast already on its way arrives first (guess: five times the p95 of an edit in
 * 8 tabs on a busy machine).
 */
export const PULL_GRACE_MS = 250;
/** The first acknowledgement after a quiet time waits this long for others (guess). */
export const ACK_DELAY_MS = 250;
/**
 * In a stream of edits the next ones come this long after (guess). With 16 tabs that all write, shorter ones would be most of what
 * replication sends.
 */
export const ACK_GAP_MS = 1500;
/** Writes that failed are tried again after this (guess: a person needs at least seconds to free space). */
export const STORE_RETRY_MS = 5000;
/** Own entries that wait to be written; past it further edits are refused with `notSaved` instead of growing without bound. */
export const MAX_UNSAVED_ENTRIES = 10_000;
/** UTF-8 bytes of the id of the card that somebody has open: board/limits.ts allows ids of 64 ASCII characters. */
export const MAX_CARD_ID_BYTES = 64;
/** Peers whose presence is remembered; the one heard longest ago is forgotten. As many as the overlay knows. */
export const MAX_PRESENCES = 128;
/** Least time between two statements about ourselves (guess: twice a second shows a drag well enough, and costs little). */
export const PRESENCE_GAP_MS = 500;
/** Moving or editing that nobody has said again for this long is over: only the card is still open (guess: longer than a pause for thought). */
export const PRESENCE_ACTIVE_MS = 60_000;
/** A presence that was not refreshed for this long is forgotten. Two and a half of the longest period between two announcements, which carry it. */
export const PRESENCE_TTL_MS = 150_000;

/** Peers that left of which we remember what they hold: so many devices a board can be said to be on beside our neighbours. Guess. */
export const MAX_GONE_HOLDERS = 64;
