/** Bounds of consensus; docs/limits.md repeats them with their origin. */

/** Seats of a committee (DESIGN: at most 31 seats, others observe). Sets of seats fit into 31 bits. */
export const MAX_SEATS = 31;
/** Bytes of one operation (guess: a proposal's text with room to spare; large things are named by their hash). */
export const MAX_OPERATION_BYTES = 16 * 1024;
/** Requests in one batch (Castro and Liskov use no bound; research/bft.md 5.3 computes its figures with 64). */
export const MAX_BATCH_REQUESTS = 64;
/** Bytes of the operations of a batch above which no further request is added to it (guess: a message stays far below a link's 1 MiB). */
export const MAX_BATCH_BYTES = 128 * 1024;
/** Largest log window that a committee may choose, and with it prepared certificates in a view change (paper: 256; 31 seats sign 180 kB then). */
export const MAX_WINDOW = 128;
/** Numbers of one client that can be outstanding at once: the table of executed requests has one bit for each. */
export const CLIENT_WINDOW = 32;
/** Requests of one client that wait here: whoever executed before us asks for as many again. */
export const MAX_WAITING_EACH = 2 * CLIENT_WINDOW;
/** Batches that the primary has under way at most (guess: a tenth of the default window and more). */
export const PIPELINE = 8;
/**
 * Batches that the primary has under way before it lets requests gather: beside them only a full batch goes out. In tabs a place costs some 40 ms of processor
 * and each further request 1 to 2 (docs/benchmarks.md, "Real tabs"). Guess: with one, whoever asks second would wait for the whole of the first.
 */
export const EAGER_PIPELINE = 2;
/** Bytes of one piece of the state that a checkpoint certifies: as pieces of board checkpoints. */
export const PIECE_BYTES = 128 * 1024;
/** Pieces of the largest state, 16 MiB (guess: members, seats, proposals and ballots of years). */
export const MAX_PIECES = 128;
/** Bytes of the largest state: MAX_PIECES of PIECE_BYTES. */
export const MAX_STATE_BYTES = MAX_PIECES * PIECE_BYTES;
/** Pieces asked for and not here yet (guess: half a MiB on its way). */
export const PIECE_WINDOW = 4;
/** Checkpoint votes kept of one seat: its newest (a window holds at most so many when it is twice the interval; guess beyond). */
export const MAX_CHECKPOINT_VOTES_EACH = 4;
/** Messages sent in answer to one status (guess: a few sequence numbers with all their votes for 31 seats). */
export const MAX_RESENT = 128;
/** Decisions, with their requests, sent in answer to one status (guess: at most 2 MiB, as a rule a few kB). */
export const MAX_RESENT_DECISIONS = 16;
/** Answers to one seat's statuses and fetches within one {@link STATUS_MS} (guess: a transfer's pieces, and then some). */
export const MAX_ANSWERS = 32;
/** Things fetched by their hash at once (guess: the batches of a window of 64 and the view changes of 21 seats). */
export const MAX_WANTED = 128;
/** Peers without a seat that are asked for the state that an epoch begins with, besides its seats (guess: the owner's tabs). */
export const MAX_MORE_HELPERS = 4;
/** Time between two statuses, ms (guess: a lost message costs a second). Earlier or later by up to {@link STATUS_JITTER_MS}. */
export const STATUS_MS = 1_000;
export const STATUS_JITTER_MS = 200;
/** Times that the wait between two hand-overs of one request to one primary is doubled at most: up to 16 s (guess). */
export const MAX_FORWARD_DOUBLINGS = 4;
/** How long the oldest request may wait for its execution before the view is changed, ms; doubled with every view in a row (guess: many round trips of a bad mesh). */
export const PATIENCE_MS = 4_000;
/** A timer that comes later than this says that the tab slept (guess: timers of hidden tabs fire once a second, and then some). */
export const MAX_TIMER_LATE_MS = 1_500;
/** Times that patience is doubled at most: 64 times as long, 4 minutes (guess). */
export const MAX_DOUBLINGS = 6;
/** Writes that failed are tried again after this, ms: as replication does. */
export const STORE_RETRY_MS = 5_000;
/** Epochs of one board, each a link of a few hundred bytes to 4 kB in memory and on disk (guess: a change every hour for 7 years). */
export const MAX_EPOCHS = 65_536;
/** Links in one message (guess: at most 40 kB). */
export const MAX_LINKS = 8;
/** Links sent in answer to one status (guess: 60 kB with 4 seats, at most 400 kB; a newcomer follows 64 epochs a second). */
export const MAX_RESENT_LINKS = 8 * MAX_LINKS;
/** Rows of the table of executed requests (guess: 64 tabs of each of 128 members; 360 kB of the state). */
export const MAX_CLIENTS = 8_192;
/** Requests that wait here, of all clients (guess: all that the seats of the largest committee may have outstanding, twice). */
export const MAX_PENDING = 2_048;
/** Peers without a seat whose questions are counted, within half a {@link STATUS_MS}; more are not answered (guess: a large board's tabs). */
export const MAX_ASKERS = 256;
/** Proofs of double votes that the group has not decided on, one for each key, of 3 kB at most (guess: more than two committees whose seats all lie). */
export const MAX_LIES = 64;
/** Claims of one seat in one epoch that are remembered to find a second one for the same place (guess: four windows of all three votes at the usual window; 2 MiB with 31 seats). */
export const MAX_WITNESSED = 512;
/** How long a seat calls the roll of its committee, and hears less than a quorum, before it follows an owner's new beginning, ms (guess: ten calls, each with its answers a round trip). */
export const SILENCE_MS = 10_000;
/** For how long an answer to the roll counts, ms (guess: three calls and a lost one; whoever goes over to the new committee meanwhile is soon no part of the old). */
export const ANSWER_STANDS_MS = 4_000;
/** How much longer than {@link SILENCE_MS} a call of the roll goes on at most while a seat that answered says that it has more than it has shown, ms (guess: a state of some MB; a liar costs so much once). */
export const PROOF_MS = 20_000;
/** How long it stands that a quorum answered the roll, for who hears of an owner's new beginning again and again, ms (guess: so seldom that it costs nothing). */
export const ROLL_STANDS_MS = 60_000;
/** How far a proposal's time may lie ahead of our clock, ms (guess: clocks that are set by the network differ by less than a second). */
export const MAX_CLOCK_AHEAD_MS = 60_000;
/** How far a fresh proposal's time may lie behind our clock while a quorum is reachable, ms (guess: above the longest patience, 4 minutes). */
export const MAX_CLOCK_BEHIND_MS = 600_000;
