/**
 * The name of the component of the mesh that we are in: its lowest peer id. While the directory knows everybody it is read off there; in a
 * larger swarm the lowest peer sends a signed pulse that everybody hands on, as the root of a spanning tree does (Perlman 1985). Told to
 * whoever discovers us outside the mesh, it says whether we are already connected. Rules OVL-52 to OVL-54.
 */
import { fromHex, type Bytes } from '../kernel/bytes.ts';
import type { BoardId, PeerId } from '../kernel/ids.ts';
import { MAX_COMPONENT_BYTES, type SignatureCheck } from '../kernel/machine.ts';
import type { Random } from '../kernel/random.ts';
import type { Outbox } from './commands.ts';
import type { Directory } from './directory.ts';
import { PULSE_GONE_MS, PULSE_MS } from './limits.ts';
import { pulseCheck, pulseToSign, type Pulse, type SignedPulse } from './messages.ts';

/** Tag of our `sign` effects; at most one is outstanding. */
export const PULSE_TAG = 'overlay/pulse';

/** Roots whose last pulse is remembered, so that an old one does not bring them back. Guess. */
const MAX_OLD_ROOTS = 16;

export interface ComponentOptions {
  readonly self: PeerId;
  readonly board: BoardId;
  readonly directory: Directory;
  readonly links: ReadonlySet<PeerId>;
  readonly random: Random;
}

export class Component {
  readonly #o: ComponentOptions;
  #told = '';
  #counter = 0;
  #root: { readonly pulse: Pulse; readonly heardAt: number } | undefined;
  readonly #lastCounters = new Map<PeerId, number>();
  #signing: Pulse | undefined;
  #pulseAt: number | undefined;
  /** Not worth a check when they came; by the time of the step they may seem to be, and stay ignored. */
  readonly #unchecked = new WeakSet<SignedPulse>();

  constructor(options: ComponentOptions) {
    this.#o = options;
  }

  /** Pulses count on from the wall clock, so that they grow across reloads. */
  start(wallMs: number): void {
    this.#counter = wallMs;
  }

  /** The component's name as others are told it. */
  name(now: number): Bytes {
    return fromHex(this.#lowest(now).slice(0, MAX_COMPONENT_BYTES * 2));
  }

  /** Tells when the name has changed, and sends our own pulse when we are the root of a large component. */
  maintain(now: number, out: Outbox): void {
    const lowest = this.#lowest(now);
    if (lowest !== this.#told) {
      this.#told = lowest;
      out.emit({ type: 'component', component: this.name(now) });
    }
    if (!this.#o.directory.isFull || this.#signing !== undefined) return;
    if (this.#live(now) !== undefined && lowest !== this.#o.self) {
      this.#pulseAt = undefined;
      return;
    }
    // Whoever has heard of nobody lower for a while may be the lowest; by lot, not all at once.
    this.#pulseAt ??= now + PULSE_MS + this.#o.random.below(PULSE_MS);
    if (now < this.#pulseAt) return;
    this.#pulseAt = now + PULSE_MS;
    this.#counter += 1;
    this.#signing = { root: this.#o.self, counter: this.#counter };
    out.put({ kind: 'sign', tag: PULSE_TAG, body: pulseToSign(this.#o.board, this.#signing) });
  }

  signed(signature: Bytes, now: number, out: Outbox): void {
    const pulse = this.#signing;
    this.#signing = undefined;
    if (pulse !== undefined) this.#take({ ...pulse, signature }, undefined, now, out);
  }

  checks(pulse: SignedPulse, now: number): readonly SignatureCheck[] {
    if (this.#isNews(pulse, now)) return [pulseCheck(this.#o.board, pulse)];
    this.#unchecked.add(pulse);
    return [];
  }

  received(from: PeerId, pulse: SignedPulse, now: number, out: Outbox): void {
    if (!this.#unchecked.has(pulse) && this.#isNews(pulse, now) && pulse.root !== this.#o.self)
      this.#take(pulse, from, now, out);
  }

  #take(pulse: SignedPulse, from: PeerId | undefined, now: number, out: Outbox): void {
    const { root, counter, signature } = pulse;
    this.#root = { pulse, heardAt: now };
    this.#lastCounters.delete(root);
    this.#lastCounters.set(root, counter);
    for (const oldest of this.#lastCounters.keys()) {
      if (this.#lastCounters.size <= MAX_OLD_ROOTS) break;
      this.#lastCounters.delete(oldest);
    }
    const message = { kind: 'pulse', root, counter, signature } as const;
    for (const to of this.#o.links) if (to !== from) out.send(to, message, 'control');
  }

  /** A later pulse of a root at least as low as the one that we follow, and lower than ourselves. */
  #isNews({ root, counter }: Pulse, now: number): boolean {
    if (counter <= (this.#lastCounters.get(root) ?? -1) || root > this.#o.self) return false;
    const live = this.#live(now);
    return live === undefined || root <= live.root;
  }

  #live(now: number): Pulse | undefined {
    return this.#root !== undefined && now - this.#root.heardAt < PULSE_GONE_MS
      ? this.#root.pulse
      : undefined;
  }

  #lowest(now: number): PeerId {
    const { self, directory } = this.#o;
    if (directory.isFull) return this.#live(now)?.root ?? self;
    let lowest = self;
    for (const { peer, reachable } of directory.all()) if (reachable && peer < lowest) lowest = peer;
    return lowest;
  }
}
