/** One life of a participant that is an overlay and nothing else: what src/node and src/runtime/session.ts do with it. */
import { decodeWith, encodeWith } from '../kernel/codec.ts';
import { boardIdFrom, type BoardId, type PeerId } from '../kernel/ids.ts';
import type { Machine, Protocol } from '../kernel/machine.ts';
import { PROTOCOL_VERSION } from '../node/limits.ts';
import type { OverlayCommand, OverlayEvent } from '../overlay/commands.ts';
import { overlayMessageCodec, type OverlayMessage } from '../overlay/messages.ts';
import { createOverlay, type Overlay } from '../overlay/overlay.ts';
import { watchingBlame } from './blame-watch.ts';
import type { LifeFactory } from './participant.ts';
import type { SimKeys } from './sim-keys.ts';
import type { World } from './world.ts';

export type MeshWorld = World<Overlay, OverlayMessage, OverlayCommand, OverlayEvent>;
export type MeshMachine = Machine<OverlayMessage, OverlayCommand, OverlayEvent>;

/**
 * Announcements whose signatures held once. Where messages are not encoded, thousands of peers are handed the same object; a decoded one
 * is another object and is checked again.
 */
const VERIFIED = new WeakSet<object>();

export interface MeshLifeOptions {
  readonly board: BoardId;
  readonly onEvent: (peer: PeerId, event: OverlayEvent) => void;
  /** The participant refuses what a neighbour sent, or ends the link for what that did. */
  readonly onBlame?: ((peer: PeerId, other: PeerId, why: string) => void) | undefined;
  /** Wraps the overlay, to plant a bug. */
  readonly wrap?: ((overlay: MeshMachine, peer: PeerId) => MeshMachine) | undefined;
}

/** The board that the swarm of a world belongs to. */
export function meshBoard(keys: SimKeys): BoardId {
  return boardIdFrom(keys.publicKey('board'));
}

/** Makes the lives of participants. */
export function meshLife(
  options: MeshLifeOptions,
): LifeFactory<Overlay, OverlayMessage, OverlayCommand, OverlayEvent> {
  const { board, wrap } = options;
  return (birth) => {
    const born = { self: birth.peer, board, random: birth.random, version: PROTOCOL_VERSION };
    const overlay = createOverlay(born);
    return {
      node: overlay,
      protocol: meshProtocol(overlay, birth.keys),
      machine: watchingBlame(wrap === undefined ? overlay : wrap(overlay, birth.peer), (other, why) =>
        options.onBlame?.(birth.peer, other, why),
      ),
      onStart: () => void birth.command({ type: 'start', wallMs: birth.wallMs() }),
      onGap: (sleptMs) => void birth.command({ type: 'woke', sleptMs }),
      onFreeze: () => void birth.command({ type: 'sleeping' }),
      onResume: (sleptMs) => void birth.command({ type: 'woke', sleptMs }),
      carrier: {
        reaches: (peer) => overlay.nextHop(peer) !== undefined,
        carry: (to, sealed) => void birth.command({ type: 'introduce', to, sealed }),
      },
      onEvent: (event) => {
        if (event.type === 'announce') birth.announce();
        if (event.type === 'introduced') birth.introduced(event.sealed);
        if ('component' in event && event.component instanceof Uint8Array)
          birth.belong(Uint8Array.from(event.component));
        options.onEvent(birth.peer, event);
      },
    };
  };
}

function meshProtocol(overlay: Overlay, keys: SimKeys): Protocol<OverlayMessage> {
  return {
    encode: (message) => encodeWith(overlayMessageCodec, message),
    decode: (bytes) => decodeWith(overlayMessageCodec, bytes),
    checks: (message) => {
      if (message.kind !== 'announcements') return overlay.checks(message);
      const news = message.announcements.filter((announcement) => !VERIFIED.has(announcement));
      const checks = news.length === 0 ? [] : overlay.checks({ ...message, announcements: news });
      if (checks.length < news.length || !keys.holds(checks)) return checks;
      for (const announcement of news) VERIFIED.add(announcement);
      return [];
    },
  };
}
