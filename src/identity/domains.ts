/** Domain labels of every hash and signature. A label is never reused for another shape: a new shape gets a new number. */
export const DOMAIN = {
  genesis: 'tabswarm/genesis/1',
  peerCertificate: 'tabswarm/peer-certificate/1',
  capability: 'tabswarm/capability/1',
  admission: 'tabswarm/admission/1',
  link: 'tabswarm/link/1',
  /** `tabswarm/entry/1` was the entry of protocol versions 1 and 2; never to be used again. */
  entry: 'tabswarm/entry/2',
  entryBody: 'tabswarm/entry-body/1',
  payload: 'tabswarm/payload/1',
  clientId: 'tabswarm/client-id/2',
  frontier: 'tabswarm/frontier/2',
  checkpoint: 'tabswarm/checkpoint/1',
  checkpointChunk: 'tabswarm/checkpoint-chunk/1',
  /** Was the beacon of protocol version 1; never to be used again: 'tabswarm/beacon/1'. */
  /** Its first shape, of protocol version 2, was 'tabswarm/announcement/1': never to be used again. */
  announcement: 'tabswarm/announcement/2',
  silence: 'tabswarm/silence/1',
  pulse: 'tabswarm/pulse/1',
  gossip: 'tabswarm/gossip/1',
  topic: 'tabswarm/topic/1',
  signalKey: 'tabswarm/signal-key/1',
  /** A peer's own signaling topic, by which signals are addressed to it. */
  peerTopic: 'tabswarm/peer-topic/1',
  /** Authenticated along with every sealed signal. */
  signal: 'tabswarm/signal/1',
  /** Authenticated along with every pairing code, and in its check. */
  pairing: 'tabswarm/pairing/1',
  inviteLink: 'tabswarm/invite-link/1',
  /** Who has which seat of a committee. */
  committee: 'tabswarm/committee/2',
  /** What an owner signs to begin the chain of committees, and to begin it anew when a quorum is lost for good. */
  founding: 'tabswarm/founding/1',
  reset: 'tabswarm/reset/1',
  /** What a seat of a committee states. */
  statement: 'tabswarm/statement/1',
  viewChange: 'tabswarm/view-change/1',
  /** What a view change says, where it is signed. */
  viewChangeContent: 'tabswarm/view-change-content/1',
  request: 'tabswarm/request/1',
  batch: 'tabswarm/batch/2',
  /** What any peer asks the others of a committee. */
  question: 'tabswarm/question/1',
  /** The state after a decision. */
  state: 'tabswarm/state/1',
  statePiece: 'tabswarm/state-piece/1',
  /** Names a proposal. */
  proposal: 'tabswarm/proposal/1',
} as const;
