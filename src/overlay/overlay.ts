/**
 * The overlay as one machine: who is linked with whom, how something reaches everybody or one peer, who is alive (docs/spec/overlay.md).
 * The node knows only this file, commands.ts and messages.ts. This file decides who is asked in which order; every rule is in the part
 * that it belongs to (parts.ts lists them).
 */
import { equalBytes, type Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import { unreachable } from '../kernel/invariant.ts';
import type { Discovery, Input, Instant, LinkFailure, Machine, SignatureCheck } from '../kernel/machine.ts';
import { ANNOUNCEMENT_TAG } from './announcements.ts';
import { Outbox, type Evidence, type OverlayCommand, type OverlayEvent } from './commands.ts';
import { PULSE_TAG } from './component.ts';
import { FULL_WALK_GAP_MS, LAG_MS, MAX_PASSIVE, MIN_LINKS, TICK_MS, WALK_GAP_MS } from './limits.ts';
import type { OverlayMessage } from './messages.ts';
import { assembleParts, type OverlayOptions, type Parts } from './parts.ts';
import type { Deed } from './reputation.ts';
import { summarise, type OverlaySummary } from './summary.ts';
import { SILENCE_TAG, type Hearing } from './witnesses.ts';

/** Everything that is looked at now and then. */
export const OVERLAY_TIMER = 'overlay/tick';
/** Names to be told and broadcasts to be asked for. */
export const BROADCAST_TIMER = 'overlay/broadcast';
/** Announcements of others to be handed on. */
export const ONWARD_TIMER = 'overlay/onward';

export interface Overlay extends Machine<OverlayMessage, OverlayCommand, OverlayEvent> {
  /** Signatures that must hold before `step` sees the message: those of news, nothing for duplicates. */
  checks(message: OverlayMessage): readonly SignatureCheck[];
  /** Whether the broadcast with this id was delivered or sent already: its payload need not be checked again. */
  hasSeen(id: string): boolean;
  /** A neighbour sent something that is not the overlay's: a sign of life like any other. */
  heard(peer: PeerId, now: Instant): void;
  /** Peers we have a link with, oldest link first. */
  neighbours(): readonly PeerId[];
  /** The neighbour through which `peer` is reached, or undefined. */
  nextHop(peer: PeerId): PeerId | undefined;
  /** What a peer's latest announcement carries for the layers above; undefined when none is held, or it is too old or its peer gone. */
  noteOf(peer: PeerId): { readonly counter: number; readonly note: Bytes } | undefined;
  summary(): OverlaySummary;
}

type OverlayInput = Input<OverlayMessage, OverlayCommand>;

const DEEDS: Readonly<Record<Evidence, Deed>> = {
  useful: 'useful',
  refused: 'refused',
  withheld: 'withheld',
  equivocation: 'equivocation',
};

/** An overlay that waits for `start`. */
export function createOverlay(options: OverlayOptions): Overlay {
  return new ComposedOverlay(options);
}

class ComposedOverlay implements Overlay {
  readonly #self: PeerId;
  readonly #p: Parts;
  readonly #armed = new Map<string, number>();
  /** Neighbours that the parts know of; the active view may have changed since. */
  readonly #attended = new Set<PeerId>();
  #phase: 'new' | 'running' | 'left' = 'new';
  #now = 0;
  /** When this machine last ran before the current step. */
  #ranAt = 0;
  #walkedAt = -Infinity;
  #linksChanged = false;

  constructor(options: OverlayOptions) {
    this.#self = options.self;
    this.#p = assembleParts(options, () => this.#now);
  }

  step(input: OverlayInput, now: Instant): Outbox['effects'] {
    const out = new Outbox();
    this.#ranAt = this.#now;
    this.#now = now;
    if (this.#phase !== 'running') {
      this.#handleIdle(input, now, out);
      return out.effects;
    }
    const isWork = this.#handle(input, now, out);
    if (this.#isRunning()) this.#settle(isWork, now, out);
    for (const peer of out.sentTo) this.#p.heartbeats.sent(peer, now);
    for (const effect of out.effects)
      if (effect.kind === 'emit' && effect.event.type === 'misbehaved')
        this.#p.reputation.note(effect.event.peer, 'misbehaved', now);
    return out.effects;
  }

  checks(message: OverlayMessage): readonly SignatureCheck[] {
    if (message.kind === 'announcements') return this.#p.announcements.checks(message);
    if (message.kind === 'silences') return this.#p.witnesses.checks(message);
    return message.kind === 'pulse' ? this.#p.component.checks(message, this.#now) : [];
  }

  hasSeen(id: string): boolean {
    return this.#p.broadcast.hasSeen(id);
  }

  heard(peer: PeerId, now: Instant): void {
    this.#now = now;
    this.#p.heartbeats.heard(peer, now);
  }

  neighbours(): readonly PeerId[] {
    return [...this.#p.view.links];
  }

  nextHop(peer: PeerId): PeerId | undefined {
    return this.#p.routing.nextHop(peer);
  }

  noteOf(peer: PeerId): { readonly counter: number; readonly note: Bytes } | undefined {
    return this.#p.directory.freshAnnouncement(peer, this.#now);
  }

  summary(): OverlaySummary {
    return summarise(this.#self, this.#p.directory, this.#p.view.links, this.#now);
  }

  #isRunning(): boolean {
    return this.#phase === 'running';
  }

  /** Before `start` and after `leaving` nobody gets a link. */
  #handleIdle(input: OverlayInput, now: Instant, out: Outbox): void {
    if (input.kind === 'asked') out.put({ kind: 'answer', peer: input.peer, accept: false });
    if (input.kind === 'linkUp') out.hangUp(input.peer, 'goodbye');
    if (this.#phase === 'left' || input.kind !== 'command') return;
    const { command } = input;
    if (command.type === 'remember') this.#remember(command.peers, now);
    if (command.type === 'profile') this.#p.announcements.setProfile(command);
    if (command.type === 'note') this.#p.announcements.setNote(command.note);
    if (command.type === 'rest') this.#p.dialling.rest(command.resting);
    if (command.type !== 'start') return;
    this.#phase = 'running';
    const { announcements, routing, component, view, shuffles, announcer } = this.#p;
    for (const part of [announcements, routing, component]) part.start(command.wallMs);
    for (const part of [view, shuffles]) part.start(now);
    announcer.announce(now, out);
    this.#settle(true, now, out);
  }

  /** True when something may follow from it for our links, or what we say of ourselves. */
  #handle(input: OverlayInput, now: Instant, out: Outbox): boolean {
    switch (input.kind) {
      case 'command':
        return this.#command(input.command, now, out);
      case 'received':
        this.#p.heartbeats.heard(input.from, now);
        this.#received(input.from, input.message, now, out);
        return false;
      case 'elapsed':
        return this.#elapsed(input.timer, now, out);
      case 'asked':
        this.#p.view.asked(input.peer, now, out);
        return true;
      case 'discovered':
        this.#discovered(input.peer, input.via, input.component, now);
        return true;
      case 'linkUp':
        this.#linkUp(input.peer, now, out);
        return true;
      case 'linkDown':
        this.#p.view.linkDown(input.peer, input.reason, now, out);
        return true;
      case 'dialFailed':
        this.#dialFailed(input.peer, input.reason, input.contacts ?? [], now);
        return true;
      case 'signed':
        this.#signed(input.tag, input.signature, now, out);
        return false;
      case 'refused':
        this.#p.reputation.note(input.from, 'refused', now);
        return false;
      case 'durable':
      case 'notDurable':
        return false;
      default:
        return unreachable(input);
    }
  }

  #command(command: OverlayCommand, now: Instant, out: Outbox): boolean {
    const { announcements, announcer, broadcast, directory, routing } = this.#p;
    switch (command.type) {
      case 'start':
        return false;
      case 'broadcast':
        broadcast.broadcast(command.payload, command.lane, now, out);
        return false;
      case 'introduce':
        routing.introduce(command.to, command.sealed, out);
        return false;
      case 'unicast':
        routing.unicast(command, now, out);
        return true;
      case 'profile':
        announcements.setProfile(command);
        return true;
      case 'note':
        announcements.setNote(command.note);
        return true;
      case 'evidence':
        this.#p.reputation.note(command.peer, DEEDS[command.evidence], now);
        return false;
      case 'sleeping':
        announcements.setAsleep(true);
        return true;
      case 'woke':
        directory.forgive(command.sleptMs, now);
        announcements.setAsleep(false);
        announcer.hurry(now);
        this.#p.heartbeats.forgive(command.sleptMs, now);
        this.#p.detector.woke(now, out);
        return true;
      case 'remember':
        this.#remember(command.peers, now);
        return true;
      case 'rest':
        return this.#p.dialling.rest(command.resting);
      case 'leaving':
        this.#p.view.leave(out);
        this.#phase = 'left';
        for (const timer of [OVERLAY_TIMER, BROADCAST_TIMER, ONWARD_TIMER])
          out.put({ kind: 'disarm', timer });
        return false;
      default:
        return unreachable(command);
    }
  }

  #received(from: PeerId, message: OverlayMessage, now: Instant, out: Outbox): void {
    const { announcements, broadcast, component, heartbeats, routing, shuffles, witnesses } = this.#p;
    switch (message.kind) {
      case 'gossip':
        return broadcast.received(from, message, now, out);
      case 'ihave':
        return broadcast.mentioned(from, message, now, out);
      case 'graft':
        return broadcast.grafted(from, message, now, out);
      case 'prune':
        return broadcast.pruned(from, message, now);
      case 'heartbeat':
        return heartbeats.received(from, message, now, out);
      case 'announcements':
        return announcements.received(from, message, now, out);
      case 'silences':
        return this.#heardSilences(witnesses.received(from, message, now, out), now, out);
      case 'pulse':
        return component.received(from, message, now, out);
      case 'shuffle':
        return shuffles.received(from, message, now, out);
      case 'shuffleReply':
        return shuffles.replied(from, message, now, out);
      case 'introduction':
      case 'routed':
      case 'arrived':
        return routing.received(from, message, now, out);
      default:
        return unreachable(message);
    }
  }

  #elapsed(timer: string, now: Instant, out: Outbox): boolean {
    const dueAt = this.#armed.get(timer) ?? now;
    this.#armed.delete(timer);
    if (timer === BROADCAST_TIMER) {
      this.#p.broadcast.elapsed(now, out);
      return false;
    }
    if (timer !== OVERLAY_TIMER) return false;
    const { detector, heartbeats } = this.#p;
    // Late, and nothing else ran since: we stood still. A timer that is only throttled is late while messages come in.
    const lateMs = now - Math.max(dueAt, this.#ranAt);
    detector.ticked(lateMs > LAG_MS ? lateMs : 0);
    if (lateMs > LAG_MS) {
      // We did not run either: what others did meanwhile we cannot know.
      heartbeats.forgive(lateMs, now);
      detector.forgive(lateMs);
    }
    this.#lose(detector.maintain(now, out), now, out);
    heartbeats.maintain(now, out);
    this.#p.routing.elapsed(now, out);
    this.#p.shuffles.maintain(now, out);
    this.#p.passive.maintain();
    this.#p.component.maintain(now, out);
    return true;
  }

  #linkUp(peer: PeerId, now: Instant, out: Outbox): void {
    const { announcements, broadcast, dialling, heartbeats, passive, view } = this.#p;
    const outcome = view.linkUp(peer, now, out);
    if (outcome === undefined) return;
    this.#forget(peer, now, out); // it may have been a neighbour before, over another link
    dialling.linkUp();
    passive.remove(peer);
    heartbeats.up(peer, now);
    broadcast.neighbourUp(peer, now);
    this.#attended.add(peer);
    this.#linksChanged = true;
    if (outcome === 'new') announcements.sendKnown(peer, now, out);
    announcements.changed();
  }

  /** Gives up neighbours that are silent, and says so if others can hear us: when all are silent it may be us. */
  #lose(silent: readonly PeerId[], now: Instant, out: Outbox): void {
    const { directory, view, witnesses } = this.#p;
    const isHeard = [...view.links].some((peer) => !silent.includes(peer) && this.#isHeard(peer, now));
    for (const peer of silent) {
      const isAsleep = directory.get(peer)?.announcement?.asleep === true;
      view.linkDown(peer, 'silent', now, out);
      out.hangUp(peer, 'silent');
      if (isHeard && !isAsleep) witnesses.state(peer, out);
    }
  }

  #isHeard(peer: PeerId, now: Instant): boolean {
    return this.#p.heartbeats.silentMs(peer, now) < TICK_MS * 2;
  }

  /** Statements about us are refuted, those about neighbours are looked into. */
  #heardSilences({ counted, dead }: Hearing, now: Instant, out: Outbox): void {
    for (const suspect of counted) {
      if (suspect === this.#self) this.#p.announcements.refute();
      else this.#p.detector.suspected(suspect, now, out);
    }
    this.#died(dead, now, out);
  }

  #died(dead: readonly PeerId[], now: Instant, out: Outbox): void {
    for (const peer of dead) {
      this.#p.passive.remove(peer);
      if (!this.#p.view.links.has(peer)) continue;
      // Most of its neighbours cannot hear it, and we can: it is cut off from them, and not dead.
      this.#p.detector.suspected(peer, now, out);
    }
    if (dead.length > 0) out.emit({ type: 'peersChanged' });
  }

  #signed(tag: string, signature: Bytes, now: Instant, out: Outbox): void {
    const { announcements, component, witnesses } = this.#p;
    if (tag === ANNOUNCEMENT_TAG) announcements.signed(signature, out);
    else if (tag === PULSE_TAG) component.signed(signature, now, out);
    else if (tag.startsWith(SILENCE_TAG))
      this.#died(witnesses.signed(tag, signature, now, out).dead, now, out);
  }

  #remember(peers: readonly PeerId[], now: Instant): void {
    for (const peer of peers.slice(0, MAX_PASSIVE)) this.#p.passive.add(peer, now);
  }

  #discovered(peer: PeerId, via: Discovery, component: Bytes | undefined, now: Instant): void {
    const { directory, passive, view } = this.#p;
    const isOfOurs =
      component === undefined ? directory.isFull : equalBytes(component, this.#p.component.name(now));
    // In a swarm larger than the table every announcement in the room would otherwise drop somebody from it.
    if (isOfOurs && directory.isFull && view.links.size >= MIN_LINKS && directory.get(peer) === undefined)
      return;
    const entry = directory.touch(peer, now, true);
    if (entry === undefined || via === 'mesh') return;
    entry.discoveredAt = now;
    entry.gone = undefined;
    entry.staleDials = 0;
    // Without its word, a peer that a full table does not know may well be one of ours.
    entry.isOfOurs = isOfOurs;
    passive.add(peer, now);
  }

  #dialFailed(peer: PeerId, reason: LinkFailure, contacts: readonly PeerId[], now: Instant): void {
    const { directory, passive, view } = this.#p;
    view.dialFailed(peer, reason, now);
    for (const contact of contacts) {
      passive.add(contact, now);
      const entry = directory.get(contact);
      if (entry !== undefined) entry.namedAt = now;
    }
  }

  /** Draws the consequences of whatever just happened: who is reachable, whom to dial, what to say, when to look again. */
  #settle(isWork: boolean, now: number, out: Outbox): void {
    const { announcements, announcer, dialling, directory, view } = this.#p;
    if (isWork) this.#attend(now, out);
    const walked = this.#walkIfDue(now, out);
    if (isWork || walked) {
      dialling.maintain(now, out);
      this.#attend(now, out);
      // Trimming a link changes who is reachable; nothing else in `maintain` does.
      if (this.#linksChanged && directory.stale) this.#walk(now, out);
      const isMissing = view.links.size < MIN_LINKS && !dialling.isResting && !dialling.meshOffers();
      announcer.setMissing(isMissing, now);
      announcer.maintain(now, out);
    }
    if ((announcements.deadline() ?? Infinity) <= now) announcements.maintain(now, out);
    announcements.handOn(now, out);
    this.#arm(OVERLAY_TIMER, this.#tickAt(isWork || walked, now), now, out);
    this.#arm(BROADCAST_TIMER, this.#p.broadcast.deadline(), now, out);
    this.#arm(ONWARD_TIMER, announcements.onwardAt(), now, out);
  }

  /** Forgets what the parts hold about links that are gone. */
  #attend(now: number, out: Outbox): void {
    for (const peer of this.#attended) {
      if (this.#p.view.links.has(peer)) continue;
      this.#attended.delete(peer);
      this.#forget(peer, now, out);
      this.#linksChanged = true;
    }
  }

  #forget(peer: PeerId, now: number, out: Outbox): void {
    const { broadcast, detector, heartbeats, routing } = this.#p;
    heartbeats.down(peer);
    detector.down(peer);
    broadcast.neighbourDown(peer);
    routing.neighbourDown(peer, now, out);
  }

  /** Our own links count at once; what others announce, after a while, all together. */
  #walkIfDue(now: number, out: Outbox): boolean {
    const { directory } = this.#p;
    const gap = directory.isFull ? FULL_WALK_GAP_MS : WALK_GAP_MS;
    const isDue = directory.stale && (this.#linksChanged || now - this.#walkedAt >= gap);
    // Announcements also grow old without anything happening.
    if (!isDue && now - this.#walkedAt < 10 * FULL_WALK_GAP_MS) return false;
    this.#walk(now, out);
    return true;
  }

  #walk(now: number, out: Outbox): void {
    const { announcer, component, directory, passive, view } = this.#p;
    const { changed, lost, before } = directory.walk(view.links, now);
    this.#walkedAt = now;
    this.#linksChanged = false;
    if (changed) {
      out.emit({ type: 'peersChanged' });
      passive.maintain();
      component.maintain(now, out);
    }
    // One peer gone is a closed tab; a quarter of them at once may be the other half of a split.
    if (lost >= 2 && lost * 4 >= before) announcer.hurry(now);
  }

  #tickAt(isThorough: boolean, now: number): number {
    const { announcements, announcer, detector, dialling, directory, heartbeats, routing } = this.#p;
    const wanted = [
      now + TICK_MS,
      heartbeats.deadline(),
      detector.deadline(now),
      announcements.deadline(),
      directory.stale ? this.#walkedAt + (directory.isFull ? FULL_WALK_GAP_MS : WALK_GAP_MS) : undefined,
      routing.deadline(),
    ];
    if (isThorough) wanted.push(announcer.deadline(), dialling.deadline(now));
    return Math.min(...wanted.filter((at) => at !== undefined));
  }

  /** Arms a timer that has to fire earlier than it would. */
  #arm(timer: string, at: number | undefined, now: number, out: Outbox): void {
    const armedFor = this.#armed.get(timer);
    // What is due already must not be put off: throttled timers would never get to it.
    if (at === undefined || (armedFor !== undefined && armedFor <= Math.max(at, now))) return;
    const afterMs = Math.max(1, Math.ceil(at - now));
    this.#armed.set(timer, now + afterMs);
    out.arm(timer, afterMs);
  }
}
