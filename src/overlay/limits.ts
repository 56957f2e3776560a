/** Every number of the overlay: what it bounds, its unit, and where it comes from. docs/limits.md lists the bounds. */

// Active view.

/** Links and attempts in progress together, at any instant. DESIGN section 7 (HyParView's active view, at most 5). */
export const MAX_PLACES = 5;
/** Links we open by ourselves. DESIGN section 7 (active view 4); the fifth place is for those who ask and for bridges. */
export const TARGET_LINKS = 4;
/** Below this many links we dial whoever there is; above it only others who lack links too. DESIGN section 7 (3 to 5). */
export const MIN_LINKS = 3;
/** Places of peers for whom another neighbour had to go. Further ones replace each other, so no crowd pushes out everybody (MAX_PLACES - MIN_LINKS). */
export const MAX_FORCED_PLACES = 2;
/** Links that a peer for whom another had to go has to keep when it goes in its turn, for a newcomer without any. One is enough to find others by. Guess. */
export const SPARED_LINKS = 1;
/** Places that one group of peers (an inviter's subtree) may take while others of other groups are known. Guess: half, rounded up. */
export const MAX_GROUP_PLACES = 3;

/** Dials at once while we have no link. One costs 20-25 % fewer trips through the server than two, and 0.2 s (simulated, 8 and 16 tabs at once). */
export const FIRST_DIALS = 1;
/** After this long without any link the limit above is lifted. Guess: the middle of usual link set-ups (20-2,000 ms). */
export const FIRST_DIALS_MS = 1_000;
/** Pause before the next dial after a link came up, so that announcements arrive and the next dial goes through the mesh. Guess: a round trip. */
export const SETTLE_MS = 300;
/** A place is freed when the driver has not ended an attempt by then. Transport's own deadline is 10 s. */
export const ATTEMPT_MS = 12_000;
/** While links are missing and others could be dialled, our own dial is given up after this long, doubled per such dial up to ATTEMPT_MS. Guess: twice the slowest usual set-up. */
export const PATIENCE_MS = 4_000;
/** A dial to a peer that has become unreachable is given up after this long. Above the slowest usual link set-up (2 s). */
export const HOPELESS_DIAL_MS = 2_500;
/** Both waits above are at least so many times the mean duration of our link set-ups so far... Guess. */
export const SETUPS_OF_PATIENCE = 3;
/** ...and longer by so many times the mean lateness of our timers: sixteen tabs that join at once on two cores starve each other (measured). */
export const LAGS_OF_PATIENCE = 8;
/** Dials to peers of other components at once while we have no link. Eight tabs at once are one group in 3.3 s with two, sooner with four (measured). */
export const MAX_BRIDGES_ALONE = 4;
/** First wait after a failed dial, doubled per failure up to {@link MAX_BACKOFF_MS}, plus or minus a quarter. Guess. */
export const FAILURE_BACKOFF_MS = 1_000;
/** The same after `busy`: the other side is well, and places become free quickly while a swarm grows. Guess. */
export const BUSY_BACKOFF_MS = 500;
/** Longest wait after failed dials. Guess. */
export const MAX_BACKOFF_MS = 60_000;
/**
 * The same while links are missing. Where most pairs have no path, or dials fail by loss, the peer that would give the third link may be one that failed before; with the longer wait, some
 * peers had two links for more than a minute (simulated: seeds 119412581265681, 259748247171645 and 261883855743145 of mesh).
 */
export const MAX_URGENT_BACKOFF_MS = 15_000;
/**
 * Dials of others in a row that failed, from which on they are let in one at a time while links are missing. Whoever can dial and not be dialled would have all its places taken by those
 * who want to help (simulated: seed 259748247171645 of mesh). Guess.
 */
export const MAX_VAIN_DIALS = 3;
/** While links are missing and somebody alive may be dialled again within this, the dead are not tried. Guess: the first backoff and as much again. */
export const SOON_MS = 2_500;
/** Wait before dialling a peer that trimmed our link. Longer than a swarm takes to settle. Guess. */
export const REPLACED_BACKOFF_MS = 10_000;
/** Wait after a refusal that time does not heal (authFailed, notMember). Guess. */
export const REFUSED_BACKOFF_MS = 300_000;
/** Dials to a peer without any sign of life, before we wait for one. Guess. */
export const MAX_STALE_DIALS = 3;
/** Such dials at once: after a disaster most of the passive view is dead, and one dial at a time finds the living too late (simulated, 80 % killed). */
export const MAX_STALE_DIALS_AT_ONCE = 4;
/** The same while there are links. Guess: half of it. */
export const MAX_STALE_DIALS_LINKED = 2;
/** Busy answers after which we stop asking a peer for a link that we do not need. Guess. */
export const MAX_OPTIONAL_BUSY = 2;
/**
 * Failed dials after which we stop trying a peer for a link that we do not need. With none, one dial that timed out on a busy machine left two of five tabs without the link that both
 * lacked, for good. Guess: both sides try, so six dials of which one in five fails leave one pair in 15,000.
 */
export const MAX_OPTIONAL_FAILURES = 2;
/** A bridge to another component waits a random time up to this, times the peers on our side... Guess: a fast link set-up. */
export const BRIDGE_JITTER_MS = 150;
/** ...but at most this long. */
export const MAX_BRIDGE_JITTER_MS = 5_000;
/** Extra wait of a peer that would have to trim a link for the bridge, so that those with a free place go first. Guess. */
export const FULL_BRIDGE_WAIT_MS = 2_500;
/** A reachable peer with too few links for this long is offered one by those with a free place. Guess: a slow link set-up twice. */
export const ADOPT_AFTER_MS = 4_000;
/** Random part of the wait above. */
export const ADOPT_JITTER_MS = 4_000;
/** Failed dials after which no such offer is made. Guess: one in five attempts fails on a bad network, so four in a row mean that there is no way. */
export const MAX_ADOPT_FAILURES = 4;

// Passive view and directory.

/** Peers that we would dial next. DESIGN section 7 (HyParView's passive view). */
export const MAX_PASSIVE = 30;
/** Between two shuffles: drawn evenly from 15 to 30 s. DESIGN section 7. */
export const SHUFFLE_MIN_MS = 15_000;
export const SHUFFLE_MAX_MS = 30_000;
/** Peers in one shuffle. iroh-gossip: 3 active and 4 passive, and the sender. */
export const SHUFFLE_SAMPLE = 8;
/** Steps of a shuffle's random walk. HyParView (Leitão et al. 2007, section 4.3) leaves it open; iroh-gossip takes 6. */
export const SHUFFLE_TTL = 6;
/** Known peers, reachable or not. Guess: four times the largest swarm that is measured in real tabs (32); twice as many cost twice the announcements. */
export const MAX_KNOWN_PEERS = 128;
/** Counters kept of peers that were dropped from the table, so that a check and its step never disagree. Same size. */
export const MAX_RETIRED_COUNTERS = 128;
/** Silence after which an announcement is no longer believed: two and a half of the longest periods, so that one lost costs nothing. */
export const UNHEARD_MS = 150_000;
/** How long a discovery counts as a sign of life. Twice the slowest announcement in the room. */
export const DISCOVERY_MS = 60_000;
/** How long a peer that vanished without a confirmed failure counts as cut off rather than gone. Guess: a network that is away for longer is not coming back soon. */
export const MISSING_MS = 300_000;
/** A peer is missing once it has been unreachable for this long: links that are being replaced are no split. Guess: one link set-up. */
export const MISSING_AFTER_MS = 2_000;
/** Least time between two walks over the directory that others' announcements cause. Guess: far above a walk over 128 peers (0.05 ms), far below what a person sees. */
export const WALK_GAP_MS = 100;
/** The same in a directory that is full, which changes all the time and whose walk is only an estimate. Guess. */
export const FULL_WALK_GAP_MS = 2_000;

// Announcements.

/** Between two announcements of one peer that has nothing new to say: two seconds per known peer, at least... */
export const ANNOUNCEMENT_MIN_MS = 15_000;
/** ...and at most. Both: guesses that keep 32 peers at one in two seconds and 128 at two per second. */
export const ANNOUNCEMENT_MAX_MS = 60_000;
/** Per known peer, for the two above. */
export const ANNOUNCEMENT_PER_PEER_MS = 2_000;
/** Least time between two announcements caused by changes. Guess: one link set-up on a local network. */
export const ANNOUNCEMENT_GAP_MS = 300;
/** More of it as swarms grow, since every change is told to everybody: the square of the known peers by this, ms. 32 peers: 0.3 s; 128: 5 s. Guess. */
export const ANNOUNCEMENT_GAP_DIVISOR = 3;
/** Announcements of others are handed on at once, and what comes within this time after that, together. Guess: far below the pause above; a join makes them come in crowds. */
export const ONWARD_GAP_MS = 50;
/** Links that an announcement crosses in a swarm larger than the directory: some 70 peers at 4 links each (simulated). */
export const NEAR_HOPS = 3;
/** Announcements in one message. At 270 bytes each, 350 with a note, 32 stay within one 16 KiB frame (11 kB). */
export const MAX_ANNOUNCEMENTS_PER_MESSAGE = 32;
/** Words of a peer about what it can do. Guess. */
export const MAX_CAPABILITIES = 16;
/** UTF-8 bytes of one such word. Guess. */
export const MAX_CAPABILITY_BYTES = 32;
/** Bytes of what the layers above say with an announcement. Guess: an id of 64 characters and a few numbers; 32 announcements stay within a frame. */
export const MAX_NOTE_BYTES = 80;
/** Load is told in hundredths. */
export const MAX_LOAD = 100;
/** A change of load below this is told with the next announcement. Guess: half of the step between hot and cold (DESIGN section 11). */
export const LOAD_STEP = 25;

// Broadcast.

/** Bytes of one broadcast payload: a link message holds 1 MiB (kernel/ports.ts), 4 KiB are left to the envelopes around it. */
export const MAX_GOSSIP_BYTES = 1_044_480;
/** Bytes of a gossip id: 128 bits of SHA-256 make an accidental or wanted collision hopeless. */
export const GOSSIP_ID_BYTES = 16;
/** Bytes of a source's short name: it only chooses a tree, so a collision costs a few repairs. */
export const ORIGIN_BYTES = 8;
/** Hops after which a broadcast is delivered but not handed on. Far above the diameter of 2,000 peers at 4 links (about 8). */
export const MAX_HOPS = 32;
/** Remembered gossip ids, and for how long. gossipsub's seen TTL is 120 s; 8,192 ids are 68 broadcasts a second. */
export const MAX_SEEN = 8_192;
export const SEEN_MS = 120_000;
/** Payloads kept for those who ask for them, in number, bytes and time: longer than a usual sleep or split and the dials after it (simulated). iroh-gossip keeps them 30 s. */
export const MAX_CACHED = 1_024;
export const MAX_CACHED_BYTES = 4 * 1024 * 1024;
export const CACHED_MS = 90_000;
/** Larger payloads are mentioned first and sent on request, so that no link carries one twice. One frame. */
export const MAX_EAGER_BYTES = 16_384;
/** A mention waits this long for others and for the payload that makes it unnecessary... Guess: above a link's round trip. */
export const IHAVE_DELAY_MS = 150;
/** ...and up to this much longer, by lot, so that of two neighbours that would mention it to each other only one does. */
export const IHAVE_JITTER_MS = 150;
/** Mentions in one message, and waiting for one neighbour. At 26 bytes each they stay within a frame. */
export const MAX_IHAVES_PER_MESSAGE = 256;
/** Broadcasts mentioned by one neighbour that have not come yet; what it names beyond is not noted. iroh-gossip has no bound. A simulated committee comes to 256. */
export const MAX_MISSING_PER_NEIGHBOUR = 1_024;
/** A mentioned broadcast is asked for after twice the slowest usual round trip of our links, within these. research/mesh.md 4.1. */
export const MIN_GRAFT_MS = 100;
export const MAX_GRAFT_MS = 1_000;
/** A new neighbour hears of the broadcasts of this last time: all that are still kept, since a split may have been longer than a dead link. */
export const RETOLD_MS = 90_000;
/** Seconds of age that are told with a broadcast; older ones stay this old. Above the time above, so that nothing is retold for ever by those who come later. */
export const MAX_TOLD_AGE_S = 127;
/** ...as far as these bytes of payload go, the newest first: what is asked for at once has to fit into the link's queue (1 MiB); anti-entropy brings the rest. */
export const MAX_RETOLD_BYTES = 262_144;
/** Sources whose trees are remembered. Guess: everybody in a swarm of 32 twice. */
export const MAX_TREES = 64;
/** A neighbour whose mean round trip is above this gets payloads only on request. Guess: a link that drains 1 MiB that slowly is full. */
export const SLOW_RTT_MS = 2_000;

// Liveness.

/** A link that has carried nothing of ours for this long gets a heartbeat. DESIGN section 7 (1 s on quiet links). */
export const HEARTBEAT_MS = 1_000;
/** Heartbeats that are due within this time go out together. A quarter of the above: fewer wake-ups. */
export const HEARTBEAT_SLACK_MS = 250;
/** A neighbour that was silent for this long is probed: two heartbeats are missing. */
export const SUSPECT_MS = 2_000;
/** Somebody else calls a neighbour silent: it is probed at once if it has been silent for us for this long. Guess: half a heartbeat. */
export const SUSPECT_TOO_MS = 500;
/** A probe is answered within four round trips, within these, or its neighbour is given up. Guess; 2 + 0.7 + 0.7 + flooding stays below 4 s. */
export const MIN_PROBE_MS = 700;
export const MAX_PROBE_MS = 1_500;
/** Own timers late by more than this: what happened meanwhile is not counted as silence. Guess: far above an ordinary delay. */
export const LAG_MS = 100;
/** A neighbour gets this much more time per millisecond that our own timers were late on average lately (Lifeguard's local health)... Guess. */
export const LAG_FACTOR = 2;
/** ...but no more than this. Guess: then whoever is dead is still known within twice the usual time. */
export const MAX_LAG_ALLOWANCE_MS = 3_000;
/** Statements in one message. At 140 bytes each. */
export const MAX_STATEMENTS_PER_MESSAGE = 64;
/** Peers about whom statements are kept, and for how long. Guess: half of all known peers at once. */
export const MAX_SUSPECTS = 128;
export const SUSPECT_MEMORY_MS = 60_000;

// One peer.

/** Hops of what goes to one peer. The diameter of 128 peers with 4 links each is about 5. */
export const ROUTE_TTL = 8;
/** Bytes of a sealed introduction: an offer is 0.1 to 4 kB (research/mesh.md 0.2), one frame holds 16 KiB. */
export const MAX_INTRODUCTION_BYTES = 16_384;
/** Bytes of a unicast payload. Guess: a few frames; what is larger is for a link of its own. */
export const MAX_ROUTED_BYTES = 65_536;
/**
 * Introductions taken from one neighbour in {@link ROUTED_WINDOW_MS}, and as many unicasts with their answers; what is more is dropped. Guess: 16 joiners behind one
 * link, 4 links each, 4 signals, four times. A simulated committee of nine tabs in trouble hands 1,148 unicasts and answers to one neighbour.
 */
export const MAX_ROUTED_PER_WINDOW = 1_024;
export const ROUTED_WINDOW_MS = 10_000;
/** Unicasts of our own that have not arrived yet. Guess. */
export const MAX_UNICASTS = 256;
/** A unicast that brought no answer is sent over another neighbour after this long, doubled per try. Guess: five hops of 100 ms, there and back. */
export const UNICAST_RETRY_MS = 1_000;
/** Sendings of one unicast in all. Guess: every neighbour once. */
export const MAX_UNICAST_TRIES = 5;
/** Senders whose numbers are remembered, and numbers of each, so that nothing is delivered twice. Guess. */
export const MAX_ROUTED_SENDERS = 256;
export const MAX_ROUTED_NUMBERS = 64;

// Reputation.

/** Peers with a reputation; the one touched longest ago is forgotten. Twice the known peers. */
export const MAX_REPUTATIONS = 512;
/** A reputation halves in this time. Guess: long against a reconnect, short against a working day. */
export const REPUTATION_HALF_LIFE_MS = 600_000;
/** Highest and lowest reputation. Arbitrary scale. */
export const MAX_REPUTATION = 100;
/** Below this a peer gets no link from us and is not dialled. Guess: two clear misdeeds or many failures. */
export const SHUNNED_REPUTATION = -40;
/** As far down as failures, silence and broken promises alone take a peer: a bad network causes them too. Guess: one refusal above the shunned. */
export const UNRELIABLE_REPUTATION = -24;

// Components.

/** The root of a large component says that it lives at this interval. Guess: a third of what may pass before another one takes over. */
export const PULSE_MS = 5_000;
/** A root whose pulse has not come for this long is gone. Three pulses. */
export const PULSE_GONE_MS = 15_000;

// The server.

/** First wait between announcements while links are missing; doubled up to {@link MAX_ANNOUNCE_BACKOFF_MS}. */
export const ANNOUNCE_BACKOFF_MS = 1_000;
/** Longest wait between announcements while links are missing. Guess. */
export const MAX_ANNOUNCE_BACKOFF_MS = 30_000;
/** Announcement period of a peer that lacks nothing: 25 to 35 s. Measured cost in the spec, rule OVL-60. */
export const ANNOUNCE_PERIOD_MS = 25_000;
export const ANNOUNCE_JITTER_MS = 10_000;
/** After losing many peers at once: announce within this time, and not more often than {@link SPLIT_ANNOUNCE_GAP_MS}. Guess. */
export const SPLIT_ANNOUNCE_JITTER_MS = 1_000;
export const SPLIT_ANNOUNCE_GAP_MS = 3_000;

/** Longest time between two looks at what has expired. A background tab's timers fire once a second at best. */
export const TICK_MS = 1_000;
