/**
 * Announcements: when we issue our own, and what happens to those of others. An announcement is flooded, because it has to arrive
 * when the trees are broken; its duplicates are recognised by peer and counter, so only the latest of each peer is ever kept or
 * handed on. The rate falls with the number of peers. Rules OVL-30 to OVL-33.
 */
import { equalBytes, type Bytes } from '../kernel/bytes.ts';
import type { BoardId, PeerId } from '../kernel/ids.ts';
import { invariant } from '../kernel/invariant.ts';
import type { SignatureCheck } from '../kernel/machine.ts';
import type { Random } from '../kernel/random.ts';
import type { Outbox } from './commands.ts';
import type { Directory } from './directory.ts';
import * as limits from './limits.ts';
import {
  announcementCheck,
  announcementToSign,
  type Announcement,
  type MessageOf,
  type SignedAnnouncement,
} from './messages.ts';

/** Tag of our `sign` effects; at most one is outstanding. */
export const ANNOUNCEMENT_TAG = 'overlay/announcement';

export interface AnnouncementsOptions {
  readonly self: PeerId;
  readonly board: BoardId;
  readonly version: number;
  readonly random: Random;
  readonly directory: Directory;
  readonly links: ReadonlySet<PeerId>;
  /** A new announcement of somebody was taken in. */
  readonly heard: (announcement: Announcement) => void;
}

const NO_NOTE: Bytes = new Uint8Array(0);

/** Somebody's announcement on its way to our neighbours. */
interface Onward {
  readonly announcement: SignedAnnouncement;
  readonly from: PeerId;
  readonly hops: number;
}

interface Profile {
  readonly load: number;
  readonly capabilities: readonly string[];
}

export class Announcements {
  readonly #o: AnnouncementsOptions;
  #counter = 0;
  #signing: Announcement | undefined;
  #latest: Announcement | undefined;
  #dirty = true;
  #asleep = false;
  #profile: Profile = { load: 0, capabilities: [] };
  #note = NO_NOTE;
  /** What our latest announcement said. */
  #said: readonly PeerId[] = [];
  #saidLoad = 0;
  #gapEndsAt = -1;
  #periodEndsAt = -1;
  /** The latest of each peer that is to be handed on together with what comes meanwhile. */
  readonly #onward = new Map<PeerId, Onward>();
  #handedOnAt = -Infinity;
  /** Not worth a check when they came; by the time of the step they may seem to be, and stay ignored. */
  readonly #unchecked = new WeakSet<SignedAnnouncement>();

  constructor(options: AnnouncementsOptions) {
    this.#o = options;
  }

  /** The first announcement will carry a counter above `wallMs`. */
  start(wallMs: number): void {
    this.#counter = Math.max(this.#counter, wallMs);
  }

  /** Our own latest one. */
  get latest(): Announcement | undefined {
    return this.#latest;
  }

  /** A neighbour may not know us: an announcement is due as soon as the gap allows, even if it says nothing new to others. */
  changed(): void {
    this.#dirty = true;
  }

  /** Says it again without waiting for the gap: somebody believes that we are dead. */
  refute(): void {
    this.#dirty = true;
    this.#gapEndsAt = -1;
  }

  /** Says that we are about to be frozen, or are awake again, without waiting for the gap. */
  setAsleep(asleep: boolean): void {
    this.#asleep = asleep;
    this.refute();
  }

  setProfile(profile: Profile): void {
    const words = [...new Set(profile.capabilities)].sort().slice(0, limits.MAX_CAPABILITIES);
    const isNew = words.join('\n') !== this.#profile.capabilities.join('\n');
    const load = Math.min(limits.MAX_LOAD, Math.max(0, Math.round(profile.load)));
    this.#profile = { load, capabilities: words };
    if (isNew || Math.abs(load - this.#saidLoad) >= limits.LOAD_STEP) this.#dirty = true;
  }

  setNote(note: Bytes): void {
    invariant(note.length <= limits.MAX_NOTE_BYTES, 'a note is above MAX_NOTE_BYTES');
    if (equalBytes(note, this.#note)) return;
    this.#note = note;
    this.#dirty = true;
  }

  /** When `maintain` has something to do; undefined while it has not. */
  deadline(): number | undefined {
    if (this.#signing !== undefined || this.#o.links.size === 0) return undefined;
    return this.#dirty || this.#isOutdated()
      ? Math.min(this.#gapEndsAt, this.#periodEndsAt)
      : this.#periodEndsAt;
  }

  /** Issues an announcement when one is due. */
  maintain(now: number, out: Outbox): void {
    const due = this.deadline();
    if (due === undefined || now < due) return;
    const { self, board, version, random, links, directory } = this.#o;
    this.#counter += 1;
    this.#dirty = false;
    const known = directory.size;
    this.#gapEndsAt =
      now + limits.ANNOUNCEMENT_GAP_MS + Math.floor((known * known) / limits.ANNOUNCEMENT_GAP_DIVISOR);
    const wanted = known * limits.ANNOUNCEMENT_PER_PEER_MS;
    const period = Math.min(limits.ANNOUNCEMENT_MAX_MS, Math.max(limits.ANNOUNCEMENT_MIN_MS, wanted));
    this.#periodEndsAt = now + period - random.below(Math.floor(period / 4));
    const neighbours = [...links].sort();
    this.#said = neighbours;
    this.#saidLoad = this.#profile.load;
    const [asleep, note] = [this.#asleep, this.#note];
    this.#signing = {
      peer: self,
      counter: this.#counter,
      neighbours,
      asleep,
      version,
      ...this.#profile,
      note,
    };
    out.put({ kind: 'sign', tag: ANNOUNCEMENT_TAG, body: announcementToSign(board, this.#signing) });
  }

  /** The signature of the announcement under way: it goes to every neighbour. */
  signed(signature: Bytes, out: Outbox): void {
    const announcement = this.#signing;
    if (announcement === undefined) return;
    this.#signing = undefined;
    this.#latest = announcement;
    const announcements = [{ ...announcement, signature }];
    const message = { kind: 'announcements', hops: 1, announcements } as const;
    for (const to of this.#o.links) out.send(to, message, 'control');
  }

  /** The signatures that matter: those of announcements that `received` would take in. */
  checks(message: MessageOf<'announcements'>): readonly SignatureCheck[] {
    const checks: SignatureCheck[] = [];
    for (const announcement of message.announcements) {
      const { peer, counter } = announcement;
      if (counter > this.#lastCounter(peer) && this.#o.directory.hasRoomFor(peer))
        checks.push(announcementCheck(this.#o.board, announcement));
      else this.#unchecked.add(announcement);
    }
    return checks;
  }

  /** Keeps what is new, to be handed on; answers an author that has fallen behind its own counter. */
  received(from: PeerId, message: MessageOf<'announcements'>, now: number, out: Outbox): void {
    const fresh: SignedAnnouncement[] = [];
    for (const announcement of message.announcements) {
      const { peer, counter, note } = announcement;
      const before = this.#o.directory.get(peer)?.announcement?.note;
      if (this.#unchecked.has(announcement)) this.#remind(from, announcement, now, out);
      else if (counter <= this.#lastCounter(peer)) this.#remind(from, announcement, now, out);
      else if (peer === this.#o.self) this.#catchUp(announcement);
      else if (this.#o.directory.heard(announcement, from, now)) {
        fresh.push(announcement);
        if (note.length > 0 || before?.length !== 0) out.emit({ type: 'noted', peer, counter, note });
      }
    }
    for (const announcement of fresh) this.#o.heard(announcement);
    const most = this.#o.directory.isFull ? limits.NEAR_HOPS : limits.MAX_HOPS;
    if (message.hops >= most) return;
    for (const announcement of fresh)
      this.#onward.set(announcement.peer, { announcement, from, hops: message.hops + 1 });
  }

  /** When something is to be handed on; undefined while there is nothing. */
  onwardAt(): number | undefined {
    return this.#onward.size > 0 ? this.#handedOnAt + limits.ONWARD_GAP_MS : undefined;
  }

  /** Hands on what has gathered: nothing to its bringer, and nobody is told about itself. */
  handOn(now: number, out: Outbox): void {
    if (now < (this.onwardAt() ?? Infinity)) return;
    this.#handedOnAt = now;
    const waiting = [...this.#onward.values()];
    this.#onward.clear();
    // Equal messages are one, so that they are encoded once.
    const messages = new Map<string, readonly MessageOf<'announcements'>[]>();
    for (const to of this.#o.links) {
      const wanted = waiting.filter(({ announcement, from }) => from !== to && announcement.peer !== to);
      const key = wanted.map(({ announcement }) => announcement.peer).join();
      const parts = messages.get(key) ?? this.#messagesOf(wanted);
      messages.set(key, parts);
      for (const part of parts) out.send(to, part, 'control');
    }
  }

  /** As few messages as possible. Only in a swarm larger than the directory do the links crossed so far matter. */
  #messagesOf(onward: readonly Onward[]): readonly MessageOf<'announcements'>[] {
    const byHops = new Map<number, SignedAnnouncement[]>();
    const most = Math.max(0, ...onward.map(({ hops }) => hops));
    for (const { announcement, hops } of onward) {
      const counted = this.#o.directory.isFull ? hops : most;
      const others = byHops.get(counted);
      if (others === undefined) byHops.set(counted, [announcement]);
      else others.push(announcement);
    }
    return [...byHops].flatMap(([hops, announcements]) => inMessages(announcements, hops));
  }

  /** Everything fresh that we know, for a neighbour from another component; a sample of it where the swarm is larger than the directory. */
  sendKnown(to: PeerId, now: number, out: Outbox): void {
    const known: SignedAnnouncement[] = [];
    const most = this.#o.directory.isFull ? limits.MAX_ANNOUNCEMENTS_PER_MESSAGE : Infinity;
    for (const entry of this.#o.directory.all()) {
      if (known.length >= most) break;
      if (entry.announcement !== undefined && this.#o.directory.isFresh(entry, now))
        known.push(entry.announcement);
    }
    this.#sendAll(to, known, 1, out);
  }

  #isOutdated(): boolean {
    const { links } = this.#o;
    return links.size !== this.#said.length || this.#said.some((peer) => !links.has(peer));
  }

  #lastCounter(peer: PeerId): number {
    return peer === this.#o.self ? this.#counter : this.#o.directory.lastCounter(peer);
  }

  /** An announcement of ours that we do not remember: this device's clock has gone back since we issued it. */
  #catchUp(announcement: SignedAnnouncement): void {
    this.#counter = announcement.counter;
    this.#dirty = true;
  }

  #remind(from: PeerId, { peer, counter }: SignedAnnouncement, now: number, out: Outbox): void {
    if (from !== peer) return;
    const held = this.#o.directory.freshAnnouncement(from, now);
    if (held === undefined || held.counter <= counter) return;
    out.send(from, { kind: 'announcements', hops: 1, announcements: [held] }, 'control');
  }

  /** In as few messages as possible; nobody is sent an announcement of its own. */
  #sendAll(to: PeerId, announcements: readonly SignedAnnouncement[], hops: number, out: Outbox): void {
    const wanted = announcements.filter(({ peer }) => peer !== to);
    for (const message of inMessages(wanted, hops)) out.send(to, message, 'control');
  }
}

function inMessages(
  announcements: readonly SignedAnnouncement[],
  hops: number,
): readonly MessageOf<'announcements'>[] {
  const messages: MessageOf<'announcements'>[] = [];
  for (let at = 0; at < announcements.length; at += limits.MAX_ANNOUNCEMENTS_PER_MESSAGE) {
    const part = announcements.slice(at, at + limits.MAX_ANNOUNCEMENTS_PER_MESSAGE);
    messages.push({ kind: 'announcements', hops, announcements: part });
  }
  return messages;
}
