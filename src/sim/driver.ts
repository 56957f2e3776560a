/**
 * The driver of the simulated world: the rules of docs/spec/driver.md over callbacks in virtual time. It shares no code with
 * src/runtime/driver.ts, so that the contract suite that both pass says something about the contract and not about one
 * implementation. Within one instant it works until nothing is left; virtual time does not pass meanwhile.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import { invariant, unreachable } from '../kernel/invariant.ts';
import type {
  Effect,
  Input,
  Instant,
  Lane,
  LinkFailure,
  Machine,
  Protocol,
  SignatureCheck,
  StoreFailure,
  Write,
} from '../kernel/machine.ts';
import type { Result } from '../kernel/result.ts';
import { Value, type Cargo } from './cargo.ts';
import { SimInbox } from './sim-inbox.ts';
import { kindOf } from './world-trace.ts';

/** Milliseconds between two looks at the clock, and the lateness that means "I slept"; as in src/runtime/driver-gap.ts. */
const BEAT_MS = 1_000;
const LATE_MS = 4_000;
/** As in src/runtime/driver.ts. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
const MAX_EFFECTS_PER_STEP = 65_536;
const MAX_WAITING_INPUTS = 65_536;
const MAX_TIMERS = 4096;

/** What the driver asks of the world. Callbacks may come at once or later; none comes after the participant crashed. */
export interface SimHost<Message, Event> {
  /** Whether messages are to be given to `send` as bytes, or as they are. */
  readonly isEncoded: boolean;
  now(): Instant;
  after(afterMs: number, callback: () => void): () => void;
  dial(peer: PeerId): void;
  answer(peer: PeerId, accept: boolean, contacts: readonly PeerId[] | undefined): void;
  hangUp(peer: PeerId, reason: LinkFailure): void;
  send(peer: PeerId, cargo: Cargo<Message>, lane: Lane, kind: string): boolean;
  sign(body: Bytes, done: (signature: Bytes) => void): void;
  verify(checks: readonly SignatureCheck[], done: (hold: boolean) => void): void;
  write(writes: readonly Write[], done: (result: Result<undefined, StoreFailure>) => void): void;
  stopLinks(): void;
  onEvent(event: Event): void;
  onGap(sleptMs: number): void;
  /** After each step and its effects. */
  onStepped(): void;
  onStopped(error: unknown): void;
  record(what: string, peer: PeerId | undefined, detail: string): void;
}

/** What a link can bring. */
export type SimLinkInput =
  | { readonly kind: 'asked'; readonly peer: PeerId }
  | { readonly kind: 'linkUp'; readonly peer: PeerId }
  | { readonly kind: 'linkDown'; readonly peer: PeerId; readonly reason: LinkFailure }
  | {
      readonly kind: 'dialFailed';
      readonly peer: PeerId;
      readonly reason: LinkFailure;
      readonly contacts?: readonly PeerId[] | undefined;
    };

interface Pending<Message, Command> {
  readonly input: Input<Message, Command>;
  /** Whether it still counts when its turn comes. */
  readonly isCurrent: () => boolean;
}

interface Slot<T> {
  value: T | undefined;
}

const always = (): boolean => true;

export class SimDriver<Message, Command, Event> {
  readonly #machine: Machine<Message, Command, Event>;
  readonly #protocol: Protocol<Message>;
  readonly #host: SimHost<Message, Event>;
  readonly #queue: Pending<Message, Command>[] = [];
  readonly #inboxes = new Map<PeerId, SimInbox<Message>>();
  /** Each arming is an object of its own: a stale expiry holds another one. */
  readonly #timers = new Map<string, { cancel: () => void }>();
  readonly #signatures: Slot<Input<Message, Command>>[] = [];
  readonly #writes: Slot<Input<Message, Command>>[] = [];
  /** What the present step sends, by message. */
  readonly #packed = new Map<Message, Cargo<Message>>();
  #cancelBeat: () => void = () => {};
  #draining = false;
  #stopped = false;

  constructor(
    machine: Machine<Message, Command, Event>,
    protocol: Protocol<Message>,
    host: SimHost<Message, Event>,
  ) {
    this.#machine = machine;
    this.#protocol = protocol;
    this.#host = host;
  }

  start(): void {
    this.#beat();
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  command(command: Command): boolean {
    if (this.#stopped || this.#queue.length >= MAX_WAITING_INPUTS) return false;
    this.#push({ kind: 'command', command });
    return true;
  }

  discovered(peer: PeerId, via: 'signaling' | 'browser', component?: Bytes): void {
    if (this.#queue.length < MAX_WAITING_INPUTS) this.#push({ kind: 'discovered', peer, via, component });
  }

  linkEvent(input: SimLinkInput): void {
    if (this.#stopped) return;
    const inbox = this.#inbox(input.peer);
    if (input.kind === 'linkUp') inbox.open = true;
    if (input.kind === 'linkDown') inbox.open = false;
    inbox.addEvent(input);
  }

  received(from: PeerId, cargo: Cargo<Message>): void {
    const inbox = this.#inboxes.get(from);
    if (this.#stopped || inbox?.open !== true) return;
    this.#guarded(() => {
      if (inbox.addCargo(cargo)) return;
      this.#host.record('overloaded', from, '');
      this.#hangUp(from, 'overloaded');
      this.linkEvent({ kind: 'linkDown', peer: from, reason: 'overloaded' });
    });
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancelBeat();
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    for (const inbox of this.#inboxes.values()) inbox.discard();
    this.#inboxes.clear();
    this.#queue.length = 0;
    this.#host.stopLinks();
  }

  #beat(): void {
    const dueAt = this.#host.now() + BEAT_MS;
    this.#cancelBeat = this.#host.after(BEAT_MS, () => {
      const lateMs = this.#host.now() - dueAt;
      this.#beat();
      if (lateMs > LATE_MS) this.#host.onGap(lateMs);
    });
  }

  #inbox(peer: PeerId): SimInbox<Message> {
    const known = this.#inboxes.get(peer);
    if (known !== undefined) return known;
    const inbox = new SimInbox<Message>(peer, this.#protocol, {
      verify: (checks, done) => this.#host.verify(checks, (hold) => this.#guarded(() => done(hold))),
      deliver: (input) => {
        if (this.#inboxes.get(peer) !== inbox) return;
        inbox.delivered += 1;
        this.#push(input, () => {
          inbox.delivered -= 1;
          if (inbox.idle && this.#inboxes.get(peer) === inbox) this.#inboxes.delete(peer);
          return !inbox.discarded;
        });
      },
    });
    this.#inboxes.set(peer, inbox);
    return inbox;
  }

  #push(input: Input<Message, Command>, isCurrent: () => boolean = always): void {
    if (this.#stopped) return;
    this.#queue.push({ input, isCurrent });
    this.#drain();
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#guarded(() => {
      // The queue grows while it is walked, and stopping empties it.
      for (const { input, isCurrent } of this.#queue) if (isCurrent()) this.#step(input);
    });
    this.#queue.length = 0;
    this.#draining = false;
  }

  /** Everything that runs the machine's or the protocol's code runs in here: a throw stops this participant, not the world. */
  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (this.#stopped) throw error; // not the machine's doing: a checker or the world failed
      this.#host.record('failed', undefined, String(error));
      this.stop();
      this.#host.onStopped(error);
    }
  }

  #step(input: Input<Message, Command>): void {
    this.#recordInput(input);
    const effects = this.#machine.step(input, this.#host.now());
    invariant(
      effects.length <= MAX_EFFECTS_PER_STEP,
      `more than ${MAX_EFFECTS_PER_STEP} effects of one step`,
    );
    this.#packed.clear();
    for (const effect of effects) {
      if (this.#isStopped()) return;
      this.#obey(effect);
    }
    this.#host.onStepped();
  }

  #obey(effect: Effect<Message, Event>): void {
    switch (effect.kind) {
      case 'send':
        return this.#send(effect.to, effect.message, effect.lane);
      case 'arm':
        return this.#arm(effect.timer, effect.afterMs);
      case 'disarm':
        return this.#disarm(effect.timer);
      case 'dial':
        this.#host.record('dial', effect.peer, '');
        return this.#host.dial(effect.peer);
      case 'answer':
        this.#host.record(effect.accept ? 'accept' : 'decline', effect.peer, '');
        return this.#host.answer(effect.peer, effect.accept, effect.contacts);
      case 'hangUp':
        this.#host.record('hangUp', effect.peer, effect.reason);
        return this.#hangUp(effect.peer, effect.reason);
      case 'sign':
        return this.#ask(this.#signatures, (answer) => {
          this.#host.sign(effect.body, (signature) => answer({ kind: 'signed', tag: effect.tag, signature }));
        });
      case 'persist':
        return this.#ask(this.#writes, (answer) => {
          this.#host.write(effect.writes, (result) => answer(storeAnswer(effect.tag, result)));
        });
      case 'emit':
        return this.#host.onEvent(effect.event);
      default:
        return unreachable(effect);
    }
  }

  #send(to: PeerId, message: Message, lane: Lane): void {
    const kind = kindOf(message);
    const isQueued = this.#host.send(to, this.#pack(message, kind), lane, kind);
    this.#host.record(isQueued ? 'send' : 'not sent', to, kind);
  }

  /** One message to several neighbours is packed once. */
  #pack(message: Message, kind: string): Cargo<Message> {
    const known = this.#packed.get(message);
    if (known !== undefined) return known;
    const cargo = this.#host.isEncoded ? this.#protocol.encode(message) : new Value(message);
    if (!(cargo instanceof Value))
      invariant(cargo.length <= MAX_MESSAGE_BYTES, `${kind} above ${MAX_MESSAGE_BYTES} bytes`);
    this.#packed.set(message, cargo);
    return cargo;
  }

  #arm(timer: string, afterMs: number): void {
    invariant(Number.isFinite(afterMs) && afterMs >= 0, `timer ${timer} needs a delay of 0 ms or more`);
    this.#disarm(timer);
    invariant(this.#timers.size < MAX_TIMERS, `more than ${MAX_TIMERS} timers`);
    const armed = { cancel: () => {} };
    armed.cancel = this.#host.after(afterMs, () => {
      this.#push(
        { kind: 'elapsed', timer },
        () => this.#timers.get(timer) === armed && this.#timers.delete(timer),
      );
    });
    this.#timers.set(timer, armed);
  }

  #disarm(timer: string): void {
    this.#timers.get(timer)?.cancel();
    this.#timers.delete(timer);
  }

  #hangUp(peer: PeerId, reason: LinkFailure): void {
    this.#inboxes.get(peer)?.discard();
    this.#inboxes.delete(peer);
    this.#host.hangUp(peer, reason);
  }

  /** Passes answers on in the order of the questions, however the world orders them. */
  #ask(
    slots: Slot<Input<Message, Command>>[],
    question: (answer: (input: Input<Message, Command>) => void) => void,
  ): void {
    const slot: Slot<Input<Message, Command>> = { value: undefined };
    slots.push(slot);
    question((input) => {
      slot.value = input;
      for (let first = slots[0]?.value; first !== undefined; first = slots[0]?.value) {
        slots.shift();
        this.#push(first);
      }
    });
  }

  #recordInput(input: Input<Message, Command>): void {
    switch (input.kind) {
      case 'command':
        return this.#host.record('command', undefined, kindOf(input.command));
      case 'received':
        return this.#host.record('received', input.from, kindOf(input.message));
      case 'refused':
        return this.#host.record('refused', input.from, input.code);
      case 'elapsed':
        return this.#host.record('elapsed', undefined, input.timer);
      case 'linkDown':
      case 'dialFailed':
        return this.#host.record(input.kind, input.peer, input.reason);
      case 'asked':
      case 'discovered':
      case 'linkUp':
        return this.#host.record(input.kind, input.peer, '');
      case 'signed':
      case 'durable':
      case 'notDurable':
        return this.#host.record(input.kind, undefined, input.tag);
      default:
        return unreachable(input);
    }
  }

  #isStopped(): boolean {
    return this.#stopped;
  }
}

function storeAnswer<Message, Command>(
  tag: string,
  result: Result<undefined, StoreFailure>,
): Input<Message, Command> {
  return result.ok ? { kind: 'durable', tag } : { kind: 'notDurable', tag, reason: result.code };
}
