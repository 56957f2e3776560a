/** What replication reports, and whom in the node it concerns. */
import type { PeerId } from '../kernel/ids.ts';
import type { Evidence } from '../overlay/commands.ts';
import type { ReplicationEvent } from '../replication/commands.ts';
import type { Entry } from '../replication/entry.ts';
import type { ForkProof } from '../replication/forks.ts';
import type { NodeEvent } from './events.ts';

/** The node's side of it. */
export interface ReplicationListener {
  broadcast(entry: Entry): void;
  appended(token: string): void;
  applied(entries: readonly Entry[]): void;
  fork(proof: ForkProof, isToldOn: boolean): void;
  /** The document was made anew. */
  rebuilt(): void;
  accuse(peer: PeerId, evidence: Evidence): void;
  cut(peer: PeerId, reason: 'replaced'): void;
  emit(event: NodeEvent): void;
}

export function hearReplication(event: ReplicationEvent, listener: ReplicationListener): void {
  switch (event.type) {
    case 'broadcast':
      listener.broadcast(event.entry);
      return;
    case 'appended':
      listener.appended(event.token);
      return;
    case 'applied':
      listener.applied(event.entries);
      return;
    case 'fork':
      listener.fork(event.proof, event.isToldOn);
      return;
    case 'removed':
    case 'compacted':
      listener.rebuilt();
      return;
    case 'checkpointConflict':
      listener.emit(event);
      return;
    case 'entryRefused':
      listener.accuse(event.refused.author, 'refused');
      listener.emit(event);
      return;
    case 'keepsBack':
      listener.accuse(event.peer, 'withheld');
      listener.cut(event.peer, 'replaced');
      listener.emit(event);
      return;
    case 'statusChanged':
      listener.emit({ type: 'status' });
      return;
  }
}
