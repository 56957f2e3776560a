/** Who can reach whom right now: partitions, one-way cuts, pairs that never connect, NATs, browsers, and the signaling server. */
import type { PeerId } from '../kernel/ids.ts';

/**
 * How a participant is reached from outside. `open`: by anybody. `restricted`: by whoever it has sent to, which hole punching
 * arranges. `symmetric`: with another outer port for everybody, so it reaches restricted ones only when it dials
 * itself, and no other symmetric one ever (RFC 5780, section 4).
 */
export type NatClass = 'open' | 'restricted' | 'symmetric';

export class Paths {
  readonly #groupOf = new Map<PeerId, number>();
  readonly #roomOf = new Map<PeerId, number>();
  readonly #cuts = new Set<string>();
  readonly #noPath = new Set<string>();
  readonly #noDial = new Set<string>();
  readonly #natOf = new Map<PeerId, NatClass>();
  readonly #browserOf = new Map<PeerId, string>();
  #isSplit = false;
  #signalingUp = true;
  /** The group in which the signaling server is; undefined: it is reached from everywhere. */
  #signalingGroup: number | undefined;

  /** Splits the world: whoever is in no group is in group 0. `signalingGroup`: only that group still reaches the server. */
  partition(groups: readonly (readonly PeerId[])[], signalingGroup?: number): void {
    setGroups(this.#groupOf, groups);
    this.#isSplit = true;
    this.#signalingGroup = signalingGroup;
  }

  /** Splits the server only: each group meets on a server of its own. No groups: all meet on one again. */
  splitServer(groups: readonly (readonly PeerId[])[]): void {
    setGroups(this.#roomOf, groups);
  }

  /** Nothing gets from `from` to `to` any more; the way back stays open. */
  cut(from: PeerId, to: PeerId): void {
    this.#cuts.add(`${from}>${to}`);
    this.#isSplit = true;
  }

  /** No direct connection between the two is ever possible; {@link Paths.heal} does not change that. */
  neverConnects(a: PeerId, b: PeerId): void {
    this.#noPath.add(pairKey(a, b));
  }

  /** No attempt that `from` begins with `to` ever succeeds; the other way round may. */
  neverDials(from: PeerId, to: PeerId): void {
    this.#noDial.add(`${from}>${to}`);
  }

  /** Ends partitions and cuts. */
  heal(): void {
    this.#groupOf.clear();
    this.#cuts.clear();
    this.#isSplit = false;
    this.#signalingGroup = undefined;
  }

  setBrowser(peer: PeerId, browser: string): void {
    this.#browserOf.set(peer, browser);
  }

  setNat(peer: PeerId, nat: NatClass): void {
    if (nat !== 'open') this.#natOf.set(peer, nat);
  }

  setSignaling(isUp: boolean): void {
    this.#signalingUp = isUp;
  }

  /** Whether what `from` sends gets to `to`. */
  isOpen(from: PeerId, to: PeerId): boolean {
    if (!this.#isSplit) return true;
    return this.#group(from) === this.#group(to) && !this.#cuts.has(`${from}>${to}`);
  }

  isOpenBothWays(a: PeerId, b: PeerId): boolean {
    return this.isOpen(a, b) && this.isOpen(b, a);
  }

  /** Whether an attempt of `from` with `to` can ever succeed. */
  canConnect(from: PeerId, to: PeerId): boolean {
    if (this.isUnhindered) return true;
    if (this.#noPath.has(pairKey(from, to)) || this.#noDial.has(`${from}>${to}`)) return false;
    const nats = [this.#natOf.get(from) ?? 'open', this.#natOf.get(to) ?? 'open'];
    if (nats.includes('open')) return true;
    return nats[1] !== 'symmetric';
  }

  /** Whether all pairs can connect: nobody is behind a NAT and no pair was told apart. */
  get isUnhindered(): boolean {
    return this.#noPath.size + this.#noDial.size + this.#natOf.size === 0;
  }

  /** Two tabs of one browser profile. */
  areTabsOfOneBrowser(a: PeerId, b: PeerId): boolean {
    const browser = this.#browserOf.get(a);
    return browser !== undefined && browser === this.#browserOf.get(b);
  }

  reachesSignaling(peer: PeerId): boolean {
    const isInItsGroup = this.#signalingGroup === undefined || this.#group(peer) === this.#signalingGroup;
    return this.#signalingUp && isInItsGroup;
  }

  /** Both reach the server, and it is the same one. */
  meetAtServer(a: PeerId, b: PeerId): boolean {
    if (!this.reachesSignaling(a) || !this.reachesSignaling(b)) return false;
    return this.#roomOf.size === 0 || (this.#roomOf.get(a) ?? 0) === (this.#roomOf.get(b) ?? 0);
  }

  /** Whether everybody meets everybody at the server: nobody need be asked one by one. */
  get isServerWhole(): boolean {
    return this.#signalingUp && this.#signalingGroup === undefined && this.#roomOf.size === 0;
  }

  #group(peer: PeerId): number {
    return this.#groupOf.get(peer) ?? 0;
  }
}

function setGroups(groupOf: Map<PeerId, number>, groups: readonly (readonly PeerId[])[]): void {
  groupOf.clear();
  groups.forEach((group, index) => {
    for (const peer of group) groupOf.set(peer, index);
  });
}

/** One key for both orders of a pair. */
export function pairKey(a: PeerId, b: PeerId): string {
  return a < b ? `${a}|${b}` : `${b}|${a}`;
}
