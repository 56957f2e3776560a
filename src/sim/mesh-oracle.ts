/**
 * What a swarm of overlays must be, judged only by what the world saw: which payloads were broadcast, who was given them, which links
 * there are. Shares no code with the overlay, so a mistake there does not hide itself here.
 */
import { fromUtf8, utf8, type Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { OverlayEvent } from '../overlay/commands.ts';
import { MAX_LINKS } from './mesh-graph.ts';
import type { MeshWorld } from './mesh-life.ts';

/** Bytes of filling in every second payload, so that large ones are broadcast too. Origin: guess; a card with notes. */
const FILLING_BYTES = 3_000;
/** Characters of a payload by which it is recognised. */
const NAME_LENGTH = 8;

/** One payload and where it got. */
export interface Broadcast {
  readonly sender: PeerId;
  readonly at: number;
  /** Lives of everybody who ran at that moment, awake or not: only these can be asked for it. */
  readonly lives: ReadonlyMap<PeerId, number>;
  /** Who was given it: after how many links, when, in which of its lives. */
  readonly given: Map<PeerId, { readonly hops: number; readonly at: number; readonly life: number }>;
}

export class MeshOracle {
  readonly #world: MeshWorld;
  readonly #broadcasts = new Map<string, Broadcast>();
  #maxLinks = 0;

  constructor(world: MeshWorld) {
    this.#world = world;
    world.onStep((peer) => this.#afterStep(peer));
  }

  get maxLinks(): number {
    return this.#maxLinks;
  }

  /** Lets `sender` broadcast something new; undefined when it does not run or is asleep. */
  broadcast(sender: PeerId): Broadcast | undefined {
    const world = this.#world;
    if (!world.isRunning(sender) || world.isAsleep(sender)) return undefined;
    const number = this.#broadcasts.size;
    const name = String(number).padStart(NAME_LENGTH, '0');
    const payload = utf8(number % 2 === 0 ? name : name + 'x'.repeat(FILLING_BYTES));
    const lives = new Map(world.runningPeers().map((peer) => [peer, world.life(peer)] as const));
    const broadcast: Broadcast = { sender, at: world.now, lives, given: new Map() };
    this.#broadcasts.set(name, broadcast);
    world.command(sender, { type: 'broadcast', payload, lane: 'journal' });
    return broadcast;
  }

  /** An overlay reports something; fails the run when that may not be. */
  hears(peer: PeerId, event: OverlayEvent): void {
    if (event.type === 'delivered') this.#delivered(peer, event.payload, event.hops);
    if (event.type === 'misbehaved') this.#world.fail(`honest peer accused: ${event.misdeed}`);
  }

  /** Those who should have been given a broadcast and were not: they have run ever since, and so has its sender. */
  missing(broadcast: Broadcast): PeerId[] {
    const { sender, lives, given } = broadcast;
    if (!this.#ranSince(sender, lives)) return [];
    return [...lives.keys()].filter(
      (peer) => peer !== sender && !given.has(peer) && this.#ranSince(peer, lives),
    );
  }

  /** All broadcasts so far, oldest first. */
  broadcasts(): readonly Broadcast[] {
    return [...this.#broadcasts.values()];
  }

  #ranSince(peer: PeerId, lives: ReadonlyMap<PeerId, number>): boolean {
    return this.#world.isRunning(peer) && this.#world.life(peer) === lives.get(peer);
  }

  #delivered(peer: PeerId, payload: Bytes, hops: number): void {
    const world = this.#world;
    const broadcast = this.#broadcasts.get(fromUtf8(payload.slice(0, NAME_LENGTH)));
    const life = world.life(peer);
    if (broadcast === undefined) return world.fail(`${world.name(peer)} was given what nobody broadcast`);
    // In another life it may well be told what it said in an earlier one, or hear it again.
    if (broadcast.sender === peer && broadcast.lives.get(peer) === life)
      world.fail(`${world.name(peer)} was given its own broadcast`);
    if (broadcast.given.get(peer)?.life === life)
      world.fail(`duplicate: ${world.name(peer)} was given a broadcast twice`);
    broadcast.given.set(peer, { hops, at: world.now, life });
  }

  #afterStep(peer: PeerId): void {
    const world = this.#world;
    if (!world.isRunning(peer)) return;
    const links = world.linkCount(peer);
    if (links > this.#maxLinks) this.#maxLinks = links;
    const places = world.placeCount(peer);
    if (places > MAX_LINKS)
      world.fail(`cap: ${world.name(peer)} holds ${links} links, ${places} with attempts`);
  }
}
