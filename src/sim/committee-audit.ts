/** What must be the same in all tabs of a board with a committee once everything works again; the first thing that is not, in words. */
import type { PeerId } from '../kernel/ids.ts';
import type { BoardIdentities } from './board-identities.ts';
import { JOURNAL_STORE, type BoardWorld } from './board-life.ts';
import type { CommitteeAnnals } from './committee-annals.ts';
import type { CommitteeOracle } from './committee-oracle.ts';
import type { CommitteeTabs, Tab } from './committee-tabs.ts';
import { readDeed } from './entry-reader.ts';

/** A proposal whose time is over is closed by the first in line, by the next after 3 s each, and asked for again after 60 s (NOD-57, NOD-58). */
const CLOSED_WITHIN_MS = 90_000;

export interface Audited {
  readonly world: BoardWorld;
  readonly identities: BoardIdentities;
  readonly annals: CommitteeAnnals;
  readonly oracle: CommitteeOracle;
  readonly tabs: CommitteeTabs;
  readonly isOneEach: boolean;
}

export class CommitteeAudit {
  readonly #audited: Audited;

  constructor(audited: Audited) {
    this.#audited = audited;
  }

  /** Whether enough seats are held by tabs that are there, honest, and have what they signed. */
  isQuorate(): boolean {
    const { annals } = this.#audited;
    const able = annals.newest.keys.filter((key) => this.#isAble(key)).length;
    return able >= annals.newest.quorum;
  }

  #isAble(key: PeerId): boolean {
    const { oracle, tabs, world } = this.#audited;
    const tab = tabs.all().find(({ peer }) => peer === key);
    if (tab === undefined || tab.lie !== undefined || tabs.isGone(key) || oracle.hasLost(key)) return false;
    // Whom an owner evicted alone is cut off at once, and counts as lost until the group has heard of it.
    return !world.isRunning(key) || !world.node(key).isEvicted;
  }

  /** Honest tabs that are there, of members who are in. */
  #here(): Tab[] {
    const { annals, identities, tabs } = this.#audited;
    const { members } = annals.model;
    return tabs.running().filter((tab) => members.get(identities.member(tab.member))?.isEvicted !== true);
  }

  /** What is not level yet, if anything. */
  difference(): string | undefined {
    const { oracle, tabs } = this.#audited;
    const waiting = oracle.open((peer) => tabs.isGone(peer));
    const [open] = waiting;
    if (open !== undefined)
      return `${waiting.length} requests were promised and are not decided: ${this.#name(open.client)}/${open.number}`;
    const [liar] = oracle.unconvicted();
    if (liar !== undefined) return `${this.#name(liar)} voted twice, and has a say all the same`;
    return (
      this.#unseated() ?? this.#unclosed() ?? this.#first((tab) => this.#differenceOf(tab)) ?? this.#boards()
    );
  }

  #first(differenceOf: (tab: Tab) => string | undefined): string | undefined {
    for (const tab of this.#here()) {
      const what = differenceOf(tab);
      if (what !== undefined) return `${tab.name}: ${what}`;
    }
    return undefined;
  }

  #differenceOf({ peer }: Tab): string | undefined {
    const { annals, oracle, tabs, world } = this.#audited;
    const { council } = world.node(peer);
    const status = council.status();
    if (status === undefined) return 'does not know the committee';
    if (status.lastExecuted !== annals.last) return `executed ${status.lastExecuted} of ${annals.last}`;
    if (oracle.isSilentAboutLoss(peer)) return 'does not say that its key is lost';
    if (!oracle.hasLost(peer) && council.waiting().length > 0) return 'shows something as waiting';
    const [forgotten] = oracle.forgotten(peer, tabs.archived(peer));
    if (forgotten !== undefined) return `has decision ${forgotten} no more`;
    return this.#stateOf(peer) ?? this.#membersOf(peer) ?? this.#columnsOf(peer);
  }

  /** What the tab takes for decided, against a count of our own. */
  #stateOf(peer: PeerId): string | undefined {
    const { annals, world } = this.#audited;
    const { members, seats, votes } = annals.model;
    const state = world.node(peer).council.state;
    if (state === undefined) return 'has no state';
    const sits = state.seats.rows().map(({ seat, isDurable }) => `${seat}${isDurable ? '' : '~'}`);
    const should = seats.map(({ key, isDurable }) => `${key}${isDurable ? '' : '~'}`);
    if (sits.join() !== should.join()) return `seats: ${sits.length} where a count says ${should.length}`;
    for (const { id, closing } of state.proposals.rows()) {
      const vote = votes.get(id);
      if (vote === undefined) return `votes: shows a proposal that nobody made`;
      if (closing?.result !== vote.result)
        return `votes: ${closing?.result ?? 'open'} where a count says ${vote.result ?? 'open'}`;
    }
    const convicted = state.convictions.rows().map(({ tab }) => tab);
    const counted = [...annals.model.convicted.keys()].sort();
    if (convicted.join() !== counted.join())
      return `convicted: ${convicted.length} where a count says ${counted.length}`;
    const rows = state.members.rows();
    if (rows.length !== members.size) return `members: ${rows.length} where a count says ${members.size}`;
    return undefined;
  }

  /** Roles and evictions as the board shows them: what was decided was carried out. */
  #membersOf(peer: PeerId): string | undefined {
    const { annals, world } = this.#audited;
    const shown = new Map(
      world
        .node(peer)
        .status()
        .members.map((row) => [row.memberId, row]),
    );
    for (const [member, { isEvicted, role }] of annals.model.members) {
      const row = shown.get(member);
      const is = row?.standing === 'evicted' ? 'evicted' : (row?.role ?? 'nobody');
      const should = isEvicted ? 'evicted' : role;
      if (is !== should) return `board: ${member.slice(0, 8)} is ${is} where the group says ${should}`;
    }
    return undefined;
  }

  #columnsOf(peer: PeerId): string | undefined {
    const { annals, world } = this.#audited;
    const { columns } = world.node(peer).snapshot();
    const left = columns.find(({ id }) => annals.model.removedColumns.has(id));
    return left === undefined ? undefined : `board: column ${left.title} is there, and the group removed it`;
  }

  /** Tabs that should have a seat and have none. */
  #unseated(): string | undefined {
    const { annals, isOneEach, oracle } = this.#audited;
    const { members, seats, tabs } = annals.model;
    for (const { name, peer } of this.#here()) {
      const member = tabs.get(peer);
      if (member === undefined) return `${name} is not known to the group`;
      if (members.get(member)?.role === 'viewer' || oracle.hasLost(peer)) continue;
      const own = seats.filter((seat) => seat.member === member);
      const isSeated = isOneEach ? own.length > 0 : own.some(({ key }) => key === peer);
      if (!isSeated) return `${name} has no seat`;
    }
    return undefined;
  }

  #unclosed(): string | undefined {
    const { annals, tabs } = this.#audited;
    const [first] = tabs.running();
    const now = first === undefined ? 0 : tabs.wallMs(first.peer);
    for (const { closesAt, result } of annals.model.votes.values())
      if (result === undefined && closesAt + CLOSED_WITHIN_MS < now) return 'a vote is not closed';
    return undefined;
  }

  #boards(): string | undefined {
    const { world } = this.#audited;
    const here = this.#here();
    const [first] = here;
    const boardOf = ({ peer }: Tab): string => JSON.stringify(world.node(peer).snapshot());
    const other = here.find((tab) => first !== undefined && boardOf(tab) !== boardOf(first));
    return other === undefined ? undefined : `board: ${other.name} shows another than ${first?.name ?? ''}`;
  }

  /** Certificates that a tab cannot give although it told of the decision and keeps it; and deeds that were done twice. */
  whole(): string | undefined {
    const { oracle, tabs } = this.#audited;
    oracle.convicts();
    for (const { peer } of this.#here()) oracle.shows(peer, tabs.links(peer));
    oracle.overruns();
    return this.#first((tab) => this.#uncertified(tab)) ?? this.#doneTwice();
  }

  #uncertified({ peer }: Tab): string | undefined {
    const { world } = this.#audited;
    const { council } = world.node(peer);
    const { last } = this.#audited.annals;
    for (const { seq, place } of council.archive.decisions(Math.max(1, last - 20)))
      if (council.certificate(seq, place) === undefined) return `has no certificate of ${seq}/${place}`;
    return undefined;
  }

  /** No tab evicts a member in its journal twice. */
  #doneTwice(): string | undefined {
    const { identities, world } = this.#audited;
    for (const { name, peer } of this.#here()) {
      const done = new Set<string>();
      for (const [, bytes] of world.disk(peer).scan(JOURNAL_STORE)) {
        const deed = readDeed(identities.board, bytes);
        if (deed?.decree?.kind !== 'evict') continue;
        const key = `${deed.author} ${deed.decree.member}`;
        if (done.has(key)) return `twice: a tab evicted somebody again, as ${name} has it`;
        done.add(key);
      }
    }
    return undefined;
  }

  #name(peer: PeerId): string {
    return this.#audited.world.name(peer);
  }
}
