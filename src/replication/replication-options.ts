/** What replication of one board is made of and depends on. */
import type { BoardId, PeerId } from '../kernel/ids.ts';
import type { Random } from '../kernel/random.ts';
import type { SharedDocument } from './document.ts';
import type { Entry } from './entry.ts';
import type { EntryDecoder } from './entry-decoder.ts';
import type { Authority } from './ports.ts';

export interface ReplicationOptions {
  readonly board: BoardId;
  readonly self: PeerId;
  readonly decoder: EntryDecoder;
  readonly document: SharedDocument;
  readonly authority: Authority;
  readonly roots: ReadonlySet<string>;
  readonly random: Random;
  /** Peers of the swarm that can be reached: the larger, the rarer the rounds of anti-entropy. */
  readonly swarmSize: () => number;
  /** Told of entries that are about to lose their effect: document and journals still hold them. */
  readonly beforeRemoval?: (entries: readonly Entry[]) => void;
}
