/**
 * Lets links in or turns them away: says hello, has handshake.ts judge the answer, admits newcomers, and looks again at guests when the
 * roster grows.
 */
import type { BoardId, MemberId, PeerId } from '../kernel/ids.ts';
import type { Effect, LinkFailure } from '../kernel/machine.ts';
import type { Admission } from '../identity/admission.ts';
import type { PeerCertificate } from '../identity/peer-certificate.ts';
import type { NodeEvent } from './events.ts';
import { composeHello, judgeHello } from './handshake.ts';
import type { FarewellCode, Hello, NodeMessage } from './messages.ts';
import { isNeighbour, Reception, type Standing } from './reception.ts';
import type { Roster } from './roster.ts';

/**
 * How a link ends after a farewell. Two newcomers that meet before either has the board will both have it within seconds, so that is no
 * lasting refusal: they may try again soon.
 */
export function endOf(code: FarewellCode): LinkFailure {
  return code === 'notReady' ? 'busy' : 'notMember';
}

/** What the gate asks of the node. */
export interface GateHost {
  put(effect: Effect<NodeMessage, NodeEvent>): void;
  wallMs(): number;
  /** Writes an admission into our journal, for the sake of `peer`, or ends the link. */
  admit(admission: Admission, peer: PeerId): void;
  /** Whether we are in the roster and hold a complete copy: only then can we judge others, and give them what they lack. */
  isComplete(): boolean;
  /** The peer is a neighbour from now on (or was one already), and is given what it lacks if `served`. */
  welcome(peer: PeerId, served: boolean): void;
  /** The peer is a neighbour from now on, and neither gives nor is given anything yet. */
  meet(peer: PeerId): void;
  /** The peer was a neighbour and is none any more, though its link stays for now. */
  dismiss(peer: PeerId): void;
  /** Sends the entry that evicted a member to its tab. */
  showEviction(peer: PeerId, member: MemberId | undefined): void;
  /** The peer may give us its journals, and gets none. */
  hostGuest(peer: PeerId): void;
}

export class Gate {
  readonly #board: BoardId;
  readonly #roster: Roster;
  readonly #ticket: Admission | undefined;
  readonly #host: GateHost;
  readonly #reception = new Reception();

  constructor(board: BoardId, roster: Roster, ticket: Admission | undefined, host: GateHost) {
    this.#board = board;
    this.#roster = roster;
    this.#ticket = ticket;
    this.#host = host;
  }

  standing(peer: PeerId): Standing | undefined {
    return this.#reception.standing(peer);
  }

  /** Whether the overlay may use the link. */
  isNeighbour(peer: PeerId): boolean {
    return isNeighbour(this.standing(peer));
  }

  arrived(peer: PeerId, ours: PeerCertificate): void {
    this.#host.put(this.#reception.arrive(peer));
    this.#sayHello(peer, ours);
  }

  /** Judges a hello whose signatures hold. Only the first counts, unless both were newcomers when it came. */
  greeted(from: PeerId, hello: Hello): void {
    const standing = this.standing(from);
    const isAwaited =
      standing === 'greeting' || ((standing === 'early' || standing === 'fellow') && hello.established);
    if (isAwaited) this.#judge(from, hello);
  }

  #judge(from: PeerId, hello: Hello): void {
    const weBelong = this.#host.isComplete();
    const verdict = judgeHello(hello, from, {
      board: this.#board,
      roster: this.#roster,
      wallMs: this.#host.wallMs(),
      ticket: this.#ticket,
      weBelong,
    });
    if (this.isNeighbour(from) && verdict.kind !== 'member') this.#host.dismiss(from);
    if (verdict.kind === 'refused') {
      this.#turnAway(from, verdict.code, hello.certificate.member);
      return;
    }
    this.#host.put(this.#reception.move(from, verdict.kind, hello));
    if (verdict.kind === 'early') return;
    if (verdict.kind === 'fellow') {
      this.#host.meet(from);
      return;
    }
    if (verdict.kind === 'guest') {
      this.#host.hostGuest(from);
      return;
    }
    for (const admission of verdict.admit) {
      if (this.#roster.roleOf(admission.member) !== undefined) continue;
      this.#roster.reserve(admission);
      this.#host.admit(admission, from);
    }
    this.#host.welcome(from, weBelong);
  }

  /** Its hello is of another version, in a layout that we cannot read. */
  differs(from: PeerId): void {
    if (this.standing(from) === 'greeting') this.#turnAway(from, 'protocolMismatch');
  }

  /** Whether the peer is a tab of somebody who was evicted: if it needs to hear that, it dials us. */
  isExpelled(peer: PeerId): boolean {
    const member = this.#roster.memberOf(peer);
    return member !== undefined && this.#roster.isEvicted(member);
  }

  /** Somebody was evicted: the links of its tabs end. */
  #expel(): void {
    for (const peer of [...this.#reception.in('member'), ...this.#reception.in('guest')]) {
      const member = this.#reception.hello(peer)?.certificate.member;
      if (member === undefined || !this.#roster.isEvicted(member)) continue;
      this.#host.dismiss(peer);
      this.#turnAway(peer, 'evicted', member);
    }
  }

  /** The roster changed: guests whose member is known now, from their own journals, are neighbours, and whoever was evicted has to go. */
  reconsider(): void {
    for (const peer of this.#reception.in('guest')) {
      const hello = this.#reception.hello(peer);
      if (hello === undefined || this.#roster.roleOf(hello.certificate.member) === undefined) continue;
      this.#host.put(this.#reception.move(peer, 'member'));
      this.#host.welcome(peer, true);
    }
    this.#expel();
  }

  /**
   * Our copy is complete: whom we took at their word while we were newcomers is judged now, and is served only then. Newcomers whom we
   * met on the way hear that we belong, and can be admitted by us: a crowd that arrives together passes the board on along the
   * links it has, instead of dialling again.
   */
  completed(ours: PeerCertificate): void {
    for (const peer of this.#reception.in('member', 'fellow', 'early')) {
      const hello = this.#reception.hello(peer);
      if (hello === undefined) continue;
      if (this.standing(peer) !== 'member') this.#sayHello(peer, ours);
      this.#judge(peer, hello);
    }
  }

  /** Forgets a link and tells where it stood. */
  departed(peer: PeerId): Standing | undefined {
    const { standing, effect } = this.#reception.depart(peer);
    if (standing !== undefined) this.#host.put(effect);
    return standing;
  }

  /** Counts a refused message; true when the link has to go. */
  refused(peer: PeerId): boolean {
    return this.#reception.refused(peer);
  }

  /** Whose time is up, and why it has to go; undefined when the timer is not ours. */
  overdue(timer: string): { readonly peer: PeerId; readonly reason: LinkFailure } | undefined {
    const peer = this.#reception.overdue(timer);
    if (peer === undefined) return undefined;
    const standing = this.standing(peer);
    if (standing === 'greeting') return { peer, reason: 'timeout' };
    return { peer, reason: standing === 'early' ? endOf('notReady') : 'notMember' };
  }

  #sayHello(peer: PeerId, ours: PeerCertificate): void {
    const hello = composeHello(this.#roster, ours, this.#ticket, this.#host.isComplete());
    this.#send(peer, { kind: 'hello', ...hello });
  }

  #turnAway(peer: PeerId, code: FarewellCode, member?: MemberId): void {
    // Only with the entry that says so it has to believe it.
    if (code === 'evicted') this.#host.showEviction(peer, member);
    this.#send(peer, { kind: 'farewell', code });
    this.#host.put(this.#reception.move(peer, 'leaving'));
  }

  #send(to: PeerId, message: NodeMessage): void {
    this.#host.put({ kind: 'send', to, message, lane: 'control' });
  }
}
