/** Bugs to plant in honest nodes, each of which the judge of the hostile scenario must catch. */
import type { Machine, Protocol } from '../kernel/machine.ts';
import type { NodeCommand, NodeEvent } from '../node/events.ts';
import type { NodeMessage } from '../node/messages.ts';
import type { Node } from '../node/node.ts';

interface Planted {
  readonly machine?: Machine<NodeMessage, NodeCommand, NodeEvent>;
  readonly protocol?: Protocol<NodeMessage>;
}

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
};

function brings(message: NodeMessage): boolean {
  if (message.kind === 'overlay') return message.body.kind === 'gossip';
  return message.kind === 'replication' && message.body.kind === 'batch';
}

/** Names of the bugs. */
export const HOSTILE_PLANTS: readonly string[] = Object.keys(PLANTS);

export function hostilePlant(name: string, node: Node): Planted {
  return PLANTS[name]?.(node) ?? {};
}
