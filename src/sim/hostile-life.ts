/**
 * Members of a board who mean harm: the machine of an honest node with a liar around it, who can sign with the node's keys, send what it
 * likes, keep back what it likes, and tells the node nothing of it.
 */
import { concatBytes, type Bytes } from '../kernel/bytes.ts';
import { encodeWith } from '../kernel/codec.ts';
import type { Hash, PeerId } from '../kernel/ids.ts';
import type { Input, Machine } from '../kernel/machine.ts';
import { pick, type Random } from '../kernel/random.ts';
import type { NodeCommand, NodeEvent } from '../node/events.ts';
import { broadcastCodec, type NodeMessage } from '../node/messages.ts';
import type { Node, NodeEffect } from '../node/node.ts';
import { gossipId, originOf } from '../overlay/messages.ts';

type BoardMachine = Machine<NodeMessage, NodeCommand, NodeEvent>;
type SendEffect = Extract<NodeEffect, { kind: 'send' }>;

/** What one hostile member does besides its attacks. */
export const HABITS = [
  'none', // behaves, apart from its attacks
  'withholds', // hands nothing on, answers no pull, names nothing
  'replays', // sends every broadcast back and on again, and batches that nobody asked for
  'lies', // shows heads that do not exist, so that others pull in vain
  'garbles', // now and then a message of noise
] as const;
/** `promises`: withholds, and says with digests what it holds. */
export type Habit = (typeof HABITS)[number] | 'promises';

/** The command by which a scenario has a hostile member send its next crafted entries; its node never sees it. */
export function attackCommand(number: number): NodeCommand {
  return { type: 'act', token: `attack ${number}`, action: { kind: 'undo' }, wallMs: 0 };
}

/** What one deed sends. */
export interface Crafted {
  readonly entries: readonly Bytes[];
  /** Whether neighbours get the entries in turn, each the one or the other. */
  readonly twoFaced?: boolean;
  /** Whether they go to neighbours only, in batches that nobody asked for; otherwise that is drawn. */
  readonly asBatch?: boolean;
}

export interface HostileOptions {
  readonly self: PeerId;
  readonly habit: Habit;
  readonly random: Random;
  /** The attack with this number. */
  readonly craft: (number: number) => Crafted;
}

/** Of a hundred messages that a garbler sends, so many are noise. */
const NOISE_PERCENT = 2;
/** Entries in one batch, as docs/spec/replication.md has it. */
const MAX_IN_BATCH = 256;
/** How often one broadcast is replayed: among several replayers it would never end, and the run neither. */
const MAX_REPLAYS = 3;

export function hostileMachine(node: Node, options: HostileOptions): BoardMachine {
  const liar = new Liar(node, options);
  return {
    step: (input, now) =>
      isAttack(input) ? liar.attack(attackNumber(input)) : liar.tamper(input, node.step(input, now)),
  };
}

type BoardInput = Input<NodeMessage, NodeCommand>;

function isAttack(input: BoardInput): boolean {
  return attackNumber(input) >= 0;
}

function attackNumber(input: BoardInput): number {
  if (input.kind !== 'command' || input.command.type !== 'act') return -1;
  const [word, number] = input.command.token.split(' ');
  return word === 'attack' ? Number(number) : -1;
}

class Liar {
  readonly #node: Node;
  readonly #options: HostileOptions;
  readonly #replays = new Map<string, number>();

  constructor(node: Node, options: HostileOptions) {
    this.#node = node;
    this.#options = options;
  }

  /** Sends the crafted entries to all neighbours, each entry by broadcast or in a batch that nobody asked for. */
  attack(number: number): readonly NodeEffect[] {
    const { craft, random } = this.#options;
    const drawn = random.below(3) === 0;
    const { entries, twoFaced = false, asBatch = drawn } = craft(number);
    return this.#node.neighbours().flatMap((to, index): readonly NodeEffect[] => {
      const some = twoFaced ? entries.filter((_, at) => at % 2 === index % 2) : entries;
      if (asBatch) return inBatches(to, some);
      return some.map((bytes) => this.#gossipTo(to, bytes));
    });
  }

  tamper(input: BoardInput, effects: readonly NodeEffect[]): readonly NodeEffect[] {
    switch (this.#options.habit) {
      case 'none':
        return effects;
      case 'withholds':
        return effects.filter((effect) => effect.kind !== 'send' || !isUseful(effect.message));
      case 'promises':
        return effects.filter(
          (effect) => effect.kind !== 'send' || isDigest(effect.message) || !isUseful(effect.message),
        );
      case 'replays':
        return [...effects, ...this.#replayed(input)];
      case 'lies':
        return effects.map((effect) => (effect.kind === 'send' ? this.#inflated(effect) : effect));
      case 'garbles':
        return effects.map((effect) => (effect.kind === 'send' ? this.#garbled(effect) : effect));
    }
  }

  #gossipTo(to: PeerId, entry: Bytes): SendEffect {
    return this.#broadcastTo(to, encodeWith(broadcastCodec, { kind: 'entry', bytes: entry }));
  }

  #broadcastTo(to: PeerId, payload: Bytes): SendEffect {
    const origin = originOf(this.#options.self);
    const body = {
      kind: 'gossip',
      id: gossipId(payload),
      origin,
      hops: 1,
      age: 0,
      lane: 'journal',
      payload,
    } as const;
    return { kind: 'send', to, message: { kind: 'overlay', body }, lane: 'journal' };
  }

  /** What was just heard, once more to everybody, as if it were new. */
  #replayed(input: BoardInput): readonly NodeEffect[] {
    if (input.kind !== 'received' || input.message.kind !== 'overlay') return [];
    const { body } = input.message;
    if (body.kind !== 'gossip' || (this.#replays.get(body.id) ?? 0) >= MAX_REPLAYS) return [];
    this.#replays.set(body.id, (this.#replays.get(body.id) ?? 0) + 1);
    const lane = 'journal';
    return this.#node
      .neighbours()
      .map((to) => ({ kind: 'send', to, message: { kind: 'overlay', body: { ...body, hops: 1 } }, lane }));
  }

  #inflated(effect: SendEffect): SendEffect {
    const { message } = effect;
    if (message.kind !== 'replication' || message.body.kind !== 'digest') return effect;
    const nothing = this.#noise(32);
    const head = Array.from(nothing, (byte) => byte.toString(16).padStart(2, '0')).join('') as Hash;
    const heads = [{ author: this.#options.self, seq: 1_000_000, head }];
    const body = { ...message.body, digest: head, heads };
    return { ...effect, message: { kind: 'replication', body } };
  }

  #garbled(effect: SendEffect): SendEffect {
    const { random } = this.#options;
    if (effect.message.kind === 'hello' || random.below(100) >= NOISE_PERCENT) return effect;
    const noise = this.#noise(1 + random.below(400));
    return pick(random, [this.#broadcastTo(effect.to, noise), batchTo(effect.to, [noise])]) ?? effect;
  }

  #noise(length: number): Bytes {
    return Uint8Array.from({ length }, () => this.#options.random.below(256));
  }
}

/** As many batches as it takes: a larger one would not be read. */
function inBatches(to: PeerId, entries: readonly Bytes[]): readonly SendEffect[] {
  const count = Math.ceil(entries.length / MAX_IN_BATCH);
  return Array.from({ length: count }, (_, at) =>
    batchTo(to, entries.slice(at * MAX_IN_BATCH, (at + 1) * MAX_IN_BATCH)),
  );
}

/** A batch that answers no pull of anybody. */
function batchTo(to: PeerId, entries: readonly Bytes[]): SendEffect {
  const body = { kind: 'batch', pull: 0, entries, remainingBytes: 0, more: false } as const;
  return { kind: 'send', to, message: { kind: 'replication', body }, lane: 'bulk' };
}

/** Whether the message brings others anything. */
function isUseful(message: NodeMessage): boolean {
  if (message.kind === 'overlay') return ['gossip', 'ihave', 'graft'].includes(message.body.kind);
  return message.kind === 'replication' && ['batch', 'frontier', 'digest'].includes(message.body.kind);
}

function isDigest(message: NodeMessage): boolean {
  return message.kind === 'replication' && message.body.kind === 'digest';
}

/** An entry with one byte changed. */
export function damaged(bytes: Bytes, random: Random): Bytes {
  const at = random.below(bytes.length);
  return concatBytes(
    bytes.subarray(0, at),
    new Uint8Array([(bytes[at] ?? 0) ^ (1 << random.below(8))]),
    bytes.subarray(at + 1),
  );
}
