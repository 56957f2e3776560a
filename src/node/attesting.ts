/**
 * How the committee bounds the board's history: a tab with a seat says which checkpoint it makes of its own entries, and what a quorum said is put in place of
 * them. Who proposes names the entry up to which it goes; the others follow if they would have taken it themselves. Rules NOD-70 to NOD-73 of
 * docs/spec/node.md; why it is so: docs/adr/0036-history-certified-by-the-committee.md.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { Hash, PeerId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/machine.ts';
import { mayEdit } from '../identity/roles.ts';
import type { Parts } from '../consensus/parts.ts';
import type { Request } from '../consensus/requests.ts';
import { certifyHistory, historyChecks, readHistoryCertificate } from '../governance/attested.ts';
import type { Attestation } from '../governance/attestations.ts';
import { decodeOperation, type Attested, type Operation } from '../governance/operations.ts';
import type { GovernanceState } from '../governance/state.ts';
import type { Manifest } from '../replication/checkpoint.ts';
import type { CheckpointVerifier } from '../replication/ports.ts';
import type { Replication } from '../replication/replication.ts';
import type { DecisionArchive } from './council-archive.ts';
import { rankOf } from './errands.ts';
import { HistoryAges } from './history-ages.ts';
import {
  AWAY_MS,
  COMPOSE_GAP_MS,
  HISTORY_SHARE,
  MIN_HISTORY_BYTES,
  SETTLE_GRACE_MS,
  SETTLE_MS,
  STALE_ATTEMPT_MS,
  VAIN_ATTEMPT_MS,
} from './limits.ts';
import type { Roster } from './roster.ts';

/** How often it is looked whether a checkpoint is due, ms; and while another seat waits for our word (guess: minutes are meant, and a look costs little). */
const LOOK_MS = 30_000;
const FOLLOW_MS = 5_000;
/** How long the next seat in line gives the one before to propose, ms (guess: two looks). */
const STEP_MS = 60_000;

export interface AttestingHost {
  /** A quorum certified it; the certificate holds. */
  certify(manifest: Manifest, certificate: Bytes): void;
  /** Committees are known now that were not. */
  judgeAnew(): void;
  /** Peers that the mesh reaches, without us. */
  reachable(): readonly PeerId[];
  wallMs(): number;
}

/** What the committee knows. */
export interface Session {
  readonly parts: Parts;
  readonly state: GovernanceState;
  readonly archive: DecisionArchive;
  /** Whether there is a quorum, and our key may sign. */
  readonly mayAsk: boolean;
  readonly now: Instant;
}

/** What our seat asks for now, and when to look again. */
export interface Attesting {
  readonly operations: readonly Operation[];
  readonly lookAt: Instant | undefined;
}

const NOTHING: Attesting = { operations: [], lookAt: undefined };

export type Histories = Pick<
  Replication,
  'bottleneck' | 'checkpoint' | 'composeCheckpoint' | 'isBottleneck' | 'journals' | 'placeOf'
>;

export class AttestingDesk {
  readonly #self: PeerId;
  readonly #roster: Roster;
  readonly #histories: Histories;
  readonly #host: AttestingHost;
  readonly #ages: HistoryAges;
  /** What we said last in this life, and of what. */
  #made: { readonly said: Attested; readonly manifest: Manifest } | undefined;
  #composedAt: Instant | undefined;
  /** Since when a checkpoint is due that nobody has proposed. */
  #dueSince: Instant | undefined;
  /** The newest epoch that was known when certificates were judged last. */
  #tip = -1;

  constructor(self: PeerId, roster: Roster, histories: Histories, host: AttestingHost) {
    this.#self = self;
    this.#roster = roster;
    this.#histories = histories;
    this.#host = host;
    this.#ages = new HistoryAges(histories.journals);
  }

  look(session: Session): Attesting {
    const { mayAsk, now, parts, state } = session;
    const { epoch } = parts.chain.tip.committee;
    const isNews = epoch > this.#tip;
    this.#tip = epoch;
    if (isNews) this.#host.judgeAnew();
    this.#putInPlace(session);
    this.#ages.look(now, this.#host.wallMs());
    if (!mayAsk || parts.seat === undefined || !state.mayAsk(this.#self)) return NOTHING;
    const span = spanOf(parts);
    const lastSaid = this.#lastSaid(session);
    const open = state.attestations
      .rows()
      .filter(({ number }) => number > lastSaid && number >= span.lowest && number <= span.highest);
    const lookAt = (now + (open.length > 0 ? FOLLOW_MS : LOOK_MS)) as Instant;
    const made = this.#follow(open, now) ?? this.#propose(session, Math.max(lastSaid, span.lowest - 1));
    if (made === undefined) return { operations: [], lookAt };
    return { operations: this.#attest(session, made), lookAt };
  }

  /** The highest number under which we said something, or nothing may be said any more. */
  #lastSaid({ parts, state }: Session): number {
    const { attestations, founding } = state;
    const own = attestations.rows().find(({ seat }) => seat === this.#self);
    const asked = parts.own.all().map(({ operation: bytes }) => {
      const operation = decodeOperation(founding.board, bytes);
      return operation.ok && operation.value.kind === 'attest' ? operation.value.number : 0;
    });
    return Math.max(attestations.certified?.number ?? 0, own?.number ?? 0, ...asked);
  }

  /** The attempt of others that we join: of those that we would have made ourselves, the newest. */
  #follow(open: readonly Attestation[], now: Instant): Pick<Attested, 'number' | 'head'> | undefined {
    if (open.length === 0 || this.#isTired(now, COMPOSE_GAP_MS)) return undefined;
    const upTo = this.#ages.olderThan(this.#settleMs() - SETTLE_GRACE_MS, now);
    const least = this.#leastBytes() / 2;
    const [newest] = open
      .filter(({ head }) => {
        const place = this.#histories.placeOf(head);
        const isSettled = place >= 0 && place < upTo && this.#bytesUpTo(place) >= least;
        return isSettled && this.#histories.isBottleneck(head);
      })
      .sort((a, b) => b.number - a.number || (a.head < b.head ? -1 : 1));
    return newest;
  }

  /** An attempt of our own, when one is due and it is our turn. */
  #propose({ now, parts }: Session, lastSaid: number): Pick<Attested, 'number' | 'head'> | undefined {
    const head = this.#dueHead(now);
    if (head === undefined) {
      this.#dueSince = undefined;
      return undefined;
    }
    this.#dueSince ??= now;
    const number = spanOf(parts).highest;
    const isOpen = this.#made?.said.epoch === parts.committee.epoch;
    if (number <= lastSaid || this.#isTired(now, isOpen ? STALE_ATTEMPT_MS : COMPOSE_GAP_MS))
      return undefined;
    const rank = rankOf(this.#self, parts.committee.keys, new Set(this.#host.reachable()));
    return now - this.#dueSince < rank * STEP_MS ? undefined : { number, head };
  }

  /** Up to where a checkpoint would go, if one is due. */
  #dueHead(now: Instant): Hash | undefined {
    const histories = this.#histories;
    const least = this.#leastBytes();
    if (histories.journals.byteCount < least) return undefined;
    const upTo = this.#ages.olderThan(this.#settleMs(), now);
    const head = upTo === 0 ? undefined : histories.bottleneck(upTo);
    return head !== undefined && this.#bytesUpTo(histories.placeOf(head)) >= least ? head : undefined;
  }

  /** Whether we made a checkpoint so lately that we make no other one now. */
  #isTired(now: Instant, ms: number): boolean {
    return this.#composedAt !== undefined && now - this.#composedAt < ms;
  }

  #attest(
    { now, parts }: Session,
    { head, number }: Pick<Attested, 'number' | 'head'>,
  ): readonly Operation[] {
    const { epoch } = parts.committee;
    this.#dueSince = undefined;
    const checkpoint = this.#histories.composeCheckpoint({ epoch, number, heads: [head] });
    // What is too large for a checkpoint will be for a while.
    this.#composedAt = (checkpoint === undefined ? now + VAIN_ATTEMPT_MS : now) as Instant;
    if (checkpoint === undefined) return [];
    const said: Attested = { epoch, number, head, hash: checkpoint.hash };
    this.#made = { said, manifest: checkpoint.manifest };
    return [{ kind: 'attest', ...said }];
  }

  /** What we made and a quorum certified takes the place of the entries, as soon as what the seats said is kept here. */
  #putInPlace({ archive, parts, state }: Session): void {
    const { certified } = state.attestations;
    if (this.#made === undefined || certified?.hash !== this.#made.said.hash) return;
    const { manifest, said } = this.#made;
    const committee = parts.chain.at(said.epoch)?.committee;
    const certificate = committee && certifyHistory(committee, said, requestsOf(archive, said));
    if (certificate === undefined) return;
    this.#made = undefined;
    this.#host.certify(manifest, certificate);
  }

  /** How long an entry has to have been here before history may end with it. Members who are away may be writing. */
  #settleMs(): number {
    const here = new Set([this.#self, ...this.#host.reachable()].map((peer) => this.#roster.memberOf(peer)));
    const isAway = this.#roster
      .members()
      .some(({ evicted, member, role }) => !evicted && mayEdit(role) && !here.has(member));
    return isAway ? AWAY_MS : SETTLE_MS;
  }

  /** Bytes of entries that are worth a checkpoint. */
  #leastBytes(): number {
    return Math.max(MIN_HISTORY_BYTES, (this.#histories.checkpoint?.manifest.size ?? 0) / HISTORY_SHARE);
  }

  #bytesUpTo(place: number): number {
    const { order } = this.#histories.journals;
    let bytes = 0;
    for (let at = 0; at <= place; at++) bytes += order[at]?.bytes.length ?? 0;
    return bytes;
  }
}

/**
 * The numbers that a committee's checkpoints can have at the moment. A number is a place in the order of decisions, where the beginning of each committee counts as
 * one more: so no two committees give one number, and none is given before its time.
 */
function spanOf({ committee, execution }: Parts): { readonly lowest: number; readonly highest: number } {
  const { epoch, start } = committee;
  return { lowest: start + epoch + 1, highest: execution.executed + epoch + 1 };
}

/** Requests in which somebody said just this. */
function requestsOf(archive: DecisionArchive, said: Attested): Request[] {
  return archive.decisions(0).flatMap(({ operation, place, seq }) => {
    const request = archive.at(seq)?.batch.requests[place - 1];
    return request !== undefined && operation?.kind === 'attest' && isSame(operation, said) ? [request] : [];
  });
}

function isSame(a: Attested, b: Attested): boolean {
  return a.epoch === b.epoch && a.number === b.number && a.head === b.head && a.hash === b.hash;
}

/** Certificates are judged by the chain of committees, as far as it is known here. */
export function historyVerifier(partsOf: () => Parts | undefined): CheckpointVerifier {
  return {
    checksOf: (checkpoint, certificate) => {
      const said = readHistoryCertificate(certificate);
      if (said === undefined) return undefined;
      const committee = partsOf()?.chain.at(checkpoint.epoch)?.committee;
      if (committee?.digest !== said.committee) return 'unknown';
      const checks = historyChecks(committee, checkpoint, certificate);
      return checks.ok ? checks.value : undefined;
    },
  };
}
