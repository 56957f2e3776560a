/** A machine that does as it is told and remembers what it was given, and the smallest protocol that has every kind of outcome. */
import { fromUtf8, utf8, type Bytes } from '../../src/kernel/bytes.ts';
import type { PeerId } from '../../src/kernel/ids.ts';
import { invariant } from '../../src/kernel/invariant.ts';
import type { Effect, Input, Instant, Machine, Protocol } from '../../src/kernel/machine.ts';

export interface Note {
  readonly kind: 'note';
  readonly text: string;
}

/** A command carries the effects that it is to cause. */
export interface Order {
  readonly kind: string;
  readonly effects: readonly Effect<Note, string>[];
}

export type NoteInput = Input<Note, Order>;
export type NoteEffect = Effect<Note, string>;

/** Texts that begin so carry a signature that has to be checked. */
export const SIGNED = 'signed:';
/** The bytes that do not decode. */
export const BAD_BYTES: Bytes = utf8('bad');

export const peerA = 'a'.repeat(64) as PeerId;
export const peerB = 'b'.repeat(64) as PeerId;

export const note = (text: string): Note => ({ kind: 'note', text });
export const noteBytes = (text: string): Bytes => utf8(`note ${text}`);

export class NoteProtocol implements Protocol<Note> {
  encodings = 0;

  encode(message: Note): Bytes {
    this.encodings += 1;
    return noteBytes(message.text);
  }

  decode(bytes: Bytes): ReturnType<Protocol<Note>['decode']> {
    const text = fromUtf8(bytes);
    return text.startsWith('note ')
      ? { ok: true, value: note(text.slice('note '.length)) }
      : { ok: false, code: 'notANote' };
  }

  checks(message: Note): ReturnType<Protocol<Note>['checks']> {
    if (!message.text.startsWith(SIGNED)) return [];
    return [{ signer: peerA, body: utf8(message.text), signature: new Uint8Array(64) }];
  }
}

export class ScriptedMachine implements Machine<Note, Order, string> {
  /** Every input, as a short text. */
  readonly seen: string[] = [];
  readonly times: number[] = [];
  /** What to do about an input that is not a command; by default nothing. */
  react: (input: NoteInput) => readonly NoteEffect[] = () => [];
  #isStepping = false;

  step(input: NoteInput, now: Instant): readonly NoteEffect[] {
    invariant(!this.#isStepping, 'stepped again before the step was over');
    this.#isStepping = true;
    this.seen.push(describe(input));
    this.times.push(now);
    const effects = input.kind === 'command' ? input.command.effects : this.react(input);
    this.#isStepping = false;
    return effects;
  }
}

function describe(input: NoteInput): string {
  switch (input.kind) {
    case 'command':
      return `command ${input.command.kind}`;
    case 'received':
      return `received ${input.from.charAt(0)} ${input.message.text}`;
    case 'refused':
      return `refused ${input.from.charAt(0)} ${input.code}`;
    case 'elapsed':
      return `elapsed ${input.timer}`;
    case 'asked':
    case 'linkUp':
      return `${input.kind} ${input.peer.charAt(0)}`;
    case 'discovered':
      return `discovered ${input.peer.charAt(0)} ${input.via}`;
    case 'linkDown':
    case 'dialFailed':
      return `${input.kind} ${input.peer.charAt(0)} ${input.reason}`;
    case 'signed':
    case 'durable':
      return `${input.kind} ${input.tag}`;
    case 'notDurable':
      return `notDurable ${input.tag} ${input.reason}`;
  }
}
