/**
 * Watches what an honest tab holds against its neighbours: messages of theirs that it refused, and links that it ended for what came over them. Of an
 * honest neighbour it may do neither, whatever else goes wrong: reputation outlives the link, and a burst must not look like an attack.
 */
import type { PeerId } from '../kernel/ids.ts';
import type { Machine } from '../kernel/machine.ts';

/** Hears of each time that somebody is blamed: who, and for what. */
type BlameListener = (other: PeerId, why: string) => void;

/** The same machine, watched from outside: nothing of it is asked, so a mistake there does not hide itself here. */
export function watchingBlame<Message, Command, Event>(
  machine: Machine<Message, Command, Event>,
  blames: BlameListener,
): Machine<Message, Command, Event> {
  return {
    step: (input, now) => {
      if (input.kind === 'refused') blames(input.from, `a message was refused as ${input.code}`);
      const effects = machine.step(input, now);
      for (const effect of effects)
        if (effect.kind === 'hangUp' && effect.reason === 'protocolError')
          blames(effect.peer, 'the link was ended for a breach');
      return effects;
    },
  };
}

/** What is wrong when `one` blames `other`, by their names, for `why`, and both are honest. */
export function blamed(one: string, other: string, why: string): string {
  return `blame: ${one} holds against ${other}, which did nothing wrong: ${why}`;
}

/**
 * The planted bug: whoever sends more than `most` messages between two timers of ours is taken for a flood, and its link ended. That is what a bound does
 * which honest tabs can exceed.
 */
export function shortTempered<Message, Command, Event>(
  machine: Machine<Message, Command, Event>,
  most: number,
): Machine<Message, Command, Event> {
  const counts = new Map<PeerId, number>();
  return {
    step: (input, now) => {
      const effects = machine.step(input, now);
      if (input.kind === 'elapsed') counts.clear();
      if (input.kind !== 'received') return effects;
      const count = (counts.get(input.from) ?? 0) + 1;
      counts.set(input.from, count);
      return count <= most
        ? effects
        : [...effects, { kind: 'hangUp', peer: input.from, reason: 'protocolError' }];
    },
  };
}
