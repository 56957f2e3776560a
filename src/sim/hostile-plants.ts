/** Bugs to plant in honest nodes, each of which the judge of the hostile scenario must catch. */
import type { Bytes } from '../kernel/bytes.ts';
import { decodeWith } from '../kernel/codec.ts';
import type { BoardId, Hash } from '../kernel/ids.ts';
import type { Machine, Protocol } from '../kernel/machine.ts';
import type { NodeCommand, NodeEvent } from '../node/events.ts';
import { broadcastCodec, type NodeMessage } from '../node/messages.ts';
import type { Node } from '../node/node.ts';
import { readDeed } from './entry-reader.ts';

interface Planted {
  readonly machine?: Machine<NodeMessage, NodeCommand, NodeEvent>;
  readonly protocol?: Protocol<NodeMessage>;
}

/** Entries need only be told apart here. */
const ANY_BOARD = '00'.repeat(32) as BoardId;

type Plant = (node: Node) => Planted;

const PLANTS: Readonly<Record<string, Plant>> = {
  /** Checks no signature: whoever damages an entry of somebody else gets it in, or forks that author's journal. */
  credulous: (node) => ({
    protocol: {
      encode: (message) => node.encode(message),
      decode: (bytes) => node.decode(bytes),
      checks: () => [],
    },
  }),
  /** Keeps every second write off the disk and tells its node that it is there. */
  forgetful: (node) => {
    let writes = 0;
    return {
      machine: {
        step: (input, now) =>
          node
            .step(input, now)
            .map((effect) =>
              effect.kind === 'persist' && ++writes % 2 === 0 ? { ...effect, writes: [] } : effect,
            ),
      },
    };
  },
  /** Takes in nothing from anybody once it runs: no broadcast and no batch. */
  deaf: (node) => ({
    machine: {
      step: (input, now) => (input.kind === 'received' && brings(input.message) ? [] : node.step(input, now)),
    },
  }),
  /** Believes whom it heard first: of two entries for one place the second is nothing to it, nor is any proof. */
  forgiving: (node) => {
    const first = new Map<string, string>();
    const isFirst = (entry: Bytes): boolean => {
      const deed = readDeed(ANY_BOARD, entry);
      if (deed === undefined) return true;
      const place = `${deed.author}/${deed.seq}`;
      if (!first.has(place)) first.set(place, deed.hash);
      return first.get(place) === deed.hash;
    };
    return sifting(node, (message) => (isEvidence(message) ? undefined : sifted(message, isFirst)));
  },
  /** What it had no room for it takes all the same, as if it came from its own disk, of which all is kept. */
  hoarding: (node) => ({
    machine: {
      step: (input, now) => {
        const entries = input.kind === 'received' ? batchIn(input.message) : undefined;
        const effects = node.step(input, now);
        if (entries === undefined) return effects;
        return [...effects, ...node.step({ kind: 'command', command: { type: 'restore', entries } }, now)];
      },
    },
  }),
  /** Knows no law: what owners decree does not reach anybody. */
  lawless: (node) => {
    const isNoDecree = (entry: Bytes): boolean => readDeed(ANY_BOARD, entry)?.decree === undefined;
    return sifting(node, (message) => sifted(message, isNoDecree));
  },
};

function sifting(node: Node, sift: (message: NodeMessage) => NodeMessage | undefined): Planted {
  return {
    machine: {
      step: (input, now) => {
        if (input.kind !== 'received') return node.step(input, now);
        const message = sift(input.message);
        return message === undefined ? [] : node.step({ ...input, message }, now);
      },
    },
  };
}

/** The same message without entries that `isKept` does not keep; undefined when nothing is left of it. */
function sifted(message: NodeMessage, isKept: (entry: Bytes) => boolean): NodeMessage | undefined {
  if (message.kind === 'replication' && message.body.kind === 'batch') {
    const entries = message.body.entries.filter(isKept);
    return { ...message, body: { ...message.body, entries } };
  }
  if (message.kind !== 'overlay' || message.body.kind !== 'gossip') return message;
  const carried = decodeWith(broadcastCodec, message.body.payload);
  return !carried.ok || carried.value.kind !== 'entry' || isKept(carried.value.bytes) ? message : undefined;
}

/** The entries of a batch. */
function batchIn(message: NodeMessage): readonly Bytes[] | undefined {
  return message.kind === 'replication' && message.body.kind === 'batch' ? message.body.entries : undefined;
}

/** Whether the message tells of forks only. */
function isEvidence(message: NodeMessage): boolean {
  if (message.kind === 'replication') return message.body.kind === 'evidence';
  if (message.kind !== 'overlay' || message.body.kind !== 'gossip') return false;
  const carried = decodeWith(broadcastCodec, message.body.payload);
  return carried.ok && carried.value.kind === 'fork';
}

function brings(message: NodeMessage): boolean {
  if (message.kind === 'overlay') return message.body.kind === 'gossip';
  return message.kind === 'replication' && message.body.kind === 'batch';
}

/** The bug of the siege: takes every heartbeat as "I hold the same" and as the answer to every pull, so nobody ever seems to keep anything back. */
export function patient(node: Node): Planted {
  const inStep = (): NodeMessage => {
    const digest = node.status().frontierDigest as Hash;
    const nothing = '00'.repeat(32) as Hash;
    const checkpoint = { number: 0, hash: nothing };
    const shown = { digest, entryCount: 0, byteCount: 0, forks: nothing, heads: [], checkpoint };
    return { kind: 'replication', body: { kind: 'digest', ...shown } };
  };
  const pull = Number.MAX_SAFE_INTEGER;
  const answer = { kind: 'batch', pull, entries: [], remainingBytes: 0, more: false } as const;
  const said = (): readonly NodeMessage[] => [inStep(), { kind: 'replication', body: answer }];
  return {
    machine: {
      step: (input, now) => {
        const effects = node.step(input, now);
        if (input.kind !== 'received' || !isHeartbeat(input.message)) return effects;
        return [...effects, ...said().flatMap((message) => node.step({ ...input, message }, now))];
      },
    },
  };
}

function isHeartbeat(message: NodeMessage): boolean {
  return message.kind === 'overlay' && message.body.kind === 'heartbeat';
}

/** Whether the bug is in every honest node: then all agree, and only what the judge works out for itself shows that they are wrong. */
export function isEverywhere(name: string): boolean {
  return EVERYWHERE.has(name);
}

const EVERYWHERE: ReadonlySet<string> = new Set(['lawless']);

/** Names of the bugs. */
export const HOSTILE_PLANTS: readonly string[] = Object.keys(PLANTS);

export function hostilePlant(name: string, node: Node): Planted {
  return PLANTS[name]?.(node) ?? {};
}
