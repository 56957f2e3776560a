/** Replication machines joined in a small world, without the node around them. */
import type * as Y from 'yjs';
import { decodeWith, encodeWith } from '../../../src/kernel/codec.ts';
import { utf8, type Bytes } from '../../../src/kernel/bytes.ts';
import { peerIdFrom, type PeerId } from '../../../src/kernel/ids.ts';
import type { Instant, Machine } from '../../../src/kernel/machine.ts';
import { randomFrom } from '../../../src/kernel/random.ts';
import type { Checkpoint } from '../../../src/replication/checkpoint.ts';
import { SharedDocument } from '../../../src/replication/document.ts';
import { decodeEntry, type Entry, type EntryKind } from '../../../src/replication/entry.ts';
import { decodeForkProof, type ForkProof } from '../../../src/replication/forks.ts';
import { EntryDecoder } from '../../../src/replication/entry-decoder.ts';
import { replicationMessageCodec, type ReplicationMessage } from '../../../src/replication/messages.ts';
import type { Authority } from '../../../src/replication/ports.ts';
import type { ReplicationCommand, ReplicationEvent } from '../../../src/replication/commands.ts';
import { Replication } from '../../../src/replication/replication.ts';
import { BOARD, KEYS, NOW, ROOTS } from './author.ts';
import { openAuthority, stateOf } from './holder.ts';
import type { Inhabitant, SmallWorld, Wire } from './small-world.ts';

export type ReplicaWorld = SmallWorld<ReplicationMessage, ReplicationCommand, ReplicationEvent>;
type Tenant = Inhabitant<ReplicationMessage, ReplicationCommand, ReplicationEvent>;

const WIRE: Wire<ReplicationMessage> = {
  encode: (message) => encodeWith(replicationMessageCodec, message),
  decode: (bytes) => {
    const decoded = decodeWith(replicationMessageCodec, bytes);
    return decoded.ok ? { ok: true, value: decoded.value as ReplicationMessage } : decoded;
  },
  checks: () => [],
};

export class Replica {
  readonly peer: PeerId;
  readonly document = new SharedDocument(BOARD);
  readonly replication: Replication;
  readonly tenant: Tenant;
  readonly #world: ReplicaWorld;
  #tokens = 0;

  /** `disk`: what an earlier life left. */
  constructor(
    world: ReplicaWorld,
    name: string,
    options: { authority?: Authority; disk?: ReadonlyMap<string, Bytes>; start?: boolean } = {},
  ) {
    this.#world = world;
    this.peer = peerIdFrom(KEYS.publicKey(name));
    this.replication = new Replication({
      board: BOARD,
      self: this.peer,
      decoder: new EntryDecoder(BOARD),
      document: this.document,
      authority: options.authority ?? openAuthority(this.peer),
      roots: ROOTS,
      random: randomFrom(`replica ${name}`),
      swarmSize: () => world.all.size,
    });
    const { replication } = this;
    const machine: Machine<ReplicationMessage, ReplicationCommand, ReplicationEvent> = {
      step: (input, _now: Instant) => replication.step(input),
    };
    this.tenant = world.add(this.peer, machine, WIRE);
    for (const [key, bytes] of options.disk ?? []) this.tenant.disk.set(key, bytes);
    this.command({ type: 'restoreCheckpoint', records: this.left('checkpoints/') });
    this.command({ type: 'restore', ...this.#left() });
    if (options.start !== false) this.command({ type: 'start' });
  }

  command(command: ReplicationCommand): void {
    this.#world.command(this.tenant, command);
  }

  /** Values on disk under keys that start with this, by key in order. */
  left(prefix: string): Bytes[] {
    return [...this.tenant.disk]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, bytes]) => bytes);
  }

  /** Certifies a checkpoint of all that is held here. */
  checkpoint(number: number): Checkpoint {
    const heads = this.replication.journals.held().map(({ head }) => head);
    const made = this.replication.composeCheckpoint({ epoch: 0, number, heads });
    if (made === undefined) throw new Error('nothing was composed');
    this.certify(made);
    return made;
  }

  certify({ manifest }: Checkpoint): void {
    this.command({ type: 'certify', manifest, certificate: utf8('certificate') });
  }

  /** Entries in the journal store, by key in order. */
  stored(): Entry[] {
    return [...this.tenant.disk]
      .filter(([key]) => key.startsWith('journal/'))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, bytes]) => {
        const entry = decodeEntry(BOARD, bytes);
        return entry.ok ? [entry.value] : [];
      });
  }

  /** What an earlier life left in the journal store. */
  #left(): { readonly entries: readonly Entry[]; readonly proofs: readonly ForkProof[] } {
    const proofs = [...this.tenant.disk].flatMap(([key, bytes]) => {
      const proof = key.startsWith('journal/') ? decodeForkProof(BOARD, bytes) : undefined;
      return proof?.ok === true ? [proof.value] : [];
    });
    return { entries: this.stored(), proofs };
  }

  append(kind: EntryKind, payload: Bytes): string {
    this.#tokens += 1;
    const token = `token ${this.#tokens}`;
    this.command({ type: 'append', draft: { kind, payload, wallMs: NOW }, token });
    return token;
  }

  claim(): void {
    this.append('claim', utf8('claim'));
  }

  edit(run: (doc: Y.Doc) => void): string {
    const { update } = this.document.capture(this.replication.clientId, () => {
      this.document.doc.transact(() => run(this.document.doc));
    });
    if (update === undefined) throw new Error('nothing was changed');
    return this.append('update', update);
  }

  set(key: string, value: unknown): string {
    return this.edit((doc) => doc.getMap('board').set(key, value));
  }

  get board(): Record<string, unknown> {
    return this.document.doc.getMap('board').toJSON();
  }

  get digest(): string {
    return this.replication.journals.frontierDigest();
  }

  get state(): unknown {
    return stateOf(this.document.doc);
  }

  events<T extends ReplicationEvent['type']>(type: T): Extract<ReplicationEvent, { type: T }>[] {
    return this.tenant.events.filter(
      (event): event is Extract<ReplicationEvent, { type: T }> => event.type === type,
    );
  }

  sent<K extends ReplicationMessage['kind']>(kind: K): Extract<ReplicationMessage, { kind: K }>[] {
    return this.tenant.sent
      .map(({ message }) => message)
      .filter((message): message is Extract<ReplicationMessage, { kind: K }> => message.kind === kind);
  }

  /** Hands this replica's broadcasts to others, as an overlay would; each broadcast once. */
  flush(...others: readonly Replica[]): void {
    for (const { entry } of this.events('broadcast'))
      for (const other of others) other.command({ type: 'delivered', entry, from: this.peer });
    for (const { proof, isToldOn } of this.events('fork'))
      if (isToldOn) for (const other of others) other.command({ type: 'proved', proof });
  }
}

/** Makes two replicas neighbours. */
export function join(world: ReplicaWorld, a: Replica, b: Replica, served = true): void {
  world.connect(a.tenant, b.tenant, true);
  a.command({ type: 'neighbourUp', peer: b.peer, served });
  b.command({ type: 'neighbourUp', peer: a.peer, served });
}

export function part(world: ReplicaWorld, a: Replica, b: Replica): void {
  world.disconnect(a.tenant, b.tenant, true);
  a.command({ type: 'neighbourDown', peer: b.peer });
  b.command({ type: 'neighbourDown', peer: a.peer });
}
