/**
 * What a tab asks the group for by itself, so that the committee comes to know of members and tabs, its seats are those of open tabs, and what is due
 * is counted. Every errand follows from what is known now and is none any more once it is done, so asking twice changes nothing. Rules NOD-56 to
 * NOD-60 and NOD-110 of docs/spec/node.md.
 */
import type { PeerId } from '../kernel/ids.ts';
import type { Instant } from '../kernel/machine.ts';
import { mayEdit } from '../identity/roles.ts';
import type { LieProof } from '../consensus/lies.ts';
import { SEAT_LEASE_MS } from '../governance/limits.ts';
import type { Operation } from '../governance/operations.ts';
import type { GovernanceRefusal } from '../governance/outcomes.ts';
import type { GovernanceState } from '../governance/state.ts';
import type { ForkProof } from '../replication/forks.ts';
import { MAX_ERRANDS } from './limits.ts';
import type { Roster } from './roster.ts';

/** How long the next tab in line gives the one before to ask, ms (guess: twice a slow decision). */
const STEP_MS = 3_000;
/** Gathers what comes together into one batch, ms (guess: a round trip). */
const SOON_MS = 200;
/**
 * Tabs are admitted and seated when for so long none came and none was, ms, so that a crowd takes a few decisions and not three for each tab. Guess: above the
 * time between two tabs that join at once on a busy machine.
 */
export const CALM_MS = 1_500;
/** The longest that a tab waits for that, ms (guess: what 16 tabs take to join at once on two busy cores). */
export const MOST_CALM_MS = 10_000;
/** What waits for calm. */
const CALM: ReadonlySet<Operation['kind']> = new Set(['introduce', 'admit', 'takeSeat']);
/** An errand that was asked for and is still one is asked for again after this, ms (guess: far above a decision's time while a quorum is there). */
const AGAIN_MS = 60_000;
/** How long after its end a lease is taken for over: agreed time may lag behind our clock, ms (guess). */
const LEASE_GRACE_MS = 5_000;
/** Refusals that another try does not change. */
const LASTING: ReadonlySet<Operation['kind']> = new Set([
  'introduce',
  'admit',
  'cut',
  'convict',
  'evict',
  'changeRole',
]);

export interface Errand {
  /** Two errands of one name are one. */
  readonly name: string;
  readonly operation: Operation;
  /** Whether only this tab can do it; all others are left to the first in line. */
  readonly isOwn: boolean;
}

/** What errands follow from. */
export interface Circumstances {
  readonly state: GovernanceState;
  readonly self: PeerId;
  readonly roster: Roster;
  readonly proofs: readonly ForkProof[];
  /** Of seats that voted twice. */
  readonly lies: readonly LieProof[];
  /** Peers that the mesh reaches, without us. */
  readonly reachable: ReadonlySet<PeerId>;
  /** What owners decreed by themselves, for our tab to tell. */
  readonly decrees: readonly Operation[];
  /** Agreed time as far as it can be told, ms since 1970. */
  readonly time: number;
}

/** Everything that should be asked for now; nothing while the group does not know our tab. */
export function errandsOf(now: Circumstances): Errand[] {
  if (!now.state.mayAsk(now.self)) return [];
  const found = [
    ...seatErrands(now),
    ...memberErrands(now),
    ...tabErrands(now),
    ...dueErrands(now),
    ...proofErrands(now),
    ...lieErrands(now),
    ...now.decrees.map(shared),
  ];
  return found.slice(0, MAX_ERRANDS);
}

function seatErrands({ reachable, roster, self, state, time }: Circumstances): Errand[] {
  const { founding, members, seats } = state;
  const member = members.memberOf(self);
  const role = member && members.roleOf(member);
  const place = members.tab(self)?.member;
  if (member === undefined || role === undefined || place === undefined) return [];
  const row = seats.get(self);
  if (row !== undefined) {
    const isEnding = !row.isDurable && row.leaseUntil - time < SEAT_LEASE_MS / 2;
    return isEnding ? [own({ kind: 'renewSeat' })] : [];
  }
  if (!mayEdit(role)) return [];
  // A tab under a new key takes over from its old one; where members have one seat each, from a sibling that is gone.
  const replaces = seats.of(place).find((seat) => {
    const isGone = !reachable.has(seat);
    return isGone && (founding.electorate === 'member' || roster.successorsOf(seat).includes(self));
  });
  if (seats.whyNotTake(self, place, replaces, founding.electorate) !== undefined) return [];
  return [own({ kind: 'takeSeat', replaces })];
}

/** Who was let in by journals, with one of its tabs. */
function memberErrands({ reachable, roster, state: { members } }: Circumstances): Errand[] {
  return roster.members().flatMap(({ admission, evicted, member }) => {
    if (admission === undefined || evicted || members.whyNotAdd(member) !== undefined) return [];
    // Whoever invited has to be known first.
    if (members.roleOf(admission.capability.issuer) === undefined) return [];
    const tabs = roster.peersOf(member);
    const tab = tabs.find((peer) => reachable.has(peer)) ?? tabs.at(-1);
    const certificate = tab === undefined ? undefined : roster.certificateOf(tab);
    return [shared({ kind: 'admit', admission, certificate })];
  });
}

/** Tabs of members, as long as they are here. */
function tabErrands({ reachable, roster, state: { members } }: Circumstances): Errand[] {
  return [...reachable].sort().flatMap((peer) => {
    const certificate = roster.certificateOf(peer);
    if (certificate === undefined || members.tab(peer) !== undefined) return [];
    const { member } = certificate;
    if (members.roleOf(member) === undefined || members.whyNotIntroduce(peer, member) !== undefined)
      return [];
    return [shared({ kind: 'introduce', certificate })];
  });
}

/** Leases that are over, and proposals whose time is. */
function dueErrands({ reachable, self, state, time }: Circumstances): Errand[] {
  const over = state.seats
    .rows()
    .filter(({ isDurable, leaseUntil }) => !isDurable && leaseUntil + LEASE_GRACE_MS <= time)
    .map(({ seat }) => seat)
    .filter((seat) => seat !== self && !reachable.has(seat));
  const due = state.proposals.rows().filter(({ closing, id }) => {
    return closing === undefined && state.proposals.whyNotClose(id, time) === undefined;
  });
  return [
    ...(over.length === 0 ? [] : [shared({ kind: 'expireSeats', seats: over })]),
    ...due.map(({ id }) => shared({ kind: 'close', proposal: id })),
  ];
}

function proofErrands({ proofs, state: { members } }: Circumstances): Errand[] {
  return proofs.flatMap((proof) => {
    const tab = members.tab(proof.author);
    const isKnown = tab === undefined || (tab.forkedAt !== undefined && tab.forkedAt <= proof.seq);
    return isKnown ? [] : [shared({ kind: 'cut', proof })];
  });
}

function lieErrands({ lies, state: { convictions, members } }: Circumstances): Errand[] {
  return lies.flatMap((proof) => {
    const isOpen = members.tab(proof.key) !== undefined && !convictions.has(proof.key);
    return isOpen ? [shared({ kind: 'convict', proof })] : [];
  });
}

function own(operation: Operation): Errand {
  return { name: nameOf(operation), operation, isOwn: true };
}

function shared(operation: Operation): Errand {
  return { name: nameOf(operation), operation, isOwn: false };
}

function nameOf(operation: Operation): string {
  switch (operation.kind) {
    case 'introduce':
      return `introduce ${operation.certificate.peer}`;
    case 'admit':
      return `admit ${operation.admission.member}`;
    case 'cut':
      return `cut ${operation.proof.author} ${operation.proof.seq}`;
    case 'convict':
      return `convict ${operation.proof.key}`;
    case 'close':
      return `close ${operation.proposal}`;
    case 'evict':
      return `evict ${operation.member}`;
    case 'changeRole':
      return `changeRole ${operation.member} ${operation.role}`;
    default:
      return operation.kind;
  }
}

/** In how many ms the next proposal or lease will be due, by our clock; Infinity when there is none. */
export function nextDue({ proposals, seats }: GovernanceState, self: PeerId, time: number): number {
  const ends = [
    ...proposals.rows().flatMap(({ closing, closesAt }) => (closing === undefined ? [closesAt] : [])),
    ...seats.rows().flatMap(({ isDurable, leaseUntil, seat }) => {
      if (isDurable) return [];
      return [seat === self ? leaseUntil - SEAT_LEASE_MS / 2 + 1 : leaseUntil + LEASE_GRACE_MS];
    }),
  ].filter((end) => end > time);
  return Math.min(...ends) - time;
}

/** What a person asks for, as opposed to errands. */
export function isPersonal({ kind }: Operation): boolean {
  return !BY_ITSELF.has(kind);
}

const BY_ITSELF: ReadonlySet<Operation['kind']> = new Set([
  'introduce',
  'admit',
  'cut',
  'convict',
  'takeSeat',
  'renewSeat',
  'expireSeats',
  'close',
  'attest',
  'evict',
  'changeRole',
]);

/** Where a tab stands in line: first those with a seat that are here, by seat; then all others. */
export function rankOf(self: PeerId, keys: readonly PeerId[], reachable: ReadonlySet<PeerId>): number {
  const here = keys.filter((key) => key === self || reachable.has(key));
  const at = here.indexOf(self);
  return at < 0 ? here.length : at;
}

interface Begun {
  readonly since: Instant;
  askedAt: Instant | undefined;
  readonly waitsForCalm: boolean;
}

/** When which errand is asked for. */
export class Errands {
  readonly #begun = new Map<string, Begun>();
  readonly #hopeless = new Set<string>();
  /** When somebody was last found whom the group does not know, and when it last came to know somebody. */
  #foundAt = 0 as Instant;
  #knownAt = 0 as Instant;

  /** What is to be asked for now, at most `room`, and when to look again. */
  due(
    errands: readonly Errand[],
    rank: number,
    room: number,
    now: Instant,
  ): { readonly operations: readonly Operation[]; readonly lookAt: Instant | undefined } {
    const named = new Map(errands.map((errand) => [errand.name, errand]));
    this.#begin(named, now);
    const operations: Operation[] = [];
    let lookAt: Instant | undefined;
    for (const { isOwn, name, operation } of named.values()) {
      const begun = this.#begun.get(name);
      if (begun === undefined || this.#hopeless.has(name)) continue;
      const readyAt = begun.waitsForCalm ? this.#calmAt(operation.kind, begun.since) : begun.since + SOON_MS;
      const turnAt = readyAt + (isOwn ? 0 : rank * STEP_MS);
      const dueAt = (begun.askedAt === undefined ? turnAt : begun.askedAt + AGAIN_MS) as Instant;
      if (dueAt <= now && operations.length < room) {
        begun.askedAt = now;
        operations.push(operation);
      }
      const nextAt = dueAt <= now ? ((now + AGAIN_MS) as Instant) : dueAt;
      if (lookAt === undefined || nextAt < lookAt) lookAt = nextAt;
    }
    return { operations, lookAt };
  }

  /** Forgets what is no errand any more, and notes since when what is new has been one. */
  #begin(named: ReadonlyMap<string, Errand>, now: Instant): void {
    for (const [name, { waitsForCalm }] of this.#begun) {
      if (named.has(name)) continue;
      this.#begun.delete(name);
      if (waitsForCalm) this.#knownAt = now;
    }
    for (const [name, { operation }] of named) {
      if (this.#hopeless.has(name) || this.#begun.has(name)) continue;
      const waitsForCalm = CALM.has(operation.kind);
      this.#begun.set(name, { since: now, askedAt: undefined, waitsForCalm });
      if (waitsForCalm) this.#foundAt = now;
    }
  }

  /** Seats wait for tabs that are being admitted too: each change of seats begins an epoch. */
  #calmAt(kind: Operation['kind'], since: Instant): number {
    const movedAt = kind === 'takeSeat' ? Math.max(this.#foundAt, this.#knownAt) : this.#foundAt;
    return Math.min(Math.max(since, movedAt) + CALM_MS, since + MOST_CALM_MS);
  }

  /** The group refused it, whoever asked. */
  refused(operation: Operation, code: GovernanceRefusal): void {
    const name = nameOf(operation);
    if (code === 'notDue') this.#begun.delete(name);
    if (!LASTING.has(operation.kind)) return;
    const [oldest] = this.#hopeless;
    if (this.#hopeless.size >= MAX_ERRANDS && oldest !== undefined) this.#hopeless.delete(oldest);
    this.#hopeless.add(name);
  }

  /** A quorum is there again: everything is asked for in its turn. */
  begin(): void {
    this.#begun.clear();
  }
}
