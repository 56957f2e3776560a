/**
 * A flight recorder: stands between a node and its driver, and writes down whatever passes. Since a node is a function of how it was made and of what
 * its driver gave it, that is enough to run it again anywhere, step by step (src/sim/replay.ts). A node cannot be written down in the middle of
 * its life, so a recording begins with it, and ends where there is no room left. Rules NOD-120 to NOD-123 of docs/spec/node.md.
 */
import { concatBytes, type Bytes } from '../kernel/bytes.ts';
import { invariant } from '../kernel/invariant.ts';
import type { Effect, Input, Instant, Machine, Protocol, SignatureCheck } from '../kernel/machine.ts';
import type { Result } from '../kernel/result.ts';
import type { NodeCommand, NodeEvent } from './events.ts';
import { MAX_RECORDING_BYTES } from './limits.ts';
import type { NodeMessage } from './messages.ts';
import {
  digestOf,
  encodeCall,
  encodeOrigin,
  errorText,
  type Call,
  type EndOfRecording,
  type Origin,
  type Output,
  type RecordedInput,
} from './recording.ts';

/** Bytes that are reserved at a time. Origin: guess; few objects for the garbage collector, and little that lies idle. */
const CHUNK_BYTES = 64 * 1024;
/** What the end of a recording may take. */
const END_BYTES = 4096;

type NodeInput = Input<NodeMessage, NodeCommand>;
type NodeEffect = Effect<NodeMessage, NodeEvent>;
/** What is recorded: a node, or what lies around one. */
type Recorded = Machine<NodeMessage, NodeCommand, NodeEvent> & Protocol<NodeMessage>;

/** How much is recorded by now. */
export interface RecordingStatus {
  /** `running`: it goes on. Everything else says why it ended. */
  readonly state: EndOfRecording;
  readonly calls: number;
  readonly bytes: number;
}

export class Recorder implements Machine<NodeMessage, NodeCommand, NodeEvent>, Protocol<NodeMessage> {
  readonly #node: Recorded;
  readonly #limit: number;
  readonly #chunks: Bytes[] = [];
  #chunk: Bytes = new Uint8Array(0);
  #filled = 0;
  #bytes = 0;
  #calls = 0;
  #messages = 0;
  #state: EndOfRecording = 'running';
  #detail = '';
  readonly #numbers = new WeakMap<NodeMessage, number>();
  /** What the present step sends, encoded: the driver asks for it next. */
  readonly #encoded = new Map<NodeMessage, Bytes>();

  /** `origin` has to be that of `node`, which has done nothing yet. `limit`: bytes of the recording, at most {@link MAX_RECORDING_BYTES}. */
  constructor(node: Recorded, origin: Origin, limit = MAX_RECORDING_BYTES) {
    this.#node = node;
    this.#limit = limit - END_BYTES;
    this.#append(encodeOrigin(origin));
  }

  get status(): RecordingStatus {
    return { state: this.#state, calls: this.#calls, bytes: this.#bytes };
  }

  /** All that is recorded by now, as a file. */
  export(): Bytes {
    const { calls, state } = this.status;
    const end = encodeCall({ kind: 'ended', why: state, detail: this.#detail, calls });
    return concatBytes(...this.#chunks, this.#chunk.subarray(0, this.#filled), end);
  }

  decode(bytes: Bytes): Result<NodeMessage, string> {
    const decoded = this.#node.decode(bytes);
    this.#note(() => {
      if (decoded.ok) this.#numbers.set(decoded.value, this.#messages++);
      return { kind: 'decoded', bytes, refused: decoded.ok ? undefined : decoded.code };
    });
    return decoded;
  }

  checks(message: NodeMessage): readonly SignatureCheck[] {
    const checks = this.#node.checks(message);
    this.#note(() => ({ kind: 'checked', message: this.#numberOf(message), digest: digestOf(checks) }));
    return checks;
  }

  encode(message: NodeMessage): Bytes {
    return this.#encoded.get(message) ?? this.#node.encode(message);
  }

  step(input: NodeInput, now: Instant): readonly NodeEffect[] {
    this.#encoded.clear();
    const effects = this.#stepped(input, now);
    this.#note(() => ({
      kind: 'stepped',
      at: now,
      input: this.#written(input),
      outputs: outputsOf(effects, (message) => this.#encodeOnce(message)),
    }));
    return effects;
  }

  #stepped(input: NodeInput, now: Instant): readonly NodeEffect[] {
    try {
      return this.#node.step(input, now);
    } catch (error) {
      this.#note(() => ({ kind: 'threw', at: now, input: this.#written(input), error: errorText(error) }));
      this.#end('threw');
      throw error;
    }
  }

  #encodeOnce(message: NodeMessage): Bytes {
    const known = this.#encoded.get(message);
    if (known !== undefined) return known;
    const bytes = this.#node.encode(message);
    this.#encoded.set(message, bytes);
    return bytes;
  }

  #written(input: NodeInput): RecordedInput {
    return input.kind === 'received' ? { ...input, message: this.#numberOf(input.message) } : input;
  }

  #numberOf(message: NodeMessage): number {
    const number = this.#numbers.get(message);
    invariant(number !== undefined, 'a message that was not decoded here');
    return number;
  }

  /** Writes a call down. What cannot be written ends the recording and nothing else: a node never fails because it is watched. */
  #note(call: () => Call): void {
    if (this.#state !== 'running') return;
    try {
      const bytes = encodeCall(call());
      if (this.#bytes + bytes.length > this.#limit) {
        this.#end('full');
        return;
      }
      this.#append(bytes);
      this.#calls += 1;
    } catch (error) {
      this.#detail = errorText(error);
      this.#end('broken');
    }
  }

  #end(why: EndOfRecording): void {
    if (this.#state === 'running') this.#state = why;
  }

  #append(bytes: Bytes): void {
    if (this.#filled + bytes.length > this.#chunk.length) {
      // What is left of a chunk is given back.
      this.#chunks.push(this.#chunk.slice(0, this.#filled));
      this.#chunk = new Uint8Array(Math.max(CHUNK_BYTES, bytes.length));
      this.#filled = 0;
    }
    this.#chunk.set(bytes, this.#filled);
    this.#filled += bytes.length;
    this.#bytes += bytes.length;
  }
}

/** What a step put out, each effect with the digest of all that it says. */
export function outputsOf(
  effects: readonly NodeEffect[],
  encode: (message: NodeMessage) => Bytes,
): readonly Output[] {
  return effects.map((effect) => {
    const { kind } = effect;
    const said = kind === 'send' ? { ...effect, message: encode(effect.message) } : effect;
    return { kind, digest: digestOf(said) };
  });
}
