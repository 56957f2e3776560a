/**
 * Judges whole nodes with their committee by what leaves them: what they sign, what they keep of decisions, what they tell, and what their board shows. It
 * reads all of it byte by byte, has a quorum arithmetic of its own (`consensus-oracle.ts`, `consensus-annals.ts`), and works out by itself what was decided
 * and what that comes to (`committee-annals.ts`, `committee-model.ts`).
 */
import { toHex, type Bytes } from '../kernel/bytes.ts';
import type { BoardId, PeerId } from '../kernel/ids.ts';
import type { Write } from '../kernel/machine.ts';
import type { NodeEvent } from '../node/events.ts';
import { blamed } from './blame-watch.ts';
import type { Said } from '../node/messages.ts';
import type { CommitteeAnnals } from './committee-annals.ts';
import { readDecision, readRequestBody, readStatementBody, type ReadDecision } from './committee-reader.ts';
import { LieJudge, whyNotConvict } from './committee-lies.ts';
import { ConsensusOracle } from './consensus-oracle.ts';
import type { SimKeys } from './sim-keys.ts';

const VIEW_CHANGE = 10;
const COMMIT = 3;
/** Decisions that every profile keeps, the latest (NOD-55). */
const MOST_KEPT = 512;
const STORE = 'consensus';

export interface CommitteeOracleOptions {
  readonly board: BoardId;
  readonly annals: CommitteeAnnals;
  readonly keys: SimKeys;
  readonly liars: ReadonlySet<PeerId>;
  readonly name: (peer: PeerId) => string;
  /** Latest time that anybody honest can take for the present. */
  readonly latest: () => number;
  readonly now: () => number;
  readonly fail: (what: string) => never;
}

/** Something that a person asked for, and that was promised to be asked for until it is decided. */
export interface Promised {
  readonly client: PeerId;
  readonly number: number;
}

/** One side of a split that has fewer seats than a quorum of the committee of that moment. */
interface Minority {
  readonly side: ReadonlySet<PeerId>;
  readonly since: number;
}

export class CommitteeOracle {
  readonly #options: CommitteeOracleOptions;
  readonly #consensus: ConsensusOracle;
  readonly #lies = new LieJudge();
  readonly #fail: (what: string) => never;
  /** What came of each request, by place: the same wherever it is told. */
  readonly #told = new Map<string, string>();
  /** The last place that each tab told of in its present life, and the decisions that its disk held when that began. */
  readonly #lastTold = new Map<PeerId, readonly [seq: number, place: number]>();
  readonly #atBirth = new Map<PeerId, ReadonlySet<number>>();
  readonly #everTold = new Map<PeerId, Set<number>>();
  /** Keys that lost what they had signed. */
  readonly #lost = new Set<PeerId>();
  readonly #saidLost = new Set<PeerId>();
  readonly #committedAt = new Map<string, Map<PeerId, number>>();
  readonly promised: Promised[] = [];
  minorities: readonly Minority[] = [];
  /** Whether nothing goes on that could be a reason to leave a view. */
  isPeaceful = false;
  viewChanges = 0;

  constructor(options: CommitteeOracleOptions) {
    this.#options = options;
    this.#fail = options.fail;
    const { annals, board, keys, latest, liars, fail } = options;
    this.#consensus = new ConsensusOracle({ annals, board, liars, keys, latest, fail });
  }

  // What tabs do.

  /** A tab begins a life with these decisions on its disk. */
  born(peer: PeerId, archived: Iterable<string>): void {
    this.#lies.born(peer, this.#options.now());
    this.#lastTold.delete(peer);
    this.#saidLost.delete(peer);
    this.#atBirth.set(peer, new Set([...archived].map(seqOf)));
  }

  /** What the key of a tab signed is gone, or cannot be read any more. */
  loses(peer: PeerId): void {
    this.#lost.add(peer);
    this.#lies.loses(peer);
  }

  /** An honest tab in this epoch takes something in that others said of the committee. */
  takesIn(peer: PeerId, said: Said, epoch: number): void {
    const { annals, liars, now } = this.#options;
    if (!liars.has(peer)) this.#lies.hears(peer, said, annals.epoch(epoch), now());
  }

  hasLost(peer: PeerId): boolean {
    return this.#lost.has(peer);
  }

  /** A lost key that did not say so in its present life. */
  isSilentAboutLoss(peer: PeerId): boolean {
    return this.#lost.has(peer) && !this.#saidLost.has(peer);
  }

  /** A tab's key signs something of consensus. Liars sign what they like; what they ask for is theirs all the same. */
  signs(peer: PeerId, body: Bytes): void {
    const request = readRequestBody(body);
    const statement = readStatementBody(body);
    if (request !== undefined) this.#consensus.asks(peer, toHex(request.operation));
    if (this.#options.liars.has(peer)) return;
    if (this.#lost.has(peer) && (request !== undefined || statement !== undefined))
      this.#fail(`mute: ${this.#name(peer)} signs although what it signed before is lost`);
    this.#consensus.signs(peer, body);
    if (statement?.tag === VIEW_CHANGE) {
      this.viewChanges += 1;
      if (this.isPeaceful) this.#fail(`patience: ${this.#name(peer)} leaves a view for no reason`);
    }
    if (statement?.tag !== COMMIT) return;
    const committed = this.#committedAt.get(statement.rest) ?? new Map<PeerId, number>();
    this.#committedAt.set(statement.rest, committed);
    if (!committed.has(peer)) committed.set(peer, this.#options.now());
  }

  /** A tab writes. */
  writes(peer: PeerId, writes: readonly Write[]): void {
    if (this.#options.liars.has(peer)) return;
    for (const write of writes) {
      if (write.op !== 'put' || write.store !== STORE || !write.key.startsWith(this.archivePrefix)) continue;
      const decision = readDecision(write.value);
      if (decision?.seq !== seqOf(write.key))
        return this.#fail(`archive: ${this.#name(peer)} keeps something that is no decision`);
      this.#decides(peer, decision);
    }
  }

  get archivePrefix(): string {
    return `${this.#options.board}/decided/`;
  }

  #decides(peer: PeerId, decision: ReadDecision): void {
    const { annals } = this.#options;
    if (decision.batchHash !== decision.digest)
      this.#fail(`archive: ${this.#name(peer)} keeps another batch than was decided as ${decision.seq}`);
    this.#consensus.decides(peer, decision.epoch, decision);
    for (const { side, since } of this.minorities)
      if (side.has(peer)) this.#inMinority(decision, side, since);
    annals.take(decision, (entry) => this.#consensus.executes(peer, [...annals.history, entry], false));
  }

  /** What a side without a quorum comes to know was decided before, or not at all. */
  #inMinority({ epoch, view, seq, digest }: ReadDecision, side: ReadonlySet<PeerId>, since: number): void {
    const committed = this.#committedAt.get(`${epoch}/${view}/${seq}/${digest}`) ?? new Map<PeerId, number>();
    const early = [...committed].filter(([key, at]) => side.has(key) || at <= since);
    // A liar on the other side may have committed before, and what it signs is not watched.
    const keys = this.#options.annals.epoch(epoch)?.keys ?? [];
    const liars = keys.filter((key) => this.#options.liars.has(key)).length;
    const quorum = this.#options.annals.epoch(epoch)?.quorum ?? 0;
    if (early.length + liars < quorum)
      this.#fail(`minority: ${seq} was decided by ${early.length} seats that are cut off from the others`);
  }

  /** A tab tells something. */
  hears(peer: PeerId, event: NodeEvent): void {
    if (this.#options.liars.has(peer)) return;
    if (event.type === 'decision') this.#tells(peer, event.decision);
    if (event.type === 'fork') this.#fail(`fork: ${this.#name(event.proof.author)} forked its journal`);
    if (event.type === 'keepsBack') this.blames(peer, event.peer, 'it keeps entries back');
    if (event.type === 'asked') this.promised.push({ client: peer, number: event.number });
    if (event.type !== 'councilTrouble') return;
    const { code, detail } = event;
    if (code === 'keyLost') {
      this.#saidLost.add(peer);
      if (!this.#lost.has(peer)) this.#fail(`mute: ${this.#name(peer)} says that its key is lost: ${detail}`);
      return;
    }
    if (code === 'seatLied' && this.#options.liars.has(detail as PeerId)) return;
    this.#fail(`trouble: ${this.#name(peer)} says ${code}: ${detail}`);
  }

  #tells(peer: PeerId, decision: Extract<NodeEvent, { readonly type: 'decision' }>['decision']): void {
    const { author, number, outcomes, place, refusal, seq, time } = decision;
    const [lastSeq, lastPlace] = this.#lastTold.get(peer) ?? [0, 0];
    this.#lastTold.set(peer, [seq, place]);
    if (seq < lastSeq || (seq === lastSeq && place <= lastPlace))
      this.#fail(`told: ${this.#name(peer)} tells of ${seq}/${place} after ${lastSeq}/${lastPlace}`);
    if (this.#atBirth.get(peer)?.has(seq) === true)
      this.#fail(`told: ${this.#name(peer)} tells again of ${seq}, which is on its disk`);
    this.#everTold.set(peer, (this.#everTold.get(peer) ?? new Set()).add(seq));
    const request = this.#options.annals.executedAt(seq)?.find((each) => each.place === place);
    if (request?.client !== author || request.number !== number)
      this.#fail(`told: ${this.#name(peer)} tells of ${seq}/${place}, where that was not decided`);
    const result = JSON.stringify([author, number, time, refusal ?? '', outcomes]);
    const known = this.#told.get(`${seq}/${place}`) ?? result;
    this.#told.set(`${seq}/${place}`, result);
    if (known !== result)
      this.#fail(`outcome: ${this.#name(peer)} says ${result} of ${seq}/${place}, another ${known}`);
  }

  /** A tab refuses what its neighbour sent, or ends the link because of what that did. */
  blames(peer: PeerId, other: PeerId, why: string): void {
    if (!this.#options.liars.has(peer) && !this.#options.liars.has(other))
      this.#fail(blamed(this.#name(peer), this.#name(other), why));
  }

  // What must hold in the end.

  /** Decisions that a tab told of and that are not on its disk. */
  forgotten(peer: PeerId, archived: Iterable<string>): readonly number[] {
    const kept = new Set([...archived].map(seqOf));
    if (kept.size > MOST_KEPT) this.#fail(`archive: ${this.#name(peer)} keeps ${kept.size} decisions`);
    const told = this.#everTold.get(peer) ?? new Set<number>();
    return kept.size === MOST_KEPT ? [] : [...told].filter((seq) => !kept.has(seq));
  }

  /** Tabs that voted twice, as somebody honest knows, and that have a say all the same. */
  unconvicted(): readonly PeerId[] {
    const { annals, now } = this.#options;
    return [...this.#lies.proven(now())].filter((key) => annals.model.admits(key));
  }

  /** Nobody honest is convicted, and nobody without two signatures that convince. */
  convicts(): number {
    const { annals, keys, liars } = this.#options;
    for (const [key, lie] of annals.model.convicted) {
      const why = liars.has(key) ? whyNotConvict(lie, keys, annals.epoch(lie.epoch)) : 'it is honest';
      if (why !== undefined) this.#fail(`convicted: ${this.#name(key)} is, although ${why}`);
    }
    return annals.model.convicted.size;
  }

  /** The chain of committees that a tab holds, as it is on the wire. */
  shows(peer: PeerId, links: readonly Bytes[]): void {
    this.#consensus.shows(peer, links);
  }

  overruns(): void {
    this.#consensus.overruns();
  }

  /**
   * What was promised to be asked for and is not decided, of those who may still ask, still have what they promised, and were not closed for good:
   * nobody else may have heard it.
   */
  open(isGone: (peer: PeerId) => boolean): Promised[] {
    const { annals } = this.#options;
    return this.promised.filter(
      ({ client, number }) =>
        !this.#lost.has(client) &&
        !isGone(client) &&
        annals.model.admits(client) &&
        !annals.isExecuted(client, number),
    );
  }

  #name(peer: PeerId): string {
    return this.#options.name(peer);
  }
}

function seqOf(key: string): number {
  return Number(key.slice(key.lastIndexOf('/') + 1));
}
