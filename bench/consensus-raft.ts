/**
 * The core of @coaty/consensus.raft 1.0.0, a port of etcd's raft, in one process: crash faults only, so half the messages and no signatures. What
 * a sans-IO core can reach. Its wrapper (networking, SQLite) is left out: of it the core uses one constant.
 */
import { createRequire, Module } from 'node:module';
import { dirname, join } from 'node:path';
import type { MemoryStorage } from '@coaty/consensus.raft/ported/storage.js';
import type { RaftConfig } from '@coaty/consensus.raft/ported/raft.js';
import type { RawNode } from '@coaty/consensus.raft/ported/rawnode.js';
import type { Message } from '@coaty/consensus.raft/ported/raftpb/raft.pb.js';

const load = createRequire(import.meta.url);
const PACKAGE = '@coaty/consensus.raft';
/** Entries after which the log is cut, as a checkpoint of ours cuts it. */
const COMPACT_EVERY = 128;

interface Ported {
  readonly storage: { readonly MemoryStorage: typeof MemoryStorage };
  readonly raft: { readonly RaftConfig: typeof RaftConfig };
  readonly rawNode: { readonly RawNode: typeof RawNode };
}

function loadCore(): Ported {
  const wrapper = join(dirname(load.resolve(`${PACKAGE}/package.json`)), 'non-ported/raft-controller.js');
  const empty = new Module(wrapper);
  Object.assign(empty, { loaded: true, exports: { emptyRaftData: undefined } });
  load.cache[wrapper] ??= empty;
  return {
    storage: load(`${PACKAGE}/ported/storage.js`) as Ported['storage'],
    raft: load(`${PACKAGE}/ported/raft.js`) as Ported['raft'],
    rawNode: load(`${PACKAGE}/ported/rawnode.js`) as Ported['rawNode'],
  };
}

interface Replica {
  readonly node: RawNode;
  readonly storage: MemoryStorage;
  committed: number;
}

export class RaftCommittee {
  readonly #replicas = new Map<string, Replica>();
  readonly #leader: Replica;
  #queue: Message[] = [];
  #decided = 0;

  constructor(size: number) {
    const { raft, rawNode, storage: storages } = loadCore();
    const ids = Array.from({ length: size }, (_, seat) => String(seat + 1));
    for (const id of ids) {
      const storage = storages.MemoryStorage.NewMemoryStorage();
      storage.snapshot.metadata.confState.voters = ids;
      const config = new raft.RaftConfig({
        id,
        electionTick: 10,
        heartbeatTick: 1,
        storage,
        maxSizePerMsg: 1 << 20,
        maxInflightMsgs: 256,
      });
      this.#replicas.set(id, { node: rawNode.RawNode.NewRawNode(config), storage, committed: 0 });
    }
    const leader = this.#replicas.get('1');
    if (leader === undefined) throw new RangeError('no replicas');
    this.#leader = leader;
    leader.node.campaign();
    this.#settle();
  }

  /** Decides one operation, and returns when everybody has committed it. */
  decide(operation: string): void {
    this.#leader.node.propose(operation);
    this.#settle();
    this.#decided += 1;
    for (const { committed, storage, node } of this.#replicas.values()) {
      if (committed !== this.#decided) throw new Error('the raft core stands still');
      if (this.#decided % COMPACT_EVERY === 0) storage.Compact(node.raft.raftLog.applied);
    }
  }

  #settle(): void {
    for (;;) {
      for (const replica of this.#replicas.values()) this.#drain(replica);
      if (this.#queue.length === 0) return;
      const queue = this.#queue;
      this.#queue = [];
      for (const message of queue) this.#replicas.get(message.to)?.node.step(message);
    }
  }

  #drain(replica: Replica): void {
    const { node, storage } = replica;
    while (node.hasReady()) {
      const ready = node.ready();
      storage.Append(ready.entries);
      if (!ready.hardState.isEmptyHardState()) storage.SetHardState(ready.hardState);
      this.#queue.push(...ready.messages);
      for (const { data } of ready.committedEntries) if (typeof data === 'string') replica.committed += 1;
      node.advance(ready);
    }
  }
}
