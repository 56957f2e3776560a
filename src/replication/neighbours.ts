/** What replication knows about each neighbour: what it holds, whether it may be served, what it waits for. */
import type { Hash, PeerId } from '../kernel/ids.ts';
import type { Frontier, FrontierItem, Journals } from './journals.ts';
import { MAX_GONE_HOLDERS } from './limits.ts';
import { NO_CHECKPOINT, type DigestMessage, type PullMessage, type ShownCheckpoint } from './messages.ts';
import type { Serving } from './serving.ts';

export interface Neighbour {
  readonly peer: PeerId;
  /** Whether it proved membership; until then we take from it but give it nothing. */
  served: boolean;
  /** Seq per author that it said is on its disk, in this link or an earlier one: a peer key goes when its data goes. */
  readonly acked: Map<PeerId, number>;
  /** What it last said that it holds: its heads, or its whole frontier. */
  shown: Frontier;
  /** Bytes of entries that it last said it holds. */
  shownBytes: number;
  /** An entry that it handed on and that waits here for others: those it must have had. */
  waiting: FrontierItem | undefined;
  /** The grace after which what it has is pulled. */
  grace: number;
  /** A pull that waits until it may be served. */
  pendingPull: PullMessage | undefined;
  /** The checkpoint that it has. */
  checkpoint: ShownCheckpoint;
  /** What it said with a checkpoint that we have to get first. */
  deferred: DigestMessage | undefined;
  /** What it is being given. */
  serving: Serving | undefined;
  /** For how long, by our rounds, it has not said what it holds, nor given us any of it, ms; undefined before the first round. */
  quietMs: number | undefined;
  /** Pulls in a row that brought nothing of what it had shown. */
  vainPulls: number;
  /** The first pull of what it had shown that it has not answered; undefined: it owes us no answer. */
  owed: Owed | undefined;
  /** A pull of what it had shown that took so long that another neighbour was asked meanwhile. */
  passedOver: Pull | undefined;
  /** Of what waits here, what it gave us or got from us over this link. */
  readonly handed: Set<Hash>;
}

/** A pull that is not answered. */
export interface Owed {
  readonly pull: number;
  /** For how long, by our rounds, ms. */
  readonly ms: number;
}

/** A pull that we sent. */
export interface Pull {
  readonly peer: PeerId;
  readonly id: number;
  /** Batches asked for that have not come. */
  asked: number;
  /** Batches that we could ask for, were our disk not behind. */
  owed: number;
  /** Batches in a row of which nothing took effect. */
  idle: number;
  /** Whether anything took effect. */
  isUseful: boolean;
  /** Whether PULL_PATIENCE_MS went by before anything took effect: another neighbour may be asked. */
  isSlow: boolean;
  /** What its source showed and we lacked. Undefined: it showed nothing, or has kept its word by giving some of it, or a proof that it forked. */
  promised: ReadonlySet<Hash> | undefined;
}

export class Neighbours {
  readonly #byPeer = new Map<PeerId, Neighbour>();
  /** What those said who are no neighbours any more, the latest to leave last. */
  readonly #gone = new Map<PeerId, Map<PeerId, number>>();

  get size(): number {
    return this.#byPeer.size;
  }

  add(peer: PeerId, served: boolean): Neighbour {
    const known = this.#byPeer.get(peer);
    if (known !== undefined) {
      known.served ||= served;
      return known;
    }
    const neighbour: Neighbour = {
      peer,
      served,
      acked: this.#gone.get(peer) ?? new Map<PeerId, number>(),
      shown: [],
      shownBytes: 0,
      waiting: undefined,
      grace: 0,
      pendingPull: undefined,
      checkpoint: NO_CHECKPOINT,
      deferred: undefined,
      serving: undefined,
      quietMs: undefined,
      vainPulls: 0,
      owed: undefined,
      passedOver: undefined,
      handed: new Set<Hash>(),
    };
    this.#byPeer.set(peer, neighbour);
    this.#gone.delete(peer);
    return neighbour;
  }

  get(peer: PeerId): Neighbour | undefined {
    return this.#byPeer.get(peer);
  }

  remove(peer: PeerId): void {
    const acked = this.#byPeer.get(peer)?.acked;
    this.#byPeer.delete(peer);
    if (acked === undefined || acked.size === 0) return;
    this.#gone.set(peer, acked);
    const [oldest] = this.#gone.keys();
    if (this.#gone.size > MAX_GONE_HOLDERS && oldest !== undefined) this.#gone.delete(oldest);
  }

  /** Peers, neighbours or not any more, that said of each author that they hold its journal up to `seqOf` it, for all of `authors`. */
  holders(authors: readonly PeerId[], seqOf: (author: PeerId) => number): readonly PeerId[] {
    const holds = (acked: ReadonlyMap<PeerId, number>): boolean =>
      authors.every((author) => (acked.get(author) ?? 0) >= seqOf(author));
    const here = this.all().filter(({ acked }) => holds(acked));
    const gone = [...this.#gone].filter(([, acked]) => holds(acked));
    return [...here.map(({ peer }) => peer), ...gone.map(([peer]) => peer)];
  }

  all(): readonly Neighbour[] {
    return [...this.#byPeer.values()];
  }
}

/** Notes that the neighbour holds `author`'s journal up to `seq`; more than we hold ourselves proves nothing to us. */
export function noteHeld(neighbour: Neighbour, journals: Journals, author: PeerId, seq: number): void {
  const known = Math.min(seq, journals.seqOf(author));
  if (known > (neighbour.acked.get(author) ?? 0)) neighbour.acked.set(author, known);
}

/** Notes that the neighbour holds all that we have on disk. */
export function noteInStep(neighbour: Neighbour, journals: Journals): void {
  for (const author of journals.authors())
    noteHeld(neighbour, journals, author, journals.durableSeqOf(author));
}

/** Whether the neighbour is known to hold every entry that we have on disk. */
export function holdsAll(neighbour: Neighbour, journals: Journals): boolean {
  return journals
    .authors()
    .every((author) => (neighbour.acked.get(author) ?? 0) >= journals.durableSeqOf(author));
}
