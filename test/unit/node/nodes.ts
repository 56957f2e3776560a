/** Nodes of one board in a small world: members with their tabs, invites and disks. */
import type { Admission } from '../../../src/identity/admission.ts';
import type { Genesis } from '../../../src/identity/genesis.ts';
import type { PeerCertificate } from '../../../src/identity/peer-certificate.ts';
import type { BoardCommand } from '../../../src/board/command.ts';
import type { Bytes } from '../../../src/kernel/bytes.ts';
import type { BoardId, PeerId } from '../../../src/kernel/ids.ts';
import type { Instant, Machine } from '../../../src/kernel/machine.ts';
import { randomFrom } from '../../../src/kernel/random.ts';
import type { BoardAction, NodeCommand, NodeEvent } from '../../../src/node/events.ts';
import type { NodeMessage } from '../../../src/node/messages.ts';
import { CONSENSUS_STORE } from '../../../src/consensus/records.ts';
import { councilMark, foundingKey, readCouncilDisk } from '../../../src/node/council-disk.ts';
import { Node } from '../../../src/node/node.ts';
import type { CheckpointVerifier } from '../../../src/replication/ports.ts';
import { SmallWorld, type Inhabitant } from '../replication/small-world.ts';
import { BOARD, certificateOf, GENESIS, KEYS, NOW, peerOf } from '../identity/records.ts';

export type NodeWorld = SmallWorld<NodeMessage, NodeCommand, NodeEvent>;

export function nodeWorld(seed = 'nodes'): NodeWorld {
  return new SmallWorld(seed, KEYS);
}

export interface TabOptions {
  /** The tab's member; its own name by default. */
  readonly member?: string;
  readonly memberName?: string;
  readonly ticket?: Admission;
  readonly genesis?: Genesis | undefined;
  readonly board?: BoardId;
  readonly disk?: ReadonlyMap<string, Bytes>;
  readonly certificate?: PeerCertificate;
  readonly verifier?: CheckpointVerifier;
  /** The founding of the board's committee, as whoever made the board has it on disk. */
  readonly founding?: Bytes;
  /** Milliseconds since 1970 at the start. */
  readonly wallMs?: number;
  /** Wraps the machine, to make it lie. */
  readonly wrap?: (node: Node) => Machine<NodeMessage, NodeCommand, NodeEvent>;
}

/** One tab: a node with its disk and its events. */
export class Tab {
  readonly peer: PeerId;
  readonly node: Node;
  readonly tenant: Inhabitant<NodeMessage, NodeCommand, NodeEvent>;
  readonly #world: NodeWorld;
  #tokens = 0;

  constructor(world: NodeWorld, name: string, options: TabOptions = {}) {
    this.#world = world;
    this.peer = peerOf(name);
    const { member = name, memberName = member, ticket, board = BOARD } = options;
    this.node = new Node({
      board,
      genesis: 'genesis' in options ? options.genesis : ticket === undefined ? GENESIS : undefined,
      certificate: options.certificate ?? certificateOf(member, name, memberName),
      ticket,
      ...(options.verifier === undefined ? {} : { verifier: options.verifier }),
      random: randomFrom(`tab ${name}`),
    });
    const machine = options.wrap?.(this.node) ?? this.node;
    this.tenant = world.add(this.peer, machine, this.node);
    if (options.founding !== undefined)
      this.tenant.disk.set(`${CONSENSUS_STORE}/${foundingKey(board)}`, options.founding);
    for (const [key, bytes] of options.disk ?? []) this.tenant.disk.set(key, bytes);
    this.command({ type: 'restoreCheckpoint', records: this.#left('checkpoints/') });
    this.command({ type: 'restore', entries: this.#left('journal/') });
    this.#restoreCouncil(board);
    this.command({ type: 'start', wallMs: options.wallMs ?? NOW });
  }

  #restoreCouncil(board: BoardId): void {
    const { disk } = this.tenant;
    const prefix = `${CONSENSUS_STORE}/`;
    const pairs = [...disk].flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value] as const] : [],
    );
    const isUsed = disk.has(`meta/${councilMark(board, this.peer)}`);
    this.command({
      type: 'restoreCouncil',
      disk: readCouncilDisk(board, this.peer, pairs, isUsed),
    });
  }

  #left(prefix: string): Bytes[] {
    return [...this.tenant.disk]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, bytes]) => bytes);
  }

  command(command: NodeCommand): void {
    this.#world.command(this.tenant, command);
  }

  act(action: BoardAction): string {
    this.#tokens += 1;
    const token = `${this.peer.slice(0, 4)} ${this.#tokens}`;
    this.command({ type: 'act', token, action, wallMs: NOW });
    return token;
  }

  run(command: BoardCommand): string {
    return this.act({ kind: 'run', command });
  }

  /** What became of an action: `done`, the code of its refusal, or undefined while it is open. */
  answer(token: string): string | undefined {
    for (const event of this.tenant.events) {
      if (event.type === 'done' && event.token === token) return 'done';
      if (event.type === 'refused' && event.token === token) return event.code;
    }
    return undefined;
  }

  events<T extends NodeEvent['type']>(type: T): Extract<NodeEvent, { type: T }>[] {
    return this.tenant.events.filter(
      (event): event is Extract<NodeEvent, { type: T }> => event.type === type,
    );
  }

  sent<K extends NodeMessage['kind']>(kind: K): Extract<NodeMessage, { kind: K }>[] {
    return this.tenant.sent
      .map(({ message }) => message)
      .filter((message): message is Extract<NodeMessage, { kind: K }> => message.kind === kind);
  }

  get columns(): readonly string[] {
    return this.node.snapshot().columns.map(({ title }) => title);
  }
}

/** A machine between a node and the world that changes what goes in or out. */
export function lying(
  node: Node,
  change: (effects: ReturnType<Node['step']>) => ReturnType<Node['step']>,
): Machine<NodeMessage, NodeCommand, NodeEvent> {
  return { step: (input, now: Instant) => change(node.step(input, now)) };
}
