/**
 * Whom a member listens to, seen from outside: who said hello to it on the link that they have, and whom it has not bidden farewell since. What
 * others send it has not heard, whatever arrives: a farewell is its last word, though the link stays until that has been sent.
 */
import type { PeerId } from '../kernel/ids.ts';
import type { Input } from '../kernel/machine.ts';
import type { NodeCommand } from '../node/events.ts';
import type { NodeMessage } from '../node/messages.ts';
import type { NodeEffect } from '../node/node.ts';

export class Attention {
  readonly #heeded = new Set<PeerId>();

  isPaidTo(peer: PeerId): boolean {
    return this.#heeded.has(peer);
  }

  /** The member is about to take this in. */
  before(input: Input<NodeMessage, NodeCommand>): void {
    if (input.kind === 'linkUp' || input.kind === 'linkDown') this.#heeded.delete(input.peer);
    if (input.kind === 'received' && input.message.kind === 'hello') this.#heeded.add(input.from);
  }

  /** The member did this. */
  after(effects: readonly NodeEffect[]): void {
    for (const effect of effects)
      if (effect.kind === 'send' && effect.message.kind === 'farewell') this.#heeded.delete(effect.to);
  }
}
