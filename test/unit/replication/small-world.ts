/**
 * A few machines in virtual time, joined by pipes that can lose, delay and reorder. Much smaller than src/sim, and in the
 * open: a test can look at every message and fail any write.
 */
import type { Bytes } from '../../../src/kernel/bytes.ts';
import type { PeerId } from '../../../src/kernel/ids.ts';
import type {
  Effect,
  Input,
  Instant,
  LinkFailure,
  Machine,
  SignatureCheck,
  StoreFailure,
  Write,
} from '../../../src/kernel/machine.ts';
import { randomFrom } from '../../../src/kernel/random.ts';
import type { Result } from '../../../src/kernel/result.ts';
import type { SimKeys } from '../../../src/sim/sim-keys.ts';
import { KEYS } from './author.ts';

const SIGN_MS = 1;
const WRITE_MS = 3;

export interface Wire<M> {
  encode(message: M): Bytes;
  decode(bytes: Bytes): Result<M, string>;
  checks(message: M): readonly SignatureCheck[];
}

/** One machine with what belongs to it. */
export class Inhabitant<M, C, E> {
  readonly peer: PeerId;
  readonly machine: Machine<M, C, E>;
  readonly wire: Wire<M>;
  readonly disk = new Map<string, Bytes>();
  readonly events: E[] = [];
  readonly links = new Set<PeerId>();
  readonly hungUp: [PeerId, LinkFailure][] = [];
  /** Names of the messages sent, by `kind` of the outermost message. */
  readonly sent: { readonly to: PeerId; readonly message: M; readonly bytes: number; readonly at: number }[] =
    [];
  /** Everything that the machine asked for. */
  readonly effects: { readonly effect: Effect<M, E>; readonly at: number }[] = [];
  readonly timers = new Map<string, number>();
  /** Why every write fails, while set. */
  diskFailure: StoreFailure | undefined;
  /** Writes are neither answered nor done while set, as on a disk that hangs. */
  diskHangs = false;
  /** Persists begun and not answered. */
  writesUnderWay = 0;
  dead = false;

  constructor(peer: PeerId, machine: Machine<M, C, E>, wire: Wire<M>) {
    this.peer = peer;
    this.machine = machine;
    this.wire = wire;
  }
}

export interface Weather {
  /** Of 100 messages, how many are lost. */
  readonly lossPercent: number;
  readonly minMs: number;
  readonly maxMs: number;
}

const CALM: Weather = { lossPercent: 0, minMs: 5, maxMs: 5 };

export class SmallWorld<M, C, E> {
  now = 0;
  weather: Weather = CALM;
  /** Changes or drops (undefined) a message on its way. */
  tamper: (from: PeerId, to: PeerId, bytes: Bytes) => Bytes | undefined = (_from, _to, bytes) => bytes;
  readonly all = new Map<PeerId, Inhabitant<M, C, E>>();
  readonly #queue: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];
  readonly #random;
  #order = 0;
  #armed = 0;

  readonly #keys: SimKeys;

  constructor(seed = 'small world', keys: SimKeys = KEYS) {
    this.#random = randomFrom(seed);
    this.#keys = keys;
  }

  add(peer: PeerId, machine: Machine<M, C, E>, wire: Wire<M>): Inhabitant<M, C, E> {
    const inhabitant = new Inhabitant(peer, machine, wire);
    this.all.set(peer, inhabitant);
    return inhabitant;
  }

  command(who: Inhabitant<M, C, E>, command: C): void {
    this.give(who, { kind: 'command', command });
  }

  give(who: Inhabitant<M, C, E>, input: Input<M, C>): void {
    if (who.dead) return;
    for (const effect of who.machine.step(input, this.now as Instant)) {
      who.effects.push({ effect, at: this.now });
      this.#obey(who, effect);
    }
  }

  /** Joins two machines; each hears `linkUp` unless `quiet`. */
  connect(a: Inhabitant<M, C, E>, b: Inhabitant<M, C, E>, quiet = false): void {
    a.links.add(b.peer);
    b.links.add(a.peer);
    if (quiet) return;
    this.give(a, { kind: 'linkUp', peer: b.peer });
    this.give(b, { kind: 'linkUp', peer: a.peer });
  }

  disconnect(a: Inhabitant<M, C, E>, b: Inhabitant<M, C, E>, quiet = false): void {
    if (!a.links.delete(b.peer)) return;
    b.links.delete(a.peer);
    if (quiet) return;
    this.give(a, { kind: 'linkDown', peer: b.peer, reason: 'closed' });
    this.give(b, { kind: 'linkDown', peer: a.peer, reason: 'closed' });
  }

  /** Lets `ms` of virtual time pass. */
  run(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      this.#queue.sort((a, b) => a.at - b.at || a.order - b.order);
      const next = this.#queue[0];
      if (next === undefined || next.at > end) break;
      this.#queue.shift();
      this.now = next.at;
      next.run();
    }
    this.now = end;
  }

  /** Hands over bytes as if `from` had sent them. */
  inject(from: PeerId, to: Inhabitant<M, C, E>, bytes: Bytes): void {
    const decoded = to.wire.decode(bytes);
    if (!decoded.ok) this.give(to, { kind: 'refused', from, code: decoded.code });
    else if (!this.#keys.holds(to.wire.checks(decoded.value)))
      this.give(to, { kind: 'refused', from, code: 'badSignature' });
    else this.give(to, { kind: 'received', from, message: decoded.value });
  }

  #later(ms: number, run: () => void): void {
    this.#order += 1;
    this.#queue.push({ at: this.now + ms, order: this.#order, run });
  }

  #obey(who: Inhabitant<M, C, E>, effect: Effect<M, E>): void {
    switch (effect.kind) {
      case 'send':
        this.#send(who, effect.to, effect.message);
        return;
      case 'arm': {
        this.#armed += 1;
        const mark = this.#armed;
        who.timers.set(effect.timer, mark);
        this.#later(effect.afterMs, () => {
          if (who.timers.get(effect.timer) !== mark) return;
          who.timers.delete(effect.timer);
          this.give(who, { kind: 'elapsed', timer: effect.timer });
        });
        return;
      }
      case 'disarm':
        who.timers.delete(effect.timer);
        return;
      case 'sign': {
        const signature = this.#keys.sign(who.peer, effect.body);
        this.#later(SIGN_MS, () => this.give(who, { kind: 'signed', tag: effect.tag, signature }));
        return;
      }
      case 'persist':
        this.#persist(who, effect.tag, effect.writes);
        return;
      case 'hangUp':
        who.hungUp.push([effect.peer, effect.reason]);
        this.#hangUp(who, effect.peer, effect.reason);
        return;
      case 'emit':
        who.events.push(effect.event);
        return;
      case 'dial':
        this.#later(1, () => this.give(who, { kind: 'dialFailed', peer: effect.peer, reason: 'timeout' }));
        return;
      case 'answer':
    }
  }

  #send(from: Inhabitant<M, C, E>, to: PeerId, message: M): void {
    if (!from.links.has(to)) return;
    const bytes = from.wire.encode(message);
    from.sent.push({ to, message, bytes: bytes.length, at: this.now });
    const { lossPercent, minMs, maxMs } = this.weather;
    if (this.#random.below(100) < lossPercent) return;
    const arriving = this.tamper(from.peer, to, bytes);
    if (arriving === undefined) return;
    this.#later(minMs + this.#random.below(maxMs - minMs + 1), () => {
      const receiver = this.all.get(to);
      if (receiver?.links.has(from.peer) === true) this.inject(from.peer, receiver, arriving);
    });
  }

  #persist(who: Inhabitant<M, C, E>, tag: string, writes: readonly Write[]): void {
    who.writesUnderWay += 1;
    this.#later(WRITE_MS, () => {
      if (who.diskHangs || who.dead) return;
      who.writesUnderWay -= 1;
      const reason = who.diskFailure;
      if (reason !== undefined) {
        this.give(who, { kind: 'notDurable', tag, reason });
        return;
      }
      for (const write of writes) {
        if (write.op === 'put') who.disk.set(`${write.store}/${write.key}`, write.value);
        else who.disk.delete(`${write.store}/${write.key}`);
      }
      this.give(who, { kind: 'durable', tag });
    });
  }

  #hangUp(who: Inhabitant<M, C, E>, peer: PeerId, reason: LinkFailure): void {
    who.links.delete(peer);
    const other = this.all.get(peer);
    if (other === undefined) return;
    this.#later(1, () => {
      if (other.links.delete(who.peer)) this.give(other, { kind: 'linkDown', peer: who.peer, reason });
    });
  }
}
