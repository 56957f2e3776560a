/** Bounds of the node's own part; docs/limits.md repeats them with their origin. */

/** Version of everything that travels between peers. Peers of different versions part with `protocolMismatch`. */
export const PROTOCOL_VERSION = 6;
/** A new link must say hello within this (guess: several round trips on a bad link). */
export const HELLO_DEADLINE_MS = 10_000;
/** How long a link whose membership we cannot judge yet may stay, so that its journals can tell us. */
export const GUEST_DEADLINE_MS = 15_000;
/** How long two newcomers keep a link while both wait for the board (guess: a copy of a usual board takes one second; a crowd that arrives together on a slow machine needs several). */
export const EARLY_DEADLINE_MS = 8000;
/** A refused peer may read the reason before the link is cut. */
export const FAREWELL_MS = 2000;
/** Messages of one neighbour that may be malformed or wrongly signed before the link is ended. */
export const MAX_REFUSALS_PER_LINK = 3;
/** Longest chain of admissions in a hello: creator, then who was invited by whom. */
export const MAX_CREDENTIAL = 16;
/** Members and peers the roster holds; further admissions are refused. */
export const MAX_MEMBERS = 4096;
/**
 * Members, invites in use, and void invites that a checkpoint can hold, each. Admissions that do not know of each other may be more than
 * MAX_MEMBERS; a board with more than this gets no checkpoint (guess: sixteen times as many).
 */
export const MAX_SETTLED_ITEMS = 65_536;
/** Commands whose entries are not durable yet. */
export const MAX_OPEN_COMMANDS = 10_000;

/** Own entries of one journal, the latest, whose cards are told with the number of devices that hold them. Guess: what a person did lately. */
export const MAX_TOLD_ENTRIES = 200;
/** Own edits that lost their effect, the latest, held until the session has them on disk. Guess: as many as are kept there. */
export const MAX_LOST_EDITS = 200;
/** What waits until a decree of ours is signed, which takes a millisecond or two (guess: far more than a person or a crowd of newcomers does meanwhile). */
export const MAX_WAITING_TURNS = 256;
/** Sequence numbers whose decisions are kept with their certificates, the latest (guess: months of a group). */
export const MAX_DECISIONS_KEPT = 512;
/** Bytes of the decisions that are kept (guess: 512 of usual size take less than 1 MiB). */
export const MAX_ARCHIVE_BYTES = 8 * 1024 * 1024;
/** Bytes of one message of the committee: a broadcast of the overlay with room for what is around it. */
export const MAX_SAID_BYTES = 1_044_000;
/** Requests of others that are told to a new neighbour (as many as a batch holds). */
export const MAX_TOLD_REQUESTS = 64;
/** Answers to one neighbour that asks for the founding; it needs one (guess). */
export const MAX_FOUNDINGS_TOLD = 4;
/** What a tab has asked the group for by itself and that is not decided yet (guess: a quarter of what one client may have outstanding). */
export const MAX_OPEN_ERRANDS = 8;
/** Time between two statuses of an idle replica, ms (guess: what nobody misses for so long, and a 20th of the rate while something is under way). */
export const IDLE_STATUS_MS = 20_000;
/** Errands looked at at once, and refused ones that are remembered (guess: more than tabs in sight). */
export const MAX_ERRANDS = 256;
/** How long an entry has been with a seat before history may end with it, while somebody of each member who may edit is here, ms (ADR 0019: ten times as long as a split takes to heal). */
export const SETTLE_MS = 10 * 60 * 1000;
/** The same while some are away, ms: what they write meanwhile without knowing of the checkpoint is lost to the board (guess: whoever was away for a night, or a day without a network, loses nothing). */
export const AWAY_MS = 24 * 60 * 60 * 1000;
/** By how much sooner a seat follows another than it would propose itself, ms (guess: the entry came to the other one first, and clocks differ). */
export const SETTLE_GRACE_MS = 60_000;
/** Entry bytes that are worth a checkpoint (guess: 150 edits, which a newcomer takes in at once). */
export const MIN_HISTORY_BYTES = 32 * 1024;
/** Nor is one made before entries are this part of the last checkpoint: making one costs as much as the board is large, so that all of them together cost a few times the last one (guess). */
export const HISTORY_SHARE = 4;
/** Least time between two checkpoints that a seat makes, ms (guess: 1.4 s for the bench's board, so a fortieth of the time at worst). */
export const COMPOSE_GAP_MS = 60_000;
/** When a seat that said something proposes another checkpoint, ms, if no quorum has followed (guess: several looks of everybody). */
export const STALE_ATTEMPT_MS = 5 * 60 * 1000;
/** When a seat whose board was too large for a checkpoint tries again, ms (guess: it costs seconds each time). */
export const VAIN_ATTEMPT_MS = 60 * 60 * 1000;
/** Bytes of a recording, which is kept in memory while a board is open (guess: 40 to 90 minutes of a simulated committee of six in trouble, which take 3 to 7 kB a second; a quiet tab takes less). */
export const MAX_RECORDING_BYTES = 16 * 1024 * 1024;
