/**
 * How simulated participants hear of each other without a link, as src/transport/introductions.ts does it: an announcement reaches the
 * room and all tabs of the same browser, and some of those who hear it answer. Both carry what their sender said last of its component.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { Random } from '../kernel/random.ts';
import { drawBetween, happens, type NetworkCounters, type NetworkHost } from './network.ts';

/** A tab hears of another tab of its browser within about a millisecond. Origin: guess. */
const BROWSER_MS = 1;

export interface DiscoveryHost {
  running(): readonly PeerId[];
  /** What `peer` says of its component at this moment. */
  component(peer: PeerId): Bytes | undefined;
  discovered(peer: PeerId, other: PeerId, via: 'signaling' | 'browser', component: Bytes | undefined): void;
}

export class Discovery<Message> {
  readonly #host: NetworkHost<Message>;
  readonly #random: Random;
  readonly #people: DiscoveryHost;
  readonly #counters: NetworkCounters;
  /** When a participant announced itself last, or will next. */
  readonly #announcedAt = new Map<PeerId, number>();

  constructor(host: NetworkHost<Message>, random: Random, people: DiscoveryHost, counters: NetworkCounters) {
    this.#host = host;
    this.#random = random;
    this.#people = people;
    this.#counters = counters;
  }

  /** `peer` has just started: its earlier life announced nothing. */
  join(peer: PeerId): void {
    this.#announcedAt.delete(peer);
    this.announce(peer);
  }

  /** `peer` tells the others that it is there; when it has done so a moment ago, a while later. */
  announce(peer: PeerId): void {
    const now = this.#host.now();
    const last = this.#announcedAt.get(peer);
    if (last !== undefined && last > now) return; // one is due already
    const at = last === undefined ? now : Math.max(now, last + this.#host.settings.announceEveryMs);
    this.#announcedAt.set(peer, at);
    if (at === now) this.#announceNow(peer);
    else this.#host.scheduleFor(peer, at - now, () => this.#announceNow(peer));
  }

  #announceNow(peer: PeerId): void {
    const { paths, settings } = this.#host;
    const running = this.#people.running();
    for (const other of running) {
      if (other === peer || !paths.areTabsOfOneBrowser(peer, other)) continue;
      this.#tell(other, peer, 'browser', BROWSER_MS);
      this.#tell(peer, other, 'browser', BROWSER_MS);
    }
    if (!paths.reachesSignaling(peer)) return;
    const room = paths.isServerWhole ? running : running.filter((other) => paths.meetAtServer(peer, other));
    const reached = this.#reached(peer, room);
    const answersPerMille = Math.ceil((1000 * settings.announceReplies) / Math.max(1, reached.length));
    for (const other of reached) {
      const hearsMs = drawBetween(this.#random, settings.introductionMs);
      this.#overServer(other, peer, hearsMs);
      if (!happens(this.#random, answersPerMille)) continue;
      this.#overServer(peer, other, hearsMs + drawBetween(this.#random, settings.introductionMs));
    }
  }

  /** Some of the room, all of a small one, never `peer` itself. */
  #reached(peer: PeerId, room: readonly PeerId[]): readonly PeerId[] {
    const { announceReach } = this.#host.settings;
    if (room.length <= announceReach + 1) return room.filter((other) => other !== peer);
    const reached = new Set<PeerId>();
    while (reached.size < announceReach) {
      const other = room[this.#random.below(room.length)];
      if (other !== undefined && other !== peer) reached.add(other);
    }
    return [...reached];
  }

  #overServer(peer: PeerId, other: PeerId, afterMs: number): void {
    const { signalLossPerMille, signalTwicePerMille, introductionMs } = this.#host.settings;
    this.#counters.serverMessages += 1;
    if (!happens(this.#random, signalLossPerMille)) this.#tell(peer, other, 'signaling', afterMs);
    if (happens(this.#random, signalTwicePerMille))
      this.#tell(peer, other, 'signaling', afterMs + drawBetween(this.#random, introductionMs));
  }

  #tell(peer: PeerId, other: PeerId, via: 'signaling' | 'browser', afterMs: number): void {
    const component = this.#people.component(other);
    this.#host.scheduleFor(peer, afterMs, () => this.#people.discovered(peer, other, via, component));
  }
}
