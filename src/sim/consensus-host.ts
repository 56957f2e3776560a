/**
 * One tab of a simulated committee: obeys the effects of its replica with a disk, a key and timers, and dies between any two of them. What it
 * wrote and was told to be durable stays; of what was under way, by chance, everything or nothing.
 */
import type { Bytes } from '../kernel/bytes.ts';
import type { Random } from '../kernel/random.ts';
import type { MemberId, PeerId } from '../kernel/ids.ts';
import type { Link } from '../consensus/chain.ts';
import type { ConsensusCommand, ConsensusEvent } from '../consensus/events.ts';
import type { ConsensusMessage } from '../consensus/messages.ts';
import type { ConsensusEffect } from '../consensus/outbox.ts';
import type { Parts } from '../consensus/parts.ts';
import { Replica } from '../consensus/replica.ts';
import { restoreParts } from '../consensus/restore.ts';
import type { ShownApplication, Told } from './consensus-ledger.ts';
import type { ConsensusNetwork } from './consensus-network.ts';
import type { WorldEvent } from './event-heap.ts';
import { kindOf } from './world-trace.ts';

/** Time for one strict write and one signature, ms (research: about one each). */
const WRITE_MS = 3;
const SIGN_MS = 1;
/** When a simulation begins, ms since 1970. */
export const EPOCH_MS = 1_764_000_000_000;
/** Longest time that a tab is gone after a crash, ms. */
const MAX_GONE_MS = 8_000;

export interface HostOptions {
  readonly name: string;
  readonly self: PeerId;
  readonly owners: readonly MemberId[];
  readonly founding: Link;
  /** How wrong its clock is, ms. */
  readonly clockErrorMs: number;
  readonly network: ConsensusNetwork;
  readonly sign: (body: Bytes) => Bytes;
  /** A message is to go to one peer, or to all when `to` is undefined. */
  readonly send: (from: ConsensusHost, message: ConsensusMessage, to: PeerId | undefined) => void;
  /** Everything that the key signs. */
  readonly onSign: (body: Bytes) => void;
  readonly onEvent: (host: ConsensusHost, event: ConsensusEvent) => void;
  readonly onExecute: (entries: readonly string[], isTakenOver: boolean) => void;
  /** What the committee executes. */
  readonly createApplication: (told: Told) => ShownApplication;
  /** Changes the parts of every life, for planted bugs. */
  readonly tamper: (parts: Parts) => void;
  /** What the disk gives back at a start, for planted bugs. */
  readonly reads: (key: string) => boolean;
}

export class ConsensusHost {
  readonly options: HostOptions;
  readonly #random: Random;
  readonly #disk = new Map<string, Bytes>();
  readonly #timers = new Map<string, WorldEvent>();
  #replica: Replica | undefined;
  #ledger: ShownApplication | undefined;
  /** Parts that were tampered with. */
  #tampered: Parts | undefined;
  #isDead = false;
  #lives = 0;
  /** Per thousand effects before which the tab dies. */
  crashPerMille = 0;
  /** When the last thing that was begun will be done, so that answers come in order. */
  #diskFreeAt = 0;
  #signerFreeAt = 0;

  constructor(options: HostOptions) {
    this.options = options;
    this.#random = options.network.random.fork(`host ${options.name}`);
  }

  get isRunning(): boolean {
    return this.#replica !== undefined;
  }

  get lives(): number {
    return this.#lives;
  }

  get executed(): readonly string[] {
    return this.#ledger?.entries ?? [];
  }

  /** The parts of the present life, for those who judge or tamper. */
  get parts(): Parts | undefined {
    return this.#replica?.parts;
  }

  /** What decodes its messages. */
  get protocol(): Replica['protocol'] | undefined {
    return this.#replica?.protocol;
  }

  start(): void {
    if (this.#replica !== undefined) return;
    const { createApplication, founding, network, onExecute, owners, reads, self } = this.options;
    if (this.#isDead) return;
    const application = createApplication((entries, isTakenOver) => {
      // What is read from the own disk at a start was judged before.
      if (this.#replica !== undefined) onExecute(entries, isTakenOver);
    });
    const random = this.#random.fork(`life ${this.#lives}`);
    const stored = [...this.#disk].filter(([key]) => reads(key));
    const isNewKey = this.#lives === 0 || this.#disk.size === 0;
    const parts = restoreParts({ founding, owners, self, application, random }, stored, isNewKey);
    if (!parts.ok) return network.fail(`restore: ${this.options.name} cannot come back: ${parts.code}`);
    this.#lives += 1;
    this.#ledger = application;
    this.#replica = new Replica(parts.value);
    this.#tamper();
    network.trace.record(network.now, this.options.name, 'starts');
    const time = EPOCH_MS + network.now + this.options.clockErrorMs;
    this.#step({ kind: 'command', command: { type: 'clock', time } });
    this.#step({ kind: 'command', command: { type: 'start' } });
    if (this.isRunning) onExecute(application.entries, true);
  }

  crash(): void {
    if (this.#replica === undefined) return;
    const { network } = this.options;
    network.trace.record(network.now, this.options.name, 'crashes');
    this.#replica = undefined;
    for (const timer of this.#timers.values()) network.cancel(timer);
    this.#timers.clear();
    network.after(this.#random.below(MAX_GONE_MS), () => this.start());
  }

  /** The tab is closed and never opened again, until it is revived. */
  die(): void {
    this.crash();
    this.#isDead = true;
  }

  revive(): void {
    this.#isDead = false;
    this.start();
  }

  command(command: ConsensusCommand): void {
    this.#step({ kind: 'command', command });
  }

  #tamper(): void {
    const parts = this.parts;
    if (parts === undefined || parts === this.#tampered) return;
    this.#tampered = parts;
    this.options.tamper(parts);
  }

  submit(operation: Bytes): void {
    this.#step({ kind: 'command', command: { type: 'submit', operation, token: '' } });
  }

  /** A message that is well formed and whose signatures hold. */
  receive(message: ConsensusMessage): void {
    if (this.#replica?.needs(message) === true)
      this.#step({ kind: 'received', from: this.options.self, message });
  }

  #step(input: Parameters<Replica['step']>[0]): void {
    const replica = this.#replica;
    if (replica === undefined) return;
    const { name, network } = this.options;
    const effects = replica.step(input, network.now);
    this.#tamper();
    for (const effect of effects) {
      if (this.#random.below(1000) < this.crashPerMille) this.crash();
      if (this.#replica !== replica) return;
      network.trace.record(network.now, name, effect.kind, '', describe(effect));
      this.#obey(effect, replica);
    }
  }

  #obey(effect: ConsensusEffect, replica: Replica): void {
    const { network, onEvent, onSign, send, sign } = this.options;
    switch (effect.kind) {
      case 'send':
        send(this, effect.message, effect.to);
        return;
      case 'emit':
        if (effect.event.type === 'broadcast') send(this, effect.event.message, undefined);
        else onEvent(this, effect.event);
        return;
      case 'sign': {
        const { body, tag } = effect;
        this.#signerFreeAt = Math.max(this.#signerFreeAt, network.now) + this.#random.below(SIGN_MS + 1);
        this.#later(this.#signerFreeAt - network.now, replica, () => {
          onSign(body);
          this.#step({ kind: 'signed', tag, signature: sign(body) });
        });
        return;
      }
      case 'persist':
        this.#persist(effect, replica);
        return;
      case 'arm':
      case 'disarm': {
        const { timer } = effect;
        const armed = this.#timers.get(timer);
        if (armed !== undefined) network.cancel(armed);
        this.#timers.delete(timer);
        if (effect.kind === 'arm')
          this.#timers.set(
            timer,
            network.after(effect.afterMs, () => this.#step({ kind: 'elapsed', timer })),
          );
        return;
      }
      case 'dial':
      case 'hangUp':
      case 'answer':
        network.fail(`effect: consensus has no links to ${effect.kind}`);
    }
  }

  #persist({ tag, writes }: Extract<ConsensusEffect, { kind: 'persist' }>, replica: Replica): void {
    const { network } = this.options;
    const write = (): void => {
      for (const each of writes) {
        if (each.op === 'put') this.#disk.set(each.key, each.value);
        else this.#disk.delete(each.key);
      }
    };
    this.#diskFreeAt = Math.max(this.#diskFreeAt, network.now) + 1 + this.#random.below(WRITE_MS);
    const isKept = this.#random.below(2) === 0;
    network.after(this.#diskFreeAt - network.now, () => {
      // A transaction that was under way at a crash took place or did not.
      if (this.#replica === replica || (isKept && this.#replica === undefined)) write();
      if (this.#replica === replica) this.#step({ kind: 'durable', tag });
    });
  }

  #later(ms: number, replica: Replica, run: () => void): void {
    this.options.network.after(ms, () => {
      if (this.#replica === replica) run();
    });
  }
}

function describe(effect: ConsensusEffect): string {
  if (effect.kind === 'emit')
    return effect.event.type === 'broadcast' ? describeMessage(effect.event.message) : effect.event.type;
  return effect.kind === 'send' ? describeMessage(effect.message) : '';
}

/** A message in a word or two, for the trace. */
export function describeMessage(message: ConsensusMessage): string {
  if (message.kind === 'question') return message.question.kind;
  if (message.kind !== 'statement') return kindOf(message);
  const { statement } = message.signed;
  const view = 'view' in statement ? ` v${statement.view}` : '';
  const seq = 'seq' in statement ? ` n${statement.seq}` : '';
  return `${statement.kind}${message.epoch === 0 ? '' : ` e${message.epoch}`}${view}${seq}`;
}
