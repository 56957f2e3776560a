/** The numbers of the simulated world. A scenario overrides what it is about; everything else stays as measured or guessed here. */

export interface WorldSettings {
  /** One-way delay of a link, drawn once per pair, ms. Default 2 to 80. Origin: guess, from one house to one continent. */
  readonly delayMs: readonly [min: number, max: number];
  /** Further delay drawn per message, ms; lanes may overtake each other by it, messages of one lane never do. Default 0 to 4. Origin: guess. */
  readonly jitterMs: readonly [min: number, max: number];
  /** From an accepted introduction to an open link, ms. Default 20 to 2,000, mostly short. Origin: DESIGN section 7. */
  readonly connectMs: readonly [min: number, max: number];
  /** One introduction through signaling, ms. Default 10 to 200. Origin: guess. */
  readonly introductionMs: readonly [min: number, max: number];
  /** Per thousand attempts, how many find no path. Default 0; drawFaults raises it. */
  readonly connectFailuresPerMille: number;
  /** After this long without a sign of life the link layer itself ends a link as `silent`, ms. Default 10,000. Origin: SILENT_MS of src/transport. */
  readonly silentMs: number;
  /** After this long an attempt ends as `timeout`, ms. Default 10,000. Origin: ATTEMPT_DEADLINE_MS of src/transport/attempts.ts. */
  readonly attemptMs: number;
  /** After this long without any answer a dial ends as `timeout`, ms. Default 3,000. Origin: ANSWER_MS of src/transport/attempts.ts. */
  readonly answerMs: number;
  /** A question that brought no answer is asked again after this long, ms. Default 1,500. Origin: guess, twice within `answerMs`. */
  readonly askAgainMs: number;
  /** After this long an attempt without a path ends as `iceFailed`, ms. Default 5,000. Origin: guess. */
  readonly iceFailureMs: number;
  /** Per thousand messages of a link, how many are lost below the data channel and come late, after being sent again. Default 0. */
  readonly lossPerMille: number;
  /** How late a lost message is: this, doubled for every further loss, ms. Default 400. Origin: the least retransmission timeout of dcSCTP. */
  readonly resendMs: number;
  /** Per thousand messages of a link, how many never arrive. No data channel does that; it shows what a protocol repairs itself. Default 0. */
  readonly dropPerMille: number;
  /** Per thousand introductions and announcements on their way through the server, how many are lost. Default 0. */
  readonly signalLossPerMille: number;
  /** The same, how many arrive twice, at different times. Default 0. */
  readonly signalTwicePerMille: number;
  /** Until a write is durable, ms. Default 1 to 8. Origin: DESIGN section 13, strict IndexedDB writes. */
  readonly writeMs: readonly [min: number, max: number];
  /** Until a signature is made, ms. Default 0 to 1. Origin: guess; WebCrypto answers from another thread. */
  readonly signMs: readonly [min: number, max: number];
  /** Until the signatures of a message are checked, ms. Default 0, which is at once; drawFaults raises it. */
  readonly verifyMs: readonly [min: number, max: number];
  /** Bytes per ms of one direction of a link. Default 5,000. Origin: guess, a slow WebRTC data channel. */
  readonly bytesPerMs: number;
  /** Bytes that one direction of a link may hold before it ends as `overloaded`. Default 64 MiB. Origin: guess. */
  readonly maxQueuedBytes: number;
  /**
   * How many of the room an announcement reaches. Default 32. The server tells all, but 2,000 peers that announce themselves to 2,000 are
   * 4 million events that say little: what a peer learns from the 33rd announcement in a second it learns from the next one.
   */
  readonly announceReach: number;
  /** How many of those whom it reaches answer, on average. Default 5. Origin: HERE_REPLIES of src/transport/introductions.ts. */
  readonly announceReplies: number;
  /** Least time between two announcements of one participant, ms. Default 1,000. Origin: ANNOUNCE_EVERY_MS of src/transport/introductions.ts. */
  readonly announceEveryMs: number;
  /** How long participants take to notice that the server is back, ms. Default 0 to 3,000. Origin: guess, the backoff of the signaling client. */
  readonly reconnectMs: readonly [min: number, max: number];
  /** Whether messages travel as bytes, through the codec, as in the browser. Default true. Large swarms hand the values over: same order, no bytes. */
  readonly isEncoded: boolean;
  /** Wall clock at the start, ms since 1970. Default: the first of January 2030, so that no test depends on today. */
  readonly startWallMs: number;
}

export const DEFAULT_SETTINGS: WorldSettings = {
  delayMs: [2, 80],
  jitterMs: [0, 4],
  connectMs: [20, 2_000],
  introductionMs: [10, 200],
  connectFailuresPerMille: 0,
  silentMs: 10_000,
  attemptMs: 10_000,
  answerMs: 3_000,
  askAgainMs: 1_500,
  iceFailureMs: 5_000,
  lossPerMille: 0,
  resendMs: 400,
  dropPerMille: 0,
  signalLossPerMille: 0,
  signalTwicePerMille: 0,
  writeMs: [1, 8],
  signMs: [0, 1],
  verifyMs: [0, 0],
  bytesPerMs: 5_000,
  maxQueuedBytes: 64 * 1024 * 1024,
  announceReach: 32,
  announceReplies: 5,
  announceEveryMs: 1_000,
  reconnectMs: [0, 3_000],
  isEncoded: true,
  startWallMs: 1_893_456_000_000,
};
