/** What the overlay reports, and whom in the node it concerns. */
import type { Bytes } from '../kernel/bytes.ts';
import type { PeerId } from '../kernel/ids.ts';
import type { Result } from '../kernel/result.ts';
import type { OverlayEvent } from '../overlay/commands.ts';
import type { Entry } from '../replication/entry.ts';
import type { ForkProof } from '../replication/forks.ts';
import type { NodeEvent } from './events.ts';
import type { Said } from './messages.ts';
import type { Carried } from './protocol.ts';

/** The node's side of it. */
export interface OverlayListener {
  /** What a payload carries; undefined when nothing of it can be used here. */
  open(payload: Bytes): Result<Carried, string> | undefined;
  entry(entry: Entry, from: PeerId): void;
  proof(proof: ForkProof): void;
  said(said: Said, from: PeerId): void;
  misbehaved(peer: PeerId): void;
  noted(peer: PeerId, counter: number, note: Bytes): void;
  /** Who is here, or who is reached. */
  peersChanged(): void;
  emit(event: NodeEvent): void;
}

export function hearOverlay(event: OverlayEvent, listener: OverlayListener): void {
  switch (event.type) {
    case 'delivered':
    case 'routed': {
      const carried = listener.open(event.payload);
      if (carried?.ok !== true) return;
      const { value } = carried;
      if (value.kind === 'said') listener.said(value.said, event.from);
      else if (event.type === 'routed') return;
      else if (value.kind === 'fork') listener.proof(value.proof);
      else listener.entry(value.entry, event.from);
      return;
    }
    case 'introduced':
    case 'announce':
    case 'component':
      listener.emit(event);
      return;
    case 'misbehaved':
      listener.misbehaved(event.peer);
      return;
    case 'unicastDone':
      return; // what did not arrive is asked for by whoever lacks it
    case 'noted':
      listener.noted(event.peer, event.counter, event.note);
      return;
    case 'neighbourUp':
    case 'neighbourDown':
    case 'peersChanged':
      listener.peersChanged();
      return;
  }
}
