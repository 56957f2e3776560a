/**
 * Presence on its way: statements about ourselves go out with the overlay's announcements, those of others come in with theirs, and are
 * shown of members that are here or asleep. Rules PRE-7 to PRE-10 of docs/spec/presence.md.
 *
 * Announcements are signed, counted, flooded and repeated anyway, so presence costs no message of its own while nothing changes.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { MemberId, PeerId } from '../kernel/ids.ts';
import type { Effect, Instant } from '../kernel/machine.ts';
import type { Overlay } from '../overlay/overlay.ts';
import {
  Presences,
  type Doing,
  type Presence,
  type PresenceCommand,
  type PresenceRefusal,
} from '../replication/presence.ts';
import type { Roster } from './roster.ts';

/** What another tab is at. */
export interface PresenceView {
  readonly peerId: PeerId;
  readonly memberId: MemberId;
  /** Anything of up to 64 bytes: the card may not exist here. */
  readonly cardId: string;
  readonly doing: Doing;
  /** The tab said that it sleeps. */
  readonly asleep: boolean;
}

export interface PresenceHost {
  put(effect: Extract<Effect<never, never>, { kind: 'arm' | 'disarm' }>): void;
  /** Announce this note from now on. */
  announce(note: Bytes): void;
  /** `others()` has changed. */
  changed(): void;
}

export class PresenceDesk {
  readonly #roster: Roster;
  readonly #overlay: Overlay;
  readonly #host: PresenceHost;
  readonly #presences: Presences;
  #shown: readonly PresenceView[] = [];

  constructor(roster: Roster, overlay: Overlay, host: PresenceHost) {
    this.#roster = roster;
    this.#overlay = overlay;
    this.#host = host;
    this.#presences = new Presences((peer) => isMember(roster, peer));
  }

  /** The same object until something in it changed. */
  others(): readonly PresenceView[] {
    return this.#shown;
  }

  refusals(code: PresenceRefusal): number {
    return this.#presences.refusals(code);
  }

  say(presence: Presence | undefined, now: Instant): void {
    this.#step({ type: 'say', presence }, now);
  }

  noted(peer: PeerId, counter: number, note: Bytes, now: Instant): void {
    this.#step({ type: 'heard', peer, counter, note }, now);
    // It may have fallen asleep and said nothing else.
    this.look(now);
  }

  elapsed(timer: string, now: Instant): void {
    this.#obey(this.#presences.step({ kind: 'elapsed', timer }, now), now);
  }

  /** Its claim took effect: what it announced before is no stranger's any more. */
  introduced(peer: PeerId, now: Instant): void {
    const said = this.#overlay.noteOf(peer);
    if (said !== undefined) this.noted(peer, said.counter, said.note, now);
  }

  /** Who is here, who sleeps or who belongs to the board may have changed. */
  look(now: Instant): void {
    const others = this.#presences.others(now);
    if (others.length === 0 && this.#shown.length === 0) return;
    const peers = new Map(this.#overlay.summary().peers.map((peer) => [peer.peer, peer]));
    const shown = others.flatMap(([peerId, { cardId, doing }]): PresenceView[] => {
      const memberId = this.#roster.memberOf(peerId);
      const peer = peers.get(peerId);
      if (memberId === undefined || !isMember(this.#roster, peerId) || peer === undefined) return [];
      const { asleep, reachable } = peer;
      // Who sleeps is not gone, though nothing reaches it.
      return reachable || asleep ? [{ peerId, memberId, cardId, doing, asleep }] : [];
    });
    shown.sort((a, b) => (a.peerId < b.peerId ? -1 : 1));
    if (sameViews(shown, this.#shown)) return;
    this.#shown = shown;
    this.#host.changed();
  }

  #step(command: PresenceCommand, now: Instant): void {
    this.#obey(this.#presences.step({ kind: 'command', command }, now), now);
  }

  #obey(effects: ReturnType<Presences['step']>, now: Instant): void {
    for (const effect of effects) {
      if (effect.kind === 'arm' || effect.kind === 'disarm') this.#host.put(effect);
      else if (effect.kind !== 'emit' || effect.event.type === 'changed') this.look(now);
      else this.#host.announce(effect.event.note);
    }
  }
}

function isMember(roster: Roster, peer: PeerId): boolean {
  const member = roster.memberOf(peer);
  return member !== undefined && roster.roleOf(member) !== undefined;
}

function sameViews(a: readonly PresenceView[], b: readonly PresenceView[]): boolean {
  return (
    a.length === b.length &&
    a.every((view, at) => {
      const other = b[at];
      return (
        view.peerId === other?.peerId &&
        view.cardId === other.cardId &&
        view.doing === other.doing &&
        view.asleep === other.asleep
      );
    })
  );
}
