/**
 * Runs a recorded node again (src/node/recorder.ts) and compares all that comes out of it with what came out then. The file is somebody else's: what
 * cannot be read is refused with a code, and whatever a node makes of commands that no application gives it stays in here, since it has no edges.
 */
import { equalBytes, type Bytes } from '../kernel/bytes.ts';
import type { Input, Instant } from '../kernel/machine.ts';
import { randomFrom } from '../kernel/random.ts';
import { ok, refuse, type Result } from '../kernel/result.ts';
import type { NodeCommand, NodeEffect } from '../node/events.ts';
import type { NodeMessage } from '../node/messages.ts';
import { Node } from '../node/node.ts';
import { outputsOf } from '../node/recorder.ts';
import {
  digestOf,
  errorText,
  RecordingReader,
  type Call,
  type EndOfRecording,
  type Origin,
  type Output,
  type RecordedInput,
  type RecordingCode,
} from '../node/recording.ts';
import { kindOf } from './world-trace.ts';

/** Where the node did something else than it had done. */
export interface Difference {
  /** Number of the call, from 1, as the recording counts them. */
  readonly call: number;
  /** The node's time then, ms; of the step before where the call is no step. */
  readonly at: number;
  /** What the node was asked, like `received overlay`. */
  readonly doing: string;
  /** Which effect of the step, from 1; undefined where it is about something else. */
  readonly effect?: number | undefined;
  readonly recorded: string;
  readonly replayed: string;
}

export interface Replayed {
  readonly origin: Origin;
  /** Calls that were made again, up to the first difference. */
  readonly calls: number;
  readonly steps: number;
  readonly outputs: number;
  /** How the recording ends; undefined if a difference came before. */
  readonly end: { readonly why: EndOfRecording; readonly detail: string } | undefined;
  readonly difference: Difference | undefined;
}

/** Makes the calls of a recording again, up to the first one that has another outcome. */
export function replay(recording: Bytes): Result<Replayed, RecordingCode> {
  const opened = RecordingReader.open(recording);
  return opened.ok ? new Replay(opened.value).run() : opened;
}

class Replay {
  readonly #reader: RecordingReader;
  readonly #messages = new Map<number, NodeMessage>();
  #node: Node | undefined;
  #decoded = 0;
  #calls = 0;
  #steps = 0;
  #outputs = 0;
  #at = 0;

  constructor(reader: RecordingReader) {
    this.#reader = reader;
  }

  run(): Result<Replayed, RecordingCode> {
    for (;;) {
      const call = this.#reader.next();
      if (!call.ok) return call;
      if (call.value.kind === 'ended') return this.#close(call.value);
      this.#calls += 1;
      const made = this.#make(call.value);
      if (!made.ok) return made;
      if (made.value !== undefined) return ok(this.#report(made.value, undefined));
    }
  }

  #close({ why, detail, calls }: Call & { kind: 'ended' }): Result<Replayed, RecordingCode> {
    return calls === this.#calls ? ok(this.#report(undefined, { why, detail })) : refuse('badValue');
  }

  #report(difference: Difference | undefined, end: Replayed['end']): Replayed {
    const { origin } = this.#reader;
    return {
      ...{ origin, end, difference },
      ...{ calls: this.#calls, steps: this.#steps, outputs: this.#outputs },
    };
  }

  /** Made with the first call, so that what a node throws for a strange origin is told as any other difference. */
  #made(): Node {
    const { board, certificate, genesis, seed, ticket } = this.#reader.origin;
    this.#node ??= new Node({ board, certificate, genesis, ticket, random: randomFrom(seed) });
    return this.#node;
  }

  #make(call: Exclude<Call, { kind: 'ended' }>): Result<Difference | undefined, RecordingCode> {
    switch (call.kind) {
      case 'decoded':
        return ok(this.#attempt('reading a message', () => this.#decode(call)));
      case 'checked': {
        const message = this.#messages.get(call.message);
        if (message === undefined) return refuse('unknownMessage');
        return ok(
          this.#attempt(`asking what to check of ${kindOf(message)}`, () => this.#check(call, message)),
        );
      }
      case 'stepped':
      case 'threw': {
        const input = this.#inputOf(call.input);
        if (input === undefined) return refuse('unknownMessage');
        this.#at = call.at;
        this.#steps += 1;
        return ok(this.#step(call, input));
      }
    }
  }

  #decode({ bytes, refused }: Call & { kind: 'decoded' }): Difference | undefined {
    const decoded = this.#made().decode(bytes);
    if (decoded.ok) this.#messages.set(this.#decoded++, decoded.value);
    const outcome = decoded.ok ? undefined : decoded.code;
    if (outcome === refused) return undefined;
    return this.#difference('reading a message', refused ?? 'a message', outcome ?? 'a message');
  }

  #check({ digest }: Call & { kind: 'checked' }, message: NodeMessage): Difference | undefined {
    const checks = this.#made().checks(message);
    if (equalBytes(digestOf(checks), digest)) return undefined;
    const doing = `asking what to check of ${kindOf(message)}`;
    return this.#difference(doing, 'other signatures', `${checks.length} signatures`);
  }

  /** A message is stepped once, and is not needed any more. */
  #inputOf(input: RecordedInput): Input<NodeMessage, NodeCommand> | undefined {
    if (input.kind === 'command') return { kind: 'command', command: input.command as NodeCommand };
    if (input.kind !== 'received') return input;
    const message = this.#messages.get(input.message);
    this.#messages.delete(input.message);
    return message === undefined ? undefined : { kind: 'received', from: input.from, message };
  }

  #step(
    call: Call & { kind: 'stepped' | 'threw' },
    input: Input<NodeMessage, NodeCommand>,
  ): Difference | undefined {
    const doing = describe(input);
    let effects: readonly NodeEffect[];
    let outputs: readonly Output[];
    try {
      const node = this.#made();
      effects = node.step(input, call.at as Instant);
      outputs = outputsOf(effects, (message) => node.encode(message));
    } catch (error) {
      const recorded = call.kind === 'threw' ? call.error : `${call.outputs.length} effects`;
      return recorded === errorText(error) ? undefined : this.#difference(doing, recorded, errorText(error));
    }
    if (call.kind === 'threw') return this.#difference(doing, call.error, `${outputs.length} effects`);
    return this.#compare(doing, call.outputs, outputs, effects);
  }

  #compare(
    doing: string,
    recorded: readonly Output[],
    replayed: readonly Output[],
    effects: readonly NodeEffect[],
  ): Difference | undefined {
    for (const [place, output] of recorded.entries()) {
      const other = replayed[place];
      const effect = effects[place];
      const isEqual = other?.kind === output.kind && equalBytes(other.digest, output.digest);
      if (isEqual) this.#outputs += 1;
      else {
        const words = effect === undefined ? 'nothing' : wordsOf(effect);
        return { ...this.#difference(doing, output.kind, words), effect: place + 1 };
      }
    }
    const more = effects[recorded.length];
    if (more === undefined) return undefined;
    return { ...this.#difference(doing, 'nothing', wordsOf(more)), effect: recorded.length + 1 };
  }

  #attempt(doing: string, make: () => Difference | undefined): Difference | undefined {
    try {
      return make();
    } catch (error) {
      return this.#difference(doing, 'an answer', errorText(error));
    }
  }

  #difference(doing: string, recorded: string, replayed: string): Difference {
    return { call: this.#calls, at: this.#at, doing, recorded, replayed };
  }
}

function describe(input: Input<NodeMessage, NodeCommand>): string {
  switch (input.kind) {
    case 'command':
      return `command ${kindOf(input.command)}`;
    case 'received':
      return `received ${kindOf(input.message)}`;
    case 'elapsed':
      return `elapsed ${input.timer}`;
    case 'signed':
    case 'durable':
    case 'notDurable':
      return `${input.kind} ${input.tag}`;
    default:
      return input.kind;
  }
}

function wordsOf(effect: NodeEffect): string {
  switch (effect.kind) {
    case 'send':
      return `send ${kindOf(effect.message)} to ${effect.to}`;
    case 'arm':
      return `arm ${effect.timer} in ${effect.afterMs} ms`;
    case 'disarm':
      return `disarm ${effect.timer}`;
    case 'emit':
      return `emit ${kindOf(effect.event)}`;
    case 'sign':
    case 'persist':
      return `${effect.kind} ${effect.tag}`;
    default:
      return `${effect.kind} ${effect.peer}`;
  }
}
