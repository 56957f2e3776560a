/**
 * Tabs whose seat lies: what an honest node in their place would say is changed by the liars of `consensus-liars.ts`, and goes to each neighbour by itself. Whatever
 * else the tab does, it does honestly; and it lies only in committees that bear so many liars.
 */
import type { Bytes } from '../kernel/bytes.ts';
import { decodeWith } from '../kernel/codec.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { Random } from '../kernel/random.ts';
import type { ConsensusMessage } from '../consensus/messages.ts';
import type { Parts } from '../consensus/parts.ts';
import type { NodeEffect } from '../node/events.ts';
import { broadcastCodec, type Said } from '../node/messages.ts';
import type { Node } from '../node/node.ts';
import type { BoardLifeOptions } from './board-life.ts';
import { createLiar, type Liar, type LiarKind } from './consensus-liars.ts';

export interface LyingOptions {
  readonly kind: LiarKind;
  readonly self: PeerId;
  readonly liars: ReadonlySet<PeerId>;
  readonly random: Random;
  readonly sign: (body: Bytes) => Bytes;
}

type Machine = ReturnType<NonNullable<BoardLifeOptions['wrap']>>;

export function lyingMachine(node: Node, options: LyingOptions): Machine {
  let parts: Parts | undefined;
  let liar: Liar | undefined;
  const follow = (): void => {
    if (node.council.parts === parts) return;
    parts = node.council.parts;
    liar = parts === undefined ? undefined : liarIn(parts, options);
    if (parts !== undefined) liar?.tamper?.(parts);
  };
  return {
    step: (input, now) => {
      const effects = node.step(input, now);
      follow();
      return effects.flatMap((effect) => (liar === undefined ? [effect] : told(node, liar, effect)));
    },
  };
}

function liarIn({ committee, seat }: Parts, options: LyingOptions): Liar | undefined {
  const { kind, liars, random, self, sign } = options;
  const lying = committee.keys.filter((key) => liars.has(key)).length;
  if (seat === undefined || lying > committee.faults) return undefined;
  return createLiar(kind, { self, committee, seat, former: { committee, seat }, random, sign });
}

/** What becomes of one effect: own statements are told to each neighbour as the liar likes. */
function told(node: Node, liar: Liar, effect: NodeEffect): readonly NodeEffect[] {
  if (effect.kind !== 'send') return [effect];
  const said = saidIn(effect.message);
  if (said === undefined || !isOwn(node, said.message)) return [effect];
  return liar.lie(said.message, effect.to).map(({ to, message }): NodeEffect => {
    if (message === said.message && to === effect.to) return effect;
    return { ...effect, to, message: { kind: 'council', body: { ...said, kind: 'said', message } } };
  });
}

function saidIn(message: Extract<NodeEffect, { readonly kind: 'send' }>['message']): Said | undefined {
  if (message.kind === 'council') return message.body.kind === 'said' ? message.body : undefined;
  if (message.kind !== 'overlay' || message.body.kind !== 'gossip') return undefined;
  const broadcast = decodeWith(broadcastCodec, message.body.payload);
  return broadcast.ok && broadcast.value.kind === 'said' ? broadcast.value : undefined;
}

/** Statements of this seat and questions of this tab: what a liar can change. */
function isOwn({ council: { parts } }: Node, message: ConsensusMessage): boolean {
  if (message.kind === 'question') return message.asker === parts?.self;
  return message.kind === 'statement' && message.signed.seat === parts?.seat;
}
