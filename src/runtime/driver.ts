/**
 * The driver with real edges: feeds a machine one input at a time and obeys its effects with WebRTC links, IndexedDB, WebCrypto and
 * real timers. Rules DRV-1 to DRV-20 of docs/spec/driver.md; src/sim/driver.ts obeys the same ones in virtual time, and
 * test/contract/driver-suite.ts holds both to them.
 *
 * Order. Each link has its own inbox (driver-inbox.ts); everything else (commands, timers, answers of the disk and of the
 * signer, discoveries) is one local queue. The driver works in rounds: all local inputs that wait, then at most one input of every
 * link, so that neither a neighbour that sends 10 MB nor a burst of our own starves the rest. After SLICE_MS it lets the event
 * loop run.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import { invariant, unreachable } from '../kernel/invariant.ts';
import type { Effect, Input, Instant, LinkFailure, Machine, Protocol } from '../kernel/machine.ts';
import type {
  ClockPort,
  LinkFacts,
  LinkListener,
  LinkPort,
  SignerPort,
  StorePort,
  VerifierPort,
} from '../kernel/ports.ts';
import { OrderedAnswers } from './driver-answers.ts';
import { Fifo } from './driver-fifo.ts';
import { GapWatch } from './driver-gap.ts';
import { LinkInbox, type InboxHost, type LinkInput } from './driver-inbox.ts';
import { DriverTimers } from './driver-timers.ts';
import { kindOf, Trace } from './trace.ts';

/** Milliseconds of consecutive work before the event loop gets its turn. Origin: half a frame at 60 Hz, so that input is answered in the next frame. */
export const SLICE_MS = 8;
/** Commands and discoveries that may wait; later ones are refused. Origin: guess; an import of 10,000 cards fits six times. */
export const MAX_WAITING_INPUTS = 65_536;
/** Signatures asked for and not made yet. Origin: guess, as above; more is our own mistake. */
export const MAX_OPEN_SIGNATURES = 65_536;
/** Writes asked for and not answered yet. Origin: guess, as above; more is our own mistake. */
export const MAX_OPEN_WRITES = 65_536;
/** Effects of one step. Origin: guess; more means that a machine does not work in batches, which is our own mistake. */
export const MAX_EFFECTS_PER_STEP = 65_536;
/** Bytes of one message, as the link port promises to carry. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;
/** Peers with waiting link events; requests for a link beyond it are declined unseen. Origin: guess; 5 links and 250 knocking at once. */
export const MAX_INBOXES = 256;
/** Peers whose refused messages are counted; the longest known is forgotten first. Origin: guess. */
export const MAX_COUNTED_PEERS = 1024;

export type SignalingState = Parameters<LinkListener['signaling']>[0];

export interface DriverOptions<Message, Command, Event> {
  readonly machine: Machine<Message, Command, Event>;
  readonly protocol: Protocol<Message>;
  readonly links: LinkPort;
  readonly store: StorePort;
  readonly signer: SignerPort;
  readonly verifier: VerifierPort;
  readonly clock: ClockPort;
  /** Calls back after the event loop had its turn (driver-yield.ts). */
  readonly yieldThen: (callback: () => void) => void;
  /** An `emit` effect, in its place among the effects. May give commands; they are queued. A throw stops the node. */
  readonly onEvent: (event: Event) => void;
  /** Called at most once: the machine or a port broke a promise, and the node has ended. `stop()` does not cause it. */
  readonly onStopped: (error: unknown, trace: readonly string[]) => void;
  /** This tab did not run for `sleptMs` (driver-gap.ts). */
  readonly onGap?: (sleptMs: number) => void;
  readonly onSignaling?: (state: SignalingState) => void;
  /** Shared with the edges when given, so that one text tells the whole story. */
  readonly trace?: Trace;
}

interface LocalInput<Message, Command> {
  readonly input: Input<Message, Command>;
  /** Of an `elapsed`: which arming it belongs to. */
  readonly generation: number;
}

export class Driver<Message, Command, Event> {
  readonly #machine: Machine<Message, Command, Event>;
  readonly #options: DriverOptions<Message, Command, Event>;
  readonly #trace: Trace;
  readonly #local = new Fifo<LocalInput<Message, Command>>();
  readonly #inboxes = new Map<PeerId, LinkInbox<Message>>();
  readonly #inboxHost: InboxHost<Message>;
  readonly #facts = new Map<PeerId, LinkFacts>();
  readonly #refusals = new Map<PeerId, number>();
  readonly #timers: DriverTimers;
  readonly #gap: GapWatch;
  readonly #signatures: OrderedAnswers<Input<Message, Command>>;
  readonly #writes: OrderedAnswers<Input<Message, Command>>;
  #now: Instant;
  #state: 'new' | 'running' | 'stopped' = 'new';
  #working = false;
  #yielded = false;
  /** The rest of the current round: local inputs to step, then inboxes to serve, from `#turn` on. */
  #localLeft = 0;
  #turns: readonly LinkInbox<Message>[] = [];
  #turn = 0;

  constructor(options: DriverOptions<Message, Command, Event>) {
    this.#options = options;
    this.#machine = options.machine;
    this.#trace = options.trace ?? new Trace();
    this.#now = options.clock.now();
    this.#timers = new DriverTimers(options.clock, (timer, generation) => {
      this.#enqueue([{ kind: 'elapsed', timer }], generation);
    });
    this.#gap = new GapWatch(options.clock, (sleptMs) => {
      this.#trace.record(this.#tick(), 'gap', undefined, `${Math.round(sleptMs)} ms`);
      options.onGap?.(sleptMs);
    });
    const onBroken = (cause: unknown) => this.#fail(cause);
    this.#inboxHost = {
      protocol: options.protocol,
      verifyAll: (checks) => options.verifier.verifyAll(checks),
      onReady: () => this.#work(),
      onBroken,
    };
    const enqueue = (inputs: readonly Input<Message, Command>[]) => this.#enqueue(inputs);
    this.#signatures = new OrderedAnswers('signatures', MAX_OPEN_SIGNATURES, enqueue, onBroken);
    this.#writes = new OrderedAnswers('writes', MAX_OPEN_WRITES, enqueue, onBroken);
  }

  /** Opens the link layer and starts watching for gaps. Commands are obeyed before and after it. */
  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'running';
    this.#gap.start();
    this.#options.links.start(this.#listener());
  }

  /** Gives the machine a command. false: the node has stopped or too much is waiting, and nothing will come of it. */
  command(command: Command): boolean {
    if (this.#state === 'stopped' || this.#local.size >= MAX_WAITING_INPUTS) return false;
    this.#enqueue([{ kind: 'command', command }]);
    return true;
  }

  /**
   * Ends everything at once and says goodbye to all neighbours. What was asked of the disk is still written; nobody is told. `isPageGone`: see
   * {@link LinkPort.stop}.
   */
  stop(isPageGone = false): void {
    if (this.#state === 'stopped') return;
    this.#state = 'stopped';
    this.#trace.record(this.#tick(), 'stop');
    this.#gap.stop();
    this.#timers.stop();
    this.#local.clear();
    this.#inboxes.clear();
    this.#turns = [];
    this.#options.links.stop(isPageGone);
  }

  /** The last records, oldest first. */
  trace(): readonly string[] {
    return this.#trace.lines();
  }

  /** Messages of `peer` that were refused before they reached the machine, as far as remembered. */
  refusals(peer: PeerId): number {
    return this.#refusals.get(peer) ?? 0;
  }

  /** What the link layer said about an established link. */
  facts(peer: PeerId): LinkFacts | undefined {
    return this.#facts.get(peer);
  }

  #listener(): LinkListener {
    return {
      up: (peer, facts) => {
        this.#facts.set(peer, facts);
        this.#onLink(peer, { kind: 'linkUp', peer });
      },
      down: (peer, reason) => {
        this.#facts.delete(peer);
        this.#onLink(peer, { kind: 'linkDown', peer, reason });
      },
      dialFailed: (peer, reason, contacts) =>
        this.#onLink(peer, { kind: 'dialFailed', peer, reason, contacts }),
      asked: (peer) => this.#onAsked(peer),
      discovered: (peer, via, component) => {
        if (this.#local.size < MAX_WAITING_INPUTS)
          this.#enqueue([{ kind: 'discovered', peer, via, component }]);
      },
      received: (peer, message) => this.#onReceived(peer, message),
      signaling: (state) => {
        if (this.#state === 'stopped') return;
        this.#trace.record(this.#tick(), 'signaling', undefined, state);
        this.#options.onSignaling?.(state);
      },
    };
  }

  #onLink(peer: PeerId, input: LinkInput<Message>): void {
    if (this.#state === 'stopped') return;
    const inbox = this.#inbox(peer);
    if (input.kind === 'linkUp') inbox.open = true;
    if (input.kind === 'linkDown') inbox.open = false;
    inbox.pushEvent(input);
    this.#work();
  }

  #onAsked(peer: PeerId): void {
    if (this.#inboxes.size < MAX_INBOXES || this.#inboxes.has(peer)) {
      this.#onLink(peer, { kind: 'asked', peer });
    } else if (this.#state !== 'stopped') {
      this.#trace.record(this.#tick(), 'declined unseen', peer);
      this.#options.links.answer(peer, false);
    }
  }

  #onReceived(peer: PeerId, bytes: Bytes): void {
    const inbox = this.#inboxes.get(peer);
    if (this.#state === 'stopped' || inbox?.open !== true) return;
    if (!inbox.pushBytes(bytes)) {
      this.#trace.record(this.#tick(), 'overloaded', peer);
      this.#hangUp(peer, 'overloaded');
      this.#onLink(peer, { kind: 'linkDown', peer, reason: 'overloaded' });
      return;
    }
    this.#work();
  }

  #inbox(peer: PeerId): LinkInbox<Message> {
    const found = this.#inboxes.get(peer) ?? new LinkInbox(peer, this.#inboxHost);
    this.#inboxes.set(peer, found);
    return found;
  }

  #enqueue(inputs: readonly Input<Message, Command>[], generation = 0): void {
    if (this.#state === 'stopped') return;
    for (const input of inputs) this.#local.push({ input, generation });
    this.#work();
  }

  /** Steps until nothing is ready, nobody is left, or the slice is used up. Everything that arises meanwhile is queued. */
  #work(): void {
    if (this.#working || this.#yielded) return;
    this.#working = true;
    const endsAt = this.#options.clock.now() + SLICE_MS;
    try {
      while (this.#state !== 'stopped' && this.#takeTurn()) {
        if (this.#options.clock.now() < endsAt) continue;
        this.#yielded = true;
        break;
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#working = false;
    }
    if (!this.#yielded || this.#state === 'stopped') return;
    this.#options.yieldThen(() => {
      this.#yielded = false;
      this.#work();
    });
  }

  /** One input of the current round, or the start of the next round; false when nothing is ready anywhere. */
  #takeTurn(): boolean {
    if (this.#localLeft > 0) {
      this.#localLeft -= 1;
      this.#stepLocal();
      return true;
    }
    const inbox = this.#turns[this.#turn];
    if (inbox !== undefined) {
      this.#turn += 1;
      this.#serve(inbox);
      return true;
    }
    this.#localLeft = this.#local.size;
    this.#turns = [...this.#inboxes.values()].filter((one) => one.hasWork);
    this.#turn = 0;
    return this.#localLeft > 0 || this.#turns.length > 0;
  }

  #stepLocal(): void {
    const waiting = this.#local.shift();
    if (waiting === undefined) return;
    const { input, generation } = waiting;
    if (input.kind === 'elapsed' && !this.#timers.take(input.timer, generation)) return; // stale
    this.#step(input);
  }

  #serve(inbox: LinkInbox<Message>): void {
    inbox.admitNext();
    const input = inbox.take();
    if (input !== undefined) this.#step(input);
    if (inbox.empty && !inbox.open && this.#inboxes.get(inbox.peer) === inbox)
      this.#inboxes.delete(inbox.peer);
  }

  #step(input: Input<Message, Command>): void {
    const now = this.#tick();
    this.#recordInput(now, input);
    if (input.kind === 'refused') this.#countRefusal(input.from);
    const effects = this.#machine.step(input, now);
    invariant(
      effects.length <= MAX_EFFECTS_PER_STEP,
      `more than ${MAX_EFFECTS_PER_STEP} effects of one step`,
    );
    const encoded = new Map<Message, Bytes>();
    for (const effect of effects) {
      if (this.#isStopped()) return; // an effect's callback stopped us: nothing more leaves this node
      this.#obey(effect, encoded);
    }
  }

  #obey(effect: Effect<Message, Event>, encoded: Map<Message, Bytes>): void {
    const { links } = this.#options;
    switch (effect.kind) {
      case 'send':
        this.#send(effect, encoded);
        return;
      case 'arm':
        this.#timers.arm(effect.timer, effect.afterMs);
        return;
      case 'disarm':
        this.#timers.disarm(effect.timer);
        return;
      case 'dial':
        this.#trace.record(this.#now, 'dial', effect.peer);
        links.dial(effect.peer);
        return;
      case 'answer':
        this.#trace.record(this.#now, effect.accept ? 'accept' : 'decline', effect.peer);
        links.answer(effect.peer, effect.accept, effect.contacts);
        return;
      case 'hangUp':
        this.#trace.record(this.#now, 'hangUp', effect.peer, effect.reason);
        this.#hangUp(effect.peer, effect.reason);
        return;
      case 'sign':
        this.#sign(effect.tag, effect.body);
        return;
      case 'persist':
        this.#persist(effect);
        return;
      case 'emit':
        this.#options.onEvent(effect.event);
        return;
      default:
        unreachable(effect);
    }
  }

  #send(effect: Effect<Message, Event> & { kind: 'send' }, encoded: Map<Message, Bytes>): void {
    let bytes = encoded.get(effect.message);
    if (bytes === undefined) {
      bytes = this.#options.protocol.encode(effect.message);
      invariant(
        bytes.length <= MAX_MESSAGE_BYTES,
        `${kindOf(effect.message)} above ${MAX_MESSAGE_BYTES} bytes`,
      );
      encoded.set(effect.message, bytes);
    }
    const queued = this.#options.links.send(effect.to, bytes, effect.lane);
    const detail = `${kindOf(effect.message)} ${bytes.length} B`;
    this.#trace.record(this.#now, queued ? 'send' : 'not sent', effect.to, detail);
  }

  /** Whatever came through this link and was not stepped yet is void: the machine has turned its back on the peer. */
  #hangUp(peer: PeerId, reason: LinkFailure): void {
    const inbox = this.#inboxes.get(peer);
    if (inbox !== undefined) inbox.open = false;
    inbox?.clear();
    this.#inboxes.delete(peer);
    this.#facts.delete(peer);
    this.#options.links.hangUp(peer, reason);
  }

  #sign(tag: string, body: Bytes): void {
    const signed = this.#options.signer.sign(body);
    this.#signatures.ask(signed.then((signature) => ({ kind: 'signed', tag, signature })));
  }

  #persist({ tag, writes }: Effect<Message, Event> & { kind: 'persist' }): void {
    this.#trace.record(this.#now, 'persist', undefined, `${writes.length} writes`);
    const written = this.#options.store.write(writes);
    this.#writes.ask(
      written.then((result) =>
        result.ok ? { kind: 'durable', tag } : { kind: 'notDurable', tag, reason: result.code },
      ),
    );
  }

  #countRefusal(peer: PeerId): void {
    const count = this.refusals(peer) + 1;
    const [longestKnown] = this.#refusals.keys();
    if (count === 1 && this.#refusals.size >= MAX_COUNTED_PEERS && longestKnown !== undefined) {
      this.#refusals.delete(longestKnown);
    }
    this.#refusals.set(peer, count);
  }

  #recordInput(now: Instant, input: Input<Message, Command>): void {
    switch (input.kind) {
      case 'command':
        return this.#trace.record(now, 'command', undefined, kindOf(input.command));
      case 'received':
        return this.#trace.record(now, 'received', input.from, kindOf(input.message));
      case 'refused':
        return this.#trace.record(now, 'refused', input.from, input.code);
      case 'elapsed':
        return this.#trace.record(now, 'elapsed', undefined, input.timer);
      case 'linkDown':
      case 'dialFailed':
        return this.#trace.record(now, input.kind, input.peer, input.reason);
      case 'asked':
      case 'discovered':
      case 'linkUp':
        return this.#trace.record(now, input.kind, input.peer);
      case 'signed':
      case 'durable':
        return this.#trace.record(now, input.kind, undefined, input.tag);
      case 'notDurable':
        return this.#trace.record(now, input.kind, undefined, `${input.tag} ${input.reason}`);
      default:
        return unreachable(input);
    }
  }

  /** Local time, which never goes back whatever the platform's clock does. */
  #tick(): Instant {
    const now = this.#options.clock.now();
    if (now > this.#now) this.#now = now;
    return this.#now;
  }

  #isStopped(): boolean {
    return this.#state === 'stopped';
  }

  #fail(error: unknown): void {
    if (this.#state === 'stopped') return;
    this.#trace.record(this.#tick(), 'failed', undefined, String(error));
    const trace = this.#trace.lines();
    this.stop();
    this.#options.onStopped(error, trace);
  }
}
