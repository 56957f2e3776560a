/** Bounds of scratch boards; docs/limits.md lists them. Strangers write these documents, so everything that grows with them ends somewhere. */

/**
 * A document of more bytes is no longer exchanged: this tab parts from the room and says so. Guess: 30 times what y-webrtc can send
 * to a newcomer.
 */
export const MAX_SCRATCH_BYTES = 8 * 1024 * 1024;
/**
 * Above so many bytes a newcomer may get nothing: y-webrtc sends a document as one message, browsers carry 262,144 bytes at most
 * (measured in research/mesh.md), and the last 16 KiB are left for what is typed meanwhile.
 */
export const SENDABLE_BYTES = 240 * 1024;
/** The document is measured again after so many bytes of updates: encoding it takes a few milliseconds. Guess. */
export const MEASURE_AFTER_BYTES = 32 * 1024;
/** Stored updates of one tab that are merged into one. Guess: reading 200 small values takes a few milliseconds. */
export const MAX_STORED_PIECES = 200;
/** Stored updates are merged after so many bytes, too. Guess: a tenth of the largest document. */
export const MERGE_AFTER_BYTES = 1024 * 1024;
/** Connections that y-webrtc opens by itself. Every tab is connected to every other up to here; its own default is 20 to 34 at random. */
export const MAX_SCRATCH_LINKS = 24;
/** Awareness states held; the others are dropped. Anybody can send any number. Guess: ten times the connections. */
export const MAX_AWARENESS_STATES = 240;
/** Longest name taken from an awareness state, UTF-16 code units: as long as a name of ours may be. */
export const MAX_AWARENESS_NAME_CHARS = 60;
/** Unconnected peers that are watched for a standstill. Guess: above any room that fits the connections. */
export const MAX_WATCHED_PEERS = 64;
/** First wait for a connection before we offer anew; doubled per try. Usual set-ups take 20-2,000 ms. The other half of a pair waits twice as long. */
export const STANDSTILL_MS = 3000;
/** Random part of that wait, so that two sides that wait alike do not offer at once. */
export const STANDSTILL_JITTER_MS = 2000;
/** Offers before a peer is taken for gone, 3, 6, 12 and 24 s apart. Guess. */
export const MAX_STANDSTILL_OFFERS = 4;
/** Between two requests for what connected peers hold: y-webrtc asks once per connection, and what was lost stays lost. Guess. */
export const RESYNC_MS = 20_000;
